"""Compares engine, evaluator and SQL. Exit 0: no difference; 1: differences, printed; 77: nothing to test with."""

import argparse
import calendar
import contextlib
import csv
import functools
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

try:
    import duckdb
except ImportError:
    print("skipped: this Python has no duckdb (tests/requirements.txt)")
    sys.exit(77)

from oracle import Oracle, micros
from planted import FOCUS, PLANTED, PLANTED_SEED, Planted

DURATIONS = ["7us", "10s", "1m", "10m", "1h", "6h", "1d", "3d"]
ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata"]
BEGINS = 1_774_728_000_000_000  # 2026-03-28T20:00:00Z: that night clocks go forward in Europe
PURPOSES = {"p0": 0, "p1": 1}
KINDS = {"k0": 0, "k1": 1}


class World:
    """Small enough for everything to meet everything."""

    def __init__(self, seed, replies=0.1, sequences=0.1, barred=0.3, repeats=0.08):
        self.r = random.Random(seed)
        self.replies, self.sequences, self.barred = replies, sequences, barred  # how often each is asked for
        self.repeats = repeats  # how often an event comes again

    def window(self, must=False):
        r = self.r
        out = {}
        if must or r.random() < 0.7:
            out["from"] = r.choice(DURATIONS)
        if r.random() < 0.35:
            to = r.choice(DURATIONS)
            if "from" not in out or micros(to) < micros(out["from"]):
                out["to"] = to
        return out

    def number(self):
        return self.r.choice([-2, -1, 0, 1, 2, 3, 4, 1.5, 2.25, 0.000001])

    def clause(self, numeric):
        r = self.r
        if r.random() < 0.1:
            return {"test": "exists"}
        if numeric:
            return {"test": r.choice(["=", "!=", "<", "<=", ">", ">="]), "value": self.number()}
        op = r.choice(["=", "!=", "in", "contains", "starts"])
        if op == "in":
            return {"test": op, "values": r.sample(["x", "y", "it's", True, 2], 2)}
        return {"test": op, "value": r.choice(["x", "y", "it's"])}

    def calendar(self):
        r = self.r
        kind = r.randrange(3)
        if kind == 0:
            return {"on": r.sample(["friday", "saturday", "sunday", "monday"], r.randint(1, 3))}
        if kind == 1:
            return {"from": r.choice(["03-28", "03-29", "03-30", "12-24"]), "to": r.choice(["03-28", "03-29", "03-31", "01-06"])}
        return {"from": r.choice(["00:00", "02:00", "02:30", "21:00"]), "to": r.choice(["01:00", "03:00", "12:03", "24:00"])}

    def near(self):
        return {"test": "near", "latitude": 48.85, "longitude": 2.35, "metres": self.r.choice([400, 900, 1500])}

    def named(self):
        r = self.r
        out = {"event": r.choice(["A", "A", "B", "C", "identify"])}
        where = []
        if r.random() < 0.3:
            where.append({"property": "p", **self.clause(True)})
        if r.random() < 0.2:
            where.append({"property": "q", **self.clause(False)})
        if r.random() < 0.08:
            where.append({"test": "falls", "calendar": self.calendar(), **({"property": "d"} if r.random() < 0.5 else {})})
        if r.random() < 0.06:
            where.append({"property": "place", **self.near()})
        if where:
            out["where"] = where
        return out

    def select(self):
        r = self.r
        out = self.named()
        if r.random() < self.replies:
            out["answer"] = {**self.named(), "within": r.choice(DURATIONS)}
            if r.random() < 0.4:
                out["answer"]["given"] = True
            if r.random() < 0.3:
                out["answer"]["same"] = r.choice(["p", "q"])
        return out

    def measure(self, folds):
        r = self.r
        fold = r.choice(folds)
        out = {"fold": fold, **self.select(), "window": self.window()}
        if fold in ("sum", "average", "min", "max", "distinct", "most", "first", "last"):
            out["property"] = r.choice(["p", "p", "q"])
        if fold == "count" and r.random() < 0.4:
            out["per"] = r.choice(["days", "weeks", "months", "sessions"])
            out["least"] = r.randint(1, 3)
        return out

    NUMBERS = ["count", "count", "sum", "average", "min", "max", "most", "silence", "median_gap", "average_gap",
               "longest_gap", "shortest_gap"]

    def fold(self):
        r = self.r
        out = self.measure(["count"] + self.NUMBERS + ["distinct", "first", "last"])
        if out["fold"] in ("first", "last"):
            return {**out, **self.clause(out["property"] == "p")}
        return {**out, "test": r.choice(["=", "!=", "<", "<=", ">", ">="]), "value": r.choice([0, 1, 2, 3, 2.5])}

    def new_leaf(self):
        r = self.r
        kind = r.randrange(8)
        if kind < 2:
            out = {"compare": self.measure(self.NUMBERS), "test": r.choice(["=", "!=", "<", "<=", ">", ">="]),
                   "with": self.measure(self.NUMBERS)}
            return {**out, "times": r.choice([0.5, 2, 1.5])} if r.random() < 0.6 else out
        if kind == 2:
            of = self.measure(["count", "sum", "min", "max", "distinct", "most"])
            if r.random() < 0.4:
                out = {"median_of": of, "test": r.choice(["<", "<=", ">", ">="])}
                return {**out, "times": r.choice([0.5, 2, 1.5])} if r.random() < 0.7 else out
            return {"ranked": r.choice(["top", "bottom"]), "percent": r.choice([20, 33.3, 50]), "of": of}
        if kind == 3:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BEGINS // 1_000_000 + r.randrange(200) * 3_600))
            return {"still": self.leaf(), **({"in": r.choice(DURATIONS)} if r.random() < 0.6 else {"at": at})}
        if kind == 4:
            return {"now": self.calendar()}
        if kind == 5:
            said = {"test": "falls", "calendar": r.choice([self.calendar(), {"today": True}])}
            return r.choice([{"trait": "r", **said}, {"trait": "place", **self.near()}])
        said = r.choice(["given", "refused", "withdrawn", "objected", "against", "unset", "ends"])
        out = {"permission": r.choice(["p0", "p1"]), "is": said}
        if said == "ends":
            return {**out, "within": r.choice(DURATIONS)}
        return {**out, "since": self.window()} if said != "unset" and r.random() < 0.5 else out

    def leaf(self):
        r = self.r
        if r.random() < 0.3:
            return self.new_leaf()
        if r.random() < self.sequences:
            return self.sequence()
        kind = r.randrange(9)
        if kind == 0:
            return {"trait": "t", **self.clause(True)}
        if kind == 1:
            return {"trait": "c", **self.clause(False)}
        if kind == 2:
            test = r.choice(["before", "after", "past", "coming"])
            sign = "-" if test in ("before", "after") and r.random() < 0.5 else ""
            return {"date": "r", "test": test, "offset": sign + r.choice(DURATIONS)}
        if kind == 3:
            return {"has_identifier": r.choice(["k0", "k1"])}
        if kind in (4, 5):
            return {"aged": r.choice(["first", "last"]), **self.select(), "window": self.window(),
                    "age": self.window(must=True)}
        return self.fold()

    def sequence(self):
        r = self.r
        out = {"sequence": self.select(), "then": [self.step() for _ in range(r.choice([1, 1, 2]))],
               "window": self.window()}
        if r.random() < 0.4:
            out["first"] = True
        return out

    def step(self):
        r = self.r
        out = self.select()
        if r.random() < 0.6:
            out["within"] = r.choice(DURATIONS)
        if r.random() < 0.25 and "within" not in out:
            out["after"] = r.choice(DURATIONS)
        if r.random() < 0.15:
            out["same"] = r.choice(["p", "q"])
        if r.random() < self.barred:
            out["without"] = self.select()
        return out

    def thresholds(self, definitions):
        """Some of the tests that compare people have one."""
        found = {}

        def gather(node, purpose):
            if isinstance(node, dict):
                if ("ranked" in node or "median_of" in node) and self.r.random() < 0.8:
                    found.setdefault((purpose, json.dumps(node, sort_keys=True)),
                                     {"purpose": purpose, "test": node, "value": self.r.choice([0, 1, 2, 3, 2.25])})
                node = list(node.values())
            if isinstance(node, list):
                for item in node:
                    gather(item, purpose)

        for d in definitions:
            gather(d["where"], d["purpose"])
        return list(found.values())

    def answers(self, events):
        """In order of time, one at an instant."""
        r = self.r
        out = {}
        for _ in range(r.randrange(6)):
            at = r.choice(events)["received"] + r.choice([0, 1, micros(r.choice(DURATIONS))])
            answer = {"at": at, "purpose": r.choice(["p0", "p1"]), "said": r.choice(["given", "given", "refused", "withdrawn", "objected"])}
            if answer["said"] == "given" and r.random() < 0.7:
                answer["until"] = at + micros(r.choice(DURATIONS))
            out[at] = answer
        return [out[at] for at in sorted(out)]

    def predicate(self, depth=0):
        shape = self.r.randrange(4 if depth == 0 else 6)
        if depth >= 2 or shape >= 4:
            return self.leaf()
        if shape == 3:
            return {"not": self.predicate(depth + 1)}
        return {"all" if shape else "any": [self.predicate(depth + 1) for _ in range(2)]}

    def definitions(self, n):
        out = []
        for i in range(n):
            where = self.predicate()
            if i >= 3 and self.r.random() < 0.2:
                where = {"all": [{"in_segment": f"s{i - 3}"}, where]}
                if self.r.random() < 0.2:
                    where = {"still": where, "in": self.r.choice(DURATIONS)}
            out.append({"id": f"s{i}", "purpose": "p1" if i % 3 == 2 else "p0", "where": where})
        return out

    def events(self, n, serial):
        """In order of receipt: late ones, repeats, several at one instant."""
        r = self.r
        now = BEGINS
        out = []
        for i in range(n):
            now += r.choice([0, micros(r.choice(DURATIONS)), r.randrange(1, micros(r.choice(DURATIONS)) + 1)])
            if out and r.random() < self.repeats:
                out.append({**r.choice(out), "received": now})
                continue
            happened = now - (micros(r.choice(DURATIONS)) if r.random() < 0.25 else 0)
            if out and r.random() < 0.1:
                happened = r.choice(out)["happened"]
            identify = r.random() < 0.25
            properties = {}
            if r.random() < 0.7:
                properties["p"] = self.number() if r.random() < 0.95 else "x"
            if r.random() < 0.5:
                properties["q"] = r.choice(["x", "y", "it's", "xy", None, True, 2])
            if r.random() < 0.3:
                properties["place.latitude"] = 48.84 + r.randrange(20) / 1000
                properties["place.longitude"] = 2.34 + r.randrange(20) / 1000
            if r.random() < 0.3:
                properties["d"] = r.choice(["2026-03-28", "2026-03-29T00:30:00Z", "2024-02-29", "2025-12-24", "soon"])
            if identify and r.random() < 0.4:
                properties[r.choice(["timezone", "context.timezone"])] = r.choice(ZONES + ["Mars", None])
            if identify and r.random() < 0.6:
                properties["t"] = r.choice([self.number(), None])
            if identify and r.random() < 0.6:
                properties["c"] = r.choice(["x", "y", "it's not", True, None])
            if identify and r.random() < 0.6:
                at = happened // 1_000_000 + r.randrange(-30, 30) * 3_600
                properties["r"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) if r.random() < 0.9 else "soon"
            out.append({"message": r.getrandbits(40) << 20 | (serial + i), "happened": happened, "received": now,
                        "name": "identify" if identify else r.choice(["A", "A", "B", "C"]),
                        "type": "identify" if identify else "track", "mask": r.choice([1, 2, 3, 3]),
                        "properties": properties})
        return out

    def instants(self, events, definitions, answers):
        """Every edge: arrivals, and each event leaving or entering each window; and a microsecond beside it."""
        spans = {0, *(d * 86_400_000_000 for d in range(1, 4))}

        def gather(node):
            if isinstance(node, dict):
                for key, value in node.items():
                    if key in ("from", "to", "offset", "within", "after", "in") and isinstance(value, str) and value[-1] in "dhms":
                        spans.add(abs(micros(value)))
                    else:
                        gather(value)
            elif isinstance(node, list):
                for item in node:
                    gather(item)

        gather(definitions)
        edges = {e["happened"] + s for e in events for s in spans} | {e["received"] for e in events}
        for e in events:
            if isinstance(e["properties"].get("r"), str) and e["properties"]["r"] != "soon":
                at = calendar.timegm(time.strptime(e["properties"]["r"], "%Y-%m-%dT%H:%M:%SZ")) * 1_000_000
                edges |= {at + s for s in spans} | {at - s for s in spans}
        first = events[0]["received"]
        edges |= {a["at"] + s for a in answers for s in spans}
        edges |= {a["until"] - s for a in answers for s in spans if "until" in a}
        # Midnights and other times of day of every zone, whole hours apart at most by half.
        day = first // 86_400_000_000
        edges |= {day * 86_400_000_000 + h * 1_800_000_000 for h in range(0, 200)}
        beside = {t + d for t in edges for d in (-1, 0, 1) if t > first}
        return sorted(self.r.sample(sorted(beside), min(len(beside), 300)))


