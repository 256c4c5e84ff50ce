"""What strangers and mistakes send: each gets the contract's answer, and the server stays, within its memory."""

import gzip
import json
import re
import resource
import select
import socket
import threading
import unittest

from house import KEY, House, source

CONSENT = {"consent": {"categoryPreferences": {"personalise": True, "measure": True}}}
PAGE_KEY = "wk_demo_web"  # public, of the demo house's page source
MEMORY_MB_MAX = 512  # over idle
HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS = 400, 400
CONNECTIONS = 1000


def head(path="/v1/batch", length=None, more=()):
    lines = [f"POST {path} HTTP/1.1", "Host: test", f"X-Write-Key: {KEY}", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_answer(connection):
    """Status, body and whether the server ended the connection after it."""
    connection.settimeout(30)
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None, data, True
        data += part
    top, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"\r\nContent-Length: (\d+)", top).group(1))
    while len(body) < length:
        body += connection.recv(65536)
    return int(top.split(b" ")[1]), body, b"\r\nConnection: close" in top


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        cls.house = House(
            sources=source("page", "wk_test_page", "public", '[source.trusted]\ntool = "t"\nnotice = "n"\nversion = "1"\nlang = "en"'),
            settings=[f"public.header_timeout_ms={HEADER_TIMEOUT_MS}", f"public.body_timeout_ms={BODY_TIMEOUT_MS}"],
        ).start()
        cls.house.post("/v1/track", {"userId": "warm", "event": "Warm", "context": CONSENT})
        cls.idle_mb = cls.house.peak_memory_mb()

    @classmethod
    def tearDownClass(cls):
        peak_mb = cls.house.peak_memory_mb()
        print(f"peak memory: {peak_mb:.0f} MB, idle {cls.idle_mb:.0f} MB")
        assert cls.house.stop() == 0
        assert peak_mb - cls.idle_mb < MEMORY_MB_MAX, f"{peak_mb:.0f} MB over {cls.idle_mb:.0f} MB idle"

    def tearDown(self):
        self.assertEqual(self.house.get("/readyz")[0], 200, "the server stays")

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.house.public), 30)
        self.addCleanup(connection.close)
        return connection

    def raw(self, *parts):
        connection = self.connect()
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass  # refused before all of it was sent: the answer is there all the same
        return read_answer(connection)

    def refused_whole(self, body, status, says, **more):
        got, text = self.house.post("/v1/batch", body, **more)
        self.assertEqual(got, status, text)
        self.assertIn(says, text.decode())

    def one(self, event, key=KEY):
        """The code with which one event is refused; None when it is taken."""
        status, text = self.house.post("/v1/batch", {"batch": [event]}, key=key)
        self.assertEqual(status, 200, text)
        answer = json.loads(text)
        for rejected in answer["rejected"]:
            self.assertRegex(rejected["reason"], r"\w+ \w+ \w+", "a sentence that says what to change")
            return rejected["code"]
        self.assertEqual(answer["accepted"], 1, text)
        return None

    def track(self, **more):
        return {"type": "track", "userId": "bad", "event": "E", "context": CONSENT, **more}

    def test_broken_json(self):
        for body in (b"", b"{", b'{"batch":[}', b'{"batch":[{"type":"track"}', b"{'batch':[]}", b'{"batch":[]} x'):
            self.refused_whole(body, 400, "JSON")
        self.refused_whole(b"\x00" * 100, 400, "JSON")
        self.refused_whole(b"[]", 400, "must be a JSON object")
        for body in (b"{}", b'{"batch":7}', b'{"batch":{}}'):
            self.refused_whole(body, 400, 'an array "batch"')

    def test_wrong_types(self):
        for wrong in ({"event": 7.5}, {"userId": {}}, {"properties": []}, {"context": "x"}, {"messageId": [1]}, {"timestamp": {}}):
            self.assertEqual(self.one(self.track(**wrong)), "wrong_type", wrong)
        self.assertEqual(self.one({"type": "purchase", "userId": "u"}), "unknown_type")
        self.assertEqual(self.one("an event"), "not_an_object")
        self.assertEqual(self.one({"type": "track", "userId": "u"}), "no_event_name")
        wrong_answer = {"consent": {"categoryPreferences": {"measure": "yes"}}}
        self.assertEqual(self.one(self.track(context=wrong_answer)), "wrong_type", "a malformed answer is not a missing one")

    def test_deep_nesting(self):
        deep = "1"
        for _ in range(40):
            deep = {"a": deep}
        self.assertEqual(self.one(self.track(properties=deep)), "too_deep")
        for sign in (b"[", b'{"a":'):
            self.refused_whole(b'{"batch":[{"properties":' + sign * 100_000, 400, "not valid JSON")

    def test_a_body_of_five_megabytes(self):
        status, text, closed = self.raw(head(length=5 << 20))
        self.assertEqual((status, closed), (413, True), "told before it is sent")
        self.assertIn(b"send fewer events", text)
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        status, _, closed = self.raw(head(more=["Transfer-Encoding: chunked"]), *[chunk] * 80, b"0\r\n\r\n")
        self.assertEqual((status, closed), (413, True))

    def test_a_gzip_bomb(self):
        before = self.house.peak_memory_mb()
        bomb = gzip.compress(b" " * (200 << 20), 9)
        self.refused_whole(bomb, 413, "inflates")
        self.refused_whole(gzip.compress(b" " * (3 << 20)), 413, "times its size", headers={"Content-Type": "text/plain"})
        self.assertLess(self.house.peak_memory_mb() - before, 32)
        whole = gzip.compress(json.dumps({"batch": [self.track()]}).encode())
        self.refused_whole(whole[:-9], 400, "cut off")
        self.refused_whole(whole[:20] + b"\xff\xff\xff" + whole[23:], 400, "broken")
        self.assertEqual(self.house.post("/v1/batch", whole, headers={"Content-Type": "application/x-www-form-urlencoded"})[0], 200)

    def test_invalid_utf8(self):
        for text in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
            self.refused_whole(b'{"batch":[{"type":"track","userId":"u","event":"' + text + b'"}]}', 400, "UTF-8")

    def test_nul_bytes(self):
        self.assertEqual(self.one(self.track(event="a\0b")), "nul_character")
        self.assertEqual(self.one(self.track(properties={"a\0b": 1})), "nul_character")
        self.assertEqual(self.one(self.track(properties={"a": ["x\0"]})), "nul_character")
        self.refused_whole(b'{"batch":[{"type":"track","event":"a\0b"}]}', 400, "not valid JSON")

    def test_numbers_beyond_double(self):
        text = '{"batch":[{"type":"track","userId":"numbers","event":"E","context":%s,"properties":{"a":1e400,"b":-1e400,"c":%s,"d":1e-400}}]}'
        status, answer = self.house.post("/v1/batch", text % (json.dumps(CONSENT), "9" * 400))
        self.assertEqual((status, json.loads(answer)["accepted"]), (200, 1))
        self.house.settle()
        kept = self.house.profile("user_id:numbers")["timeline"][0]["properties"]
        self.assertEqual((kept["a"], kept["b"], kept["c"]), ("1e400", "-1e400", "9" * 400), "out of range stays text")

    def test_times_far_off(self):
        self.assertIsNone(self.one({**self.track(timestamp="1969-07-20T20:17:40Z"), "userId": "old"}), "a server may import the past")
        visitor = {"type": "track", "anonymousId": "v", "event": "E", "context": CONSENT}
        self.assertEqual(self.one({**visitor, "timestamp": "1969-07-20T20:17:40Z"}, key="wk_test_page"), "time_too_early")
        self.assertIsNone(self.one({**self.track(timestamp="2099-01-01T00:00:00Z"), "userId": "new"}))
        for wrong in ("yesterday", "2026-13-01T00:00:00Z", "24/11/2026"):
            self.assertEqual(self.one(self.track(timestamp=wrong)), "bad_time", wrong)
        self.house.settle()
        self.assertEqual(self.house.profile("user_id:old")["timeline"][0]["at"], "1969-07-20T20:17:40Z")
        moment = self.house.profile("user_id:new")["timeline"][0]
        self.assertEqual(moment["at"], moment["received"], "the future is brought back to receipt")

    def test_an_unknown_key(self):
        self.refused_whole({"batch": []}, 401, "unknown write key", key="nobody's")
        self.refused_whole({"batch": []}, 401, "no write key", key="")
        self.refused_whole({"batch": []}, 401, "unknown write key", key="x" * 5000)

    def test_no_identifier(self):
        for nobody in ({}, {"userId": None}, {"userId": "null"}, {"anonymousId": "  "}, {"userId": "undefined"}, {"userId": "0"}):
            self.assertEqual(self.one({"type": "track", "event": "E", "context": CONSENT, **nobody}), "no_identifier", nobody)

    def test_long_things(self):
        self.assertEqual(self.one(self.track(messageId="m" * 10_000)), "message_id_too_long")
        self.assertEqual(self.one({**self.track(), "userId": "u" * 600}), "identifier_too_long")
        self.assertEqual(self.one({**self.track(), "userId": "u" * (1 << 20)}), "identifier_too_long")
        whole = [self.track(messageId="before"), {**self.track(messageId="million"), "userId": "u" * (1 << 20)}, self.track(messageId="after")]
        status, text = self.house.post("/v1/batch", {"batch": whole})
        answer = json.loads(text)
        self.assertEqual((status, answer["accepted"], len(answer["rejected"])), (200, 2, 1), "those beside it are taken")
        self.assertEqual(self.house.get("/v1/profiles/user_id:" + "u" * 4000)[0], 400)
        self.assertEqual(self.one(self.track(event="e" * 300)), "name_too_long")
        self.assertEqual(self.one(self.track(properties={"a": "x" * 9000})), "string_too_long")
        self.assertEqual(self.one(self.track(properties={f"p{i}": i for i in range(301)})), "too_many_properties")
        self.assertEqual(self.one(self.track(properties={f"p{i}": "x" * 1000 for i in range(140)})), "event_too_large")
        self.refused_whole({"batch": [{}] * 2501}, 413, "2,500")

    def test_duplicate_headers(self):
        body = json.dumps({"batch": [self.track()]}).encode()
        for double in ("Host: other", f"X-Write-Key: {KEY}", f"Content-Length: {len(body) + 1}", f"Content-Length: {len(body)}"):
            status, _, closed = self.raw(head(length=len(body), more=[double]), body)
            self.assertEqual((status, closed), (400, True), double)
        status, _, _ = self.raw(head(length=len(body), more=["Cookie: a=1", "Cookie: b=2"]), body)
        self.assertEqual(status, 200, "others may come twice")

    def test_content_length_with_chunked(self):
        for lines in (["Transfer-Encoding: chunked"], ["Transfer-Encoding: gzip, chunked"]):
            status, _, closed = self.raw(head(length=5, more=lines), b"5\r\nhello\r\n0\r\n\r\n")
            self.assertIn(status, (400, 501))
            self.assertTrue(closed, "nobody knows where the next request begins")

    def test_what_is_no_http(self):
        for text in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40, b"hello\r\n\r\n", b"GET / HTTP/3.7\r\n\r\n"):
            status, _, closed = self.raw(text)
            self.assertIn(status, (400, 505), text)
            self.assertTrue(closed)
        self.assertEqual(self.raw(head(more=["X-Long: " + "x" * 20_000], length=0))[0], 431)

    def test_slow_clients(self):
        """Each is cut off at the server's deadline, and nobody else waits for them."""
        whole = head(length=100)
        slow = []
        for i in range(100):
            connection = self.connect()
            connection.sendall(whole[: 1 + i % (len(whole) - 1)] if i % 2 else whole + b"{")
            slow.append(connection)
        self.assertEqual(self.house.post("/v1/batch", {"batch": [self.track()]})[0], 200)
        for connection in slow:
            status, _, closed = read_answer(connection)
            self.assertEqual((status, closed), (408, True))

    def test_a_client_that_drips(self):
        connection = self.connect()
        text = head(more=["X-Slow: " + "x" * 8000], length=0)
        sent = 0
        while sent < len(text):  # one byte whenever the server has been silent for a moment
            if select.select([connection], [], [], 0.02)[0]:
                break
            connection.sendall(text[sent : sent + 1])
            sent += 1
        status, _, _ = read_answer(connection)
        self.assertEqual(status, 408)
        self.assertLess(sent, len(text))

    def test_a_thousand_connections(self):
        body = json.dumps({"batch": [self.track()]}).encode()
        first = head(length=len(body)) + body
        connections = [self.connect() for _ in range(CONNECTIONS)]
        for connection in connections:
            connection.sendall(first)
        for connection in connections:
            self.assertEqual(read_answer(connection)[0], 200)
        self.assertEqual(self.house.post("/v1/batch", body)[0], 200, "one more while they are open")
        for connection in connections:  # none was dropped meanwhile
            connection.sendall(first)
        for connection in connections:
            self.assertEqual(read_answer(connection)[0], 200)

    def test_many_large_bodies_at_once(self):
        """48 times 3 MB; half of it may be kept, for many people, and that half stays in memory."""
        properties = {f"p{i}": "x" * 120 for i in range(10)}
        bodies = []
        for context in ({}, CONSENT):
            event = self.track(properties=properties, context=context)
            bodies.append(json.dumps({"batch": [{**event, "userId": f"many-{i}", "messageId": f"PART-{i}"} for i in range(2400)]}))
        self.assertGreater(len(bodies[0]), 3 << 20)
        answers = []

        def send(part):
            try:
                answers.append(self.house.post("/v1/batch", bodies[part % 2].replace("PART", str(part)))[0])
            except OSError:
                answers.append(503)  # refused before all of it was sent

        threads = [threading.Thread(target=send, args=(part,)) for part in range(48)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(answers), len(threads))
        self.assertLessEqual(set(answers), {200, 429, 503})
        self.assertIn(200, answers)


if __name__ == "__main__":
    unittest.main()
