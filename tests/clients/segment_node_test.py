"""The published Segment client for Node, through every fault of a network: each event is there once, as it was said."""

import datetime
import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/service"))

from fault_proxy import Fault, FaultProxy
from house import KEY, House

NODE = ROOT / "third_party/node/bin/node"
FAULTS = [Fault.RATE_LIMIT, Fault.CUT_REQUEST, Fault.UNAVAILABLE, Fault.CUT_ANSWER, Fault.CUT_ANSWER]


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class SegmentNode(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()
        with FaultProxy(cls.house.public, FAULTS) as proxy:
            cls.began = datetime.datetime.now(datetime.timezone.utc)
            sent = subprocess.run(
                [NODE, HERE / "send.mjs", f"http://127.0.0.1:{proxy.port}", KEY], capture_output=True, text=True, timeout=120
            )
            cls.ended = datetime.datetime.now(datetime.timezone.utc)
            cls.seen = proxy.seen
        assert sent.returncode == 0, sent.stdout + sent.stderr
        cls.sent = [json.loads(line) for line in sent.stdout.splitlines()]
        cls.people = {n: cls.whole(f"user_id:client-{n}") for n in (1, 2)}

    @classmethod
    def whole(cls, identifier):
        """The person when all seven moments are there; parts may still be on their way between partitions."""
        profile = None
        for _ in range(2000):
            profile = cls.house.profile(identifier)
            if profile and len(profile["timeline"]) >= 7:
                break
        return profile

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def test_the_client_met_every_fault_and_delivered_all(self):
        self.assertEqual([fault for fault, _, _ in self.seen if fault], FAULTS)
        self.assertEqual(len(self.sent), 14)
        self.assertTrue(all(status in (None, 200) for _, _, status in self.seen), self.seen)
        ids = [event["messageId"] for event in self.sent]
        twice = [m for m in ids if sum(status == 200 and m.encode() in body for _, body, status in self.seen) > 1]
        self.assertTrue(twice, "the cut answers made the client send acknowledged events again")

    def test_each_event_is_there_once(self):
        for n, person in self.people.items():
            names = sorted(m["event"] for m in person["timeline"])
            self.assertEqual(names, sorted([f"Order {n}", f"Now {n}", "Page Viewed", "Screen Viewed", "identify", "group", "alias"]))

    def test_each_event_is_what_was_said(self):
        for n, person in self.people.items():
            moments = {m["event"]: m for m in person["timeline"]}
            order = moments[f"Order {n}"]["properties"]
            self.assertEqual(order["total"], 12.5)
            self.assertEqual(order["lines"], [{"sku": "Été"}])
            self.assertEqual(order["context.locale"], "fr-FR")
            self.assertEqual(moments["Page Viewed"]["properties"]["name"], "Shop")
            self.assertEqual(moments["Page Viewed"]["properties"]["path"], f"/shop/{n}")
            self.assertEqual(moments["Screen Viewed"]["properties"]["step"], n)
            self.assertEqual(moments["group"]["properties"]["groupId"], f"household-{n}")
            self.assertEqual(person["traits"]["city"]["value"], "Lyon")
            self.assertEqual(person["traits"]["email"]["value"], f"client.{n}@example.org")

    def test_each_event_has_the_time_the_client_gave_it(self):
        for n, person in self.people.items():
            moments = {m["event"]: m for m in person["timeline"]}
            hours = {"identify": 8, f"Order {n}": 9, "Page Viewed": 10, "Screen Viewed": 11, "group": 12, "alias": 13}
            for event, hour in hours.items():
                wanted = datetime.datetime(2026, 10, n, hour, 30, 15, 250_000, datetime.timezone.utc)
                self.assertEqual(instant(moments[event]["at"]), wanted, event)
            said = next(instant(e["timestamp"]) for e in self.sent if e.get("event") == f"Now {n}")
            self.assertEqual(instant(moments[f"Now {n}"]["at"]), said)
            for moment in moments.values():
                self.assertLessEqual(self.began, instant(moment["received"]))
                self.assertLessEqual(instant(moment["received"]), self.ended)

    def test_each_person_has_the_identifiers_the_client_gave(self):
        for n, person in self.people.items():
            known = {(i["kind"], i["value"]) for i in person["identifiers"]}
            for kind, value in (
                ("user_id", f"client-{n}"),
                ("anonymous_id", f"browser-{n}"),
                ("anonymous_id", f"before-{n}"),
                ("email", f"client.{n}@example.org"),
            ):
                self.assertIn((kind, value), known)
                self.assertEqual(self.house.profile(f"{kind}:{value}")["person"], person["person"])


if __name__ == "__main__":
    if not (HERE / "node_modules/@segment/analytics-node").is_dir() or not NODE.exists():
        print("skipped: the npm package @segment/analytics-node is not installed (tools/fetch.sh test brings it, with .venv's Node)")
        sys.exit(77)
    unittest.main()
