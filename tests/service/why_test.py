"""Why (not)? For every message that was decided and did not leave, the first thing that stood in its way, since when and from where:
against an oracle that walks what each person said and did and knows nothing of the engine. HOSPES_CASES says how many (person, action)
are asked about, HOSPES_SEED repeats a run."""

import collections
import datetime
import json
import os
import pathlib
import random
import sys
import time
import unittest
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "guest"))

from guest_test import Guest  # noqa: E402
from house import House  # noqa: E402
from sink import Sink, action, destination  # noqa: E402

SEED = int(os.environ.get("HOSPES_SEED", 20261127))
CASES = int(os.environ.get("HOSPES_CASES", 2000))
LOOPBACK = 'act.allow=["127.0.0.0/8"]'
EVENTS = '[[event]]\nname = "identify"\nserves = ["operate", "market"]\n[event.properties]\ntimezone = "text"\n'
UTC = datetime.timezone.utc
ZONES = ["Europe/Paris", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "Atlantic/Azores", "Australia/Lord_Howe"]
AGAINST = ["objected", "withdrawn", "refused"]  # the strictest first
HOUSE = zoneinfo.ZoneInfo("Europe/Paris")
PER_DAY, LESS = 2, 1
QUIET = ("21:00", "08:00")

# In the order of actions.toml: name, purpose, basis, whether it reaches the person, quiet, of use for
ACTIONS = [
    ("a_crm", "market", "interest", False, False, "48h"),
    ("b_yes", "personalise", "consent", False, False, "48h"),
    ("c_sms", "market", "interest", True, False, "48h"),
    ("d_night", "market", "interest", False, True, "48h"),
    ("e_soon", "market", "interest", False, True, "30m"),
    ("f_sms", "market", "interest", True, False, "240h"),
    ("g_sms", "market", "interest", True, False, "1h"),
    ("h_sms_yes", "personalise", "consent", True, False, "240h"),
    ("i_night_sms", "market", "interest", True, True, "240h"),
    ("j_contact", "contact:sms", "consent", False, False, "48h"),
]
SPAN = {"48h": 48 * 60, "30m": 30, "240h": 240 * 60, "1h": 60}  # minutes


class Person:
    def __init__(self, name, zone, ways):
        self.name, self.zone, self.ways = name, zone, ways
        self.answers = []  # (purpose, way, state, (not before, not after))
        self.level = None  # (level, (not before, not after))

    def day_of(self, purpose):
        """Their own, where what they said of themselves may serve that purpose; else the house's."""
        return self.zone if purpose == "market" else HOUSE

    def midnight(self, now, days, zone):
        day = now.astimezone(zone).date() + datetime.timedelta(days=days)
        return datetime.datetime.combine(day, datetime.time(), zone).astimezone(UTC)

    def quiet_until(self, now, zone):
        """When the quiet hours that hold `now` end; None: it is not quiet."""
        local = now.astimezone(zone)
        hour = local.hour + local.minute / 60
        if 8 <= hour < 21:
            return None
        day = local.date() + datetime.timedelta(days=1 if hour >= 21 else 0)
        return datetime.datetime.combine(day, datetime.time(8), zone).astimezone(UTC)

    def permission(self, purpose, basis):
        """None: allowed; else code and the answer behind it."""
        last = {}
        for about, way, state, when in self.answers:
            if about == purpose:
                last[way] = (state, when)
        for state in AGAINST:
            told = [when for said, when in last.values() if said == state]
            if told:
                return state, told
        if basis == "interest" or any(state == "given" for state, _ in last.values()):
            return None
        return "unset", None


def first_blocker(p, name, now, contacts):
    """What the first of the rules says, in the order in which they stand. `contacts`: messages that reached them today. Code, until,
    answers behind it; code None: it leaves."""
    _, purpose, basis, reaches, quiet, use = next(a for a in ACTIONS if a[0] == name)
    no = p.permission(purpose, basis)
    if no:
        return "refused", *no, None
    if reaches:
        no = p.permission("contact:sms", "consent")
        if no:
            return "refused", *no, None
        if p.level and p.level[0] == "none":
            return "refused", "level", [p.level[1]], None
    zone = p.day_of(purpose)
    later = None
    if reaches:
        if p.level and p.level[0] == "less" and contacts >= LESS:
            later = "level", p.midnight(now, 7, zone), [p.level[1]]
        elif not (p.level and p.level[0] == "all") and contacts >= PER_DAY:
            later = "house_capped", p.midnight(now, 1, zone), None
    if later is None and quiet and (until := p.quiet_until(now, zone)):
        later = "quiet_hours", until, None
    if later is None:
        return "done", None, None, None
    code, until, behind = later
    if until < now + datetime.timedelta(minutes=SPAN[use]):
        return "planned", code, None, until
    return "refused", code, behind, None


def settled(house, lanes):
    while True:
        house.settle()
        told = {d["name"]: d for d in json.loads(house.get("/v1/actions")[1])["destinations"]}
        if all(told[n]["queued"] == 0 and told[n]["under_way"] == 0 for n in lanes) and not house.metric("hospes_node_waiting_records"):
            return


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


