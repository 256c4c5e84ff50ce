"""What was permitted and malformed: kept sealed, read while it is permitted, repaired by console and command line, each applied
once at its original time; what was not permitted is kept nowhere."""

import base64
import datetime
import json
import random
import subprocess
import threading
import unittest

from house import KEY, House, source

YES = {"context": {"consent": {"categoryPreferences": {"measure": True}}}}
DAY = datetime.timedelta(days=1)
START = datetime.datetime.now(datetime.timezone.utc) - 40 * DAY


def order(i, total, **more):
    at = (START + i * datetime.timedelta(minutes=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "type": "track", "userId": f"u{i % 50}", "event": "Order Completed", "messageId": f"o{i}", "timestamp": at,
        "properties": {"order_id": f"n{i}", "total": total}, **more,
    }


def forms(canary):
    """How a text may lie in a file."""
    raw = canary.encode()
    yield raw
    yield raw[::-1]
    yield raw.upper()
    yield raw.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + raw)
        yield coded[shift + 2 : -4]
    yield "".join(f"\\u{ord(c):04x}" for c in canary).encode()
    yield canary.encode("utf-16-le")


class DeadLetters(unittest.TestCase):
    def setUp(self):
        self.house = House(sources=source("till", "sk_till", "server", 'catalogue = "strict"') + source("app", "wk_app", "public")).start()
        self.addCleanup(lambda: self.house.process.poll() is None and self.house.kill())

    def send(self, *items, key="sk_till"):
        status, body = self.house.post("/v1/batch", {"batch": items}, key)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def letters(self, query=""):
        status, body, _ = self.house.ask("GET", "/v1/dead-letters?limit=500" + query)
        self.assertEqual(status, 200, body)
        return body

    def resend(self, **order):
        status, body, _ = self.house.ask("POST", "/v1/dead-letters/resend", order)
        self.assertEqual(status, 200, body)
        self.house.settle()
        return body

    def hospes(self, *words):
        asked = ["--console", f"http://127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token")]
        done = subprocess.run([self.house.binary, *words, *asked], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_a_thousand_repaired_are_each_applied_once_at_their_original_time(self):
        rejected = 0
        for at in range(0, 1000, 250):
            items = [order(i, f"{10 + i % 90},50 €") for i in range(at, at + 250)]
            rejected += len(self.send(*items)["rejected"])
            self.send(*items[:20])  # a sender that tries again
        self.assertEqual(rejected, 1000)
        body = self.letters()
        self.assertEqual((body["kept"]["letters"], len(body["groups"]), body["more"]), (1000, 1, True))
        self.assertEqual([body["groups"][0][k] for k in ("source", "rule", "event")], ["till", "property_type", "Order Completed"])
        self.assertEqual(max(one["times"] for one in body["letters"]), 2)
        where = ["--source", "till", "--rule", "property_type", "--number", "/properties/total"]
        code, said = self.hospes("letters", "resend", *where, "--dry-run")
        self.assertEqual(code, 0, said)
        self.assertIn("would be accepted 1000, withheld 0, refused again 0", said)
        self.assertEqual(self.letters()["kept"]["letters"], 1000)
        self.house.kill()  # nothing of them is lost
        self.house.start()
        code, said = self.hospes("letters", "resend", *where)
        self.assertEqual(code, 0, said)
        self.assertIn("accepted 1000, withheld 0, refused again 0", said)
        self.house.settle()
        body = self.letters()
        self.assertEqual((body["kept"]["letters"], body["kept"]["resent"]), (0, 1000))
        seen = {}
        for user in range(50):
            for event in self.house.profile(f"user_id:u{user}?limit=100")["timeline"]:
                if event["event"] == "Order Completed":
                    self.assertNotIn(event["properties"]["order_id"], seen)
                    seen[event["properties"]["order_id"]] = (event["at"], event["properties"]["total"])
        self.assertEqual(seen, {f"n{i}": (order(i, 0)["timestamp"], 10 + i % 90 + 0.5) for i in range(1000)})
        self.assertEqual(self.resend(rule="property_type")["accepted"], 0)

    def test_a_crash_between_two_sendings_applies_nothing_twice(self):
        rng = random.Random(20261127)
        for round in range(2):
            items = [order(1000 * round + i, "7,00") for i in range(400)]
            self.send(*items)
            ids = [one["id"] for one in self.letters()["letters"]]
            rng.shuffle(ids)
            done = threading.Event()

            def clerk():
                for at in range(0, len(ids), 20):
                    try:
                        self.resend(ids=ids[at : at + 20], patch=[{"op": "convert", "path": "/properties/total", "to": "number"}])
                    except OSError:
                        break
                    if at == 100:
                        done.set()
                done.set()

            clerks = threading.Thread(target=clerk)
            clerks.start()
            done.wait(60)
            self.house.kill()
            clerks.join()
            self.house.start()
            self.resend(rule="property_type", patch=[{"op": "convert", "path": "/properties/total", "to": "number"}])
            self.assertEqual(self.letters()["kept"]["letters"], 0)
        count = 0
        for user in range(50):
            events = self.house.profile(f"user_id:u{user}?limit=100")["timeline"]
            names = [e["properties"]["order_id"] for e in events if e["event"] == "Order Completed"]
            self.assertEqual(len(names), len(set(names)))
            count += len(names)
        self.assertEqual(count, 800)

    def test_it_is_opened_and_mended_by_hand(self):
        self.send(order(1, 5, timestamp="yesterday at noon", **YES))
        (one,) = self.letters()["letters"]
        status, body, _ = self.house.ask("GET", f"/v1/dead-letters/{one['id']}")
        self.assertEqual(status, 200, body)
        self.assertEqual((body["rule"], body["message_id"], body["item"]["timestamp"]), ("bad_time", "o1", "yesterday at noon"))
        self.assertIn("operate", body["purposes"])
        status, arrivals, _ = self.house.ask("GET", "/v1/arrivals?verdict=refused")
        self.assertEqual((arrivals["arrivals"][0]["letter"], arrivals["arrivals"][0]["rule"]), (one["id"], "bad_time"))
        code, said = self.hospes("letters", "show", one["id"])
        self.assertEqual((code, json.loads(said)["item"]["properties"]["total"]), (0, 5))
        code, said = self.hospes("letters", "resend", one["id"])
        self.assertEqual(code, 1, said)
        self.assertIn("bad_time", said)
        patch = [{"op": "replace", "path": "/timestamp", "value": "2026-11-20T12:00:00+01:00"}]
        self.assertEqual(self.resend(ids=[one["id"]], patch=patch)["accepted"], 1)
        (event,) = self.house.profile("user_id:u1")["timeline"]
        self.assertEqual(event["at"], "2026-11-20T11:00:00Z")
        status, body, _ = self.house.ask("GET", f"/v1/dead-letters/{one['id']}")
        self.assertEqual((status, body["code"]), (404, "not_found"))

    def test_a_no_closes_it(self):
        self.send({"type": "track", "userId": "ana", "event": "Seen", "messageId": "s", "timestamp": "soon", **YES}, key=KEY)
        (one,) = self.letters()["letters"]
        status, body = self.house.post("/v1/consent", {"userId": "ana", "purpose": "measure", "state": "withdrawn", "messageId": "no"})
        self.assertEqual(status, 200, body)
        self.house.settle()
        status, body, _ = self.house.ask("GET", f"/v1/dead-letters/{one['id']}")
        self.assertEqual((status, body["code"]), (409, "conflict"))
        patch = [{"op": "replace", "path": "/timestamp", "value": "2026-11-20T12:00:00Z"}]
        became = self.resend(ids=[one["id"]], patch=patch)
        self.assertEqual((became["accepted"], became["withheld"]), (0, 1))
        self.assertEqual(self.letters()["kept"]["letters"], 0)

    def test_erasure_takes_it(self):
        self.send(order(1, "x"), order(2, "x"))
        self.assertEqual(self.letters()["kept"]["letters"], 2)
        self.house.batch({"type": "track", "userId": "u1", "event": "Seen", "messageId": "k", **YES})
        status, body, _ = self.house.ask("POST", "/v1/persons/user_id:u1/forget", {"commit": True})
        self.assertEqual(status, 200, body)
        self.assertEqual(self.letters()["kept"]["letters"], 1)
        self.assertEqual(self.house.stop(), 0)
        self.house.start()
        (one,) = self.letters()["letters"]
        self.assertEqual(one["happened"], order(2, 0)["timestamp"])

    def test_what_was_not_permitted_is_kept_nowhere(self):
        canaries = [f"canary{i}qzx" for i in range(6)]
        long = "x" * 9000
        hidden = [
            ("/v1/track", "wk_app", json.dumps({"anonymousId": canaries[0], "event": canaries[0], "properties": {"p": canaries[0]}})),
            ("/v1/track", "wk_app", json.dumps({"anonymousId": "a", "event": canaries[1], "properties": {"p": canaries[1], "q": long}})),
            ("/v1/track", KEY, json.dumps({"userId": {"id": canaries[2]}, "event": "Seen", "properties": {"p": canaries[2]}, **YES})),
            ("/v1/track", KEY, json.dumps({"userId": "b", "event": "Seen", "properties": {"p": canaries[3], "q": long},
                                           "context": {"consent": {"categoryPreferences": {"measure": True, "market": canaries[3]}}}})),
            ("/v1/track", KEY, '{"userId":"' + canaries[4] + '","event":"Seen"'),
            ("/v1/batch", KEY, json.dumps({"batch": [{"type": "consent", "userId": "c", "purpose": "measure", "state": canaries[5]}]})),
        ]
        for path, key, body in hidden:
            self.house.post(path, body, key)
        self.assertEqual(self.letters()["kept"]["letters"], 0)
        # A permitted one is kept, sealed: the scan below would find it in the clear.
        self.send(order(1, 5, timestamp="later", properties={"order_id": "canary6qzx", "total": 1}))
        self.assertEqual(self.letters()["kept"]["letters"], 1)
        self.assertEqual(self.house.stop(), 0)
        found = []
        for file in sorted(p for p in self.house.root.rglob("*") if p.is_file()):
            if self.house.definitions in file.parents:
                continue
            raw = file.read_bytes()
            for canary in [*canaries, "canary6qzx"]:
                found += [f"{canary} in {file.name}" for form in forms(canary) if form in raw or form in raw.lower()]
        self.assertEqual(found, [])

    def test_mistakes_are_told(self):
        for body, code, says in [
            ({}, 400, "which letters"),
            ({"ids": ["zz"]}, 400, "32 hexadecimal digits"),
            ({"rule": "bad_time", "ids": ["0" * 32]}, 400, "which letters"),
            ({"rule": "bad_time", "patch": [{"op": "mve", "path": "/a"}]}, 400, '"move"'),
            ({"rule": "bad_time", "because": 1}, 400, "not understood"),
        ]:
            status, answer, _ = self.house.ask("POST", "/v1/dead-letters/resend", body)
            self.assertIn(says, answer["detail"], body)
            self.assertEqual(answer["status"], status)
        self.assertEqual(self.resend(ids=["0" * 32])["refused"], 1)


if __name__ == "__main__":
    unittest.main()
