"""What the house's schedules end, over plain HTTP and restarts, with a clock that goes ahead: the day stands in the guest book in both
languages, then the event is gone from every read, then the identifiers, by the path of every erasure."""

import html
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from guest_test import Guest, LINK  # noqa: E402
from house import House  # noqa: E402
from later import DAY, start_later  # noqa: E402

SCHEDULES = """
answers = "60 days"
[[class]]
name = "orders"
events = ["Order Completed"]
keep = { market = "90 days after last act", other = "40 days" }
[[class]]
name = "rest"
keep = { other = "10 days" }
"""


def day(seconds):
    return time.gmtime(seconds)


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", day(seconds))


class Retention(unittest.TestCase):
    def setUp(self):
        self.house = House(files={"retention.toml": SCHEDULES}, settings=["lake.every_s=1"]).start()
        self.addCleanup(self.house.folder.cleanup)
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())
        self.began = time.time()

    def later(self, seconds):
        start_later(self.house, self.began, seconds)

    def send(self, who, *names):
        items = [{"type": "consent", "userId": who, "purpose": "link", "state": "given", "messageId": who + "-l"}]
        items += [{"type": "track", "userId": who, "event": name, "messageId": f"{who}-{i}", "context": LINK,
                   "properties": {"order_id": f"{who}-{i}", "total": 5}} for i, name in enumerate(names)]
        status, text = self.house.post("/v1/batch", {"batch": items})
        self.assertEqual(status, 200, text)
        self.house.settle()

    def events(self, who):
        status, profile = self.house.ask("GET", "/v1/profiles/user_id:" + who)[:2]
        return [m.get("event") for m in profile["timeline"]] if status == 200 else status

    def book(self, who, language="en"):
        """What the guest reads under what is known of them."""
        status, answer = self.house.ask("POST", f"/v1/persons/user_id:{who}/guest_link", {"reason": "a test"})[:2]
        self.assertEqual(status, 200, answer)
        guest = Guest(self.house)
        guest.come_in(answer["path"])
        return html.unescape(guest.ask("GET", f"/guest/{language}/known")[1].decode())

    def test_the_day_is_told_and_kept(self):
        self.send("ana", "Order Completed", "Products Searched")
        self.send("zoe", "Order Completed")
        told = {m["event"]: m["kept_until"] for m in self.house.profile("user_id:ana")["timeline"]}
        midnight = int(self.began) // DAY * DAY
        self.assertEqual(told["Order Completed"], iso(midnight + 90 * DAY))
        self.assertEqual(told["Products Searched"], iso(midnight + 10 * DAY))
        months_fr = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
        end = day(midnight + 90 * DAY)
        french, english = self.book("ana", "fr"), self.book("ana", "en")
        self.assertIn("Disparaît le %s %s %d, plus tard si vous agissez" % ("1er" if end.tm_mday == 1 else end.tm_mday, months_fr[end.tm_mon - 1], end.tm_year), french.replace("\u00a0", " "))
        self.assertIn("Gone on ", english)
        self.assertIn("How long we keep it", english)
        self.assertIn("Combien de temps nous le gardons", french)
        self.assertIn("90\u00a0jours après votre dernière action", french)

        self.later(11 * DAY)
        self.house.until(lambda: self.events("ana") == ["Order Completed"])
        self.assertNotIn("Products Searched", self.book("ana").split("Kept one by one")[1].split("How long")[0])
        self.assertEqual(self.events("zoe"), ["Order Completed"])
        # What is of before comes too late.
        old = {"type": "track", "userId": "ana", "event": "Products Searched", "messageId": "late", "timestamp": iso(self.began), "context": LINK}
        self.assertIn(b"retention: it happened so long ago", self.house.post("/v1/batch", {"batch": [old]})[1])
        # An act of hers moves the end of what waits for the last one; zoe does nothing.
        self.later(50 * DAY)
        new = {"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "new", "timestamp": iso(self.began + 50 * DAY), "context": LINK, "properties": {"order_id": "n", "total": 1}}
        self.house.batch(new)
        self.later(100 * DAY)
        self.house.until(lambda: self.events("zoe") == 404)  # her last bit ended on day 90, and she said nothing for 60
        self.assertEqual(self.events("ana"), ["Order Completed"] * 2)
        self.assertEqual(self.house.profile("user_id:ana")["timeline"][1]["purposes"], ["market"], "its other uses have ended")
        # Erased as if she had asked: a leaf under nobody's key says that the schedules did it.
        self.assertEqual(self.house.post("/v1/batch", {"batch": [{**new, "userId": "zoe", "messageId": "old", "timestamp": iso(self.began)}]})[0], 200)
        self.assertEqual(self.events("zoe"), 404)
        self.later(300 * DAY)
        self.house.until(lambda: self.events("ana") == 404)


if __name__ == "__main__":
    unittest.main()
