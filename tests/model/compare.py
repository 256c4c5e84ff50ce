"""Tells the same histories to the model and to the heart of the product (driver.cc) and compares people (firm and live), what is seen,
and segments. Tiny worlds in every order of their lanes, larger ones by dice; everything twice, crashes at any record. Exit 1 with
the smallest world found that differs."""

import argparse
import collections
import random
import subprocess
import sys
import time

import worlds
from model import AGAINST, KINDS, NEVER, Answer, Event, Forget, Rule, World

WORDS = {"cut": 0, "uncut": 1, "part": 2, "unpart": 3}
TWICE, CRASH, FORGETFUL = 1, 2, 4


def lines(atoms, log, partitions, named_max):
    yield f"W {partitions} {named_max} {len(atoms)}"
    for a in atoms:
        yield f"A {a.hi} {a.lo} {a.born} {KINDS[a.kind][0]}"
    for r in log:
        if isinstance(r, Event):
            others = " ".join(map(str, r.others))
            yield f"E {r.owner} {r.grade} {r.at} {r.happened} {r.link} {r.opener} {r.seen} {r.message} {len(r.others)} {others}"
        elif isinstance(r, Answer):
            yield f"N {r.atom} {int(r.purpose == 'see')} {int(r.state == AGAINST)} {r.until} {r.at}"
        elif isinstance(r, Rule):
            yield f"R {r.a} {r.b} {WORDS[r.word]} {r.at}"
        else:
            yield f"F {r.atom} {r.at}"


def end_of(log):
    return max(r.at for r in log) + 1


def expected(atoms, log, named_max):
    world = World(atoms, log, end_of(log), named_max)
    speak = {r.owner for r in log if isinstance(r, Event)} | {r.atom for r in log if isinstance(r, Answer)}
    seen, members = world.visible(), world.members()

    def text(numbers):
        return ",".join(map(str, sorted(numbers)))

    def told(groups):
        return [g for g in groups if len(g) > 1 or min(g) in speak]

    live = sorted(f"{text(g)}:{text(e.message for e in seen.get(g, ()))}:{''.join(s + ' ' for s in sorted(members[g]))}"
                  for g in told(world.live.groups))
    firm = sorted(text(g) for g in told(world.firm.groups))
    return "".join(p + ";" for p in live) + "|" + text(world.live.shared) + "|" + "".join(p + ";" for p in firm)


class Task:
    """One world and how the heart shall run it."""

    def __init__(self, atoms, log, runs=((0, 0, 0),), partitions=2, named_max=16):
        self.atoms, self.log, self.runs, self.partitions, self.named_max = atoms, log, runs, partitions, named_max

    def text(self):
        yield from lines(self.atoms, self.log, self.partitions, self.named_max)
        for runs, seed, mischief in self.runs:
            yield f"G {end_of(self.log)} {runs} {seed} {mischief}"

    def smaller(self):
        for i in range(len(self.log)):
            if len(self.log) > 1:
                yield Task(self.atoms, self.log[:i] + self.log[i + 1:], self.runs, self.partitions, self.named_max)


def ask(driver, tasks):
    """[[(ends, runs) of each run] of each task]."""
    text = "\n".join(line for t in tasks for line in t.text()) + "\n"
    done = subprocess.run([driver], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, done.stderr[-2000:]
    answers, ends = [], []
    for line in done.stdout.splitlines():
        if line.startswith(". "):
            answers.append((ends, int(line[2:])))
            ends = []
        else:
            ends.append(line)
    out, at = [], 0
    for t in tasks:
        out.append(answers[at:at + len(t.runs)])
        at += len(t.runs)
    return out, ""


def differences(driver, tasks):
    """(task, expected, ends) of those that differ, and how many times the heart ran."""
    answers, error = ask(driver, tasks)
    if answers is None:
        if len(tasks) == 1:
            return [(tasks[0], "no crash", [error])], 0
        half = len(tasks) // 2
        return next((d for part in (tasks[:half], tasks[half:]) if (d := differences(driver, part))[0]), ([], 0))
    found, ran = [], 0
    for task, runs in zip(tasks, answers):
        want = expected(task.atoms, task.log, task.named_max)
        for ends, number in runs:
            ran += number
            if ends != [want]:
                found.append((task, want, ends))
                break
    return found, ran


def shrink(driver, task):
    """Without every message that is not needed to differ."""
    while smaller := next((t for t in task.smaller() if differences(driver, [t])[0]), None):
        task = smaller
    return task


def report(driver, task):
    task = shrink(driver, task)
    (_, want, ends), = differences(driver, [task])[0] or [(task, "", ["differs no more"])]
    print(f"{task.partitions} partitions, {task.named_max} names at most, runs {task.runs}")
    for i, a in enumerate(task.atoms):
        print(f"  {i} {a.kind}, home {a.hi >> 52}")
    for r in task.log:
        print("  ", r)
    print("model:", want)
    for end in ends:
        print("heart:", end)
    print("input:\n" + "\n".join(task.text()))


def tiny_tasks(seconds, seed):
    """Strides over all tiny worlds that take about so long together."""
    for atoms_n, length in ((2, 3), (3, 3), (2, 4), (3, 4), (4, 4)):
        total = worlds.count(atoms_n, length)
        every = max(1, int(total * 0.012 / seconds)) | 1
        yield (f"{atoms_n} atoms, {length} messages: 1 of {every} of {total} worlds",
               (Task(atoms, log, ((0, 0, 0), (2, seed + i, TWICE), (3, seed + i, TWICE | CRASH | FORGETFUL)))
                for i, (atoms, log) in enumerate(worlds.tiny(atoms_n, length, seed % every, every))))


def drawn_tasks(seed):
    for i in range(1 << 30):
        dice = random.Random(seed + i)
        atoms, log = worlds.drawn(seed + i, dice.randrange(4, 12), dice.randrange(5, 60))
        yield Task(atoms, log, ((4, seed, 0), (2, seed, TWICE), (4, seed, TWICE | CRASH | FORGETFUL)), dice.choice((1, 2, 4, 16)),
                   dice.choice((1, 2, 16)))


def batches(tasks, size):
    batch = []
    for task in tasks:
        batch.append(task)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def compare(driver, title, tasks, until, size):
    worlds_n = ran = 0
    seen = collections.Counter()
    for batch in batches(tasks, size):
        found, n = differences(driver, batch)
        if found:
            smallest = min(found, key=lambda d: len(d[0].log))[0]
            print(f"{title}: {len(found)} of {len(batch)} differ; the smallest:")
            report(driver, smallest)
            return False
        worlds_n += len(batch)
        ran += n
        seen.update(type(r).__name__ for t in batch for r in t.log)
        if time.monotonic() > until:
            break
    print(f"{title}: {worlds_n} worlds, {ran} runs, {dict(seen)}: no difference", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--drawn", action="store_true", help="larger worlds only")
    parser.add_argument("--seed", type=int, default=20261126)
    args = parser.parse_args()
    print(f"seed {args.seed} (--seed to change)")
    share = args.seconds / 7
    for title, tasks in () if args.drawn else tiny_tasks(share, args.seed):
        if not compare(args.driver, title, tasks, time.monotonic() + share, 20):
            return 1
    if not compare(args.driver, "drawn worlds", drawn_tasks(args.seed), time.monotonic() + 2 * share, 10):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
