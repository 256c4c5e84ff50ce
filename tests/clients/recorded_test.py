"""Recorded requests of real clients, byte for byte: on the paths served here each gets the answer its client needs.

usage: recorded_test.py [FOLDER]   default: $HOSPES_DATA/clients, else ../shared/data/clients beside this checkout
"""

import base64
import json
import os
import pathlib
import socket
import sys
import http.client
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/service"))

from house import House, source

DATA = pathlib.Path(os.environ.get("HOSPES_DATA") or ROOT.parent / "shared/data")
FOLDER = DATA / "clients"
# The recordings' write keys: servers keep theirs secret, pages show theirs.
KEYS = {"WK_SEGMENT_NODE": "server", "WK_RUDDER_NODE": "server", "WK_SEGMENT_WEB": "public", "WK_RUDDER_WEB": "public"}
PAGE = 'origins = ["http://127.0.0.1:19103"]'


def recorded():
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield file.stem, json.loads(line)


def send(port, request):
    """As the client sent it: order, case and bytes; only Host is this server's, and the connection ends."""
    body = base64.b64decode(request["body_b64"]) if request.get("body_b64") else (request.get("body_text") or "").encode()
    head = f"{request['method']} {request['target']} HTTP/1.1\r\n"
    for name, value in request["headers"]:
        head += f"{name}: {f'127.0.0.1:{port}' if name.lower() == 'host' else 'close' if name.lower() == 'connection' else value}\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head.encode("latin-1") + b"\r\n" + body)
        answer = http.client.HTTPResponse(connection, method=request["method"])
        answer.begin()
        return answer.status, answer.read(), answer


def said(request):
    """The events of a recorded body."""
    body = json.loads(request["body_text"])
    return body["batch"] if "batch" in body else [body]


class Recorded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(sources="".join(source(f"recorded-{i}", key, use, PAGE if use == "public" else "") for i, (key, use) in enumerate(KEYS.items()))).start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def test_each_request_gets_the_answer_its_client_needs(self):
        ids, requests = set(), 0
        for scenario, request in recorded():
            with self.subTest(f"{scenario} {request['method']} {request['target'][:60]}"):
                requests += 1
                status, text, answer = send(self.house.public, request)
                self.assertEqual(status, 204 if request["method"] == "OPTIONS" else 200, text)
                asked = {name.lower(): value for name, value in request["headers"]}
                if "origin" in asked:
                    self.shared(answer, asked)
                if request["method"] == "GET":
                    self.assertIn("Segment.io" if "/projects/" in request["target"] else "dataplanes", text.decode())
                if request["method"] == "POST":
                    ids |= self.taken(request, json.loads(text))
        print(f"{requests} requests replayed, {len(ids)} messages")
        self.assertGreater(len(ids), 20)

    def shared(self, answer, asked):
        """The page that asked may read it, and send what it asked about."""
        self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), asked["origin"])
        wanted = asked.get("access-control-request-headers", "").split(",")
        allowed = (answer.getheader("Access-Control-Allow-Headers") or "").split(", ")
        self.assertLessEqual({w for w in wanted if w}, set(allowed))

    def taken(self, request, answer):
        self.assertTrue(answer["success"])
        self.assertEqual(answer["rejected"], [])
        events = said(request)
        self.assertEqual(answer["accepted"] + len(answer.get("withheld", [])), len(events))
        return {event["messageId"] for event in events}

    def test_a_recorded_retry_counts_once(self):
        first, second = [r for s, r in recorded() if s == "segment-node_answer-500-once"]
        consent = {"consent": {"categoryPreferences": {"measure": True}}}
        for request in (first, second):
            body = json.loads(request["body_text"])
            for event in body["batch"]:
                event["context"].update(consent)
                event["userId"] = "recorded-retry"
            status, text = self.house.post("/v1/batch", body, key="WK_SEGMENT_NODE")
            self.assertEqual((status, json.loads(text)["accepted"]), (200, 1))
        self.house.settle()
        self.assertEqual([m["event"] for m in self.house.profile("user_id:recorded-retry")["timeline"]], ["Retry 500"])


if __name__ == "__main__":
    if not FOLDER.is_dir():
        print(f"skipped: there are no recordings at HOSPES_DATA/clients ({FOLDER.name} is absent)")
        sys.exit(77)
    unittest.main()
