"""Combinations of segments: counted, listed and drawn against Python's own sets; members out as files that others open."""

import csv
import io
import json
import os
import random
import re
import unittest
import urllib.parse

import duckdb
import openpyxl

from house import House

IDS = "abcd"
SEGMENTS = "".join(
    f"""
segment {id}
  purpose market
  name en "{id.upper()}" fr "{id.upper()}"
  sentence en "{id}." fr "{id}."
  where trait("has_{id}") = true
"""
    for id in IDS
) + """
segment measured
  purpose measure
  name en "M" fr "M"
  sentence en "M." fr "M."
  where trait("has_a") = true
"""
EVENTS = '[[event]]\nname = "identify"\nserves = ["operate", "market"]\n[event.properties]\n' + "".join(f'has_{id} = "boolean"\n' for id in IDS)


def expression(dice, depth=0):
    """A random combination, as text and as what Python makes of it."""
    if depth == 3 or dice.random() < 0.3:
        id = dice.choice(IDS)
        return f"in segment {id}", lambda world: world[id]
    if dice.random() < 0.25:
        text, of = expression(dice, depth + 1)
        return f"not ({text})", lambda world: world["everybody"] - of(world)
    joint = dice.choice(["and", "or"])
    parts = [expression(dice, depth + 1) for _ in range(dice.randint(2, 3))]

    def joined(world):
        sets = [of(world) for _, of in parts]
        return set.intersection(*sets) if joint == "and" else set.union(*sets)

    return "(" + f" {joint} ".join(text for text, _ in parts) + ")", joined


