"""How often: the house's caps over all actions, by the person's own day, and the person's own level above them."""

import datetime
import json
import pathlib
import subprocess
import sys
import time
import unittest
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "guest"))

from guest_test import Guest  # noqa: E402
from house import House  # noqa: E402
from sink import Sink, action, destination  # noqa: E402

LOOPBACK = 'act.allow=["127.0.0.0/8"]'
# What a person says of themselves serves marketing as well, so that their own day is known to it.
EVENTS = '[[event]]\nname = "identify"\nserves = ["operate", "market"]\n[event.properties]\ntimezone = "text"\n'


class Caps(unittest.TestCase):
    def open(self, caps, *actions):
        self.sink = Sink()
        self.addCleanup(self.sink.close)
        text = destination("sms", self.sink.url, channel="sms") + destination("crm", self.sink.url)
        house = House(settings=[LOOPBACK], files={"events.toml": EVENTS, "actions.toml": f"[caps]\n{caps}\n" + text + "".join(actions)}).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def buys(self, house, who, yes=True, zone=None, number=1):
        items = []
        if yes:
            items.append({"type": "consent", "userId": who, "purpose": "contact:sms", "state": "given", "messageId": f"y-{who}"})
        if zone:
            items.append({"type": "identify", "userId": who, "traits": {"timezone": zone}, "messageId": f"z-{who}"})
        items.append({"type": "track", "userId": who, "event": "Order Completed", "messageId": f"o{number}-{who}",
                      "properties": {"order_id": f"{number}-{who}", "total": 5}})
        house.batch(*items)
        house.settle()

    def told(self, house, who, action):
        return json.loads(house.get(f"/v1/effects/user_id:{who}?action={action}")[1])

    def until(self, house, who, action, state):
        end = time.monotonic() + 20
        while True:
            effects = self.told(house, who, action)["effects"]
            if effects and effects[0]["state"] == state:
                return effects[0]
            self.assertLess(time.monotonic(), end, effects)
            time.sleep(0.02)

    def guest(self, house, who):
        status, answer, _ = house.ask("POST", f"/v1/persons/user_id:{who}/guest_link", {"reason": "a test"})
        self.assertEqual(status, 200, answer)
        guest = Guest(house)
        guest.come_in(answer["path"])
        return guest

    def choose(self, guest, level):
        status, _, answer = guest.act("/level", {"level": level, "from": "pace"})
        self.assertEqual(status, 303)
        return answer.getheader("Location")

    def next_midnight(self, zone):
        now = datetime.datetime.now(zoneinfo.ZoneInfo(zone))
        day = now.date() + datetime.timedelta(days=1)
        return datetime.datetime.combine(day, datetime.time(), now.tzinfo).astimezone(datetime.timezone.utc)

    def test_one_message_a_day_over_all_actions_and_what_does_not_reach_her_is_free(self):
        house = self.open(
            "per_day = 1", action("hello", "sms"), action("more", "sms"), action("told", "crm"),
        )
        self.buys(house, "ann")
        self.sink.wait(2)
        house.settle()
        states = {name: self.told(house, "ann", name)["effects"][0] for name in ("hello", "more", "told")}
        self.assertEqual(sorted(e["state"] for e in states.values()), ["done", "done", "planned"])
        held = next(e for e in states.values() if e["state"] == "planned")
        self.assertIn(held["action"], ("hello", "more"))
        self.assertEqual(held["reason"]["code"], "house_capped")
        due = datetime.datetime.fromisoformat(held["due"].replace("Z", "+00:00"))
        self.assertEqual(due, self.next_midnight("Europe/Paris"))
        self.assertEqual(json.loads(house.get("/v1/actions")[1])["caps"], {"per_day": 1, "per_week": 0, "less_per_week": 1})
        # The day is the person's own.
        self.buys(house, "kiri", zone="Pacific/Auckland")
        self.sink.wait(4)
        house.settle()
        held = next(e for n in ("hello", "more") for e in self.told(house, "kiri", n)["effects"] if e["state"] == "planned")
        due = datetime.datetime.fromisoformat(held["due"].replace("Z", "+00:00"))
        self.assertEqual(due, self.next_midnight("Pacific/Auckland"))
        self.assertEqual(house.stop(), 0)

    def test_a_cap_is_over_all_channels_and_pressure_counts_what_reached_her(self):
        self.post = Sink()
        self.addCleanup(self.post.close)
        house = self.open("per_day = 1", destination("post", self.post.url, channel="email"), action("hello", "sms"), action("letter", "post"))
        yes = {"type": "consent", "userId": "ann", "purpose": "contact:email", "state": "given", "messageId": "e-ann"}
        house.batch(yes)
        self.buys(house, "ann")
        self.buys(house, "zoe", yes=False)  # whom nothing may reach
        ends = time.monotonic() + 20
        while True:
            states = {name: self.told(house, "ann", name)["effects"][0] for name in ("hello", "letter")}
            if sorted(e["state"] for e in states.values()) == ["done", "planned"]:
                break
            self.assertLess(time.monotonic(), ends, states)
            time.sleep(0.02)
        held = next(e for e in states.values() if e["state"] == "planned")
        self.assertEqual(held["reason"]["code"], "house_capped")
        self.assertEqual(len(self.sink.calls) + len(self.post.calls), 1)
        self.assertEqual(json.loads(house.get("/v1/campaigns")[1])["pressure"]["people"], [1, 1, 0, 0, 0, 0])
        self.assertEqual(house.stop(), 0)

    def test_her_level_is_above_every_cap_and_is_seen(self):
        house = self.open("per_day = 1", action("hello", "sms"), action("more", "sms"))
        for who in ("ann", "bea", "cleo", "dora"):
            self.buys(house, who)
        self.sink.wait(4)
        house.settle()
        held = {who: next(n for n in ("hello", "more") if self.told(house, who, n)["effects"][0]["state"] == "planned")
                for who in ("ann", "bea", "cleo", "dora")}
        self.assertEqual(self.told(house, "ann", held["ann"])["level"]["level"], "unset")

        # "Less": one a week, so the held one could leave in a week, when it is of no use: it ends at once, and says why.
        ann = self.guest(house, "ann")
        where = self.choose(ann, "less")
        effect = self.told(house, "ann", held["ann"])["effects"][0]
        self.assertEqual((effect["state"], effect["reason"]["code"], effect["source"]), ("refused", "level", "guest_book"))
        self.assertEqual(self.told(house, "ann", held["ann"])["level"]["level"], "less")
        page = ann.page("/pace?" + where.split("?")[1])[1]
        self.assertRegex(page, r'value="less" aria-checked="true"')
        self.assertRegex(page, r'value="usual" aria-checked="false"')
        self.assertIn("How often we write to you: Less", page)
        status, text, _ = ann.ask("GET", "/guest/fr/pace")
        self.assertIn("Le nécessaire", text.decode())

        # "Everything": the house's cap holds nothing back.
        self.choose(self.guest(house, "bea"), "all")
        self.until(house, "bea", held["bea"], "done")

        # "Only what I need", and back: what ended stays ended, what comes is free again.
        cleo = self.guest(house, "cleo")
        self.choose(cleo, "none")
        effect = self.told(house, "cleo", held["cleo"])["effects"][0]
        self.assertEqual((effect["state"], effect["reason"]["code"]), ("refused", "level"))
        now = self.told(house, "cleo", held["cleo"])["now"]
        self.assertEqual((now["permitted"], now["reason"]["code"], now["source"]), (False, "level", "guest_book"))
        self.choose(cleo, "usual")
        self.assertEqual(self.told(house, "cleo", held["cleo"])["now"]["reason"]["code"], "house_capped")

        # Whoever cannot choose: a foreign word, no such level.
        dora = self.guest(house, "dora")
        self.assertEqual(dora.act("/level", {"level": "often"})[0], 400)
        self.assertEqual(dora.act("/level", {"level": "none", "word": "x"})[0], 403)
        self.assertEqual(self.told(house, "dora", held["dora"])["level"]["level"], "unset")

        said = subprocess.run(
            [house.binary, "why-not", "user_id:ann", held["ann"], "--console", f"127.0.0.1:{house.console}",
             "--token-file", f"{house.root}/data/console/token"],
            capture_output=True, text=True, env={"LANG": "C"}, timeout=30,
        )
        self.assertIn("the person asked to hear less from the house", said.stdout, said.stderr)
        self.assertIn("Engagement level they chose: less", said.stdout)

        # It is kept, by a crash as by a stop.
        house.kill()
        house.start()
        self.assertEqual(self.told(house, "ann", held["ann"])["level"]["level"], "less")
        self.assertEqual(house.stop(), 0)
        house.start()
        self.assertEqual(self.told(house, "cleo", held["cleo"])["level"]["level"], "usual")
        self.assertEqual(house.stop(), 0)


if __name__ == "__main__":
    unittest.main()
