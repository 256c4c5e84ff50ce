"""Campaigns of the real binary: tested, approved by somebody else, each person once over pages and a kill -9, a control group, and
what it brought as an independent count says."""

import datetime
import http.client
import json
import math
import pathlib
import re
import subprocess
import time
import unittest
import urllib.parse
import zoneinfo

from house import House
from mail_test import QUIET, Mail, read
from sink import Sink, action, destination

LOOPBACK = 'act.allow=["127.0.0.0/8"]'
PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def soon(seconds):
    at = datetime.datetime.now(PARIS) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%d %H:%M:%S")


def sent(name, to, **more):
    """An action that a journey asks for."""
    return action(name, to, when="journey", segment="", **more).replace('segment = ""\n', "")


def campaign(name, at, action, segment="active", **more):
    said = {"name": name, "segment": segment, "action": action, "at": at, **more}
    return "[[campaign]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in said.items())


class Browser:
    """Of whoever holds the link."""

    def __init__(self, house, cookie=None):
        self.house, self.cookie = house, cookie

    def ask(self, method, path, form=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.house.console, timeout=20)
        sent = {"Accept-Language": "en", **({"Cookie": self.cookie} if self.cookie else {}), **headers}
        if form is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", **({} if headers else {"Sec-Fetch-Site": "same-origin"})}
        connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, sent)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.split(";")[0]
        return answer.status, body


