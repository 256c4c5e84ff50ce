"""hospes tail on a real house: arrivals with what was missing, passages by name, JSON, and its end with the house's."""

import json
import os
import subprocess
import unittest

from house import House

CONSENT = {"consent": {"categoryPreferences": {"measure": True}}}


class Tail(unittest.TestCase):
    def setUp(self):
        self.house = House().start()
        self.addCleanup(self.house.folder.cleanup)
        self.addCleanup(lambda: self.house.process.returncode is None and self.house.kill())
        self.ask = ["--console", f"127.0.0.1:{self.house.console}", "--token-file", f"{self.house.root}/data/console/token"]

    def tail(self, *words, language="C"):
        """A reader that the house already knows: what is sent from now on is shown."""
        reader = subprocess.Popen(
            [self.house.binary, "tail", *self.ask, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "LANG": language},
        )
        while self.house.metric("hospes_portal_live_readers") == 0:
            self.assertIsNone(reader.poll())
        return reader

    def lines(self, reader):
        said, errors = reader.communicate(timeout=60)
        self.assertEqual((reader.returncode, errors), (0, ""))
        self.assertNotIn("\033", said, "colour only on a terminal")
        return said.splitlines()

    def send(self, user, event, context=None, **properties):
        body = {"userId": user, "event": event, "context": context or {}, "properties": properties}
        self.assertEqual(self.house.post("/v1/track", body)[0], 200)

    def test_arrivals_with_what_was_missing(self):
        reader = self.tail("--kinds", "arrivals", "--count", "2")
        self.send("quiet", "Page Viewed", secret="canary7731")
        self.send("loud", "Page Viewed", CONSENT)
        first, *reasons, last = self.lines(reader)
        self.assertRegex(first, r"^\d\d:\d\d:\d\d  withheld   hello +Page Viewed")
        self.assertTrue(any("no answer, and unset is no under consent" in r and "measure, personalise" in r for r in reasons))
        self.assertRegex(last, r"accepted   hello +Page Viewed  user_id:loud$")
        self.assertNotIn("canary7731", first + "".join(reasons))
        self.assertEqual(self.house.stop(), 0)

    def passage(self, *words, language="C"):
        reader = self.tail("--segment", "active", "--count", "1", *words, language=language)
        self.send("buyer", "Order Completed", order_id="1", total=12)
        (line,) = self.lines(reader)
        self.assertEqual(self.house.stop(), 0)
        return line

    def test_a_passage_in_english(self):
        self.assertRegex(self.passage(), r"^\d\d:\d\d:\d\d  enters +Active  user_id:buyer  \(event\)$")

    def test_a_passage_in_french(self):
        said = self.passage(language="fr_FR.UTF-8")
        self.assertRegex(said, r"^\d\d:\d\d:\d\d  entre +Actifs  user_id:buyer  \(event\)$")

    def test_a_passage_as_json(self):
        told = json.loads(self.passage("--json"))
        self.assertEqual((told["kind"], told["data"]["segment"], told["data"]["to"]), ("transition", "active", "in"))

    def test_it_ends_with_the_house(self):
        reader = self.tail()
        self.assertEqual(self.house.stop(), 0)
        reader.communicate(timeout=60)
        self.assertIn(reader.returncode, (0, 3))


if __name__ == "__main__":
    unittest.main()
