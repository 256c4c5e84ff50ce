"""hospes backup and restore: a restored house is the same house, and nothing half is ever taken for whole."""

import json
import pathlib
import subprocess
import unittest

from faults_test import CONSENT, Load, Whole
from house import House


class Backup(Whole, unittest.TestCase):
    def run_hospes(self, house, *words):
        line = [house.binary, *words, "--config", str(house.config)]
        for setting in house.settings():
            line += ["--set", setting]
        return subprocess.run(line, capture_output=True, text=True, timeout=120)

    def done(self, house, *words):
        ran = self.run_hospes(house, *words)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.folder.cleanup)
        self.root = self.house.root
        self.house.start()
        self.load = Load(self.house, "b", 20, 200, batches_max=30)
        self.load.run()
        self.house.post("/v1/identify", {"userId": "b-0", "traits": {"city": "Lyon"}, "context": CONSENT})

    def restored(self, keys=True):
        """Another house, made from the backup."""
        other = House()
        self.addCleanup(other.folder.cleanup)
        words = ["--from", f"{self.root}/b/data", "--data", f"{other.root}/data"]
        if keys:
            words += ["--keys-from", f"{self.root}/b/keys", "--keys", f"{other.root}/keys"]
        self.done(other, "restore", *words)
        return other

    def back_up(self):
        return self.done(self.house, "backup", "--to", f"{self.root}/b/data", "--keys-to", f"{self.root}/b/keys", "--json")

    def test_a_restored_house_has_an_equal_digest_and_goes_on(self):
        self.assertEqual(self.house.stop(), 0)
        before = json.loads(self.done(self.house, "digest", "--json"))
        self.assertEqual(before["people"], 7)
        told = [json.loads(line) for line in self.back_up().splitlines()]
        self.assertGreater(told[0]["data"]["bytes"], 64 << 20)
        self.assertGreater(told[1]["keys"]["files"], 3)
        # The first house goes on, so that the two are really two.
        self.house.start()
        self.house.post("/v1/track", {"userId": "later", "event": "After", "context": CONSENT})
        self.assertEqual(self.house.stop(), 0)
        self.assertNotEqual(json.loads(self.done(self.house, "digest", "--json")), before)

        other = self.restored()
        self.assertEqual(json.loads(self.done(other, "digest", "--json")), before)
        other.start()
        self.load.house = other
        self.check_all_there(other, [self.load])
        self.assertEqual(other.profile("user_id:b-0")["traits"]["city"]["value"], "Lyon")
        self.assertIsNone(other.profile("user_id:later"))
        self.assertEqual(other.stop(), 0)

    def test_after_a_kill_the_backup_is_as_good(self):
        self.house.settle()
        self.house.kill()
        self.back_up()
        other = self.restored().start()
        self.load.house = other
        self.check_all_there(other, [self.load])
        self.assertEqual(other.stop(), 0)

    def test_a_running_house_is_refused(self):
        ran = self.run_hospes(self.house, "backup", "--to", f"{self.root}/b/data")
        self.assertEqual(ran.returncode, 3)
        self.assertIn(f"data is in use by hospes (pid {self.house.process.pid}). Stop that one first", ran.stderr)
        self.assertEqual(self.house.stop(), 0)

    def test_nothing_damaged_is_restored(self):
        self.assertEqual(self.house.stop(), 0)
        self.back_up()
        data, keys = pathlib.Path(self.root / "b/data"), pathlib.Path(self.root / "b/keys")
        segment = next(data.glob("log/segment-*"))

        def flip(path):
            with open(path, "r+b") as file:
                file.seek(path.stat().st_size // 2)
                byte = file.read(1)
                file.seek(-1, 1)
                file.write(bytes([byte[0] ^ 1]))

        def refused(folder, code, text):
            other = House()
            self.addCleanup(other.folder.cleanup)
            words = ("--from", str(folder), "--data", f"{self.root}/half") if folder == data else (
                "--from", str(data), "--data", f"{self.root}/half", "--keys-from", str(folder), "--keys", f"{self.root}/half-keys")
            ran = self.run_hospes(other, "restore", *words)
            self.assertEqual((ran.returncode, text in ran.stderr), (code, True), ran.stderr)
            self.assertFalse(pathlib.Path(f"{self.root}/half").exists())

        flip(segment)
        refused(data, 3, f"log/{segment.name} has changed")
        flip(segment)
        secret = next(keys.glob("keys/atoms-*"))
        flip(secret)
        refused(keys, 3, f"keys/{secret.name} has changed")
        flip(secret)
        flip(data / "MANIFEST")
        refused(data, 3, "its manifest is cut or changed")
        flip(data / "MANIFEST")
        current = data / "store/CURRENT"
        text = current.read_bytes()
        current.write_bytes(text[:-1])
        refused(data, 3, "store/CURRENT has")
        current.unlink()
        refused(data, 3, "store/CURRENT is missing")
        current.write_bytes(text)
        refused(keys.parent, 2, "holds no backup")
        ran = self.run_hospes(self.house, "restore", "--from", str(data), "--data", f"{self.root}/data")
        self.assertIn("is not empty; name a new folder", ran.stderr)
        ran = self.run_hospes(self.house, "backup", "--to", f"{self.root}/c", "--keys-to", f"{self.root}/c/keys")
        self.assertIn("must be apart", ran.stderr)

    def test_the_master_key_is_changed_of_a_stopped_house_and_never_made(self):
        self.house.batch({"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "m", "properties": {"order_id": "1"}})
        words = self.root / "words.txt"
        words.write_text("correct horse battery staple\n")
        self.done(self.house, "keys", "export", "--to", f"{self.root}/before.txt", "--words", str(words))
        held = self.run_hospes(self.house, "keys", "rotate", "--master")
        self.assertNotEqual(held.returncode, 0, "it runs: " + held.stdout + held.stderr)
        master = self.house.root / "keys/keys/master.key"
        old = master.read_bytes()
        self.house.stop()
        self.assertIn("the old one is overwritten", self.done(self.house, "keys", "rotate", "--master"))
        self.assertNotEqual(master.read_bytes(), old)
        self.house.start()
        self.assertEqual(self.house.profile("user_id:ana")["timeline_size"], 1)
        self.assertEqual(self.house.stop(), 0)
        # A copy of before is another key: what is there stays.
        self.assertNotEqual(self.run_hospes(self.house, "keys", "import", "--from", f"{self.root}/before.txt", "--words", str(words)).returncode, 0)
        master.unlink()
        lost = self.run_hospes(self.house, "keys", "rotate", "--master")
        self.assertNotEqual(lost.returncode, 0)
        self.assertFalse(master.exists(), "a lost master key is not made anew in silence")
        master.write_bytes(old)
        with self.assertRaises(RuntimeError):
            self.house.start()  # nothing opens with it any more

    def test_data_without_their_keys_do_not_start(self):
        self.assertEqual(self.house.stop(), 0)
        ran = self.run_hospes(self.house, "backup", "--to", f"{self.root}/b/data")
        self.assertEqual(ran.returncode, 0)
        self.assertIn("note: the keys are not in it", ran.stderr)
        with self.assertRaisesRegex(RuntimeError, "holds no keys, and without its keys nothing of it can be read"):
            other = self.restored(keys=False)
            try:
                other.start()
            finally:
                other.kill()


if __name__ == "__main__":
    unittest.main()
