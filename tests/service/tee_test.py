"""Both pipelines side by side: what a source takes goes on to the old one in Segment's shape, with permission, through outages and kill -9."""

import base64
import datetime
import json
import pathlib
import random
import subprocess
import time
import unittest

from house import KEY, House, source
from sink import Sink

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTICE = {"id": "privacy", "version": "1", "lang": "fr"}
PURPOSES = (ROOT / "house/disquaire/purposes.toml").read_text() + """
[[purpose]]
name = "share:old"
serves_en = "the tool we had before"
serves_fr = "l'outil que nous avions avant"
"""


def tee(to, **more):
    rows = {"name": "old", "source": "front", "url": to, "key_file": "old.key", "purpose": "share:old", "connections": 8, **more}
    return "[[tee]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items())


class Old(Sink):
    """The old pipeline: takes Segment's batches and keeps each messageId once, as Segment does."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1/batch"

    def events(self):
        """By messageId: the item and how often it came."""
        out = {}
        for body in self.said():
            for item in body["batch"]:
                first = out.setdefault(item["messageId"], [item, 0, body["sentAt"]])
                first[1] += 1
        return out


class Tee(unittest.TestCase):
    def start(self, old, **more):
        folder = {"tee.toml": tee(old.url, **more), "old.key": "old_write_key\n", "purposes.toml": PURPOSES}
        house = House(sources=source("front", "wk_web", "server", "") + source("till", "wk_till", "server", ""), files=folder,
                      settings=['act.allow=["127.0.0.0/8"]']).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        self.addCleanup(old.close)
        return house

    def answer(self, house, who, state, purpose="share:old", n=0):
        status, body = house.post("/v1/consent", {**who, "purpose": purpose, "state": state, "notice": NOTICE, "messageId": f"{list(who.values())[0]}-{purpose}-{state}-{n}"}, "wk_web")
        self.assertEqual(status, 200, body)

    def told(self, house):
        status, body, _ = house.ask("GET", "/v1/actions")
        self.assertEqual(status, 200, body)
        return body["tees"][0]

    def until(self, house, wanted, within=30):
        end = time.monotonic() + within
        while not wanted(told := self.told(house)):
            self.assertLess(time.monotonic(), end, told)
        return told

    def test_an_event_arrives_in_segments_shape(self):
        old = Old()
        house = self.start(old)
        for who in ({"userId": "ana"}, {"anonymousId": "dev-1"}):
            self.answer(house, who, "given")
            self.answer(house, who, "given", "measure")
        happened = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.123Z")
        items = [
            {"type": "track", "event": "Order Completed", "userId": "ana", "messageId": "t1",
             "properties": {"order_id": "N-1", "total": 12.5, "products": [{"sku": "x"}], "shipping": {"city": "Lyon", "days": 2}, "gift": True},
             "context": {"page": {"url": "https://shop.example/done"}, "externalIds": [{"id": "C7", "type": "card", "collection": "users", "encoding": "none"}]}},
            {"type": "identify", "userId": "ana", "messageId": "i1", "traits": {"email": "Ana@Example.org", "city": "Lyon"}},
            {"type": "page", "anonymousId": "dev-1", "name": "Product", "category": "Shop", "messageId": "p1", "properties": {"sku": "S"}},
            {"type": "group", "userId": "ana", "groupId": "home", "messageId": "g1", "traits": {"size": 2}},
        ]
        yes = {"categoryPreferences": {"share:old": True}}
        stamped = [{**item, "timestamp": happened, "context": {**item.get("context", {}), "consent": yes}} for item in items]
        began = time.time()
        house.post("/v1/batch", {"batch": stamped}, "wk_web")
        self.until(house, lambda told: told["sent"] == 4)
        events = old.events()
        self.assertEqual({call["headers"]["authorization"] for call in old.calls}, {"Basic " + base64.b64encode(b"old_write_key:").decode()})
        self.assertEqual({call["path"] for call in old.calls}, {"/v1/batch"})
        track, identify, page, group = (events[i][0] for i in ("t1", "i1", "p1", "g1"))
        same = lambda item, wanted: self.assertEqual({key: item.get(key) for key in wanted}, wanted)
        same(track, {"type": "track", "event": "Order Completed", "userId": "ana", "properties": items[0]["properties"]})
        same(track["context"], {"page": items[0]["context"]["page"], "externalIds": items[0]["context"]["externalIds"]})
        self.assertTrue(track["context"]["consent"]["categoryPreferences"]["share:old"])
        self.assertFalse(track["context"]["consent"]["categoryPreferences"]["advertise"])
        same(identify, {"type": "identify", "userId": "ana", "traits": {"email": "ana@example.org", "city": "Lyon"}})
        same(page, {"type": "page", "anonymousId": "dev-1", "name": "Product", "category": "Shop"})
        self.assertEqual(page["properties"]["sku"], "S")
        same(group, {"type": "group", "userId": "ana", "groupId": "home"})
        read = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
        for item, times, sent in events.values():
            self.assertEqual(times, 1)
            self.assertAlmostEqual(read(item["timestamp"]), read(happened), delta=0.001)
            self.assertAlmostEqual(read(item["originalTimestamp"]), read(happened), delta=0.001)
            self.assertTrue(began - 1 <= read(sent) <= time.time(), sent)

    def test_only_with_permission_and_the_rest_is_counted(self):
        old = Old()
        house = self.start(old)
        for who, state in (("yes", "given"), ("no", "refused"), ("gone", "given")):
            self.answer(house, {"userId": who}, "given", "measure")
            self.answer(house, {"userId": who}, state)
        self.answer(house, {"userId": "gone"}, "withdrawn")
        self.answer(house, {"userId": "silent"}, "given", "measure")
        marked = lambda who: {"type": "track", "event": "Seen", "userId": who, "messageId": f"m-{who}", "properties": {"planted": f"canary-{who}"}}
        batch = [marked(who) for who in ("yes", "no", "gone", "silent", "nobody")]
        status, body = house.post("/v1/batch", {"batch": batch}, "wk_web")
        self.assertEqual(json.loads(body)["accepted"], 4, body)  # "nobody" is withheld whole
        # A yes that the event itself brings, another source, an invented person's, and what an import brought.
        own = {**marked("own"), "context": {"consent": {"categoryPreferences": {"share:old": True}}}}
        imported = {**marked("yes"), "messageId": "m-old", "context": {"import": {"manifest": "0123456789abcdef"}}}
        house.post("/v1/batch", {"batch": [own, imported]}, "wk_web")
        house.post("/v1/batch", {"batch": [{**marked("yes"), "messageId": "m-till"}]}, "wk_till")
        told = self.until(house, lambda told: told["sent"] == 2 and sum(n["times"] for n in told["not_sent"]) == 4)
        self.assertEqual({n["reason"]: n["times"] for n in told["not_sent"]}, {"refused": 1, "withdrawn": 1, "unset": 1, "imported": 1})
        self.assertEqual(set(old.events()), {"m-yes", "m-own"})
        for canary in ("no", "gone", "silent", "nobody"):
            self.assertFalse(any(f"canary-{canary}".encode() in call["body"] for call in old.calls), canary)

    def test_an_outage_and_kill_9_lose_nothing(self):
        """Recorded by the sink, read by `hospes compare`: at least once, and each messageId is the one that came."""
        seed = int(time.time())
        print("seed", seed)
        dice = random.Random(seed)
        mood = ["well"]

        def answer(call):
            if mood[0] == "dead":
                return 503, {"Retry-After": "1"}
            return [(200, {}), (200, {}), (500, {}), (429, {"Retry-After": "1"}), None][dice.choice([0, 0, 0, 0, 0, 1, 1, 1, 2, 4])]

        old = Old(answer)
        house = self.start(old)
        for i in range(20):
            self.answer(house, {"userId": f"u{i}"}, "given")
            self.answer(house, {"userId": f"u{i}"}, "given", "measure")
        sent = []

        def say(n):
            batch = [{"type": "track", "event": "Seen", "userId": f"u{dice.randrange(20)}", "messageId": f"e{len(sent) + i}", "properties": {"n": i}} for i in range(n)]
            status, body = house.post("/v1/batch", {"batch": batch}, "wk_web")
            self.assertEqual((status, json.loads(body)["accepted"]), (200, n), body)
            sent.extend(item["messageId"] for item in batch)

        for cut in range(4):
            say(150)
            mood[0] = "dead" if cut % 2 else "well"
            slow = time.monotonic()
            say(150)
            self.assertLess(time.monotonic() - slow, 5, "an old pipeline that is dead does not slow the door")
            if cut % 2 == 0:
                before = len(old.calls)
                old.wait(before + 20)  # in the middle of it
            house.kill()
            mood[0] = "well"
            house.start()
        say(50)
        end = time.monotonic() + 90
        while len(old.events()) < len(sent):
            self.assertLess(time.monotonic(), end, (len(old.events()), len(sent), self.told(house)))
        events = old.events()
        self.assertEqual(set(events), set(sent))
        again = sum(times - 1 for _, times, _ in events.values())
        print(f"{len(sent)} events, {again} of them told again over four kill -9 and failing answers")
        export = house.root / "export.ndjson"
        export.write_text("".join(json.dumps(item) + "\n" for item, _, _ in events.values()))
        words = [house.binary, "compare", "--with", str(export), "--source", "front", "--console", f"127.0.0.1:{house.console}",
                 "--token-file", f"{house.root}/data/console/token", "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual((told["compared"], told["missing"]), (len(sent), 0))

    def test_nothing_is_told_of_who_is_erased_while_it_waits(self):
        mood = [503]
        old = Old(lambda call: (mood[0], {"Retry-After": "1"}))
        house = self.start(old)
        for who in ("stays", "leaves"):
            self.answer(house, {"userId": who}, "given")
            self.answer(house, {"userId": who}, "given", "measure")
        old.answer = lambda call: (mood[0], {})
        house.post("/v1/batch", {"batch": [{"type": "track", "event": "Seen", "userId": "first", "messageId": "x"}]}, "wk_web")
        old.answer = lambda call: None
        batch = [{"type": "track", "event": "Seen", "userId": who, "messageId": f"w-{who}"} for who in ("stays", "leaves")]
        house.post("/v1/batch", {"batch": batch}, "wk_web")
        self.until(house, lambda told: told["again"] > 0)
        self.answer(house, {"userId": "leaves"}, "withdrawn")
        before = len(old.calls)
        old.answer = lambda call: (200, {})
        told = self.until(house, lambda told: told["sent"] == 1 and {"reason": "withdrawn", "times": 1} in told["not_sent"], within=60)
        self.assertEqual(told["standing"], "open")
        later = [item["messageId"] for call in old.calls[before:] for item in json.loads(call["body"])["batch"]]
        self.assertEqual(later, ["w-stays"], "no word of whoever withdrew, after the answer")

    def test_a_tee_that_is_wrong_stops_the_start_with_its_reason(self):
        for more, files, wanted in (
            ({"source": "frnot"}, {}, "front"), ({"purpose": "share:odl"}, {}, "share:old"), ({"url": "ftp://x/"}, {}, "/v1/batch"),
            ({}, {"old.key": ""}, "old.key"), ({"key_file": "../up.key"}, {}, "beside tee.toml"),
        ):
            house = House(sources=source("front", "wk_web", "server", ""),
                          files={"tee.toml": tee("https://old.example/v1/batch", **more), "old.key": "k", "purposes.toml": PURPOSES, **files})
            with self.assertRaises(RuntimeError) as refused:
                house.start()
            self.assertIn(wanted, str(refused.exception))


if __name__ == "__main__":
    unittest.main()