class Campaigns(unittest.TestCase):
    def open(self, campaigns, actions, settings=()):
        house = House(settings=[LOOPBACK, *settings], files={"actions.toml": actions, "campaigns.toml": campaigns}).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def buy(self, house, people, number):
        for i in range(0, len(people), 500):
            house.batch(*({"type": "track", "userId": p, "event": "Order Completed", "messageId": f"o{number}-{p}",
                           "properties": {"order_id": f"{number}-{p}", "total": 5}} for p in people[i:i + 500]))
        house.settle()

    def one(self, house, name):
        return json.loads(house.get(f"/v1/campaigns/{name}")[1])

    def until(self, house, name, holds, timeout=60):
        end = time.monotonic() + timeout
        while True:
            told = self.one(house, name)
            if holds(told):
                return told
            self.assertLess(time.monotonic(), end, told)
            time.sleep(0.05)

    def approve(self, house, name):
        status, answer, _ = house.ask("POST", f"/v1/campaigns/{name}/ask", {})
        self.assertEqual(status, 200, answer)
        status, page = Browser(house).ask("POST", answer["path"], {"by": "Paul"})
        self.assertEqual(status, 200, page)

    def test_each_person_once_over_pages_and_a_kill_and_what_it_brought(self):
        sink = Sink()
        self.addCleanup(sink.close)
        actions = destination("crm", sink.url, connections=4) + sent("mail", "crm")
        date = soon(16)
        # One partition: nine hundred people are five pages.
        house = self.open(campaign("sale", date, "mail", control="30%", within="1h"), actions, ["store.partitions=1"])
        people = [f"p{i}" for i in range(900)]
        self.buy(house, people, 1)
        self.assertEqual(self.one(house, "sale")["state"], "draft")
        self.approve(house, "sale")
        self.assertEqual(self.one(house, "sale")["state"], "approved")
        told = self.until(house, "sale", lambda c: c["result"]["targeted"] > 0)
        house.kill()  # in the middle of the pages, or of the sending
        house.start()
        self.assertEqual(house.get("/v1/campaigns")[0], 200)
        told = self.until(house, "sale", lambda c: c["result"]["targeted"] == 900 and c["result"]["waiting"] == 0)
        result = told["result"]
        self.assertEqual(told["state"], "running")
        self.assertEqual(result["written_to"]["people"] + result["control"]["people"], 900)
        self.assertGreater(result["control"]["people"], 200)  # 30 % of 900, five deviations: 270 ± 69
        self.assertLess(result["control"]["people"], 340)
        keys = sink.keys()
        self.assertEqual(len(keys), len(set(keys)), "told twice")
        reached = {s["data"]["person"].split(":")[1] for s in sink.said()}
        self.assertEqual(result["delivered"] + result["uncertain"], result["written_to"]["people"])
        self.assertLessEqual(result["delivered"], len(reached))
        self.assertLessEqual(len(reached), result["written_to"]["people"])

        # Who is in which group, one by one; and then some of both buy.
        groups = {"write": set(), "control": set()}
        for p in people:
            (led,) = json.loads(house.get(f"/v1/journeys/of/user_id:{p}?journey=campaign_sale")[1])["journeys"]
            groups["control" if led["step"] == "control" else "write"].add(p)
        self.assertEqual({k: len(v) for k, v in groups.items()},
                         {"write": result["written_to"]["people"], "control": result["control"]["people"]})
        self.assertLessEqual(reached, groups["write"])
        buyers = sorted(groups["write"])[:200] + sorted(groups["control"])[:30]
        self.buy(house, buyers, 2)
        told = self.until(house, "sale", lambda c: c["result"]["written_to"]["bought"] == 200)
        result = told["result"]
        self.assertEqual(result["control"]["bought"], 30)
        low, high = newcombe(200, len(groups["write"]), 30, len(groups["control"]))
        self.assertAlmostEqual(result["effect"]["low"], low, places=4)
        self.assertAlmostEqual(result["effect"]["high"], high, places=4)
        self.assertFalse(result["final"])
        why = json.loads(house.get(f"/v1/effects/user_id:{sorted(groups['control'])[0]}")[1])["effects"]
        self.assertEqual(why, [], "nothing was decided for the control group")

        # Everybody of it is seen as under pressure of nothing: a webhook to the house's own CRM reaches nobody.
        pressure = json.loads(house.get("/v1/campaigns")[1])["pressure"]["people"]
        self.assertEqual(pressure, [900, 0, 0, 0, 0, 0])
        said = subprocess.run(
            [house.binary, "campaign", "show", "sale", "--console", f"127.0.0.1:{house.console}", "--token-file", f"{house.root}/data/console/token"],
            capture_output=True, text=True, env={"LANG": "C"}, timeout=30,
        )
        self.assertRegex(said.stdout, r"targeted +900\n", said.stderr)
        self.assertRegex(said.stdout, r"control, left alone +\d+   30 bought")

        # Stopped: nobody is watched any more, and it stays so.
        status, answer, _ = house.ask("POST", "/v1/campaigns/sale/stop", {})
        self.assertEqual((status, answer["state"]), (200, "stopped"))
        ends = {p: json.loads(house.get(f"/v1/journeys/of/user_id:{p}")[1])["journeys"][0]["end"] for p in people[:50] + buyers[:20]}
        self.assertEqual({p: e for p, e in ends.items() if e != ("goal" if p in buyers else "stopped")}, {})
        self.assertEqual(house.stop(), 0)
        house.start()
        self.assertEqual(self.one(house, "sale")["state"], "stopped")
        self.assertEqual(house.stop(), 0)

    def test_from_targeted_to_delivered_each_person_is_somewhere(self):
        def answer(call):
            return (400 if b"user_id:odd" in call["body"] else 204), {}

        sink = Sink(answer)
        self.addCleanup(sink.close)
        actions = destination("sms", sink.url, channel="sms") + sent("text", "sms")
        house = self.open(campaign("sale", soon(14), "text", control="0%", within="1h"), actions)
        yes, odd, unasked, no = ([f"{name}{n}" for n in range(count)] for name, count in (("yes", 6), ("odd", 2), ("mute", 4), ("no", 3)))
        house.batch(*({"type": "consent", "userId": p, "purpose": "contact:sms", "state": "refused" if p in no else "given", "messageId": f"c-{p}"}
                      for p in yes + odd + no))
        self.buy(house, yes + odd + unasked + no, 1)
        self.approve(house, "sale")
        told = self.until(house, "sale", lambda c: c["result"]["targeted"] == 15 and c["result"]["waiting"] == 0)["result"]
        self.assertEqual({r["reason"]["code"]: r["people"] for r in told["refused"]}, {"unset": 4, "refused": 3})
        self.assertEqual((told["permitted"], told["delivered"], told["failed"], told["uncertain"], told["kept_out"]), (8, 6, 2, 0, []))
        self.assertEqual({s["data"]["person"] for s in sink.said()}, {f"user_id:{p}" for p in yes + odd})
        self.assertEqual(house.stop(), 0)

    def test_stopped_before_it_left_nothing_leaves(self):
        sink = Sink()
        self.addCleanup(sink.close)
        actions = destination("sms", sink.url, channel="sms") + sent("text", "sms", quiet=QUIET) + action("other", "sms")
        house = self.open(campaign("sale", soon(12), "text", control="0%", within="1h"), actions)
        people = [f"p{n}" for n in range(10)]
        house.batch(*({"type": "consent", "userId": p, "purpose": "contact:sms", "state": "given", "messageId": f"c-{p}"} for p in people))
        self.buy(house, people, 1)
        sink.wait(len(people))  # those of the other action
        self.approve(house, "sale")
        held = lambda p: [e for e in json.loads(house.get(f"/v1/effects/user_id:{p}?action=text")[1])["effects"]]  # noqa: E731
        self.until(house, "sale", lambda c: c["result"]["waiting"] == 10 and all(e["state"] == "planned" for p in people for e in held(p)))
        self.assertEqual({e["reason"]["code"] for p in people for e in held(p)}, {"quiet_hours"})
        self.assertEqual(house.ask("POST", "/v1/campaigns/sale/stop", {})[0], 200)
        house.settle()
        ends = {(e["state"], e["reason"]["code"]) for p in people for e in held(p)}
        self.assertEqual(ends, {("refused", "left")})
        self.assertEqual(len(sink.calls), len(people))
        self.assertEqual(house.stop(), 0)

    def test_who_may_approve_and_what_is_approved(self):
        sink = Sink()
        self.addCleanup(sink.close)
        actions = destination("crm", sink.url) + sent("mail", "crm") + action("auto", "crm")
        house = self.open(campaign("sale", "2099-01-01 10:00", "mail") + campaign("old", "2020-01-01 10:00", "mail")
                          + campaign("odd", "2099-01-01 10:00", "auto") + campaign("who", "2099-01-01 10:00", "mail", segment="actve"), actions)
        listed = {c["name"]: c for c in json.loads(house.get("/v1/campaigns")[1])["campaigns"]}
        self.assertEqual({n: c["state"] for n, c in listed.items()}, {"sale": "draft", "old": "missed", "odd": "draft", "who": "draft"})
        self.assertIn('with when = "journey"', listed["odd"]["trouble"])
        self.assertIn('the nearest known is "active"', listed["who"]["trouble"])
        self.assertEqual(house.ask("POST", "/v1/campaigns/who/ask", {})[0], 400)
        self.assertEqual(house.ask("POST", "/v1/campaigns/old/ask", {})[0], 409)
        self.assertEqual(house.ask("POST", "/v1/campaigns/none/ask", {})[0], 404)

        # The session that asks cannot approve; whoever holds the link can, once.
        owner = Browser(house)
        status, link, _ = house.ask("POST", "/v1/owner_link", {})
        owner.ask("GET", link["path"])
        page = json.loads(owner.ask("GET", "/v1/session")[1])["page"]
        status, body = owner.ask("POST", "/v1/campaigns/sale/ask", {}, **{"X-Hospes-Page": page, "Sec-Fetch-Site": "same-origin"})
        self.assertEqual(status, 200, body)
        path = json.loads(body)["path"]
        other = Browser(house)
        for _ in range(3):  # a program that opens every link changes nothing
            status, text = other.ask("GET", path)
            self.assertEqual(status, 200)
            self.assertIn("Nothing leaves without your yes", text)
        self.assertIn("Rien ne part sans votre oui", other.ask("GET", path, **{"Accept-Language": "fr-FR"})[1])
        status, text = owner.ask("POST", path, {"by": "Me again"})
        self.assertEqual(status, 403)
        self.assertIn("Whoever asked cannot approve", text)
        self.assertEqual(other.ask("POST", path, {"by": "Eve"}, **{"Sec-Fetch-Site": "cross-site"})[0], 403)
        self.assertEqual(other.ask("POST", path, {"by": ""})[0], 400)
        self.assertEqual(self.one(house, "sale")["state"], "draft")
        self.assertEqual(other.ask("POST", path, {"by": 'Paul "P" <b>'})[0], 200)
        self.assertEqual(other.ask("POST", path, {"by": "Paul"})[0], 410)
        told = self.one(house, "sale")
        self.assertEqual((told["state"], told["approved"]["by"]), ("approved", 'Paul "P" <b>'))
        self.assertIn("journey campaign_sale", told["journey"])
        self.assertEqual(json.loads(house.get("/v1/journeys/campaign_sale")[1])["id"], "campaign_sale")

        # Whatever is changed afterwards is not what was approved.
        file = pathlib.Path(house.definitions) / "campaigns.toml"
        self.assertEqual(house.stop(), 0)
        file.write_text(file.read_text().replace('name = "sale"\n', 'name = "sale"\ncontrol = "5%"\n'))
        house.start()
        self.assertEqual(self.one(house, "sale")["state"], "draft")
        self.assertEqual(house.get("/v1/journeys/campaign_sale")[0], 404)

        # One more by the API; its name, and a journey's that would be one.
        made = {"name": "spring", "segment": "active", "action": "mail", "at": "2099-03-01 09:00", "title_en": "Spring"}
        self.assertEqual(house.ask("POST", "/v1/campaigns", made)[0], 201)
        self.assertEqual(house.ask("POST", "/v1/campaigns", made)[0], 409)
        self.assertEqual(house.ask("POST", "/v1/campaigns", {**made, "name": "other", "segment": "nobody"})[0], 400)
        self.assertEqual([c["name"] for c in json.loads(house.get("/v1/campaigns")[1])["campaigns"]], ["sale", "old", "odd", "who", "spring"])
        self.assertEqual(house.stop(), 0)
        (pathlib.Path(house.definitions) / "journeys.jny").write_text("journey campaign_x purpose market\n enter segment active\n step s exit\n")
        with self.assertRaisesRegex(RuntimeError, "are of campaigns.toml"):
            house.start()


