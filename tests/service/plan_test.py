"""What a change of definitions would do, said before it is done; who carries what; what each segment's state is. Each figure against a
count over what was sent."""

import json
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

from house import House

FILE = """# Kept by hand.
segment buyers
  purpose market
  where
    count("Order Completed") >= 1

# Comments stay.
segment big
  purpose market
  where
    sum("Order Completed".total) >= 100

segment big_buyers
  purpose market
  where
    in segment big
    and count("Order Completed") >= 2
"""


def orders(person, totals, first):
    return [{"type": "track", "userId": person, "event": "Order Completed", "messageId": f"{person}-{first + i}",
             "properties": {"order_id": f"{person}-{first + i}", "total": total, "currency": "EUR"}} for i, total in enumerate(totals)]


def gini(amounts):
    """By its definition: the mean difference of all pairs, over twice the mean."""
    n, mean = len(amounts), statistics.fmean(amounts)
    return sum(abs(a - b) for a in amounts for b in amounts) / (2 * n * n * mean)


class Plan(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("HOSPES_SEED", random.SystemRandom().randrange(1 << 32)))
        print("seed", self.seed)
        dice = random.Random(self.seed)
        self.house = House(files={"segments.seg": FILE}).start()
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())
        self.spent = {f"p{i}": [dice.randrange(1, 90) for _ in range(dice.choice([1, 1, 1, 2, 3, 5, 9]))] for i in range(60)}
        batch = [order for person, totals in self.spent.items() for order in orders(person, totals, 0)]
        for at in range(0, len(batch), 100):
            self.house.batch(*batch[at:at + 100])

    def hospes(self, *words, code=0):
        ran = subprocess.run(
            [self.house.binary, *words, "--console", f"127.0.0.1:{self.house.console}", "--token-file", f"{self.house.root}/data/console/token"],
            capture_output=True, text=True, timeout=60, env={**os.environ, "LANG": "C"})
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran.stdout + ran.stderr

    def folder(self, text):
        folder = tempfile.TemporaryDirectory(prefix="hospes-plan-")
        self.addCleanup(folder.cleanup)
        (pathlib.Path(folder.name) / "segments.seg").write_text(text)
        return folder.name

    def ask(self, method, path, body=None, expected=200):
        status, told, _ = self.house.ask(method, path, body)
        self.assertEqual(status, expected, told)
        return told

    def segments(self):
        return {s["id"]: s for s in self.ask("GET", "/v1/segments")["segments"]}

    def members(self, rule):
        return {person for person, totals in self.spent.items() if rule(totals)}

    def test_a_plan_says_who_would_pass_and_why_and_apply_does_it(self):
        changed = FILE.replace(">= 100", ">= 50") + """
segment twice_big
  purpose market
  owner "Zoé"
  where
    in segment big_buyers
    and count("Order Completed") >= 3
"""
        changed = changed.replace("""# Kept by hand.
segment buyers
  purpose market
  where
    count("Order Completed") >= 1
""", "# Kept by hand still.\n")
        folder = self.folder(changed)
        big, wide = self.members(lambda t: sum(t) >= 100), self.members(lambda t: sum(t) >= 50)
        said = {c["segment"]: c for c in json.loads(self.hospes("plan", folder, "--json"))["changes"]}
        self.assertEqual(set(said), {"big", "big_buyers", "twice_big", "buyers"}, "what asks about a changed one changes too")
        self.assertEqual((said["big"]["members"], said["big"]["change"]["enter"], said["big"]["change"]["leave"]), (len(wide), len(wide - big), 0))
        entering = said["big"]["change"]["entering"]
        self.assertEqual(len(entering), min(10, len(wide - big)))
        for one in entering:
            self.assertIn(one["person"].removeprefix("user_id:"), wide - big)
            self.assertTrue(one["why"]["in"])
        twice = lambda people, k: {p for p in people if len(self.spent[p]) >= k}
        self.assertEqual(said["big_buyers"]["change"]["enter"], len(twice(wide, 2)) - len(twice(big, 2)))
        self.assertEqual(said["twice_big"]["members"], len(twice(wide, 3)), "of what it asks about as it will be")
        self.assertEqual((said["buyers"]["archived"], said["buyers"]["members"]), (True, len(self.spent)))
        text = self.hospes("plan", folder)
        self.assertIn(f"~ big\n    {len(wide)} members of {len(self.spent)} people\n    {len(wide - big)} would enter, 0 would leave\n", text)
        self.assertIn("    used in: big_buyers\n", text)
        self.assertIn(f"- buyers: {len(self.spent)} members would leave; it goes", text)
        self.assertEqual({id: s["members"] for id, s in self.segments().items()}["big"], len(big), "nothing was kept")

        self.assertEqual(self.hospes("apply", folder), "3 segments are in force; archived: buyers\n")
        counts = {id: s["members"] for id, s in self.segments().items()}
        self.assertEqual(counts, {"big": len(wide), "big_buyers": len(twice(wide, 2)), "twice_big": len(twice(wide, 3))})
        self.assertEqual((self.house.definitions / "segments.seg").read_text(), changed, "comments with it")
        self.assertEqual([v["by"] for v in self.ask("GET", "/v1/segments/big/versions")["versions"]], ["token", "file"])
        self.assertEqual(self.hospes("plan", folder), "Nothing would change.\n")
        progress = self.ask("GET", "/v1/backfill")
        self.assertEqual((progress["running"], progress["switched"], progress["partitions"]), (False, 16, 16))
        self.house.kill()
        self.house.start()
        self.assertEqual({id: s["members"] for id, s in self.segments().items()}, counts)

    def test_a_plan_that_cannot_be_is_told_where(self):
        said = self.hospes("plan", self.folder(FILE.replace("purpose market\n  where\n    sum", "purpose market\n  were\n    sum")), code=1)
        self.assertIn("segments.seg:10:3", said)
        self.assertIn("cannot be read", self.hospes("plan", "/nowhere", code=2))
        circle = FILE.replace('count("Order Completed") >= 1', "in segment big_buyers").replace('sum("Order Completed".total) >= 100', "in segment buyers")
        self.assertRegex(self.hospes("plan", self.folder(circle), code=2), r"(\w+) → (\w+) → (\w+) → \1")
        before = (self.house.definitions / "segments.seg").read_text()
        self.hospes("apply", self.folder(circle), code=2)
        self.assertEqual((self.house.definitions / "segments.seg").read_text(), before)
        (self.house.definitions / "segments.seg").write_text(before + "# by hand\nsegment hand purpose market where in segment big\n")
        self.assertIn("edited since the house took it", self.hospes("apply", self.folder(before), code=2))
        self.assertEqual(self.hospes("apply", str(self.house.definitions)), "4 segments are in force\n", "the house's own folder")

    def test_those_who_cannot_be_counted_are_counted(self):
        objecting = sorted(self.spent)[:7]
        self.house.batch(*({"type": "consent", "userId": person, "purpose": "market", "state": "objected", "messageId": f"no-{person}"} for person in objecting))
        # Views of them may serve personalise, and nothing asked about personalise: the purpose of this segment sees none.
        definition = 'segment viewers\n  purpose personalise\n  where\n    count("Order Completed") >= 1\n'
        told = self.ask("POST", "/v1/segments/preview", {"text": definition})
        self.assertEqual((told["members"], told["not_counted"]), (0, {"people": len(self.spent), "against": 0}))
        told = self.ask("POST", "/v1/segments/preview", {"text": 'segment all\n  purpose market\n  where\n    count("Order Completed") >= 1\n'})
        self.assertEqual((told["members"], told["not_counted"]), (len(self.spent) - 7, {"people": 7, "against": 7}))
        self.assertIn('segment buyers says the same: use it, or say what is different', told["notes"])
        # Another event is not what they are withheld for.
        told = self.ask("POST", "/v1/segments/preview", {"text": 'segment other\n  purpose market\n  where\n    count("Product Viewed") >= 1\n'})
        self.assertEqual(told["not_counted"], {"people": 0, "against": 0})

    def test_the_overlap_of_what_is_not_kept_yet(self):
        told = self.ask("POST", "/v1/segments/preview", {"text": 'segment two\n  purpose market\n  where\n    count("Order Completed") >= 2\n'})
        two = self.members(lambda t: len(t) >= 2)
        wanted = {"buyers": len(two), "big": len({p for p in two if sum(self.spent[p]) >= 100}),
                  "big_buyers": len({p for p in two if sum(self.spent[p]) >= 100})}
        self.assertEqual({o["id"]: o["both"] for o in told["overlap"]}, {id: n for id, n in wanted.items() if n})
        self.assertEqual([o["both"] for o in told["overlap"]], sorted((o["both"] for o in told["overlap"]), reverse=True))

    def test_power_users_and_what_they_carry(self):
        definition = self.ask("GET", "/v1/packaged/segments")["segments"][0]["definition"]
        self.assertEqual(subprocess.run([self.house.binary, "segment", "packaged", "power_users"], capture_output=True, text=True, check=True).stdout, definition)
        self.ask("PUT", "/v1/segments/power_users", {"text": definition}, 201)
        counts = sorted((len(t) for t in self.spent.values()), reverse=True)
        median = max(v for v in counts if sum(c >= v for c in counts) * 2 >= len(counts))
        power = self.members(lambda t: len(t) >= 2 * median)
        row = self.segments()["power_users"]
        self.assertEqual((row["members"], row["state"], row["last_error"]), (len(power), "in_force", None))
        value = self.ask("GET", "/v1/segments/power_users/value")
        amounts = {p: sum(t) for p, t in self.spent.items()}
        total = sum(amounts.values())
        self.assertEqual((value["people"], value["members"], value["total"]), (60, len(power), total))
        self.assertAlmostEqual(value["share"], sum(amounts[p] for p in power) / total, 6)
        self.assertAlmostEqual(value["share_of_people"], len(power) / 60, 6)
        self.assertAlmostEqual(value["gini"], gini(list(amounts.values())), 6)
        ranked = sorted(amounts.values(), reverse=True)
        self.assertAlmostEqual(value["top_fifth_share"], sum(ranked[:12]) / total, 6)
        self.assertEqual(len(value["curve"]), 21)
        for people, carried in value["curve"]:
            self.assertAlmostEqual(carried, sum(ranked[:round(people * 60)]) / total, 6)
        by_count = self.ask("GET", "/v1/segments/power_users/value?of=" + urllib.parse.quote('count("Order Completed")'))
        self.assertEqual(by_count["total"], sum(counts))
        text = self.hospes("segment", "value", "power_users")
        self.assertIn(f"{len(power)} of 60 people", text)
        self.assertIn(f"Gini {gini(list(amounts.values())):.3f}", text)
        for wrong in ("count(", "in segment big", 'average("Order Completed".total)', 'count("Order Completed") >= 1 and count("Order Completed")'):
            self.ask("GET", "/v1/segments/power_users/value?of=" + urllib.parse.quote(wrong), expected=400)
        self.ask("GET", "/v1/segments/nobody/value", expected=404)
        # The median is a record: it outlives a restart, and who doubles their activity enters by it at once.
        self.house.kill()
        self.house.start()
        self.assertEqual(self.segments()["power_users"]["members"], len(power))
        weakest = min(self.spent, key=lambda p: len(self.spent[p]))
        self.house.batch(*orders(weakest, [1] * (4 * median), 500))
        self.assertEqual(self.segments()["power_users"]["members"], len(power | {weakest}))

    def test_state_and_the_last_error_are_visible(self):
        path = self.house.definitions / "segments.seg"
        self.assertEqual({(s["state"], s["last_error"]) for s in self.segments().values()}, {("in_force", None)})
        (self.house.definitions / "segments.seg.new").mkdir()  # root may write everywhere else
        changed = 'segment big\n  purpose market\n  where\n    sum("Order Completed".total) >= 60\n'
        self.ask("PUT", "/v1/segments/big", changed, 409)
        self.assertIn("cannot be written", self.segments()["big"]["last_error"]["what"])
        self.assertIsNone(self.segments()["buyers"]["last_error"])
        told = self.hospes("segment", "list")
        self.assertRegex(told.splitlines()[0], r" segments, as of 20.*, \d+ ms behind$")
        self.assertRegex(told, r"(?m)^  .* market +in force +buyers$")
        self.assertRegex(told, r"(?m)^  big: .*cannot be written.*, 20\d\d-")
        (self.house.definitions / "segments.seg.new").rmdir()
        self.ask("PUT", "/v1/segments/big", changed)
        self.assertIsNone(self.segments()["big"]["last_error"])
        self.assertNotIn("cannot be written", self.hospes("segment", "list"))
        self.assertIn(">= 60", path.read_text())

    def test_a_back_fill_shows_how_far_it_is_while_events_come(self):
        stop, problems, sent = threading.Event(), [], []

        def sell():
            for number in range(10_000):
                if stop.is_set():
                    return
                status, body = self.house.post("/v1/batch", {"batch": orders(f"new{number % 50}", [1], number)})
                sent.append(number)
                if status != 200 or json.loads(body)["accepted"] != 1:
                    problems.append(body)

        seller = threading.Thread(target=sell)
        seller.start()
        seen = []

        def look():
            while not stop.is_set():
                seen.append(self.ask("GET", "/v1/backfill"))

        watcher = threading.Thread(target=look)
        watcher.start()
        for limit in range(1, 12):
            self.ask("PUT", "/v1/segments/big", f'segment big\n  purpose market\n  where\n    sum("Order Completed".total) >= {limit}\n')
        stop.set()
        seller.join()
        watcher.join()
        self.assertEqual(problems, [])
        self.assertTrue(all(s["switched"] <= s["partitions"] == 16 or s["partitions"] == 0 for s in seen))
        self.assertTrue(all(s["running"] == (s["switched"] < s["partitions"]) for s in seen))
        self.house.settle()
        self.assertEqual(self.segments()["buyers"]["members"], 60 + len({n % 50 for n in sent}))


if __name__ == "__main__":
    unittest.main()
