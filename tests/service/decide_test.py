"""Decisions of the real binary, held against a plain oracle over random definitions and people; exposure, stock and assignment over
joins, restarts and kill -9; what a page may learn; OFREP."""

import datetime
import json
import os
import random
import threading
import unittest

from house import House, source

SEED = int(os.environ.get("HOSPES_SEED", random.SystemRandom().randrange(1 << 32)))
PAGE_KEY = "wk_page"
PAGE = source("page", PAGE_KEY, "public", 'origins = ["https://shop.example"]\n[source.trusted]\ntool = "t"\nnotice = "n"\nversion = "1"\nlang = "en"')
SEGMENTS = ["buyers", "viewers"]
SEG = """
segment buyers purpose market
where did "Order Completed"

segment viewers purpose personalise
where did "Product Viewed"
"""


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return json.dumps(value)


def written(definitions):
    out = ""
    if definitions.get("holdout"):
        out += "[holdout]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in definitions["holdout"].items())
    for key in ("placement", "experiment", "offer", "flag"):
        for row in definitions.get(key, []):
            out += f"[[{key}]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in row.items() if k != "payload")
            out += "".join(f"payload.{lang} = {toml(v)}\n" for lang, v in row.get("payload", {}).items())
    return out


class Oracle:
    """The law of docs/decisions.md in the plainest words: what is answered, given which draws the house made."""

    def __init__(self, definitions, today):
        self.d = definitions
        self.today = today

    def blocked(self, offer, person):
        if offer.get("from", "") > self.today or offer.get("until", "9999") < self.today:
            return "NOT_CURRENT"
        if "purpose" in offer and offer["purpose"] not in person["permits"]:
            return "NO_CONSENT"
        if offer.get("segment") and offer["segment"] not in person["in"]:
            return "NOT_IN_SEGMENT"
        seen = person["seen"].get(offer["name"], 0)
        if any(0 < offer.get(cap, 0) <= seen for cap in ("cap_per_day", "cap_total")):
            return "CAPPED"
        if "stock" in offer and self.d["taken"].get(offer["name"], 0) >= offer["stock"]:
            return "SOLD_OUT"
        return None

    def answer(self, placement, person, held, variant):
        """Names that are shown, and each candidate's reason in order."""
        ranked = sorted((o for o in self.d["offer"] if placement["name"] in o["placements"]), key=lambda o: (-o.get("priority", 0), o["name"]))
        shown, why = [], []
        for offer in ranked:
            reason = self.blocked(offer, person)
            if reason is None and offer.get("purpose", "operate") != "operate" and held:  # what the contract asks for is withheld from nobody
                reason = "HOLDOUT"
            if reason is None and offer.get("experiment") and (held or variant != offer["variant"]):  # nor do they take part in anything
                reason = "OTHER_VARIANT"
            if reason is None and len(shown) == placement.get("items", 1):
                reason = "OUTRANKED"
            if reason is None:
                shown.append(offer["name"])
            why.append((offer["name"], reason or "SHOWN"))
        return shown, why

    def reason(self, shown, why):
        if shown:
            first = next(o for o in self.d["offer"] if o["name"] == shown[0])
            return "SPLIT" if first.get("experiment") else "TARGETING_MATCH" if "purpose" in first else "STATIC"
        return next((r for _, r in why if r in ("HOLDOUT", "CAPPED", "NO_CONSENT")), "FALLBACK")


