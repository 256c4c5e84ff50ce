"""Mail of the real binary to a real relay (npm smtp-server, STARTTLS and AUTH): what arrives, what does not, and why."""

import base64
import email
import email.message
import email.policy
import datetime
import http.client
import json
import pathlib
import re
import subprocess
import threading
import time
import unittest
import zoneinfo

from house import ROOT, House, source
from sink import action

LOOPBACK = 'act.allow=["127.0.0.0/8"]'
NODE = ROOT / "third_party/node/bin/node"
DOMAIN = "mail.disquaire.example"
OTHER_CA = subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=other", "-keyout", "/dev/null"],
    capture_output=True, text=True, check=True,
).stdout
EVENTS = (ROOT / "house/disquaire/events.toml").read_text() + '''
[[event]]
name = "identify"
owner = "marketing"
means_en = "who somebody says they are"
means_fr = "qui la personne dit être"
serves = ["operate", "market"]
'''
WELCOME_FR = """---
subject: Bienvenue {{ person.firstName | default: "à vous" }} !
kind: marketing
reply-to: contact@disquaire.example
---
<p>Bonjour {{ person.firstName }},</p>
{% if person.firstName == "Nobody" %}{% abort "not for Nobody" %}{% endif %}
<p><a href="https://disquaire.example/nouveautes">Nouveautés</a></p>
<p><a href="{{ unsubscribe_url }}">Se désabonner</a></p>
"""
WELCOME_EN = WELCOME_FR.replace("Bienvenue", "Welcome").replace("Bonjour", "Hello").replace("à vous", "you")
NOW = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris"))
QUIET = f"{NOW - datetime.timedelta(hours=1):%H:%M}-{NOW + datetime.timedelta(hours=2):%H:%M}"
RECEIPT = """---
subject: Votre commande
kind: service
---
<p>Merci pour votre commande.</p>
"""


class Relay:
    """A relay of its own process; `messages` as they come."""

    def __init__(self, folder, mode=""):
        self.key, self.cert = folder / "relay.key", folder / "relay.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=relay",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(self.key), "-out", str(self.cert)],
            check=True, stderr=subprocess.DEVNULL,
        )
        words = [str(NODE), str(ROOT / "tests/mail/relay.mjs"), str(self.key), str(self.cert), mode]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.heard = []
        self.changed = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            with self.changed:
                self.heard.append(json.loads(line))
                self.changed.notify_all()

    def messages(self):
        with self.changed:
            return [h for h in self.heard if h["what"] == "message"]

    def wait(self, count, timeout=20):
        with self.changed:
            if not self.changed.wait_for(lambda: len([h for h in self.heard if h["what"] == "message"]) >= count, timeout):
                raise AssertionError(f"the relay waits for {count} messages and heard {self.heard}")
        return self.messages()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


def read(message):
    return email.message_from_bytes(base64.b64decode(message["content"]), policy=email.policy.default)


def returned(sent, *parts, kind):
    """A multipart/report about a message, as Python's own library writes it, to the message's return path."""
    out = email.message.EmailMessage()
    out["From"], out["To"], out["Subject"] = "MAILER-DAEMON@relay.example", sent["from"], "returned"
    out.set_type("multipart/report")
    out.set_param("report-type", kind)
    for part in parts:
        out.attach(part)
    about = email.message_from_bytes(base64.b64decode(sent["content"]))
    headers = email.message.Message()
    headers["Content-Type"] = "text/rfc822-headers"
    headers.set_payload("".join(f"{k}: {v}\n" for k, v in about.items()))
    out.attach(headers)
    return out.as_bytes()


def part(kind, text):
    return email.message_from_string(f"Content-Type: {kind}\n\n{text}")


def bounce(sent, status, action="failed"):
    said = f"Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; {sent['to'][0]}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; no\n"
    return returned(sent, part("text/plain", "It did not arrive.\n"), part("message/delivery-status", said), kind="delivery-status")


def complaint(sent, claims=None):
    said = f"Feedback-Type: abuse\nUser-Agent: provider/1\nVersion: 1\nOriginal-Rcpt-To: {claims or sent['to'][0]}\n"
    return returned(sent, part("text/plain", "Somebody pressed the button.\n"), part("message/feedback-report", said), kind="feedback-report")


