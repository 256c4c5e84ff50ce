"""A canary in every value that a source can send: found by the house's own reads, and never in a file of the house as anybody could read it;
after its person erased themselves, found by no read either."""

import base64
import hashlib
import pathlib
import secrets
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
        self.house = House().start()
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
