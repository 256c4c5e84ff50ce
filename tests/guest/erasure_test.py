"""An erasure that counts down, over plain HTTP and restarts: done when its time is over and not before, whether the house was up or
down, and what happened before it is taken no more."""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from guest_test import LINK, PAGE, Guest  # noqa: E402
from house import House, source  # noqa: E402
from later import DAY, start_later  # noqa: E402


class Erasure(unittest.TestCase):
    def setUp(self):
        self.house = House(sources=source("pages", "pk_pages", "public", PAGE)).start()
        self.addCleanup(self.house.folder.cleanup)
        self.addCleanup(lambda: self.house.process.poll() is not None or self.house.stop())
        self.began = time.time()
        self.send("ana", "zoe", "kim")

    def send(self, *people):
        items = []
        for who in people:
            items += [
                {"type": "consent", "userId": who, "purpose": "link", "state": "given", "messageId": who + "-l"},
                {"type": "identify", "userId": who, "messageId": who + "-i", "context": LINK, "traits": {"email": who + "@example.org"}},
                {"type": "track", "userId": who, "event": "Order Completed", "messageId": who + "-o", "context": LINK, "properties": {"order_id": who, "total": 5}},
            ]
        status, text = self.house.post("/v1/batch", {"batch": items})
        self.assertEqual(status, 200, text)
        self.house.settle()

    def later(self, seconds):
        """The same house, `seconds` after the test began."""
        start_later(self.house, self.began, seconds)

    def status(self, who):
        return self.house.ask("GET", "/v1/profiles/" + who)[0]

    def begin(self, who, hours):
        status, answer, _ = self.house.ask("POST", "/v1/requests", {"who": "user_id:" + who, "right": "erasure", "reason": "a letter", "hours": hours})
        self.assertEqual(status, 201, answer)
        return answer

    def test_it_is_done_at_its_end_and_not_before(self):
        self.begin("ana", 24)
        self.begin("zoe", 48)
        self.begin("kim", 23)  # the witness: when she is gone, all were looked at
        self.later(DAY - 120)
        self.house.until(lambda: self.status("user_id:kim") == 404)
        self.assertEqual((self.status("user_id:ana"), self.status("user_id:zoe")), (403, 403), "both count down")
        # It comes due while the house is up: within a minute of it nothing is left.
        self.later(DAY - 4)
        self.assertEqual(self.status("user_id:ana"), 403)
        self.house.until(lambda: self.status("user_id:ana") == 404, 60)
        self.house.until(lambda: self.status("email:ana@example.org") == 404, 10)
        self.assertEqual(self.status("user_id:zoe"), 403)
        # And while it was down.
        self.later(3 * DAY)
        self.house.until(lambda: self.status("user_id:zoe") == 404)
        self.house.until(lambda: self.house.ask("GET", "/v1/requests")[1]["requests"] == [])

    def test_what_was_taken_back_is_not_done(self):
        cancel = self.begin("ana", 1)["cancel"]
        self.assertEqual(Guest(self.house).ask("POST", cancel.replace("/guest/", "/guest/en/"), {})[0], 200)
        self.begin("kim", 1)
        self.later(DAY)
        self.house.until(lambda: self.status("user_id:kim") == 404)  # so all were looked at
        self.assertEqual(self.status("user_id:ana"), 200)

    def test_what_happened_before_is_taken_no_more(self):
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began - 60))
        self.assertEqual(self.house.ask("POST", "/v1/persons/user_id:ana/forget", {"commit": True})[0], 200)
        self.assertEqual(self.house.ask("POST", "/v1/persons/email:ana@example.org/forget", {"commit": True})[0], 200)
        for _ in range(2):
            old = {"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "late-%f" % time.time(), "timestamp": before, "context": LINK, "properties": {"order_id": "late"}}
            self.assertIn(b"erased: it happened before", self.house.post("/v1/batch", {"batch": [old]})[1])
            # A re-import of an old yes revives nobody either.
            yes = {"type": "consent", "userId": "ana", "purpose": "market", "state": "given", "happened": before, "messageId": "yes-%f" % time.time()}
            self.assertIn(b"erased: it happened before", self.house.post("/v1/batch", {"batch": [yes]})[1])
            # Whoever holds a public key is told nothing of it.
            status, text = self.house.post("/v1/batch", {"batch": [old]}, key="pk_pages")
            self.assertEqual((status, b"erased" in text), (200, False))
            # Of somebody else's event the dead address is left out, the rest is kept.
            mixed = {"type": "identify", "userId": "zoe", "messageId": "mixed-%f" % time.time(), "timestamp": before, "context": LINK, "traits": {"email": "ana@example.org", "city": "Lyon"}}
            self.assertNotIn(b"erased", self.house.post("/v1/batch", {"batch": [mixed]})[1])
            self.house.settle()
            self.assertEqual(self.status("user_id:ana"), 404)
            self.assertEqual(self.status("email:ana@example.org"), 404)
            self.assertEqual(self.house.profile("user_id:zoe")["traits"]["city"]["value"], "Lyon")
            self.later(600)
        # Who comes back is somebody new.
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began + 500))
        new = {"type": "track", "userId": "ana", "event": "Order Completed", "messageId": "new", "timestamp": now, "context": LINK, "properties": {"order_id": "new"}}
        self.house.post("/v1/batch", {"batch": [new]})
        self.house.settle()
        self.assertEqual(self.house.profile("user_id:ana")["timeline_size"], 1)


if __name__ == "__main__":
    unittest.main()