class Why(unittest.TestCase):
    def test_one_first_blocker_with_time_and_source(self):
        print(f"HOSPES_SEED={SEED}")
        dice = random.Random(SEED)
        now = datetime.datetime.now(UTC)
        zones = [z for z in map(zoneinfo.ZoneInfo, ZONES) if self.quiet_of_edges(z, now)]
        sink = Sink()
        self.addCleanup(sink.close)
        # All that reaches people goes by one connection, so that what is claimed first is what is declared first.
        text = f"[caps]\nper_day = {PER_DAY}\nless_per_week = {LESS}\n" + destination("crm", sink.url)
        text += destination("sms", sink.url, channel="sms", connections=1)
        for name, purpose, _, reaches, quiet, use in ACTIONS:
            more = {"quiet": "-".join(QUIET)} if quiet else {}
            text += action(name, "sms" if reaches else "crm", purpose=purpose, valid_for=use, **more)
        house = House(settings=[LOOPBACK], files={"actions.toml": text, "events.toml": EVENTS}).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.returncode is None and house.kill())

        people = [Person(f"w{i}", dice.choice(zones), ["userId"] + (["email"] if dice.random() < 0.4 else [])) for i in range(CASES // len(ACTIONS))]
        self.introduce(house, people)
        for _ in range(3):
            self.say_something(house, people, dice)
        choosers = [p for p in people if dice.random() < 0.35]
        for p in choosers:
            self.choose(house, p, dice.choice(["all", "usual", "less", "none"]))
        before = datetime.datetime.now(UTC)
        self.order(house, people)
        settled(house, ["crm", "sms"])
        self.compare(house, people, before)
        self.assertEqual(len(sink.keys()), len(set(sink.keys())))
        self.assertEqual(house.stop(), 0)

    def quiet_of_edges(self, zone, now):
        """Nothing of the day's turns in that zone while the test runs."""
        minutes = [int(h) * 60 + int(m) for h, m in (edge.split(":") for edge in ("00:00", *QUIET))]
        local = now.astimezone(zone)
        at = local.hour * 60 + local.minute
        return all((edge - at) % 1440 > 20 and (at - edge) % 1440 > 2 for edge in minutes)

    def send(self, house, items):
        """In batches; the times between which each was taken."""
        for i in range(0, len(items), 1000):
            house.batch(*items[i:i + 1000])

    def introduce(self, house, people):
        items = []
        for p in people:
            traits = {"timezone": p.zone.key} | ({"email": f"{p.name}@why.example"} if "email" in p.ways else {})
            items.append({"type": "identify", "userId": p.name, "traits": traits, "messageId": f"i-{p.name}"})
        self.send(house, items)

    def say_something(self, house, people, dice):
        items, said = [], []
        for p in people:
            if dice.random() < 0.25:
                continue
            purpose = dice.choice(["contact:sms", "contact:sms", "personalise", "personalise", "market"])
            # Who objects to `market` is in no segment of that purpose: nothing would be decided about them at all.
            state = "given" if purpose == "market" else dice.choice(["given", "given", "given", "withdrawn", "refused", "objected"])
            way = dice.choice(p.ways)
            items.append({"type": "consent", way: p.name if way == "userId" else f"{p.name}@why.example", "purpose": purpose,
                          "state": state, "messageId": f"c{len(p.answers)}-{p.name}-{dice.random()}", "notice": {"id": "n", "version": "1", "lang": "en"}})
            said.append((p, purpose, way, state))
        began = datetime.datetime.now(UTC)
        self.send(house, items)
        span = (began, datetime.datetime.now(UTC))
        for p, purpose, way, state in said:
            p.answers.append((purpose, way, state, span))

    def choose(self, house, p, level):
        began = datetime.datetime.now(UTC)
        status, answer, _ = house.ask("POST", f"/v1/persons/user_id:{p.name}/guest_link", {"reason": "a test"})
        self.assertEqual(status, 200, answer)
        guest = Guest(house)
        guest.come_in(answer["path"])
        self.assertEqual(guest.act("/level", {"level": level})[0], 303)
        p.level = (level, (began, datetime.datetime.now(UTC)))

    def order(self, house, people):
        self.send(house, [{"type": "track", "userId": p.name, "event": "Order Completed", "messageId": f"o-{p.name}",
                           "properties": {"order_id": p.name, "total": 5}} for p in people])

    def compare(self, house, people, now):
        told = collections.Counter()
        for p in people:
            effects = {e["action"]: e for e in json.loads(house.get(f"/v1/effects/user_id:{p.name}")[1])["effects"]}
            self.assertEqual(len(effects), len(ACTIONS), p.name)
            contacts = 0
            for name, _, _, reaches, _, _ in ACTIONS:
                # Asked when it is decided, all at once and before any has left; and again when its turn has come.
                state, code, behind, until = first_blocker(p, name, now, 0)
                if state == "done":
                    state, code, behind, until = first_blocker(p, name, now, contacts)
                effect = effects[name]
                where = (p.name, p.zone.key, name, p.answers, p.level, effect, f"seed {SEED}")
                self.assertEqual((effect["state"], effect["reason"] and effect["reason"]["code"]), (state, code), where)
                if state == "planned":
                    self.assertEqual(instant(effect["due"]), until, where)
                if state == "refused":
                    self.time_and_source(effect, code, behind, where)
                contacts += state == "done" and reaches
                told[code or "left"] += 1
        print(f"{sum(told.values())} cases: " + ", ".join(f"{code} {n}" for code, n in told.most_common()))
        for code in ("left", "unset", "withdrawn", "refused", "objected", "level", "house_capped"):
            self.assertGreater(told[code], 0, told)

    def time_and_source(self, effect, code, behind, where):
        if code == "unset":  # nobody said anything: there is no time, and no source
            self.assertEqual((effect["since"], effect["source"]), (None, None), where)
            return
        since = instant(effect["since"])
        slack = datetime.timedelta(milliseconds=5)  # the house's clock is written in microseconds, ours read before and after
        if behind:
            self.assertTrue(any(began - slack <= since <= ended + slack for began, ended in behind), where)
            self.assertEqual(effect["source"], "guest_book" if code == "level" else "hello", where)
        else:
            self.assertIsNotNone(since, where)


if __name__ == "__main__":
    unittest.main()
