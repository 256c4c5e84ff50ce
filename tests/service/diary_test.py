"""Nothing that a client sends is ever in the server's own messages or its metrics: a canary in every field of every call."""

import base64
import gzip
import http.client
import json
import unittest

from house import KEY, House

CANARY = "canary7731"
CONSENT = {"categoryPreferences": {"personalise": True, "measure": True}}


def word(n=[0]):
    """A canary that no other field bears, so that a finding names its field."""
    n[0] += 1
    return f"{CANARY}x{n[0]}"


def everywhere(kind):
    """A call of this type with a canary in each field the API knows, and in some it does not."""
    item = {
        "type": kind,
        "userId": word(),
        "anonymousId": word(),
        "messageId": word(),
        "event": word(),
        "name": word(),
        "category": word(),
        "groupId": word(),
        "previousId": word(),
        "traits": {"email": f"{word()}@{word()}.example", "phone": word(), word(): word()},
        "properties": {"order_id": word(), "email": f"{word()}@mail.example", word(): word(), "deep": {word(): [word()]}},
        "context": {
            "consent": CONSENT,
            "ip": word(),
            "userAgent": word(),
            "page": {"url": f"https://shop.example/{word()}?q={word()}", "referrer": word(), "title": word()},
            "campaign": {"name": word()},
            "device": {"id": word(), "advertisingId": word()},
            "traits": {"email": f"{word()}@context.example"},
            "externalIds": [{"id": word(), "type": word(), "collection": "users", "encoding": "none"}],
            word(): word(),
        },
        "integrations": {word(): True},
        word(): word(),
    }
    return item


