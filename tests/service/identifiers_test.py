"""A house's own kinds of identifier: how they are made comparable, how many one person may have, which is stronger, what joins nobody; and
that such rules stay as they were when the house was made."""

import json
import unittest
import urllib.parse

from house import House

RULES = """
quarantine_above = 3

[[kind]]
name = "member_no"
title_en = "member number"
title_fr = "numéro d'adhérent"
priority = 3
per_person = 1
normalise = "upper"
never = ["test1"]

[[kind]]
name = "till"
priority = 6
device = true
normalise = "digits"

[[kind]]
name = "email"
per_person = 1
never = ["Desk@Shop.example"]
"""
SEGMENT = "segment members\n  purpose market\n  where\n    has identifier member_no\n"
SEE = {"consent": {"categoryPreferences": {"personalise": True, "link": True}}}


class Identifiers(unittest.TestCase):
    def house(self, rules=RULES, segments=SEGMENT):
        house = House(files={"identifiers.toml": rules, "segments.seg": segments}).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        return house

    def login(self, user, message, member=None, email=None, till=None):
        ids = [{"id": value, "type": kind, "collection": "users", "encoding": "none"} for kind, value in (("member_no", member), ("till", till)) if value]
        return {"type": "identify", "userId": user, "messageId": message, "traits": {"email": email} if email else {},
                "context": {**SEE, "externalIds": ids}}

    def names(self, house, who):
        status, told, _ = house.ask("GET", "/v1/profiles/" + urllib.parse.quote(who))
        return sorted(f"{i['kind']}:{i['value']}" for i in told["identifiers"]) if status == 200 else status

    def test_an_own_kind_joins_is_counted_and_limited(self):
        house = self.house()
        house.batch(self.login("marie", "1", member=" a12 "), self.login("paul", "2", member="b7"))
        self.assertEqual(self.names(house, "member_no:A12"), ["member_no:A12", "user_id:marie"])
        self.assertEqual(self.names(house, "member_no:a12"), ["member_no:A12", "user_id:marie"], "one spelling or another")
        house.batch(self.login("marie", "3", member="a13"))
        self.assertEqual(self.names(house, "user_id:marie"), ["member_no:A12", "user_id:marie"], "one a person")
        joins = house.ask("GET", "/v1/persons/user_id:marie/joins")[1]["joins"]
        self.assertEqual(sorted((j["live"]) for j in joins), ["joined", "limit"])
        # Alone it owns its events; beside a user id it does not.
        house.batch({"type": "track", "anonymousId": "pad", "event": "Scanned", "messageId": "4", "context": {**SEE, "externalIds": [{"id": "c9", "type": "member_no"}]}})
        self.assertIn("member_no:C9", self.names(house, "member_no:C9"))
        counted = house.ask("GET", "/v1/segments/members")[1]
        self.assertEqual(counted["members"], 4, "the one set aside stands alone")
        self.assertIn("member_no", house.ask("GET", "/v1/house")[1]["kinds"])
        status, told, _ = house.ask("POST", "/v1/segments/preview", {"text": SEGMENT.replace("member_no", "membre_no")})
        self.assertEqual((status, "member_no" in told["detail"]), (422, True), told)
        self.assertEqual(house.stop(), 0)
        house.start()
        self.assertEqual(self.names(house, "member_no:A12"), ["member_no:A12", "user_id:marie"], "after a restart")
        self.assertEqual(house.ask("GET", "/v1/segments/members")[1]["members"], 4)

    def test_values_of_the_house_that_join_nobody(self):
        house = self.house()
        house.batch(self.login("u1", "1", member="TEST1", email="desk@shop.example"), self.login("u2", "2", member="test1", email="DESK@shop.example"))
        for user in ("u1", "u2"):
            self.assertEqual(self.names(house, f"user_id:{user}"), [f"user_id:{user}"])
        self.assertEqual(house.ask("GET", "/v1/profiles/member_no:test1")[0], 400)
        # One too many name it: nobody's from now on, and the diary says so.
        house.batch(*(self.login(f"w{i}", f"w{i}", member="z1") for i in range(5)))
        told = house.ask("GET", "/v1/persons/member_no:Z1/joins")[1]
        self.assertTrue(told["quarantined"])
        self.assertEqual(self.names(house, "user_id:w0"), ["user_id:w0"])
        # The limit of a usual kind is the house's.
        house.batch(self.login("one", "o1", email="a@b.example"))
        house.batch(self.login("one", "o2", email="c@d.example"))
        self.assertEqual(self.names(house, "user_id:one"), ["email:a@b.example", "user_id:one"])
        house.stop()
        self.assertIn("identity.quarantined", (house.root / "out.log").read_text() + json.dumps([p.read_text() for p in house.root.glob("data/**/*.log")]))

    def test_a_till_of_its_own_kind_welds_nobody(self):
        house = self.house()
        for i in range(3):
            house.batch(self.login(f"buyer{i}", f"t{i}", till="no. 0042"))
        for i in range(3):
            self.assertEqual(self.names(house, f"user_id:buyer{i}"), [f"user_id:buyer{i}"])
        self.assertTrue(house.ask("GET", "/v1/persons/till:42/joins")[0] in (200, 404))
        self.assertTrue(house.ask("GET", "/v1/persons/till:0042/joins")[1]["shared"])

    def test_what_decides_who_is_who_stays(self):
        house = self.house()
        house.batch(self.login("marie", "1", member="a12"))
        self.assertEqual(house.stop(), 0)
        path = house.definitions / "identifiers.toml"

        def refused(rules, *parts):
            path.write_text(rules)
            with self.assertRaises(RuntimeError) as told:
                house.start()
            house.process.wait()
            for part in parts:
                self.assertIn(part, str(told.exception))

        refused(RULES.replace("per_person = 1\nnormalise", "per_person = 2\nnormalise"), "member_no priority 3 per_person 1 normalise upper")
        refused(RULES.replace("quarantine_above = 3", "quarantine_above = 4"), "quarantine_above 3")
        refused(RULES.replace('name = "till"', 'name = "desk"'), "till priority 6 device")
        refused("", "quarantine_above 3")
        for rules, part in ((RULES + '\n[[kind]]\nname = "user_id"\npriority = 3\n', 'unknown key "priority"'),
                            (RULES + '\n[[kind]]\nname = "Bad"\nper_person = 1\n', "a name is 1 to 32 letters"),
                            (RULES + '\n[[kind]]\nname = "x"\npriority = 0\nper_person = 1\n', "priority is 1 (strong)"),
                            (RULES + '\n[[kind]]\nname = "x"\nper_person = 1\nnormalise = "uper"\n', "normalise is as_is"),
                            (RULES + '\n[[kind]]\nname = "till"\nper_person = 1\n', "it is there already"),
                            (RULES + '\n[[kind]]\nname = "phone"\nnever = ["call me"]\n', "no digit")):
            refused(rules, part)
        # Added behind, with another title and another value that never joins: taken.
        path.write_text(RULES.replace('"test1"', '"test1", "test2"').replace("member number", "membership") + '\n[[kind]]\nname = "locker"\nper_person = 1\n')
        house.start()
        self.assertEqual(self.names(house, "member_no:A12"), ["member_no:A12", "user_id:marie"])
        self.assertEqual(house.ask("GET", "/v1/profiles/member_no:test2")[0], 400)
        self.assertIn("locker", house.ask("GET", "/v1/house")[1]["kinds"])
        house.kill()
        house.start()
        self.assertEqual(self.names(house, "member_no:A12"), ["member_no:A12", "user_id:marie"])


if __name__ == "__main__":
    unittest.main()