def dice_definitions(dice):
    placements = [{"name": f"p{i}", "items": dice.randint(1, 3)} for i in range(3)]
    experiments = []
    for i in range(2):
        a = dice.randrange(1, 10_000)
        experiments.append({"name": f"x{i}", "purpose": dice.choice(["personalise", "market"]), "variants": {"a": a, "b": 10_000 - a}})
        if dice.random() < 0.5:
            experiments[-1]["holdout"] = "20%"
        if dice.random() < 0.4:
            experiments[-1]["segment"] = dice.choice(SEGMENTS)
    offers = []
    for i in range(14):
        at = dice.randrange(3)
        offer = {"name": f"o{i}", "placements": [f"p{at}"], "priority": dice.randint(0, 4), "payload": {"en": {"n": i}}}
        if dice.random() < 0.7:
            offer["purpose"] = dice.choice(["personalise", "market", "operate"])
            if dice.random() < 0.5:
                offer["segment"] = dice.choice(SEGMENTS)
            if at < 2 and dice.random() < 0.5:
                offer["experiment"], offer["variant"] = f"x{at}", dice.choice("ab")
            if dice.random() < 0.3:
                offer[dice.choice(["cap_per_day", "cap_total"])] = dice.randint(1, 3)
        if dice.random() < 0.2:
            offer["stock"] = dice.randint(0, 2)
        if dice.random() < 0.2:
            offer["from" if dice.random() < 0.5 else "until"] = dice.choice(["2020-01-01", "2199-12-31"])
        offers.append(offer)
    out = {"placement": placements, "experiment": experiments, "offer": offers, "taken": {}}
    if dice.random() < 0.7:
        out["holdout"] = {"share": "30%", "salt": "s"}
    return out


