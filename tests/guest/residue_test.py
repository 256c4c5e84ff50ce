"""A canary in every value that a source can send: found by the house's own reads, and never in a file of the house as anybody could read it;
after its person erased themselves, found by no read either."""

import base64
import hashlib
import json
import pathlib
import secrets
import shutil
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from guest_test import LINK, Guest  # noqa: E402
from house import House  # noqa: E402


def forms(token):
    """The token as it could lie in a file: each of these is looked for."""
    raw = token.encode()
    yield "raw", raw
    yield "upper", raw.upper()
    yield "hex", raw.hex().encode()
    yield "url", urllib.parse.quote(token).encode()
    yield "utf-16", token.encode("utf-16-le")
    for shift in range(3):  # wherever it begins in what was encoded: the letters that are all its own
        whole = base64.b64encode(b"\0" * shift + raw)
        yield f"base64 at {shift}", whole[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6]
    for hashed in ("md5", "sha1", "sha256"):
        digest = hashlib.new(hashed, raw).digest()
        yield hashed, digest
        yield hashed + " hex", digest.hex().encode()


def found_in(folder, tokens):
    out = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        held = path.read_bytes().replace(bytes(4096), b"")  # files are written ahead: pages of nothing
        out += [f"{path.relative_to(folder)}: {name} as {form}" for name, token in tokens.items() for form, needle in forms(token) if needle in held]
    return out


