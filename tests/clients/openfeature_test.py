"""Flags by the published OpenFeature SDK and OFREP provider for Node, unmodified: values, reasons, variants, and what fails falls back
to the code's own default."""

import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/service"))

from house import KEY, House

NODE = ROOT / "third_party/node/bin/node"
FLAGS = """
[[experiment]]
name = "tone"
purpose = "personalise"
variants = { calm = 5000, loud = 5000 }
[[flag]]
name = "fixed"
values = { on = true, off = false }
default = "on"
[[flag]]
name = "limit"
values = { low = 1.5, high = 20 }
default = "low"
purpose = "personalise"
rules = [{ segment = "viewers", value = "high" }]
[[flag]]
name = "words"
values = { calm = "Hello", loud = "HELLO!" }
default = "calm"
purpose = "personalise"
rules = [{ experiment = "tone" }]
[[flag]]
name = "layout"
values = { wide = { columns = 3, titles = ["a", "b"] } }
default = "wide"
[[flag]]
name = "asleep"
enabled = false
values = { on = true, off = false }
default = "off"
"""
SEGMENTS = 'segment viewers purpose personalise\nwhere did "Product Viewed"\n'


class OpenFeature(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(files={"decisions.toml": FLAGS, "segments.seg": SEGMENTS}).start()
        items = []
        for n in range(40):
            items.append({"type": "consent", "userId": f"u{n}", "purpose": "personalise", "state": "given", "messageId": f"yes{n}"})
            items.append({"type": "track", "userId": f"u{n}", "event": "Product Viewed" if n % 2 else "Page Read", "messageId": f"m{n}"})
        cls.house.batch(*items)

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0
        cls.house.folder.cleanup()

    def ask(self, *questions, key=KEY):
        ran = subprocess.run(
            [NODE, HERE / "ask_openfeature.mjs", f"http://127.0.0.1:{self.house.public}", key], input=json.dumps(questions), capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def test_each_type_has_its_value_reason_and_variant(self):
        fixed, low, high, layout, asleep = self.ask(
            ("boolean", "fixed", False, None), ("number", "limit", 0, "u2"), ("number", "limit", 0, "u1"), ("object", "layout", {}, None), ("boolean", "asleep", True, None)
        )
        self.assertEqual((fixed["value"], fixed["reason"], fixed["variant"]), (True, "STATIC", "on"))
        self.assertEqual((low["value"], low["reason"], low["variant"]), (1.5, "DEFAULT", "low"))
        self.assertEqual((high["value"], high["reason"], high["variant"]), (20, "TARGETING_MATCH", "high"))
        self.assertEqual(layout["value"], {"columns": 3, "titles": ["a", "b"]})
        self.assertEqual((asleep["value"], asleep["reason"]), (False, "DISABLED"))
        self.assertFalse(any("errorCode" in told for told in (fixed, low, high, layout, asleep)))

    def test_an_experiment_sticks_and_splits(self):
        questions = [("string", "words", "?", f"u{n}") for n in range(40)]
        first, second = self.ask(*questions), self.ask(*questions)
        self.assertEqual([t["value"] for t in first], [t["value"] for t in second])
        self.assertEqual({t["reason"] for t in first}, {"SPLIT"})
        self.assertEqual({t["variant"] for t in first}, {"calm", "loud"})
        self.assertEqual({t["flagMetadata"]["experiment"] for t in first}, {"tone"})
        # To use a flag is its exposure, once a person: the house knows whom it split, and how.
        told = json.loads(self.house.get("/v1/decisions")[1])["experiments"][0]
        split = {v["name"]: v["people"] for v in told["variants"]}
        self.assertEqual(split, {name: sum(t["variant"] == name for t in first) for name in ("calm", "loud")})
        self.assertEqual((told["crossed"], told["ratio"]["people"], told["ratio"]["verdict"]), (0, 40, "kept"))

    def test_what_fails_is_the_codes_own_default(self):
        unknown, mistyped, untargeted, nobody = self.ask(
            ("boolean", "fxied", True, "u1"), ("string", "limit", "mine", "u1"), ("number", "limit", 7, None), ("string", "words", "?", "a stranger")
        )
        self.assertEqual((unknown["value"], unknown["errorCode"]), (True, "FLAG_NOT_FOUND"))
        self.assertEqual((mistyped["value"], mistyped["errorCode"]), ("mine", "TYPE_MISMATCH"))
        self.assertEqual((untargeted["value"], untargeted["errorCode"]), (7, "TARGETING_KEY_MISSING"))
        self.assertEqual((nobody["value"], nobody["reason"]), ("Hello", "DEFAULT"))
        self.assertEqual(self.ask(("boolean", "fixed", False, None), key="nobody")[0]["value"], False)


if __name__ == "__main__":
    if not (HERE / "node_modules/@openfeature/ofrep-provider").is_dir() or not NODE.exists():
        print("skipped: the published clients are not installed (tools/setup.sh test brings them)")
        sys.exit(77)
    unittest.main()
