"""Compares engine, evaluator and SQL. Exit 0: no difference; 1: differences, printed; 77: nothing to test with."""

import argparse
import calendar
import contextlib
import csv
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

DURATIONS = ["7us", "10s", "1m", "10m", "1h", "6h", "1d", "3d"]
PURPOSES = {"p0": 0, "p1": 1}
KINDS = {"k0": 0, "k1": 1}


class World:
    """Small enough for everything to meet everything."""

    def __init__(self, seed):
        self.r = random.Random(seed)

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

    def select(self):
        r = self.r
        out = {"event": r.choice(["A", "A", "B", "C", "identify"])}
        where = []
        if r.random() < 0.3:
            where.append({"property": "p", **self.clause(True)})
        if r.random() < 0.2:
            where.append({"property": "q", **self.clause(False)})
        if where:
            out["where"] = where
        return out

    def fold(self):
        r = self.r
        fold = r.choice(["count", "sum", "average", "min", "max", "distinct", "first", "last"])
        out = {"fold": fold, **self.select(), "window": self.window()}
        if fold != "count":
            out["property"] = r.choice(["p", "p", "q"])
        if fold in ("first", "last"):
            return {**out, **self.clause(out["property"] == "p")}
        return {**out, "test": r.choice(["=", "!=", "<", "<=", ">", ">="]), "value": r.choice([0, 1, 2, 3, 2.5])}

    def leaf(self):
        r = self.r
        kind = r.randrange(10)
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
        if kind == 6:
            out = {"sequence": self.select(), "then": self.select(), "window": self.window()}
            if r.random() < 0.7:
                out["within"] = r.choice(DURATIONS)
            if r.random() < 0.4:
                out["first"] = True
            return out
        return self.fold()

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
            out.append({"id": f"s{i}", "purpose": "p1" if i % 3 == 2 else "p0", "where": where})
        return out

    def events(self, n, serial):
        """In order of receipt: late ones, repeats, several at one instant."""
        r = self.r
        now = 1_000_000_000_000_000
        out = []
        for i in range(n):
            now += r.choice([0, micros(r.choice(DURATIONS)), r.randrange(1, micros(r.choice(DURATIONS)) + 1)])
            if out and r.random() < 0.08:
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

    def instants(self, events, definitions):
        """Every edge: arrivals, and each event leaving or entering each window; and a microsecond beside it."""
        spans = {0}

        def gather(node):
            if isinstance(node, dict):
                for key, value in node.items():
                    if key in ("from", "to", "offset", "within"):
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


class Planted:
    """A connection that may spoil the SQL on its way: the comparison must notice."""

    def __init__(self, db, plant):
        self.db, self.plant = db, plant

    def execute(self, sql):
        return self.db.execute(self.plant(sql))


PLANTED = {
    "window closed at its far end": lambda q: q.replace("happened > p.now -", "happened >= p.now -"),
    "window open at its near end": lambda q: q.replace("happened <= p.now -", "happened < p.now -"),
    "repeats counted": lambda q: q.split(" QUALIFY")[0] if q.startswith("CREATE") else q,
    "purpose ignored": lambda q: q.replace("(e.mask & 1) <> 0", "true"),
    "trait by first instead of last": lambda q: q.replace("arg_max", "arg_min"),
    "sequence may be simultaneous": lambda q: q.replace("b.happened > a.happened", "b.happened >= a.happened"),
    "late events unseen": lambda q: q.replace("e.received <= p.now", "e.received <= p.now AND e.received = e.happened"),
    "average of nothing is true": lambda q: q.replace("CASE WHEN count(*) > 0 THEN", "CASE WHEN count(*) = 0 THEN true ELSE"),
}


def compare(header, people, driver, plant=lambda sql: sql):
    began = time.monotonic()
    answers = drive(driver, header, people)
    driven = time.monotonic()
    oracle = Oracle(Planted(load(people), plant), header["definitions"], header["purposes"], header["kinds"])
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
    header = {"definitions": world.definitions(segments), "purposes": PURPOSES, "kinds": KINDS}
    people = []
    for i in range(number):
        events = world.events(25, i * 100)
        people.append({"person": str(i), "kinds": world.r.randrange(4), "events": events,
                       "instants": world.instants(events, header["definitions"])})
    return header, people


def run_random(args):
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}  (repeat with --seed {seed})")
    header, people = invent(World(seed), args.people, args.segments_n)
    wrong, members = compare(header, people, args.driver)
    return 1 if wrong or members == 0 else 0


def run_planted(args):
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}  (repeat with --seed {seed})")
    unnoticed = []
    for name, plant in PLANTED.items():
        for attempt in range(4):
            header, people = invent(World(seed + attempt), 25, args.segments_n)
            with contextlib.redirect_stdout(io.StringIO()):
                wrong, _ = compare(header, people, args.driver, plant)
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
                            "type": "track", "mask": 3,
                            "properties": {"original_date": date, "quantity": int(quantity), "total": float(total)}})
    chosen = sorted(people)[:: args.every]
    header = {"definitions": definitions, "purposes": {"market": 0, "personalise": 1}, "kinds": {"user_id": 0}}
    for p in people.values():
        p["events"].sort(key=lambda e: e["received"])
    wrong, members = compare(header, [people[c] for c in chosen], args.driver)
    return 1 if wrong or members == 0 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["random", "demo", "planted"])
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--segments-n", type=int, default=40)
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--segments", default="house/disquaire/segments.seg")
    parser.add_argument("--every", type=int, default=4, help="take every n-th customer of the demo")
    args = parser.parse_args()
    sys.exit({"random": run_random, "demo": run_demo, "planted": run_planted}[args.what](args))


if __name__ == "__main__":
    main()