class ByMail(unittest.TestCase):
    """With the house and the relay of the tests of mail."""

    open, customer, order = Mail.open, Mail.customer, Mail.order

    def test_tested_first_and_its_links_name_it(self):
        body = ("---\nsubject: Sale\nkind: marketing\n---\n<p><a href=\"https://shop.example/new?a=1#top\">New</a> "
                "<a href=\"{{ unsubscribe_url }}\">Stop</a></p>\n")
        text = sent("sale", "relay", message="sale")
        house = self.open(actions=text, messages={"sale.fr": body, "sale.en": body}, public_url="")
        with self.assertRaisesRegex(RuntimeError, "needs public_url, or the house .public. url"):
            house.start()
        house.more_settings.append("public.url=https://hospes.disquaire.example/")
        folder = pathlib.Path(house.definitions)
        date = soon(14)
        (folder / "campaigns.toml").write_text(campaign("winter", date, "sale", control="0%", test=["amelie@shop.example"]))
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        self.customer(house, "ann", "ann@shop.example")
        house.settle()
        status, answer, _ = house.ask("POST", "/v1/campaigns/winter/ask", {})
        self.assertEqual(status, 409, answer)
        status, answer, _ = house.ask("POST", "/v1/campaigns/winter/test", {"person": "user_id:ann"})
        self.assertEqual((status, answer["state"]), (200, "tested"), answer)
        status, answer, _ = house.ask("POST", "/v1/campaigns/winter/ask", {})
        self.assertEqual(Browser(house).ask("POST", answer["path"], {"by": "Paul"})[0], 200)
        heard = house.relay.wait(2)
        self.assertEqual([m["to"] for m in heard], [["amelie@shop.example"], ["ann@shop.example"]])
        for message in heard:
            html = read(message).get_body(("html",)).get_content()
            self.assertIn('href="https://shop.example/new?a=1&amp;utm_source=disquaire&amp;utm_medium=email&amp;utm_campaign=winter#top"', html)
            (way_out,) = re.findall(r'href="(https://hospes[^"]+)"', html)
            self.assertNotIn("utm_", way_out)
        self.assertEqual(house.stop(), 0)

    def test_a_part_that_is_changed_is_not_what_was_approved(self):
        body = '---\nsubject: Sale\nkind: marketing\n---\n<p>New</p>{% render "foot" %}<a href="{{ unsubscribe_url }}">Stop</a>\n'
        house = self.open(actions=sent("sale", "relay", message="sale"), messages={"sale.fr": body, "sale.en": body})
        folder = pathlib.Path(house.definitions)
        (folder / "messages" / "parts").mkdir()
        part = folder / "messages" / "parts" / "foot.liquid"
        part.write_text("<p>As ever</p>")
        (folder / "campaigns.toml").write_text(campaign("winter", "2099-01-01 10:00", "sale", test=["amelie@shop.example"]))
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        self.customer(house, "ann", "ann@shop.example")
        house.settle()
        self.assertEqual(house.ask("POST", "/v1/campaigns/winter/test", {"person": "user_id:ann"})[0], 200)
        state = lambda: json.loads(house.get("/v1/campaigns/winter")[1])["state"]  # noqa: E731
        for said, holds in (("<p>As ever</p>", "approved"), ("<p>Half price</p>", "draft")):
            if state() != "approved":
                answer = house.ask("POST", "/v1/campaigns/winter/ask", {})[1]
                self.assertEqual(Browser(house).ask("POST", answer["path"], {"by": "Paul"})[0], 200)
            self.assertEqual(house.stop(), 0)
            part.write_text(said)
            house.start()
            self.assertEqual(state(), holds)
        self.assertEqual(house.stop(), 0)


def newcombe(x1, n1, x2, n2, z=1.959963984540054):
    """Method 10 of Newcombe 1998, from its formula."""

    def wilson(x, n):
        half = z * math.sqrt(x * (n - x) / n + z * z / 4)
        return (x + z * z / 2 - half) / (n + z * z), (x + z * z / 2 + half) / (n + z * z)

    (l1, u1), (l2, u2) = wilson(x1, n1), wilson(x2, n2)
    p1, p2 = x1 / n1, x2 / n2
    return p1 - p2 - math.hypot(p1 - l1, u2 - p2), p1 - p2 + math.hypot(u1 - p1, p2 - l2)


del Mail
if __name__ == "__main__":
    unittest.main()