class Residue(unittest.TestCase):
    def setUp(self):
        self.house = House(settings=["erasure.scrub_h=0", "lake.every_s=0"]).start()
        self.addCleanup(self.house.folder.cleanup)
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())
        self.tokens = {name: f"{name}{secrets.token_hex(16)}" for name in ("user", "device", "mail", "trait", "property", "context", "message", "order", "proof")}

    def send(self):
        t = self.tokens
        items = [
            {"type": "consent", "userId": t["user"], "purpose": "link", "state": "given", "messageId": "c", "proof": t["proof"]},
            {"type": "identify", "userId": t["user"], "anonymousId": t["device"], "messageId": t["message"],
             "traits": {"email": t["mail"] + "@example.org", "note": t["trait"]}, "context": {**LINK, "campaign": {"name": t["context"]}}},
            {"type": "track", "userId": t["user"], "event": "Order Completed", "messageId": "o", "context": LINK,
             "properties": {"order_id": t["order"], "total": 5, "coupon": t["property"]}},
        ]
        status, text = self.house.post("/v1/batch", {"batch": items})
        self.assertEqual(status, 200, text)
        self.house.settle()

    def test_no_file_of_the_house_shows_a_canary_and_after_an_erasure_no_read_does(self):
        self.assertEqual(len(found_in(self.planted("canary"), {"self": "canary"})), len(list(forms("canary"))), "the scan finds what is there, in every form")
        self.send()
        profile = self.house.get(f"/v1/profiles/user_id:{self.tokens['user']}")[1].decode()
        for name in ("user", "device", "mail", "trait", "property", "context", "order"):
            self.assertIn(self.tokens[name], profile, f"{name} is found by the house's own read")
        status, answer, _ = self.house.ask("POST", f"/v1/persons/user_id:{self.tokens['user']}/guest_link", {"reason": "residue"})
        self.assertEqual(status, 200, answer)
        guest = Guest(self.house)
        guest.come_in(answer["path"])
        self.assertIn(self.tokens["trait"], guest.page("/known")[1])
        self.restart()
        self.assertEqual(found_in(self.house.root, self.tokens), [], "sealed at rest, and in no log")
        guest.come_in(self.house.ask("POST", f"/v1/persons/user_id:{self.tokens['user']}/guest_link", {"reason": "residue"})[1]["path"])
        self.assertEqual(guest.act("/erase", {})[0], 200)
        for _ in range(2):
            for kind, name, more in (("user_id", "user", ""), ("anonymous_id", "device", ""), ("email", "mail", "@example.org")):
                self.assertIsNone(self.house.profile(f"{kind}:{self.tokens[name]}{more}"), kind)
            status, found, _ = self.house.ask("POST", "/v1/find", {"order": self.tokens["order"]})
            self.assertEqual((status, found["people"]), (200, []))
            self.restart()
        self.assertEqual(found_in(self.house.root, self.tokens), [])

    def residue(self, *more, keys=None):
        """What `hospes residue` finds, by store; the house is stopped."""
        words = [self.house.binary, "residue", *self.tokens.values(), *more, "--json", "--config", str(self.house.config)]
        for setting in [*self.house.settings(), *([f"keys.folder={keys}"] if keys else [])]:
            words += ["--set", setting]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["clean"], done.returncode == 0)
        names = {word: name for name, word in self.tokens.items()}
        self.assertTrue(all(one["read"] > 0 for one in told["stores"] if one["store"].startswith("data/log")), told)
        return {one["store"]: {names[word] for word in one["found"]} for one in told["stores"]}

    def erase(self):
        status, answer, _ = self.house.ask("POST", f"/v1/persons/user_id:{self.tokens['user']}/guest_link", {"reason": self.tokens["reason"]})
        self.assertEqual(status, 200, answer)
        guest = Guest(self.house)
        guest.come_in(answer["path"])
        self.assertEqual(guest.act("/erase", {"hours": "0"})[0], 200)

    def scrubbed(self):
        self.house.until(lambda: "erasure.scrubbed" in (self.house.root / "out.log").read_text(), 60)

    def copied(self, name):
        to = self.house.root / name
        shutil.copytree(self.house.root / "keys", to, ignore=shutil.ignore_patterns("lock"))
        return to

    def plant(self):
        self.tokens["reason"] = f"reason{secrets.token_hex(16)}"
        self.tokens["right"] = f"right{secrets.token_hex(16)}"
        self.assertEqual(self.house.stop(), 0)
        self.house.more_settings = [s for s in self.house.more_settings if not s.startswith("lake.")] + ["lake.every_s=1"]
        self.house.start()
        self.tokens["letter"] = f"letter{secrets.token_hex(16)}"
        self.send()
        # Permitted and malformed: a dead letter.
        bad = {"type": "track", "userId": self.tokens["user"], "event": "Order Completed", "messageId": "bad", "timestamp": "soon",
               "context": LINK, "properties": {"order_id": "x", "coupon": self.tokens["letter"]}}
        self.assertIn(b"bad_time", self.house.post("/v1/batch", {"batch": [bad]})[1])
        for right, more in (("access", {}), ("correction", {"what": "note", "value": self.tokens["right"]})):
            status, answer, _ = self.house.ask("POST", "/v1/requests", {"who": "user_id:" + self.tokens["user"], "right": right, "reason": self.tokens["reason"], **more})
            self.assertEqual(status, 201, answer)
        self.house.settle()
        self.house.until(lambda: list((self.house.root / "data/lake").rglob("*.parquet")))
        self.assertEqual(self.house.stop(), 0)

    def test_every_store_is_found_to_hold_it_and_after_the_scrub_none_does_also_with_the_keys_put_back(self):
        self.plant()
        found = self.residue()
        for store in ("log, decoded", "store, decoded", "receipts, decoded", "letters, decoded", "lake, decoded", "keys, decoded"):
            self.assertNotEqual(found[store], set(), store)
        self.assertIn("letter", found["letters, decoded"])
        self.assertLessEqual({"property", "order"}, found["lake, decoded"])
        self.assertEqual(set().union(*found.values()), set(self.tokens), "each canary is found where it was planted")
        self.assertEqual({s: f for s, f in found.items() if "decoded" not in s and f and s != "data/lake"}, {}, "and nowhere in the open but the lake")
        old, again = self.copied("old-keys"), self.copied("older-keys")
        backup = self.house.root / "backup"
        words = [self.house.binary, "backup", "--to", str(backup), "--config", str(self.house.config)]
        for setting in self.house.settings():
            words += ["--set", setting]
        self.assertEqual(subprocess.run(words, capture_output=True, timeout=60).returncode, 0)
        self.house.start()
        self.erase()
        self.scrubbed()
        self.assertEqual(self.house.stop(), 0)
        clean = dict.fromkeys(self.residue("--in", str(backup)), set())
        self.assertEqual(self.residue("--in", str(backup)), clean)
        self.assertEqual(self.residue(keys=old), {k: set() for k in clean if k not in (str(backup), "keys/evidence")}, "with all keys put back")
        # Put back in their place, they are destroyed again before anything is read. What must be kept keeps its key.
        shutil.copytree(self.house.root / "keys/evidence", again / "evidence")
        shutil.rmtree(self.house.root / "keys")
        again.rename(self.house.root / "keys")
        self.house.start()
        self.assertIsNone(self.house.profile(f"user_id:{self.tokens['user']}"))
        self.assertEqual(self.house.stop(), 0)
        self.assertEqual(self.residue(), {k: set() for k in clean if k != str(backup)})

    def test_a_restore_refuses_who_was_erased_since(self):
        self.plant()
        self.house.start()
        other = {"type": "track", "userId": "somebody-else", "event": "Order Completed", "messageId": "e", "context": LINK, "properties": {"order_id": "else"}}
        self.house.post("/v1/batch", {"batch": [other]})
        self.house.settle()
        self.assertEqual(self.house.stop(), 0)
        run = lambda *words: subprocess.run([self.house.binary, *words], capture_output=True, text=True, timeout=120)
        own = [word for setting in self.house.settings() for word in ("--set", setting)]
        root = self.house.root
        done = run("backup", "--to", str(root / "b"), "--keys-to", str(root / "k"), "--config", str(self.house.config), *own)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.house.start()
        self.erase()
        self.assertEqual(self.house.stop(), 0)
        for name, erased in (("kept", []), ("refused", ["--erased", str(root / "data")])):
            house = House()
            self.addCleanup(house.folder.cleanup)
            done = run("restore", "--from", str(root / "b"), "--data", str(house.root / "data"), "--keys-from", str(root / "k"), "--keys", str(house.root / "keys"), *erased)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.house, before = house, self.house
            found = set().union(*self.residue().values())
            self.assertEqual(found != set(), name == "kept", name)
            if name == "refused":
                self.assertIn("3 of them", done.stdout)
                house.start()
                self.assertIsNone(house.profile(f"user_id:{self.tokens['user']}"))
                self.assertEqual(house.profile("user_id:somebody-else")["timeline_size"], 1)
                self.assertEqual(house.stop(), 0)
            self.house = before
        missing = run("restore", "--from", str(root / "b"), "--data", str(root / "x"), "--keys-from", str(root / "k"), "--keys", str(root / "y"), "--erased", str(root / "k"))
        self.assertNotEqual(missing.returncode, 0, "a ledger that is not there is no ledger without entries")
        self.assertFalse((root / "x").exists())

    def test_before_the_scrub_the_keys_put_back_find_it(self):
        """So that the other test could fail."""
        self.house.stop()
        self.house.more_settings = ["erasure.scrub_h=24"]
        self.house.start()
        self.plant()
        old = self.copied("old-keys")
        self.house.start()
        self.erase()
        self.assertEqual(self.house.stop(), 0)
        found = self.residue()
        lake = found.pop("lake, decoded")
        found.pop("data/lake")
        self.assertEqual(set().union(*found.values()), set(), "the keys are gone")
        self.assertLessEqual({"property", "order"}, lake, "the lake is not sealed: its rows go with the scrub")
        self.assertNotEqual(set().union(*self.residue(keys=old).values()), set())

    def test_what_no_store_knows_stops_the_start(self):
        self.assertEqual(self.house.stop(), 0)
        (self.house.root / "data" / "somebody's copy").mkdir()
        with self.assertRaisesRegex(RuntimeError, "in no store that this house knows"):
            self.house.start()

    def restart(self):
        """So that everything is on the disk that will be."""
        self.assertEqual(self.house.stop(), 0)
        self.house.start()

    def planted(self, token):
        folder = self.house.root / "planted"
        folder.mkdir()
        plain = [needle for form, needle in forms(token) if not form.startswith("base64")]
        encoded = [base64.b64encode(b"x" * shift + token.encode() + b"y") for shift in range(3)]
        (folder / "held").write_bytes(b" ".join(plain + encoded))
        return folder


if __name__ == "__main__":
    unittest.main()