class Diary(unittest.TestCase):
    def send(self, house, path, body, headers=None, method="POST", port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or house.public, timeout=30)
        try:
            connection.request(method, path, body, {"X-Write-Key": KEY, "Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (BrokenPipeError, ConnectionResetError):
            return 0  # refused before all of it was sent
        finally:
            connection.close()

    def calls(self, house):
        """Every way in, with the statuses that came back."""
        send = lambda *a, **k: self.send(house, *a, **k)
        seen = set()
        for kind in ("track", "identify", "page", "screen", "group", "alias"):
            item = everywhere(kind)
            seen.add(send(f"/v1/{kind}", json.dumps(item)))
            withheld = everywhere(kind)
            del withheld["context"]["consent"]
            seen.add(send("/v1/batch", json.dumps({"batch": [item, withheld], word(): word()})))
            nobody = {k: v for k, v in everywhere(kind).items() if k not in ("userId", "anonymousId", "previousId")}
            seen.add(send("/v1/batch", json.dumps({"batch": [nobody]})))
        consent = {"userId": word(), "purpose": "measure", "state": "given", "messageId": word(), "proof": word(),
                   "notice": {"id": word(), "version": word(), "lang": "fr"}}
        seen.add(send("/v1/consent", json.dumps(consent)))
        seen.add(send("/v1/consent", json.dumps({**consent, "purpose": word(), "state": word()})))
        item = json.dumps(everywhere("track"))
        for headers in (
            {"X-Write-Key": word()},
            {"Authorization": "Basic " + base64.b64encode(f"{word()}:{word()}".encode()).decode(), "X-Write-Key": word()},
            {"Authorization": f"Bearer {word()}"},
            {"Origin": f"https://{word()}.example"},
            {"User-Agent": word(), "X-Forwarded-For": word(), "Cookie": f"{word()}={word()}", f"X-{word()}": word()},
            {"AnonymousId": word(), "SentAt": word(), "Content-Type": f"text/{word()}", "Sec-GPC": "1"},
            {"Content-Encoding": word()},
            {"Content-Encoding": "gzip"},
        ):
            seen.add(send("/v1/track", item, headers))
        seen.add(send("/v1/batch", gzip.compress(item.encode()), {"Content-Encoding": "gzip"}))
        for body in (f'{{"{word()}": {word()}', f'["{word()}"]', f'"{word()}"', f'{{"batch": "{word()}"}}',
                     ('{"batch":[{"type":"track","userId":"%s","event":"%s","properties":{"a":"%s' % (word(), word(), word())) * 2,
                     '{"userId":"' + word() * 40_000 + '","event":"E"}', b"\xff" + CANARY.encode(), CANARY.encode() * 600_000):
            for path in ("/v1/track", "/v1/batch"):
                seen.add(send(path, body))
        too_long = everywhere("track")
        too_long["messageId"] = word() * 1000
        too_long["timestamp"] = word()
        seen.add(send("/v1/batch", json.dumps({"batch": [too_long]})))
        for path in (f"/{word()}", f"/v1/track?writeKey={word()}&{word()}={word()}", f"/v1/{word()}/%00{word()}"):
            seen.add(send(path, item))
        seen.add(send(f"/v1/track?{word()}", None, method="GET"))
        seen.add(send("/v1/track", None, {"Origin": f"https://{word()}.example"}, method="OPTIONS"))

        bearer = {"Authorization": f"Bearer {house.token}"}
        console = lambda path, body=None, headers=bearer, method="GET": send(path, body, headers, method, house.console)
        known = json.loads(item)["userId"]
        for person in (f"user_id:{known}", f"user_id:{word()}", f"email:{word()}@mail.example", f"{word()}:{word()}", word()):
            seen.add(console(f"/v1/profiles/{person}"))
            seen.add(console(f"/v1/profiles/{person}/why/{word()}?text={word()}"))
        for path in (f"/v1/events/{word()}", f"/v1/segments/{word()}/members?{word()}={word()}", f"/{word()}", f"/start/{word()}"):
            seen.add(console(path))
        for path in ("/v1/profiles", "/v1/profiles/find", "/v1/segments/preview", f"/{word()}"):
            for body in (json.dumps({"kind": "email", "value": f"{word()}@find.example", "namespace": "email", word(): word()}), word()):
                seen.add(console(path, body, method="POST"))
        for body in ({"email": f"{word()}@find.example"}, {"user_id": known}, {"order": word()}, {"phone": word()}, {word(): word()}):
            seen.add(console("/v1/find", json.dumps(body), method="POST"))
        seen.add(console("/v1/find", word(), method="POST"))
        seen.add(console(f"/v1/events/{json.loads(item)['messageId']}?source={word()}"))
        for headers in ({"Authorization": f"Bearer {word()}"}, {"Cookie": f"hospes_session={word()}"}, {**bearer, "Host": f"{word()}.example"},
                        {**bearer, "Origin": f"https://{word()}.example", "User-Agent": word()}):
            seen.add(console("/v1/segments", headers=headers))
        return seen

    def test_no_line_and_no_metric_bears_what_was_sent(self):
        for settings in (["log.format=text", "log.level=debug"], ["log.format=json", "log.level=debug"]):
            with self.subTest(settings):
                house = House(settings=settings)
                self.addCleanup(house.folder.cleanup)
                house.start()
                seen = self.calls(house)
                self.assertLessEqual({200, 400, 401, 404, 413}, seen)
                house.settle()
                status, metrics = house.get("/metrics")
                self.assertEqual(status, 200)
                self.assertGreater(house.metric("hospes_flow_events_total"), 10, "and the canaries did come in")
                self.assertEqual(house.stop(), 0)  # tells the counts
                lines = (house.root / "out.log").read_text()
                house.start()
                self.calls(house)
                house.kill()  # the next start replays all of it: recovery is quiet about it too
                lines += (house.root / "out.log").read_text()
                house.start()
                self.assertEqual(house.stop(), 0)
                lines += (house.root / "out.log").read_text()
                self.assertGreater(lines.count("portal.looked"), 10, "there is something to look at")
                self.assertGreater(lines.count("server.refused"), 0)
                for text in (lines, metrics.decode()):
                    for form in (CANARY, CANARY.upper(), base64.b64encode(CANARY.encode()).decode()[:12], CANARY.encode().hex()):
                        at = text.find(form)
                        self.assertEqual(at, -1, text[max(0, at - 200) : at + 60])


if __name__ == "__main__":
    unittest.main()
