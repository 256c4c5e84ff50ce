"""Rights as requests, over plain HTTP: by the guest and by staff, what they stop, who ends them, and their receipts."""

import html
import io
import json
import pathlib
import re
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from guest_test import LINK, Guest  # noqa: E402
from house import House  # noqa: E402

SEGMENTS = """
segment rights_buyers
  purpose market
  name en "Buyers" fr "Acheteurs"
  sentence en "Bought." fr "A acheté."
  where
    count("Order Completed") >= 1

segment rights_quiet
  purpose market
  name en "Quiet" fr "Calmes"
  sentence en "Never complained." fr "Ne s'est jamais plaint."
  where
    not count("Complaint Made") >= 1
"""
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        segments = (ROOT / "house/disquaire/segments.seg").read_text() + SEGMENTS
        cls.house = House(files={"segments.seg": segments}).start()
        items = []
        for who in ("ana", "bob", "cleo", "dan", "eve", "fay"):
            items += [
                {"type": "consent", "userId": who, "purpose": "link", "state": "given", "messageId": who + "-l"},
                {"type": "identify", "userId": who, "messageId": who + "-i", "context": LINK,
                 "traits": {"email": who + "@example.org", "city": "Lyno", "age": 41, "member": True}},
                {"type": "track", "userId": who, "event": "Order Completed", "messageId": who + "-o", "context": LINK, "properties": {"order_id": who, "total": 5}},
            ]
        status, text = cls.house.post("/v1/batch", {"batch": items})
        assert status == 200, text
        cls.house.settle()

    @classmethod
    def tearDownClass(cls):
        cls.house.stop()
        cls.house.folder.cleanup()

    def guest(self, who):
        status, answer, _ = self.house.ask("POST", f"/v1/persons/user_id:{who}/guest_link", {"reason": "a test"})
        self.assertEqual(status, 200, answer)
        guest = Guest(self.house)
        guest.come_in(answer["path"])
        return guest

    def staff(self, who, right, **more):
        return self.house.ask("POST", "/v1/requests", {"who": "user_id:" + who, "right": right, "reason": "wrote a letter", **more})[:2]

    def members(self, segment):
        return self.house.ask("GET", f"/v1/segments/{segment}")[1]["members"]

    def profile_status(self, who):
        return self.house.ask("GET", f"/v1/profiles/{who}")[0]

    def test_a_correction_is_a_word_of_the_person(self):
        guest = self.guest("ana")
        self.assertIn("Lyno", guest.page("/correct?trait=city")[1])
        self.assertEqual(guest.page("/correct?trait=email")[0], 404, "what finds her is not retyped")
        status, _, answer = guest.act("/correct", {"trait": "city", "value": "Ly<on"})
        self.assertEqual(status, 303)
        self.assertIn("to correct: done", guest.page(answer.getheader("Location")[len("/guest/en"):])[1])
        city = self.house.profile("user_id:ana")["traits"]["city"]
        self.assertEqual((city["value"], city["source"]), ("Ly<on", "guest_book"))
        self.assertIn("corrected by you", guest.page("/known")[1])
        self.assertEqual(guest.act("/correct", {"trait": "age", "value": "many"})[0], 400, "a number stays one")
        self.assertEqual(guest.act("/correct", {"trait": "age", "value": "42"})[0], 303)
        self.assertEqual(self.house.profile("user_id:ana")["traits"]["age"]["value"], 42)
        self.assertEqual(guest.act("/correct", {"trait": "none", "value": "x"})[0], 400)
        # It served what the old word served: seen by the same purposes, and gone with the same no.
        before = self.house.profile("user_id:ana")["timeline"]
        mine = next(m for m in before if m["source"] == "guest_book")
        old = next(m for m in before if m.get("properties", {}).get("city") == "Lyno")
        self.assertEqual(mine["purposes"], old["purposes"])
        # Late words are late, later ones count.
        late = {"type": "identify", "userId": "ana", "messageId": "ana-late", "timestamp": "2026-01-01T00:00:00Z", "traits": {"city": "Paris"}, "context": LINK}
        self.house.post("/v1/batch", {"batch": [late]})
        self.house.settle()
        self.assertEqual(self.house.profile("user_id:ana")["traits"]["city"]["value"], "Ly<on")

    def test_who_restricts_is_nobody_to_the_house_until_they_lift_it(self):
        buyers, quiet = self.members("rights_buyers"), self.members("rights_quiet")
        guest = self.guest("bob")
        self.assertEqual(guest.act("/freeze", {"say": "yes", "from": "rights"})[0], 303)
        self.assertEqual(self.members("rights_buyers"), buyers - 1)
        self.assertEqual(self.members("rights_quiet"), quiet - 1, "not even who did nothing")
        for path in ("/v1/profiles/user_id:bob", "/v1/profiles/email:bob@example.org", "/v1/effects/user_id:bob", "/v1/decisions/of/user_id:bob", "/v1/journeys/of/user_id:bob"):
            status, answer, _ = self.house.ask("GET", path)
            self.assertEqual((status, answer["code"]), (403, "restricted"), path)
        self.assertEqual(self.house.ask("POST", "/v1/find", {"email": "bob@example.org"})[1]["people"], [])
        status, text = self.house.post("/v1/batch", {"batch": [{"type": "track", "userId": "bob", "event": "Product Viewed", "messageId": "bob-during", "context": LINK}]})
        self.assertEqual(status, 200, text)
        self.house.settle()
        self.assertEqual(self.members("rights_buyers"), buyers - 1)
        self.assertIn("nothing of yours is used", guest.page("")[1])
        self.assertIn("Lyno", guest.page("/known")[1], "their own pages show all")
        # Staff cannot undo it, whatever they say.
        status, listed, _ = self.house.ask("GET", "/v1/requests?state=fulfilled")
        mine = next(r for r in listed["requests"] if r["right"] == "restriction")
        for state in ("revoked", "denied", "extended", "fulfilled"):
            status, answer, _ = self.house.ask("POST", "/v1/requests/" + mine["id"], {"who": "user_id:bob", "state": state, "reason": "we would rather"})
            self.assertEqual(status, 409, (state, answer))
        self.assertEqual(self.staff("bob", "restriction")[0], 409, "it is in force already")
        # Over a restart as well.
        self.assertEqual(self.house.stop(), 0)
        self.house.start()
        self.assertEqual(self.members("rights_buyers"), buyers - 1)
        self.assertEqual(self.profile_status("user_id:bob"), 403)
        guest = self.guest("bob")
        self.assertEqual(guest.act("/freeze", {"say": "no"})[0], 303)
        self.assertEqual(self.members("rights_buyers"), buyers)
        self.assertEqual(self.members("rights_quiet"), quiet)
        self.assertIn("Product Viewed", json.dumps(self.house.profile("user_id:bob")["timeline"]), "what came meanwhile was kept")
        self.assertIn("taken back by you", guest.page("/rights")[1])

    def test_staff_open_an_access_and_the_person_takes_it(self):
        status, answer = self.staff("cleo", "access")
        self.assertEqual((status, answer["request"]["state"]), (201, "open"))
        self.assertEqual(answer["request"]["deadline"][5:7] != answer["request"]["made"][5:7], True, "a month later")
        id = answer["request"]["id"]
        self.assertEqual(self.house.ask("POST", "/v1/requests/" + id, {"who": "user_id:cleo", "state": "extended"})[0], 409, "without a reason")
        status, longer, _ = self.house.ask("POST", "/v1/requests/" + id, {"who": "user_id:cleo", "state": "extended", "reason": "archives of 2019"})
        self.assertEqual((status, longer["request"]["state"]), (200, "extended"))
        self.assertGreater(longer["request"]["deadline"], answer["request"]["deadline"])
        guest = Guest(self.house)
        guest.come_in(answer["guest_link"])
        page = guest.page("/looked")[1]
        self.assertIn("wrote down for you: to see everything: “wrote a letter”", page)
        self.assertIn("archives of 2019", page)
        status, body, _ = guest.act("/take", {})
        self.assertEqual(status, 200)
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            self.assertEqual([r["right"] for r in json.loads(files.read("requests.json"))], ["access"])
        listed = self.house.ask("GET", "/v1/requests")[1]["requests"]
        self.assertEqual(next(r for r in listed if r["id"] == id)["state"], "fulfilled")

    def test_an_erasure_counts_down_and_is_taken_back_by_its_link(self):
        buyers = self.members("rights_buyers")
        guest = self.guest("dan")
        status, body, _ = guest.act("/erase", {"hours": "24"})
        text = html.unescape(body.decode())
        self.assertEqual(status, 200)
        self.assertIn("You will be forgotten here on", text)
        link = re.search(r'href="(/guest/en/keep/[\w-]+)"', text).group(1)
        self.assertEqual(self.members("rights_buyers"), buyers - 1, "the fence is at once")
        self.assertEqual(self.profile_status("user_id:dan"), 403)
        robot = Guest(self.house)
        for _ in range(2):
            self.assertEqual(robot.ask("GET", link)[0], 200)
        self.assertEqual(self.profile_status("user_id:dan"), 403, "GET changes nothing")
        changed = link[:-1] + ("A" if link[-1] != "A" else "B")
        self.assertEqual(robot.ask("POST", changed, {})[0], 410)
        self.assertEqual(robot.ask("POST", link, {}, {"Sec-Fetch-Site": "cross-site"})[0], 403)
        self.assertEqual(robot.ask("POST", link, {})[0], 200)
        self.assertEqual(robot.ask("POST", link, {})[0], 410, "once")
        self.assertEqual(self.members("rights_buyers"), buyers)
        self.assertEqual(self.house.profile("user_id:dan")["traits"]["city"]["value"], "Lyno")
        status, answer = self.staff("dan", "erasure", hours=72)
        self.assertEqual(status, 201)
        self.assertEqual(Guest(self.house).ask("POST", answer["cancel"].replace("/guest/", "/guest/fr/"), {})[0], 200)
        self.assertEqual(self.staff("dan", "erasure", hours=0)[0], 422, "staff leave an hour at least")
        self.assertEqual(self.staff("dan", "erasure", hours=73)[0], 422)

    def test_a_no_is_a_request_too_and_staff_may_only_close(self):
        guest = self.guest("eve")
        guest.act("/allow", {"purpose": "market", "say": "no"})
        guest.act("/allow", {"purpose": "measure", "say": "no"})
        rights = {r["right"]: r for r in self.house.ask("GET", "/v1/requests")[1]["requests"] if r["who"] == "user_id:eve"}
        self.assertEqual({(k, r["what"], r["state"]) for k, r in rights.items()}, {("objection", "market", "fulfilled"), ("withdrawal", "measure", "fulfilled")})
        self.assertEqual(self.staff("fay", "objection", what="measure")[0], 422, "it rests on consent")
        status, answer = self.staff("fay", "objection")
        self.assertEqual((status, answer["request"]["state"]), (201, "fulfilled"))
        told = {p["purpose"]: p for p in self.house.profile("user_id:fay")["permissions"]}
        self.assertEqual((told["market"]["state"], told["market"]["answers"][0]["source"]), ("objected", "staff"))
        for bad in ({"right": "grant"}, {"right": "correction", "what": "city"}, {"reason": "  "}):
            status, answer, _ = self.house.ask("POST", "/v1/requests", {"who": "user_id:fay", "right": "withdrawal", "reason": "x", **bad})
            self.assertIn(status, (201, 422), answer)
            if bad != {"right": "correction", "what": "city"}:
                self.assertEqual(status, 422, answer)

    def test_each_has_a_receipt_that_verifies(self):
        _, answer = self.staff("ana", "portability")
        path = self.house.root / "receipt.json"
        path.write_text(json.dumps(answer["receipt"]))
        done = subprocess.run([self.house.binary, "verify", str(path)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual({k: answer["receipt"]["record"][k] for k in ("kind", "right", "state", "subject", "reason")},
                         {"kind": "request", "right": "portability", "state": "open", "subject": "user_id:ana", "reason": "wrote a letter"})

    def test_the_command_line(self):
        ask = lambda *words: subprocess.run([self.house.binary, *words, "--console", f"127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token")], capture_output=True, text=True, timeout=60)
        done = ask("request", "erasure", "user_id:fay", "--hours", "48", "--reason", "letter of today")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("user_id:fay erasure: open", done.stdout)
        link = re.search(r"http://127\.0\.0\.1:\d+(/guest/keep/\S+)", done.stdout).group(1)
        listed = ask("requests", "--state", "open")
        self.assertIn("erasure", listed.stdout)
        id = listed.stdout.split()[0]
        self.assertNotEqual(ask("reply", id, "user_id:fay", "denied", "--reason", "no").returncode, 0)
        self.assertEqual(Guest(self.house).ask("POST", link.replace("/guest/", "/guest/en/"), {})[0], 200)


if __name__ == "__main__":
    unittest.main()
