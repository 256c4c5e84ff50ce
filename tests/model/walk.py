"""Walks tiny worlds and looks whether the rules keep their promises, by the model alone. Exit 1 with the world that breaks one.

  walk.py [--seconds 20] [--whole]     a stride of all worlds that takes about so long, or every one
"""

import argparse
import itertools
import sys
import time

import worlds
from model import AGAINST, NEVER, Answer, Event, Forget, Rule, World

def crowded():
    """Somebody who belongs to neither side once the two are parted: their addresses are too many for the other side."""
    atoms = worlds.cast(["user_id", "email", "user_id", "email", "email", "email", "email"])
    user, between, other, w1, w2, z1, z2 = range(7)

    def seen(a, b, n):
        return Event(a, (b,), 1, n, n, 1, a, 1, n)

    log = [seen(user, between, 1), seen(other, w1, 2), seen(other, w2, 3), seen(other, between, 4),
           seen(z1, z2, 5), seen(between, z2, 6), Answer(user, "see", AGAINST, NEVER, 7), Rule(user, between, "part", 8)]
    return atoms, log


LITERAL = {  # rules as design.md first had them, each with the promise that a tiny world breaks: docs/adr/0005
    "a cut un-shares": "a guest's cut never un-shares",
    "erasure reopens": "use only closes",
    "noes on the two ends": "use only closes",
    "a third one's yes": "link is judged on the two ends",
}


def at_most(log, atoms, literal, record):
    """What `record` may do, seen from before and after."""
    before = World(atoms, log[:-1], record.at, literal=literal)
    after = World(atoms, log, record.at, literal=literal)
    seen_before = {e.message for events in before.visible().values() for e in events}
    seen_after = {e.message for events in after.visible().values() for e in events}
    if isinstance(record, Rule) and record.word == "part":
        for reading in (after.live, after.firm):
            if any(record.a in g and record.b in g for g in reading.groups):
                yield "a guest's cut parts the two"
        if not before.live.shared <= after.live.shared:
            yield "a guest's cut never un-shares"
    if isinstance(record, Forget):
        gone = {record.atom}
        if before.live.shared - gone != after.live.shared:
            yield "an erasure never un-shares"
        for reading in ("live", "firm"):
            others = {g for g in getattr(before, reading).groups if record.atom not in g}
            if not others <= getattr(after, reading).groups:
                yield "an erasure changes nobody else"
        for person, events in before.visible().items():
            if record.atom not in person and after.visible().get(person, set()) != events:
                yield "an erasure changes what is seen of nobody else"
    closes = isinstance(record, Forget) or (isinstance(record, Rule) and record.word == "part") or (
        isinstance(record, Answer) and record.state == AGAINST)
    if closes and not seen_after <= seen_before | {e.message for e in before.events() if e.owner in before.live.shared}:
        yield "use only closes"
    if isinstance(record, Answer) and record.state != AGAINST:
        if any(sum(not g.isdisjoint(h) for h in before.live.groups) > 1 for g in after.live.groups):
            yield "a yes joins nobody by itself"


def always(log, atoms, literal):
    world = World(atoms, log, literal=literal)
    for reading in (world.live, world.firm):
        for group in reading.groups:
            if world._breaks(group):
                yield "nobody exceeds a limit"
    for group in world.firm.groups:
        rest = group - world.live.shared
        # What is firm is live too, but for devices that the live reading finds shared and who hung together by them.
        if not group & world.live.shared and rest and not any(rest <= g for g in world.live.groups):
            yield "firm people are parts of live ones"
    for edge in world.standing:
        told = [e for e in world.events() if e.owner in edge and edge & set(e.others)]
        if told and not any(e.link == 1 or e.opener in edge for e in told):
            yield "link is judged on the two ends"