class Sets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("HOSPES_SEED", random.randrange(1 << 32)))
        print(f"seed {cls.seed}")
        dice = random.Random(cls.seed)
        cls.house = House(files={"segments.seg": SEGMENTS, "events.toml": EVENTS}).start()
        cls.world = {"everybody": set(), **{id: set() for id in IDS}}
        items = []
        for number in range(120):
            user = f"u{number}"
            traits = {f"has_{id}": dice.random() < share for id, share in zip(IDS, (0.5, 0.3, 0.7, 0.1))}
            items.append({"type": "identify", "userId": user, "messageId": f"i{number}",
                          "traits": {**traits, **({"email": f"{user}@example.org"} if number % 3 else {})}})
            cls.world["everybody"].add(user)
            for id in IDS:
                if traits[f"has_{id}"]:
                    cls.world[id].add(user)
        cls.house.batch(*items)

    @classmethod
    def tearDownClass(cls):
        cls.house.stop()
        cls.house.folder.cleanup()

    def get(self, path, **query):
        status, told, _ = self.house.ask("GET", f"{path}?{urllib.parse.urlencode(query)}")
        return status, told

    def out(self, **wanted):
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.house.console, timeout=60)
        connection.request("POST", "/v1/sets/export", json.dumps(wanted), {"Authorization": f"Bearer {self.house.token}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body, answer

    def say(self, user, purpose, state, number):
        self.house.batch({"type": "consent", "userId": user, "purpose": purpose, "state": state, "messageId": f"c-{user}-{purpose}-{number}"})

    def test_any_combination_is_what_python_makes_of_it(self):
        dice = random.Random(self.seed + 1)
        refused = 0
        for _ in range(150):
            text, of = expression(dice)
            status, told = self.get("/v1/sets", where=text)
            if status == 400:
                self.assertIn("what they are not", told["detail"], text)
                refused += 1
                continue
            self.assertEqual((status, told.get("people")), (200, len(of(self.world))), text)
            if dice.random() < 0.15:
                people, after = [], None
                while True:
                    status, page = self.get("/v1/sets/members", where=text, limit=7, **({"after": after} if after else {}))
                    self.assertEqual(status, 200, page)
                    people += [m["person"] for m in page["members"]]
                    if (after := page["next"]) is None:
                        break
                self.assertEqual(sorted(people), sorted(f"user_id:{u}" for u in of(self.world)), text)
        self.assertLess(refused, 75)

    def test_what_is_refused_says_what_to_write(self):
        for where, says in [("in segment e", 'column 12: no segment "e"'), ('count("x") >= 1', "segments are combined here"),
                            ("not in segment a", "begin with a segment they are in"), ("in segment a and", "column "), ("", "where is missing")]:
            status, told = self.get("/v1/sets", where=where)
            self.assertEqual((status, says in told["detail"]), (400, True), told)
        both = "in segment a and in segment measured"
        self.assertEqual(self.get("/v1/sets", where=both)[0], 200)
        status, told = self.get("/v1/sets/members", where=both)
        self.assertEqual((status, "by what one purpose may know" in told["detail"]), (400, True), told)

    def test_overlaps_of_two_and_three(self):
        for ids in ("ab", "bcd"):
            status, told = self.get("/v1/sets/overlap", of=",".join(ids))
            self.assertEqual(status, 200, told)
            self.assertEqual({s["id"]: s["members"] for s in told["sets"]}, {id: len(self.world[id]) for id in ids})
            self.assertEqual(len(told["regions"]), 2 ** len(ids) - 1)
            for region in told["regions"]:
                inside = set.intersection(*(self.world[id] for id in region["in"]))
                outside = set().union(*(self.world[id] for id in ids if id not in region["in"]))
                self.assertEqual(region["people"], len(inside - outside), region)
        self.assertEqual(self.get("/v1/sets/overlap", of="a")[0], 400)
        self.assertEqual(self.get("/v1/sets/overlap", of="a,a")[0], 400)

    def test_members_out_are_those_whom_the_purpose_may_serve(self):
        dice = random.Random(self.seed + 2)
        members = self.world["a"] - self.world["b"]
        where = "in segment a and not in segment b"
        yes, no = set(), set()
        for number, user in enumerate(sorted(members)):
            if (draw := dice.random()) < 0.5:
                self.say(user, "contact:email", "given", number)
                yes.add(user)
                if draw < 0.1:
                    self.say(user, "contact:email", "withdrawn", f"{number}-again")
                    yes.discard(user)
            elif draw < 0.6:
                self.say(user, "contact:email", "refused", number)
            if dice.random() < 0.1:
                self.say(user, "advertise", "refused", number)
                no.add(user)
        for purpose, expected in (("contact:email", yes), ("advertise", set()), ("operate", members)):
            status, body, answer = self.out(where=where, purpose=purpose, format="csv", identifiers=["user_id"])
            self.assertEqual(status, 200, body)
            rows = list(csv.reader(io.StringIO(body.decode())))
            self.assertEqual(rows[0], ["person", "user_id"])
            self.assertEqual({row[1] for row in rows[1:]}, expected, purpose)
            self.assertEqual(int(answer.getheader("X-Hospes-People")), len(expected))
            stay = {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", answer.getheader("X-Hospes-Stay"))}
            self.assertEqual(sum(stay.values()), len(members) - len(expected), stay)
        log = (self.house.root / "out.log").read_text()
        self.assertRegex(log, r"members\.out.*purpose=.?contact:email")

    def test_files_open_where_people_open_them(self):
        self.house.batch({"type": "identify", "userId": "=cmd|' /C calc'!A0", "messageId": "evil", "traits": {"has_d": True, "email": "evil@example.org"}},
                         {"type": "identify", "userId": 'Zoé; "Z"', "messageId": "zoe", "traits": {"has_d": True, "email": "zoe@example.org"}})
        self.world["d"] |= {"=cmd|' /C calc'!A0", 'Zoé; "Z"'}
        self.world["everybody"] |= self.world["d"]
        users = self.world["d"]
        asked = {"where": "in segment d", "purpose": "operate", "identifiers": ["user_id", "email"]}
        status, body, answer = self.out(**asked, format="csv-fr")
        self.assertEqual(status, 200, body)
        self.assertTrue(body.startswith(b"\xef\xbb\xbf"))
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
        self.assertEqual(rows[0], ["person", "user_id", "email"])
        self.assertEqual({row[1] for row in rows[1:]}, {"'" + u if u.startswith("=") else u for u in users})
        self.assertIn("hospes-members.csv", answer.getheader("Content-Disposition"))
        status, body, _ = self.out(**asked, format="xlsx")
        self.assertEqual(status, 200, body[:200])
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
        self.assertEqual(cells[0], ["person", "user_id", "email"])
        self.assertEqual({row[1] for row in cells[1:]}, users)
        self.assertEqual({cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} - {"inlineStr"}, {"s"})
        status, body, _ = self.out(**asked, format="parquet")
        self.assertEqual(status, 200, body[:200])
        path = self.house.root / "members.parquet"
        path.write_bytes(body)
        self.assertEqual({u for (u,) in duckdb.sql(f"SELECT user_id FROM '{path}'").fetchall()}, users)
        self.assertEqual(duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE email IS NULL").fetchone()[0],
                         sum(1 for u in users if u[1:].isdigit() and int(u[1:]) % 3 == 0))
        for wrong, says in [({"purpose": "operate"}, "where is missing"), ({"where": "in segment d"}, "purpose is missing"),
                            ({**asked, "purpose": "operat"}, "operate"), ({**asked, "format": "pdf"}, "format is"),
                            ({**asked, "identifiers": ["mail"]}, "email"), ({**asked, "colour": "red"}, "not colour")]:
            status, body, _ = self.out(**wrong)
            self.assertIn(status, (400, 404, 422), body)
            self.assertIn(says, json.loads(body)["detail"])


if __name__ == "__main__":
    unittest.main()
