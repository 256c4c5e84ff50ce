"""What the command line says: help that teaches in two languages, the nearest word, JSON where there is data, exit codes."""

import json
import os
import socket
import stat
import subprocess
import unittest

from house import House

COMMANDS = ["demo", "serve", "doctor", "send", "tail", "why", "profile", "segment list", "segment check", "segment fmt", "segment packaged", "segment value", "plan", "apply", "journey check", "journey fmt", "journey simulate", "message check", "message preview", "message send-test", "config check", "backup", "restore", "digest", "insight", "signal", "import", "compare", "micro"]


class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House().start()
        cls.ask = ["--console", f"127.0.0.1:{cls.house.console}", "--token-file", f"{cls.house.root}/data/console/token"]

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0
        cls.house.folder.cleanup()

    def hospes(self, *words, code=0, environment=None):
        ran = subprocess.run(
            [self.house.binary, *words], capture_output=True, text=True, timeout=60, cwd=self.house.root,
            env={**os.environ, **(environment or {})},
        )
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        self.assertNotIn("\033", ran.stdout + ran.stderr, "colour only on a terminal")
        return ran.stdout if code in (0, 1) and ran.stdout else ran.stderr

    def send(self, event, *words, code=0):
        return self.hospes("send", "--public", f"127.0.0.1:{self.house.public}", event, *words, code=code)

    def test_help_teaches_in_both_languages(self):
        for command in COMMANDS:
            english = self.hospes(*command.split(), "--help", environment={"LANG": "C"})
            french = self.hospes("--lang", "fr", *command.split(), "--help")
            self.assertEqual(french, self.hospes(*command.split(), "--help", environment={"LANG": "fr_FR.UTF-8"}))
            self.assertIn(f"Example:\n  hospes {command}", english)
            self.assertIn("Exit: 0 done; 1 the answer is no; 2 command line", english)
            self.assertIn(f"Exemple :\n  hospes {command}", french)
            self.assertIn("Sortie : 0 fait", french)

    def test_the_first_page_in_both_languages(self):
        self.assertIn("Begin with: hospes demo", self.hospes("--help", environment={"LANG": "C"}))
        self.assertIn("Pour commencer : hospes demo", self.hospes("--help", "--lang", "fr"))
        self.assertRegex(self.hospes("--version"), r"^hospes \d+\.\d+\.\d+\n$")

    def test_an_unknown_word_comes_with_the_nearest(self):
        for words, said in (
            (["sevre"], 'unknown command "sevre"; the nearest known is "serve". See hospes --help'),
            (["segment", "lst"], 'unknown command "lst"; the nearest known is "list". See hospes segment --help'),
            (["doctor", "--jsn"], 'unknown option --jsn; the nearest known is "--json". See hospes doctor --help'),
            (["tail", "--segmet=x"], 'unknown option --segmet; the nearest known is "--segment"'),
            (["doctor", "now"], "hospes doctor: one word too many: now"),
            (["backup"], "--to is required"),
        ):
            self.assertIn(f"error: {said}" if "required" not in said else said, self.hospes(*words, code=2))

    def test_send_says_what_became_of_it(self):
        event = {"event": "Page Viewed", "userId": "cli"}
        said = self.send(json.dumps(event))
        self.assertIn("accepted 0, withheld 1, rejected 0\n  Page Viewed   withheld:\n", said)
        self.assertRegex(said, r"no answer, and unset is no under consent; .* \(measure, personalise, ")
        event["context"] = {"consent": {"categoryPreferences": {"measure": True}}}
        self.assertIn("accepted 1, withheld 0, rejected 0", self.send(json.dumps(event)))
        self.assertEqual(json.loads(self.send(json.dumps(event), "--json"))["accepted"], 1)
        self.assertIn("accepted 1", self.send(json.dumps({"event": "E", "anonymousId": "a1"}), "--source", "web"))
        self.assertIn("rejected 1", self.send('{"event":"E"}', code=1))
        self.assertIn("this is no JSON: ", self.send('{"event":', code=2))
        self.assertIn("say --key KEY, or set HOSPES_KEY", self.send('{"event":"E"}', "--source", "nobody", code=2))

    def test_segments_and_why_by_name_in_either_language(self):
        listed = json.loads(self.hospes("segment", "list", *self.ask, "--json"))["segments"]
        text = self.hospes("segment", "list", *self.ask)
        self.assertTrue(text.startswith(f"{len(listed)} segments, as of 20"))
        one = next(s for s in listed if s["id"] == "active")
        self.assertIn(f'{one["name"]["en"]} / {one["name"]["fr"]}', text)
        event = {"event": "E", "userId": "named", "context": {"consent": {"categoryPreferences": {"measure": True}}}}
        self.send(json.dumps(event))
        self.house.settle()
        for name in ("active", one["name"]["en"], one["name"]["fr"]):
            self.assertTrue(self.hospes("why", "user_id:named", name, *self.ask).startswith("OUT"))
        self.assertFalse(json.loads(self.hospes("why", "user_id:named", "active", *self.ask, "--json"))["in"])
        said = self.hospes("why", "user_id:named", "activ", *self.ask, code=1)
        self.assertIn('no segment "activ"; the nearest known is "active". All: hospes segment list', said)
        self.assertIn("nobody bears this identifier", self.hospes("profile", "user_id:nobody", *self.ask, code=1))
        self.assertEqual(json.loads(self.hospes("profile", "user_id:named", *self.ask))["timeline"][0]["event"], "E")

    def test_nobody_answers(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        said = self.hospes("segment", "list", "--console", f"127.0.0.1:{port}", *self.ask[2:], code=3)
        self.assertIn(f"no house answers at http://127.0.0.1:{port}", said)
        said = self.hospes("segment", "list", "--token-file", "nowhere", code=2)
        self.assertIn("nowhere cannot be read: start the house first", said)

    def doctor(self, *settings, code=0):
        words = ["doctor", "--json", "--config", str(self.house.config)]
        for setting in [*self.house.settings(), *settings]:
            words += ["--set", setting]
        told = json.loads(self.hospes(*words, code=code))
        self.assertEqual(told["fit"], code == 0)
        return {c["check"]: c for c in told["checks"]}

    def test_doctor_finds_what_a_start_would_meet(self):
        here = self.doctor()
        self.assertIn(f"a house runs on it (pid {self.house.process.pid})", here["data folder"]["means"])
        self.assertRegex(here["disk"]["means"], r"fdatasync takes \d+\.\d\d ms")
        self.assertEqual(here["segments"]["health"], "ok")
        own = self.doctor(f"public.listen=127.0.0.1:{self.house.public}")
        self.assertIn("this house's own", own["public port"]["means"])
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            taken = self.doctor(f"console.listen=127.0.0.1:{holder.getsockname()[1]}", code=1)
        self.assertRegex(taken["console port"]["means"], rf"is taken by .+ \(pid {os.getpid()}\)")
        self.assertIn("hospes serve --console", taken["console port"]["do"])
        self.assertEqual(self.doctor("public.listen=0.0.0.0:0", code=1)["public port"]["health"], "fail")
        self.assertEqual(self.doctor("disk.floor_mb=1000000", code=1)["space for data"]["health"], "fail")
        self.assertEqual(self.doctor("house.folder=/nowhere", code=1)["house files"]["health"], "fail")
        apart = self.doctor(f"keys.folder={self.house.root}/data/keys", code=1)
        self.assertEqual(apart["keys apart"]["health"], "fail")
        self.assertIn("without them nothing can be read", self.doctor(f"keys.folder={self.house.root}/none", code=1)["key store"]["do"])
        master = self.house.root / "keys/keys/master.key"
        master.chmod(0o644)
        self.assertIn("can be read by others", self.doctor(code=1)["key store"]["means"])
        master.chmod(stat.S_IRUSR | stat.S_IWUSR)
        self.assertIn("ok    segments", self.hospes("doctor", "--config", str(self.house.config), *[
            word for setting in self.house.settings() for word in ("--set", setting)]))
        wrong = self.house.root / "wrong.toml"
        wrong.write_text("[pubic]\nlisten = 1\n")
        said = self.hospes("doctor", "--config", str(wrong), code=1)
        self.assertIn("fail  configuration", said)
        self.assertIn("public", said)


if __name__ == "__main__":
    unittest.main()
