"""What an erasure leaves because the law asks for it: readable by the owner's command with its ground and its end, by nothing else; gone when
its day has come, with a clock that goes ahead."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from guest_test import LINK, Guest  # noqa: E402
from house import House  # noqa: E402
from later import DAY, ahead, start_later  # noqa: E402


class Evidence(unittest.TestCase):
    def setUp(self):
        self.house = House().start()
        self.addCleanup(self.house.folder.cleanup)
        house = self.house
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        self.began = time.time()
        self.house.batch(
            {"type": "consent", "userId": "ana-secret", "purpose": "link", "state": "given", "messageId": "l", "notice": {"id": "form", "version": "2", "lang": "fr"}, "proof": "scan-of-paper"},
            {"type": "consent", "userId": "ana-secret", "purpose": "measure", "state": "given", "messageId": "m"},
            {"type": "consent", "userId": "ana-secret", "purpose": "measure", "state": "withdrawn", "messageId": "w"},
        )
        self.house.batch({"type": "identify", "userId": "ana-secret", "messageId": "i", "context": LINK, "traits": {"email": "Ana-Secret@example.org"}})

    def command(self, *words, later=0):
        all_words = [self.house.binary, *words, "--config", str(self.house.config)]
        for setting in self.house.settings():
            all_words += ["--set", setting]
        environment = {**(ahead(later) if later else os.environ), "LANG": "C"}
        return subprocess.run(all_words, capture_output=True, text=True, timeout=60, env=environment)

    def kept(self, who, later=0):
        done = self.command("evidence", who, "--json", later=later)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(bool(told), done.returncode == 0)
        return {one["kept"]["of"]: one for one in told}

    def erase(self):
        guest = Guest(self.house)
        guest.come_in(self.house.ask("POST", "/v1/persons/user_id:ana-secret/guest_link", {"reason": "a test"})[1]["path"])
        self.assertIn("5 years (GDPR art. 7(1) and 17(3)(e); Code civil art. 2224)", guest.page("/erase")[1])
        self.assertEqual(guest.act("/erase", {"hours": "0"})[0], 200)
        self.assertIsNone(self.house.profile("user_id:ana-secret"))

    def files(self):
        return sorted(str(p.relative_to(self.house.root)) for folder in ("data", "keys") for p in (self.house.root / folder / "evidence").glob("*"))

    def later(self, seconds):
        start_later(self.house, self.began, seconds)

    def test_it_is_found_by_who_knows_whom_until_its_day_and_then_by_nobody(self):
        self.assertEqual(self.kept("user_id:ana-secret"), {}, "of who is here nothing is kept apart")
        self.erase()
        told = self.kept("user_id:ana-secret")
        self.assertEqual(set(told), {"request", "consent"})
        today = time.gmtime(self.began)
        self.assertEqual(told["consent"]["until"], time.strftime("%Y-%m-%d", (today.tm_year + 5, *today[1:])))
        self.assertEqual(told["request"]["ground"], "GDPR art. 5(2) and 17(3)(e); Code civil art. 2224")
        self.assertEqual(told["request"]["kept"]["by"], "guest")
        answers = told["consent"]["kept"]["answers"]
        self.assertEqual([(a["purpose"], a["state"]) for a in answers], [("link", "given"), ("measure", "given"), ("measure", "withdrawn")])
        self.assertEqual(answers[0]["notice"], {"id": "form", "version": "2", "lang": "fr"})
        self.assertEqual(self.kept("email:ana-secret@EXAMPLE.org")["request"]["kept"]["of"], "request", "each identifier has its own")
        self.assertEqual(self.kept("user_id:ana"), {})
        self.assertEqual(len(self.files()), 2)
        self.assertEqual(self.house.stop(), 0)
        clean = self.command("residue", "ana-secret", "Ana-Secret", "scan-of-paper", "--json")
        rows = {one["store"]: one for one in json.loads(clean.stdout)["stores"]}
        self.assertGreaterEqual(rows["evidence, decoded"]["read"], 3)
        self.assertEqual((rows["evidence, decoded"]["found"], rows["data/evidence"]["found"]), ([], []))
        # The key lost before its day: the house does not start, and says what to bring back.
        key = next((self.house.root / "keys/evidence").glob("*.key"))
        held = key.read_bytes()
        key.unlink()
        with self.assertRaisesRegex(RuntimeError, f"{key.name} is not in the key folder"):
            self.house.start()
        key.write_bytes(held)
        old = {p: (self.house.root / p).read_bytes() for p in self.files()}
        self.house.start()
        end = int(5 * 365.25 * DAY)
        self.later(end - 4 * DAY)
        self.assertEqual(len(self.kept("user_id:ana-secret", later=end - 4 * DAY)), 2)
        self.assertEqual(self.kept("user_id:ana-secret", later=end + 3 * DAY), {}, "ended, whoever sweeps")
        self.later(end + 3 * DAY)
        self.house.until(lambda: self.files() == [])
        # The file put back without its key opens no more.
        self.assertEqual(self.house.stop(), 0)
        for path, content in old.items():
            if path.startswith("data"):
                (self.house.root / path).write_bytes(content)
        self.assertEqual(self.kept("user_id:ana-secret"), {})

    def test_a_backup_brings_it_along(self):
        self.erase()
        self.assertEqual(self.house.stop(), 0)
        root = self.house.root
        self.assertEqual(self.command("backup", "--to", str(root / "b"), "--keys-to", str(root / "k")).returncode, 0)
        other = House()
        self.addCleanup(other.folder.cleanup)
        done = subprocess.run([other.binary, "restore", "--from", str(root / "b"), "--data", str(other.root / "data"), "--keys-from", str(root / "k"), "--keys", str(other.root / "keys")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.house = other
        self.assertEqual(set(self.kept("user_id:ana-secret")), {"request", "consent"})


if __name__ == "__main__":
    unittest.main()
