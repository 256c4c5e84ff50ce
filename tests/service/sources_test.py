"""How each source is, as the console says it: what a live sender changes is named within five seconds."""

import datetime
import http.client
import json
import random
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
            + source("visited", "wk_visited", "public", PAGE)
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

    def test_visitors_before_an_answer_are_counted_and_nobody_is_kept(self):
        page = lambda who, agent: self.house.post(
            "/v1/page", {"anonymousId": who, "name": "Home"}, "wk_visited", {"User-Agent": agent, "Origin": "https://shop.example"})
        for i in range(40):
            self.assertEqual(page(f"visitor-{i}", f"Planted-Agent/{i % 25}")[0], 200)
        counted = self.read("visited")["cookieless"]
        self.assertEqual([(day["views"], day["at_most"]) for day in counted], [(40, False)])
        self.assertAlmostEqual(counted[0]["people"], 25, delta=3)  # 25 marks on 4,096 places: four meet once in 10,000 runs
        status, body, _ = self.house.ask("GET", "/v1/sources")
        self.assertEqual(next(s for s in body["sources"] if s["name"] == "visited")["cookieless"], counted)
        # No file holds anything of what only withheld requests bore.
        folders = [self.house.root / "data", self.house.root / "keys"]
        for file in (f for folder in folders for f in folder.rglob("*") if f.is_file()):
            self.assertNotIn(b"Planted-Agent/1", file.read_bytes(), file)

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



class Drift(unittest.TestCase):
    def test_a_type_that_changes_after_a_restart_is_named(self):
        for end in ("stop", "kill"):
            house = House(sources=source("page", "wk_page", "public", PAGE)).start()
            self.addCleanup(lambda house=house: house.process.poll() is not None or house.stop())
            self.assertEqual(house.post("/v1/track", order(1, 12.5))[0], 200)
            kept = house.root / "data/console/shapes"
            if end == "kill":
                while not kept.exists() or len(kept.read_text().splitlines()) < 3:  # of total, nested and nested.size
                    self.assertIsNone(house.process.poll())
                house.kill()
            else:
                house.stop()
            text = kept.read_text()
            for word in ("total", "nested", "Basket", "hello"):
                self.assertNotIn(word, text)
            house.start()
            began = time.monotonic()
            self.assertEqual(house.post("/v1/track", order(2, "12,50 €"))[0], 200)
            while not (drift := house.ask("GET", "/v1/sources/hello")[1]["drift"]):
                self.assertLess(time.monotonic() - began, 5)
            self.assertEqual([drift[0][k] for k in ("kind", "event", "property", "was", "is", "first_message_id", "times", "of", "per_min")],
                             ["type", "Basket Priced", "total", "number", "text", "b2", 1, 1, 1])
            self.assertEqual(len(drift), 1)


TRUSTED = """[source.categories]
measure = ["measure"]
personalise = ["personalise"]
[source.trusted]
tool = "banner"
notice = "cookies"
version = "1"
[source.id_cookie]
name = "ajs_anonymous_id"
domain = "shop.example"
days = 30
"""