def drive(driver, header, people):
    lines = [json.dumps(header)] + [json.dumps(p) for p in people]
    done = subprocess.run([driver], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"driver: {done.stderr}")
    out = {}
    for line in done.stdout.splitlines():
        person, now, engine, naive = line.split("\t")
        out[person, int(now)] = tuple({int(i) for i in part.split(",") if i} for part in (engine, naive))
    return out


def load(people):
    db = duckdb.connect()
    db.execute("CREATE TABLE raw(person VARCHAR, message UBIGINT, happened BIGINT, received BIGINT, name VARCHAR, "
               "type VARCHAR, mask BIGINT, properties VARCHAR)")
    db.execute("CREATE TABLE probe(person VARCHAR, now BIGINT, kinds BIGINT)")
    db.execute("CREATE TABLE answers(person VARCHAR, since BIGINT, purpose BIGINT, said VARCHAR, until BIGINT)")
    for p in people:
        for a in p.get("answers", []):
            db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)",
                       [p["person"], a["at"], PURPOSES[a["purpose"]], a["said"], a.get("until", 1 << 62)])
    with tempfile.TemporaryDirectory() as folder:
        raw, probe = os.path.join(folder, "raw.csv"), os.path.join(folder, "probe.csv")
        with open(raw, "w", newline="") as r, open(probe, "w", newline="") as q:
            rows, probes = csv.writer(r), csv.writer(q)
            for p in people:
                for e in p["events"]:
                    rows.writerow([p["person"], e["message"], e["happened"], e["received"], e["name"], e["type"],
                                   e["mask"], json.dumps(e["properties"])])
                probes.writerows([p["person"], now, p["kinds"]] for now in p["instants"])
        db.execute(f"COPY raw FROM '{raw}' (HEADER false)")
        db.execute(f"COPY probe FROM '{probe}' (HEADER false)")
    return db


