"""Definitions come, change and go while the house runs: the file, what is in force, and who passes."""

import json
import random
import threading
import unittest

from house import House
from sink import action, destination

FILE = """# What this shop asks about.

# Bought at all.
segment buyers
  purpose market
  where
    count("Order Completed") >= 1   # one is enough

segment big   # comment on the line
  purpose market
  where
    sum("Order Completed".total) >= 100
"""


def definition(id, predicate):
    return f'segment {id}\n  purpose market\n  where\n    {predicate}\n'


class Definitions(unittest.TestCase):
    def house(self, segments=FILE):
        house = House(files={"segments.seg": segments}).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        return house

    def order(self, person, total, number):
        return {"type": "track", "userId": person, "event": "Order Completed", "messageId": f"o{number}",
                "properties": {"order_id": f"N{number}", "total": total, "currency": "EUR"}}

    def counts(self, house):
        return {s["id"]: s["members"] for s in house.ask("GET", "/v1/segments")[1]["segments"]}

    def file(self, house):
        return (house.definitions / "segments.seg").read_text()

    def since(self, house, person):
        return {s["id"]: s["since"] for s in house.ask("GET", f"/v1/profiles/user_id:{person}")[1]["segments"]}

    def test_it_comes_changes_goes_and_outlives_a_restart(self):
        house = self.house()
        house.batch(self.order("marie", 30, 1), self.order("paul", 130, 2))
        before = self.since(house, "paul")
        status, body, _ = house.ask("PUT", "/v1/segments/small", definition("small", 'sum("Order Completed".total) < 50 and count("Order Completed") >= 1'))
        self.assertEqual((status, body["id"], body["members"]), (201, "small", 1), body)
        self.assertEqual(self.file(house), FILE + "\n" + definition("small", 'sum("Order Completed".total) < 50\n    and count("Order Completed") >= 1'))
        passed = house.ask("GET", "/v1/passages?limit=5")[1]["passages"]
        self.assertEqual([(p["segment"], p["cause"]) for p in passed if p["segment"] == "small"], [("small", "definition")])
        # The first of the file goes: the others stay in their places, with their people.
        self.assertEqual(house.ask("DELETE", "/v1/segments/buyers")[0], 204)
        self.assertEqual(self.counts(house), {"big": 1, "small": 1})
        self.assertEqual(self.since(house, "paul"), {"big": before["big"]})
        self.assertTrue(self.file(house).startswith("# What this shop asks about.\n\nsegment big   # comment"), self.file(house))
        status, body, _ = house.ask("PUT", "/v1/segments/big", definition("big", 'sum("Order Completed".total) >= 20'))
        self.assertEqual((status, body["members"]), (200, 2), body)
        self.assertEqual(self.since(house, "paul"), {"big": before["big"]}, "who stays a member has been one since")
        # One that compares people is counted before the answer comes, not at the next hour.
        status, body, _ = house.ask("PUT", "/v1/segments/top", definition("top", 'sum("Order Completed".total) in top 50%'))
        self.assertEqual((status, body["members"]), (201, 1), body)
        self.assertEqual(house.ask("DELETE", "/v1/segments/top")[0], 204)
        house.kill()
        house.start()
        self.assertEqual(self.counts(house), {"big": 2, "small": 1})
        self.assertEqual(self.since(house, "paul"), {"big": before["big"]})
        self.assertEqual(house.ask("PUT", "/v1/segments/buyers", definition("buyers", 'count("Order Completed") >= 1'))[0], 201)
        self.assertEqual(self.counts(house), {"big": 2, "buyers": 2, "small": 1})
        house.stop()

    def test_what_is_refused_changes_nothing(self):
        house = self.house()
        path = house.definitions / "segments.seg"
        in_force = house.ask("GET", "/v1/segments/big")[1]["definition"]
        other = definition("big", 'sum("Order Completed".total) >= 7')

        def refused(status, part, method, id, body=None, **more):
            answer = house.ask(method, f"/v1/segments/{id}", json.dumps({"text": body, **more}) if body else None)
            self.assertEqual(answer[0], status, answer[1])
            self.assertIn(part, answer[1]["detail"])
            return answer[1]

        problem = refused(422, "purpse", "PUT", "x", "segment x\n  purpse market where false\n")
        self.assertEqual((problem["line"], problem["column"]), (2, 3))
        refused(422, 'of "y", the address of "x"', "PUT", "x", definition("y", 'count("A") >= 1'))
        status, told, _ = house.ask("PUT", "/v1/segments/x", definition("x", 'count("é") >= 1'))  # as Latin-1
        self.assertEqual((status, "UTF-8" in told["detail"]), (422, True), told)
        refused(422, "nobody_there", "PUT", "x", definition("x", "in segment nobody_there"))
        refused(409, "changed the segment since", "PUT", "big", other, instead_of=definition("big", "false"))
        refused(409, "is there already", "PUT", "big", other, instead_of="")
        refused(409, "there no more", "PUT", "gone", definition("gone", 'count("A") >= 1'), instead_of=definition("gone", "false"))
        refused(404, "", "DELETE", "gone")
        self.assertEqual(self.file(house), FILE)
        # A lost answer is asked for again: the same definition once more is no conflict.
        for _ in range(2):
            answer = house.ask("PUT", "/v1/segments/big", json.dumps({"text": other, "instead_of": in_force}))
            self.assertEqual(answer[0], 200, answer[1])
        self.assertEqual(house.ask("PUT", "/v1/segments/asks", definition("asks", "in segment big"))[0], 201)
        kept = self.file(house)
        refused(409, "asks asks about this segment", "DELETE", "big")
        (house.definitions / "segments.seg.new").mkdir()  # root may write everywhere else
        refused(409, "cannot be written", "PUT", "new", definition("new", 'count("A") >= 1'))
        (house.definitions / "segments.seg.new").rmdir()
        path.write_text(kept + definition("by_hand", "in segment big"))
        refused(409, "edited since the house took it", "PUT", "new", definition("new", 'count("A") >= 1'))
        path.write_text("segment broken\n")
        refused(409, "mend the file first", "PUT", "new", definition("new", 'count("A") >= 1'))
        path.write_text(kept)
        self.assertEqual(set(self.counts(house)), {"buyers", "big", "asks"})
        self.assertEqual(house.ask("PUT", "/v1/segments/new", definition("new", 'count("A") >= 1'))[0], 201)
        house.stop()

    def test_what_it_was_is_kept_and_undone(self):
        house = self.house()
        house.batch(self.order("marie", 30, 1), self.order("paul", 130, 2))
        before = house.ask("GET", "/v1/segments/big")[1]["definition"]
        self.assertEqual(house.ask("GET", "/v1/segments/big/versions")[1]["versions"], [])
        self.assertEqual(house.ask("POST", "/v1/segments/big/undo", "{}")[0], 409)
        self.assertEqual(house.ask("GET", "/v1/segments/nowhere/versions")[0], 404)
        wide = definition("big", 'sum("Order Completed".total) >= 20')
        self.assertEqual(house.ask("PUT", "/v1/segments/big", wide)[1]["members"], 2)
        versions = house.ask("GET", "/v1/segments/big/versions")[1]["versions"]
        self.assertEqual([(v["by"], v["what"], v["definition"]) for v in versions], [("token", "kept", wide), ("file", "kept", before)])
        status, body, _ = house.ask("POST", "/v1/segments/big/undo", "{}")
        self.assertEqual((status, body["members"], body["definition"]), (200, 1, before), body)
        self.assertEqual(house.ask("POST", "/v1/segments/big/undo", "{}")[1]["members"], 2, "undone twice")
        self.assertEqual(house.ask("DELETE", "/v1/segments/big")[0], 204)
        status, body, _ = house.ask("POST", "/v1/segments/big/undo", "{}")
        self.assertEqual((status, body["members"]), (201, 2), body)
        house.kill()
        house.start()
        self.assertEqual(len(house.ask("GET", "/v1/segments/big/versions")[1]["versions"]), 6)
        self.assertEqual(self.counts(house), {"big": 2, "buyers": 2})
        house.stop()

    def test_a_draft_is_checked_and_holds_nobody(self):
        house = self.house()
        house.batch(self.order("marie", 30, 1))
        draft = 'segment soon\n  purpose market\n  owner "Zoé"\n  folder "Shop/spring"\n  draft\n  where\n    count("Order Completed") >= 1\n'
        self.assertEqual(house.ask("POST", "/v1/segments/preview", {"text": draft})[1]["members"], 1, "as if it were in force")
        status, body, _ = house.ask("PUT", "/v1/segments/soon", {"text": draft})
        self.assertEqual((status, body), (200, {"id": "soon", "draft": True, "definition": draft}))
        listed = house.ask("GET", "/v1/segments")[1]
        self.assertEqual([s["id"] for s in listed["segments"]], ["buyers", "big"])
        self.assertEqual([(d["id"], d["owner"], d["folder"]) for d in listed["drafts"]], [("soon", "Zoé", "Shop/spring")])
        self.assertEqual(house.ask("GET", "/v1/segments/soon")[0], 404)
        self.assertEqual(house.ask("PUT", "/v1/segments/asks", definition("asks", "in segment soon"))[0], 422)
        status, body, _ = house.ask("PUT", "/v1/segments/soon", json.dumps({"text": draft.replace("  draft\n", ""), "instead_of": draft}))
        self.assertEqual((status, body["members"], body["owner"]), (201, 1, "Zoé"), body)
        self.assertEqual(house.ask("PUT", "/v1/segments/asks", definition("asks", "in segment soon"))[0], 201)
        status, body, _ = house.ask("PUT", "/v1/segments/soon", {"text": draft})
        self.assertEqual(status, 422 if "unknown segment" in body.get("detail", "") else 409, body)
        self.assertEqual(self.counts(house)["soon"], 1)
        self.assertEqual(house.ask("DELETE", "/v1/segments/asks")[0], 204)
        self.assertEqual(house.ask("PUT", "/v1/segments/soon", {"text": draft})[0], 200)
        self.assertNotIn("soon", self.counts(house))
        self.assertEqual(house.ask("DELETE", "/v1/segments/soon")[0], 204)
        self.assertNotIn("soon", self.file(house))
        house.stop()

    def test_what_a_journey_or_an_action_asks_about_stays(self):
        journeys = "journey greet purpose market\n  enter event \"Order Completed\"\n  again never\n" \
                   "  step look branch in segment big to end else end\n  step end exit\n"
        actions = destination("crm", "https://crm.example/in") + action("tell", "crm", segment="buyers")
        house = House(files={"segments.seg": FILE, "actions.toml": actions, "journeys.jny": journeys}).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        for segment, asker in (("big", "journey greet"), ("buyers", "action tell")):
            status, answer, _ = house.ask("DELETE", f"/v1/segments/{segment}")
            self.assertEqual((status, answer["detail"]), (409, f"{asker} asks about this segment: change or archive that first"))
        self.assertEqual(set(self.counts(house)), {"buyers", "big"})
        self.assertEqual(house.ask("GET", "/v1/journeys/greet")[0], 200)

    def test_definitions_change_while_events_come_and_counts_are_those_of_the_events(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print("seed", seed)
        dice = random.Random(seed)
        house = self.house()
        spent, problems = {}, []

        def sell(lane):
            own = random.Random(seed + lane)
            for number in range(60):
                batch = []
                for k in range(5):
                    person, total = f"p{lane}_{own.randrange(40)}", own.randrange(1, 60)
                    spent[person] = spent.get(person, 0) + total
                    batch.append(self.order(person, total, f"{lane}_{number}_{k}"))
                status, body = house.post("/v1/batch", {"batch": batch})
                if status != 200:
                    problems.append(body)

        lanes = [threading.Thread(target=sell, args=(lane,)) for lane in range(3)]
        for lane in lanes:
            lane.start()
        limits = {}
        while any(lane.is_alive() for lane in lanes) or len(limits) < 4:
            id = f"s{dice.randrange(8)}"
            if id in limits and dice.random() < 0.3:
                self.assertEqual(house.ask("DELETE", f"/v1/segments/{id}")[0], 204)
                del limits[id]
            else:
                limit = dice.randrange(1, 300)
                status, body, _ = house.ask("PUT", f"/v1/segments/{id}", definition(id, f'sum("Order Completed".total) >= {limit}'))
                self.assertIn(status, (200, 201), body)
                limits[id] = limit
        for lane in lanes:
            lane.join()
        self.assertEqual(problems, [])
        house.settle()
        wanted = {id: sum(total >= limit for total in spent.values()) for id, limit in limits.items()}
        wanted.update(buyers=len(spent), big=sum(total >= 100 for total in spent.values()))
        self.assertEqual(self.counts(house), wanted)
        house.kill()
        house.start()
        self.assertEqual(self.counts(house), wanted)
        house.stop()


if __name__ == "__main__":
    unittest.main()
