"""Judges every question that the heart answered about an effect, from raw facts and the documented rules alone (docs/permission.md,
docs/act.md): no mask is remembered, nothing is kept up, each answer walks the ledger again. The effects that were planned, and those
that were released, must be exactly these: none too many, none withheld. Prints what it judged; exit 1 with the first difference."""

import argparse
import collections
import heapq
import json
import subprocess
import sys
import time

DAY = 86_400
OPEN_MAX = 32  # effects that may wait under one identifier: docs/act.md
GIVEN = 3
REACHED = ("claimed", "done", "uncertain")


class Effect:
    __slots__ = ("rule", "at", "one", "status", "claimed")

    def __init__(self, rule, at, one):
        self.rule, self.at, self.one, self.status, self.claimed = rule, at, one, "waits", None


class World:
    """Of each person two identifiers, 0 the user id and 1 the device; `groups` says which of them are one."""

    def __init__(self, seed, people, segments):
        self.seed, self.segments = seed, segments
        self.rules, self.by_segment = {}, collections.defaultdict(list)
        self.caps = (0, 0, 0)
        self.clock = 0
        both = [(p, a) for p in range(people) for a in (0, 1)]
        self.groups = {one: (one,) for one in both}
        self.events = {one: [] for one in both}  # (name, mask, happened)
        self.answers = {one: {} for one in both}  # by purpose: (t, state, until)
        self.levels = dict.fromkeys(both, 0)
        self.halted = dict.fromkeys(both, False)
        self.inside = {(one,): set() for one in both}
        self.ends = []  # (when a window ends for an event, segment, identifier)
        self.effects = {}
        self.open = collections.defaultdict(set)  # of an identifier: effects that wait
        self.expected = {}  # passages that must plan: whether it may leave at that instant

    # --- the rules, as the pages say them

    def closed(self, group, purpose, start):
        """A no was in force, on any of their identifiers, at some instant from start to now."""
        for one in group:
            no = False
            for t, state, _ in self.answers[one].get(purpose, ()):
                if state != GIVEN:
                    no = True
                elif no:
                    if t >= start:  # the instant where they meet is closed
                        return True
                    no = False
            if no:
                return True
        return False

    def is_in(self, group, segment, now):
        purpose, name, window = self.segments[segment]
        for one in group:
            if self.halted[one]:
                return False
        for one in group:
            for said, mask, happened in self.events[one]:
                if said != name or not mask >> purpose & 1 or (window and happened <= now - window):
                    continue
                if purpose == 0 or not self.closed(group, purpose, happened):  # contract heeds no answer
                    return True
        return False

    def permits(self, group, purpose, basis, now):
        if basis == 0:
            return True
        yes = False
        for one in group:
            said = self.answers[one].get(purpose)
            if said:
                t, state, until = said[-1]
                if state != GIVEN:
                    return False
                yes = yes or until < 0 or now < until
        return basis == 1 or yes

    def may(self, effect, now):
        """Whether it may leave at `now`, as the partition knew people up to its own clock."""
        rule = self.rules[effect.rule]
        segment, enters, purpose, basis, contact, cap, begins, ends, valid = rule
        group = self.groups[effect.one]
        if now >= effect.at + valid or any(self.halted[one] for one in group):
            return False
        if not self.permits(group, purpose, basis, now):
            return False
        level = 0
        if contact >= 0:
            level = max(self.levels[one] for one in group)
            if level == 4 or not self.permits(group, contact, 2, now):
                return False
        if begins >= 0:
            wall = now % DAY
            if begins <= wall < ends if begins < ends else wall >= begins or wall < ends:
                return False
        today = now // DAY
        mine, week, day = 0, 0, 0
        for other in self.effects.values():
            if other.claimed is None or other is effect or other.one not in group or other.status not in REACHED:
                continue
            when = other.claimed // DAY
            mine += other.rule == effect.rule and when == today
            if contact >= 0 and self.rules[other.rule][4] >= 0 and when > today - 7:
                week += 1
                day += when == today
        if mine >= cap:
            return False
        if contact >= 0:
            per_day, per_week, less = self.caps
            if level == 3 and less and week >= less:
                return False
            if level != 1 and (per_day and day >= per_day or per_week and week >= per_week):
                return False
        return self.is_in(group, segment, self.clock) == enters

    # --- passages

    def pass_by(self, group, segments, now, fires):
        """Who is where now; a passage that an event, time or an answer caused plans what the rules say."""
        was = self.inside[group]
        for segment in segments:
            is_in = self.is_in(group, segment, now)
            if is_in == (segment in was):
                continue
            (was.add if is_in else was.discard)(segment)
            if fires:
                for name, enters in self.by_segment[segment]:
                    if enters == is_in:
                        self.expected[now, min(group), name] = self.may(Effect(name, now, min(group)), now)

    def let_time_pass(self, until):
        """Windows end at their instants, each with its own clock."""
        while self.ends and self.ends[0][0] <= until:
            at, segment, one = heapq.heappop(self.ends)
            self.clock = max(self.clock, at)
            self.pass_by(self.groups[one], (segment,), at, True)
        self.clock = max(self.clock, until)

    def happen(self, one, name, mask, happened):
        self.events[one].append((name, mask, happened))
        of = [n for n, (_, said, _) in enumerate(self.segments) if said == name]
        for n in of:
            if self.segments[n][2] and happened + self.segments[n][2] > self.clock:
                heapq.heappush(self.ends, (happened + self.segments[n][2], n, one))
        self.pass_by(self.groups[one], of, self.clock, True)

    def join(self, person):
        both = ((person, 0), (person, 1))
        if self.groups[both[0]] == both:
            return
        self.groups[both[0]] = self.groups[both[1]] = both
        self.inside[both] = set()
        self.pass_by(both, range(len(self.segments)), self.clock, False)


