"""Relays that misbehave in each phase of SMTP: what becomes of a message, and of everybody else's."""

import threading
import unittest

from mail_test import DOMAIN, RECEIPT, WELCOME_FR, Mail
from sink import Raw, action, destination


def talks(phase, how):
    """A relay that does as `how` says at that point of the dialogue, and takes all before it."""

    def play(connection):
        if phase == "greeting":
            return how(connection)
        connection.sendall(b"220 relay ESMTP\r\n")
        heard = connection.makefile("rb")
        for line in heard:
            verb = line[:4].decode("ascii", "replace").upper()
            if verb == phase:
                return how(connection)
            connection.sendall({"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}.get(verb, b"250 fine\r\n"))
            if verb != "DATA":
                continue
            for n, line in enumerate(heard):
                if phase == "content" and n == 3:
                    return how(connection)
                if line == b".\r\n":
                    return how(connection)

    return play


def relay(name, port, **more):
    return destination(
        name, f"smtp://127.0.0.1:{port}", kind="mail", tls=False, domain=DOMAIN, bounces=f"b@{DOMAIN}",
        public_url="https://hospes.disquaire.example", dkim=["e:ed.pem"], **{"from": f"Disquaire <bonjour@{DOMAIN}>"}, **more,
    )


class Faults(unittest.TestCase):
    """With the house and the relay of the tests of mail."""

    open, start, customer, order, effect = Mail.open, Mail.start, Mail.customer, Mail.order, Mail.effect

    def test_a_relay_that_misbehaves_in_any_phase_ends_and_harms_nobody(self):
        def floods(connection):
            while True:
                connection.sendall(b"250-more\r\n" * 1000)

        hows = {
            "hangs": Raw.wait, "closes": lambda connection: None, "floods": floods,
            "babbles": lambda connection: connection.sendall(bytes(range(256)) * 4 + b"\r\n"),
        }

        text, plays = action("welcome", "relay", message="welcome"), {}
        for phase in ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "content", "dot"):
            for name, how in hows.items():
                raw = Raw(talks(phase, how))
                self.addCleanup(raw.close)
                plays[f"{phase}_{name}".lower()] = phase
                text += relay(f"{phase}_{name}".lower(), raw.port, timeout="1s", retry=["10ms"]) + action(f"to_{phase}_{name}".lower(), f"{phase}_{name}".lower(), message="welcome")
        house = self.start(actions=text)
        self.customer(house, "zoe")
        self.effect(house, "zoe", "done")
        for name, phase in plays.items():
            told = self.effect(house, "zoe", "done", "failed", "uncertain", action="to_" + name, timeout=40)
            # Before the first byte of content nothing was told; after the dot nobody knows; in between the relay has no message.
            may = {"dot": ["uncertain"], "content": ["failed", "uncertain"]}.get(phase, ["failed"])
            self.assertIn(told["state"], may, (name, told))
        self.assertEqual(house.stop(), 0)

    def test_killed_before_the_answer_a_service_mail_goes_again_by_its_name_and_no_other(self):
        told, heard = [], [threading.Event(), threading.Event()]

        def takes(name, connection):
            """Nothing to the first message of each kind, then yes."""
            told.append(name)
            if told.count(name) > 1:
                return connection.sendall(b"250 taken\r\n")
            heard[name == "welcome"].set()
            Raw.wait(connection)

        text = ""
        for name in ("receipt", "welcome"):
            raw = Raw(talks("dot", lambda connection, name=name: takes(name, connection)))
            self.addCleanup(raw.close)
            text += relay("to_" + name, raw.port, retry=["10ms"])
        text += action("receipt", "to_receipt", message="receipt", purpose="operate") + action("welcome", "to_welcome", message="welcome")
        house = self.start(actions=text, messages={"welcome.fr": WELCOME_FR, "receipt.fr": RECEIPT})
        self.customer(house, "zoe")
        for each in heard:
            self.assertTrue(each.wait(20))
        house.kill()
        house.start()
        self.assertEqual(self.effect(house, "zoe", "done", action="receipt")["attempts"], 2)
        self.assertEqual(self.effect(house, "zoe", "uncertain", action="welcome")["reason"]["code"], "crash")
        self.assertEqual((told.count("receipt"), told.count("welcome")), (2, 1))
        self.assertEqual(house.stop(), 0)


del Mail
if __name__ == "__main__":
    unittest.main()
