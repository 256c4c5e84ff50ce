"""The path of an event through the real server: in at the door, out at the console."""

import json
import unittest

from house import House

CONSENT = {"consent": {"categoryPreferences": {"personalise": True, "measure": True}}}


def eventually(look, wanted, tries=400):
    """Asks until the answer is `wanted`; each question waits its turn in the partition, so none is a sleep."""
    for _ in range(tries):
        seen = look()
        if wanted(seen):
            return seen
    raise AssertionError(f"never came: last seen {seen}")


class Spine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0, "SIGTERM ends with 0"

    def test_an_event_is_found_in_its_profile(self):
        status, body = self.house.post(
            "/v1/track",
            {"userId": "me", "event": "Product Viewed", "properties": {"price": 12.5}, "messageId": "one", "context": CONSENT},
        )
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["accepted"], 1)
        seen = eventually(lambda: self.house.profile("user_id:me"), lambda p: p and p["timeline"])
        self.assertEqual(seen["timeline"][0]["event"], "Product Viewed")
        self.assertEqual(seen["timeline"][0]["properties"]["price"], 12.5)

    def test_a_message_counts_once(self):
        for _ in range(3):
            self.house.post("/v1/track", {"userId": "twice", "event": "A", "messageId": "same", "context": CONSENT})
        self.house.post("/v1/track", {"userId": "twice", "event": "B", "messageId": "last", "context": CONSENT})
        seen = eventually(lambda: self.house.profile("user_id:twice"), lambda p: p and any(m["event"] == "B" for m in p["timeline"]))
        self.assertEqual(sorted(m["event"] for m in seen["timeline"]), ["A", "B"])

    def test_without_consent_nothing_is_kept(self):
        status, _ = self.house.post("/v1/track", {"userId": "quiet", "event": "Secret canary-7731", "messageId": "w1"})
        self.assertEqual(status, 200)
        self.assertIsNone(self.house.profile("user_id:quiet") and self.house.profile("user_id:quiet")["timeline"] or None)
        for path in self.house.root.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"canary-7731", path.read_bytes(), path)

    def test_an_anonymous_past_follows_the_name(self):
        for i in range(4):
            self.house.post(
                "/v1/track", {"anonymousId": "dev-1", "event": "Product Viewed", "messageId": f"a{i}", "context": CONSENT}
            )
        self.house.post(
            "/v1/identify", {"anonymousId": "dev-1", "userId": "anna", "traits": {"city": "Lyon"}, "messageId": "i1", "context": CONSENT}
        )
        seen = eventually(lambda: self.house.profile("user_id:anna"), lambda p: p and len(p["timeline"]) == 5)
        self.assertEqual(seen["traits"]["city"]["value"], "Lyon")
        self.assertEqual(self.house.profile("anonymous_id:dev-1")["person"], seen["person"])

    def test_orders_reach_segments_and_why_is_told(self):
        for i in range(3):
            self.house.post(
                "/v1/track",
                {
                    "userId": "buyer",
                    "event": "Order Completed",
                    "messageId": f"o{i}",
                    "properties": {"order_id": f"N{i}", "total": 250, "quantity": 2, "original_date": f"1997-01-0{i + 1}"},
                },
            )
        seen = eventually(lambda: self.house.profile("user_id:buyer"), lambda p: p and len(p["timeline"]) == 3)
        ids = [s["id"] for s in seen["segments"]]
        self.assertIn("active", ids)
        status, why = self.house.get("/v1/profiles/user_id:buyer/why/active")
        self.assertEqual(status, 200)
        self.assertTrue(json.loads(why)["in"])
        self.assertEqual(self.house.get("/v1/profiles/user_id:buyer/why/nonsense")[0], 404)

    def test_strangers_are_turned_away(self):
        self.assertEqual(self.house.get("/v1/segments", headers={})[0], 401)
        bearer = {"Authorization": f"Bearer {self.house.token}"}
        self.assertEqual(self.house.get("/v1/segments", headers=bearer)[0], 200)
        self.assertIn(self.house.get("/v1/segments", headers={**bearer, "Host": "evil.example"})[0], (403, 421))
        self.assertEqual(self.house.get("/v1/segments", headers={**bearer, "Origin": "https://evil.example"})[0], 403)
        self.assertEqual(self.house.post("/v1/track", {"userId": "x", "event": "E"}, key="wrong")[0], 401)

    def test_the_owner_link_works_once(self):
        status, _ = self.house.get(self.house.link, headers={})
        self.assertEqual(status, 200)
        self.assertEqual(self.house.get(self.house.link, headers={})[0], 403)

    def test_bad_input_gets_an_answer_and_the_server_stays(self):
        cases = [
            (b"{", 400),
            (b"\xff\xfe", 400),
            (b"[" * 5000, 400),
            (b'{"batch": 7}', 400),
            (b"x" * (5 << 20), 413),
        ]
        for body, wanted in cases:
            try:
                status = self.house.post("/v1/batch", body)[0]
            except (BrokenPipeError, ConnectionResetError):
                status = 413  # refused before all of it was sent
            self.assertEqual(status, wanted, body[:20])
        for odd in ({"event": "no one"}, {"userId": "u", "event": "E", "messageId": "m" * 10_000}):
            status, body = self.house.post("/v1/batch", {"batch": [{"type": "track", **odd}]})
            self.assertEqual(status, 200)
            self.assertEqual(len(json.loads(body)["rejected"]), 1, odd)
        self.assertEqual(self.house.get("/readyz")[0], 200)


if __name__ == "__main__":
    unittest.main()
