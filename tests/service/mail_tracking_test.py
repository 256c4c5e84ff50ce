"""What a house may see of a mail that was read: nothing without a yes, nothing after a no, and never where a link would lead anybody else."""

import json
import re
import time
import unittest

import mail_test
from house import ROOT
from mail_test import RECEIPT, WELCOME_FR, read
from sink import action

READER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
PURPOSES = (ROOT / "house/disquaire/purposes.toml").read_text()
SEGMENTS = (ROOT / "house/disquaire/segments.seg").read_text() + '''
segment clickers
  purpose measure_email_click
  name en "Clickers" fr "Cliqueurs"
  sentence en "Followed a link of a mail." fr "A suivi un lien d'un e-mail."
  where
    count("Email Link Clicked" where action = "welcome", 30d) >= 1
'''
TWO = action("welcome", "relay", message="welcome") + action("receipt", "relay", message="receipt", purpose="operate")
WELCOME = WELCOME_FR.replace("<p><a", '<p><a href="https://disquaire.example/jazz?a=1&amp;b=2#top">Jazz</a> <a', 1)


class Tracking(mail_test.Mail):
    def house(self):
        house = self.open(actions=TWO, messages={"welcome.fr": WELCOME, "receipt.fr": RECEIPT})
        (house.definitions / "purposes.toml").write_text(PURPOSES)
        (house.definitions / "segments.seg").write_text(SEGMENTS)
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def reader(self, house, user, *purposes):
        for purpose in purposes:
            body = {"userId": user, "purpose": purpose, "state": "given", "notice": {"id": "n", "version": "1", "lang": "fr"}}
            self.assertEqual(house.post("/v1/consent", body)[0], 200)
        self.customer(house, user)

    def sent(self, house, user):
        """Both messages of that customer, by subject: the HTML, and the text."""
        end = time.monotonic() + 20
        while True:
            mine = [read(m) for m in house.relay.messages() if m["to"] == [f"{user}@example.org"]]
            if len(mine) == 2:
                return {m["Subject"].split()[0]: [m.get_body((kind,)).get_content().replace("\n", "") for kind in ("html", "plain")] for m in mine}
            self.assertLess(time.monotonic(), end, f"{user} got {len(mine)}")
            house.relay.wait(len(house.relay.messages()))

    def load(self, house, path, method="GET", headers=None):
        return self.public(house, method, path, READER if headers is None else headers)

    def count(self, house, what):
        return house.metric(f"hospes_activate_loads_{what}_total")

    def until(self, house, what, path):
        """Asks again until one more is counted so: a mail that was handed over this instant is read by programs alone."""
        before, end = self.count(house, what), time.monotonic() + 20
        answer = self.load(house, path)
        while self.count(house, what) == before:
            self.assertLess(time.monotonic(), end)
            answer = self.load(house, path)
        return answer

    def events(self, house, user):
        told = house.ask("GET", f"/v1/profiles/user_id:{user}?limit=100")[1]
        return [e for e in told["timeline"] if e["event"].startswith("Email ")]

    def members(self, house):
        return house.ask("GET", "/v1/segments/clickers/members?limit=10")[1]["members"]

    def test_only_who_said_yes_is_measured_and_a_no_ends_it_in_what_was_sent(self):
        house = self.house()
        self.reader(house, "zoe", "measure_email_open", "measure_email_click")
        self.reader(house, "ann", "measure_email_open")
        self.reader(house, "bob")
        ours = "https://hospes.disquaire.example"
        bob = self.sent(house, "bob")["Bienvenue"][0]
        self.assertIn('href="https://disquaire.example/jazz?a=1&amp;b=2#top"', bob)
        self.assertNotRegex(bob, ours + "/[oc]/")
        ann = self.sent(house, "ann")["Bienvenue"][0]
        self.assertRegex(ann, rf'<img src="{ours}/o/[\w-]+\.gif" width="1" height="1" alt="">')
        self.assertNotIn(ours + "/c/", ann)
        told = self.sent(house, "zoe")
        html, text = told["Bienvenue"]
        links = [link.removeprefix(ours) for link in re.findall(rf'<a href="({ours}/c/[\w-]+)"', html)]
        (picture,) = re.findall(rf"{ours}(/o/[\w-]+\.gif)", html)
        self.assertEqual(len(links), 2)
        self.assertNotIn("https://disquaire.example", html)
        self.assertIn("https://disquaire.example/nouveautes", text)
        for mine in told["Votre"]:  # a service message
            self.assertNotRegex(mine, "/[oc]/")
        for path in (*links, picture):
            self.assertNotIn("zoe", path)

        # Programs are answered alike, and nothing is theirs.
        for method, headers in (("HEAD", READER), ("GET", {"User-Agent": "GoogleImageProxy"}), ("GET", {**READER, "Sec-Purpose": "prefetch"})):
            status, headers, _ = self.load(house, links[0], method, headers)
            self.assertEqual((status, headers["Location"]), (302, "https://disquaire.example/jazz?a=1&b=2#top"))
        self.assertEqual((self.count(house, "machine"), self.count(house, "recorded")), (3, 0))

        status, headers, _ = self.until(house, "recorded", links[0])
        self.assertEqual((status, headers["Location"]), (302, "https://disquaire.example/jazz?a=1&b=2#top"))
        self.assertEqual((headers.get("Set-Cookie"), headers["Cache-Control"], headers["Referrer-Policy"]), (None, "no-store", "no-referrer"))
        self.until(house, "recorded", picture)
        self.assertEqual(self.load(house, picture)[1]["Content-Type"], "image/gif")
        self.until(house, "recorded", links[0])  # the same once more
        house.settle()
        end = time.monotonic() + 10
        while len(self.events(house, "zoe")) < 2 and time.monotonic() < end:
            house.settle()
        self.assertEqual(sorted(e["event"] for e in self.events(house, "zoe")), ["Email Link Clicked", "Email Opened"])
        self.assertEqual([m["person"] for m in self.members(house)], ["user_id:zoe"])

        # Nobody is led elsewhere, and no token opens another's door.
        way_out = re.search(rf"{ours}(/u/[\w-]+)", html).group(1)
        for bad in (links[0][:-4] + "AAAA", "/c/" + picture[3:-4], "/c/" + way_out[3:], "/c/", "/c/https://evil.example", "/o/x.gif", picture[:-4] + "A.gif"):
            status, headers, _ = self.load(house, bad)
            self.assertEqual((status, headers.get("Location")), (404, None), bad)
        self.assertEqual(self.load(house, links[0], "POST")[0], 405)

        # A no by the page that every message leads to ends it, in the messages that lie there too.
        page = self.public(house, "GET", way_out, {"Accept-Language": "fr"})[2]
        self.assertIn("M’écrire sans rien mesurer", page)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "fr"}
        self.assertEqual(self.public(house, "POST", way_out, form, "stop=measure")[0], 200)
        self.assertEqual(self.contact(house, "zoe"), [])  # she is still written to
        recorded = self.count(house, "recorded")
        status, headers, _ = self.until(house, "withheld", links[1])
        self.assertEqual((status, headers["Location"]), (302, "https://disquaire.example/nouveautes"))
        self.until(house, "withheld", picture)
        self.assertEqual(self.count(house, "recorded"), recorded)
        self.assertEqual(self.members(house), [])

        # Who is erased is not known any more, and their link leads where it did.
        for who in ("email:ann@example.org", "user_id:ann"):
            status, told, _ = house.ask("POST", f"/v1/persons/{who}/forget", {"commit": True})
            self.assertEqual(status, 200, told)
        ann_picture = re.search(rf"{ours}(/o/[\w-]+\.gif)", ann).group(1)
        self.until(house, "withheld", ann_picture)
        self.assertEqual(house.stop(), 0)

    def test_a_house_that_lists_no_such_purpose_measures_nothing(self):
        house = self.open(actions=TWO, messages={"welcome.fr": WELCOME, "receipt.fr": RECEIPT})
        kept = re.sub(r'\[\[purpose\]\]\nname = "measure_[^[]*', "", PURPOSES)
        self.assertNotIn("measure_", kept)
        (house.definitions / "purposes.toml").write_text(kept)
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        self.customer(house, "zoe")
        html = self.sent(house, "zoe")["Bienvenue"][0]
        self.assertNotRegex(html, "/[oc]/")
        way_out = re.search(r"https://hospes.disquaire.example(/u/[\w-]+)", html).group(1)
        self.assertNotIn("measure", self.public(house, "GET", way_out)[2])
        self.assertEqual(house.stop(), 0)


# Of the class it borrows its house from, nothing is run again.
for name in dir(mail_test.Mail):
    if name.startswith("test_"):
        setattr(Tracking, name, None)


if __name__ == "__main__":
    unittest.main()
