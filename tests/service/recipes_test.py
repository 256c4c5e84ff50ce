"""The page docs/recipes/tell_other_tools.md, as a house would copy it: each request as its tool wants it, in and out."""

import base64
import hashlib
import json
import re
import shutil
import time
import unittest

from house import ROOT, House
from mail_test import EVENTS
from sink import Sink, action, destination

PAGE = (ROOT / "docs/recipes/tell_other_tools.md").read_text()
LOOPBACK = 'act.allow=["127.0.0.0/8"]'
TRICKY = 'Zoé "the\\ <b>" {{ x }}\n'


class Recipes(unittest.TestCase):
    def sink(self, *answer):
        sink = Sink(*answer)
        self.addCleanup(sink.close)
        return sink

    def house(self, actions, **files):
        house = House(settings=[LOOPBACK], files={"events.toml": EVENTS, "actions.toml": actions, **files})
        self.addCleanup(house.folder.cleanup)
        shutil.copytree(ROOT / "docs/recipes/mappings", house.definitions / "mappings")
        return house

    def start(self, house):
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def buy(self, house, user, first_name=TRICKY):
        who = {"userId": user, "messageId": f"id-{user}", "traits": {"email": f"{user}@Example.org", "firstName": first_name}}
        self.assertEqual(house.post("/v1/identify", who)[0], 200)
        order = {"userId": user, "event": "Order Completed", "messageId": f"order-{user}", "properties": {"order_id": f"o-{user}", "total": 12}}
        self.assertEqual(house.post("/v1/track", order)[0], 200)

    def objects(self, house, user):
        body = {"userId": user, "purpose": "market", "state": "objected", "notice": {"id": "n", "version": "1", "lang": "en"}}
        self.assertEqual(house.post("/v1/consent", body)[0], 200)

    def effect(self, house, user, name, *states):
        end = time.monotonic() + 20
        while True:
            told = json.loads(house.get(f"/v1/effects/user_id:{user}?action={name}")[1])
            found = [e for e in told.get("effects", []) if e["state"] in states]
            if found:
                return found[0]
            self.assertLess(time.monotonic(), end, told)

    def test_every_recipe_sends_what_its_tool_wants(self):
        blocks = "\n".join(line[4:] for line in PAGE.splitlines() if line.startswith("    "))
        self.assertGreater(blocks.count("[[destination]]"), 5)
        sink = self.sink()
        told = re.sub(r'url = "https://([^/"]+)', rf'url = "http://127.0.0.1:{sink.port}/\1', blocks)
        basic = "Basic " + base64.b64encode(b"key:secret").decode()
        house = self.start(self.house(told, **{"brevo.headers": "# of the shop\napi-key: k1\n", "mailjet.headers": f"Authorization: {basic}\n"}))
        self.buy(house, "zoe")
        sink.wait(5)
        came = {c["path"]: c for c in sink.calls}
        said = {path: json.loads(c["body"]) for path, c in came.items()}
        contact = "/api.brevo.com/v3/contacts"
        address = "zoe@example.org"
        self.assertEqual(came[contact]["headers"]["api-key"], "k1")
        self.assertEqual(came[contact]["headers"]["content-type"], "application/json")
        self.assertEqual(
            said[contact],
            {"email": address, "attributes": {"FIRSTNAME": TRICKY, "SEGMENT": "active"}, "listIds": [42], "updateEnabled": True},
        )
        mailjet = "/api.mailjet.com/v3/REST/contactslist/42/managecontact"
        self.assertEqual(came[mailjet]["headers"]["authorization"], basic)
        self.assertEqual(said[mailjet], {"Email": address, "Action": "addnoforce"})
        slack = said["/hooks.slack.com/services/T000/B000/XXXX"]
        self.assertEqual(set(slack), {"text"})
        self.assertRegex(slack["text"], r"^Disquaire: somebody entered \*active\* \(")
        teams = said["/teams.example/workflows/XXXX"]
        self.assertEqual(teams["attachments"][0]["content"]["body"][0]["text"], "Disquaire: somebody entered **active**")
        hashed = hashlib.sha256(address.encode()).hexdigest()
        self.assertEqual(said["/audience.example/v1/members"], {"operation": "add", "email_sha256": [hashed]})
        for c in sink.calls:
            self.assertNotIn(b"user_id", c["body"])
            self.assertIn("webhook-id", c["headers"])
        # Her own no takes her out of every tool, which no answer may stop.
        self.objects(house, "zoe")
        sink.wait(8)
        after = {c["path"]: json.loads(c["body"]) for c in sink.calls[5:]}
        self.assertEqual(after["/api.brevo.com/v3/contacts/lists/42/contacts/remove"], {"emails": [address]})
        self.assertEqual(after[mailjet], {"Email": address, "Action": "remove"})
        self.assertEqual(after["/audience.example/v1/members"], {"operation": "remove", "email_sha256": [hashed]})
        self.assertEqual(house.stop(), 0)

    def test_a_mapping_that_does_not_fit_says_why_and_nothing_leaves(self):
        sink = self.sink()
        house = self.house(
            destination("crm", sink.url, mapping="odd") + action("welcome", "crm")
            + destination("loops", sink.url, mapping="loops") + action("loops", "loops")
            + destination("zero", sink.url, mapping="zero") + action("zero", "zero")
            + destination("aborts", sink.url, mapping="aborts") + action("aborts", "aborts")
        )
        for name, text in {
            "odd": '{"x": {{ person.firstName }} }', "zero": '{"x": {{ 1 | divided_by: person.nothing }} }',
            "loops": '{% for i in (1..1000000000) %}{% for j in (1..1000000000) %} {% endfor %}{% endfor %}{}', "aborts": '{% abort "not her" %}',
        }.items():
            (house.definitions / f"mappings/{name}.liquid").write_text(text)
        self.start(house)
        self.buy(house, "zoe", first_name="Zoe")
        for name in ("welcome", "loops", "zero"):
            self.assertEqual(self.effect(house, "zoe", name, "refused")["reason"]["code"], "unrenderable")
        told = self.effect(house, "zoe", "aborts", "refused")
        self.assertEqual((told["reason"]["code"], told["source"]), ("aborted", "not her"))
        trouble = {d["name"]: d["trouble"] for d in json.loads(house.get("/v1/actions")[1])["destinations"]}
        self.assertEqual(trouble["crm"], "mappings/odd.liquid made no JSON for this person")
        self.assertIn("mappings/loops.liquid:1", trouble["loops"])
        self.assertIn("mappings/zero.liquid:1", trouble["zero"])
        self.assertEqual(sink.calls, [])
        self.assertEqual(house.stop(), 0)

    def test_a_mistake_stops_the_start_and_says_where(self):
        for more, said in (
            ({"mapping": "nothing"}, "cannot read mappings/nothing.liquid"),
            ({"mapping": "../actions"}, "a mapping is named as its file"),
            ({"mapping": "bad"}, 'mappings/bad.liquid:1:8  there is no filter "jsn"; the nearest known is "json"'),
            ({"headers_file": "bad.headers"}, "bad.headers of destination"),
        ):
            house = self.house(destination("crm", "https://crm.example/", **more) + action("welcome", "crm"), **{"bad.headers": "nonsense\n"})
            (house.definitions / "mappings/bad.liquid").write_text("{{ 1 | jsn }}")
            with self.assertRaisesRegex(RuntimeError, re.escape(said)):
                house.start()
            house.process.wait(timeout=10)
            house.process.stdout.close()
            house.log.close()

    def test_what_failed_is_replayed_under_its_own_id_and_asked_again(self):
        down = [True]
        sink = self.sink(lambda call: (500, {}) if down[0] else (204, {}))
        house = self.start(self.house(destination("crm", sink.url, retry=["10ms"]) + action("welcome", "crm") + action("again", "crm", segment="new_customers")))
        for user in ("ann", "bob"):
            self.buy(house, user)
        for user in ("ann", "bob"):
            for name in ("welcome", "again"):
                self.assertEqual(self.effect(house, user, name, "failed")["reason"]["code"], "gave_up")
        self.objects(house, "bob")  # says no in between
        down[0] = False
        before = {c["headers"]["webhook-id"] for c in sink.calls}
        sent = len(sink.calls)
        status, told, _ = house.ask("POST", "/v1/destinations/crm/replay", {"within": "1h"})
        self.assertEqual((status, told), (200, {"replayed": 4, "more": False}))
        for name in ("welcome", "again"):
            self.effect(house, "ann", name, "done")
            self.assertEqual(self.effect(house, "bob", name, "refused")["reason"]["code"], "objected")
        after = [c["headers"]["webhook-id"] for c in sink.calls[sent:]]
        self.assertEqual(len(after), 2)
        self.assertLessEqual(set(after), before)
        self.assertEqual(house.ask("POST", "/v1/destinations/crm/replay", {})[1]["replayed"], 0)
        self.assertEqual(house.ask("POST", "/v1/destinations/crm/replay", {"within": "ever"})[0], 400)
        self.assertEqual(house.ask("POST", "/v1/destinations/none/replay", {})[0], 404)
        house.kill()
        house.start()
        self.assertEqual(self.effect(house, "ann", "welcome", "done")["status"], 204)
        self.assertEqual(house.stop(), 0)


if __name__ == "__main__":
    unittest.main()
