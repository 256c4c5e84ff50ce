"""The guest book over plain HTTP: links, sessions, forms, what is shown to whom, and what is left after an erasure."""

import hashlib
import html
import http.client
import io
import json
import pathlib
import re
import sys
import unittest
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))

from house import House, source  # noqa: E402

PAGE = """origins = ["https://shop.example"]
[source.trusted]
tool = "banner"
notice = "cookies"
version = "1"
lang = "fr"
"""
OURS = {"Sec-Fetch-Site": "same-origin"}
LINK = {"consent": {"categoryPreferences": {"link": True, "personalise": True}}}


class Guest:
    """A browser without a screen."""

    def __init__(self, house):
        self.house = house
        self.cookie = None
        self.word = None

    def ask(self, method, path, form=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.house.public, timeout=20)
        sent = {"Accept-Language": "en", **(OURS if method == "POST" else {}), **(headers or {})}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, sent)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if set_cookie := answer.getheader("Set-Cookie"):
            self.cookie = set_cookie.split(";")[0]
        return answer.status, body, answer

    def page(self, path):
        status, body, _ = self.ask("GET", "/guest/en" + path)
        text = body.decode()
        if found := re.search(r'name="word" value="(\w+)"', text):
            self.word = found.group(1)
        return status, html.unescape(text)

    def come_in(self, link):
        where = link.replace("/guest/", "/guest/en/")
        status, _, answer = self.ask("POST", where, {})
        assert status == 303, status
        self.page("")
        return answer

    def act(self, path, form, headers=None):
        return self.ask("POST", "/guest/en" + path, {"word": self.word, **form}, headers)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(sources=source("pages", "pk_pages", "public", PAGE)).start()
        items = [
            {"type": "consent", "userId": "ana", "purpose": "link", "state": "given", "messageId": "l1"},
            {"type": "consent", "userId": "eve", "purpose": "link", "state": "given", "messageId": "l2"},
            {"type": "identify", "userId": "ana", "messageId": "i1", "traits": {"email": "ana@example.org", "firstName": "Ana", "city": "<b>Lyon</b>"}, "context": LINK},
            {"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "o1", "properties": {"order_id": "N1", "total": 12.5}},
            {"type": "track", "userId": "bob", "event": "Order Completed", "messageId": "o2", "properties": {"order_id": "N2", "total": 7}},
        ]
        status, text = cls.house.post("/v1/batch", {"batch": items})
        assert status == 200, text
        # A stranger's browser says that it is Ana, and does something of its own.
        forged = [
            {"type": "identify", "userId": "ana", "anonymousId": "stranger", "messageId": "f1", "context": LINK},
            {"type": "track", "anonymousId": "stranger", "event": "Secret Seen", "messageId": "f2", "properties": {"what": "of-the-stranger"}, "context": LINK},
        ]
        assert cls.house.post("/v1/batch", {"batch": forged}, key="pk_pages")[0] == 200
        cls.house.settle()

    @classmethod
    def tearDownClass(cls):
        cls.house.stop()
        cls.house.folder.cleanup()

    def link(self, who="user_id:ana", **body):
        status, answer, _ = self.house.ask("POST", f"/v1/persons/{who}/guest_link", {"reason": "a test", **body})
        self.assertEqual(status, 200, answer)
        return answer["path"]

    def guest(self, who="user_id:ana"):
        guest = Guest(self.house)
        guest.come_in(self.link(who))
        return guest

    def test_a_program_that_opens_every_link_changes_nothing(self):
        link = self.link()
        robot = Guest(self.house)
        for _ in range(3):
            for method in ("GET", "HEAD"):
                robot.ask(method, link)
                robot.ask(method, link.replace("/guest/", "/guest/fr/"))
        self.assertIsNone(robot.cookie)
        guest = Guest(self.house)
        guest.come_in(link)
        self.assertIn("ana@example.org", guest.page("/known")[1])
        used = Guest(self.house).ask("POST", link.replace("/guest/", "/guest/en/"), {})
        self.assertEqual(used[0], 410)
        self.assertEqual(Guest(self.house).ask("GET", link.replace("/guest/", "/guest/en/"))[0], 410)

    def test_a_newer_link_voids_the_older_and_a_guess_is_told_the_same(self):
        old, new = self.link(), self.link()
        told = [Guest(self.house).ask("POST", f"/guest/en/enter/{code}", {})[:2] for code in (old.split("/")[-1], "0" * 32, "x", "")]
        self.assertEqual({status for status, _ in told}, {410})
        self.assertEqual(len({body for _, body in told}), 1)
        Guest(self.house).come_in(new)

    def test_only_staff_make_links_for_who_can_come_in_and_say_why(self):
        ask = self.house.ask
        self.assertEqual(ask("POST", "/v1/persons/user_id:ana/guest_link", {"reason": "x"}, headers={})[0], 401)
        self.assertEqual(ask("POST", "/v1/persons/user_id:ana/guest_link", {})[0], 422)
        self.assertEqual(ask("POST", "/v1/persons/user_id:ana/guest_link", {"reason": "  "})[0], 422)
        self.assertEqual(ask("POST", "/v1/persons/anonymous_id:stranger/guest_link", {"reason": "x"})[0], 422)
        self.assertEqual(ask("POST", "/v1/persons/user_id:nobody-yet/guest_link", {"reason": "x"})[0], 404)

    def test_the_cookie_and_the_headers(self):
        guest = Guest(self.house)
        answer = guest.come_in(self.link())
        cookie = answer.getheader("Set-Cookie")
        for word in ("HttpOnly", "SameSite=Lax", "Path=/"):
            self.assertIn(word, cookie)
        for path in ("/guest/en", "/guest/en/known", "/guest/en/none"):
            _, _, answer = guest.ask("GET", path)
            self.assertIn("default-src 'none'", answer.getheader("Content-Security-Policy"))
            self.assertNotIn("script-src", answer.getheader("Content-Security-Policy"))
            self.assertEqual(answer.getheader("Cache-Control"), "no-store")
            self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")
            self.assertIsNone(answer.getheader("Access-Control-Allow-Origin"))

    def test_a_form_counts_only_from_these_pages_in_this_visit(self):
        guest = self.guest()
        say = {"purpose": "measure", "say": "yes"}
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": ""}):
            self.assertEqual(guest.act("/allow", say, headers)[0], 403, headers)
        self.assertEqual(guest.ask("POST", "/guest/en/allow", say)[0], 403, "without the word")
        self.assertEqual(guest.ask("POST", "/guest/en/allow", {**say, "word": "0" * 32})[0], 403)
        other = self.guest("user_id:bob")
        self.assertEqual(guest.ask("POST", "/guest/en/allow", {**say, "word": other.word})[0], 403, "another visit's word")
        self.assertEqual(Guest(self.house).ask("POST", "/guest/en/allow", say)[0], 401)
        self.assertEqual(guest.ask("GET", "/guest/en/allow?purpose=measure&say=yes")[0], 200)
        told = {p["purpose"]: p["state"] for p in self.house.profile("user_id:ana")["permissions"]}
        self.assertEqual(told["measure"], "unset")
        # Without the browser's word, its Origin.
        self.assertEqual(guest.act("/allow", say, {"Sec-Fetch-Site": "", "Origin": "http://127.0.0.1:%d" % self.house.public})[0], 303)
        for bad in ({"purpose": "operate", "say": "no"}, {"purpose": "none", "say": "yes"}, {"purpose": "measure", "say": "maybe"}, {}):
            self.assertEqual(guest.act("/allow", bad)[0], 400, bad)

    def test_what_only_anybody_said_stays_masked(self):
        guest = self.guest()
        for path in ("", "/known", "/devices"):
            _, text = guest.page(path)
            self.assertNotIn("of-the-stranger", text)
            self.assertNotIn("Secret Seen", text)
            self.assertNotIn(">stranger<", text)
        self.assertIn("to confirm", guest.page("/devices")[1])
        _, body, _ = guest.act("/take", {})
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            for name in files.namelist():
                self.assertNotIn(b"of-the-stranger", files.read(name), name)

    def test_text_from_outside_is_text(self):
        _, body, _ = self.guest().ask("GET", "/guest/en/known")
        self.assertIn(b"&lt;b&gt;Lyon&lt;/b&gt;", body)
        self.assertNotIn(b"<b>Lyon", body)

    def test_a_yes_lies_on_all_that_is_firmly_joined_and_a_no_carries_by_the_meet(self):
        guest = self.guest("user_id:bob")
        self.house.post("/v1/identify", {"userId": "bob", "messageId": "i3", "traits": {"email": "bob@example.org"}, "context": LINK})
        self.house.post("/v1/consent", {"email": "bob@example.org", "purpose": "contact:email", "state": "refused", "messageId": "c1"})
        self.house.settle()
        state = lambda: {p["purpose"]: p for p in self.house.profile("user_id:bob")["permissions"]}["contact:email"]
        self.assertEqual(state()["state"], "refused")
        self.assertEqual(guest.act("/allow", {"purpose": "contact:email", "say": "yes"})[0], 303)
        self.assertEqual(state()["state"], "given")
        through = {row["through"] for row in state()["answers"] if row["source"] == "guest_book"}
        self.assertEqual(through, {"user_id:bob", "email:bob@example.org"})
        self.assertEqual(guest.act("/allow", {"purpose": "contact:email", "say": "no"})[0], 303)
        self.assertEqual(state()["state"], "withdrawn")
        self.assertEqual([row["through"] for row in state()["answers"] if row["state"] == "withdrawn"], ["user_id:bob"])

    def test_nobody_gets_the_receipt_of_another(self):
        ana, bob = self.guest(), self.guest("user_id:bob")
        _, _, answer = ana.act("/allow", {"purpose": "train", "say": "yes"})
        leaf = re.search(r"done=(\d+)", answer.getheader("Location")).group(1)
        self.assertEqual(ana.ask("GET", f"/guest/en/receipts/{leaf}")[0], 200)
        self.assertEqual(bob.ask("GET", f"/guest/en/receipts/{leaf}")[0], 404)
        self.assertEqual(ana.ask("GET", "/guest/en/receipts/0")[0], 404, "a key's leaf is nobody's")
        self.assertEqual(Guest(self.house).ask("GET", f"/guest/en/receipts/{leaf}")[0], 401)
        self.assertNotIn("Done.", bob.page(f"?done={leaf}")[1])
        self.assertIn("Done.", ana.page(f"?done={leaf}")[1])

    def test_everything_kept_is_in_the_zip_as_the_manifest_says(self):
        guest = self.guest()
        status, body, answer = guest.act("/take", {})
        self.assertEqual((status, answer.getheader("Content-Type")), (200, "application/zip"))
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            self.assertIsNone(files.testzip())
            manifest = json.loads(files.read("manifest.json"))
            self.assertEqual({f["name"] for f in manifest["files"]} | {"manifest.json"}, set(files.namelist()))
            for one in manifest["files"]:
                self.assertEqual(one["sha256"], hashlib.sha256(files.read(one["name"])).hexdigest())
            events = [json.loads(line) for line in files.read("events.ndjson").splitlines()]
            self.assertIn({"order_id": "N1", "total": "12.5"}, [e["properties"] for e in events])
            profile = json.loads(files.read("profile.json"))
            self.assertEqual({i["value"] for i in profile["identifiers"]}, {"ana", "ana@example.org"})
            self.assertEqual([u["kind"] for u in profile["joined_without_proof"]], ["anonymous_id"])
            # Consent records of TS 27560: read back, they say what the house says.
            said = {p["purpose"]: (p["state"], p["since"]) for p in json.loads(files.read("permissions.json")) if p["state"] != "unset"}
            document = json.loads(files.read("consents.jsonld"))
            states = {"dpv:ConsentGiven": "given", "dpv:ConsentRefused": "refused", "dpv:ConsentWithdrawn": "withdrawn", "dpv:LegitimateInterestObjected": "objected"}
            read = {}
            for record in document["@graph"]:
                self.assertRegex(record["@id"], r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
                self.assertEqual(record["@type"], "dpv:ConsentRecord")
                process, status = record["dpv:hasProcess"], record["dpv:hasConsentStatus"]
                for name in ("dpv:hasPersonalData", "dpv:hasStorageCondition", "dpv:hasDataController", "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasRight"):
                    self.assertTrue(process[name], name)
                read[process["dpv:hasPurpose"]["dct:identifier"]] = (states[status["@type"]], status["dpv:isIndicatedAtTime"]["@value"])
            self.assertEqual(read, said)
            self.assertIn("link", read)
        self.assertIn("You took everything away", guest.page("/receipts")[1])

    def test_a_part_stays_parted(self):
        self.house.post("/v1/batch", {"batch": [{"type": "identify", "userId": "eve", "anonymousId": "tablet", "messageId": "e1", "context": LINK}]}, key="pk_pages")
        self.house.post("/v1/batch", {"batch": [{"type": "track", "userId": "eve", "event": "Order Completed", "messageId": "e2", "properties": {"order_id": "E", "total": 1}}]})
        self.house.settle()
        guest = self.guest("user_id:eve")
        _, text = guest.page("/devices")
        atom = re.search(r'name="atom" value="(\w+)"', text).group(1)
        self.assertEqual(guest.act("/devices", {"atom": atom})[0], 303)
        self.assertNotIn("to confirm", guest.page("/devices")[1])
        self.assertEqual(guest.act("/devices", {"atom": atom})[0], 303, "twice is once")
        for other in ("0" * 32, "f" * 32):
            self.assertEqual(guest.act("/devices", {"atom": other})[0], 404)
        self.assertEqual(guest.act("/devices", {"atom": "x"})[0], 400)

    def test_after_an_erasure_nothing_is_left_to_read(self):
        items = [
            {"type": "identify", "userId": "zoe", "messageId": "z1", "traits": {"email": "zoe@example.org", "note": "canary-9f2c"}, "context": LINK},
            {"type": "track", "userId": "zoe", "event": "Order Completed", "messageId": "z2", "properties": {"order_id": "Z", "total": 3}},
        ]
        self.assertEqual(self.house.post("/v1/batch", {"batch": items})[0], 200)
        self.house.settle()
        guest, second = self.guest("user_id:zoe"), self.guest("user_id:zoe")
        guest.act("/allow", {"purpose": "measure", "say": "yes"})
        self.house.profile("user_id:zoe")
        status, body, _ = guest.act("/erase", {"say": "erase"})
        self.assertEqual(status, 200)
        self.assertEqual(len(re.findall(r'href="data:application/json', body.decode())), 2, "one receipt for each identifier")
        self.assertEqual(guest.ask("GET", "/guest/en/known")[0], 401)
        self.assertEqual(second.ask("GET", "/guest/en/known")[0], 401, "every visit ends")
        self.assertIsNone(self.house.profile("user_id:zoe"))
        self.assertIsNone(self.house.profile("email:zoe@example.org"))
        status, found, _ = self.house.ask("POST", "/v1/find", {"email": "zoe@example.org"})
        self.assertEqual((status, found["people"]), (200, []))


class Recipients(unittest.TestCase):
    def test_whom_a_purpose_tells_is_said_beside_its_switch_before_anybody_says_yes(self):
        from sink import action, destination
        house = House(settings=['act.allow=["127.0.0.0/8"]'], files={
            "actions.toml": destination("crm", "http://127.0.0.1:9/") + action("tell_crm", "crm", segment="active", purpose="personalise")})
        self.addCleanup(house.folder.cleanup)
        house.start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        house.post("/v1/batch", {"batch": [{"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "o", "properties": {"order_id": "1"}}]})
        house.settle()
        guest = Guest(house)
        guest.come_in(house.ask("POST", "/v1/persons/user_id:ana/guest_link", {"reason": "a test"})[1]["path"])
        text = guest.page("/allow")[1]
        rows = {row.split("</h3>")[0].split(">")[-1]: row for row in text.split("<li class=\"switch\">")[1:]}
        told = [name for name, row in rows.items() if "is told to “crm”, which we cannot make forget" in row]
        self.assertEqual(len(told), 1, told)
        self.assertIn('name="purpose" value="personalise"', rows[told[0]])
        self.assertIn("est transmis à « crm »", html.unescape(guest.ask("GET", "/guest/fr/allow")[1].decode()).replace("\u00a0", " "))


if __name__ == "__main__":
    unittest.main()