class IdCookie(unittest.TestCase):
    """The visitor's id as a cookie: with permission, for pages of the house's own domain, and ended by a no."""

    HERE = {"Origin": "https://www.shop.example", "Host": "collect.shop.example"}

    @classmethod
    def setUpClass(cls):
        pages = 'origins = ["https://www.shop.example", "https://elsewhere.example", "https://myshop.example"]\n'
        cls.house = House(sources=source("visits", "wk_visits", "public", pages) + TRUSTED + source("bare", "wk_bare", "public", pages)).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    n = 0

    def cookie(self, who="visitor-1", says=None, key="wk_visits", path="/v1/track", cookie=None, whole=None, gpc=None, **headers):
        """The Set-Cookie of an event's answer; the event must be answered as any."""
        IdCookie.n += 1
        event = {"type": "track", "anonymousId": who, "event": "Seen", "messageId": f"c{self.n}"}
        if says is not None:
            event["context"] = {"consent": {"categoryPreferences": says}}
        sent = {"X-Write-Key": key, **self.HERE, **headers}
        if cookie:
            sent["Cookie"] = cookie
        connection = http.client.HTTPConnection("127.0.0.1", self.house.public, timeout=10)
        connection.request("POST", path, json.dumps(whole or event), {k: v for k, v in sent.items() if v})
        answer = connection.getresponse()
        answer.read()
        self.status = answer.status
        self.assertLessEqual(len(answer.headers.get_all("Set-Cookie") or []), 1)
        connection.close()
        return answer.getheader("Set-Cookie")

    def test_a_yes_sets_the_id_that_the_page_has(self):
        said = self.cookie(says={"measure": True})
        self.assertEqual(said, "ajs_anonymous_id=visitor-1; Domain=shop.example; Path=/; Max-Age=2592000; SameSite=Lax")
        self.assertEqual(self.cookie(says={"measure": True}, cookie="ajs_anonymous_id=somebody-else"), said, "never the one that came along")
        batch = {"batch": [{"type": "page", "anonymousId": "visitor-2", "context": {"consent": {"categoryPreferences": {"measure": True}}}}]}
        self.assertTrue(self.cookie(whole=batch, path="/v1/b").startswith("ajs_anonymous_id=visitor-2;"))

    def test_without_a_yes_no_cookie_ever_leaves(self):
        seed = int(time.time())
        print("seed", seed)
        dice = random.Random(seed)
        for _ in range(300):
            says = dice.choice([None, {}, {"measure": False}, {"personalise": True}, {"measure": False, "personalise": True}, {"advertise": True}])
            other = dice.choice([None, "theme=dark", "xajs_anonymous_id=1; ajs_anonymous_idx=2"])
            self.assertIsNone(self.cookie(f"canary-{dice.random()}", says, cookie=other), (says, other))
            self.assertEqual(self.status, 200)

    def test_a_no_ends_it_and_silence_does_not(self):
        ended = "ajs_anonymous_id=; Domain=shop.example; Path=/; Max-Age=0; SameSite=Lax"
        self.assertEqual(self.cookie(says={"measure": False}, cookie="theme=dark; ajs_anonymous_id=visitor-1"), ended)
        self.assertIsNone(self.cookie(cookie="ajs_anonymous_id=visitor-1"), "no answer: neither set nor ended")
        one = lambda yes: {"type": "track", "anonymousId": "visitor-1", "event": "Seen", "context": {"consent": {"categoryPreferences": {"measure": yes}}}}
        both = {"batch": [one(True), one(False), one(True)]}
        self.assertEqual(self.cookie(whole=both, path="/v1/batch", cookie="ajs_anonymous_id=visitor-1"), ended, "one no is enough")
        self.assertIsNone(self.cookie(whole=both, path="/v1/batch"))

    def test_a_yes_on_record_and_its_withdrawal(self):
        answer = lambda state: self.house.post("/v1/consent", {
            "anonymousId": "visitor-3", "purpose": "measure", "state": state, "notice": {"id": "cookies", "version": "1", "lang": "fr"}, "messageId": f"w-{state}"})
        self.assertEqual(answer("given")[0], 200)
        self.assertTrue(self.cookie("visitor-3").startswith("ajs_anonymous_id=visitor-3;"))
        self.assertEqual(answer("withdrawn")[0], 200)
        self.assertIn("Max-Age=0", self.cookie("visitor-3", cookie="ajs_anonymous_id=visitor-3"))
        self.assertIn("Max-Age=0", self.cookie("visitor-3", {"measure": True}, cookie="ajs_anonymous_id=visitor-3"), "the page's word opens nothing then")

    def test_only_pages_and_hosts_of_the_domain(self):
        yes = {"measure": True}
        for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "https://myshop.example"}, {"Origin": None},
                        {"Host": f"127.0.0.1:{self.house.public}"}, {"Host": "collect.elsewhere.example"}):
            self.assertIsNone(self.cookie(says=yes, **headers), headers)
            self.assertEqual(self.status, 200)
        self.assertIsNone(self.cookie(says=yes, Origin="https://foreign.example"))
        self.assertEqual(self.status, 403)
        self.assertIsNone(self.cookie(says=yes, key=KEY), "a server has no cookies")
        self.assertIsNone(self.cookie(says=yes, key="wk_bare"), "not asked for by its source")
        for who in ("a;b", "é", "a b", "x" * 200, 'q"', "%41"):
            self.assertIsNone(self.cookie(who, yes), who)
            self.assertEqual(self.status, 200)

    def test_behind_a_proxy_it_is_secure(self):
        pages = 'origins = ["https://www.shop.example"]\n'
        house = House(sources=source("visits", "wk_visits", "public", pages) + TRUSTED, settings=["public.behind_proxy=true"]).start()
        self.addCleanup(house.stop)
        here, IdCookie.house = self.house, house
        try:
            self.assertTrue(self.cookie(says={"measure": True}).endswith("; SameSite=Lax; Secure"))
        finally:
            IdCookie.house = here


