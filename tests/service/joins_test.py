"""Joins of a person and their undoing, asked of the real binary: preview, commit, undo, erasure, and what a restart keeps."""

import json
import unittest
import urllib.parse

from house import House

SEE = {"consent": {"categoryPreferences": {"personalise": True}}}


class Joins(unittest.TestCase):
    def setUp(self):
        self.house = House().start()
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())
        self.send(
            {"type": "track", "anonymousId": "tablet", "event": "Product Viewed", "messageId": "v1", "context": SEE},
            {"type": "identify", "userId": "marie", "anonymousId": "tablet", "messageId": "i1", "context": SEE},
            {"type": "track", "userId": "marie", "event": "Order Completed", "messageId": "o1", "properties": {"total": 40}, "context": SEE},
        )

    def send(self, *batch):
        status, body = self.house.post("/v1/batch", {"batch": list(batch)})
        self.assertEqual((status, json.loads(body)["accepted"]), (200, len(batch)), body)
        self.house.settle()

    def ask(self, method, path, body=None, expected=200):
        status, told, _ = self.house.ask(method, path, body)
        self.assertEqual(status, expected, told)
        return told

    def person(self, who):
        return self.ask("GET", "/v1/profiles/" + urllib.parse.quote(who))

    def identifiers(self, who):
        return sorted(f"{i['kind']}:{i['value']}" for i in self.person(who)["identifiers"])

    def test_a_split_shows_both_people_and_can_be_taken_back(self):
        joins = self.ask("GET", "/v1/persons/user_id:marie/joins")
        self.assertEqual([(j["live"], j["firm"], j["grade"], j["rulings"]) for j in joins["joins"]], [("joined", "joined", "attested", [])])
        shown = self.ask("POST", "/v1/persons/user_id:marie/split", {"with": "anonymous_id:tablet"})
        self.assertFalse(shown["committed"])
        self.assertEqual([len(p["identifiers"]) for p in shown["before"]], [2])
        self.assertEqual(sorted((p["identifiers"], p["events"]) for p in shown["after"]), [(["anonymous_id:tablet"], 1), (["user_id:marie"], 2)])
        self.assertEqual(self.identifiers("user_id:marie"), ["anonymous_id:tablet", "user_id:marie"])
        done = self.ask("POST", "/v1/persons/user_id:marie/split", {"with": "anonymous_id:tablet", "commit": True})
        self.assertTrue(done["committed"] and not done["pending"], done)
        self.assertEqual(self.identifiers("user_id:marie"), ["user_id:marie"])
        self.assertEqual(self.identifiers("anonymous_id:tablet"), ["anonymous_id:tablet"])
        self.send({"type": "identify", "userId": "marie", "anonymousId": "tablet", "messageId": "i2", "context": SEE})
        self.assertEqual(self.identifiers("user_id:marie"), ["user_id:marie"], "it stands against later evidence")
        self.house.stop()
        self.house.start()
        joins = self.ask("GET", "/v1/persons/user_id:marie/joins")["joins"]
        self.assertEqual([(j["live"], [r["word"] for r in j["rulings"]]) for j in joins], [("cut", ["cut"])])
        self.ask("POST", "/v1/persons/user_id:marie/split", {"with": "anonymous_id:tablet", "undo": True, "commit": True})
        self.assertEqual(self.identifiers("anonymous_id:tablet"), ["anonymous_id:tablet", "user_id:marie"])

    def test_a_guests_cut_is_told_apart(self):
        self.ask("POST", "/v1/persons/user_id:marie/split", {"with": "anonymous_id:tablet", "as": "guest", "commit": True})
        joins = self.ask("GET", "/v1/persons/anonymous_id:tablet/joins")["joins"]
        self.assertEqual([(j["live"], j["rulings"][0]["by"]) for j in joins], [("parted", "guest")])

    def test_staff_cannot_join_whom_nobody_asked(self):
        self.send({"type": "track", "userId": "paul", "event": "Seen", "messageId": "p1", "context": SEE})
        self.send({"type": "track", "anonymousId": "phone", "event": "Seen", "messageId": "p2", "context": SEE})
        self.ask("POST", "/v1/persons/user_id:paul/merge", {"with": "anonymous_id:phone", "commit": True}, 409)
        self.send({"type": "consent", "userId": "paul", "purpose": "link", "state": "given", "messageId": "y1"})
        self.ask("POST", "/v1/persons/user_id:paul/merge", {"with": "anonymous_id:phone", "commit": True})
        self.house.settle()
        self.assertEqual(self.identifiers("anonymous_id:phone"), ["anonymous_id:phone", "user_id:paul"])
        self.send({"type": "consent", "userId": "paul", "purpose": "link", "state": "withdrawn", "messageId": "n1"})
        self.assertEqual(self.identifiers("user_id:paul"), ["user_id:paul"])

    def test_an_erased_identifier_is_gone_and_new_when_it_comes_again(self):
        shown = self.ask("POST", "/v1/persons/anonymous_id:tablet/forget", {})
        self.assertEqual((shown["committed"], shown["events_erased"]), (False, 1))
        self.ask("POST", "/v1/persons/anonymous_id:tablet/forget", {"commit": True})
        self.assertEqual(self.identifiers("user_id:marie"), ["user_id:marie"])
        self.ask("GET", "/v1/profiles/anonymous_id:tablet", expected=404)
        self.house.kill()
        self.house.start()
        self.assertEqual(self.person("user_id:marie")["timeline_size"], 2)
        self.ask("GET", "/v1/profiles/anonymous_id:tablet", expected=404)
        self.send({"type": "track", "anonymousId": "tablet", "event": "Product Viewed", "messageId": "v2", "context": SEE})
        self.assertEqual(self.person("anonymous_id:tablet")["timeline_size"], 1)

    def test_a_value_that_everybody_names_is_nobodys(self):
        for i in range(40):
            self.send({"type": "identify", "userId": f"u{i}", "messageId": f"q{i}", "traits": {"email": "till@shop.example"}, "context": SEE})
        self.assertTrue(self.ask("GET", "/v1/persons/email:till@shop.example/joins")["quarantined"])
        self.assertEqual(self.identifiers("user_id:u3"), ["user_id:u3"])
        self.assertEqual(self.person("user_id:u39")["timeline_size"], 1)

    def test_what_cannot_be_is_said(self):
        self.ask("POST", "/v1/persons/user_id:marie/split", {"with": "user_id:nobody"}, 404)
        self.ask("POST", "/v1/persons/user_id:marie/split", {"wth": "anonymous_id:tablet"}, 422)
        self.ask("GET", "/v1/persons/user_id:" + "x" * 600 + "/joins", expected=400)
        self.ask("GET", "/v1/persons/nonsense/joins", expected=400)


if __name__ == "__main__":
    unittest.main()