class Mail(unittest.TestCase):
    def open(self, relay_mode="", actions="", messages=None, url="smtp", password="relay password", **route):
        house = House(sources=source("x", "wk_x", "server"), settings=[LOOPBACK], files={"events.toml": EVENTS})
        self.addCleanup(house.folder.cleanup)
        folder = pathlib.Path(house.definitions)
        relay = Relay(folder, relay_mode)
        self.addCleanup(relay.close)
        for algorithm, name in (("ed25519", "ed.pem"), ("rsa", "rsa.pem")):
            subprocess.run(["openssl", "genpkey", "-algorithm", algorithm, "-out", str(folder / name)], check=True, stderr=subprocess.DEVNULL)
        (folder / "relay.password").write_text(password + "\n")
        said = {"name": "relay", "kind": "mail", "url": f"{url}://127.0.0.1:{relay.port}", "from": f"Disquaire <bonjour@{DOMAIN}>", "domain": DOMAIN,
                "bounces": f"b@{DOMAIN}", "public_url": "https://hospes.disquaire.example", "dkim": ["e:ed.pem", "r:rsa.pem"], "connections": 2}
        if relay_mode != "open":
            said |= {"user": "hospes", "password_file": "relay.password", "ca_file": "relay.pem"}
        said |= route
        text = "[[destination]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in said.items())
        text += actions or action("welcome", "relay", message="welcome")
        (folder / "actions.toml").write_text(text)
        (folder / "messages").mkdir()
        for name, body in (messages or {"welcome.fr": WELCOME_FR, "welcome.en": WELCOME_EN}).items():
            (folder / "messages" / f"{name}.liquid").write_text(body)
        house.relay = relay
        return house

    def start(self, *args, **more):
        house = self.open(*args, **more).start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house

    def customer(self, house, user, address=None, contact="given", **traits):
        """Somebody with an address, who said yes to mail, and then buys: which makes them `active`."""
        who = {"userId": user, "messageId": f"id-{user}", "traits": {"email": address or f"{user}@example.org", "firstName": user.capitalize(), **traits}}
        self.assertEqual(house.post("/v1/identify", who)[0], 200)
        if contact:
            body = {"userId": user, "purpose": "contact:email", "state": contact, "notice": {"id": "n", "version": "1", "lang": "fr"}}
            self.assertEqual(house.post("/v1/consent", body)[0], 200)
        self.order(house, user)

    def order(self, house, user):
        body = {"userId": user, "event": "Order Completed", "messageId": f"order-{user}", "properties": {"order_id": f"o-{user}", "total": 12}}
        self.assertEqual(house.post("/v1/track", body)[0], 200)

    def effect(self, house, user, *states, action="welcome", timeout=20):
        end = time.monotonic() + timeout
        while True:
            told = json.loads(house.get(f"/v1/effects/user_id:{user}?action={action}")[1])
            found = [e for e in told.get("effects", []) if e["state"] in states]
            if found:
                return found[0]
            if time.monotonic() > end:
                raise AssertionError(f"no effect of {user} is {states}: {told}")

    def test_a_permitted_message_arrives_signed_over_tls(self):
        house = self.start()
        self.customer(house, "zoe", language="fr-FR")
        (sent,) = house.relay.wait(1)
        self.assertEqual((sent["to"], sent["tls"], sent["user"], sent["hello"]), (["zoe@example.org"], True, "hospes", DOMAIN))
        message = read(sent)
        self.assertEqual(message["Subject"], "Bienvenue Zoe !")
        self.assertEqual((message["From"], message["To"], message["Reply-To"]), (f"Disquaire <bonjour@{DOMAIN}>", "zoe@example.org", "contact@disquaire.example"))
        self.assertEqual(len(message.get_all("DKIM-Signature")), 2)
        self.assertEqual(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        effect = self.effect(house, "zoe", "done")
        self.assertEqual((effect["status"], effect["attempts"]), (250, 1))
        self.assertTrue(message["Message-ID"].startswith("<" + effect["effect"] + "."))
        key, name = message["Message-ID"][1:-1].split("@")[0].split(".")
        self.assertEqual(sent["from"], f"b+{key[:16]}.{name}@{DOMAIN}")
        text, html = message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()
        self.assertIn("Bonjour Zoe,", html)
        self.assertIn("Nouveautés <https://disquaire.example/nouveautes>", text)
        link = re.search(r"https://hospes\.disquaire\.example/u/[\w-]+", html).group()
        self.assertIn(f"<{link}>", message["List-Unsubscribe"])
        self.customer(house, "bob", language="en")
        self.assertEqual(read(house.relay.wait(2)[1])["Subject"], "Welcome Bob !")
        self.assertEqual(house.stop(), 0)

    def test_who_is_not_to_be_written_to_is_not(self):
        house = self.start()
        self.customer(house, "unset", contact=None)
        self.customer(house, "no", contact="refused")
        self.order(house, "homeless")
        self.customer(house, "nobody", address="ned@example.org", firstName="Nobody")
        self.assertEqual(self.effect(house, "unset", "refused")["reason"]["code"], "unset")
        self.assertEqual(self.effect(house, "no", "refused")["reason"]["code"], "refused")
        self.assertEqual(self.effect(house, "homeless", "refused")["reason"]["code"], "unset")
        told = self.effect(house, "nobody", "refused")
        self.assertEqual(told["reason"]["code"], "aborted")
        self.assertEqual(house.relay.messages(), [])

    def test_outcomes_as_the_relay_says_them(self):
        retry = ["1s", "1s", "1s"]
        house = self.start(retry=retry, messages={"welcome.fr": WELCOME_FR, "receipt.fr": RECEIPT},
                           actions=action("welcome", "relay", message="welcome") + action("receipt", "relay", message="receipt", purpose="operate"))
        for name in ("nobody", "refused", "silent", "once", "full", "ann"):
            self.customer(house, f"u{name}", address=f"{name}-1@example.org")
        self.assertEqual(self.effect(house, "uann", "done")["status"], 250)
        # Of two messages to a dead mailbox the second is not sent, whichever it is.
        self.assertIn(self.effect(house, "unobody", "failed", "refused")["reason"]["code"], ("rejected", "suppressed"))
        # A relay's policy says nothing about the mailbox: the other message is tried as well.
        refused = [self.effect(house, "urefused", "failed", action=name) for name in ("welcome", "receipt")]
        self.assertEqual([(e["status"], e["reason"]["code"]) for e in refused], [(554, "rejected")] * 2)
        lost = self.effect(house, "usilent", "uncertain")
        self.assertEqual(lost["reason"]["code"], "silence")
        # Service goes first, so it is mostly the one that the relay puts off.
        once = [self.effect(house, "uonce", "done", action=name, timeout=40)["attempts"] for name in ("welcome", "receipt")]
        self.assertEqual(sorted(once), [1, 2])
        full = self.effect(house, "ufull", "failed", timeout=60)
        self.assertEqual((full["status"], full["reason"]["code"]), (452, "gave_up"))
        # A service mail that was lost after the dot comes again under the same name; a marketing mail does not.
        self.effect(house, "usilent", "failed", action="receipt", timeout=60)
        silent = [m for m in house.relay.messages() if m["to"] == ["silent-1@example.org"]]
        by = {}
        for m in silent:
            by.setdefault(read(m)["Subject"], set()).add(read(m)["Message-ID"])
        self.assertEqual({subject: len(ids) for subject, ids in by.items()}, {"Votre commande": 1, "Bienvenue Usilent !": 1})
        self.assertEqual(len(silent), 1 + 1 + len(retry))

    def test_a_relay_that_cannot_be_trusted_gets_nothing(self):
        for change in ({"ca_file": "ed.pub"}, {"password": "wrong"}):
            house = self.open(**change)
            (pathlib.Path(house.definitions) / "ed.pub").write_text(OTHER_CA)
            house.start()
            self.customer(house, "zoe")
            waiting = self.effect(house, "zoe", "planned")
            self.assertEqual(waiting["reason"]["code"], "retry")
            self.assertEqual(house.relay.messages(), [])
            self.assertNotEqual(json.loads(house.get("/v1/actions")[1])["destinations"][0]["trouble"], "")
            self.assertEqual(house.stop(), 0)

    def test_one_click_ends_it_and_a_look_does_not(self):
        house = self.start(actions=action("welcome", "relay", message="welcome") + action("again", "relay", message="welcome", quiet=QUIET))
        self.customer(house, "zoe")
        (sent,) = house.relay.wait(1)
        link = re.search(r"<(https://[^>]+)>", read(sent)["List-Unsubscribe"]).group(1)
        path = link.removeprefix("https://hospes.disquaire.example")
        self.assertEqual(self.effect(house, "zoe", "planned", action="again")["reason"]["code"], "quiet_hours")
        for method in ("GET", "HEAD"):
            status, headers, page = self.public(house, method, path, {"Accept-Language": "fr"})
            self.assertEqual((status, headers.get("Set-Cookie")), (200, None))
        status, _, page = self.public(house, "GET", path, {"Accept-Language": "fr"})
        self.assertIn('lang="fr"', page)
        self.assertIn("z…@example.org", page)
        self.assertIn('<form method="post">', page)
        self.assertNotIn("<script", page)
        self.assertNotIn("zoe@", page)
        self.assertIn("Stop writing to me", self.public(house, "GET", path + "?lang=en")[2])
        self.assertEqual(self.contact(house, "zoe"), [])
        # As a mailbox provider sends it: a form, no cookie, no login; 200 and no redirect.
        for _ in range(2):
            status, headers, page = self.public(house, "POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, "List-Unsubscribe=One-Click")
            self.assertEqual((status, headers.get("Location")), (200, None))
        (row,) = self.contact(house, "zoe")
        self.assertEqual((row["state"], row["source"]), ("withdrawn", "mail_unsubscribe"))
        told = json.loads(house.get("/v1/effects/user_id:zoe?action=again")[1])
        self.assertEqual(told["now"]["reason"]["code"], "withdrawn")
        self.assertEqual(self.public(house, "POST", path[:-3] + "AAA")[0], 404)
        self.assertEqual(self.public(house, "GET", "/u/")[0], 404)
        self.assertEqual(len(house.relay.messages()), 1)
        self.assertEqual(house.stop(), 0)

    def test_a_dead_mailbox_gets_nothing_more(self):
        two = action("welcome", "relay", message="welcome") + action("receipt", "relay", message="receipt", purpose="operate")
        house = self.start(connections=1, actions=two, messages={"welcome.fr": WELCOME_FR, "receipt.fr": RECEIPT})
        self.customer(house, "u1", address="nobody-9@example.org")
        states = {}
        for name in ("welcome", "receipt"):
            told = self.effect(house, "u1", "failed", "refused", action=name)
            states[told["reason"]["code"]] = told
        self.assertEqual(set(states), {"rejected", "suppressed"})
        self.assertEqual(states["rejected"]["source"], "5.1.1")
        self.assertEqual(house.stop(), 0)
        kept = (house.root / "data/mail/suppressed").read_text()
        self.assertRegex(kept, r"^[0-9a-f]{24} gone \d+\n$")
        self.assertNotIn("nobody", kept)

    def report(self, house, raw, key="wk_demo"):
        status, _, text = self.public(house, "POST", "/v1/mail/reports", {"Content-Type": "message/rfc822", "X-Write-Key": key}, raw)
        return status, json.loads(text)

    def test_bounces_and_complaints_that_come_back(self):
        third = action("welcome", "relay", message="welcome") + action("gold", "relay", message="welcome", segment="gold_circle") \
            + action("receipt", "relay", message="receipt", purpose="operate", segment="gold_circle")
        house = self.start(actions=third, messages={"welcome.fr": WELCOME_FR, "receipt.fr": RECEIPT})
        for user in ("gone", "cross", "brim"):
            self.customer(house, user)
        sent = {m["to"][0].split("@")[0]: m for m in house.relay.wait(3)}
        self.assertEqual(self.report(house, bounce(sent["gone"], "5.1.1"), key="wk_page")[0], 401)
        self.assertEqual(self.report(house, b"To: x@y.example\r\n\r\nhello")[0], 422)
        self.assertEqual(self.report(house, bounce(sent["gone"], "5.1.1"))[1], {"kind": "bounce", "status": "5.1.1", "became": "suppressed", "withdrawn": False})
        self.assertEqual(self.report(house, bounce(sent["brim"], "4.2.2", "delayed"))[1]["became"], "counted")
        self.assertEqual(self.report(house, bounce(sent["brim"], "5.7.1"))[1]["became"], "nothing")
        status, told = self.report(house, complaint(sent["cross"]))
        self.assertEqual((status, told["kind"], told["became"], told["withdrawn"]), (202, "complaint", "suppressed", True))
        (row,) = self.contact(house, "cross")
        self.assertEqual((row["state"], row["source"]), ("withdrawn", "mail_complaint"))
        # A complaint that names another address than the message was for withdraws nothing of that other's.
        self.assertEqual(self.report(house, complaint(sent["gone"], claims="brim@example.org"))[1]["withdrawn"], False)
        self.assertEqual(self.contact(house, "brim"), [])
        for user in ("gone", "cross", "brim"):
            body = {"userId": user, "event": "Order Completed", "messageId": f"big-{user}", "properties": {"order_id": f"b-{user}", "total": 400}}
            self.assertEqual(house.post("/v1/track", body)[0], 200)
        self.assertEqual(self.effect(house, "gone", "refused", action="gold")["reason"]["code"], "suppressed")
        self.assertEqual(self.effect(house, "gone", "refused", action="receipt")["reason"]["code"], "suppressed")
        self.assertEqual(self.effect(house, "cross", "refused", action="gold")["reason"]["code"], "withdrawn")
        self.assertEqual(self.effect(house, "cross", "done", action="receipt")["status"], 250)
        self.assertEqual(self.effect(house, "brim", "done", action="gold")["status"], 250)
        self.assertEqual(house.stop(), 0)

    def test_a_template_that_cannot_be_rendered_sends_nothing_and_says_where(self):
        bad = {
            "loops": "{% for i in (1..1000000000) %}{% for j in (1..1000000000) %} {% endfor %}{% endfor %}",
            "zero": "{{ 1 | divided_by: 0 }}",
            "huge": "{% for i in (1..90000) %}{{ 'a long line of text' }}{% endfor %}",
            "stranger": "<p>{{ person.nobodySaysThis }}, {{ person.nobody.says.this | upcase }}</p>",
        }
        service = "---\nsubject: Your order\nkind: service\n---\n<p>Dear {{ person.firstName }}, thank you for your order.</p>"
        text = "---\nsubject: x\n---\n%s<a href=\"{{ unsubscribe_url }}\">stop</a>\n"
        house = self.start(
            actions="".join(action(name, "relay", message=name) for name in bad) + action("welcome", "relay", message="welcome")
            + action("receipt", "relay", purpose="operate", message="receipt"),
            messages={"welcome.fr": WELCOME_FR, "receipt.en": service} | {f"{name}.fr": text % body for name, body in bad.items()},
        )
        self.customer(house, "zoe")
        for name in ("loops", "zero", "huge"):
            told = self.effect(house, "zoe", "refused", action=name)
            self.assertEqual(told["reason"]["code"], "unrenderable", name)
        self.effect(house, "zoe", "done")
        # A trait that nobody ever said is nothing, as everywhere in Liquid; the linter names it before.
        self.effect(house, "zoe", "done", action="stranger")
        # A service message that becomes a promotion by what it reads needs no permission, so it does not leave.
        self.effect(house, "zoe", "done", action="receipt")
        self.customer(house, "sly", firstName="friend, everything is -20 %")
        told = self.effect(house, "sly", "refused", action="receipt")
        self.assertEqual(told["reason"]["code"], "unrenderable")
        self.assertNotIn("everything", json.dumps(told), "what a person is called is not told")
        said = self.hospes(house, "message", "check", str(house.definitions))[1]
        listed = {m["name"]: [f["code"] for f in m["findings"]] for m in house.ask("GET", "/v1/messages")[1]["messages"]}
        self.assertIn("unknown_trait", listed["stranger"], said)
        self.assertEqual(house.stop(), 0)

    def test_too_many_complaints_stop_marketing_until_somebody_reopens_it(self):
        two = action("welcome", "relay", message="welcome") + action("receipt", "relay", message="receipt", purpose="operate")
        house = self.start(actions=two, messages={"welcome.fr": WELCOME_FR, "receipt.fr": RECEIPT})
        for i in range(6):
            self.customer(house, f"u{i}")
        sent = {m["to"][0].split("@")[0]: m for m in house.relay.wait(12) if read(m)["List-Unsubscribe"]}
        lane = lambda: json.loads(house.get("/v1/actions")[1])["destinations"][0]["complaints"]
        for i in range(4):
            self.assertEqual(self.report(house, complaint(sent[f"u{i}"]))[0], 202)
            self.assertEqual(self.report(house, complaint(sent[f"u{i}"]))[0], 202)  # who complains twice counts once
        self.assertEqual((lane()["sent"], lane()["complaints"], lane()["stopped"]), (6, 4, False))
        self.report(house, complaint(sent["u4"]))
        self.assertTrue(lane()["stopped"])
        self.customer(house, "late")
        held = self.effect(house, "late", "planned")
        self.assertEqual((held["reason"]["code"], held["source"]), ("complained", "5 complaints of 6 sent"))
        self.assertEqual(self.effect(house, "late", "done", action="receipt")["status"], 250)  # service goes on
        house.kill()
        house.start()
        self.assertTrue(lane()["stopped"])
        # Its file is lost: what the log made of the people says the same.
        house.kill()
        (house.root / "data/mail/complaints").unlink()
        house.start()
        self.assertEqual((lane()["sent"], lane()["complaints"], lane()["stopped"]), (6, 5, True))
        self.customer(house, "later")
        self.assertEqual(self.effect(house, "later", "planned")["reason"]["code"], "complained")
        where = ["--console", f"127.0.0.1:{house.console}", "--token-file", f"{house.root}/data/console/token"]
        self.assertEqual(self.hospes(house, "message", "reopen", "relay", *where), (0, "relay sends marketing again\n"))
        self.assertNotEqual(self.hospes(house, "message", "reopen", "relay", *where)[0], 0)
        self.assertEqual((lane()["stopped"], lane()["complaints"], lane()["reopened_by"]), (False, 0, "token"))
        self.customer(house, "again")
        self.assertEqual(self.effect(house, "again", "done")["status"], 250)
        self.assertEqual(house.ask("POST", "/v1/destinations/nobody/reopen", {})[0], 404)
        self.assertEqual(house.stop(), 0)

    def test_an_offer_that_a_journey_decides_arrives_in_the_readers_language(self):
        letter = "---\nsubject: {{ offer.payload.title }} \u2013 {{ person.firstName }}\nkind: marketing\n---\n" \
            "<p>{{ offer.name }}: {{ offer.payload.title }}, {{ offer.payload.price }}</p>\n" \
            "<p><a href=\"https://shop.example/vinyl?o={{ offer.token }}\">see</a> <a href=\"{{ unsubscribe_url }}\">out</a></p>\n"
        house = self.open(
            actions='[[action]]\nname = "offered"\ndestination = "relay"\nwhen = "journey"\npurpose = "market"\nmessage = "offered"\n',
            messages={"offered.fr": letter, "offered.en": letter},
        )
        (house.definitions / "journeys.jny").write_text(
            'journey offers purpose market\n enter event "Order Completed"\n'
            " step ask decide home offer vinyl to say else none\n step other exit\n step say send offered else unsent\n step done exit\n"
            " step none exit\n step unsent exit\n"
        )
        (house.definitions / "decisions.toml").write_text(
            '[[placement]]\nname = "home"\n[[offer]]\nname = "vinyl"\nplacements = ["home"]\npurpose = "market"\ncap_total = 1\n'
            'payload.fr = { title = "Semaine du vinyle", price = "12,90 \u20ac" }\npayload.en = { title = "Vinyl week", price = "\u20ac12.90" }\n'
        )
        house.start()
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        self.customer(house, "zoe", language="fr")
        self.customer(house, "yan", language="en")
        self.customer(house, "mute", contact=None)  # decided, and nobody permits to write
        sent = {m["to"][0]: m for m in house.relay.wait(2)}
        for to, subject, line in (
            ("zoe@example.org", "Semaine du vinyle \u2013 Zoe", "vinyl: Semaine du vinyle, 12,90 \u20ac"),
            ("yan@example.org", "Vinyl week \u2013 Yan", "vinyl: Vinyl week, \u20ac12.90"),
        ):
            message = read(sent[to])
            self.assertEqual(message["Subject"], subject)
            self.assertIn(line, message.get_body(("html",)).get_content())
            self.assertIn(line, message.get_body(("plain",)).get_content())
            self.assertEqual(len(message.get_all("DKIM-Signature")), 2)
            token = re.search(r"https://shop\.example/vinyl\?o=([\w-]+)", message.get_body(("html",)).get_content())[1]
            if to.startswith("zoe"):  # the shop says what came of it
                status, text = house.post("/v1/feedback", {"token": token, "outcome": "taken"})
                self.assertEqual((status, json.loads(text)["recorded"]), (200, True), text)
                house.settle()
        outcome = lambda user: house.ask("GET", f"/v1/decisions/of/user_id:{user}")[1]["shown"][0]["outcome"]
        self.assertEqual((outcome("zoe"), outcome("yan")), ("taken", None))
        way = lambda user: [(m["step"], m["how"]) for m in house.ask("GET", f"/v1/journeys/of/user_id:{user}")[1]["journeys"][0]["way"]]
        self.effect(house, "zoe", "done", action="offered")
        self.assertEqual(way("zoe")[:2], [("ask", "passed"), ("say", "done")])
        self.effect(house, "mute", "refused", action="offered")
        self.assertEqual(way("mute"), [("ask", "passed"), ("say", "refused"), ("unsent", "passed")])
        for user in ("zoe", "mute"):  # the exposure is that of the step, with its probability, whether or not it could be sent
            (shown,) = house.ask("GET", f"/v1/decisions/of/user_id:{user}")[1]["shown"]
            self.assertEqual((shown["placement"], shown["items"]), ("home", [{"id": "vinyl", "propensity": 1}]))
        house.kill()
        house.start()
        self.assertEqual(way("zoe")[:2], [("ask", "passed"), ("say", "done")])
        self.assertEqual(house.stop(), 0)
        self.assertEqual(len(house.relay.messages()), 2)

    def contact(self, house, user):
        """Answers to contact:email that lie on the address."""
        status, told, _ = house.ask("GET", f"/v1/profiles/email:{user}@example.org")
        self.assertEqual(status, 200)
        return [r for p in told["permissions"] if p["purpose"] == "contact:email" for r in p["answers"] if r["state"] != "given"]

    def public(self, house, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", house.public, timeout=10)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, answer.headers, text

    def test_without_tls_only_to_an_address_of_ones_own(self):
        house = self.start("open", tls=False)
        self.customer(house, "zoe")
        (sent,) = house.relay.wait(1)
        self.assertFalse(sent["tls"])
        # A relay that offers no STARTTLS to a house that wants it gets nothing.
        other = self.start("open")
        self.customer(other, "zoe")
        self.effect(other, "zoe", "planned")
        self.assertEqual(other.relay.messages(), [])

    def test_a_mistake_stops_the_start_and_says_where(self):
        for messages, said in (
            ({"welcome.fr": WELCOME_FR.replace("default:", "defualt:")}, 'messages/welcome.fr.liquid:2:33  there is no filter "defualt"; the nearest known is "default"'),
            ({"welcome.fr": WELCOME_FR.replace("kind:", "knid:")}, 'messages/welcome.fr.liquid:3  there is no header "knid"; the nearest known is "kind"'),
            ({"other.fr": WELCOME_FR}, 'there is no message "welcome"'),
            ({"welcome.fr": WELCOME_FR.replace("{% endif %}", "")}, "messages/welcome.fr.liquid:7"),
            ({"welcome.fr": WELCOME_FR.replace("{{ unsubscribe_url }}", "#")}, "a marketing message shows the way out"),
            ({"welcome.fr": RECEIPT}, "goes under a purpose on contract or duty, such as operate"),
        ):
            house = self.open(messages=messages)
            self.refuses(house, said)
        receipt = action("receipt", "relay", message="receipt", purpose="operate")
        promoting = RECEIPT.replace("Merci", "Profitez de -20 % !\nMerci")
        self.refuses(self.open(actions=receipt, messages={"receipt.fr": promoting}), 'messages/receipt.fr.liquid:5  a service message carries no promotion, and "profitez" is one')
        self.refuses(self.open(actions=receipt, messages={"receipt.fr": WELCOME_FR}), "never goes under a purpose on contract or duty")

    def refuses(self, house, said):
        with self.assertRaisesRegex(RuntimeError, re.escape(said)):
            house.start()
        house.process.wait(timeout=10)
        house.process.stdout.close()
        house.log.close()

    def hospes(self, house, *words):
        """The command line: its exit code, and what it says on both streams."""
        done = subprocess.run([house.binary, *words], capture_output=True, text=True, env={"LANG": "C"}, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_the_command_line_checks_shows_and_sends_a_test(self):
        house = self.start()
        self.customer(house, "zoe", language="en")
        house.relay.wait(1)
        where = ["--console", f"127.0.0.1:{house.console}", "--token-file", f"{house.root}/data/console/token"]
        code, said = self.hospes(house, "message", "preview", "user_id:zoe", "welcome", *where)
        self.assertEqual(code, 0, said)
        self.assertIn("subject  Welcome Zoe !", said)
        code, said = self.hospes(house, "message", "send-test", "user_id:zoe", "welcome", "me@disquaire.example", *where)
        self.assertEqual((code, said), (0, "the relay took it for me@disquaire.example\n"))
        test = house.relay.wait(2)[1]
        self.assertEqual((test["to"], read(test)["Subject"]), (["me@disquaire.example"], "[test] Welcome Zoe !"))
        out = re.search(r"/u/[\w-]+", read(test).get_body(("html",)).get_content()).group()
        self.assertIn("know nothing of this address", self.public(house, "POST", out, {"Accept-Language": "en"})[2])
        self.assertEqual(self.contact(house, "zoe"), [])
        code, said = self.hospes(house, "message", "send-test", "user_id:zoe", "welcome", "nobody-3@example.org", *where)
        self.assertNotEqual(code, 0)
        self.assertIn("5.1.1", said)
        self.assertEqual(self.hospes(house, "message", "check", str(house.definitions)), (0, "2 messages can be sent\n"))
        (pathlib.Path(house.definitions) / "messages/bad.fr.liquid").write_text(RECEIPT.replace("Merci", "Promotion ! Merci"))
        code, said = self.hospes(house, "message", "check", str(house.definitions))
        self.assertEqual(code, 1)
        self.assertIn("messages/bad.fr.liquid:5  refused", said)
        self.assertEqual(house.stop(), 0)

    def test_a_guest_gets_a_link_by_mail_and_a_stranger_learns_nothing(self):
        house = self.start(public_url="http://127.0.0.1:1")
        self.customer(house, "zoe", contact=None)
        self.effect(house, "zoe", "refused")  # her events are applied: she is somebody
        page = self.public(house, "GET", "/guest/fr")[2]
        self.assertIn('type="email"', page)
        ours = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        known = self.public(house, "POST", "/guest/fr/link", ours, "email=Zoe%40example.org")
        stranger = self.public(house, "POST", "/guest/fr/link", ours, "email=eve%40example.org")
        self.assertEqual((known[0], known[2]), (200, stranger[2]))
        self.assertEqual(self.public(house, "POST", "/guest/fr/link", {"Content-Type": ours["Content-Type"]}, "email=zoe%40example.org")[0], 403)
        (sent,) = house.relay.wait(1)
        message = read(sent)
        self.assertEqual((sent["to"], message["Subject"], message["List-Unsubscribe"]), (["zoe@example.org"], "Vos pages chez Disquaire", None))
        self.assertEqual(len(message.get_all("DKIM-Signature")), 2)
        path = re.search(r"http://127\.0\.0\.1:1(/guest/fr/enter/\S+)", message.get_content()).group(1)
        for _ in range(2):
            self.assertEqual(self.public(house, "GET", path)[0], 200)  # a scanner opens every link
        status, headers, _ = self.public(house, "POST", path, ours)
        self.assertEqual(status, 303)
        cookie = headers["Set-Cookie"].split(";")[0]
        self.assertIn("zoe@example.org", self.public(house, "GET", "/guest/fr", {"Cookie": cookie})[2])
        for _ in range(4):
            self.public(house, "POST", "/guest/fr/link", ours, "email=zoe%40example.org")
        house.relay.wait(3)
        self.assertEqual(house.stop(), 0)
        self.assertEqual([m["to"][0] for m in house.relay.messages()], ["zoe@example.org"] * 3)

    def test_a_preview_is_what_would_be_sent_and_the_look_is_entered(self):
        house = self.start()
        self.customer(house, "zoe", language="fr")
        (sent,) = house.relay.wait(1)
        status, told, _ = house.ask("POST", "/v1/messages/welcome/preview", {"person": "user_id:zoe"})
        self.assertEqual((status, told["subject"], told["to"], told["kind"]), (200, "Bienvenue Zoe !", "zoe@example.org", "marketing"))
        message = read(sent)
        gone = re.compile(r"https://[\w./-]*/u/[\w-]+")
        self.assertEqual(gone.sub("", told["html"]).split(), gone.sub("", message.get_body(("html",)).get_content()).split())
        self.assertEqual(gone.sub("", told["text"]).split(), gone.sub("", message.get_body(("plain",)).get_content()).split())
        self.assertEqual([w["action"] for w in told["would"]], ["welcome"])
        self.assertEqual(house.ask("POST", "/v1/messages/welcome/preview", {"person": "user_id:zoe", "language": "en"})[1]["subject"], "Welcome Zoe !")
        status, refused, _ = house.ask("POST", "/v1/messages/welcom/preview", {"person": "user_id:zoe"})
        self.assertEqual(status, 404)
        listed = house.ask("GET", "/v1/messages")[1]["messages"]
        self.assertEqual([(m["name"], m["language"], m["actions"]) for m in listed], [("welcome", "fr", ["welcome"]), ("welcome", "en", ["welcome"])])


if __name__ == "__main__":
    unittest.main()
