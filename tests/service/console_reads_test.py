"""What the console's pages read, asked of the real binary: home, history, sample, overlap, what came lately, sessions."""

import datetime
import http.client
import json
import random
import subprocess
import unittest
import zoneinfo

from house import House

VIEW = {"consent": {"categoryPreferences": {"personalise": True}}}
VISITORS = "wk_demo_visitors_server"  # its people are invented


def days_ago(days):
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Reads(unittest.TestCase):
    def setUp(self):
        self.house = House().start()
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())

    def get(self, path):
        status, body, _ = self.house.ask("GET", path)
        self.assertEqual(status, 200, body)
        return body

    def send(self, batch, key="wk_demo", accepted=None):
        status, body = self.house.post("/v1/batch", {"batch": batch}, key=key)
        self.assertEqual(status, 200, body)
        answer = json.loads(body)
        self.assertEqual(answer["accepted"], len(batch) if accepted is None else accepted, body)
        self.house.settle()
        return answer

    @staticmethod
    def order(who, number, days=0.0, **more):
        return {
            "type": "track", "userId": who, "event": "Order Completed", "messageId": f"m-{number}", "timestamp": days_ago(days),
            "properties": {"order_id": number, "total": 40, "products": [{"name": "Kind of Blue"}]}, **more,
        }  # fmt: skip

    def test_home_counts_and_survives_a_restart(self):
        self.send([self.order(f"h{i}", f"H{i}", days=3 if i == 4 else 0) for i in range(5)])  # one from an import
        self.send([self.order("robot", "R0")], key=VISITORS)
        self.house.post("/v1/track", {"userId": "w", "event": "Seen", "messageId": "w1"})
        self.house.post("/v1/track", {"userId": "w", "event": "Seen", "messageId": "w2", "timestamp": "yesterday"})
        self.send([self.order("h0", "H0")])  # again
        yes = [{"type": "consent", "userId": f"h{i}", "purpose": "contact:email", "state": "given", "messageId": f"y{i}"} for i in range(3)]
        self.send(yes)
        who = [{"type": "identify", "userId": f"h{i}", "messageId": f"i{i}", "traits": {"email": f"h{i}@example.org"}, "context": VIEW} for i in range(2)]
        self.send(who)
        self.send([{"type": "consent", "userId": "h1", "purpose": "contact:email", "state": "withdrawn", "messageId": "n1"}])
        seen, real = self.get("/v1/home"), self.get("/v1/home?real_only=1")
        self.assertEqual((seen["people"]["known"], seen["people"]["new_today"], seen["people"]["simulated"]), (6, 5, 1))
        self.assertEqual((real["people"]["known"], real["people"]["simulated"]), (5, 0))
        # h0 alone: h1 took the yes back, h2 gave no address.
        self.assertEqual((seen["reachable"]["email"], seen["reachable"]["of"]), (1, 6))
        events = seen["events"]
        self.assertEqual((events["today"], events["answers"], events["withheld"], events["refused"], events["duplicates"]), (9, 4, 1, 1, 1))
        self.assertEqual(real["events"]["today"], 8)
        self.assertEqual(sum(events["per_hour"]), 9)
        zone = zoneinfo.ZoneInfo(self.get("/v1/house")["time_zone"])
        self.assertEqual(events["day"], datetime.datetime.fromisoformat(seen["as_of"]).astimezone(zone).date().isoformat())
        began = datetime.datetime.fromisoformat(events["day_began"]).astimezone(zone)
        self.assertEqual((began.hour, began.minute), (0, 0))
        self.assertEqual(seen["passages"]["last_hour"], seen["passages"]["in"] + seen["passages"]["out"])
        self.assertGreater(seen["passages"]["in"], 5)
        reasons = {r["verdict"]: r for r in seen["not_kept"]}
        self.assertEqual((reasons["withheld"]["source"], reasons["withheld"]["events"]), ("hello", 1))
        self.assertIn("personalise", reasons["withheld"]["missing"])
        self.assertEqual(reasons["refused"]["rule"], "bad_time")
        self.assertEqual(seen["gaps"], [])
        self.assertEqual(self.house.stop(), 0)
        self.house.start()
        again = self.get("/v1/home")
        for part in ("people", "events", "passages", "not_kept", "counted_since"):
            now, before = again[part], seen[part]
            for moving in ("as_of", "per_hour", "per_5min"):
                if isinstance(now, dict):
                    now.pop(moving, None), before.pop(moving, None)
            self.assertEqual(now, before, part)
        self.assertEqual(len(again["gaps"]), 1, "nobody counted while the house stood still")

    def test_a_crash_is_told_as_a_gap(self):
        self.send([self.order("c", "C1")])
        self.house.kill()
        self.house.start()
        seen = self.get("/v1/home")
        self.assertEqual(seen["people"]["known"], 1, "what was accepted is there")
        self.assertEqual(seen["events"]["today"], 0, "the count of the last minute is not")
        self.assertGreaterEqual(seen["counted_since"], seen["events"]["day_began"])

    def test_history_is_what_the_definition_says_of_each_day(self):
        seed = random.randrange(1 << 32)
        dice = random.Random(seed)
        orders, by_person = [], {}
        for n in range(300):
            who, days = f"p{dice.randrange(60)}", dice.uniform(0.1, 200)
            orders.append(self.order(who, f"O{n}", days))
            by_person.setdefault(who, []).append(orders[-1]["timestamp"])
        self.send(orders)
        seen = self.get("/v1/segments/active/history?step=1d&points=120")
        self.assertEqual((len(seen["points"]), seen["one_in"], seen["people"]), (120, 1, len(by_person)), f"seed {seed}")

        def active(moment):
            """«Active» is an order within 90 days: who had one then."""
            first = moment - datetime.timedelta(days=90)
            return {p for p, times in by_person.items() if any(first < datetime.datetime.fromisoformat(t) <= moment for t in times)}

        for point in seen["points"]:
            self.assertEqual(point["members"], len(active(datetime.datetime.fromisoformat(point["at"]))), f"{point} seed {seed}")
        for before, point in zip(seen["points"], seen["points"][1:]):
            self.assertEqual(point["members"], before["members"] + point["in"] - point["out"], f"seed {seed}")
        self.assertEqual(seen["points"][-1]["members"], self.get("/v1/segments/active")["members"])
        self.assertEqual(self.get("/v1/segments/active/history?step=1d&points=120"), seen, "kept for a minute")
        for wrong in ("step=0d", "step=x", "points=1", "points=401", "step=1s"):
            self.assertEqual(self.house.ask("GET", f"/v1/segments/active/history?{wrong}")[0], 400, wrong)
        self.assertEqual(self.house.ask("GET", "/v1/segments/nonsense/history")[0], 404)

    def test_no_since_then_leaves_the_past_too(self):
        self.send([self.order("a", "A", 40), self.order("b", "B", 40)])
        self.send([{"type": "consent", "userId": "a", "purpose": "market", "state": "objected", "messageId": "no"}])
        points = self.get("/v1/segments/active/history?step=7d&points=8")["points"]
        self.assertEqual({p["members"] for p in points[-4:]}, {1})

    def test_sample_overlap_and_counts_agree_with_members(self):
        dice = random.Random(7)
        self.send([self.order(f"s{dice.randrange(80)}", f"S{n}", dice.uniform(0, 300)) for n in range(200)])
        self.send([self.order(f"r{n}", f"RR{n}", n) for n in range(20)], key=VISITORS)
        members = {}
        for query in ("", "real_only=1"):
            for segment in self.get(f"/v1/segments?{query}")["segments"]:
                rows = self.get(f"/v1/segments/{segment['id']}/members?limit=1000&{query}")["members"]
                self.assertEqual(segment["members"], len(rows), (segment["id"], query))
                self.assertEqual(segment["simulated"], sum(r["simulated"] for r in rows), (segment["id"], query))
                members[query, segment["id"]] = {r["id"] for r in rows}
        for query in ("", "real_only=1"):
            mine = members[query, "active"]
            seen = self.get(f"/v1/segments/active/overlap?{query}")
            self.assertEqual(seen["members"], len(mine))
            for other in seen["others"]:
                theirs = members[query, other["id"]]
                self.assertEqual((other["members"], other["both"]), (len(theirs), len(mine & theirs)), other["id"])
            shared = [o["both"] for o in seen["others"]]
            self.assertEqual(shared, sorted(shared, reverse=True))
            self.assertGreater(shared[0], 0)
            one = self.get(f"/v1/segments/active/overlap?with={seen['others'][0]['id']}&{query}")["others"]
            self.assertEqual(one, seen["others"][:1])
        drawn = set()
        for draw in range(40):
            sample = self.get(f"/v1/segments/active/sample?draw={draw}")
            people = [p["id"] for p in sample["people"]]
            self.assertEqual((len(set(people)), sample["members"]), (10, len(members["", "active"])))
            self.assertTrue(all(p["why"]["in"] for p in sample["people"]))
            drawn |= set(people)
        self.assertEqual(drawn, members["", "active"], "some draw shows each of them")
        real = self.get("/v1/segments/active/sample?real_only=1")["people"]
        self.assertTrue({p["id"] for p in real} <= members["real_only=1", "active"])
        self.assertEqual(self.house.ask("GET", "/v1/segments/active/sample?draw=x")[0], 400)
        self.assertEqual(self.house.ask("GET", "/v1/segments/active/overlap?with=nonsense")[0], 404)

    def test_what_came_lately_with_reasons_and_what_to_send(self):
        self.send([self.order("lea", "L1")])
        self.house.post("/v1/track", {"userId": "shy", "event": "Canary 4471", "messageId": "shy-1", "properties": {"x": "canary-4471"}})
        self.house.post("/v1/track", {"userId": "late", "event": "Order Completed", "messageId": "b", "timestamp": "24/11/2026", "properties": {"x": "canary-4472"}})
        self.send([self.order("robot", "R1")], key=VISITORS)
        rows = self.get("/v1/arrivals")["arrivals"]
        self.assertEqual([r["verdict"] for r in rows], ["accepted", "refused", "withheld", "accepted"])
        self.assertEqual([r["simulated"] for r in rows], [True, False, False, False])
        self.assertEqual((rows[1]["rule"], rows[1]["event"]), ("bad_time", "Order Completed"))
        self.assertIn("RFC 3339", rows[1]["change"])
        self.assertIn({"purpose": "personalise", "why": "no_answer"}, rows[2]["closed"])
        self.assertEqual([c["purpose"] for c in rows[2]["closed"]], rows[2]["missing"])
        self.assertNotIn("canary-447", json.dumps(rows))
        self.assertEqual(rows[3]["person_id"], self.get("/v1/profiles/user_id:lea")["person"])
        only = self.get("/v1/arrivals?verdict=withheld,refused&limit=1")["arrivals"]
        self.assertEqual([r["verdict"] for r in only], ["refused"])
        self.assertEqual(len(self.get("/v1/arrivals?real_only=1")["arrivals"]), 3)
        self.assertEqual(self.get("/v1/arrivals?source=visitors")["arrivals"][0]["source"], "visitors")
        self.assertEqual(self.house.ask("GET", "/v1/arrivals?verdict=lost")[0], 400)
        passages = self.get("/v1/passages?segment=new_customers")["passages"]
        self.assertEqual({p["person"] for p in passages}, {"user_id:lea", "user_id:robot"})
        self.assertTrue(all(p["segment"] == "new_customers" for p in passages))
        real = self.get("/v1/passages?segment=new_customers&real_only=1")["passages"]
        self.assertEqual({p["person"] for p in real}, {"user_id:lea"})
        self.assertEqual(self.house.ask("GET", "/v1/passages?segment=nonsense")[0], 404)

    def test_search_finds_only_what_may_still_be_seen(self):
        self.send([self.order("lea", "L1"), self.order("max", "X1")])
        self.send([{"type": "identify", "userId": "max", "messageId": "i", "traits": {"city": "Orléans", "email": "max@example.org"}, "context": VIEW}])

        def search(text, **more):
            status, body, _ = self.house.ask("POST", "/v1/arrivals/search", {"text": text, **more})
            self.assertEqual(status, 200, body)
            return sorted(r["message_id"] for r in body["arrivals"])

        self.assertEqual(search("kind OF blue"), ["m-L1", "m-X1"])
        self.assertEqual(search("order_id"), ["m-L1", "m-X1"])
        self.assertEqual(search("X1"), ["m-X1"])
        self.assertEqual(search("max@example.org"), ["i"])
        self.assertEqual(search("orléans"), ["i"])
        self.assertEqual(len(search("kind of blue", limit=1)), 1)
        self.assertEqual(search("nowhere at all"), [])
        self.send([{"type": "consent", "userId": "lea", "purpose": p, "state": "objected", "messageId": f"no-{p}"} for p in ("market", "secure", "train")])
        visible = self.get("/v1/events/m-L1")["found"][0]
        if visible["purposes"]:
            self.assertIn("m-L1", search("kind of blue"))
        else:
            self.assertNotIn("properties", visible)
            self.assertNotIn("m-L1", search("kind of blue"))
        for wrong in ({}, {"text": ""}, {"text": "x" * 300}, {"text": "x", "limit": 0}, {"words": "x"}):
            self.assertEqual(self.house.ask("POST", "/v1/arrivals/search", wrong)[0], 422, wrong)

    def test_an_event_readable_and_as_it_is_kept(self):
        context = {**VIEW, "page": {"path": "/records/blue", "title": "Blue"}}
        self.send([{"type": "track", "anonymousId": "dev-1", "event": "Product Viewed", "messageId": "pv", "properties": {"price": 12.5, "maker": {"name": "A", "land": "FR"}}, "context": context}])
        seen = self.get("/v1/events/pv")["found"][0]
        self.assertEqual((seen["properties"]["price"], seen["properties"]["maker.land"], seen["properties"]["context.page.path"]), (12.5, "FR", "/records/blue"))
        raw = seen["raw"]
        self.assertEqual((raw["type"], raw["event"], raw["anonymousId"]), ("track", "Product Viewed", "dev-1"))
        self.assertEqual(raw["properties"], {"price": 12.5, "maker": {"name": "A", "land": "FR"}})
        self.assertEqual(raw["context"]["page"], {"path": "/records/blue", "title": "Blue"})
        self.house.post("/v1/track", {"anonymousId": "dev-2", "event": "Product Viewed", "messageId": "held", "properties": {"x": "canary-9"}})
        held = self.get("/v1/events/held")["found"][0]
        self.assertEqual(held["state"], "withheld")
        self.assertTrue(held["closed"])
        self.assertNotIn("canary-9", json.dumps(held))

    def test_a_person_by_id_by_name_and_without_the_invented(self):
        self.send([self.order("jo", "J1", 3), self.order("jo", "J2", 2)])
        self.send([{"type": "identify", "userId": "jo", "messageId": "i", "traits": {"firstName": "Jo", "lastName": "Martin"}, "context": VIEW}], key=VISITORS)
        seen = self.get("/v1/profiles/user_id:jo")
        self.assertEqual((seen["called"], seen["simulated"]), ("Jo Martin", True))
        self.assertTrue(seen["traits"]["firstName"]["simulated"])
        by_id = self.get(f"/v1/profiles/person:{seen['person']}")
        self.assertEqual(by_id["timeline"], seen["timeline"])
        self.assertTrue(self.get(by_id["segments"][0]["why"])["in"])
        self.assertEqual(self.house.ask("GET", "/v1/profiles/person:abc")[0], 400)
        self.assertEqual(self.house.ask("GET", "/v1/profiles/person:" + "0" * 32)[0], 404)
        real = self.get("/v1/profiles/user_id:jo?real_only=1")
        self.assertEqual((real["called"], real["traits"], real["timeline_size"]), (None, {}, 2))
        self.assertEqual({s["id"] for s in real["segments"]}, {s["id"] for s in seen["segments"]})
        self.assertEqual(self.get("/v1/profiles/user_id:jo?event=Order%20Completed")["timeline_size"], 2)
        self.assertEqual(self.get("/v1/profiles/user_id:jo?event=Unheard")["timeline"], [])
        self.send([self.order("robot", "R1")], key=VISITORS)
        self.assertEqual(self.house.ask("GET", "/v1/profiles/user_id:robot?real_only=1")[0], 404)
        self.assertEqual(len(self.house.ask("POST", "/v1/find", {"user_id": "robot"})[1]["people"]), 1)
        self.assertEqual(self.house.ask("POST", "/v1/find?real_only=1", {"user_id": "robot"})[1]["people"], [])

    def test_sessions_begin_prove_their_page_and_end(self):
        status, _, answer = self.house.ask("GET", self.house.link, headers={})
        cookie = answer.getheader("Set-Cookie")
        self.assertEqual(status, 200)
        self.assertIn("HttpOnly; SameSite=Strict", cookie)
        self.assertNotIn("Secure", cookie, "plain HTTP on loopback")
        session = {"Cookie": cookie.split(";")[0]}
        status, who, _ = self.house.ask("GET", "/v1/session", headers=session)
        self.assertEqual((status, who["role"], who["by"]), (200, "owner", "session"))
        self.assertLess(who["since"], who["until"])
        question = {"user_id": "nobody"}
        status, body, _ = self.house.ask("POST", "/v1/find", question, session)
        self.assertEqual((status, body["code"]), (403, "page_unproved"))
        page = {**session, "X-Hospes-Page": who["page"], "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(self.house.ask("POST", "/v1/find", question, page)[0], 200)
        for wrong in ({"Sec-Fetch-Site": "cross-site"}, {"X-Hospes-Page": "0" * 32}, {"Sec-Fetch-Site": "none"}):
            self.assertEqual(self.house.ask("POST", "/v1/find", question, {**page, **wrong})[0], 403, wrong)
        self.assertEqual(self.house.ask("DELETE", "/v1/session", headers=session)[0], 403, "another page cannot sign out either")
        self.assertEqual(self.house.ask("POST", "/v1/owner_link", headers=page)[1]["code"], "token_needed")
        status, _, answer = self.house.ask("DELETE", "/v1/session", headers=page)
        self.assertEqual((status, answer.getheader("Set-Cookie").split("Max-Age=")[1]), (204, "0"))
        self.assertEqual(self.house.ask("GET", "/v1/session", headers=session)[0], 401)
        token = self.get("/v1/session")
        self.assertEqual({k: token[k] for k in ("role", "by", "account", "since", "until", "page")}, {"role": "owner", "by": "token", "account": "token", "since": None, "until": None, "page": None})

    def test_a_new_owner_link_voids_the_one_before(self):
        command = [self.house.binary, "link", "--console", f"127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token")]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        path = printed.removeprefix(f"http://127.0.0.1:{self.house.console}")
        self.assertRegex(path, r"^/start/[0-9A-Z]{32}$")
        self.assertEqual(self.house.ask("GET", self.house.link, headers={})[0], 403)
        self.assertEqual(self.house.ask("GET", path, headers={})[0], 200)
        self.assertEqual(self.house.ask("GET", path, headers={})[0], 403, "once")

    def test_the_house_says_what_it_agreed_on_and_no_key(self):
        seen = self.get("/v1/house")
        self.assertEqual((seen["name"], seen["time_zone"], seen["languages"]), ("Disquaire", "Europe/Paris", ["fr", "en"]))
        sources = {s["name"]: s for s in seen["sources"]}
        self.assertEqual(sources["web"]["categories"]["analytics"], ["measure"])
        self.assertEqual((sources["visitors"]["simulated"], sources["hello"]["without_answer"]), (True, ["market"]))
        self.assertNotRegex(json.dumps(seen), r"[0-9a-f]{64}|wk_")
        self.assertIn("personalise", [p["name"] for p in seen["purposes"]])

    def test_the_stream_goes_on_after_a_restart_and_says_so(self):
        self.send([self.order("a", "A1")])
        last = self.get("/v1/arrivals")["last"]
        self.assertEqual(self.house.stop(), 0)
        self.house.start()
        self.send([self.order("b", "B1")])
        for query, header in ((f"?after={last}&kinds=arrivals", {}), ("?kinds=arrivals", {"Last-Event-ID": last})):
            connection = http.client.HTTPConnection("127.0.0.1", self.house.console, timeout=20)
            connection.request("GET", "/v1/live" + query, headers={"Authorization": f"Bearer {self.house.token}", **header})
            answer = connection.getresponse()
            events = []
            while len(events) < 2 or isinstance(events[-1], str):
                line = answer.readline().decode()
                if line.startswith("event: "):
                    events.append(line[7:].strip())
                elif line.startswith("data: "):
                    events[-1] = (events[-1], json.loads(line[6:]))
            connection.close()
            self.assertEqual([e[0] for e in events], ["restart", "arrival"])
            self.assertEqual(events[1][1]["message_id"], "m-B1")


if __name__ == "__main__":
    unittest.main()
