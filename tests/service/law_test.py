"""The law as data, in the real binary: a yes under a notice that fails is kept as invalid and says why wherever it is read; a house that
would widen a rule does not start."""

import json
import subprocess
import unittest

from house import House

NOTICES = """
[[notice]]
id = "wall"
version = "1"
accept = { as = "button", clicks = 1 }
refuse = { as = "button", clicks = 1 }
withdraw = { as = "button", clicks = 1 }
pay_or_consent = true
[[notice.choice]]
purposes = ["measure"]

[[notice]]
id = "fair"
version = "2"
accept = { as = "button", clicks = 1 }
refuse = { as = "button", clicks = 1 }
withdraw = { as = "link", clicks = 1 }
[[notice.choice]]
purposes = ["measure"]
"""
WHY = "who says no must pay, and there is no third option that is free and without tracking"


class Law(unittest.TestCase):
    def setUp(self):
        self.house = House(files={"notices.toml": NOTICES})
        self.addCleanup(self.house.folder.cleanup)

    def hospes(self, *words, code=0):
        ran = subprocess.run([self.house.binary, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran.stdout

    def say(self, notice, version, message, state="given"):
        body = {"userId": "ana", "purpose": "measure", "state": state, "messageId": message, "notice": {"id": notice, "version": version, "lang": "fr"}}
        status, text = self.house.post("/v1/consent", body)
        self.assertEqual(status, 200, text)
        self.house.settle()
        return json.loads(text)

    def answers(self):
        profile = self.house.ask("GET", "/v1/profiles/user_id:ana")[1]
        return next(p for p in profile["permissions"] if p["purpose"] == "measure")

    def test_a_yes_under_a_wall_is_kept_as_invalid_and_says_why(self):
        self.house.start()
        self.addCleanup(self.house.stop)
        told = self.say("wall", "1", "w1")
        self.assertEqual(told["invalid"][0]["code"], "wall")
        self.assertIn(WHY, told["invalid"][0]["reason"])
        # Its receipt says the same, and under which law.
        record = json.loads(told["receipt"])["record"] if isinstance(told["receipt"], str) else told["receipt"]["record"]
        self.assertEqual((record["state"], record["pack"]), ("invalid", "fr-eu 2026-11-28"))
        self.house.batch({"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "o", "properties": {"order_id": "1", "total": 2}})
        now = self.answers()
        self.assertEqual(now["state"], "unset")
        self.assertEqual([(a["state"], a["reason"]) for a in now["answers"]], [("invalid", "notice: wall")])
        # A fair one counts, and an invalid one after it takes nothing back; a no counts whatever was shown.
        self.assertNotIn("invalid", self.say("fair", "2", "f1"))
        self.say("wall", "1", "w2")
        self.assertEqual(self.answers()["state"], "given")
        self.assertNotIn("invalid", self.say("wall", "1", "w3", "refused"))
        self.assertEqual(self.answers()["state"], "refused")
        # After a restart as before.
        self.house.stop()
        self.house.start()
        self.assertEqual([a["state"] for a in self.answers()["answers"]], ["invalid", "given", "invalid", "refused"])
        house = self.house.ask("GET", "/v1/house")[1]
        self.assertEqual(house["pack"], "fr-eu 2026-11-28")
        self.assertEqual({n["id"]: [f["code"] for f in n["findings"]] for n in house["notices"]}, {"wall": ["wall"], "fair": []})

    def test_the_command_line_says_the_law_and_what_it_finds(self):
        folder = str(self.house.definitions)
        self.assertIn("wall [measure] " + WHY, self.hospes("notices", folder, code=1))
        self.assertIn("qui dit non doit payer", self.hospes("--lang", "fr", "notices", folder, code=1))
        told = json.loads(self.hospes("--json", "notices", folder, code=1))
        self.assertEqual([len(n["findings"]) for n in told["notices"]], [1, 0])
        law = self.hospes("law", folder)
        self.assertIn("fr-eu 2026-11-28\n", law)
        self.assertRegex(law, r"legal +duty +GDPR art. 6\(1\)\(c\); Code de commerce art. L123-22")
        self.assertRegex(law, r"wall +who says no must pay")
        self.assertIn("the pack alone", self.hospes("law", str(self.house.root / "nowhere")))

    def test_a_house_that_widens_a_rule_does_not_start(self):
        (self.house.definitions / "purposes.toml").write_text('[basis]\nmeasure = "interest"\n')
        with self.assertRaisesRegex(RuntimeError, "rests on consent in the pack fr-eu 2026-11-28"):
            self.house.start()


if __name__ == "__main__":
    unittest.main()