class Decide(unittest.TestCase):
    def open(self, definitions, **more):
        house = House(sources=PAGE, files={"decisions.toml": definitions if isinstance(definitions, str) else written(definitions), "segments.seg": SEG}, **more)
        self.addCleanup(house.folder.cleanup)
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def say(self, house, user, state, purpose):
        status, text = house.post("/v1/consent", {"userId": user, "purpose": purpose, "state": state, "notice": {"id": "n", "version": "1", "lang": "en"}})
        self.assertEqual(status, 200, text)

    def track(self, house, event, key="wk_demo", **who):
        consent = {"context": {"consent": {"categoryPreferences": {"personalise": True, "market": True, "link": True}}}}
        status, text = house.post("/v1/track", {"event": event, **who, **consent}, key=key)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def decide(self, house, *placements, key="wk_demo", status=200, **more):
        got, text = house.post("/v1/decide", {"placements": [{"key": p} for p in placements], "explain": True, **more}, key=key)
        self.assertEqual(got, status, text)
        return json.loads(text)

    def test_random_houses_agree_with_the_oracle(self):
        dice = random.Random(SEED)
        compared = 0
        for _ in range(4):
            definitions = dice_definitions(dice)
            house = self.open(definitions)
            today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
            oracle = Oracle(definitions, today)
            people = {None: {"permits": set(), "in": set(), "seen": {}}}
            for i in range(12):
                user, person = f"u{i}", {"permits": {"operate", "market"}, "in": set(), "seen": {}}
                if dice.random() < 0.7:
                    self.say(house, user, "given", "personalise")
                    person["permits"].add("personalise")
                if dice.random() < 0.3:
                    self.say(house, user, "objected", "market")
                    person["permits"].discard("market")
                for event in ("Order Completed", "Product Viewed"):
                    if dice.random() < 0.5:
                        self.track(house, event, userId=user)
                self.track(house, "Something", userId=user)
                people[user] = person
            house.settle()
            for user, person in people.items():
                if user:
                    person["in"] = self.members(house, user)
            for _ in range(150):
                user = dice.choice(list(people))
                person = people[user]
                placement = dice.choice(definitions["placement"])
                mode = dice.choice(["execute", "prefetch"])
                more = {"subject": {"userId": user}} if user else {}
                answer = self.decide(house, placement["name"], mode=mode, **more)["decisions"][0]
                trial = answer.get("experiment")
                variant = answer.get("variant") if trial else None
                shown, why = oracle.answer(placement, person, answer["holdout"], variant)
                self.assertEqual([i["id"] for i in answer["items"]], shown, f"seed {SEED}: {answer}")
                self.assertEqual([(w["offer"], w["reason"]) for w in answer["why"]], why, f"seed {SEED}")
                self.assertEqual(answer["reason"], oracle.reason(shown, why), f"seed {SEED}")
                self.propensities(oracle, placement, person, answer, user)
                if mode == "prefetch" and dice.random() < 0.5:
                    tokens = [answer["token"]] * dice.randint(1, 3)  # said more than once, counted once
                    self.assertEqual(house.post("/v1/exposures", {"tokens": tokens})[0], 200)
                    mode = "execute"
                if mode == "execute" and user:
                    for name in shown:
                        person["seen"][name] = person["seen"].get(name, 0) + 1
                for name in shown:
                    offer = next(o for o in definitions["offer"] if o["name"] == name)
                    if "stock" in offer and dice.random() < 0.5:
                        for _ in range(2):  # said twice, taken once
                            status, text = house.post("/v1/feedback", {"token": answer["token"], "outcome": "taken", "item": name})
                            self.assertEqual(status, 200, text)
                        definitions["taken"][name] = definitions["taken"].get(name, 0) + 1
                compared += 1
            self.assertEqual(house.stop(), 0)
        self.assertEqual(compared, 600)

    def members(self, house, user):
        status, text = house.get(f"/v1/profiles/user_id:{user}")
        self.assertEqual(status, 200, text)
        return {s["id"] for s in json.loads(text)["segments"]}

    def propensities(self, oracle, placement, person, answer, user):
        """Over every draw, by their shares: exact."""
        d = oracle.d
        personal = user and any(o.get("purpose", "operate") != "operate" for o in d["offer"] if placement["name"] in o["placements"])
        held = int(d["holdout"]["share"][:-1]) * 100 if d.get("holdout") and personal else 0
        worlds = [(held, True, None)]
        free = 10_000 - held
        trial = next((x for x in d["experiment"] if answer.get("experiment", {}).get("name") == x["name"]), None)
        if trial is None:
            worlds.append((free, False, None))
        else:
            out = int(trial.get("holdout", "0%")[:-1]) * 100
            worlds.append((free * out / 10_000, False, None))
            worlds += [(free * (10_000 - out) * weight / 10_000**2, False, name) for name, weight in trial["variants"].items()]
        for item in answer["items"]:
            p = sum(share for share, left, variant in worlds if item["id"] in oracle.answer(placement, person, left, variant)[0]) / 10_000
            self.assertAlmostEqual(item["propensity"], p, 9, f"seed {SEED}: {answer}")

    HERO = {
        "placement": [{"name": "hero", "public": True}, {"name": "till"}],
        "experiment": [{"name": "tone", "purpose": "personalise", "variants": {"calm": 5000, "loud": 5000}}],
        "offer": [
            {"name": "calm_one", "placements": ["hero"], "purpose": "personalise", "experiment": "tone", "variant": "calm", "priority": 2, "payload": {"en": {"t": "calm"}}},
            {"name": "loud_one", "placements": ["hero"], "purpose": "personalise", "experiment": "tone", "variant": "loud", "priority": 2, "payload": {"en": {"t": "loud"}}},
            {"name": "everybody", "placements": ["hero"], "payload": {"en": {"t": "all"}, "fr": {"t": "tous"}}},
            {"name": "seat", "placements": ["till"], "stock": 5, "payload": {"en": {"t": "seat"}}},
            {"name": "vip", "placements": ["hero"], "purpose": "personalise", "segment": "viewers", "priority": 9, "cap_total": 3, "payload": {"en": {"t": "vip"}}},
        ],
        "flag": [
            {"name": "fixed", "public": True, "values": {"on": True, "off": False}, "default": "on"},
            {"name": "tone_flag", "public": True, "values": {"calm": "c", "loud": "l"}, "default": "calm", "purpose": "personalise", "rules": [{"experiment": "tone"}]},
            {"name": "inner", "values": {"s": 1, "b": 2}, "default": "s", "purpose": "personalise", "rules": [{"segment": "viewers", "value": "b"}]},
            {"name": "asleep", "enabled": False, "values": {"on": True, "off": False}, "default": "off"},
        ],
    }
    YES = {"context": {"consent": {"categoryPreferences": {"personalise": True}}}}

    def test_an_event_goes_in_and_the_decision_sees_it(self):
        house = self.open(self.HERO)
        self.say(house, "ann", "given", "personalise")
        first = self.decide(house, "hero", subject={"userId": "ann"}, mode="prefetch")["decisions"][0]
        self.assertNotEqual(first["items"][0]["id"], "vip")
        for n in range(20):
            event = {"type": "track", "event": "Product Viewed", "userId": f"b{n}", "anonymousId": f"dev{n}", **self.YES}
            self.say(house, f"b{n}", "given", "personalise")
            answer = self.decide(house, "hero", subject={"userId": f"b{n}"}, event=event, deadline_ms=1000)
            self.assertEqual((answer["event"]["applied"], answer["decisions"][0]["items"][0]["id"]), (True, "vip"), answer)
        refused = self.decide(house, "hero", event={"type": "track", "event": "Product Viewed"})
        self.assertEqual(refused["event"]["applied"], False)

    def test_a_page_learns_nothing(self):
        house = self.open(self.HERO)
        self.say(house, "marie", "given", "personalise")
        self.track(house, "Product Viewed", userId="marie")
        house.settle()
        server = self.decide(house, "hero", subject={"userId": "marie"}, mode="prefetch")["decisions"][0]
        self.assertEqual((server["items"][0]["id"], server["reason"]), ("vip", "TARGETING_MATCH"))
        # A page names her: not looked at. A page says that its device is hers: asserted, so not hers here.
        spoken = self.decide(house, "hero", key=PAGE_KEY, subject={"userId": "marie"}, **self.YES)["decisions"][0]
        self.track(house, "Something", key=PAGE_KEY, anonymousId="thief")
        house.post("/v1/identify", {"anonymousId": "thief", "userId": "marie", **self.YES}, key=PAGE_KEY)
        house.settle()
        claimed = self.decide(house, "hero", key=PAGE_KEY, subject={"anonymousId": "thief"}, **self.YES)["decisions"][0]
        for answer in (spoken, claimed):
            self.assertNotEqual(answer["items"][0]["id"], "vip")
            self.assertEqual(set(answer), {"placement", "decision_id", "items", "reason", "token"})
            self.assertIn(answer["reason"], ("DECIDED", "FALLBACK"))
            self.assertEqual(set(answer["items"][0]), {"id", "payload"})
        self.decide(house, "till", key=PAGE_KEY, status=404)
        self.assertEqual(house.post("/v1/decide", {"placements": [{"key": "hero"}]}, key=PAGE_KEY, headers={"Origin": "https://evil.example"})[0], 403)
        status, text = house.post("/v1/feedback", {"token": spoken["token"], "outcome": "taken"}, key=PAGE_KEY)
        self.assertEqual(status, 403, text)

    def test_a_page_cannot_tell_who_takes_part_in_an_experiment(self):
        house = self.open({
            "placement": [{"name": "side", "public": True}],
            "experiment": [{"name": "quiet", "purpose": "personalise", "segment": "viewers", "variants": {"a": 1, "b": 9999}}],
            "offer": [{"name": "rare", "placements": ["side"], "purpose": "personalise", "experiment": "quiet", "variant": "a", "payload": {"en": {}}}],
        })
        for device, event in (("inside", "Product Viewed"), ("outside", "Something")):
            self.track(house, event, key=PAGE_KEY, anonymousId=device)
        house.settle()
        for mode, told in (("prefetch", False), ("execute", True)):
            bodies = []
            for device in ("inside", "outside"):
                body = self.decide(house, "side", key=PAGE_KEY, subject={"anonymousId": device}, mode=mode, **self.YES)
                self.assertEqual(body["exposed"], told)
                for own in ("token", "decision_id"):
                    body["decisions"][0].pop(own)
                bodies.append(body)
            self.assertEqual(*bodies)
        self.assertEqual(self.people_of(house, "quiet"), 1, "and the one who takes part was counted")

    def people_of(self, house, experiment):
        found = next(e for e in self.decisions(house)["experiments"] if e["name"] == experiment)
        return found["held"]["people"] + sum(v["people"] for v in found["variants"])

    def test_two_placements_are_two_decisions_and_a_price_comes_along(self):
        house = self.open({
            "placement": [{"name": "top"}, {"name": "side", "items": 2}],
            "offer": [
                {"name": "seat", "placements": ["top"], "purpose": "market", "price": "12.90 EUR", "payload": {"en": {}}},
                {"name": "first", "placements": ["side"], "priority": 2, "payload": {"en": {}}},
                {"name": "second", "placements": ["side"], "priority": 1, "payload": {"en": {}}},
            ],
        })
        self.track(house, "Something", userId="ann")
        house.settle()
        side, top = self.decide(house, "side", "top", subject={"userId": "ann"}, mode="prefetch")["decisions"]
        self.assertEqual([side["placement"], top["placement"]], ["side", "top"], "in the order of the question")
        self.assertEqual([[i["id"] for i in d["items"]] for d in (side, top)], [["first", "second"], ["seat"]])
        self.assertEqual(top["items"][0]["price"], {"amount": "12.9", "currency": "EUR"})
        self.assertNotIn("price", side["items"][0])
        # Each is seen by itself.
        self.assertEqual(house.post("/v1/exposures", {"tokens": [top["token"]]})[0], 200)
        house.settle()
        self.assertEqual([s["placement"] for s in self.decisions(house, "user_id:ann")["shown"]], ["top"])

    def test_who_is_left_alone_is_on_record(self):
        house = self.open({
            "holdout": {"share": "50%", "salt": "s"},
            "placement": [{"name": "hero"}],
            "offer": [
                {"name": "sale", "placements": ["hero"], "purpose": "market", "priority": 2, "payload": {"en": {}}},
                {"name": "parcel", "placements": ["hero"], "purpose": "operate", "priority": 1, "payload": {"en": {}}},
            ],
        })
        told = {}
        for n in range(24):
            self.track(house, "Something", userId=f"u{n}")
        house.settle()
        for n in range(24):
            answer = self.decide(house, "hero", subject={"userId": f"u{n}"})["decisions"][0]
            self.assertEqual([i["id"] for i in answer["items"]], ["parcel" if answer["holdout"] else "sale"], "the contract's offer is withheld from nobody")
            told[f"u{n}"] = answer["holdout"]
        self.assertEqual(set(told.values()), {True, False})
        house.settle()
        for user, held in told.items():
            [shown] = self.decisions(house, f"user_id:{user}")["shown"]
            self.assertEqual((shown["held"], [i["id"] for i in shown["items"]]), (held, ["parcel" if held else "sale"]), user)

    def test_a_page_is_served_by_its_own_device_with_its_own_yes(self):
        house = self.open(self.HERO)
        self.track(house, "Product Viewed", key=PAGE_KEY, anonymousId="d1")
        house.settle()
        ask = {"key": PAGE_KEY, "subject": {"anonymousId": "d1"}, "mode": "prefetch"}
        self.assertEqual(self.decide(house, "hero", **ask)["decisions"][0]["items"][0]["id"], "everybody", "no yes came along")
        self.assertEqual(self.decide(house, "hero", **ask, **self.YES)["decisions"][0]["items"][0]["id"], "vip")
        no = {"context": {"consent": {"categoryPreferences": {"personalise": False}}, "locale": "fr-FR"}}
        item = self.decide(house, "hero", **ask, **no)["decisions"][0]["items"][0]
        self.assertEqual(item, {"id": "everybody", "payload": {"t": "tous"}})

    def test_assignment_survives_a_join(self):
        house = self.open(self.HERO)
        kept = 0
        for n in range(12):
            device, user = {"anonymousId": f"a{n}"}, {"userId": f"k{n}"}
            self.track(house, "Something", **device)
            before = self.decide(house, "hero", subject=device, **self.YES)["decisions"][0]
            status, text = house.post("/v1/identify", {**device, **user, "context": {"consent": {"categoryPreferences": {"personalise": True, "link": True}}}})
            self.assertEqual(status, 200, text)
            house.settle()
            after = self.decide(house, "hero", subject=user, **self.YES)["decisions"][0]
            self.assertEqual((after["variant"], after["experiment"]["sticky"], after["experiment"]["crossed"]), (before["variant"], True, False))
            kept += 1
        self.assertEqual(kept, 12)

    def test_what_was_seen_survives_kill_and_counts_once(self):
        house = self.open(self.HERO)
        self.say(house, "ann", "given", "personalise")
        self.track(house, "Product Viewed", userId="ann")
        house.settle()
        ask = {"subject": {"userId": "ann"}, "mode": "prefetch"}
        decided = [self.decide(house, "hero", **ask)["decisions"][0] for _ in range(3)]
        self.assertEqual([d["items"][0]["id"] for d in decided], ["vip"] * 3, "a prefetch is no exposure")
        seats = [self.decide(house, "till")["decisions"][0]["token"] for _ in range(8)]
        for n, round_of in enumerate(decided):
            for _ in range(2):
                self.assertEqual(house.post("/v1/exposures", {"tokens": [round_of["token"]]})[0], 200)
            self.assertEqual(house.post("/v1/feedback", {"token": seats[n], "outcome": "taken"})[0], 200)
            house.kill()
            house.start()
            self.assertEqual(house.post("/v1/exposures", {"tokens": [round_of["token"]]})[0], 200)
            self.assertEqual(house.post("/v1/feedback", {"token": seats[n], "outcome": "taken"})[0], 200)
            item = self.decide(house, "hero", **ask)["decisions"][0]["items"][0]["id"]
            self.assertEqual(item == "vip", n < 2, "three exposures and no more, then the cap")
        # Two of five are left, and many ask at once.
        left = []

        def take(token):
            left.append(house.post("/v1/feedback", {"token": token, "outcome": "taken"})[0])

        threads = [threading.Thread(target=take, args=(t,)) for t in seats[3:]]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(left), [200, 200, 409, 409, 409])
        self.assertEqual(self.decide(house, "till")["decisions"][0]["items"], [])
        house.kill()
        house.start()
        self.assertEqual(self.decide(house, "till")["decisions"][0]["why"][0]["reason"], "SOLD_OUT")
        bent = seats[0][:-2] + ("A" if seats[0][-2] != "A" else "B") + seats[0][-1]
        status, text = house.post("/v1/exposures", {"tokens": [bent, "x"]})
        self.assertEqual((status, json.loads(text)["accepted"], len(json.loads(text)["rejected"])), (200, 0, 2))

    def decisions(self, house, of=None):
        status, text = house.get("/v1/decisions" + (f"/of/{of}" if of else ""))
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def test_counts_are_of_people_and_a_page_that_loses_some_is_found(self):
        house = self.open(self.HERO)
        variants = {}
        for n in range(60):
            self.say(house, f"u{n}", "given", "personalise")
            self.track(house, "Something", userId=f"u{n}")
        house.settle()
        for n in range(60):
            answer = self.decide(house, "hero", subject={"userId": f"u{n}"}, mode="prefetch")["decisions"][0]
            variants[n] = answer["variant"]
            if answer["variant"] == "calm":  # the page of the others crashes before it says that it was seen
                self.assertEqual(house.post("/v1/exposures", {"tokens": [answer["token"]]})[0], 200)
        calm = [n for n, v in variants.items() if v == "calm"]
        told = self.decisions(house)
        tone = told["experiments"][0]
        self.assertEqual([(v["name"], v["people"]) for v in tone["variants"]], [("calm", len(calm)), ("loud", 0)])
        self.assertEqual((tone["ratio"]["verdict"], told["people"]), ("broken", len(calm)))
        offers = {o["name"]: o for o in told["offers"]}
        self.assertEqual((offers["calm_one"]["seen"], offers["loud_one"]["seen"]), (len(calm), 0))
        of = self.decisions(house, f"user_id:u{calm[0]}")
        self.assertEqual((of["experiments"][0]["variant"], of["shown"][0]["reason"]["code"]), ("calm", "SPLIT"))
        self.assertEqual(of["shown"][0]["items"], [{"id": "calm_one", "propensity": 0.5}])

    def test_two_exposed_devices_that_join_are_crossed_part_again_and_are_erased(self):
        house = self.open(self.HERO)
        devices = {"calm": None, "loud": None}
        for n in range(40):
            if all(devices.values()):
                break
            device = {"anonymousId": f"x{n}"}
            self.track(house, "Something", **device)
            variant = self.decide(house, "hero", subject=device, mode="prefetch", **self.YES)["decisions"][0]["variant"]
            devices[variant] = devices[variant] or device
        for variant, device in devices.items():  # calm first: the earliest wins
            self.assertEqual(self.decide(house, "hero", subject=device, **self.YES)["decisions"][0]["variant"], variant)
        names = {v: f"anonymous_id:{d['anonymousId']}" for v, d in devices.items()}

        def split():
            tone = self.decisions(house)["experiments"][0]
            return {v["name"]: v["people"] for v in tone["variants"]}, tone["crossed"]

        self.assertEqual(split(), ({"calm": 1, "loud": 1}, 0))
        for device in devices.values():
            house.post("/v1/identify", {**device, "userId": "one", "context": {"consent": {"categoryPreferences": {"personalise": True, "link": True}}}})
        house.settle()
        self.assertEqual(split(), ({"calm": 0, "loud": 0}, 1))
        joined = self.decide(house, "hero", subject={"userId": "one"}, mode="prefetch", **self.YES)["decisions"][0]
        self.assertEqual((joined["variant"], joined["experiment"]["crossed"]), ("calm", True))
        before = self.decisions(house, "user_id:one")["shown"]
        self.assertEqual(len(before), 2)
        house.kill()
        house.start()
        self.assertEqual((self.decisions(house, "user_id:one")["shown"], split()), (before, ({"calm": 0, "loud": 0}, 1)))
        status, text, _ = house.ask("POST", "/v1/persons/user_id:one/split", {"with": names["loud"], "commit": True})
        self.assertEqual(status, 200, text)
        self.assertEqual(split(), ({"calm": 1, "loud": 1}, 0), "each side has its own back")
        self.assertEqual([s["variant"] for s in self.decisions(house, names["loud"])["shown"]], ["loud"])
        status, text, _ = house.ask("POST", f"/v1/persons/{names['loud']}/forget", {"commit": True})
        self.assertEqual(status, 200, text)
        self.assertEqual(split(), ({"calm": 1, "loud": 0}, 0))

    def ofrep(self, house, path, key="wk_demo", target=None, headers=None):
        body = {"context": {"targetingKey": target} if target else {}}
        status, text = house.post("/ofrep/v1/evaluate/flags" + path, body, key=None, headers={"X-API-Key": key, **(headers or {})})
        return status, json.loads(text) if text else None

    def test_ofrep(self):
        house = self.open(self.HERO)
        self.say(house, "ann", "given", "personalise")
        self.track(house, "Product Viewed", userId="ann")
        house.settle()
        self.assertEqual(self.ofrep(house, "/fixed")[1], {"key": "fixed", "value": True, "reason": "STATIC", "variant": "on", "metadata": {"reason": "STATIC"}})
        self.assertEqual(self.ofrep(house, "/asleep")[1]["reason"], "DISABLED")
        inner = self.ofrep(house, "/inner", target="ann")[1]
        self.assertEqual((inner["value"], inner["reason"]), (2, "TARGETING_MATCH"))
        self.assertEqual(self.ofrep(house, "/inner", target="nobody")[1]["reason"], "DEFAULT")
        self.assertEqual(self.ofrep(house, "/inner")[1]["errorCode"], "TARGETING_KEY_MISSING")
        self.assertEqual(self.ofrep(house, "/none", target="ann"), (404, {"key": "none", "errorCode": "FLAG_NOT_FOUND", "errorDetails": "no flag of this name in decisions.toml"}))
        self.assertEqual(self.ofrep(house, "/inner", key=PAGE_KEY, target="d")[0], 404, "not public")
        status, text = house.post("/ofrep/v1/evaluate/flags/inner", "{")
        self.assertEqual((status, json.loads(text)["errorCode"]), (400, "PARSE_ERROR"))
        # Used by a server: the exposure, so the hero's experiment is settled too.
        flag = self.ofrep(house, "/tone_flag", target="ann")[1]
        hero = self.decide(house, "hero", subject={"userId": "ann"}, mode="prefetch")["decisions"][0]
        self.assertEqual((hero["variant"], hero["experiment"]["sticky"]), (flag["variant"], True))
        status, bulk = self.ofrep(house, "", target="ann")
        self.assertEqual([f["key"] for f in bulk["flags"]], ["fixed", "tone_flag", "inner", "asleep"])
        paged = self.ofrep(house, "", key=PAGE_KEY, target="d")[1]["flags"]
        self.assertEqual([(f["key"], f["reason"]) for f in paged], [("fixed", "STATIC"), ("tone_flag", "UNKNOWN")])

    def test_the_etag_covers_the_subject(self):
        import http.client

        house = self.open(self.HERO)
        self.say(house, "ann", "given", "personalise")
        self.track(house, "Something", userId="ann")
        house.settle()

        def bulk(tag=None):
            connection = http.client.HTTPConnection("127.0.0.1", house.public, timeout=10)
            connection.request("POST", "/ofrep/v1/evaluate/flags", json.dumps({"context": {"targetingKey": "ann"}}), {"Authorization": "Bearer wk_demo", **({"If-None-Match": tag} if tag else {})})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status, answer.getheader("ETag")

        status, tag = bulk()
        self.assertEqual((status, bulk(tag)), (200, (304, tag)))
        self.track(house, "Product Viewed", userId="ann")
        house.settle()
        self.assertEqual(bulk(tag)[0], 200, "her own result changed")

    def test_bad_questions_say_what_to_change(self):
        house = self.open(self.HERO)
        for body, part in (
            ("[]", "JSON object"), ({}, "placements are needed"), ({"placements": []}, "1 to 32"), ({"placements": [{"key": "heros"}]}, "hero"),
            ({"placements": [{"key": "hero"}, {"key": "hero"}]}, "twice"), ({"placements": [{"key": "hero", "n": 0}]}, "from 1"),
            ({"placements": [{"key": "hero"}], "mode": "look"}, "prefetch"), ({"placements": [{"key": "hero"}], "subject": {"userid": "x"}}, "user_id"),
            ({"placements": [{"key": "hero"}], "placement": 1}, "placements"), ({"placements": [{"key": "hero"}], "deadline_ms": 5000}, "1000"),
            ('{"placements":[{"key":"hero"}],"placements":[]}', "twice"), ("{" * 500, "JSON"), ({"placements": [{"key": "hero"}], "event": 1}, "event"),
        ):
            with self.subTest(part=part, body=str(body)[:60]):
                status, text = house.post("/v1/decide", body)
                self.assertIn(status, (400, 404), text)
                self.assertIn(part, json.loads(text)["detail"])
        self.assertEqual(house.post("/v1/decide", "x" * 300_000)[0], 413)
        self.assertEqual(house.post("/v1/decide", {}, key="nobody")[0], 401)

    def test_a_mistake_stops_the_start(self):
        house = House(files={"decisions.toml": '[[placement]]\nname = "hero"\n[[offer]]\nname = "o"\nplacements = ["hero"]\npurpose = "market"\nsegment = "buyrs"\npayload.en = {}\n', "segments.seg": SEG})
        self.addCleanup(house.folder.cleanup)
        with self.assertRaises(RuntimeError) as why:
            house.start()
        self.assertIn('"buyers"', str(why.exception))
        house.kill()


if __name__ == "__main__":
    print(f"HOSPES_SEED={SEED}")
    unittest.main()
