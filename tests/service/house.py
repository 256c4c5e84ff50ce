"""A running hospes for tests: a folder of its own, free ports, the demo house's definitions."""

import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY = "wk_demo"  # the demo house's server key for first steps


def source(name, key, use, more=""):
    """A source with one write key, as sources.toml says it."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f'\n[[source]]\nname = "{name}"\n{more}\n[[source.key]]\nsha256 = "{digest}"\nuse = "{use}"\nlabel = "test"\n'


class House:
    """`sources`: text added to the demo house's sources.toml; `settings`: further `key=value` settings; `files`: more files
    of the house folder, by name."""

    def __init__(self, sources="", settings=(), files=None):
        self.binary = os.environ.get("HOSPES_BIN", str(ROOT / "build/release/bin/hospes"))
        self.folder = tempfile.TemporaryDirectory(prefix="hospes-test-")
        self.root = pathlib.Path(self.folder.name)
        self.config = self.root / "hospes.toml"
        self.config.write_text("")
        self.process = None
        self.definitions = ROOT / "house/disquaire"
        self.more_settings = list(settings)
        if sources or files:
            self.definitions = shutil.copytree(self.definitions, self.root / "house")
        demo = (ROOT / "house/disquaire/segments.seg").read_text()
        if demo not in (files or {}).get("segments.seg", demo):  # the demo's offers ask for the demo's segments
            (self.definitions / "decisions.toml").unlink()
        for name, text in (files or {}).items():
            (self.definitions / name).write_text(text)
        if sources:
            with open(self.definitions / "sources.toml", "a") as file:
                file.write(sources)

    def settings(self):
        return [
            f"data.folder={self.root}/data",
            f"keys.folder={self.root}/keys",
            f"house.folder={self.definitions}",
            "public.listen=127.0.0.1:0",
            "console.listen=127.0.0.1:0",
            "store.partitions=16",
            "store.checkpoint_s=1",
            "disk.floor_mb=64",
            *self.more_settings,
        ]

    environment = None  # of the process, when it is not ours

    def start(self):
        words = [self.binary, "serve", "--config", str(self.config)]
        for setting in self.settings():
            words += ["--set", setting]
        self.log = open(self.root / "out.log", "w+")
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment)
        text = ""
        for line in self.process.stdout:
            text += line
            if "owner link" in line:
                break
        else:
            self.log.seek(0)
            raise RuntimeError("hospes did not start: " + text + self.log.read())
        self.public = int(re.search(r"public\s+http://127\.0\.0\.1:(\d+)", text).group(1))
        self.console = int(re.search(r"console\s+http://127\.0\.0\.1:(\d+)", text).group(1))
        self.link = re.search(r"(/start/\S+)", text).group(1)
        self.token = (self.root / "data/console/token").read_text().strip()
        return self

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self.process.stdout.close()
        self.log.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def post(self, path, body, key=KEY, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.public, timeout=10)
        sent = {"Content-Type": "application/json", **(headers or {})}
        if key:
            sent["X-Write-Key"] = key
        raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
        connection.request("POST", path, raw, sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def public_text(self, path):
        """Of the public listener, as anybody reads it; the answer must be 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.public, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == 200, text
        return text

    def batch(self, *items):
        """Sends them; all must be accepted, and they are applied when this returns."""
        status, body = self.post("/v1/batch", {"batch": items})
        assert (status, json.loads(body)["accepted"]) == (200, len(items)), body
        self.settle()

    def ask(self, method, path, body=None, headers=None):
        """Of the console: status, the body (parsed when it is JSON), and the answer with its headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.console, timeout=30)
        sent = {"Authorization": f"Bearer {self.token}"} if headers is None else headers
        connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body), sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if "json" in answer.getheader("Content-Type", "") else text, answer

    def get(self, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.console, timeout=30)
        sent = {"Authorization": f"Bearer {self.token}"} if headers is None else headers
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def metric(self, name):
        status, text = self.get("/metrics")
        assert status == 200, text
        return int(re.search(rf"^{name} (\d+)$", text.decode(), re.M).group(1))

    def settle(self):
        """Returns when no record waits on its way between partitions."""
        while self.metric("hospes_node_waiting_records"):
            pass

    def until(self, holds, seconds=30):
        """Returns when it holds. Between two looks the house answers a question, so that it gets on meanwhile."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds} s"
            self.metric("hospes_node_waiting_records")

    def peak_memory_mb(self):
        """The most memory the server ever held at once."""
        return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{self.process.pid}/status").read_text()).group(1)) / 1024

    def profile(self, identifier):
        status, text = self.get(f"/v1/profiles/{identifier}")
        return json.loads(text) if status == 200 else None
