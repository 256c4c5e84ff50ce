"""What a guest takes away is taken in by an empty house and taken away from there again: the two say the same, line for line. Random
people; HOSPES_SEED repeats a run."""

import collections
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from guest_test import PAGE, Guest  # noqa: E402
from house import ROOT, House, source  # noqa: E402

SEED = int(os.environ.get("HOSPES_SEED", random.SystemRandom().randrange(1 << 32)))
PEOPLE = 24
VALUES = [
    0, -1, 12.5, 0.000001, 9_000_000_000, 1e300, True, False, None, "", "é “quoted” \\ \n\t", "04000", "12.50", [1, "deux", None, [True, {"a": {"b": 2}}]], [],
    {"inner": 1, "of": {"more": "x"}}, {"": 7}, "=cmd()", "a" * 5000,
]
NAMES = ["size", "note", "artist", "x.y", "Ünïcode", "price", "list", "a:b", "email", "traits.deep"]


def iso(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".%06dZ" % round(at % 1 * 1e6)


COMPARED = {
    part.split(None, 1)[0] for part in (ROOT / "house/disquaire/segments.seg").read_text().split("\nsegment ")[1:] if re.search(r" in (top|bottom) |\* median\b(?!_gap)", part)
}


class Life:
    """What one person did and said, sent to a house."""

    def __init__(self, dice, n, now):
        self.dice, self.n, self.who, self.device = dice, n, f"p{n}", f"d{n}"
        self.at, self.end, self.count = now - 40 * 86_400, now - 60, 0

    def when(self):
        if self.dice.random() < 0.7:  # now and then two at one instant
            self.at += self.dice.random() * 86_400
        return iso(min(self.at, self.end))

    def id(self):
        self.count += 1
        return f"m{self.n}-{self.count}"

    def values(self):
        out = {name: self.dice.choice(VALUES) for name in self.dice.sample(NAMES, self.dice.randrange(0, 5))}
        if "email" in out:
            out["email"] = self.dice.choice([f"friend{self.n}@example.org", "none", 5])
        return out

    def named(self):
        which = self.dice.randrange(4)
        return {**({"userId": self.who} if which else {}), **({"anonymousId": self.device} if which != 1 else {})}

    def consent(self):
        purposes = self.dice.sample(["personalise", "measure", "link", "train", "contact:email"], self.dice.randrange(1, 5))
        return {"consent": {"categoryPreferences": {p: self.dice.random() < 0.8 for p in purposes}}}

    def context(self):
        more = {"campaign": {"name": "été", "content": self.dice.choice(VALUES)}, "page": {"url": "https://shop.example/?a=1"}}
        return {**self.consent(), **(more if self.dice.random() < 0.5 else {})}

    def item(self):
        dice, base = self.dice, {"messageId": self.id(), "timestamp": self.when()}
        what = dice.randrange(8)
        if what == 0:
            traits = {"email": f"{self.who}@Example.org", "phone": f"+3361234{self.n:04}", "city": dice.choice(["Lyon", "Paris"]), **self.values()}
            return {**base, "type": "identify", **self.named(), "context": self.context(), "traits": traits}
        if what == 1:
            return {**base, "type": dice.choice(["page", "screen"]), "name": "Home", **self.named(), "context": self.context(), "properties": self.values()}
        if what == 2:
            return {**base, "type": "group", **self.named(), "groupId": "club", "context": self.context(), "traits": self.values()}
        if what in (3, 4):
            order = {"order_id": f"O{self.n}-{self.count}", "total": dice.choice([5, 12.34]), "unknown": "not in the catalogue"}
            return {**base, "type": "track", "event": "Order Completed", "userId": self.who, "properties": order}
        return {**base, "type": "track", "event": dice.choice(["Product Viewed", "Danced"]), **self.named(), "context": self.context(), "properties": self.values()}

    def answer(self):
        dice = self.dice
        purpose = dice.choice(["link", "link", "personalise", "measure", "market", "contact:email", "train"])
        state = dice.choice(["given"] * 3 + ["objected" if purpose == "market" else "withdrawn"])
        who = dice.choice([{"userId": self.who}, {"anonymousId": self.device}, {"email": f"{self.who}@example.org"}])
        out = {"type": "consent", **who, "purpose": purpose, "state": state, "messageId": self.id()}
        if dice.random() < 0.5:
            out["happened"] = iso(self.at)
        if dice.random() < 0.4 and ("userId" in who or dice.random() < 0.2):
            out["until"] = iso(self.end + dice.choice([2, 400]) * 86_400)
        if dice.random() < 0.3:
            out["notice"] = {"id": "form", "version": "2", "lang": "fr"}
        return out

    def first(self):
        return [
            {"type": "consent", "userId": self.who, "purpose": "link", "state": "given", "happened": iso(self.at), "messageId": self.id()},
            {"type": "track", "event": "Order Completed", "userId": self.who, "messageId": self.id(), "timestamp": iso(self.at),
             "properties": {"order_id": f"first-{self.n}", "total": 1}},
        ]


class Portability(unittest.TestCase):
    def house(self, **files):
        house = House(sources=source("pages", "pk_pages", "public", PAGE), files=files or None).start()
        self.addCleanup(house.folder.cleanup)
        self.addCleanup(lambda: house.process.poll() is not None or house.stop())
        return house

    def take(self, house, who):
        status, answer, _ = house.ask("POST", f"/v1/persons/user_id:{who}/guest_link", {"reason": "a test"})
        self.assertEqual(status, 200, answer)
        guest = Guest(house)
        guest.come_in(answer["path"])
        status, body, _ = guest.act("/take", {})
        self.assertEqual(status, 200)
        return body

    def bring(self, house, name, body, *words, code=0):
        path = house.root / name
        path.write_bytes(body)
        own = ["--house", str(house.definitions), "--source", "hello", "--key", "wk_demo", "--public", f"127.0.0.1:{house.public}"]
        ran = subprocess.run([house.binary, "import", *own, *words, str(path)], capture_output=True, text=True, timeout=60, env={**os.environ, "LANG": "C"})
        report = pathlib.Path(f"{path}.import/report.tsv")
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr + (report.read_text() if report.exists() else ""))
        house.settle()
        return ran.stdout + ran.stderr

    @staticmethod
    def read(body):
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            return {name: files.read(name).decode() for name in files.namelist()}

    @staticmethod
    def told(files):
        """Beside the portable lines: what the other files say, but for what is of one house alone."""
        events = [json.loads(line) for line in files["events.ndjson"].splitlines()]
        profile = json.loads(files["profile.json"])
        mine = {i["value"] for i in profile["identifiers"]}
        answered = {json.loads(line).get("purpose") for line in files["portable.ndjson"].splitlines()}
        least = {"operate", "legal", "secure", "market"}  # alone, they keep the fields of the catalogue: the lines say which
        # An address that nothing firm ties to them is not brought.
        bare = lambda e: {k: v for k, v in e["properties"].items() if not k.startswith("context.import.") and not (e["type"] == "identify" and k in ("email", "phone") and v not in mine)}
        return {
            "events": sorted((e["at"], e["type"], e["event"], json.dumps(bare(e), sort_keys=True)) for e in events if set(e["used_for"]) - least),
            "uses": collections.Counter((e["at"], e["type"], e["event"], use) for e in events for use in e["used_for"]),
            "identifiers": {(i["kind"], i["value"]) for i in profile["identifiers"]},
            "permissions": {p["purpose"]: p["state"] for p in json.loads(files["permissions.json"]) if p["purpose"] in answered},
            # Who is compared with others is compared with those of each house.
            "deduced": {d["id"] for d in json.loads(files["derived.json"])} - COMPARED,
        }

    def test_the_second_export_is_the_first(self):
        print("seed", SEED)
        dice = random.Random(SEED)
        now = time.time()
        first, second = self.house(), self.house()
        lives = [Life(dice, n, now) for n in range(PEOPLE)]
        for life in lives:
            first.post("/v1/batch", {"batch": life.first()})
            for _ in range(dice.randrange(1, 7)):
                items = [life.item() for _ in range(dice.randrange(0, 12))] + [life.answer() for _ in range(dice.randrange(0, 2))]
                status, text = first.post("/v1/batch", {"batch": items}, key=dice.choice(["wk_demo", "wk_demo", "wk_demo_shop", "pk_pages"]))
                self.assertEqual(status, 200, text)
        first.settle()
        lines = same = people = 0
        for life in lives:
            body = self.take(first, life.who)
            was = self.read(body)
            self.bring(second, f"{life.who}.zip", body)
            again = self.take(second, life.who)
            is_now = self.read(again)
            self.assertEqual(is_now["portable.ndjson"].splitlines(), was["portable.ndjson"].splitlines(), f"seed {SEED}, {life.who}")
            # Each line says where it was first received.
            self.assertTrue(all(json.loads(line)["context"]["import"]["origin"].endswith(", Disquaire") for line in was["portable.ndjson"].splitlines()))
            before, after = self.told(was), self.told(is_now)
            lines += len(was["portable.ndjson"].splitlines())
            # A use that rests on the yes of what is not firmly theirs, or ends with another's, is not brought; none is added.
            self.assertEqual(after["uses"] - before["uses"], collections.Counter(), f"seed {SEED}, {life.who}")
            same, people = same + (after["uses"] == before["uses"]), people + 1
            if after["uses"] != before["uses"]:
                before = {"identifiers": before["identifiers"]}
            for part in before:
                self.assertEqual(after[part], before[part], f"seed {SEED}, {life.who}: {part}")
        print(f"{lines} lines of {people} people came back as they were; of {same} with every use")
        self.assertGreater(same, people // 3)
        self.assertGreater(lines, PEOPLE * 10)
        # Brought twice, from either zip, everything counts once.
        events = second.metric("hospes_flow_events_total")
        self.bring(second, "again.zip", again)
        self.assertEqual(second.metric("hospes_flow_events_total"), events)
        self.assertEqual(self.read(self.take(second, lives[-1].who))["portable.ndjson"], is_now["portable.ndjson"])
        self.assertTrue(list((pathlib.Path(second.definitions) / "imports").glob("*.toml")), "the house keeps where it is from")

    def test_a_yes_to_one_house_is_none_to_another_and_a_no_is(self):
        first = self.house()
        other = self.house(**{"house.toml": (ROOT / "house/disquaire/house.toml").read_text().replace('"Disquaire"', '"Autre"')})
        say = lambda purpose, state: {"type": "consent", "userId": "ana", "purpose": purpose, "state": state, "messageId": purpose}
        first.batch(say("link", "given"), say("personalise", "given"), say("market", "objected"))
        first.batch(
            {"type": "track", "event": "Danced", "userId": "ana", "messageId": "d", "context": {"consent": {"categoryPreferences": {"measure": True}}}},
            {"type": "track", "event": "Order Completed", "userId": "ana", "messageId": "o", "properties": {"order_id": "1", "total": 5}},
        )
        text = self.bring(other, "ana.zip", self.take(first, "ana"), code=1)
        self.assertIn("taken from Disquaire, not from Autre", text)
        self.assertIn("this yes was given to Disquaire", (other.root / "ana.zip.import/report.tsv").read_text())
        told = {p["purpose"]: p["state"] for p in other.profile("user_id:ana")["permissions"]}
        self.assertEqual({p: told[p] for p in ("link", "personalise", "measure", "market")}, {"link": "unset", "personalise": "unset", "measure": "unset", "market": "objected"})
        events = {e["event"]: e for e in other.profile("user_id:ana")["timeline"]}
        self.assertEqual(set(events), {"Order Completed"}, "what rests on the contract alone")
        self.assertNotIn("market", events["Order Completed"]["purposes"])

    def test_what_is_not_as_it_was_taken_is_refused(self):
        house = self.house()
        house.batch({"type": "track", "event": "Order Completed", "userId": "ana", "messageId": "o", "properties": {"order_id": "1"}})
        body = self.take(house, "ana")
        files = self.read(body)

        def packed(method=zipfile.ZIP_STORED, **other):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", method) as made:
                for name, text in {**files, **other}.items():
                    made.writestr(name, text)
            return out.getvalue()

        self.bring(house, "same.zip", packed())
        changed = packed(**{"portable.ndjson": files["portable.ndjson"].replace("Order", "Odder")})
        for name, made, says in (
            ("changed.zip", changed, "portable.ndjson is not what its manifest.json says"), ("packed.zip", packed(zipfile.ZIP_DEFLATED), "as it was taken"),
            ("cut.zip", body[:-30], "cut"), ("other.zip", packed(**{"manifest.json": "{}"}), "is no takeaway"), ("more.zip", packed(**{"more": "x"}), "more is not what"),
        ):
            self.assertIn(says, self.bring(house, name, made, code=2), name)


if __name__ == "__main__":
    unittest.main()