class Keys(unittest.TestCase):
    """Sources and their keys come, change and end while the house runs, in the file that people read."""

    def house(self):
        house = House(sources="# by hand\n" + source("page", "wk_page", "public", PAGE)).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        return house

    def file(self, house):
        return (house.definitions / "sources.toml").read_text()

    def track(self, house, key, message, **more):
        status, text = house.post("/v1/track", {"userId": "ana", "event": "Seen", "messageId": message, **CONSENT, **more}, key)
        return status, text.decode()

    def test_a_source_is_added_and_sends_at_once_and_after_a_restart(self):
        house = self.house()
        status, made, _ = house.ask("POST", "/v1/sources", {"name": "till", "use": "server", "label": "Paris", "without_answer": ["market"]})
        self.assertEqual(status, 201, made)
        key = made["key"]["key"]
        self.assertEqual((made["source"]["name"], made["source"]["keys"][0]["last_used"]), ("till", None))
        self.assertEqual(self.track(house, key, "m1")[0], 200)
        one = house.ask("GET", "/v1/sources/till")[1]
        self.assertEqual((one["last"]["verdict"], one["since_start"]["accepted"]), ("accepted", 1))
        self.assertIsNotNone(one["keys"][0]["last_used"])
        self.assertNotIn(key, self.file(house), "only its hash is kept")
        self.assertIn("# by hand\n", self.file(house))
        self.assertEqual(house.ask("GET", "/v1/sources/till")[1]["keys"][0]["fingerprint"], made["key"]["fingerprint"])
        again = house.ask("POST", "/v1/sources", {"name": "till", "use": "server"})
        self.assertEqual((again[0], again[1]["code"]), (409, "conflict"))
        house.kill()
        house.start()
        self.assertEqual(self.track(house, key, "m2")[0], 200)

    def test_one_key_follows_another(self):
        house = self.house()
        old = house.ask("POST", "/v1/sources", {"name": "till", "use": "server", "scopes": ["consent"]})[1]["key"]
        status, made, _ = house.ask("POST", "/v1/sources/till/keys", {"follows": old["fingerprint"], "overlap_hours": 1})
        self.assertEqual(status, 201, made)
        keys = {k["fingerprint"]: k for k in made["source"]["keys"]}
        self.assertEqual(keys[made["key"]["fingerprint"]]["scopes"], ["consent"], "what the one before might")
        self.assertIsNotNone(keys[old["fingerprint"]]["until"])
        for key in (old["key"], made["key"]["key"]):
            self.assertEqual(self.track(house, key, f"m-{key}")[0], 200, "both are taken while they overlap")
        self.assertEqual(house.ask("DELETE", f"/v1/sources/till/keys/{old['fingerprint']}")[0], 204)
        status, text = self.track(house, old["key"], "late")
        self.assertEqual(status, 401)
        self.assertIn("ended at", text)
        self.assertEqual(self.track(house, made["key"]["key"], "new")[0], 200)
        self.assertEqual(house.ask("DELETE", "/v1/sources/till/keys/000000000000")[0], 404)
        self.assertEqual(house.ask("DELETE", "/v1/sources/till")[0], 400)

    def test_scopes_bound_what_a_server_key_may_say(self):
        house = self.house()
        bare = house.ask("POST", "/v1/sources", {"name": "survey", "use": "server", "scopes": []})[1]["key"]["key"]
        answer = {"userId": "ana", "purpose": "measure", "state": "given", "notice": {"id": "n", "version": "1", "lang": "fr"}}
        status, text = house.post("/v1/consent", {**answer, "messageId": "c1"}, bare)
        self.assertEqual(status, 403, text)
        self.assertIn("scopes", text.decode())
        status, text = house.post("/v1/batch", {"batch": [{"type": "consent", **answer, "messageId": "c2"}]}, bare)
        self.assertEqual(json.loads(text)["rejected"][0]["code"], "scope_needed")
        status, text = self.track(house, bare, "m1")
        self.assertEqual([json.loads(text)[k] for k in ("accepted", "rejected")], [0, []], "its own word opens nothing")
        house.post("/v1/consent", {**answer, "messageId": "c3"}, KEY)
        self.assertEqual(json.loads(self.track(house, bare, "m2")[1])["accepted"], 1)
        house.post("/v1/identify", {"userId": "ana", "anonymousId": "dev-1", "messageId": "i1"}, bare)
        joins = house.ask("GET", "/v1/persons/user_id:ana/joins")[1]
        self.assertNotIn("attested", json.dumps(joins["joins"] if "joins" in joins else joins), joins)

    def test_origins_rate_and_switch(self):
        house = self.house()
        page = {"Origin": "https://new.example"}
        send = lambda message: house.post("/v1/track", {"anonymousId": "a", "event": "Seen", "messageId": message, **CONSENT}, "wk_page", page)
        self.assertEqual(send("m1")[0], 403)
        self.assertEqual(house.ask("GET", "/v1/sources/page")[1]["errors"][0]["origin"], "https://new.example")
        change = lambda **fields: house.ask("PATCH", "/v1/sources/page", fields)
        status, body, _ = change(origins=["https://shop.example", "https://new.example"])
        self.assertEqual((status, body["origins"]), (200, ["https://shop.example", "https://new.example"]))
        self.assertEqual(send("m2")[0], 200)
        self.assertEqual(change(origins=["https://a.example/path"])[0], 400)
        self.assertEqual(change(enabled=False)[0], 200)
        self.assertEqual(send("m3")[0], 401)
        self.assertEqual(change(enabled=True, events_per_s_max=1)[0], 200)
        self.assertEqual(send("m4")[0], 200)
        while send("m5")[0] != 429:
            pass
        self.assertEqual(change(colour="red")[0], 400)
        self.assertEqual(house.ask("PATCH", "/v1/sources/pgae", {"enabled": True})[0], 404)

    def test_an_edit_by_hand_is_not_overwritten(self):
        house = self.house()
        by_hand = self.file(house) + "\n" + source("other", "wk_other", "server")
        (house.definitions / "sources.toml").write_text(by_hand)
        status, body, _ = house.ask("POST", "/v1/sources", {"name": "till", "use": "server"})
        self.assertEqual((status, body["code"]), (409, "conflict"))
        self.assertIn("edited", body["detail"])
        self.assertEqual(self.file(house), by_hand)

    def test_changes_under_load_lose_nothing(self):
        house = self.house()
        key = house.ask("POST", "/v1/sources", {"name": "busy", "use": "server", "without_answer": ["market"]})[1]["key"]["key"]
        sent, stop = [], threading.Event()

        def sender(who):
            i = 0
            while not stop.is_set():
                status, _ = self.track(house, key, f"{who}-{i}")
                assert status == 200, status
                sent.append(status)
                i += 1

        threads = [threading.Thread(target=sender, args=(w,)) for w in range(3)]
        for thread in threads:
            thread.start()
        try:
            for i in range(40):
                self.assertEqual(house.ask("POST", "/v1/sources", {"name": f"s{i}", "use": "public"})[0], 201)
                self.assertEqual(house.ask("PATCH", "/v1/sources/busy", {"catalogue": ["warn", "learn"][i % 2]})[0], 200)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        counted = house.ask("GET", "/v1/sources/busy")[1]["since_start"]
        self.assertEqual((counted["accepted"], counted["refused"]), (len(sent), 0))


if __name__ == "__main__":
    unittest.main()
