"""Accounts, roles, the audit log and the second person, on the real binary. Every route of the router is walked with every role; which role
has which right is read from docs/staff.md, so the page that people read, the table in the code and the answers must agree."""

import collections
import json
import pathlib
import re
import subprocess
import threading
import unittest
import urllib.parse

from house import KEY, House

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = ("owner", "privacy", "marketer", "analyst", "support", "developer")
WORDS = "quatre mots bien choisis"
YES = {"context": {"consent": {"categoryPreferences": {"measure": True, "personalise": True}}}}
ADDRESS, PHONE = "planted.ana@shop.example", "+33612345678"


def routes():
    """Right, method, prefix, suffix, whole: as the router has them."""
    code = (ROOT / "src/portal/console.cc").read_text()
    found = re.findall(r'\{Read::\w+, Right::(\w+), "(\w+)", "([^"]+)"(?:, "([^"]*)")?(, whole)?\}', code)
    assert len(found) == len(re.findall(r"\{Read::\w+, ", code)), "every row of the table is read"
    return found


def matrix():
    """Right → the roles that have it, from the table in docs/staff.md."""
    text = (ROOT / "docs/staff.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    head = next(row for row in rows if row[1:7] == list(ROLES))
    out = {}
    for row in rows[rows.index(head) + 1 :]:
        if len(row) < 7 or not re.fullmatch(r"`\w+`.*", row[0]):
            continue
        out[re.match(r"`(\w+)`", row[0]).group(1)] = {role for role, cell in zip(ROLES, row[1:7]) if cell}
    return out


class Person:
    """Somebody who is signed in to one house."""

    def __init__(self, house, cookie):
        self.house, self.cookie = house, {"Cookie": cookie.split(";")[0]}
        status, self.me, _ = house.ask("GET", "/v1/session", headers=self.cookie)
        assert status == 200, self.me
        self.headers = {**self.cookie, "X-Hospes-Page": self.me["page"], "Sec-Fetch-Site": "same-origin"}

    def ask(self, method, path, body=None, **more):
        return self.house.ask(method, path, body, {**self.headers, **more})


def ours(house):
    return {"Origin": f"http://127.0.0.1:{house.console}"}


def sign_in(house, name, words=WORDS):
    return house.ask("POST", "/v1/session", {"name": name, "password": words}, ours(house))


def hire(house, name, role):
    """An account that has chosen its password, signed in."""
    status, made, _ = house.ask("POST", "/v1/staff", {"name": name, "role": role, "called": f"{name} of the house"})
    assert status == 201, made
    status, body, answer = house.ask("POST", "/v1/join", {"code": made["path"].removeprefix("/join/"), "password": WORDS}, ours(house))
    assert status == 200, body
    return Person(house, answer.getheader("Set-Cookie"))


def command(house, *words, code=0):
    done = subprocess.run(
        [house.binary, *words, "--console", f"127.0.0.1:{house.console}", "--token-file", str(house.root / "data/console/token")],
        capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"},
    )
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def log(house, **only):
    entries = house.ask("GET", "/v1/audit/log?limit=1000")[1]["entries"]
    records = [e["record"] for e in entries]
    return [r for r in records if all(r.get(k) == v for k, v in only.items())]


class Accounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def test_somebody_is_invited_chooses_a_password_and_signs_in_and_out(self):
        printed = command(self.house, "staff", "add", "lea", "--role", "marketer", "--called", "Léa Martin")
        path = re.search(r"(/join/[0-9A-Z]{32})", printed).group(1)
        code = path.removeprefix("/join/")
        for _ in range(2):  # to look changes nothing: programs that look at mail open every link
            self.assertEqual(self.house.ask("GET", path, headers={"Accept": "text/html"})[0], 200)
            status, who, _ = self.house.ask("POST", "/v1/join", {"code": code}, ours(self.house))
            self.assertEqual((status, who["name"], who["called"], who["role"], who["has_password"]), (200, "lea", "Léa Martin", "marketer", False))
        self.assertEqual(sign_in(self.house, "lea")[0], 401, "no password yet, so no default one")
        self.assertEqual(self.house.ask("POST", "/v1/join", {"code": code, "password": "short"}, ours(self.house))[0], 400)
        status, _, answer = self.house.ask("POST", "/v1/join", {"code": code, "password": WORDS}, ours(self.house))
        self.assertEqual(status, 200)
        self.assertIn("HttpOnly; SameSite=Strict", answer.getheader("Set-Cookie"))
        self.assertEqual(self.house.ask("POST", "/v1/join", {"code": code, "password": WORDS}, ours(self.house))[0], 401, "once")
        status, _, answer = sign_in(self.house, "lea")
        lea = Person(self.house, answer.getheader("Set-Cookie"))
        self.assertEqual((lea.me["account"], lea.me["called"], lea.me["role"], lea.me["by"]), ("lea", "Léa Martin", "marketer", "session"))
        self.assertIn("define", lea.me["rights"])
        self.assertNotIn("person", lea.me["rights"])
        self.assertEqual(lea.ask("POST", "/v1/password", {"old": "wrong wrong wrong", "password": "another good one"})[0], 401)
        other = Person(self.house, sign_in(self.house, "lea")[2].getheader("Set-Cookie"))
        self.assertEqual(lea.ask("POST", "/v1/password", {"old": WORDS, "password": "another good one"})[0], 204)
        self.assertEqual(other.ask("GET", "/v1/session")[0], 401, "sessions elsewhere are over")
        self.assertEqual(lea.ask("GET", "/v1/session")[0], 200)
        self.assertEqual(command(self.house, "staff", "role", "lea", "analyst").split()[:2], ["lea", "analyst"])
        self.assertEqual(lea.ask("GET", "/v1/session")[1]["role"], "analyst", "from the next click on")
        command(self.house, "staff", "off", "lea")
        self.assertEqual(lea.ask("GET", "/v1/session")[0], 401)
        self.assertEqual(sign_in(self.house, "lea", "another good one")[0], 401)
        self.assertIn("a name is never given again", command(self.house, "staff", "add", "lea", "--role", "owner", code=2))
        for act in ("account_made", "password_chosen", "signed_in", "password_changed", "account_changed"):
            self.assertTrue(log(self.house, act=act), act)

    def test_five_wrong_passwords_lock_and_say_until_when(self):
        hire(self.house, "max", "support")
        for _ in range(4):
            status, body, _ = sign_in(self.house, "max", "wrong wrong wrong")
            self.assertEqual((status, body["code"]), (401, "not_known"))
        for words in ("wrong wrong wrong", WORDS):  # also the right one
            status, body, _ = sign_in(self.house, "max", words)
            self.assertEqual((status, body["code"]), (429, "locked"))
            self.assertRegex(body["detail"], r"locked until 20\d\d-.*Z after five wrong passwords")
        self.assertIn("locked until", command(self.house, "staff", "list"))
        self.assertEqual(len(log(self.house, act="locked", of="max")), 1)
        command(self.house, "staff", "unlock", "max")
        self.assertEqual(sign_in(self.house, "max")[0], 200)

    def test_a_password_is_taken_from_our_own_page_only(self):
        for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            self.assertEqual(self.house.ask("POST", "/v1/session", {"name": "x", "password": WORDS}, headers)[0], 403, headers)

    def test_what_is_wrong_says_what_to_change(self):
        self.assertIn("a role is one of: owner, privacy", command(self.house, "staff", "add", "eve", "--role", "kaiser", code=2))
        self.assertIn("1 to 64 of a-z", command(self.house, "staff", "add", "É ve", "--role", "analyst", code=2))
        self.assertIn('there is no account "nobody"', command(self.house, "staff", "role", "nobody", "analyst", code=2))


class Walk(unittest.TestCase):
    """Every route, every role, every way in that is none."""

    @classmethod
    def setUpClass(cls):
        cls.house, cls.other = House().start(), House().start()
        item = {"type": "identify", "userId": "ana", "messageId": "ana", "traits": {"email": ADDRESS, "phone": PHONE, "name": "Ana"}, **YES}
        order = {"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "one", "properties": {"email": ADDRESS, "total": 12}, **YES}
        cls.house.batch(item, order)
        cls.people = {role: hire(cls.house, f"a-{role}", role) for role in ROLES}
        cls.ids = {"/v1/segments/": "active", "/v1/profiles/": "user_id:ana", "/v1/persons/": "user_id:ana", "/v1/effects/": "user_id:ana", "/v1/decisions/of/": "user_id:ana",
                   "/v1/journeys/of/": "user_id:ana", "/v1/events/": "one", "/v1/receipts/": "1", "/v1/staff/": "a-analyst", "/v1/sources/": "hello"}

    @classmethod
    def tearDownClass(cls):
        assert (cls.house.stop(), cls.other.stop()) == (0, 0)

    def targets(self):
        """One request of each route that changes nothing where it is let in: a body that cannot be taken, or an id of nobody."""
        for right, method, prefix, suffix, whole in routes():
            if prefix in ("/start/", "/approve/") or (method, prefix) == ("DELETE", "/v1/session"):
                continue  # each opened by a code of its own, which other tests spend; and the way out
            known = method == "GET"
            yield right, method, prefix if whole else prefix + (self.ids.get(prefix, "none") if known else "none") + suffix

    def asked(self, who, method, path, **more):
        if path == "/v1/live" and "live" not in more:
            more["Last-Event-ID"] = ""
        body = None if method in ("GET", "DELETE") else "{"
        return self.house.ask(method, path, body, {**who, **more})

    def test_each_role_may_what_the_page_says_and_nothing_else(self):
        table = matrix()
        self.assertEqual(set(table), {row[0] for row in routes()} | {"machine"}, "every right stands in docs/staff.md")
        walked = 0
        for right, method, path in self.targets():
            if path in ("/v1/live",):
                continue  # a stream: below
            for role, person in self.people.items():
                with self.subTest(f"{role} {method} {path}"):
                    status, body, _ = self.asked(person.headers, method, path, **{"X-Hospes-Reason": "a test"})
                    walked += 1
                    code = body.get("code", "") if isinstance(body, dict) else ""
                    if role in table[right]:
                        self.assertNotIn(code, ("role_needed", "token_needed", "session_needed", "page_unproved"), body)
                        self.assertNotEqual(status, 500, body)
                    elif right == "machine":
                        self.assertEqual((status, code), (403, "token_needed"))
                    else:
                        self.assertEqual((status, code), (403, "role_needed"))
                        self.assertIn(f"a-{role} has the role {role}", body["detail"])
                        self.assertIn("hospes staff role", body["detail"], "who can give it")
                        for one in table[right]:
                            self.assertIn(one, body["detail"])
        self.assertGreater(walked, 300)
        self.assertEqual(self.asked(self.people["marketer"].headers, "GET", "/v1/live")[0], 403)

    def test_without_a_session_with_one_of_another_house_or_from_elsewhere_nothing_opens(self):
        stranger = hire(self.other, "a-owner", "owner")  # of the same name and role, in another house
        owner = self.people["owner"]
        outside = {"Cookie": "hospes_session=0123456789ABCDEFGHJKMNPQRSTVWXYZ"}
        for right, method, path in self.targets():
            with self.subTest(f"{method} {path}"):
                for who in ({}, outside, {**stranger.headers}, {"Authorization": f"Bearer {self.other.token}"}, {"Authorization": f"Bearer {KEY}"}):
                    status, body, _ = self.asked(who, method, path)
                    if right == "anybody":
                        self.assertIn(status, (400, 403), body)
                    else:
                        self.assertEqual(status, 401, (who, body))
                status, body, _ = self.asked(owner.headers, method, path, Host="evil.example")
                self.assertEqual((status, body["code"]), (403, "host_unknown"))
                status, body, _ = self.asked(owner.headers, method, path, Origin="https://evil.example")
                self.assertEqual((status, body["code"]), (403, "origin_foreign"))
                if method != "GET" and right not in ("anybody", "machine"):
                    for wrong in ({"X-Hospes-Page": stranger.me["page"]}, {"X-Hospes-Page": ""}, {"Sec-Fetch-Site": "cross-site"}):
                        status, body, _ = self.asked({**owner.headers, **wrong}, method, path)
                        self.assertEqual((status, body["code"]), (403, "page_unproved"), wrong)
        for path in ("/v1/join/x", "/v1/staff/x/y/z", "/v1/none", "/v1/audit/none"):
            self.assertEqual(self.house.ask("GET", path, headers={})[0], 401, "a stranger learns of no path")

    def test_an_id_of_another_house_is_nobody_here(self):
        ana = self.house.ask("POST", "/v1/find", {"user_id": "ana"})[1]["people"][0]["id"]
        for path in (f"/v1/profiles/person:{ana}", f"/v1/effects/person:{ana}", f"/v1/persons/person:{ana}/joins", "/v1/profiles/user_id:ana", f"/v1/decisions/of/person:{ana}"):
            self.assertEqual(self.house.ask("GET", path)[0], 200, path)
            self.assertIn(self.other.ask("GET", path)[0], (404, 422), path)
        self.assertEqual(self.other.ask("GET", "/v1/events/one")[1]["found"][0]["state"], "unknown")
        self.assertEqual(self.other.ask("POST", f"/v1/persons/person:{ana}/forget", {"commit": True})[0], 404)
        self.assertEqual(self.house.ask("GET", f"/v1/profiles/person:{ana}")[0], 200)

    def test_who_may_not_see_a_person_meets_no_address_anywhere(self):
        for role in ("marketer", "analyst", "developer"):
            for right, method, path in self.targets():
                if method != "GET" or path == "/v1/live":
                    continue
                _, body, _ = self.asked(self.people[role].headers, method, path)
                text = json.dumps(body)
                for planted in (ADDRESS, PHONE, "user_id:ana"):
                    self.assertNotIn(planted, text, f"{role} {path}")
        status, seen, _ = self.people["marketer"].ask("GET", "/v1/segments/active/sample")
        self.assertEqual(status, 200)
        self.assertTrue(all(re.fullmatch(r"person:[0-9a-f]{32}", one["person"]) and one["called"] is None for one in seen["people"]))

    def test_support_says_why_and_the_person_reads_it_with_the_role_and_no_name(self):
        support = self.people["support"]
        ana = self.house.ask("POST", "/v1/find", {"user_id": "ana"})[1]["people"][0]["id"]
        status, body, _ = support.ask("GET", f"/v1/profiles/person:{ana}")
        self.assertEqual((status, body["code"]), (403, "reason_needed"))
        why = "Elle a appelé : où est sa commande ?"
        status, _, _ = support.ask("GET", f"/v1/profiles/person:{ana}", **{"X-Hospes-Reason": urllib.parse.quote(why)})
        self.assertEqual(status, 200)
        read = log(self.house, act="read", account="a-support", what="profile", of=ana)
        self.assertEqual([(r["role"], r["of"]) for r in read], [("support", ana)])
        self.assertNotIn(why, json.dumps(log(self.house)), "the reason dies with the person's key: it stands in their leaf alone")
        looks = []
        for leaf in range(1, 400):
            status, receipt, _ = self.house.ask("GET", f"/v1/receipts/{leaf}")
            if status == 404 and "leaves, from 0" in receipt["detail"]:
                break
            if status == 200 and receipt["record"]["kind"] == "look" and receipt["record"].get("reason") == why:
                looks.append(receipt["record"])
        self.assertEqual([(r["by"], r["what"]) for r in looks], [("support", "profile")])
        self.assertNotIn("a-support", json.dumps(looks))


class Audit(unittest.TestCase):
    def test_every_line_is_proved_and_a_forged_list_is_found_out(self):
        house = House(sources="\n").start()  # a folder of its own: what is saved is written there
        self.addCleanup(house.stop)
        lea = hire(house, "lea", "owner")
        self.assertEqual(lea.ask("PUT", "/v1/segments/mine", 'segment mine purpose market where did "Order Completed" in 30d', **{"Content-Type": "text/plain"})[0], 201)
        self.assertEqual([(r["of"], r["what"]) for r in log(house, account="lea", act="changed")], [("segments/mine", "PUT")])
        printed = command(house, "audit")
        self.assertIn("account_made", printed)
        self.assertIn("each proved to stand in the log", printed)
        of_lea = command(house, "audit", "--account", "lea")
        self.assertIn("segments/mine PUT", of_lea)
        self.assertNotIn("account_made", of_lea)
        self.assertEqual(house.ask("GET", "/v1/audit/log?after=0&limit=1")[1]["last"], house.ask("GET", "/v1/audit/log?after=0")[1]["entries"][0]["leaf"])


class Second(unittest.TestCase):
    """More than a thousand people leave the house with the yes of somebody else only."""

    SQL = {"sql": "SELECT person FROM people", "purpose": "measure", "fresh": True}

    @classmethod
    def setUpClass(cls):
        cls.house = House(settings=["lake.every_s=1"]).start()
        for batch in range(11):
            cls.house.batch(*({"type": "track", "userId": f"u{n}", "event": "Order Completed", "messageId": f"o{n}", "properties": {"total": 1}, **YES} for n in range(batch * 100, batch * 100 + 100)))

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def test_one_asks_another_says_yes_and_it_is_good_once_and_of_exactly_this(self):
        asker, owner, privacy = (hire(self.house, name, role) for name, role in (("ann", "analyst"), ("olga", "owner"), ("dpo", "privacy")))
        status, body, _ = owner.ask("POST", "/v1/sql", self.SQL)
        self.assertEqual((status, body["code"], body["approval"]["people"], body["approval"]["state"]), (409, "second_person_needed", 1100, "waiting"))
        waits = body["approval"]["id"]
        self.assertEqual(owner.ask("POST", f"/v1/approvals/{waits}", {"yes": True})[0], 409, "not who asked")
        self.assertEqual(asker.ask("POST", f"/v1/approvals/{waits}", {"yes": True})[1]["code"], "role_needed")
        self.assertEqual(self.house.ask("POST", f"/v1/approvals/{waits}/link", {})[0], 409, "others could say yes: no link goes around them")
        self.assertIn(waits, command(self.house, "approval", "list"))
        self.assertEqual(privacy.ask("POST", f"/v1/approvals/{waits}", {"yes": True})[1]["state"], "given")
        self.assertEqual(owner.ask("POST", "/v1/sql", {**self.SQL, "sql": "SELECT person, 1 FROM people"})[0], 409, "of exactly what was asked")
        self.assertEqual(asker.ask("POST", "/v1/sql", self.SQL)[0], 409, "and by who asked")
        status, body, _ = owner.ask("POST", "/v1/sql", self.SQL)
        self.assertEqual((status, len(body["rows"])), (200, 1100))
        self.assertEqual(owner.ask("POST", "/v1/sql", self.SQL)[0], 409, "once")
        self.assertEqual(owner.ask("POST", "/v1/sql", {**self.SQL, "sql": "SELECT person FROM people LIMIT 10"})[0], 200, "few leave on one's own word")
        for act in ("approval_asked", "approved", "export"):
            self.assertTrue(log(self.house, act=act), act)


class Alone(unittest.TestCase):
    """A house of one person: the second one comes by a link that is good once."""

    def test_the_link_is_good_once_and_never_for_who_asked(self):
        house = House(settings=["lake.every_s=1"]).start()
        self.addCleanup(house.stop)
        for batch in range(11):
            house.batch(*({"type": "track", "userId": f"u{n}", "event": "Order Completed", "messageId": f"o{n}", "properties": {"total": 1}, **YES} for n in range(batch * 100, batch * 100 + 100)))
        body = house.ask("POST", "/v1/sql", Second.SQL)[1]
        self.assertIn("nobody else has an account here", body["detail"])
        path = re.search(r"(/approve/\w+)", command(house, "approval", "link", body["approval"]["id"])).group(1)
        page = house.ask("GET", path, headers={})
        self.assertEqual(page[0], 200)
        self.assertIn("1100", page[1])
        self.assertEqual(house.ask("POST", path, "by=Eve", {"Authorization": f"Bearer {house.token}", **ours(house)})[0], 403, "who asked does not approve")
        self.assertEqual(house.ask("POST", path, "by=Eve", {"Origin": "https://evil.example"})[0], 403)
        self.assertEqual(house.ask("POST", path, "by=Eve", ours(house))[0], 200)
        self.assertEqual(house.ask("GET", path, headers={})[0], 410)
        status, body, _ = house.ask("POST", "/v1/sql", Second.SQL)
        self.assertEqual((status, len(body["rows"])), (200, 1100))


class Keys(unittest.TestCase):
    def test_a_lost_master_key_refuses_makes_no_other_and_comes_back_from_its_export(self):
        house = House().start()
        self.addCleanup(lambda: house.process.poll() is None and house.stop())
        house.batch({"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "one", "properties": {"total": 1}, **YES})
        self.assertEqual(house.stop(), 0)
        words, kept = house.root / "words.txt", house.root / "kept.txt"
        words.write_text("a pass-phrase of some length\n")
        sets = [part for setting in house.settings() for part in ("--set", setting)]

        def keys(*more, code=0):
            done = subprocess.run([house.binary, "keys", *more, "--words", str(words), "--config", str(house.config), *sets], capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"})
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done.stdout + done.stderr

        self.assertIn("2 keys, sealed", keys("export", "--to", str(kept)))
        self.assertIn("is there already", keys("export", "--to", str(kept), code=3))
        master, signing = house.root / "keys/keys/master.key", house.root / "keys/receipts/signing.key"
        first, secret = master.read_bytes(), signing.read_bytes()
        self.assertNotIn(first[9:41], kept.read_bytes())
        for lost, told in ((master, "master.key is missing beside the keys"), (signing, "is not the key that signs the transparency log")):
            content = lost.read_bytes()
            lost.unlink()
            with self.assertRaises(RuntimeError) as refused:
                house.start()
            house.process.wait()
            self.assertIn(told, str(refused.exception))
            self.assertFalse(lost.exists(), "no new one in silence")
            self.assertIn("1 keys put back", keys("import", "--from", str(kept)))
            self.assertEqual(lost.read_bytes(), content)
        master.write_bytes(bytes(len(first)))
        self.assertIn("is another key: nothing was written", keys("import", "--from", str(kept), code=3))
        master.write_bytes(first)
        words.write_text("another pass-phrase\n")
        self.assertIn("does not open", keys("import", "--from", str(kept), code=2))
        house.start()
        self.assertIsNotNone(house.profile("user_id:ana"))
        self.assertEqual(signing.read_bytes(), secret)
        self.assertEqual(house.stop(), 0)


class Flood(unittest.TestCase):
    """Staff, exports and guesses at passwords are limited; what a person says against the use of their data is not."""

    def test_withdrawals_are_taken_while_everything_else_is_shed(self):
        house = House().start()
        self.addCleanup(house.stop)
        house.batch({"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "one", "properties": {"total": 1}, **YES})
        stop, shed = threading.Event(), collections.Counter()

        def flood(path, body):
            while not stop.is_set():
                shed[house.ask("POST", path, body, ours(house) if path == "/v1/session" else None)[0]] += 1

        threads = [threading.Thread(target=flood, args=one) for one in
                   [("/v1/session", {"name": "nobody", "password": "wrong wrong wrong"})] * 4 + [("/v1/segments/preview", "segment x purpose market where did \"Order Completed\" in 30d")] * 4]
        for thread in threads:
            thread.start()
        try:
            for n in range(40):
                status, body = house.post("/v1/consent", {"userId": "ana", "purpose": "measure", "state": "withdrawn" if n % 2 else "given", "messageId": f"w{n}"})
                self.assertEqual(status, 200, body)
                self.assertIn("receipt", json.loads(body))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertGreater(shed[429] + shed[503], 0, "the flood was one")


if __name__ == "__main__":
    unittest.main()
