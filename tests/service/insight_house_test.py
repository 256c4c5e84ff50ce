"""Reports on the house's own orders. The oracle: the same orders in a file, read by `hospes insight`."""

import datetime
import json
import random
import subprocess
import unittest

from house import House, source

SEED = 20261127
TODAY = datetime.datetime.now(datetime.timezone.utc).replace(hour=11, minute=0, second=0, microsecond=0)
REPORTS = ["cards", "clv", "rfm", "power", "cohorts"]


def world(people):
    """(person, instant, amount): first orders within twelve weeks, a year and a half ago; some never come again."""
    dice = random.Random(SEED)
    orders = []
    for who in range(people):
        day = 540 - dice.randrange(84)
        rate = dice.expovariate(1) * 1.5 / 100
        while day > 0:
            orders.append((f"p{who}", TODAY - datetime.timedelta(days=day), round(dice.lognormvariate(3.4, 0.6), 2)))
            if rate < 0.003 or dice.random() < 0.2:
                break
            day -= 1 + int(dice.expovariate(rate))
    return orders


def item(n, order, **more):
    who, at, amount = order
    return {"type": "track", "userId": who, "event": "Order Completed", "messageId": f"o{n}", "timestamp": at.isoformat(), "properties": {"total": amount}, **more}


class InsightOfTheHouse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(sources=source("robot", "wk_robot", "server", 'simulated = true')).start()
        cls.orders = world(400)
        items = [{"type": "consent", "userId": f"p{i}", "purpose": "market", "state": "given", "happened": "2020-01-01T00:00:00Z", "messageId": f"y{i}"} for i in range(400)]
        items += [item(n, order) for n, order in enumerate(cls.orders)]
        for at in range(0, len(items), 500):
            cls.send(items[at : at + 500])

    @classmethod
    def tearDownClass(cls):
        cls.house.stop()

    @classmethod
    def send(cls, batch, key="wk_demo"):
        status, body = cls.house.post("/v1/batch", {"batch": batch}, key)
        assert (status, json.loads(body)["accepted"]) == (200, len(batch)), body
        cls.house.settle()

    def ask(self, path, expected=200):
        status, told, answer = self.house.ask("GET", path)
        self.assertEqual(status, expected, told)
        return told

    def of_file(self, name, orders):
        path = self.house.root / "orders.csv"
        path.write_text("customer,date,value\n" + "".join(f"{who},{at:%Y-%m-%d},{amount}\n" for who, at, amount in orders))
        out = subprocess.run([self.house.binary, "insight", name, str(path), "--json", "--purpose", "market"], capture_output=True, text=True)
        self.assertEqual(out.returncode, 0, out.stderr)
        return json.loads(out.stdout)

    def assert_same(self, ours, theirs):
        self.assertFalse(theirs["too_few"], theirs["sentence"])
        self.assertTrue(theirs["estimates"] or theirs["tables"])
        self.assertEqual(ours["card"]["n"], theirs["card"]["n"])
        for a, b in zip(ours["estimates"], theirs["estimates"], strict=True):
            self.assertEqual(a["name"], b["name"])
            # Sums run over people in another order: the last digits differ.
            self.assertAlmostEqual(a["value"], b["value"], delta=1e-6 * max(1, abs(b["value"])), msg=a["name"])
        self.assertEqual([one["title"] for one in ours["plots"]], [one["title"] for one in theirs["plots"]])

    def test_each_report_is_that_of_a_file_with_the_same_orders(self):
        names = [one["name"] for one in self.ask("/v1/insight")["insights"]]
        self.assertEqual(names, REPORTS)
        for name in ["cards", "cohorts"]:  # the others break ties by name, or draw lots over people in their order
            with self.subTest(name, seed=SEED):
                told = self.ask(f"/v1/insight/{name}?fresh=1")
                self.assert_same(told["report"], self.of_file(name, self.orders))
                self.assertEqual(told["report"]["card"]["purpose"], "market")

    def test_the_command_line_asks_the_house(self):
        def run(*words):
            command = [self.house.binary, "insight", *words, "--house", "--console", f"127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token")]
            return subprocess.run(command, capture_output=True, text=True)

        told = self.ask("/v1/insight/clv")["report"]
        picture, scores = self.house.root / "clv.svg", self.house.root / "clv.csv"
        out = run("clv", "--plot", str(picture), "--scores", str(scores))
        self.assertEqual((out.returncode, out.stdout.splitlines()[0]), (0, told["sentence"]["en"]), out.stderr)
        self.assertIn("<svg", picture.read_text())
        self.assertEqual(len(scores.read_text().splitlines()), told["card"]["n"] + 1)
        shorter = json.loads(run("clv", "--json", "--with", "horizon=13w").stdout)["report"]
        self.assertNotEqual(shorter["sentence"], told["sentence"])
        self.assertIn("13 weeks", shorter["sentence"]["en"])
        refused = run("clv", "--only", "country=France")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--only is for files", refused.stderr)
        unknown = run("responses")
        self.assertIn("the house's own orders give these reports", unknown.stderr)

    def test_pictures_come_in_both_languages_and_themes(self):
        report = self.ask("/v1/insight/cards")["report"]
        self.assertEqual(len(report["plots"]), 3)
        seen = set()
        for lang in ["en", "fr"]:
            for theme in ["light", "dark"]:
                status, text, answer = self.house.ask("GET", f"/v1/insight/cards/plot?n=1&lang={lang}&theme={theme}&width=360&words=0")
                self.assertEqual((status, answer.getheader("Content-Type")), (200, "image/svg+xml"))
                self.assertIn(f'lang="{lang}"', text)
                self.assertIn('width="360"', text)
                seen.add(text)
        self.assertEqual(len(seen), 4)

    def test_invented_orders_and_closed_ones_are_never_read(self):
        before = self.ask("/v1/insight/rfm?fresh=1")["report"]["card"]
        self.send([item(10**6 + i, (f"r{i}", TODAY, 99.0)) for i in range(20)], key="wk_robot")
        self.assertEqual(self.ask("/v1/insight/rfm?fresh=1")["report"]["card"]["n"], before["n"])
        self.send([{"type": "consent", "userId": "p7", "purpose": "market", "state": "objected", "messageId": "no7"}])
        after = self.ask("/v1/insight/rfm?fresh=1")["report"]["card"]
        self.assertEqual(after["n"], before["n"] - 1)
        closed = sum(who == "p7" for who, _, _ in self.orders)
        self.assertIn(f"; {closed} orders are closed to this purpose", after["data"]["en"])
        self.assertNotIn("closed to this purpose", before["data"]["en"])

    def test_what_cannot_be_is_said(self):
        self.assertIn("cards, clv", self.ask("/v1/insight/nothing", 404)["detail"])
        self.assertIn("3 pictures", self.ask("/v1/insight/cards/plot?n=7", 404)["detail"])
        self.ask("/v1/insight/cards/plot?width=9", 400)
        self.assertEqual(self.house.get("/v1/insight/cards", headers={})[0], 401)


class AnEmptyHouse(unittest.TestCase):
    def test_too_few_to_tell_is_an_answer(self):
        house = House().start()
        self.addCleanup(house.stop)
        for name in REPORTS:
            status, told, _ = house.ask("GET", f"/v1/insight/{name}")
            self.assertEqual((status, told["report"]["too_few"]), (200, True), told)
            self.assertIn("n = 0", told["report"]["sentence"]["en"])


if __name__ == "__main__":
    unittest.main()
