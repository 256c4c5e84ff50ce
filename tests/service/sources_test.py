"""How each source is, as the console says it: what a live sender changes is named within five seconds."""

import datetime
import json
import threading
import time
import unittest

from house import KEY, House, source

CONSENT = {"context": {"consent": {"categoryPreferences": {"measure": True}}}}
PAGE = 'origins = ["https://shop.example"]\n'


def order(i, total, **more):
    return {"userId": "ana", "event": "Basket Priced", "messageId": f"b{i}", "properties": {"total": total, "nested": {"size": 1}}, **CONSENT, **more}


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(
            sources=source("page", "wk_page", "public", PAGE)
            + source("strict", "wk_strict", "server", 'catalogue = "strict"')
            + source("warn", "wk_warn", "server", 'catalogue = "warn"')
        ).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def read(self, name):
        status, body, _ = self.house.ask("GET", f"/v1/sources/{name}")
        self.assertEqual(status, 200, body)
        return body

    def track(self, body, key=KEY, **headers):
        status, text = self.house.post("/v1/track", body, key, headers)
        return status, text.decode()

    def test_a_live_sender_changes_a_type(self):
        stop, changed = threading.Event(), []

        def sender():
            for i in range(100_000):
                if stop.is_set():
                    return
                late = i >= 50
                if i == 50:
                    changed.append(time.monotonic())
                assert self.track(order(i, "12,50 €" if late else 12.5))[0] == 200

        live = threading.Thread(target=sender)
        live.start()
        try:
            while not changed or not (seen := self.read("hello")["drift"]):
                self.assertLess(time.monotonic() - (changed or [time.monotonic()])[0], 5, "named within five seconds")
            named = time.monotonic() - changed[0]
            while self.read("hello")["drift"][0]["times"] < 3:
                self.assertTrue(live.is_alive())
        finally:
            stop.set()
            live.join()
        drift = self.read("hello")["drift"][0]
        print(f"named {1000 * named:.0f} ms after the first one was sent")
        self.assertEqual(
            [drift[k] for k in ("kind", "event", "property", "was", "is", "catalogued", "first_message_id")],
            ["type", "Basket Priced", "total", "number", "text", False, "b50"],
        )
        self.assertEqual(drift["times"], drift["of"])
        self.assertGreaterEqual(drift["per_min"], 3)
        self.assertEqual(seen[0]["first_at"], drift["first_at"])
        heard = next(e for e in self.read("hello")["heard"] if e["event"] == "Basket Priced")
        self.assertEqual([(p["name"], p["type"]) for p in heard["properties"]], [("nested.size", "number"), ("total", "number")])
        self.assertEqual(len(self.read("hello")["drift"]), 1)

    def test_a_strict_source_refuses_and_tells(self):
        status, text = self.track(order(1, 1), "wk_strict")
        self.assertEqual((status, json.loads(text)["rejected"][0]["code"]), (200, "not_catalogued"))
        self.assertIn('event "Basket Priced"', json.loads(text)["rejected"][0]["reason"])
        body = {"userId": "ana", "event": "Order Completed", "messageId": "s1", "properties": {"total": "twelve"}, **CONSENT}
        refused = json.loads(self.track(body, "wk_strict")[1])["rejected"][0]
        self.assertEqual(refused["code"], "property_type")
        self.assertIn('property "total" of event "Order Completed" is money in the catalogue, and came as text', refused["reason"])
        body["properties"] = {"total": 12, "order_id": 7, "products": [{"sku": "x"}]}
        self.assertEqual(json.loads(self.track(body, "wk_strict")[1])["accepted"], 1)
        told = self.read("strict")
        self.assertEqual({(d["kind"], d["event"], d["property"], d["was"]) for d in told["drift"]},
                         {("event", "Basket Priced", None, None), ("type", "Order Completed", "total", "money")})
        self.assertEqual({r["code"]: r["times"] for r in told["refused_by"]}, {"not_catalogued": 1, "property_type": 1})
        self.assertEqual(told["since_start"], {"accepted": 1, "withheld": 0, "refused": 2})
        self.assertIsNone(self.house.profile("user_id:strict-nobody"))

    def test_a_warned_source_takes_and_tells(self):
        body = {"userId": "ana", "event": "Order Completed", "messageId": "w1", "properties": {"total": 1, "mood": "good"}, **CONSENT}
        self.assertEqual(json.loads(self.track(body, "wk_warn")[1])["accepted"], 1)
        drift = self.read("warn")["drift"]
        self.assertEqual([(d["kind"], d["property"], d["first_message_id"]) for d in drift], [("property", "mood", "w1")])

    def test_what_is_withheld_teaches_nothing(self):
        body = {"anonymousId": "a", "event": "Secret Wish", "messageId": "q1", "properties": {"wish": "a pony"}}
        self.assertEqual(self.track(body, "wk_page")[0], 200)
        told = self.read("page")
        self.assertEqual((told["heard"], told["since_start"]["withheld"]), ([], 1))
        self.assertNotIn("wish", json.dumps(told).lower().replace("secret wish", ""))

    def test_health_says_what_was_wrong(self):
        self.assertEqual(self.track("{", "wk_page")[0], 400)
        self.assertEqual(self.track({}, "wk_page", Origin="https://elsewhere.example")[0], 403)
        self.assertEqual(self.track({}, "wk_mistyped")[0], 401)
        errors = {e["status"]: e for e in self.read("page")["errors"]}
        self.assertIn("send one JSON object", errors[400]["reason"])
        self.assertEqual(errors[403]["origin"], "https://elsewhere.example")
        status, all_sources, _ = self.house.ask("GET", "/v1/sources")
        self.assertEqual(status, 200)
        self.assertEqual([(e["status"], e["times"]) for e in all_sources["nobodys"]], [(401, 1)])
        self.assertNotIn("wk_mistyped", json.dumps(all_sources))
        self.assertLessEqual({"hello", "page", "strict", "warn"}, {s["name"] for s in all_sources["sources"]})

    def test_the_lag_is_from_happening_to_receipt(self):
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        body = {"userId": "ana", "event": "Order Completed", "messageId": "late", "timestamp": at.isoformat()}
        self.assertEqual(self.track(body, "wk_demo_shop")[0], 200)
        told = self.read("shop")
        self.assertAlmostEqual(told["lag"]["median_ms"], 3_600_000, delta=60_000)
        self.assertEqual((told["last"]["event"], told["last"]["verdict"]), ("Order Completed", "accepted"))
        self.assertEqual(told["events_per_min"], 1)
        self.assertEqual(self.house.ask("GET", "/v1/sources/none")[0], 404)


if __name__ == "__main__":
    unittest.main()
