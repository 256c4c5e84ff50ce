"""Segments of the whole language, asked of the real binary: people compared, permission, used in, twins, why nothing is proposed."""

import datetime
import json
import os
import random
import statistics
import subprocess
import threading
import time
import unittest

from house import House
from sink import Sink, action, destination

TOP = """
segment top
  purpose market
  name en "Top fifth" fr "Le cinquième qui porte"
  sentence en "Top 20 % by spend." fr "Les 20 % qui dépensent le plus."
  where
    sum("Order Completed".total) in top 20%
"""
REACHABLE = """
segment reachable
  purpose market
  name en "Reachable" fr "Joignables"
  sentence en "We may write." fr "On peut leur écrire."
  where
    permission "contact:email" given
"""
NO = """
segment said_no
  purpose market
  name en "Said no" fr "Ont dit non"
  sentence en "Took it back." fr "Ont repris leur oui."
  where
    not in segment reachable and permission "contact:email" withdrawn in 7d
"""

# Stages of seconds, so that a test sees people pass through all of them.
STAGES = """
segment fresh
  purpose market
  name en "Fresh" fr "Frais"
  sentence en "Ordered in two seconds." fr "Commande en deux secondes."
  where last("Order Completed") < 2s ago
segment cooling
  purpose market
  name en "Cooling" fr "Tiède"
  sentence en "Two to four seconds ago." fr "Il y a deux à quatre secondes."
  where last("Order Completed") in 4s..2s
segment gone
  purpose market
  name en "Gone" fr "Parti"
  sentence en "Four seconds ago or more." fr "Il y a quatre secondes ou plus."
  where last("Order Completed") >= 4s ago
lifecycle shopper
  name en "Shopper" fr "Client"
  stages fresh, cooling, gone
"""
JOURNEY = """
journey back purpose market
  enter segment fresh from gone
  again restart
  step rest wait 1d
"""


def walked(passages, since):
    """The oracle: every passage of every person, oldest first, to {(from, to): (moved, regrouped, stays in seconds)}."""
    stage, entered, out = {}, {}, {}
    steps = {}  # of one person at one instant by one message: what was left, what was entered
    for p in passages:
        key = (p["person_id"], p["at"], p["cause"], p["message_id"])
        steps.setdefault(key, {})[p["to"]] = p["segment"]
    for (person, at, cause, _), step in steps.items():
        before, after = stage.get(person), step.get("in")
        if before != step.get("out"):
            raise AssertionError(f"{person} left {step.get('out')}, and was in {before}")
        moved, regrouped, stays = out.get((before, after), (0, 0, []))
        own = cause in ("event", "time", "permission")
        now = datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
        if own and before and entered[person] > since:
            stays = stays + [(now - entered[person]).total_seconds()]
        out[(before, after)] = (moved + own, regrouped + (not own), stays)
        stage[person], entered[person] = after, now
    return out