def unjoined(log, atoms):
    """A staff cut against the house where the two were never seen together."""
    cuts = [r for r in log if isinstance(r, Rule) and r.word == "cut"]
    if len(cuts) != 1 or any(isinstance(r, (Forget, Rule)) for r in log if r is not cuts[0]):
        return
    if any(isinstance(r, Answer) and r.purpose == "link" and r.state == AGAINST for r in log):
        return
    pair = {cuts[0].a, cuts[0].b}
    twin = []
    for r in log:
        if isinstance(r, Event) and {r.owner, *r.others} == pair and not (r.grade == 2 and r.start > cuts[0].at):
            r = r._replace(others=())
        if r is not cuts[0]:
            twin.append(r)
    here, there = World(atoms, log), World(atoms, twin, max(r.at for r in log))
    met = here.live.groups
    alone = {frozenset([a]) for r in log if isinstance(r, Event) for a in r.others}
    if there.live.groups - met or met - there.live.groups - alone:
        yield "a staff cut equals the house where it never was"
    elif any(there.members()[g] != here.members()[g] for g in there.live.groups):
        yield "a staff cut equals the house where it never was: segments"


def any_order(log, atoms, literal):
    """What only names and times is the same in every order of arrival."""
    if any(isinstance(r, (Answer, Forget)) for r in log):
        return
    first = World(atoms, log, 1000, literal=literal)
    rules = [r for r in log if isinstance(r, Rule)]
    for order in itertools.permutations(log):
        if [r for r in order if isinstance(r, Rule)] != rules:
            continue  # rulings on one pair stand in one lane
        other = World(atoms, order, 1000, literal=literal)
        if (other.live, other.firm) != (first.live, first.firm):
            yield "every order of arrival ends in the same people"
            return


def broken(atoms, log, literal=()):
    found = list(always(log, atoms, literal))
    for i, record in enumerate(log):
        if not isinstance(record, Event):
            found += at_most(log[:i + 1], atoms, literal, record)
    if not literal:
        found += unjoined(log, atoms)
    if len(log) <= 3:
        found += any_order(log, atoms, literal)
    return found


def tell(atoms, log):
    print("  atoms:", [a.kind for a in atoms])
    for record in log:
        print("  ", record)


def walk(sizes, seconds, whole):
    walked = 0
    for atoms_n, length in sizes:
        total = worlds.count(atoms_n, length)
        # 300 µs a world and record, some: only the stride depends on it.
        every = 1 if whole else max(1, int(total * length * 0.0003 * len(sizes) / seconds)) | 1
        began = time.monotonic()
        n = 0
        for atoms, log in worlds.tiny(atoms_n, length, 0, every):
            n += 1
            if found := broken(atoms, log):
                print("broken:", ", ".join(dict.fromkeys(found)))
                tell(atoms, log)
                return 1
            if not whole and time.monotonic() - began > 1.5 * seconds / len(sizes):
                break
        walked += n
        print(f"{atoms_n} atoms, {length} messages: {n} of {total} worlds, {time.monotonic() - began:.1f} s", flush=True)
    print(f"{walked} worlds, no promise broken")
    return 0


def literal_fails():
    """Each rule as it stood must break its promise in some small world: else this walk sees nothing."""
    bad = 0
    for rule, promise in LITERAL.items():
        sizes = ((2, 3, 7), (3, 3, 7), (3, 4, 10_007))
        for atoms, log in itertools.chain([crowded()], *(worlds.tiny(n, length, 0, every) for n, length, every in sizes)):
            if promise in broken(atoms, log, (rule,)) and promise not in broken(atoms, log):
                print(f'"{rule}" breaks "{promise}":')
                tell(atoms, log)
                break
        else:
            print(f'"{rule}" breaks nothing')
            bad = 1
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--literal", action="store_true", help="show that the rules as first written fail")
    args = parser.parse_args()
    if args.literal:
        return literal_fails()
    return walk([(2, 3), (3, 3), (2, 4), (3, 4), (4, 4)], args.seconds, args.whole)


if __name__ == "__main__":
    sys.exit(main())
