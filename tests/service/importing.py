"""What tests of hospes import share: a house, files with their manifests, and the command run on them."""

import hashlib
import os
import pathlib
import subprocess
import unittest

from house import House

MANIFEST = """collected_by = "Disquaire, Lyon"
collected_from = 2020-01-01
collected_until = 2026-06-30
method = "own_till"
how = "asked at the till"
permission = "contract"
notice = "till 2020"
"""


class Importing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()
        cls.folder = cls.house.root / "files"
        cls.folder.mkdir()
        # the register of manifests is written beside the definitions: a copy, not the project's
        cls.definitions = cls.house.root / "definitions"
        subprocess.run(["cp", "-r", cls.house.definitions, cls.definitions], check=True)

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0
        cls.house.folder.cleanup()

    def file(self, name, content, manifest=MANIFEST, more=""):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if manifest:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            pathlib.Path(f"{path}.manifest.toml").write_text(f'{manifest}{more}[[file]]\nname = "{name}"\nsha256 = "{digest}"\n')
        return path

    def words(self, path, *words):
        return [
            self.house.binary, "import", "--house", str(self.definitions), "--source", "shop", "--key", "wk_demo_shop",
            "--public", f"127.0.0.1:{self.house.public}", *words, str(path),
        ]

    def run_import(self, path, *words, code=0):
        ran = subprocess.run(self.words(path, *words), capture_output=True, text=True, timeout=60, env={**os.environ, "LANG": "C"})
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran.stdout if code != 2 else ran.stderr

    def report(self, path):
        return [line.split("\t") for line in pathlib.Path(f"{path}.import/report.tsv").read_text().splitlines()]

    def failing(self, path, *words):
        """What it says when it takes nothing."""
        ran = subprocess.run(self.words(path, *words), capture_output=True, text=True, timeout=60, env={**os.environ, "LANG": "C"})
        self.assertIn(ran.returncode, (2, 3), ran.stdout + ran.stderr)
        return ran.stderr
