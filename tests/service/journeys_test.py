"""Journeys of the real binary: who is led where, what leaves, what lets go, and what a kill -9 leaves of it."""

import datetime
import http.client
import json
import subprocess
import threading
import time
import unittest
import zoneinfo

from house import House
from sink import Sink, action, destination

LOOPBACK = 'act.allow=["127.0.0.0/8"]'
ORDER = {"order_id": "1", "total": 12}


def sent_by_journey(name, **more):
    lines = ["[[action]]", f'name = "{name}"', 'destination = "crm"', 'when = "journey"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in {"purpose": "market", **more}.items()]
    return "\n".join(lines) + "\n"


class Journeys(unittest.TestCase):
    def open(self, journeys, actions=None, *answer, decisions=None):
        sink = Sink(*answer)
        self.addCleanup(sink.close)
        text = destination("crm", sink.url, retry=["100ms"]) + (actions or sent_by_journey("hello", cap_per_day=24))
        files = {"actions.toml": text, "journeys.jny": journeys, **({"decisions.toml": decisions} if decisions else {})}
        house = House(settings=[LOOPBACK], files=files).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.returncode is None and house.kill())
        return house, sink

    def track(self, house, user, event="Order Completed", **more):
        self.said = getattr(self, "said", 0) + 1
        body = {"userId": user, "event": event, "messageId": f"m{self.said}", "properties": ORDER, **more}
        status, text = house.post("/v1/track", body)
        self.assertEqual((status, json.loads(text)["accepted"]), (200, 1), text)

    def answer(self, house, user, state, purpose="market"):
        body = {"userId": user, "purpose": purpose, "state": state, "notice": {"id": "n", "version": "1", "lang": "en"}}
        self.assertEqual(house.post("/v1/consent", body)[0], 200)

    def led(self, house, user, holds, timeout=20, of=None):
        """The person's newest journey, or that of one name, once `holds` says so."""
        end = time.monotonic() + timeout
        while True:
            status, told, _ = house.ask("GET", f"/v1/journeys/of/user_id:{user}")
            mine = [j for j in told["journeys"] if of in (None, j["journey"])] if status == 200 else []
            if mine and holds(mine[0]):
                return mine[0]
            if time.monotonic() > end:
                raise AssertionError(f"{user}: {json.dumps(told, indent=1)}")

    def way(self, one):
        return [(m["step"], m["how"], (m["reason"] or {}).get("code")) for m in one["way"]]

    def test_waits_then_sends_once_and_is_counted(self):
        house, sink = self.open(
            'journey hi purpose market\n name en "Hi" fr "Salut"\n enter segment active\n'
            " step rest wait 1s\n step say send hello\n step done exit\n"
        )
        self.track(house, "ann")
        one = self.led(house, "ann", lambda j: j["step"] == "rest" and j["end"] == "live")
        self.assertEqual(one["waits"]["says"], "wait 1s")
        one = self.led(house, "ann", lambda j: j["end"] == "exit")
        self.assertEqual(self.way(one), [("rest", "passed", None), ("say", "done", None), ("done", "passed", None)])
        (said,) = sink.said()
        self.assertEqual((said["type"], said["data"]["journey"], said["data"]["step"], said["data"]["person"]),
                         ("journey.step", "hi", "say", "user_id:ann"))
        told = house.ask("GET", "/v1/journeys")[1]["journeys"]
        self.assertEqual([(j["id"], j["version"], j["live"], j["entered"], j["ended"]) for j in told], [("hi", 1, 0, 1, {"exit": 1})])
        self.track(house, "ann", "Order Completed")
        self.assertEqual(house.ask("GET", "/v1/journeys")[1]["journeys"][0]["entered"], 1)
        self.assertEqual(house.ask("GET", "/v1/journeys/nowhere")[0], 404)
        self.assertEqual(house.stop(), 0)

    def test_what_ends_it_acts_at_once_and_takes_back_what_has_not_left(self):
        now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris"))
        hour = datetime.timedelta(hours=1)
        quiet = f"{now - hour:%H:%M}-{now + 3 * hour:%H:%M}"
        house, sink = self.open(
            'journey basket purpose market\n enter event "Order Updated"\n exit event "Order Completed"\n again after exit\n'
            " step say send later\n step long wait 30d\n",
            sent_by_journey("later", quiet=quiet, valid_for="24h"),
        )
        self.track(house, "ann", "Order Updated")
        one = self.led(house, "ann", lambda j: j["step"] == "say")
        self.assertEqual(one["waits"]["reason"]["code"], "quiet_hours")
        self.assertIsNotNone(one["waits"]["until"])
        (waiter,) = house.ask("GET", "/v1/journeys/basket/waiting")[1]["waiting"]
        self.assertEqual((waiter["person"], waiter["step"], waiter["waits"]["reason"]["code"]), ("user_id:ann", "say", "quiet_hours"))
        why = subprocess.run(
            [house.binary, "why-not", "user_id:ann", "basket", "--console", f"127.0.0.1:{house.console}",
             "--token-file", f"{house.root}/data/console/token"],
            capture_output=True, text=True, env={"LANG": "C"},
        )
        self.assertRegex(why.stdout, r"basket \(1\): say, since 20.*: send later \(it is a quiet hour in the house\), until 20")
        self.track(house, "ann", "Order Completed")
        one = self.led(house, "ann", lambda j: j["end"] == "released")
        (effect,) = house.ask("GET", "/v1/effects/user_id:ann")[1]["effects"]
        self.assertEqual((effect["state"], effect["reason"]["code"], effect["journey"], effect["step"]),
                         ("refused", "left", "basket", "say"))
        # The next basket is another passage: it waits again, and a no lets go of it.
        self.track(house, "ann", "Order Updated")
        self.led(house, "ann", lambda j: j["end"] == "live" and j["step"] == "say")
        self.answer(house, "ann", "objected")
        one = self.led(house, "ann", lambda j: j["end"] == "permission")
        self.assertEqual(one["reason"]["code"], "objected")
        self.track(house, "bob", "Order Updated")
        self.assertEqual(house.ask("POST", "/v1/persons/user_id:bob/forget", json.dumps({"commit": True}))[0], 200)
        self.assertEqual(house.ask("GET", "/v1/journeys")[1]["journeys"][0]["live"], 0)
        self.assertEqual(sink.calls, [])
        self.assertEqual(house.stop(), 0)

    def test_a_refusal_is_seen_and_goes_its_own_way(self):
        house, sink = self.open(
            'journey ask purpose market\n enter event "Order Updated"\n again after exit\n'
            ' step mail send by_mail else other\n step heard wait for event "Order Completed" within 1s else other\n'
            " step happy goal\n step other send hello\n",
            sent_by_journey("hello") + sent_by_journey("by_mail", purpose="contact:email"),
        )
        self.track(house, "ann", "Order Updated")
        one = self.led(house, "ann", lambda j: j["end"] == "exit")
        self.assertEqual(self.way(one), [("mail", "refused", "unset"), ("other", "done", None)])
        self.answer(house, "bob", "given", "contact:email")
        self.track(house, "bob", "Order Updated")
        self.led(house, "bob", lambda j: j["step"] == "heard")
        self.track(house, "bob", "Order Completed", timestamp="2026-01-01T00:00:00Z", messageId="old")  # before it came there
        one = self.led(house, "bob", lambda j: j["end"] == "exit")
        self.assertEqual(self.way(one), [("mail", "done", None), ("heard", "late", None), ("other", "done", None)])
        steps = {s["id"]: s for s in house.ask("GET", "/v1/journeys")[1]["journeys"][0]["steps"]}
        self.assertEqual({(x["how"], (x["reason"] or {}).get("code"), x["people"]) for x in steps["mail"]["left"]},
                         {("refused", "unset", 1), ("done", None, 1)})
        self.assertEqual(house.stop(), 0)

    def test_killed_while_they_wait_nobody_is_lost_or_told_twice(self):
        house, sink = self.open(
            'journey hi purpose market\n enter event "Order Updated"\n step rest wait 3s\n step say send hello\n step long wait 30d\n'
        )
        people = [f"u{i}" for i in range(40)]
        for user in people[:20]:
            self.track(house, user, "Order Updated")
        for user in people[20:]:
            self.track(house, user, "Order Updated")
        before = {u: self.led(house, u, lambda j: True) for u in people[:3]}
        house.kill()
        house.start()
        for user, then in before.items():
            now = self.led(house, user, lambda j: True)
            self.assertEqual((now["entered"], now["way"][0]["at"]), (then["entered"], then["way"][0]["at"]))
        sink.wait(len(people))
        for user in people:
            self.led(house, user, lambda j: j["step"] == "long")
        self.assertEqual(len(set(sink.keys())), len(people))
        house.kill()
        house.start()
        (told,) = house.ask("GET", "/v1/journeys")[1]["journeys"]
        self.assertEqual((told["live"], told["entered"]), (len(people), len(people)))
        self.assertEqual(len(sink.calls), len(people))
        self.assertEqual(house.stop(), 0)

    def test_an_edit_is_the_next_version_and_who_waits_finishes_in_the_old(self):
        first = 'journey hi purpose market\n enter event "Order Updated"\n exit event "Order Cancelled"\n step rest wait 30d\n'
        house, _ = self.open(first)
        self.track(house, "ann", "Order Updated")
        self.led(house, "ann", lambda j: j["step"] == "rest")
        self.assertEqual(house.stop(), 0)
        file = house.definitions / "journeys.jny"
        file.write_text(first + " step say send hello\n")
        house.start()
        self.track(house, "bob", "Order Updated")
        self.led(house, "bob", lambda j: j["version"] == 2)
        told = house.ask("GET", "/v1/journeys/hi")[1]
        self.assertEqual([(v["version"], v["closed"], v["live"]) for v in told["versions"]], [(1, True, 1), (2, False, 1)])
        self.track(house, "ann", "Order Cancelled")  # heard in the old one
        self.led(house, "ann", lambda j: j["version"] == 1 and j["end"] == "released")
        self.assertEqual(house.stop(), 0)
        file.write_text("")
        house.start()
        self.led(house, "bob", lambda j: j["end"] == "stopped")
        self.assertEqual(house.ask("GET", "/v1/journeys")[1]["journeys"], [])
        self.assertEqual(house.stop(), 0)

    def test_the_last_one_goes_to_one_person_over_a_kill_and_is_offered_to_nobody_after(self):
        decisions = (
            '[[placement]]\nname = "home"\n[[offer]]\nname = "last"\nplacements = ["home"]\npurpose = "market"\npriority = 9\nstock = 1\n'
            'payload.en = { title = "The last one" }\n[[offer]]\nname = "tapes"\nplacements = ["home"]\npurpose = "market"\npayload.en = { title = "Tapes" }\n'
        )
        house, sink = self.open(
            'journey hi purpose market\n enter event "Order Updated"\n step ask decide home offer last to mine\n step other send hello\n'
            " step done exit\n step mine send hello\n step end exit\n",
            decisions=decisions,
        )

        def lead(*people):
            """Through which step each went, and what was sent to them."""
            for user in people:
                self.track(house, user, "Order Updated")
            steps = {self.way(self.led(house, user, lambda j: j["end"] == "exit"))[1][0] for user in people}
            return steps

        def token(user):
            asked = {"subject": {"userId": user}, "placements": [{"key": "home"}], "mode": "prefetch"}
            status, text = house.post("/v1/decide", asked)
            self.assertEqual(status, 200, text)
            return json.loads(text)["decisions"][0]["token"]

        def take(tokens):
            """By all at once; what each was answered, None when the house was gone."""
            answers = [None] * len(tokens)

            def one(i):
                try:
                    answers[i] = house.post("/v1/feedback", {"token": tokens[i], "outcome": "taken", "item": "last"})[0]
                except (OSError, http.client.HTTPException):
                    pass

            threads = [threading.Thread(target=one, args=(i,)) for i in range(len(tokens))]
            for thread in threads:
                thread.start()
            return threads, answers

        taken = lambda: next(o["taken"] for o in house.ask("GET", "/v1/decisions")[1]["offers"] if o["name"] == "last")
        self.assertEqual(lead(*(f"a{i}" for i in range(12))), {"mine"})  # over sixteen partitions
        tokens = [token(f"a{i}") for i in range(12)]
        threads, first = take(tokens)
        house.kill()
        for thread in threads:
            thread.join()
        house.start()
        for _ in range(2):  # whoever got no answer asks again; whoever did is told the same
            threads, answers = take(tokens)
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(answers), [200] + [409] * 11)
            for before, after in zip(first, answers):
                self.assertIn(before, (None, after))
            first = answers
        self.assertEqual(taken(), 1)
        house.settle()
        self.assertEqual(lead(*(f"b{i}" for i in range(12))), {"other"})
        house.kill()
        house.start()
        self.assertEqual(lead(*(f"c{i}" for i in range(12))), {"other"})
        self.assertEqual(house.stop(), 0)
        (house.definitions / "decisions.toml").write_text(decisions.replace("stock = 1", "stock = 2"))
        house.start()  # one more has come in
        self.assertEqual(lead(*(f"d{i}" for i in range(12))), {"mine"})
        threads, answers = take([token(f"d{i}") for i in range(4)])
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [200] + [409] * 3)
        self.assertEqual(taken(), 2)
        house.settle()
        self.assertEqual(lead(*(f"e{i}" for i in range(12))), {"other"})
        offered = [said["data"]["offer"]["name"] for said in sink.said()]
        self.assertEqual((offered.count("last"), offered.count("tapes")), (24, 36))
        self.assertEqual(house.stop(), 0)

    def test_an_offer_that_was_sent_bears_the_token_by_which_its_reader_answers(self):
        house, sink = self.open(
            'journey hi purpose market\n enter event "Order Updated"\n step ask decide home\n step say send hello\n step again send hello\n step done exit\n',
            sent_by_journey("hello", cap_per_day=24),
            decisions='[[placement]]\nname = "home"\n[[offer]]\nname = "vinyl"\nplacements = ["home"]\npurpose = "market"\nstock = 1\n'
            'payload.en = { title = "Vinyl week" }\n',
        )
        for user in ("ann", "bob"):
            self.track(house, user, "Order Updated")
            self.led(house, user, lambda j: j["end"] == "exit")
        tokens = {user: [s["data"]["offer"]["token"] for s in sink.said() if s["data"]["person"] == f"user_id:{user}"] for user in ("ann", "bob")}
        self.assertEqual([len(t) for t in tokens.values()], [2, 2])
        shown = lambda user: house.ask("GET", f"/v1/decisions/of/user_id:{user}")[1]["shown"]
        # It was seen when it was decided, which is not said once more.
        self.assertEqual(json.loads(house.post("/v1/exposures", {"tokens": tokens["ann"]})[1]), {"accepted": 2, "rejected": []})
        say = lambda token, outcome, **more: house.post("/v1/feedback", {"token": token, "outcome": outcome, **more})
        self.assertEqual(say(tokens["ann"][0], "clicked")[0], 200)
        self.assertEqual(say(tokens["ann"][1], "clicked")[0], 200)  # another copy of the same
        house.settle()
        (one,) = shown("ann")
        self.assertEqual((one["outcome"], [i["id"] for i in one["items"]]), ("clicked", ["vinyl"]))
        self.assertIsNone(shown("bob")[0]["outcome"], "who was sent the other one")
        # The last one goes once, over a kill, however often either copy says so.
        self.assertEqual([say(t, "taken")[0] for t in tokens["ann"]], [200, 200])
        house.kill()
        house.start()
        self.assertEqual([say(t, "taken")[0] for t in (tokens["ann"][0], tokens["bob"][0])], [200, 409])
        house.settle()
        self.assertEqual(shown("ann")[0]["outcome"], "taken")
        bent = tokens["bob"][0][:-6] + ("A" if tokens["bob"][0][-6] != "A" else "B") + tokens["bob"][0][-5:]
        self.assertEqual(say(bent, "clicked")[0], 400)
        self.assertEqual(house.stop(), 0)

    def hospes(self, house, *words):
        done = subprocess.run(
            [house.binary, *words, "--console", f"127.0.0.1:{house.console}", "--token-file", f"{house.root}/data/console/token"],
            capture_output=True, text=True, env={"LANG": "C"},
        )
        return done.returncode, done.stdout + done.stderr

    def test_a_pause_holds_everybody_through_a_kill_and_a_resumption_lets_them_go_on(self):
        house, sink = self.open(
            '# kept\njourney hi purpose market # as it is\n enter event "Order Updated"\n exit event "Order Cancelled"\n'
            " step rest wait 1s\n step say send hello\n step long wait 30d\n"
        )
        self.track(house, "ann", "Order Updated")
        self.track(house, "bob", "Order Updated")
        self.assertEqual(self.hospes(house, "journey", "pause", "hi"), (0, "hi is paused: 2 people wait\n"))
        self.assertEqual(house.ask("POST", "/v1/journeys/hi/pause")[1]["paused"], True)  # twice changes nothing
        self.assertIn("# kept\njourney hi purpose market\n  paused # as it is\n", (house.definitions / "journeys.jny").read_text())
        self.led(house, "ann", lambda j: j["step"] == "say")  # its wait is over: it stands there, and says nothing
        self.track(house, "cid", "Order Updated")
        self.track(house, "bob", "Order Cancelled")  # what lets go acts at once
        self.assertEqual(self.led(house, "bob", lambda j: True)["end"], "released")
        for _ in range(2):
            one = self.led(house, "ann", lambda j: True)
            self.assertEqual((one["step"], one["waits"]["reason"]["code"], one["waits"]["until"]), ("say", "paused", None))
            told = house.ask("GET", "/v1/journeys/hi")[1]
            self.assertEqual((told["paused"], told["version"], told["live"], told["kept_out"]), (True, 1, 1, {"paused": 1}))
            (waiter,) = house.ask("GET", "/v1/journeys/hi/waiting")[1]["waiting"]
            self.assertEqual((waiter["person"], waiter["step"]), ("user_id:ann", "say"))
            self.assertIn("(its journey is paused)", self.hospes(house, "why-not", "user_id:ann", "hi")[1])
            house.kill()
            house.start()
        self.assertEqual(sink.calls, [])
        self.assertEqual(self.hospes(house, "journey", "resume", "hi"), (0, "hi goes on: 1 people are in it\n"))
        self.led(house, "ann", lambda j: j["step"] == "long")
        sink.wait(1)
        self.assertEqual([said["data"]["person"] for said in sink.said()], ["user_id:ann"])
        self.assertNotIn("paused", (house.definitions / "journeys.jny").read_text())
        self.track(house, "cid", "Order Updated")
        self.led(house, "cid", lambda j: j["end"] == "live")
        acts = [a["record"].get("act") for a in house.ask("GET", "/v1/audit/log?limit=1000")[1]["entries"]]
        self.assertEqual((acts.count("journey_paused"), acts.count("journey_resumed")), (1, 1))
        self.assertEqual(house.ask("POST", "/v1/journeys/nowhere/pause")[0], 404)
        (house.definitions / "journeys.jny").write_text('journey hi purpose market\n enter event "Order Updated"\n step rest wait 2s\n')
        self.assertEqual(house.ask("POST", "/v1/journeys/hi/pause")[0], 409)  # edited by hand, and not taken
        self.assertEqual(house.stop(), 0)

    def test_what_was_held_by_its_hour_when_a_pause_began_is_held_by_the_pause_and_leaves_after_it(self):
        gate = {"open": False}
        house, sink = self.open(
            'journey hi purpose market\n enter event "Order Updated"\n step say send hello\n step long wait 30d\n',
            None, lambda call: (204 if gate["open"] else 503, {}),
        )
        self.track(house, "ann", "Order Updated")  # tried, refused by its destination, and tried again ...
        sink.wait(1)
        house.ask("POST", "/v1/journeys/hi/pause")
        gate["open"] = True
        one = self.led(house, "ann", lambda j: j["waits"]["reason"] and j["waits"]["reason"]["code"] == "paused" or j["end"] != "live")
        self.assertEqual(one["step"], "say")
        tries = len(sink.calls)
        (effect,) = house.ask("GET", "/v1/effects/user_id:ann")[1]["effects"]
        self.assertEqual((effect["state"], effect["reason"]["code"]), ("planned", "paused"))
        house.kill()
        house.start()
        self.assertEqual(len(sink.calls), tries)
        house.ask("POST", "/v1/journeys/hi/resume")
        self.led(house, "ann", lambda j: j["step"] == "long")
        self.assertEqual(len(set(sink.keys())), 1)
        self.assertEqual(house.stop(), 0)

    def test_whom_an_edit_moves_is_said_before_and_is_what_happens(self):
        first = (
            'journey hi purpose market\n enter event "Order Updated"\n step fork branch in segment active to rest else other\n'
            " step rest wait 30d\n step gone wait 30d\n step other wait 20d\n step last wait 5d\n"
        )
        house, _ = self.open(first)
        for i in range(12):
            self.track(house, f"u{i}", "Order Updated")
        for i in range(3):
            self.track(house, f"a{i}")
            self.track(house, f"a{i}", "Order Updated")
        self.led(house, "a2", lambda j: j["step"] == "rest")
        edited = (
            'journey hi purpose market\n waiting move (other to there)\n enter event "Order Updated"\n step there wait 10d\n step fin exit\n'
            'journey more purpose market\n enter event "Order Updated"\n step s wait 1d\n'
        )
        status, told, _ = house.ask("POST", "/v1/journeys/preview", {"text": edited})
        self.assertEqual(status, 200, told)
        hi, more = told["journeys"]
        self.assertEqual((hi["change"], hi["version"], hi["move"], hi["end"], hi["stay"]), ("edited", 2, 12, 3, 0))
        self.assertEqual((more["change"], more["stands"]), ("new", []))
        stands = {s["step"]: s for s in hi["stands"]}
        self.assertEqual((stands["other"]["becomes"], stands["other"]["to"], stands["other"]["anew"], stands["other"]["people"]), ("move", "there", True, 12))
        self.assertEqual((stands["rest"]["becomes"], stands["rest"]["people"]), ("end", 3))
        self.assertEqual(len({e["person"] for e in stands["other"]["examples"]}), 10)
        self.assertEqual({e["person"] for e in stands["rest"]["examples"]}, {"user_id:a0", "user_id:a1", "user_id:a2"})
        stay = house.ask("POST", "/v1/journeys/preview", {"text": edited.replace("waiting move (other to there)", "waiting stay")})[1]["journeys"][0]
        self.assertEqual((stay["move"], stay["end"], stay["stay"]), (0, 0, 15))
        self.assertEqual(house.ask("POST", "/v1/journeys/preview", {"text": "jorney hi"})[0], 422)
        self.assertEqual(house.ask("GET", "/v1/journeys/hi")[1]["version"], 1, "nothing is changed")
        file = house.root / "edited.jny"
        file.write_text(edited)
        code, said = self.hospes(house, "journey", "preview", str(file))
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"hi \(2\): edited\n")
        self.assertRegex(said, r" 12  other \(1\) -> there, taken anew\n")
        self.assertRegex(said, r" 3  rest \(1\) leave: that step is no more\n")
        self.assertEqual(house.stop(), 0)
        (house.definitions / "journeys.jny").write_text(edited)
        house.start()
        for i in range(12):
            self.led(house, f"u{i}", lambda j: j["version"] == 2 and j["step"] == "there", of="hi")
        for i in range(3):
            self.led(house, f"a{i}", lambda j: j["end"] == "stopped", of="hi")
        self.assertEqual(house.stop(), 0)

    def test_a_journey_is_changed_while_the_house_runs_and_the_rest_of_the_file_stays(self):
        file = (
            '# All of them.\njourney hi purpose market\n enter event "Order Updated"\n step rest wait 30d\n\n# Another.\n'
            'journey more purpose market\n enter event "Order Cancelled"\n step s wait 1d  # a day\n'
        )
        house, _ = self.open(file)
        for i in range(3):
            self.track(house, f"u{i}", "Order Updated")
            self.led(house, f"u{i}", lambda j: j["step"] == "rest")
        put = lambda text, id="hi", **more: house.ask("PUT", f"/v1/journeys/{id}", {"text": text, **more})
        now = house.ask("GET", "/v1/journeys/hi")[1]["versions"][0]["text"]
        next_ = 'journey hi purpose market\n  waiting move (rest to there)  # they come along\n  enter event "Order Updated"\n  step there wait 10d\n'
        (told,) = house.ask("POST", "/v1/journeys/preview", {"text": next_})[1]["journeys"]
        self.assertEqual((told["move"], told["end"], told["waiting"]), (3, 0, "move"))
        self.assertEqual(put(next_, instead_of=now.replace("30d", "3d"))[0], 409)  # somebody else was there before
        self.assertEqual(put(next_, instead_of="")[0], 409)
        status, kept, _ = put(next_, instead_of=now)
        self.assertEqual((status, kept["version"], kept["live"]), (200, 2, 3))
        self.assertEqual({s["id"]: s["here"] for s in kept["versions"][-1]["steps"]}, {"there": told["move"]})
        written = (house.definitions / "journeys.jny").read_text()
        self.assertEqual(written, "# All of them.\n" + next_ + file[file.index("\n# Another."):])
        self.assertEqual(put(next_)[1]["version"], 2)  # said twice
        self.assertEqual(put('journey new purpose market enter event "Order Updated" step a exit', "new", instead_of="")[0], 201)
        self.assertTrue((house.definitions / "journeys.jny").read_text().startswith(written))
        written = (house.definitions / "journeys.jny").read_text()
        for text, part in (
            ("jorney hi", "journey"), (next_.replace("market", "markt"), "market"), ("journey hi purpose market enter segment actve step a exit", "active"),
            (next_ + "journey b purpose market enter segment active step a exit", "one journey"), (next_.replace("hi", "ho", 1), "address"), ("", "journey"),
            ('journey hi purpose market enter event "Order Updated" step a jump b at most 2 step c exit', "b"),
            ('journey hi purpose market enter event "Order Updated" step a send helo', "hello"),
        ):
            status, no, _ = put(text)
            self.assertEqual(status, 422, text)
            self.assertIn(part, no["detail"])
        self.assertEqual((put(next_)[1]["version"], (house.definitions / "journeys.jny").read_text()), (2, written))
        house.kill()
        house.start()
        self.led(house, "u0", lambda j: j["version"] == 2 and j["step"] == "there", of="hi")
        (house.definitions / "journeys.jny").write_text(file)
        self.assertEqual(put(next_.replace("10d", "11d"))[0], 409)  # edited by hand, and not taken
        self.assertEqual((house.definitions / "journeys.jny").read_text(), file)
        self.assertEqual(house.stop(), 0)

    def test_a_simulation_over_the_log_is_what_happened(self):
        journeys = (
            'journey hi purpose market\n enter event "Order Updated" where total >= 12\n debounce 1s\n exit event "Order Cancelled" where total < 50\n'
            ' step fork split 1 to rest, 1 to mail\n step mail send by_mail else rest\n step rest wait 1s\n'
            ' step ask decide home offer vinyl to mark else say\n step mark update greeted_at = now\n step say webhook hello\n'
            ' step ear wait for event "Order Completed" within 1s\n step back jump rest at most 1\n step done exit\n'
            'journey greeted purpose market\n enter event identify\n step rest wait 1s\n'.replace("event identify", 'event "identify"')
        )
        house, sink = self.open(
            journeys, sent_by_journey("hello", cap_per_day=24) + sent_by_journey("by_mail", purpose="contact:email"),
            decisions='[[placement]]\nname = "home"\n[[offer]]\nname = "vinyl"\nplacements = ["home"]\npurpose = "market"\ncap_total = 1\n'
            'payload.en = { title = "Vinyl week" }\n',
        )
        people = [f"u{i}" for i in range(12)]
        for i, user in enumerate(people):
            if i % 3 == 0:
                self.answer(house, user, "given", "contact:email")
            self.track(house, user, "Order Updated")
        house.post("/v1/identify", {"userId": "u1", "traits": {}, "messageId": "join", "context": {"externalIds": [{"id": "7", "type": "card", "collection": "users"}]}})
        self.track(house, "u2", "Order Cancelled")
        self.track(house, "u3", "Order Completed")
        lived = {u: self.led(house, u, lambda j: j["end"] != "live", of="hi") for u in people}
        told = next(j for j in house.ask("GET", "/v1/journeys")[1]["journeys"] if j["id"] == "hi")
        offers = [said["data"].get("offer") for said in sink.said() if said["data"]["step"] == "say"]
        self.assertIn({"name": "vinyl", "payload": {"en": {"title": "Vinyl week"}}}, [o and {k: v for k, v in o.items() if k != "token"} for o in offers])
        self.assertIn(None, offers)  # the second time it is capped
        (shown,) = house.ask("GET", "/v1/decisions/of/user_id:u1")[1]["shown"]
        self.assertEqual((shown["items"], shown["reason"]["code"]), ([{"id": "vinyl", "propensity": 1}], "TARGETING_MATCH"))
        greeted = house.ask("GET", "/v1/profiles/user_id:u1")[1]["traits"]["greeted_at"]
        self.assertEqual(greeted["source"], "journey hi")
        self.assertEqual(house.stop(), 0)
        sent = len(sink.calls)
        file = house.root / "tried.jny"
        file.write_text(journeys)
        settings = [word for one in house.settings() for word in ("--set", one)]
        run = lambda *more: subprocess.run(
            [house.binary, "journey", "simulate", str(file), "--config", str(house.config), *settings, *more],
            capture_output=True, text=True, env={"LANG": "C"},
        )
        done = run("--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        moves = [json.loads(line) for line in done.stdout.splitlines()]
        for user in people:
            mine = [m for m in moves if m["person"] == f"user_id:{user}" and m["journey"] == "hi"]
            way = [(m["to"], m["at"]) for m in mine if m["to"]]
            left = [(m["from"], m["how"], m["reason"]) for m in mine if m["from"]]
            self.assertEqual(way, [(m["step"], m["at"]) for m in lived[user]["way"]], user)
            self.assertEqual(left, [(m["step"], m["how"], (m["reason"] or {}).get("code")) for m in lived[user]["way"]], user)
            self.assertEqual(mine[-1]["end"], lived[user]["end"])
        self.assertEqual(len(sink.calls), sent, "nothing is sent")
        file.write_text('journey other purpose market\n enter event "Order Updated"\n step say send hello\n step rest wait 30d\n')
        done = run()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"other\n +{told['entered']}  entered\n +{len(people)}  say: done\n")
        house.start()  # and nothing was changed
        again = next(j for j in house.ask("GET", "/v1/journeys")[1]["journeys"] if j["id"] == "hi")
        self.assertEqual(again["ended"], told["ended"])
        self.assertEqual(house.stop(), 0)

    def test_a_file_that_does_not_fit_stops_the_start_and_says_what_to_change(self):
        for text, says in (
            ("journey a purpose market\n enter segment actve\n step s exit\n", r'journeys.jny:2:16.*no segment "actve"; the nearest known is "active"'),
            ("journey a purpose market\n enter segment active\n step s send helo\n", r'no action with when = "journey" "helo"; the nearest known is "hello"'),
            ("journey a purpose market\n enter segment active\n step s wait 1s\n stp t exit\n", r"journeys.jny:4:2.*did you mean `step`\?"),
        ):
            house = House(files={"actions.toml": destination("crm", "https://crm.example/") + sent_by_journey("hello"), "journeys.jny": text})
            self.addCleanup(house.folder.cleanup)
            with self.assertRaisesRegex(RuntimeError, "(?s)" + says):
                house.start()
            house.process.wait()
            house.process.stdout.close()
            house.log.close()


if __name__ == "__main__":
    unittest.main()
