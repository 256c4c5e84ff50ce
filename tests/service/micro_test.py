"""hospes micro: what a site's own tests send, and what became of it."""

import gzip
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSENT = {"consent": {"categoryPreferences": {"personalise": True}}}


class Micro(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        binary = os.environ.get("HOSPES_BIN", str(ROOT / "build/release/bin/hospes"))
        cls.process = subprocess.Popen(
            [binary, "micro", "--house", str(ROOT / "house/disquaire"), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
        )
        cls.process.stdout.readline()
        cls.port = int(re.search(r":(\d+)", cls.process.stdout.readline()).group(1))

    @classmethod
    def tearDownClass(cls):
        cls.process.send_signal(signal.SIGTERM)
        assert cls.process.wait(timeout=20) == 0
        cls.process.stdout.close()

    def setUp(self):
        self.assertEqual(self.ask("POST", "/micro/reset"), (200, {"total": 0, "good": 0, "bad": 0}))

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body), headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text

    def send(self, path, body, key="wk_demo", **headers):
        return self.ask("POST", path, body, {"X-Write-Key": key, **headers})

    def test_good_and_bad_with_the_reason(self):
        good = {"event": "Product Viewed", "userId": "m1", "messageId": "m-1", "context": CONSENT}
        self.assertEqual(self.send("/v1/track", good)[0], 200)
        self.send("/v1/track", {"event": "Product Viewed", "userId": "m1"})
        self.send("/v1/batch", {"batch": [{"type": "track", "userId": "m1", "context": CONSENT}, {"type": "track", "event": "E"}]})
        self.assertEqual(self.ask("GET", "/micro/all"), (200, {"total": 4, "good": 1, "bad": 3}))
        self.assertEqual(self.ask("GET", "/micro/good")[1], [{"event": good, "verdict": "accepted"}])
        withheld, nameless, nobody = self.ask("GET", "/micro/bad")[1]
        self.assertEqual(withheld["verdict"], "withheld")
        self.assertIn("no answer, and unset is no under consent", withheld["why"])
        self.assertEqual((nameless["verdict"], nameless["rule"]), ("rejected", "no_event_name"))
        self.assertEqual((nobody["rule"], nobody["event"]), ("no_identifier", {"type": "track", "event": "E"}))

    def test_answers_before_the_events_of_their_batch(self):
        order = {"type": "track", "event": "Product Viewed", "userId": "m2", "messageId": "e"}
        yes = {"type": "consent", "userId": "m2", "purpose": "personalise", "state": "given", "messageId": "y"}
        self.send("/v1/batch", {"batch": [order, {"type": "nothing"}, yes]})
        self.assertEqual([g["event"] for g in self.ask("GET", "/micro/good")[1]], [yes, order])
        self.assertEqual(self.ask("GET", "/micro/bad")[1][0]["event"], {"type": "nothing"})

    def test_a_request_that_is_refused_whole(self):
        self.assertEqual(self.send("/v1/batch", b'{"batch":[')[0], 400)
        self.assertEqual(self.send("/v1/track", {"event": "E", "userId": "m"}, key="wk_wrong")[0], 401)
        broken, keyless = self.ask("GET", "/micro/bad")[1]
        self.assertEqual((broken["request"], broken["verdict"], broken["status"]), ([], "refused", 400))
        self.assertEqual((keyless["request"], keyless["status"]), ([{"event": "E", "userId": "m"}], 401))
        self.assertIn("unknown write key", keyless["why"])

    def test_what_a_public_key_is_not_told(self):
        status, answer = self.send("/v1/track", {"event": "E", "anonymousId": "v1"}, key="wk_demo_web")
        self.assertEqual((status, answer["accepted"]), (200, 1))
        self.assertEqual(self.ask("GET", "/micro/bad")[1][0]["verdict"], "withheld")

    def test_segments_and_who_is_in_them(self):
        body = gzip.compress(json.dumps({"batch": [
            {"type": "track", "event": "Order Completed", "userId": u, "messageId": f"o-{u}", "properties": {"total": 20}} for u in ("m4", "m3")
        ]}).encode())
        self.assertEqual(self.send("/v1/batch", body)[0], 200)
        segments = {s["id"]: s for s in self.ask("GET", "/micro/segments")[1]}
        self.assertEqual(segments["new_customers"]["people"], ["user_id:m3", "user_id:m4"])
        self.assertEqual(segments["new_customers"]["members"], 2)
        self.ask("POST", "/micro/reset")
        self.assertEqual({s["members"] for s in self.ask("GET", "/micro/segments")[1]}, {0})
        self.assertEqual(self.ask("GET", "/micro/good")[1], [])

    def test_bounded(self):
        batch = {"batch": [{"type": "track", "event": "E", "userId": f"u{i}", "context": CONSENT} for i in range(2500)]}
        statuses = {self.send("/v1/batch", batch)[0] for _ in range(9)}
        self.assertEqual(statuses, {200, 429})
        self.assertEqual(self.ask("GET", "/micro/all")[1]["total"], 20_000)

    def test_loopback_only_and_other_paths(self):
        self.assertIn("GET /micro/all", self.ask("GET", "/micro/nothing")[1])
        ran = subprocess.run([*self.process.args[:4], "--listen", "0.0.0.0:0"], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("loopback only", ran.stderr)


if __name__ == "__main__":
    unittest.main()