class Segments(unittest.TestCase):
    def house(self, segments):
        house = House(files={"segments.seg": segments}).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        return house

    def order(self, number, total):
        return {"type": "track", "userId": f"u{number}", "event": "Order Completed", "messageId": f"o{number}",
                "properties": {"order_id": f"N{number}", "total": total, "currency": "EUR"}}

    def segments(self, house):
        return {s["id"]: s for s in house.ask("GET", "/v1/segments")[1]["segments"]}

    def counts(self, house):
        return {id: s["members"] for id, s in self.segments(house).items()}

    def wait_for(self, house, id, members, seconds=60):
        ends = time.monotonic() + seconds
        while (found := self.counts(house)[id]) != members:
            self.assertLess(time.monotonic(), ends, f"{id}: {found}, not {members}")
            threading.Event().wait(0.2)  # between two questions

    def test_people_are_compared_ties_in_and_stay_while_others_are_edited(self):
        house = self.house(TOP)
        house.batch(*(self.order(i, total) for i, total in enumerate([10, 20, 30, 40, 50, 60, 70, 90, 90, 90])))
        self.wait_for(house, "top", 3)  # the second of ten spent 90, and so did two others
        house.batch(self.order(10, 89.99), self.order(11, 90))
        self.assertEqual(self.counts(house)["top"], 4, "judged at once by what was recorded")
        house.stop()
        (house.definitions / "segments.seg").write_text(TOP + REACHABLE)
        house.start()
        self.assertEqual(self.counts(house), {"top": 4, "reachable": 0})

    def test_an_answer_moves_people_and_is_theirs_to_give(self):
        house = self.house(REACHABLE + NO)
        house.batch(self.order(1, 5))
        answer = {"type": "consent", "userId": "u1", "purpose": "contact:email", "notice": {"id": "n", "version": "1", "lang": "fr"}}
        self.assertEqual(self.counts(house), {"reachable": 0, "said_no": 0})
        why = house.ask("GET", "/v1/profiles/user_id:u1/why/reachable")[1]
        self.assertIsNone(why["flip"])
        self.assertEqual(why["unproposed"], [{"test": 'permission "contact:email" given', "because": "theirs"}])
        text = house.ask("GET", "/v1/profiles/user_id:u1/why/reachable?text=fr")[1]
        self.assertIn("c'est à la personne de le dire", text)
        house.batch({**answer, "state": "given", "messageId": "a1"})
        self.assertEqual(self.counts(house), {"reachable": 1, "said_no": 0})
        house.batch({**answer, "state": "withdrawn", "messageId": "a2"})
        self.assertEqual(self.counts(house), {"reachable": 0, "said_no": 1})
        self.assertEqual({id: s["used_in"] for id, s in self.segments(house).items()}, {"reachable": ["said_no"], "said_no": []})
        twin = REACHABLE.replace("segment reachable", "segment writable")
        notes = house.ask("POST", "/v1/segments/preview", json.dumps({"text": twin}))[1]["notes"]
        self.assertEqual([n for n in notes if "says the same" in n], ["segment reachable says the same: use it, or say what is different"])

    def lifecycle(self, house):
        status, told, _ = house.ask("GET", "/v1/lifecycle/shopper")
        self.assertEqual(status, 200, told)
        return told["lifecycles"][0]

    def test_a_life_cycle_counts_what_a_walk_over_all_passages_counts(self):
        seed = int(os.environ.get("HOSPES_SEED", random.randrange(1 << 32)))
        print(f"seed {seed}")
        dice = random.Random(seed)
        sink = Sink()
        self.addCleanup(sink.close)
        acts = destination("crm", sink.url) + action("hello", "crm", segment="cooling", **{"from": "fresh"}) \
            + action("never", "crm", segment="cooling", **{"from": "gone"})
        house = House(settings=['act.allow=["127.0.0.0/8"]'],
                      files={"segments.seg": STAGES, "actions.toml": acts, "journeys.jny": JOURNEY}).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        sent, done = [], 0
        for number in range(90):
            item = self.order(dice.randrange(30), 5)
            item["messageId"] = f"o{number}"
            if dice.random() < 0.2:  # it comes in late, from an hour ago
                item["timestamp"] = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).isoformat()
            sent.append(item)
            if dice.random() < 0.1:
                sent.append(dict(item))  # twice
            if len(sent) - done >= 10 or number == 89:
                house.batch(*sent[done:])
                done = len(sent)
                threading.Event().wait(dice.random())  # time is what is tested
        people = len({item["userId"] for item in sent})
        self.wait_for(house, "gone", people)
        one = sent[0]["userId"]
        house.batch(self.order(0, 1) | {"userId": one, "messageId": "back"})  # and one comes back
        self.wait_for(house, "gone", people)
        told = self.lifecycle(house)
        passages = house.ask("GET", "/v1/passages?limit=1000")[1]["passages"][::-1]
        self.assertLess(len(passages), 1000)
        since = datetime.datetime.fromisoformat(told["since"].replace("Z", "+00:00"))
        oracle = walked(passages, since)
        self.assertEqual({(w["from"], w["to"]): (w["moved"], w["regrouped"], w["measured"]) for w in told["ways"]},
                         {way: (moved, regrouped, len(stays)) for way, (moved, regrouped, stays) in oracle.items()})
        for way in told["ways"]:
            moved, _, stays = oracle[(way["from"], way["to"])]
            if stays:
                self.assertAlmostEqual(way["median_seconds"], int(statistics.median_low(stays)), delta=1)
            self.assertEqual(way["last_30_days"], moved)
        self.assertEqual({s["id"]: s["here"] for s in told["stages"]}, {"fresh": 0, "cooling": 0, "gone": people})
        self.assertIn(("gone", "fresh"), oracle)
        # What came from where is on the stream of passages, in journeys and in webhooks.
        self.assertEqual({p["from"] for p in passages if p["segment"] == "gone" and p["to"] == "in"} - {"cooling", "fresh"}, {None})
        (journey,) = house.ask("GET", "/v1/journeys")[1]["journeys"]
        self.assertEqual(journey["entered"], oracle[("gone", "fresh")][0])
        sink.wait(1)
        self.assertEqual({call["data"]["segment"] for call in sink.said()}, {"cooling"})
        self.assertEqual(house.ask("GET", f"/v1/effects/user_id:{one}?action=never")[1]["effects"], [])
        said = subprocess.run([house.binary, "lifecycle", "shopper", "--lang", "fr", "--console", f"127.0.0.1:{house.console}",
                               "--token-file", str(house.root / "data/console/token")], capture_output=True, text=True, timeout=60)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertRegex(said.stdout, rf"shopper  Client.*\n.*\n  fresh +0 +\d+ +\d+ ")
        self.assertIn(f"gone -> fresh  {oracle[('gone', 'fresh')][0]} passages, 100.0 % des départs", said.stdout)
        # A kill, the replay after it and the same events again change nothing.
        house.kill()
        house.start()
        house.batch(*sent[:50])
        again = self.lifecycle(house)
        self.assertEqual((again["ways"], again["stages"], again["since"]), (told["ways"], told["stages"], told["since"]))
        self.assertEqual(house.stop(), 0)

    def test_what_is_a_stage_is_not_archived_and_stays_apart(self):
        house = self.house(STAGES)
        status, told, _ = house.ask("DELETE", "/v1/segments/cooling")
        self.assertEqual((status, "lifecycle shopper" in told["detail"]), (409, True), told)
        wider = 'segment cooling purpose market name en "C" fr "T" sentence en "C." fr "T." where last("Order Completed") in 4s..1s'
        status, told, _ = house.ask("PUT", "/v1/segments/cooling", {"text": wider})
        self.assertEqual(status, 422, told)
        self.assertIn("one person could be in stage fresh and in stage cooling", told["detail"])
        narrower = wider.replace("1s", "3s")
        self.assertEqual(house.ask("PUT", "/v1/segments/cooling", {"text": narrower})[0], 200)
        self.assertIn("stages fresh, cooling, gone", (house.definitions / "segments.seg").read_text())
        self.assertEqual(house.ask("GET", "/v1/lifecycle/nobody")[0], 404)


if __name__ == "__main__":
    unittest.main()
