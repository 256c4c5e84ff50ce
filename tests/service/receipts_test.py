"""Receipts of the real binary, checked by a second reader that is written from the RFCs alone and by `hospes verify`, offline."""

import base64
import hashlib
import hmac
import json
import subprocess
import unittest

from house import House

# Ed25519 as RFC 8032 section 5.1 says it; slow and plain.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or y >= P:
        raise ValueError("no point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % Q
    left, right = times(s, BASE), add(point(r), times(h, point(key)))
    return s < Q and not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


def sha(text):
    return hashlib.sha256(text).digest()


def open_note(note, verifier):
    """The text of a note signed by that key; C2SP signed-note."""
    text, line = note.rsplit("\n\n", 1)
    text += "\n"
    name, _, key = verifier.split("+", 2)
    key = base64.b64decode(key)
    raw = base64.b64decode(line.removeprefix("— " + name + " "))
    assert raw[:4] == sha(name.encode() + b"\n" + key)[:4], "another key's signature"
    assert signed(key[1:], text.encode(), raw[4:]), "the signature does not hold"
    return text


def root_of(leaf, index, size, proof):
    """RFC 9162 section 2.1.3.2."""
    last, node = size - 1, leaf
    for sibling in map(base64.b64decode, proof):
        if index & 1 or index == last:
            node = sha(b"\1" + sibling + node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = sha(b"\1" + node + sibling)
        index, last = index >> 1, last >> 1
    assert last == 0, "the proof has another length"
    return node


def proves(receipt):
    """The record, or an exception."""
    keys = []
    for note in receipt["keys"]:
        fresh = note.split("\n")[2]
        open_note(note, keys[-1] if keys else fresh)
        keys.append(fresh)
    origin, size, root, _ = open_note(receipt["checkpoint"], keys[-1]).split("\n")
    canonical = json.dumps(receipt["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    salted = hmac.new(base64.b64decode(receipt["salt"]), canonical, "sha256").digest()
    assert root_of(sha(b"\0" + salted), receipt["leaf"], int(size), receipt["proof"]) == base64.b64decode(root), "not in the tree"
    assert receipt["record"]["house"] == origin
    return receipt["record"]


class Receipts(unittest.TestCase):
    def setUp(self):
        self.house = House().start()
        self.addCleanup(self.house.folder.cleanup)
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())

    def consent(self, **more):
        body = {"userId": "marie", "purpose": "personalise", "state": "given", "messageId": "y1", **more}
        status, text = self.house.post("/v1/consent", body)
        self.assertEqual(status, 200, text)
        return json.loads(text)["receipt"]

    def hospes(self, *words):
        return subprocess.run([self.house.binary, *words, "--lang", "en"], capture_output=True, text=True, timeout=60)

    def verify(self, receipt, *words, expected=0):
        path = self.house.root / "receipt.json"
        path.write_text(json.dumps(receipt, ensure_ascii=False))
        ran = self.hospes("verify", str(path), *words)
        self.assertEqual(ran.returncode, expected, ran.stdout + ran.stderr)
        return ran.stdout

    def rotate(self):
        ran = self.hospes("keys", "rotate", "--console", f"127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token"))
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_every_change_of_permission_bears_a_receipt(self):
        given = self.consent(notice={"id": "accueil", "version": "3", "lang": "fr"})
        record = proves(given)
        told = {key: record[key] for key in ("kind", "purpose", "state", "basis", "subject", "source")}
        self.assertEqual(told, {"kind": "consent", "purpose": "personalise", "state": "given", "basis": "consent", "subject": "user_id:marie", "source": "hello"})
        self.assertEqual(record["notice"], {"id": "accueil", "version": "3", "lang": "fr"})
        withdrawn = self.consent(state="withdrawn", messageId="n1")
        self.assertEqual(proves(withdrawn)["state"], "withdrawn")
        self.assertEqual(withdrawn["leaf"], given["leaf"] + 1)
        again = self.consent(state="withdrawn", messageId="n1")
        self.assertEqual(again["leaf"], withdrawn["leaf"], "the same message is the same leaf")
        self.assertIn("user_id:marie", self.verify(given))
        # Answers in a batch are leaves as well; the same message asked for alone gives the receipt.
        item = {"type": "consent", "userId": "paul", "purpose": "measure", "state": "refused", "messageId": "b1"}
        self.assertEqual(self.house.post("/v1/batch", {"batch": [item]})[0], 200)
        receipt = self.consent(userId="paul", purpose="measure", state="refused", messageId="b1")
        self.assertEqual((proves(receipt)["subject"], receipt["leaf"]), ("user_id:paul", withdrawn["leaf"] + 1))

    def test_receipts_hold_after_keys_changed_and_the_person_is_erased(self):
        old = self.consent()
        key = old["keys"][0].split("\n")[2]
        self.rotate()
        newer = self.consent(state="withdrawn", messageId="n1")
        self.assertEqual(len(newer["keys"]), 2)
        status, body, _ = self.house.ask("POST", "/v1/persons/user_id:marie/forget", {"commit": True})
        self.assertEqual(status, 200, body)
        erased = proves(body["receipt"])
        self.assertEqual((erased["kind"], erased["state"], erased["by"]), ("erasure", "done", "token"))
        self.assertNotIn("marie", json.dumps(body))
        self.assertEqual(self.house.ask("GET", f"/v1/receipts/{old['leaf']}")[0], 404)
        self.assertEqual(self.house.ask("GET", f"/v1/receipts/{body['receipt']['leaf']}")[1], body["receipt"])
        self.house.stop()
        self.house.start()
        # The house's log today, asked of the public listener without any key.
        growth = self.house.root / "growth.json"
        size = old["checkpoint"].split("\n")[1]
        answer = self.house.public_text(f"/v1/audit/consistency?from={size}")
        growth.write_text(answer)
        self.house.stop()
        for receipt in (old, newer, body["receipt"]):
            proves(receipt)
            self.verify(receipt, "--key", key)
        self.verify(old, "--grown", str(growth))
        self.verify(old, "--key", key[:-8] + "AAAAAAA=", expected=1)
        self.verify(newer, "--grown", str(growth), expected=1)

    def test_what_was_changed_is_refused(self):
        receipt = self.consent()
        for member, value in (("leaf", 0), ("salt", receipt["salt"].lower()), ("keys", []), ("proof", receipt["proof"][1:])):
            self.verify({**receipt, member: value}, expected=1)
        self.verify({**receipt, "record": {**receipt["record"], "state": "refused"}}, expected=1)
        self.verify({**receipt, "more": 1}, expected=1)
        self.verify({"success": True, "receipt": receipt})  # the whole answer of the house

    def test_an_answer_without_its_leaf_gets_one_at_the_next_start(self):
        self.consent()
        self.house.stop()
        # As if this house were older than its transparency log.
        for path in (self.house.root / "data/receipts").iterdir():
            path.unlink()
        self.house.start()
        receipt = self.consent()
        self.assertEqual((receipt["leaf"], proves(receipt)["subject"]), (1, "user_id:marie"))

    def test_a_house_without_its_signing_key_does_not_start(self):
        self.consent()
        self.house.stop()
        (self.house.root / "keys/receipts/signing.key").unlink()
        with self.assertRaisesRegex(RuntimeError, "restore the key folder"):
            self.house.start()

    def test_the_log_itself_is_for_everybody_and_names_nobody(self):
        first = self.consent()
        keys = json.loads(self.house.public_text("/v1/audit/keys"))
        self.assertEqual(keys["keys"], first["keys"])
        self.assertEqual(self.house.public_text("/v1/audit/checkpoint"), first["checkpoint"])
        self.assertNotIn("marie", self.house.public_text("/v1/audit/consistency?from=1"))
        for bad in ("", "?from=", "?from=x", "?from=0", "?from=99"):
            status, text, _ = self.house.ask("GET", "/v1/audit/consistency" + bad)
            self.assertEqual(status, 400, text)
        self.assertEqual(self.house.ask("GET", "/v1/receipts/x")[0], 400)
        self.assertEqual(self.house.ask("GET", "/v1/receipts/9")[0], 404)
        self.assertEqual(self.house.ask("GET", "/v1/receipts/1", headers={})[0], 401)
        self.assertEqual(self.house.ask("POST", "/v1/audit/rotate", headers={})[0], 401)


if __name__ == "__main__":
    unittest.main()