def in_scope(header, person):
    """{purpose: when the first event that it may see was received}"""
    out = {}
    for purpose, bit in header["purposes"].items():
        seen = [e["received"] for e in person["events"] if e["mask"] >> bit & 1]
        if seen:
            out[purpose] = min(seen)
    return out


class Count:
    """What was checked. A check is (person, segment, instant); it is not trivial when an event is in scope."""

    def __init__(self):
        self.checks = self.scoped = self.flips = self.differences = 0

    def add(self, header, people, sql):
        scopes = {p["person"]: in_scope(header, p) for p in people}
        purposes = [d["purpose"] for d in header["definitions"]]
        before = {}
        for (person, now), members in sorted(sql.items()):
            self.checks += len(purposes)
            self.scoped += sum(1 for p in purposes if scopes[person].get(p, now + 1) <= now)
            self.flips += len(members ^ before.get(person, set()))
            before[person] = members


def judge(header, people, driver, plant=lambda sql: sql):
    """(SQL's memberships, [(probe, who, index)] of those who say otherwise)"""
    answers = drive(driver, header, people)
    oracle = Oracle(Planted(load(people), plant), header["definitions"], header["purposes"], header["kinds"],
                    header.get("thresholds", []), ZONES)
    sql = oracle.members()
    wrong = []
    for probe, expected in sql.items():
        engine, naive = answers[probe]
        for who, said in (("engine", engine), ("evaluator", naive)):
            wrong += [(probe, who, index) for index in said ^ expected]
    return sql, wrong


