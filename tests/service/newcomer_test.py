"""What a newcomer meets, word for word: each text says what happened and what to change. (Ports and folders: start_test.py.)"""

import json
import pathlib
import subprocess
import tempfile
import unittest

from house import KEY, ROOT, House


class AtTheDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def said(self, status, body, **more):
        got, text = self.house.post("/v1/track", body, **more)
        self.assertEqual(got, status, text)
        return text.decode()

    def test_no_key_and_a_wrong_key(self):
        self.assertEqual(
            self.said(401, {}, key=""),
            "no write key: send it as the user of Basic authorization, as X-Write-Key, as ?writeKey= or as writeKey in the body\n",
        )
        self.assertEqual(
            self.said(401, {}, key="wk_typo"),
            "unknown write key; copy it again from where it was made, or add its SHA-256 to sources.toml\n",
        )

    def test_the_key_of_another_source(self):
        self.assertEqual(
            self.said(401, {"writeKey": "wk_demo_web", "userId": "u", "event": "E"}),
            'the key beside the body belongs to source "hello", the writeKey in it to source "web"; send one of them\n',
        )
        self.assertEqual(
            self.said(403, {}, key="wk_demo_web", headers={"Origin": "https://elsewhere.example"}),
            "pages of this origin may not send to source web; add it to the origins of the source\n",
        )

    def test_an_answer_with_a_public_key(self):
        status, text = self.house.post("/v1/consent", {"userId": "u", "purpose": "measure", "state": "given"}, key="wk_demo_web")
        self.assertEqual(status, 403)
        self.assertIn("with a server key only: a public key is known to everyone", text.decode())

    def test_withheld_says_what_is_missing_and_what_to_change(self):
        answer = json.loads(self.said(200, {"userId": "u", "event": "Song Hummed", "messageId": "w1"}))
        self.assertEqual((answer["accepted"], len(answer["withheld"])), (0, 1))
        missing = dict(part.split(": ", 1) for part in answer["withheld"][0]["missing"].split("; ") if ": " in part)
        self.assertEqual(missing["market"], "the catalogue does not list it for this event")
        self.assertEqual(missing["personalise"], "no answer, and unset is no under consent")
        whole = answer["withheld"][0]["missing"]
        self.assertIn("send consent with the event, or record a yes with a server key", whole)
        self.assertIn("see events.toml, serves", whole)

    def test_a_refused_event_says_why(self):
        answer = json.loads(self.said(200, {"event": "E", "messageId": "r1"}))
        self.assertEqual(
            answer["rejected"],
            [
                {
                    "i": 0,
                    "messageId": "r1",
                    "code": "no_identifier",
                    "reason": "no usable userId, anonymousId or e-mail (values like null, undefined or 0 name nobody); send one of them",
                }
            ],
        )

    def test_a_path_that_is_not_there(self):
        status, text = self.house.post("/v1/events", {})
        self.assertEqual(status, 404)
        self.assertIn("events go to /v1/track, identify, page, screen, group, alias or batch, answers to /v1/consent", text.decode())


class AtTheDesk(unittest.TestCase):
    """hospes segment check, without a server."""

    def check(self, where, house=True):
        with tempfile.TemporaryDirectory(prefix="hospes-test-") as folder:
            file = pathlib.Path(folder) / "my.seg"
            file.write_text('segment mine\n  purpose market\n  name en "A" fr "B"\n  sentence en "a" fr "b"\n  where ' + where + "\n")
            words = [House().binary, "segment", "check", str(file)] + (["--house", str(ROOT / "house/disquaire")] if house else [])
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            return done.returncode, done.stdout + done.stderr

    def test_an_unknown_event_with_the_nearest(self):
        status, text = self.check('count("Order Complete", 90d) >= 3')
        self.assertEqual(status, 1, text)
        self.assertIn('my.seg:5:15  unknown event "Order Complete"; the nearest known is "Order Completed"\n', text)
        self.assertIn('   5 |   where count("Order Complete", 90d) >= 3\n     |               ^', text)

    def test_other_unknown_names_with_the_nearest(self):
        for where, says in (
            ('trait("adress.city") = "Lyon"', 'unknown trait "adress.city"; the nearest known is "address.city"'),
            ('sum("Order Completed".totl, 90d) > 5', 'unknown property "totl"; the nearest known is "total"'),
            ("has identifier user_di", 'unknown identifier kind "user_di"; the nearest known is "user_id"'),
            ("in segment mien", 'unknown segment "mien"; the nearest known is "mine"'),
        ):
            status, text = self.check(where)
            self.assertEqual(status, 1, text)
            self.assertIn(says, text)

    def test_what_a_house_cannot_know_is_not_judged(self):
        status, text = self.check('count("Order Complete", 90d) >= 3', house=False)
        self.assertEqual((status, text.splitlines()[-1].endswith("1 segments, no mistake")), (0, True), text)

    def test_the_demo_house_knows_all_its_names(self):
        words = [House().binary, "segment", "check", str(ROOT / "house/disquaire/segments.seg")]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
