"""Webhooks of the real binary: what leaves, what does not, why, and how a destination's trouble stays its own."""

import base64
import datetime
import email.utils
import hashlib
import hmac
import http.client
import json
import subprocess
import threading
import time
import unittest
import zoneinfo

from house import ROOT, House, source
from sink import Mute, Raw, Sink, action, destination

LOOPBACK = 'act.allow=["127.0.0.0/8"]'
PAGE_KEY = "wk_test_page"
PAGE = source("page", PAGE_KEY, "public", '[source.trusted]\ntool = "t"\nnotice = "n"\nversion = "1"\nlang = "en"')
SECRETS = [b"hospes-test-secret-24bytes!", b"the secret that comes after it"]
ORDER = {"order_id": "1", "total": 12}


def secret_lines():
    return "".join("whsec_" + base64.b64encode(s).decode() + "\n" for s in SECRETS)


def signed(call, secret):
    """As Standard Webhooks has it, computed here."""
    h = call["headers"]
    text = f"{h['webhook-id']}.{h['webhook-timestamp']}.".encode() + call["body"]
    return "v1," + base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()


class Act(unittest.TestCase):
    def open(self, actions, **files):
        house = House(sources=PAGE, settings=[LOOPBACK], files={"actions.toml": actions, **files}).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def sink(self, *answer):
        sink = Sink(*answer)
        self.addCleanup(sink.close)
        return sink

    def order(self, house, user, **more):
        body = {"userId": user, "event": "Order Completed", "messageId": f"order-{user}", "properties": ORDER, **more}
        self.assertEqual(house.post("/v1/track", body)[0], 200)

    def say(self, house, user, state, purpose="market", happened=None):
        body = {"userId": user, "purpose": purpose, "state": state, "notice": {"id": "n", "version": "1", "lang": "en"}}
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", house.public, timeout=10)
        connection.request("POST", "/v1/consent", json.dumps(body), {"Content-Type": "application/json", "X-Write-Key": "wk_demo"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.assertEqual(answer.status, 200)
        return time.monotonic() - started, int(answer.getheader("X-Hospes-In-Flight") or 0)

    def effects(self, house, user, action="", state=None, timeout=20):
        """Of that person; waits until there is one in `state`."""
        end = time.monotonic() + timeout
        while True:
            status, text = house.get(f"/v1/effects/user_id:{user}" + (f"?action={action}" if action else ""))
            told = json.loads(text)
            if state is None or any(e["state"] == state for e in told.get("effects", [])):
                return told
            if time.monotonic() > end:
                raise AssertionError(f"no effect of {user} is {state}: {text.decode()}")

    def test_a_passage_is_told_once_and_signed(self):
        sink = self.sink()
        house = self.open(
            destination("crm", sink.url, secret_file="crm.secret") + action("welcome", "crm"),
            **{"crm.secret": secret_lines()},
        )
        self.order(house, "ann")
        sink.wait(1)
        (call,) = sink.calls
        said = json.loads(call["body"])
        self.assertEqual(said["type"], "segment.entered")
        self.assertEqual((said["data"]["person"], said["data"]["segment"], said["data"]["to"]), ("user_id:ann", "active", "in"))
        self.assertEqual(call["headers"]["webhook-signature"].split(" "), [signed(call, s) for s in SECRETS])
        self.assertEqual(call["headers"]["webhook-id"], "msg_" + said["data"]["effect"])
        self.assertEqual(call["headers"]["idempotency-key"], call["headers"]["webhook-id"])
        self.order(house, "ann")  # the same message again
        self.order(house, "bob")
        (effect,) = self.effects(house, "ann", state="done")["effects"]
        self.assertEqual((effect["status"], effect["attempts"], effect["reason"]), (204, 1, None))
        self.assertEqual(effect["effect"], said["data"]["effect"])
        self.effects(house, "bob", state="done")
        self.assertEqual(len(sink.calls), 2)
        told = json.loads(house.get("/v1/actions")[1])
        self.assertEqual(told["actions"][0]["name"], "welcome")
        self.assertEqual(told["destinations"][0]["done"], 2)
        self.assertEqual(house.stop(), 0)

    def test_npm_standardwebhooks_verifies_what_left_and_nothing_else(self):
        sink = self.sink()
        house = self.open(
            destination("crm", sink.url, secret_file="crm.secret") + action("welcome", "crm"), **{"crm.secret": secret_lines()}
        )
        self.order(house, "ann")
        sink.wait(1)
        (call,) = sink.calls
        base = {"secret": "whsec_" + base64.b64encode(SECRETS[0]).decode(), "headers": call["headers"], "body": call["body"].decode()}
        second = base | {"secret": "whsec_" + base64.b64encode(SECRETS[1]).decode()}
        other = base | {"secret": "whsec_" + base64.b64encode(b"x" * 32).decode()}
        changed = base | {"body": base["body"].replace("user_id:ann", "user_id:eve")}
        renamed = base | {"headers": call["headers"] | {"webhook-id": "msg_0"}}
        late = base | {"headers": call["headers"] | {"webhook-timestamp": str(int(call["headers"]["webhook-timestamp"]) - 301)}}
        asked = "".join(json.dumps(one) + "\n" for one in (base, second, other, changed, renamed, late))
        said = subprocess.run(
            [str(ROOT / "third_party/node/bin/node"), str(ROOT / "tests/mail/webhook.mjs")], input=asked, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        self.assertEqual(said[:2], ["verified"] * 2)
        self.assertEqual(len(said), 6)
        self.assertNotIn("verified", said[2:])
        self.assertEqual(house.stop(), 0)

    def test_the_documented_vector_of_standard_webhooks(self):
        call = {"headers": {"webhook-id": "msg_hospes_1", "webhook-timestamp": "1795392000"}, "body": b'{"type":"consent.withdrawn"}'}
        self.assertEqual(signed(call, SECRETS[0]), "v1,kq2/UKzAvyVSCnHXuSe2Ytkj3w5Csd1iYlMHS2nHqJY=")

    def test_what_may_not_leave_says_why(self):
        sink = self.sink()
        hour = datetime.timedelta(hours=1)
        now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris"))
        house = self.open(
            destination("crm", sink.url)
            + action("welcome", "crm")
            + action("mail", "crm", purpose="contact:email")
            + action("half", "crm", holdout="50%")
            + action("night", "crm", quiet=f"{now - hour:%H:%M}-{now + 2 * hour:%H:%M}", valid_for="4h")
            + action("useless", "crm", quiet=f"{now - hour:%H:%M}-{now + 2 * hour:%H:%M}", valid_for="1h")
        )
        self.say(house, "no", "objected")
        self.order(house, "no")
        self.order(house, "yes")
        told = self.effects(house, "yes", state="done")
        by = {e["action"]: e for e in told["effects"]}
        self.assertEqual(by["mail"]["reason"]["code"], "unset")
        self.assertEqual((by["night"]["state"], by["night"]["reason"]["code"]), ("planned", "quiet_hours"))
        # What the quiet hours would hold until it is of no use any more ends at once, and says what held it.
        self.assertEqual((by["useless"]["state"], by["useless"]["reason"]["code"]), ("refused", "quiet_hours"))
        self.assertIn(by["half"]["state"], ("done", "ready", "claimed", "refused"))
        # Who objects to `market` is in no segment of that purpose: nothing was decided.
        told = self.effects(house, "no", "welcome")
        self.assertEqual((told["effects"], told["now"]["reason"]["code"]), ([], "objected"))
        why = subprocess.run(
            [house.binary, "why-not", "user_id:no", "welcome", "--console", f"127.0.0.1:{house.console}",
             "--token-file", f"{house.root}/data/console/token"],
            capture_output=True, text=True, env={"LANG": "C"},
        )
        self.assertEqual(why.returncode, 0, why.stderr)
        self.assertIn("no passage has set this action off", why.stdout)
        self.assertIn("the person objected, 20", why.stdout)
        self.assertEqual(house.stop(), 0)

    def test_a_withdrawal_while_the_destination_sleeps_counts_what_is_in_flight(self):
        gate = threading.Event()
        sink = self.sink(lambda call: (gate.wait(20), (204, {}))[1])
        house = self.open(destination("crm", sink.url, connections=4) + action("welcome", "crm"))
        self.addCleanup(gate.set)
        self.order(house, "ann")
        sink.wait(1)  # its content has left
        took, in_flight = self.say(house, "ann", "objected")
        self.assertEqual(in_flight, 1)
        self.assertLess(took, 4)
        self.assertGreater(took, 1.9)
        took, in_flight = self.say(house, "bob", "objected")  # nobody else waits for it
        self.assertEqual(in_flight, 0)
        self.assertLess(took, 1.5)
        gate.set()
        self.effects(house, "ann", state="done")
        self.assertEqual(len(sink.calls), 1)
        self.assertEqual(house.stop(), 0)

    def test_a_withdrawal_waits_for_a_send_that_ends_soon(self):
        sink = self.sink(lambda call: (time.sleep(0.5), (204, {}))[1])  # a destination's own slowness
        house = self.open(destination("crm", sink.url) + action("welcome", "crm"))
        self.order(house, "ann")
        sink.wait(1)
        took, in_flight = self.say(house, "ann", "objected")
        self.assertEqual(in_flight, 0)
        self.assertLess(took, 1.9)
        self.assertEqual(house.stop(), 0)

    def test_a_withdrawal_before_the_connection_stands_lets_nothing_leave(self):
        mute = Mute()  # the handshake of TLS never ends
        self.addCleanup(mute.close)
        house = self.open(
            destination("crm", f"https://127.0.0.1:{mute.port}/hook", timeout="2s", retry=["100ms"]) + action("welcome", "crm")
        )
        self.order(house, "ann")
        self.assertTrue(mute.connected.wait(20))
        took, in_flight = self.say(house, "ann", "objected")
        self.assertEqual(in_flight, 0)
        self.assertLess(took, 1.5)
        effect = self.effects(house, "ann", state="refused")["effects"][0]
        self.assertEqual((effect["reason"]["code"], effect["released"]), ("objected", None))
        self.assertNotIn(b"user_id", b"".join(mute.heard))
        self.assertEqual(house.stop(), 0)

    def test_a_dead_destination_delays_only_itself(self):
        mute = Mute()
        self.addCleanup(mute.close)
        sink = self.sink()
        house = self.open(
            destination("dead", f"http://127.0.0.1:{mute.port}/", timeout="20s")
            + destination("gone", "http://127.0.0.1:9/", retry=["100ms", "100ms"])
            + destination("crm", sink.url)
            + action("a", "dead") + action("b", "gone") + action("c", "crm")
        )
        started = time.monotonic()
        batch = [
            {"type": "track", "userId": f"u{i}", "event": "Order Completed", "messageId": f"o{i}", "properties": ORDER}
            for i in range(300)
        ]
        self.assertEqual(house.post("/v1/batch", {"batch": batch})[0], 200)
        sink.wait(300, timeout=15)
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(len(set(sink.keys())), 300)
        lanes = {d["name"]: d for d in json.loads(house.get("/v1/actions")[1])["destinations"]}
        self.assertEqual(lanes["dead"]["done"], 0)
        self.assertEqual(lanes["gone"]["done"], 0)
        self.assertIn("onnect", lanes["gone"]["trouble"])

    def test_a_destination_that_misbehaves_in_any_phase_ends_and_harms_nobody(self):
        """For each: what becomes of its effect; None: it ends."""

        def says(text, then=Raw.wait):
            def play(connection):
                Raw.read(connection)
                connection.sendall(text)
                then(connection)

            return play

        def drips(connection):
            Raw.read(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not closed.wait(0.05):  # one byte at a time, for ever
                connection.sendall(b"x")

        def floods(connection):
            Raw.read(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)

        closed = threading.Event()
        self.addCleanup(closed.set)
        hangs_up = lambda connection: None
        plays = {
            "accepts_only": (Raw.wait, "uncertain"),
            "closes_at_once": (hangs_up, None),  # before or after the content, as it happens
            "closes_after_the_request": (says(b"", hangs_up), "uncertain"),
            "sleeps_before_the_status": (says(b""), "uncertain"),
            "sleeps_in_the_status": (says(b"HTTP/1.1 20"), "uncertain"),
            "sleeps_in_the_headers": (says(b"HTTP/1.1 200 OK\r\nServer: x"), "done"),
            "sleeps_in_the_body": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"), None),
            "drips": (drips, None),
            "floods": (floods, None),
            "garbage": (says(bytes(range(256)) * 4, hangs_up), "uncertain"),
            "garbage_status": (says(b"HTTP/1.1 999 Odd\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", hangs_up), "failed"),
            "endless_headers": (says(b"HTTP/1.1 200 OK\r\n" + b"X-More: 1\r\n" * 100_000, hangs_up), None),
            "to_a_private_address": (says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/latest\r\nContent-Length: 0\r\n\r\n"), "failed"),
            "to_a_file": (says(b"HTTP/1.1 307 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"), "failed"),
        }
        sink = self.sink()
        actions = destination("crm", sink.url) + action("good", "crm")
        for name, (play, _) in plays.items():
            raw = Raw(play)
            self.addCleanup(raw.close)
            actions += destination(name, f"http://127.0.0.1:{raw.port}/", timeout="1s", retry=["10ms"]) + action("to_" + name, name)
        house = self.open(actions)
        started = time.monotonic()
        self.order(house, "ann")
        self.effects(house, "ann", "good", "done")
        self.assertLess(time.monotonic() - started, 5)
        ends = ("done", "failed", "uncertain")
        for name, (_, state) in plays.items():
            end = time.monotonic() + 20
            while True:
                (effect,) = self.effects(house, "ann", "to_" + name)["effects"]
                if effect["state"] in ends:
                    break
                self.assertLess(time.monotonic(), end, (name, effect))
            if state:
                self.assertEqual(effect["state"], state, (name, effect))
        self.order(house, "bob")
        self.effects(house, "bob", "good", "done")
        self.assertEqual(house.stop(), 0)

    def test_what_a_destination_says_is_heeded(self):
        answers = iter([(503, {"Retry-After": "1"}), (500, {}), (204, {}), (400, {}), (302, {"Location": "http://127.0.0.1:9/"}), (410, {})])
        times = []
        sink = self.sink(lambda call: (times.append(time.monotonic()), next(answers))[1])
        house = self.open(destination("crm", sink.url, connections=1, retry=["10ms", "10ms"]) + action("welcome", "crm"))
        self.order(house, "ann")
        effect = self.effects(house, "ann", state="done")["effects"][0]
        self.assertEqual(effect["attempts"], 3)
        self.assertEqual(len(set(sink.keys())), 1, "each attempt bears the same id")
        self.assertGreaterEqual(times[1] - times[0], 1.0)
        for user, status in (("bob", 400), ("cid", 302), ("dan", 410)):
            self.order(house, user)
            effect = self.effects(house, user, state="failed")["effects"][0]
            self.assertEqual((effect["status"], effect["attempts"]), (status, 1))
        self.order(house, "eve")  # switched off by the 410: nothing leaves
        calls = len(sink.calls)
        self.order(house, "fay")
        self.assertEqual(json.loads(house.get("/v1/actions")[1])["destinations"][0]["standing"], "off")
        self.assertEqual(len(sink.calls), calls)
        self.assertEqual(house.stop(), 0)

    def test_a_destination_that_asks_for_patience_gets_it_in_either_form(self):
        for told in (lambda: "2", lambda: email.utils.formatdate(time.time() + 3, usegmt=True)):
            answers = iter([(429, told), (204, None)])
            times = []

            def answer(_, answers=answers, times=times):
                times.append(time.monotonic())
                status, retry = next(answers)
                return status, {"Retry-After": retry()} if retry else {}

            house = self.open(destination("crm", self.sink(answer).url, connections=1, retry=["10ms", "10ms"]) + action("welcome", "crm"))
            self.order(house, "ann")
            self.assertEqual(self.effects(house, "ann", state="done")["effects"][0]["attempts"], 2)
            self.assertGreaterEqual(times[1] - times[0], 1.9)  # a date has whole seconds
            self.assertEqual(house.stop(), 0)

    def test_who_waits_for_it_goes_first(self):
        """One connection, and a destination that sleeps until all is decided."""
        awake = threading.Event()
        sink = self.sink(lambda call: (awake.wait(60), (204, {}))[1])
        self.addCleanup(awake.set)
        house = self.open(destination("crm", sink.url, connections=1) + action("welcome", "crm") + action("receipt", "crm", purpose="operate"))
        people = [f"p{n}" for n in range(20)]
        for who in people:
            self.order(house, who)
        house.settle()
        awake.set()
        sink.wait(2 * len(people))
        order = [said["data"]["action"] for said in sink.said()]
        last_service = max(n for n, name in enumerate(order) if name == "receipt")
        self.assertLess(last_service, len(people) + 5, order)  # a few were handed over while it slept
        self.assertEqual(house.stop(), 0)

    def test_a_crash_between_hand_off_and_answer_is_uncertain_and_never_repeated(self):
        heard, gone = threading.Event(), threading.Event()

        def answer(_):
            heard.set()
            gone.wait(60)

        sink = self.sink(answer)
        self.addCleanup(gone.set)
        house = self.open(destination("crm", sink.url, retry=["10ms", "10ms"]) + action("welcome", "crm"))
        self.order(house, "ann")
        self.assertTrue(heard.wait(20))
        house.kill()
        gone.set()
        house.start()
        effect = self.effects(house, "ann", state="uncertain")["effects"][0]
        self.assertEqual((effect["reason"]["code"], effect["attempts"]), ("crash", 1))
        self.order(house, "bob")  # whatever was ready before has left by now
        sink.wait(2)
        self.assertEqual([said["data"]["person"] for said in sink.said()], ["user_id:ann", "user_id:bob"])
        self.assertEqual(house.stop(), 0)

    def test_an_answer_that_never_comes_is_uncertain_and_never_repeated(self):
        sink = self.sink(lambda call: None)  # hangs up after the content
        house = self.open(destination("crm", sink.url, retry=["10ms", "10ms"]) + action("welcome", "crm"))
        self.order(house, "ann")
        effect = self.effects(house, "ann", state="uncertain")["effects"][0]
        self.assertEqual(effect["reason"]["code"], "silence")
        self.order(house, "bob")
        self.effects(house, "bob", state="uncertain")
        self.assertEqual(len(sink.calls), 2)
        self.assertEqual(house.stop(), 0)

    def held_once(self):
        """A house whose destination takes nothing at the first attempt, and the rest three seconds later."""
        seen = set()

        def answer(call):
            first = call["headers"]["webhook-id"] not in seen
            seen.add(call["headers"]["webhook-id"])
            return (503, {}) if first else (204, {})

        sink = self.sink(answer)
        return sink, self.open(destination("crm", sink.url, retry=["3s"] * 3) + action("welcome", "crm"))

    def test_who_is_erased_while_an_effect_waits_gets_nothing(self):
        sink, house = self.held_once()
        for user in ("ann", "bob"):
            self.order(house, user)
            self.effects(house, user, state="planned")
        status, told, _ = house.ask("POST", "/v1/persons/user_id:ann/forget", json.dumps({"commit": True}))
        self.assertEqual((status, told["committed"]), (200, True))
        self.effects(house, "bob", state="done")
        people = [said["data"]["person"] for said in sink.said()]
        self.assertEqual((people.count("user_id:ann"), people.count("user_id:bob")), (1, 2))
        self.assertEqual(house.stop(), 0)

    def test_an_effect_follows_its_person_into_a_join(self):
        sink, house = self.held_once()
        # The elder identifier first, so that the younger moves to it, to another partition as a rule.
        for i in range(4):
            self.assertEqual(house.post("/v1/identify", {"userId": f"elder{i}", "traits": {"phone": f"+3361234567{i}"}})[0], 200)
        house.settle()
        for i in range(4):
            order = {"anonymousId": f"device{i}", "event": "Order Completed", "properties": ORDER}
            self.assertEqual(house.post("/v1/track", order)[0], 200)
        sink.wait(4)
        for i in range(4):
            self.assertEqual(house.post("/v1/identify", {"userId": f"elder{i}", "anonymousId": f"device{i}"})[0], 200)
        for i in range(4):
            (effect,) = self.effects(house, f"elder{i}", state="done")["effects"]
            self.assertEqual((effect["action"], effect["attempts"]), ("welcome", 2))
        self.assertEqual(len(set(sink.keys())), 4, "a join is no passage of its own")
        self.assertEqual(house.stop(), 0)

    def test_what_only_a_public_key_asserted_makes_no_effect(self):
        sink = self.sink()
        house = self.open(
            destination("crm", sink.url) + action("looks", "crm", segment="looks_does_not_buy", purpose="personalise")
        )
        yes = {"context": {"consent": {"categoryPreferences": {"personalise": True, "link": True}}}}
        for user in ("ann", "bob"):
            for purpose in ("personalise", "link"):
                self.say(house, user, "given", purpose)

        def view(who, i, key):
            body = {**who, "event": "Product Viewed", "properties": {"sku": f"cd{i}"}, **yes}
            self.assertEqual(house.post("/v1/track", body, key=key)[0], 200)

        # Anybody can say with the key that stands in every page that this device is ann's; of bob the shop's server says it.
        for i in range(2):
            view({"anonymousId": "stranger"}, i, PAGE_KEY)
            view({"anonymousId": "bobs"}, i, "wk_demo")
        self.assertEqual(house.post("/v1/identify", {"anonymousId": "stranger", "userId": "ann", **yes}, key=PAGE_KEY)[0], 200)
        self.assertEqual(house.post("/v1/identify", {"anonymousId": "bobs", "userId": "bob", **yes})[0], 200)
        house.settle()
        view({"anonymousId": "stranger"}, 2, PAGE_KEY)
        view({"anonymousId": "bobs"}, 2, "wk_demo")
        self.effects(house, "bob", state="done")
        effect = self.effects(house, "ann", state="refused")["effects"][0]
        self.assertEqual(effect["reason"]["code"], "asserted", effect)
        self.assertEqual([said["data"]["person"] for said in sink.said()], ["user_id:bob"])
        self.assertEqual(house.stop(), 0)

    def test_a_private_address_is_refused_unless_it_is_listed(self):
        sink = self.sink()
        house = House(files={"actions.toml": destination("crm", sink.url) + action("welcome", "crm")}).start()
        self.addCleanup(house.folder.cleanup)
        self.order(house, "ann")
        trouble = ""
        end = time.monotonic() + 20
        while "public internet" not in trouble:
            self.assertLess(time.monotonic(), end)
            trouble = json.loads(house.get("/v1/actions")[1])["destinations"][0]["trouble"]
        self.assertIn("[act] allow", trouble)
        self.assertEqual(house.stop(), 0)
        self.assertEqual(sink.calls, [])

    def test_a_rule_that_does_not_fit_stops_the_start_and_says_what_to_change(self):
        house = House(files={"actions.toml": destination("crm", "https://crm.example/") + action("welcome", "crm", segment="actve")})
        self.addCleanup(house.folder.cleanup)
        with self.assertRaisesRegex(RuntimeError, 'no segment "actve"; the nearest known is "active"'):
            house.start()
        house.process.wait()
        house.process.stdout.close()
        house.log.close()


if __name__ == "__main__":
    unittest.main()