def shrink(header, people, driver, wrong):
    """The same difference with one segment, one person, one instant and as few events and answers as will do."""
    (name, now), _, index = wrong[0]
    keep = {header["definitions"][index]["id"]}
    while True:  # with the segments it asks about
        text = json.dumps([d["where"] for d in header["definitions"] if d["id"] in keep])
        more = {d["id"] for d in header["definitions"] if f'"in_segment": "{d["id"]}"' in text} - keep
        if not more:
            break
        keep |= more
    header = {**header, "definitions": [d for d in header["definitions"] if d["id"] in keep]}
    person = next(p for p in people if p["person"] == name)
    person = {**person, "instants": [now]}
    for key in ("answers", "events"):
        at = 0
        while at < len(person.get(key, [])):
            less = {**person, key: person[key][:at] + person[key][at + 1:]}
            if judge(header, [less], driver)[1]:
                person = less
            else:
                at += 1
    return header, person


def write_scenario(folder, seed, header, person):
    path = pathlib.Path(folder) / f"scenario-{seed}.jsonl"
    path.write_text(json.dumps(header) + "\n" + json.dumps(person) + "\n")
    return path


def run_truth(args):
    """Worlds until the time is up; the first difference is shrunk and written to a scenario file."""
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}  (repeat with --seed {seed})")
    ends = time.monotonic() + args.seconds
    count = Count()
    world = seed
    while time.monotonic() < ends:
        header, people = invent(World(world), args.people, args.segments_n)
        sql, wrong = judge(header, people, args.driver)
        count.add(header, people, sql)
        count.differences += len(wrong)
        if wrong:
            print("shrinking:", wrong[0])
            path = write_scenario(args.scenarios, world, *shrink(header, people, args.driver, wrong))
            print(f"scenario {path}  (run.py replay --scenario {path})")
            break
        world += 1
    print(f"{count.checks} checks, {count.scoped} with an event in scope, {count.flips} flips, "
          f"{count.differences} differences, {world - seed + 1} worlds")
    return 1 if count.differences or not count.flips else 0


