"""The console of the real binary: every read, the live stream, and how it turns people away."""

import http.client
import json
import socket
import threading
import unittest

from house import House

CONSENT = {"consent": {"categoryPreferences": {"personalise": True, "measure": True}}}
DEFINITION = """segment many_views
  purpose personalise
  name en "Many views" fr "Beaucoup de vues"
  sentence en "Two views." fr "Deux vues."
  where
    count("Product Viewed") >= 2
"""
BUYERS = DEFINITION.replace("many_views", "buyers_now").replace("personalise", "market").replace(
    'count("Product Viewed") >= 2', 'count("Order Completed") >= 1'
)


class Stream:
    """The live stream, read event by event; a wait that is too long fails by the socket's time-out."""

    def __init__(self, house, query="", headers=None, window=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", house.console, timeout=20)
        if window:
            self.connection.sock = socket.socket()
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            self.connection.sock.settimeout(20)
            self.connection.sock.connect(("127.0.0.1", house.console))
        sent = {"Authorization": f"Bearer {house.token}", **(headers or {})}
        self.connection.request("GET", "/v1/live" + query, headers=sent)
        self.answer = self.connection.getresponse()
        self.idle = 0

    def event(self):
        fields = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line:
                if "event" in fields:
                    return fields["event"], json.loads(fields["data"]), fields.get("id")
                fields = {}
            elif line.startswith(":"):
                self.idle += 1  # every 15 s
                if self.idle > 4:
                    raise TimeoutError("the live stream is alive, but what the test waits for does not come")
            else:
                name, _, value = line.partition(": ")
                fields[name] = value

    def until(self, wanted):
        while True:
            name, data, number = self.event()
            if wanted(name, data):
                return data, number

    def all_of(self, *wanted):
        """One event for each of the conditions, in whatever order they come."""
        found = [None] * len(wanted)
        while None in found:
            name, data, number = self.event()
            for i, one in enumerate(wanted):
                if found[i] is None and one(name, data):
                    found[i] = (data, number)
        return found

    def close(self):
        self.connection.close()


class Console(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0, "SIGTERM ends with 0"

    def get(self, path):
        status, body, _ = self.house.ask("GET", path)
        self.assertEqual(status, 200, body)
        return body

    def order(self, who, number, **more):
        status, body = self.house.post(
            "/v1/track",
            {"userId": who, "event": "Order Completed", "messageId": f"m-{number}", "properties": {"order_id": number, "total": 40}, **more},
        )
        self.assertEqual((status, json.loads(body)["accepted"]), (200, 1), body)
        self.house.settle()

    def test_profile_with_pages_permissions_and_why(self):
        for i in range(7):
            self.order("paul", f"P{i}")
        first = self.get("/v1/profiles/user_id:paul?limit=3")
        self.assertEqual((len(first["timeline"]), first["timeline_size"], first["name"]), (3, 7, "user_id:paul"))
        seen, page = [m["properties"]["order_id"] for m in first["timeline"]], first
        while page["next"]:
            page = self.get("/v1/profiles/user_id:paul?limit=3&after=" + page["next"])
            seen += [m["properties"]["order_id"] for m in page["timeline"]]
        self.assertEqual(sorted(seen), [f"P{i}" for i in range(7)])
        market = next(p for p in first["permissions"] if p["purpose"] == "market")
        self.assertEqual((market["basis"], market["state"], market["answers"]), ("interest", "unset", []))
        self.assertIn("market", first["timeline"][0]["purposes"])
        for segment in first["segments"]:
            self.assertTrue(self.get(segment["why"])["in"], segment)
        self.assertTrue(first["segments"])
        self.assertEqual(self.house.ask("GET", "/v1/profiles/user_id:paul?after=x")[0], 400)
        self.assertEqual(self.house.ask("GET", "/v1/profiles/user_id:paul?limit=0")[0], 400)

    def test_an_objection_closes_what_is_shown(self):
        self.order("nina", "N1")
        status, body = self.house.post("/v1/consent", {"userId": "nina", "purpose": "market", "state": "objected", "messageId": "no-1"})
        self.assertEqual(status, 200, body)
        self.house.settle()
        seen = self.get("/v1/profiles/user_id:nina")
        market = next(p for p in seen["permissions"] if p["purpose"] == "market")
        self.assertEqual(market["state"], "objected")
        self.assertEqual(market["answers"][0]["through"], "user_id:nina")
        self.assertNotIn("market", seen["timeline"][0]["purposes"])
        closed = self.get("/v1/events/m-N1")["found"][0]["closed"]
        market = next(c for c in closed if c["purpose"] == "market")
        self.assertEqual(market["why"], "since_then")
        self.assertIn("since then", market["text"])

    def test_joined_identifiers_say_how(self):
        self.house.post("/v1/track", {"anonymousId": "dev-j", "event": "Product Viewed", "messageId": "j1", "context": CONSENT})
        self.house.post("/v1/identify", {"anonymousId": "dev-j", "userId": "jo", "messageId": "j2", "traits": {"city": "Lyon"}, "context": CONSENT})
        self.house.settle()
        seen = self.get("/v1/profiles/user_id:jo")
        joined = {i["kind"]: i["joined"] for i in seen["identifiers"]}
        self.assertEqual(joined["anonymous_id"][0]["with"], "user_id:jo")
        self.assertEqual(joined["anonymous_id"][0]["grade"], "attested")
        self.assertTrue(joined["user_id"][0]["same_person"])
        self.assertEqual(seen["traits"]["city"]["source"], "hello")

    def test_segments_say_what_they_are_and_why_they_are_empty(self):
        self.order("sam", "S1")
        rows = {s["id"]: s for s in self.get("/v1/segments")["segments"]}
        self.assertGreaterEqual(len(rows), 25)
        self.assertGreaterEqual(rows["new_customers"]["members"], 1)
        self.assertIn('first("Order Completed")', rows["new_customers"]["definition"])
        self.assertNotIn("empty", rows["new_customers"])
        reasons = {s["empty"]["reason"] for s in rows.values() if s["members"] == 0}
        self.assertIn("never_came", reasons)
        for row in rows.values():
            if row["members"] == 0:
                self.assertIn(row["empty"]["reason"], ("never_came", "no_permission", "nobody_yet"))

    def test_members_by_page_are_complete_and_come_once(self):
        for i in range(23):
            self.order(f"member-{i}", f"M{i}")
        wanted = next(s for s in self.get("/v1/segments")["segments"] if s["id"] == "new_customers")["members"]
        for limit in (1, 7, 1000):
            seen, page = [], {"next": ""}
            while page["next"] is not None:
                page = self.get(f"/v1/segments/new_customers/members?limit={limit}" + (f"&after={page['next']}" if page["next"] else ""))
                self.assertLessEqual(len(page["members"]), limit)
                seen += [m["person"] for m in page["members"]]
            self.assertEqual(len(seen), len(set(seen)))
            self.assertEqual(len(seen), wanted)
        self.assertTrue({f"user_id:member-{i}" for i in range(23)} <= set(seen))
        self.assertEqual(self.house.ask("GET", "/v1/segments/nonsense/members")[0], 404)
        self.assertEqual(self.house.ask("GET", "/v1/segments/new_customers/members?limit=1001")[0], 400)
        self.assertEqual(self.house.ask("GET", "/v1/segments/new_customers/members?after=zzz")[0], 400)

    def test_preview_counts_as_the_definition_will(self):
        for i in range(12):
            self.order(f"prev-{i}", f"V{i}")
        status, seen, _ = self.house.ask("POST", "/v1/segments/preview", BUYERS)
        self.assertEqual(status, 200, seen)
        self.assertEqual(len(seen["examples"]), 10)
        self.assertTrue(all(e["why"]["in"] for e in seen["examples"]))
        for body in ({"text": BUYERS}, self.as_json("buyers_now", "market", "Order Completed", 1)):
            status, again, _ = self.house.ask("POST", "/v1/segments/preview", body)
            self.assertEqual((status, again.get("members")), (200, seen["members"]), again)
        self.assertEqual(self.members_in_a_house_that_defines_it(), 5)

    @staticmethod
    def as_json(identity, purpose, event, least):
        return {"definition": {"id": identity, "purpose": purpose, "where": {"fold": "count", "event": event, "test": ">=", "value": least}}}

    def members_in_a_house_that_defines_it(self):
        """Preview, then a house whose segments.seg has it: the two counts, which must be one."""
        house = House(sources="\n")  # a copy of the definitions
        with open(house.definitions / "segments.seg", "a") as file:
            file.write("\n" + BUYERS)
        house.start()
        try:
            for i in range(5):
                house.post("/v1/track", {"userId": f"d{i}", "event": "Order Completed", "messageId": f"d{i}", "properties": {"order_id": str(i), "total": 1}})
            house.settle()
            rows = json.loads(house.get("/v1/segments")[1])["segments"]
            defined = next(s["members"] for s in rows if s["id"] == "buyers_now")
            connection = http.client.HTTPConnection("127.0.0.1", house.console, timeout=30)
            connection.request("POST", "/v1/segments/preview", BUYERS.replace("buyers_now", "buyers_preview"), {"Authorization": f"Bearer {house.token}"})
            previewed = json.loads(connection.getresponse().read())
            connection.close()
            self.assertEqual(previewed["members"], defined)
            return defined
        finally:
            house.stop()

    def test_a_mistake_in_a_definition_is_told_with_its_place(self):
        status, seen, _ = self.house.ask("POST", "/v1/segments/preview", BUYERS.replace("purpose market", "purpose markte"))
        self.assertEqual(status, 422)
        self.assertIn('nearest known is "market"', seen["detail"])
        self.assertEqual((seen["line"], seen["source"].strip()), (2, "purpose markte"))
        status, seen, _ = self.house.ask("POST", "/v1/segments/preview", BUYERS.replace(">= 1", ">= >="))
        self.assertEqual((status, seen["line"]), (422, 6))
        status, seen, _ = self.house.ask("POST", "/v1/segments/preview", BUYERS.replace("Order Completed", "Order Complete"))
        self.assertEqual(status, 200)
        self.assertIn('nearest known is "Order Completed"', seen["notes"][0])

    def test_find_by_each_kind(self):
        self.house.post(
            "/v1/identify",
            {"userId": "finn", "messageId": "f0", "traits": {"email": "Finn@Example.org", "phone": "+33 6 12 34 56 78"}, "context": CONSENT},
        )
        self.order("finn", "F-77")
        for question in ({"user_id": "finn"}, {"email": "finn@example.org"}, {"order": "F-77"}):
            status, seen, _ = self.house.ask("POST", "/v1/find", question)
            self.assertEqual(status, 200, seen)
            self.assertEqual([p["person"] for p in seen["people"]], ["user_id:finn"], question)
        self.assertEqual(self.house.ask("POST", "/v1/find", {"email": "nobody@example.org"})[1]["people"], [])
        self.assertEqual(self.house.ask("POST", "/v1/find", {"order": "no such order"})[1]["people"], [])
        self.assertEqual(self.house.ask("POST", "/v1/find", {"shoe": "1"})[0], 422)
        self.assertEqual(self.house.ask("POST", "/v1/find", {})[0], 422)
        self.assertEqual(self.house.ask("POST", "/v1/find", "[1")[0], 400)
        self.house.log.flush()
        logged = (self.house.root / "out.log").read_text()
        self.assertIn("portal.looked", logged)
        for value in ("finn@example.org", "Finn@Example.org", "F-77", "no such order"):
            self.assertNotIn(value, logged)

    def test_the_live_stream_shows_arrivals_and_passages(self):
        stream = Stream(self.house)
        self.assertEqual(stream.answer.getheader("Content-Type"), "text/event-stream")
        self.order("lea", "L1")
        # A passage may be told before the arrival that caused it: the partition need not wait for the door.
        (arrival, _), (passage, number) = stream.all_of(
            lambda n, d: n == "arrival" and d["message_id"] == "m-L1",
            lambda n, d: n == "transition" and d["person"] == "user_id:lea" and d["segment"] == "new_customers",
        )
        self.assertEqual((arrival["verdict"], arrival["source"], arrival["event"], arrival["who"]), ("accepted", "hello", "Order Completed", "user_id:lea"))
        self.assertEqual((passage["to"], passage["cause"], passage["message_id"], passage["simulated"]), ("in", "event", "m-L1", False))
        self.assertEqual(passage["name"]["fr"], "Nouveaux clients")
        self.house.post("/v1/track", {"userId": "shy", "event": "Canary 4471", "messageId": "shy-1", "properties": {"x": "canary-4471"}})
        withheld, _ = stream.until(lambda n, d: n == "arrival" and d["verdict"] == "withheld")
        self.assertIn("personalise", withheld["missing"])
        self.assertIn("consent", withheld["change"])
        self.assertIsNone(withheld["who"])
        self.assertNotIn("canary-4471", json.dumps(withheld))
        self.order("lea", "L1")  # the same message again
        stream.until(lambda n, d: n == "arrival" and d["verdict"] == "duplicate" and d["message_id"] == "m-L1")
        stream.close()
        epoch, at = number.split("-")
        again = Stream(self.house, "?kinds=transitions", {"Last-Event-ID": f"{epoch}-{int(at) - 1}"})
        data, resumed = again.until(lambda n, d: n == "transition")
        self.assertEqual((resumed, data["person"]), (number, "user_id:lea"))
        again.close()
        self.assertEqual(self.house.ask("GET", "/v1/live?kinds=cats")[0], 400)

    def test_a_slow_reader_is_told_what_it_lost_and_holds_nobody_up(self):
        stream = Stream(self.house, "?kinds=arrivals", window=4096)
        sent = 20_000  # some 10 MB of stream, more than the server and the kernel keep for it
        for first in range(0, sent, 500):
            batch = [
                {"type": "track", "userId": f"slow-{i}", "event": "Order Completed", "messageId": f"{i:0>240}", "properties": {"total": 1}}
                for i in range(first, first + 500)
            ]
            status, body = self.house.post("/v1/batch", {"batch": batch})
            self.assertEqual((status, json.loads(body)["accepted"]), (200, 500))
        self.house.settle()
        seen = {"arrivals": 0, "dropped": 0}

        def read():
            """Until an event that was sent when all of them had been: those before it are seen, or counted in gaps."""
            while True:
                name, data, _ = stream.event()
                if name == "gap":
                    seen["dropped"] += data["dropped"]
                elif data["message_id"].startswith("after-"):
                    return
                else:
                    seen["arrivals"] += 1

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        for more in range(2_000):  # what comes once there is room again brings the gap with it
            reader.join(0.01)
            if not reader.is_alive():
                break
            self.house.post("/v1/track", {"userId": "slow", "event": "Order Completed", "messageId": f"after-{more}"})
        self.assertGreater(seen["dropped"], 0, seen)
        self.assertGreaterEqual(seen["arrivals"] + seen["dropped"], sent)
        stream.close()

    def test_invented_people_can_be_left_out(self):
        before = self.get("/v1/segments?real_only=1")
        stream = Stream(self.house, "?real_only=1&kinds=arrivals")
        status, body = self.house.post(
            "/v1/track",
            {"userId": "robot", "event": "Order Completed", "messageId": "r1", "properties": {"order_id": "R1", "total": 1}},
            key="wk_demo_visitors_server",
        )
        self.assertEqual((status, json.loads(body)["accepted"]), (200, 1), body)
        self.house.settle()
        self.order("after-robot", "AR")
        self.assertEqual(stream.event()[1]["message_id"], "m-AR")
        stream.close()
        count = {s["id"]: s["members"] for s in before["segments"]}["new_customers"]
        real = {s["id"]: s["members"] for s in self.get("/v1/segments?real_only=1")["segments"]}["new_customers"]
        every = {s["id"]: s["members"] for s in self.get("/v1/segments")["segments"]}["new_customers"]
        self.assertEqual((real, every), (count + 1, count + 2))
        people = [m["person"] for m in self.get("/v1/segments/new_customers/members?limit=1000&real_only=1")["members"]]
        self.assertNotIn("user_id:robot", people)
        self.assertTrue(self.get("/v1/profiles/user_id:robot")["simulated"])

    def test_what_became_of_an_event(self):
        self.order("eve", "E1", timestamp="2026-01-05T10:00:00Z", sentAt="2026-01-05T10:00:01Z")
        seen = self.get("/v1/events/m-E1")["found"][0]
        self.assertEqual((seen["source"], seen["state"], seen["person"], seen["event"]), ("hello", "accepted", "user_id:eve", "Order Completed"))
        self.assertIn("market", seen["purposes"])
        self.assertIn("personalise", [c["purpose"] for c in seen["closed"]])
        self.assertTrue(all(c["why"] for c in seen["closed"]))
        self.assertEqual(seen["times"]["original"], "2026-01-05T10:00:00Z")
        self.assertTrue(all(seen["times"][t] for t in ("happened", "received", "sent")))
        self.assertTrue(all(t["person"] == "user_id:eve" for t in seen["transitions"]))
        self.order("eve", "E1")
        self.assertEqual(self.get("/v1/events/m-E1?source=hello")["found"][0]["state"], "duplicate")
        self.house.post("/v1/track", {"userId": "w", "event": "Seen", "messageId": "with-1"})
        withheld = self.get("/v1/events/with-1")["found"][0]
        self.assertEqual(withheld["state"], "withheld")
        self.assertTrue(withheld["missing"] and withheld["change"])
        unknown = self.get("/v1/events/never-sent")["found"][0]
        self.assertEqual(unknown["state"], "unknown")
        self.assertIn("35 days", unknown["why"])
        self.assertEqual(self.house.ask("GET", "/v1/events/x?source=hallo")[0], 422)

    def test_who_may_not_is_told_why(self):
        paths = ["/v1/segments", "/v1/profiles/user_id:x", "/v1/live", "/v1/events/x", "/metrics", "/v1/nothing"]
        for path in paths:
            status, body, _ = self.house.ask("GET", path, headers={})
            self.assertEqual((status, body["code"]), (401, "session_needed"), path)
            status, body, _ = self.house.ask("GET", path, headers={"Authorization": f"Bearer {self.house.token}", "Origin": "https://evil.example"})
            self.assertEqual((status, body["code"]), (403, "origin_foreign"), path)
        status, body, _ = self.house.ask("GET", "/v1/nothing")
        self.assertEqual((status, body["code"]), (404, "not_found"))
        status, body, _ = self.house.ask("GET", "/v1/profiles/user_id:nobody-at-all")
        self.assertEqual((status, body["code"]), (404, "not_found"))
        for method, path, allowed in (("POST", "/v1/segments", "GET, PUT"), ("GET", "/v1/find", "POST"), ("DELETE", "/v1/live", "GET"), ("GET", "/v1/segments/preview", "POST")):
            status, body, answer = self.house.ask(method, path)
            self.assertEqual((status, answer.getheader("Allow")), (405, allowed), path)


if __name__ == "__main__":
    unittest.main()