def differ(world, line, why):
    print(f"world {world.seed}: {why}\n  at: {line.strip()}")
    sys.exit(1)


def judge(lines):
    counts = collections.Counter()
    segments, world = [], None

    def done():
        if world and world.expected:
            differ(world, "its end", f"passages that planned nothing: {list(world.expected)}")

    for line in lines:
        kind, *words = line.split()
        if kind == "V":
            t, n, what, yes = int(words[0]), int(words[1]), words[2], words[3] == "1"
            effect = world.effects[n]
            if what == "p":  # planned before what its event joined was joined
                want = world.expected.pop((t, effect.one, effect.rule)) and len(world.open[effect.one]) < OPEN_MAX
            else:
                if what == "c":  # the claim's own record moves the clock; a release asks between two records
                    world.let_time_pass(t)
                want = world.may(effect, t)
            if want != yes:
                differ(world, line, f"the heart says {'yes' if yes else 'no'}, the rules say {'yes' if want else 'no'}: {world.rules[effect.rule]}")
            (world.open[effect.one].add if words[4] == "1" else world.open[effect.one].discard)(n)
            counts[what + words[3]] += 1
            continue
        numbers = [int(w) for w in words]
        if kind == "T":
            world.let_time_pass(numbers[0])
        elif kind == "N":
            t, person, atom, n, rule = numbers
            world.let_time_pass(t)
            if (t, (person, atom), rule) not in world.expected:
                differ(world, line, "no passage planned this")
            world.effects[n] = Effect(rule, t, (person, atom))
            counts["effects"] += 1
            if counts["effects"] % 100_000 == 0:
                print(f"{counts['effects']} effects, {counts['worlds']} worlds, {counts['r1']} released: no difference", file=sys.stderr, flush=True)
        elif kind == "K":
            effect = world.effects[numbers[1]]
            effect.status, effect.claimed = "claimed", numbers[0]
        elif kind == "U":
            world.let_time_pass(numbers[0])
            effect = world.effects[numbers[1]]
            effect.status = ("done", "failed", "uncertain", "waits")[numbers[2]]
            if numbers[2] != 3:
                world.open[effect.one].discard(numbers[1])
        elif kind == "E":
            t, person, atom, other, name, mask, happened = numbers
            world.let_time_pass(t)
            world.happen((person, atom), name, mask, happened)
            if other >= 0:
                world.join(person)
        elif kind == "A":
            t, person, atom, purpose, state, until = numbers
            world.let_time_pass(t)
            one = (person, atom)
            world.answers[one].setdefault(purpose, []).append((t, state, until))
            world.pass_by(world.groups[one], [n for n, s in enumerate(segments) if s[0] == purpose], t, True)
        elif kind == "L":
            t, person, atom, level = numbers
            world.let_time_pass(t)
            for one in world.groups[person, atom]:
                world.levels[one] = level
        elif kind == "X":
            t, person, atom, on = numbers
            world.let_time_pass(t)
            world.halted[person, atom] = on == 1
            world.pass_by(world.groups[person, atom], range(len(segments)), t, False)
        elif kind == "W":
            done()
            world = World(numbers[0], numbers[1], segments)
            counts["worlds"] += 1
        elif kind == "S":
            segments.append(tuple(numbers[1:]))
        elif kind == "C":
            world.caps = tuple(numbers)
        elif kind == "R":
            name, segment, enters, *rest = numbers
            world.rules[name] = (segment, enters == 1, *rest)
            world.by_segment[segment].append((name, enters == 1))
    done()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--effects", type=int, default=60_000)
    parser.add_argument("--steps", type=int, default=60, help="of one world")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    driver = subprocess.Popen([given.driver, str(given.seed), str(given.effects), str(given.steps)], stdout=subprocess.PIPE, text=True)
    counts = judge(driver.stdout)
    if driver.wait() != 0:
        sys.exit(f"the driver ended with {driver.returncode}")
    asked = sum(counts[w + v] for w in "pclr" for v in "01")
    print(json.dumps({"seed": given.seed, "worlds": counts["worlds"], "effects": counts["effects"], "questions": asked,
                      "released": counts["r1"], "held back at release": counts["r0"], "refused or held when claimed": counts["c0"],
                      "not ready when planned": counts["p0"], "differences": 0, "seconds": round(time.monotonic() - began, 1)}))


if __name__ == "__main__":
    main()