def run_replay(args):
    lines = pathlib.Path(args.scenario).read_text().splitlines()
    header, people = json.loads(lines[0]), [json.loads(line) for line in lines[1:]]
    _, wrong = judge(header, people, args.driver)
    for (person, now), who, index in wrong:
        print(f"person {person} at {now}: {who} differs from SQL about", json.dumps(header["definitions"][index]))
    print(f"{len(wrong)} differences")
    return 1 if wrong else 0


def compare(header, people, driver, plant=lambda sql: sql, answers=None):
    """`answers`: what the driver said of them before. Gives (how many differ, how many are in)."""
    began = time.monotonic()
    answers = answers or drive(driver, header, people)
    driven = time.monotonic()
    oracle = Oracle(Planted(load(people), plant), header["definitions"], header["purposes"], header["kinds"],
                    header.get("thresholds", []), ZONES)
    sql = oracle.members()
    wrong = 0
    members = 0
    for probe, expected in sql.items():
        engine, naive = answers[probe]
        members += len(expected)
        for who, said in (("engine", engine), ("evaluator", naive)):
            for index in said ^ expected:
                wrong += 1
                if wrong <= 10:
                    print(f"{probe}: {who} says {'in' if index in said else 'out'}, SQL the opposite:",
                          json.dumps(header["definitions"][index]))
    print(f"{len(sql) * len(header['definitions'])} memberships of {len(people)} people at {len(sql)} instants "
          f"({members} in): {wrong} differences; driver {driven - began:.1f} s, SQL {time.monotonic() - driven:.1f} s")
    return wrong, members


