"""Segments of the whole language, asked of the real binary: people compared, permission, used in, twins, why nothing is proposed."""

import json
import threading
import time
import unittest

from house import House

TOP = """
segment top
  purpose market
  name en "Top fifth" fr "Le cinquième qui porte"
  sentence en "Top 20 % by spend." fr "Les 20 % qui dépensent le plus."
  where
    sum("Order Completed".total) in top 20%
"""
REACHABLE = """
segment reachable
  purpose market
  name en "Reachable" fr "Joignables"
  sentence en "We may write." fr "On peut leur écrire."
  where
    permission "contact:email" given
"""
NO = """
segment said_no
  purpose market
  name en "Said no" fr "Ont dit non"
  sentence en "Took it back." fr "Ont repris leur oui."
  where
    not in segment reachable and permission "contact:email" withdrawn in 7d
"""


class Segments(unittest.TestCase):
    def house(self, segments):
        house = House(files={"segments.seg": segments}).start()
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        return house

    def order(self, number, total):
        return {"type": "track", "userId": f"u{number}", "event": "Order Completed", "messageId": f"o{number}",
                "properties": {"order_id": f"N{number}", "total": total, "currency": "EUR"}}

    def segments(self, house):
        return {s["id"]: s for s in house.ask("GET", "/v1/segments")[1]["segments"]}

    def counts(self, house):
        return {id: s["members"] for id, s in self.segments(house).items()}

    def wait_for(self, house, id, members, seconds=60):
        ends = time.monotonic() + seconds
        while (found := self.counts(house)[id]) != members:
            self.assertLess(time.monotonic(), ends, f"{id}: {found}, not {members}")
            threading.Event().wait(0.2)  # between two questions

    def test_people_are_compared_ties_in_and_stay_while_others_are_edited(self):
        house = self.house(TOP)
        house.batch(*(self.order(i, total) for i, total in enumerate([10, 20, 30, 40, 50, 60, 70, 90, 90, 90])))
        self.wait_for(house, "top", 3)  # the second of ten spent 90, and so did two others
        house.batch(self.order(10, 89.99), self.order(11, 90))
        self.assertEqual(self.counts(house)["top"], 4, "judged at once by what was recorded")
        house.stop()
        (house.definitions / "segments.seg").write_text(TOP + REACHABLE)
        house.start()
        self.assertEqual(self.counts(house), {"top": 4, "reachable": 0})

    def test_an_answer_moves_people_and_is_theirs_to_give(self):
        house = self.house(REACHABLE + NO)
        house.batch(self.order(1, 5))
        answer = {"type": "consent", "userId": "u1", "purpose": "contact:email", "notice": {"id": "n", "version": "1", "lang": "fr"}}
        self.assertEqual(self.counts(house), {"reachable": 0, "said_no": 0})
        why = house.ask("GET", "/v1/profiles/user_id:u1/why/reachable")[1]
        self.assertIsNone(why["flip"])
        self.assertEqual(why["unproposed"], [{"test": 'permission "contact:email" given', "because": "theirs"}])
        text = house.ask("GET", "/v1/profiles/user_id:u1/why/reachable?text=fr")[1]
        self.assertIn("c'est à la personne de le dire", text)
        house.batch({**answer, "state": "given", "messageId": "a1"})
        self.assertEqual(self.counts(house), {"reachable": 1, "said_no": 0})
        house.batch({**answer, "state": "withdrawn", "messageId": "a2"})
        self.assertEqual(self.counts(house), {"reachable": 0, "said_no": 1})
        self.assertEqual({id: s["used_in"] for id, s in self.segments(house).items()}, {"reachable": ["said_no"], "said_no": []})
        twin = REACHABLE.replace("segment reachable", "segment writable")
        notes = house.ask("POST", "/v1/segments/preview", json.dumps({"text": twin}))[1]["notes"]
        self.assertEqual([n for n in notes if "says the same" in n], ["segment reachable says the same: use it, or say what is different"])


if __name__ == "__main__":
    unittest.main()
