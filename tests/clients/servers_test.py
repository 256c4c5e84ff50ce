"""The published client libraries of servers, through every fault of a network: each event is there once, as it was said."""

import datetime
import gzip
import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/service"))

from fault_proxy import Fault, FaultProxy
from house import House, source

NODE = ROOT / "third_party/node/bin/node"
PYTHON = ROOT / ".venv/bin/python"
# One fault a batch, so that no client waits long: what it does is to send the same again.
FAULTS = [f for fault in Fault for f in (fault, None)]
KINDS = ("identify", "track", "page", "screen", "group", "alias")
HOURS = dict(zip(KINDS, range(8, 14)))


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def events_of(body):
    """Of a request, gzip or not."""
    said = json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
    return said.get("batch", [said])


class Client:
    """One client: `words` runs it, `tag` is in its people's identifiers, `missing` are kinds it cannot say."""

    def __init__(self, tag, words, key=None, missing=(), own_times=True):
        self.tag, self.words, self.missing, self.own_times = tag, words, missing, own_times
        self.key = key or f"wk-{tag}"

    def start(self, house):
        self.proxy = FaultProxy(house.public, FAULTS)
        self.process = subprocess.Popen(
            [*self.words, f"http://127.0.0.1:{self.proxy.port}", self.key], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self):
        text, _ = self.process.communicate(timeout=60)
        self.proxy.__exit__()
        return self.process.returncode, text

    def names(self, n):
        """Of the events of one person."""
        page = {"page": "Page Viewed", "screen": "Screen Viewed", "track": f"Order {n}"}
        return {page.get(kind, kind): kind for kind in KINDS if kind not in self.missing}


CLIENTS = [
    Client("segment-node", [NODE, HERE / "send_segment.mjs"]),
    Client("rudder-node", [NODE, HERE / "send_rudder.mjs"]),
    Client("jitsu", [NODE, HERE / "send_jitsu.mjs"], key="jitsu:secret", missing=("screen", "alias"), own_times=False),
    Client("segment-python", [PYTHON, HERE / "send_segment.py"]),
    Client("rudder-python", [PYTHON, HERE / "send_rudder.py"]),
]


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(sources="".join(source(c.tag, c.key, "server") for c in CLIENTS)).start()
        cls.began = datetime.datetime.now(datetime.timezone.utc)
        for client in CLIENTS:
            client.start(cls.house)
        ended = {client.tag: client.end() for client in CLIENTS}
        cls.ended = datetime.datetime.now(datetime.timezone.utc)
        failed = {tag: text for tag, (status, text) in ended.items() if status != 0}
        assert not failed, failed
        cls.house.settle()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def each(self):
        """Every client with its two people: (client, n, moments by event name, the person)."""
        for client in CLIENTS:
            for n in (1, 2):
                with self.subTest(client.tag, person=n):
                    person = self.house.profile(f"user_id:{client.tag}-{n}")
                    yield client, n, {m["event"]: m for m in person["timeline"]}, person

    def test_each_client_met_every_fault_and_delivered_all(self):
        for client in CLIENTS:
            with self.subTest(client.tag):
                seen = client.proxy.seen
                self.assertEqual([fault for fault, _, _ in seen if fault], list(Fault))
                self.assertLessEqual({status for _, _, status in seen}, {None, 200})
                taken = [e["messageId"] for _, body, status in seen if status == 200 for e in events_of(body)]
                self.assertEqual(len(set(taken)), 2 * (len(client.names(1)) + 1))
                self.assertGreater(len(taken), len(set(taken)), "the cut answer made it send acknowledged events again")

    def test_each_event_is_there_once(self):
        for client, n, _, person in self.each():
            names = sorted(m["event"] for m in person["timeline"])
            self.assertEqual(names, sorted([*client.names(n), f"Now {n}"]))

    def test_each_event_is_what_was_said(self):
        for client, n, moments, person in self.each():
            order = moments[f"Order {n}"]["properties"]
            self.assertEqual((order["total"], order["lines"]), (12.5, [{"sku": "Été"}]))
            self.assertEqual(order["context.locale"], "fr-FR")
            page = moments["Page Viewed"]["properties"]
            self.assertEqual((page["name"], page["path"]), ("Shop", f"/shop/{n}"))
            if "screen" not in client.missing:
                self.assertEqual(moments["Screen Viewed"]["properties"]["step"], n)
            self.assertEqual(moments["group"]["properties"]["groupId"], f"household-{n}")
            self.assertEqual(moments["group"]["properties"]["size"], 4)
            traits = {name: trait["value"] for name, trait in person["traits"].items()}
            self.assertEqual((traits["city"], traits["email"]), ("Lyon", f"{client.tag}.{n}@example.org"))

    def test_each_event_has_the_time_the_client_gave_it(self):
        for client, n, moments, _ in self.each():
            sent = {e.get("event"): e for _, body, _ in client.proxy.seen for e in events_of(body) if e["userId"] == f"{client.tag}-{n}"}
            for name, kind in client.names(n).items():
                if client.own_times:
                    wanted = datetime.datetime(2026, 10, n, HOURS[kind], 30, 15, 250_000, datetime.timezone.utc)
                    self.assertEqual(instant(moments[name]["at"]), wanted, name)
            now = sent[f"Now {n}"]
            self.assertEqual(instant(moments[f"Now {n}"]["at"]), instant(now.get("timestamp") or now["originalTimestamp"]))
            for moment in moments.values():
                self.assertLessEqual(self.began, instant(moment["received"]))
                self.assertLessEqual(instant(moment["received"]), self.ended)

    def test_each_event_may_serve_what_its_consent_says(self):
        for _, _, moments, _ in self.each():
            for name, moment in moments.items():
                self.assertLessEqual({"personalise", "measure", "link"}, set(moment["purposes"]), name)
                self.assertNotIn("advertise", moment["purposes"], name)

    def test_each_person_has_the_identifiers_the_client_gave(self):
        for client, n, _, person in self.each():
            known = {(i["kind"], i["value"]) for i in person["identifiers"]}
            wanted = [("user_id", f"{client.tag}-{n}"), ("anonymous_id", f"{client.tag}-browser-{n}"), ("email", f"{client.tag}.{n}@example.org")]
            if "alias" not in client.missing:
                wanted.append(("anonymous_id", f"{client.tag}-before-{n}"))
            for kind, value in wanted:
                self.assertIn((kind, value), known)
                self.assertEqual(self.house.profile(f"{kind}:{value}")["person"], person["person"])


if __name__ == "__main__":
    if not (HERE / "node_modules/@segment/analytics-node").is_dir() or not NODE.exists() or not PYTHON.exists():
        print("skipped: the published clients are not installed (tools/setup.sh test brings them)")
        sys.exit(77)
    unittest.main()