def invent(world, number, segments):
    definitions = world.definitions(segments)
    header = {"definitions": definitions, "purposes": PURPOSES, "kinds": KINDS,
              "thresholds": world.thresholds(definitions)}
    people = []
    for i in range(number):
        events = world.events(25, i * 100)
        answers = world.answers(events)
        people.append({"person": str(i), "kinds": world.r.randrange(4), "events": events, "answers": answers,
                       "instants": world.instants(events, definitions, answers)})
    return header, people


def run_random(args):
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}  (repeat with --seed {seed})")
    header, people = invent(World(seed), args.people, args.segments_n)
    wrong, members = compare(header, people, args.driver)
    return 1 if wrong or members == 0 else 0


def run_planted(args):
    """Whether the comparison is sharp: it asks that of itself, not of the engine, so its worlds are always the same."""
    seed = args.seed if args.seed is not None else PLANTED_SEED
    print(f"seed {seed}")
    unnoticed = []

    @functools.cache
    def world(attempt, focus):
        header, people = invent(World(seed + attempt, **dict(focus)), 8, args.segments_n)
        return header, people, drive(args.driver, header, people)

    for name, plant in PLANTED.items():
        for attempt in range(6):
            header, people, answers = world(attempt, tuple(FOCUS.get(name, {}).items()))
            with contextlib.redirect_stdout(io.StringIO()):
                wrong, _ = compare(header, people, args.driver, plant, answers)
            if wrong:
                print(f"noticed: {name} ({wrong} differences)")
                break
        else:
            unnoticed.append(name)
    print(f"{len(unnoticed)} planted errors unnoticed {unnoticed}")
    return 1 if unnoticed else 0


def run_demo(args):
    orders = pathlib.Path(args.data) / "cdnow" / "CDNOW_master.txt"
    if not orders.exists():
        print("skipped: no CDNOW orders at HOSPES_DATA/cdnow/CDNOW_master.txt")
        return 77
    definitions = json.loads(subprocess.run([args.driver, "--json", args.segments], capture_output=True, text=True,
                                            check=True).stdout)
    day = lambda s: calendar.timegm(time.strptime(s, "%Y%m%d")) * 1_000_000
    people = {}
    instants = [day("19970630"), day("19971201"), day("19980701")]
    for row, line in enumerate(orders.read_text().splitlines()[1:]):
        person, date, quantity, total = line.split()
        at = day(date) + 12 * 3_600_000_000
        p = people.setdefault(person, {"person": person, "kinds": 0, "events": [], "instants": instants})
        p["events"].append({"message": row + 1, "happened": at, "received": at, "name": "Order Completed",
                            "type": "track", "mask": 7,
                            "properties": {"original_date": f"{date[:4]}-{date[4:6]}-{date[6:]}", "quantity": int(quantity), "total": float(total)}})
    chosen = sorted(people)[:: args.every]
    spent = {p["person"]: round(sum(e["properties"]["total"] for e in p["events"]), 2) for p in people.values()}
    fifth = sorted(spent.values(), reverse=True)[len(spent) // 5 - 1]
    ranked = {"ranked": "top", "percent": 20, "of": {"fold": "sum", "event": "Order Completed", "property": "total"}}
    purposes = ["market", "personalise", "operate", "measure", "contact:email", "contact:sms", "contact:post"]
    header = {"definitions": definitions, "purposes": {p: i for i, p in enumerate(purposes)},
              "kinds": {"user_id": 0, "email": 1},
              "thresholds": [{"purpose": "market", "test": ranked, "value": fifth}]}
    for p in people.values():
        p["events"].sort(key=lambda e: e["received"])
    wrong, members = compare(header, [people[c] for c in chosen], args.driver)
    return 1 if wrong or members == 0 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["random", "demo", "planted", "truth", "replay"])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seconds", type=float, default=60, help="of truth")
    parser.add_argument("--scenarios", default=".", help="where truth writes what it found")
    parser.add_argument("--scenario", help="of replay")
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--segments-n", type=int, default=40)
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--segments", default="house/disquaire/segments.seg")
    parser.add_argument("--every", type=int, default=8, help="take every n-th customer of the demo")
    args = parser.parse_args()
    sys.exit({"random": run_random, "demo": run_demo, "planted": run_planted, "truth": run_truth,
              "replay": run_replay}[args.what](args))


if __name__ == "__main__":
    main()
