"""Receipts of a running house, checked by golang.org/x/mod/sumdb: tlog for the tree, note for the signatures."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "service"))

from house import House  # noqa: E402

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))


def missing():
    if shutil.which("go") is None:
        return "Go is not installed (any from 1.22 on; the set-up does not bring it)"
    if not (HERE / "vendor/modules.txt").exists():
        return "golang.org/x/mod is not fetched: run tools/setup.sh test"
    return None


class Go(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.addClassCleanup(cls.house.folder.cleanup)
        cls.program = cls.house.root / "receipt"
        built = subprocess.run(["go", "build", "-mod=vendor", "-o", cls.program, "."], cwd=HERE, capture_output=True, text=True, env={**os.environ, "GOFLAGS": "-buildvcs=false"})
        assert built.returncode == 0, built.stderr

    def check(self, growth, receipts):
        """What Go says of each, checked against a log that grew."""
        paths = []
        for i, text in enumerate([growth, *receipts]):
            path = self.house.root / f"{i}.json"
            path.write_text(text)
            paths.append(path)
        ran = subprocess.run([self.program, "check", *paths], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        said = ran.stdout.splitlines()
        self.assertEqual(len(said), len(receipts), ran.stdout)
        return said

    def answer(self, n, user="marie"):
        """One receipt, as the house wrote it: Go hashes the record's own bytes."""
        body = {"userId": user, "purpose": "personalise", "state": random.choice(["given", "withdrawn"]), "messageId": f"m{n}"}
        status, text = self.house.post("/v1/consent", body)
        self.assertEqual(status, 200, text)
        return text.decode().split('"receipt":', 1)[1][:-1]

    def test_the_vectors_are_what_go_says(self):
        said = subprocess.run([self.program, "vectors"], capture_output=True, timeout=60).stdout
        self.assertEqual(said, (HERE / "vectors.json").read_bytes())

    def test_receipts_and_growth_of_a_house(self):
        print("seed", SEED, file=sys.stderr)
        random.seed(SEED)
        self.house.start()
        self.addCleanup(self.house.stop)
        receipts = [self.answer(1), self.answer(2, "paul")]
        for batch in range(3):
            items = [{"type": "consent", "userId": f"u{n}", "purpose": "measure", "state": "given", "messageId": f"b{batch}-{n}"} for n in range(200)]
            self.assertEqual(self.house.post("/v1/batch", {"batch": items})[0], 200)
            receipts.append(self.answer(10 + batch))
            if batch == 0:
                self.assertEqual(self.house.ask("POST", "/v1/audit/rotate")[0], 200)
        status, erased, _ = self.house.ask("POST", "/v1/persons/user_id:marie/forget", {"commit": True})
        self.assertEqual(status, 200, erased)
        receipts.append(json.dumps(erased["receipt"], separators=(",", ":"), ensure_ascii=False))
        for receipt in receipts:
            size = json.loads(receipt)["checkpoint"].split("\n")[1]
            growth = self.house.public_text(f"/v1/audit/consistency?from={size}")
            self.assertEqual(self.check(growth, [receipt]), ["ok"])
        self.assert_no_other_byte_holds(receipts[2], self.house.public_text("/v1/audit/consistency?from=1"))

    def assert_no_other_byte_holds(self, receipt, growth):
        """Of what Go reads: its own JSON reader passes over much, so only changes of values count."""
        good = json.loads(receipt)
        bad = []
        for member in ("salt", "leaf"):
            value = good[member] + 1 if member == "leaf" else good[member][::-1]
            bad.append(receipt.replace(json.dumps(good[member]), json.dumps(value), 1))
        for _ in range(20):
            start = receipt.index('"record":{') + 10
            at = random.randrange(start, receipt.index('},"salt"'))
            bad.append(receipt[:at] + chr(ord(receipt[at]) ^ 1) + receipt[at + 1 :])
        for said in self.check(growth, bad):
            self.assertNotEqual(said, "ok")


if __name__ == "__main__":
    if why := missing():
        print("skipped:", why)
        sys.exit(77)
    unittest.main()
