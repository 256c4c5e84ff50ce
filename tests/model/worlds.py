"""Tiny worlds, all of them, and larger ones by dice."""

import random

from model import AGAINST, ASSERTED, ATTESTED, GIVEN, NEVER, PROVED, Answer, Atom, Event, Forget, KINDS, Rule, pairs

STEP = 10  # between two records; what is late happened between the two before
CASTS = [  # who is there; the last ones stay outside of worlds with fewer atoms
    ("user_id", "anonymous_id", "user_id", "anonymous_id"),
    ("anonymous_id", "user_id", "anonymous_id", "user_id"),
    ("user_id", "email", "user_id", "anonymous_id"),
    ("email", "anonymous_id", "user_id", "user_id"),
]


def cast(kinds, partitions=2):
    """Atoms whose homes alternate between the partitions: their id's top bits are the slot."""
    out = []
    for i, kind in enumerate(kinds):
        home = i % partitions
        hi = (home * 4096 // partitions << 52) | (0x1234567 * (7 * i + 3) & ((1 << 51) - 1))
        out.append(Atom(hi, 0x9E3779B97F4A7C15 * (i + 1) & ((1 << 64) - 1), 1000 + (i * 7) % 5, kind))
    return out


def alphabet(atoms, grades=(ASSERTED, ATTESTED, PROVED)):
    """Every message of a tiny world, without its time."""
    out = []
    for owner, other in pairs(atoms):
        for grade in grades:
            out.append(lambda at, late, m, o=owner, x=other, g=grade: Event(o, (x,), g, at, late, 1, 0, 1, m))
        out.append(lambda at, late, m, o=owner, x=other: Event(o, (x,), ATTESTED, at, at, 2, x, 2, m))
    if len(atoms) > 2:  # three together, on the yes of one
        a, b, c = sorted(range(3), key=lambda i: KINDS[atoms[i].kind][1])
        for opener in (a, c):
            out.append(lambda at, late, m, a=a, b=b, c=c, o=opener: Event(a, (b, c), ATTESTED, at, late, 2, o, 1, m))
    for a in range(len(atoms)):
        out.append(lambda at, late, m, a=a: Event(a, (), ATTESTED, at, late, 0, 0, 1, m))
        for purpose in ("link", "see"):
            out.append(lambda at, late, m, a=a, p=purpose: Answer(a, p, AGAINST, NEVER, at))
            out.append(lambda at, late, m, a=a, p=purpose: Answer(a, p, GIVEN, at + 15, at))
        out.append(lambda at, late, m, a=a: Forget(a, at))
    for a, b in pairs(atoms):
        for word in ("cut", "part"):
            out.append(lambda at, late, m, a=a, b=b, w=word: Rule(a, b, w, at))
        out.append(lambda at, late, m, a=a, b=b: Rule(a, b, "unpart", at))
    return out


def tiny(atoms_n, length, first=0, every=1):
    """(atoms, log) of each world of that size, or of every `every`-th from `first` on: prime strides meet all sorts."""
    number = 0
    for kinds in dict.fromkeys(c[:atoms_n] for c in CASTS):
        atoms = cast(kinds)
        letters = alphabet(atoms)
        total = len(letters) ** length
        for n in range((first - number) % every, total, every):
            log, rest = [], n
            for i in range(length):
                rest, letter = divmod(rest, len(letters))
                at = (i + 1) * STEP
                log.append(letters[letter](at, at - 15 if (n + i) % 2 else at, i))
            yield atoms, log
        number += total


def count(atoms_n, length):
    return sum(len(alphabet(cast(c))) ** length for c in dict.fromkeys(c[:atoms_n] for c in CASTS))


def drawn(seed, atoms_n=9, length=40, rules=True):
    """A larger world. Forgotten atoms are named no more: the door gives their identifier a new one."""
    dice = random.Random(seed)
    atoms = cast([dice.choice(list(KINDS)) for _ in range(atoms_n)], dice.choice((2, 4)))
    log, dead, at = [], set(), 0
    for i in range(length):
        at += dice.randrange(0, 8)
        living = [a for a in range(atoms_n) if a not in dead]
        what = dice.random()
        if what < 0.7 or len(living) < 3:
            owner, *others = sorted(dice.sample(living, min(len(living), dice.randrange(1, 4))),
                                    key=lambda a: KINDS[atoms[a].kind][1])
            log.append(Event(owner, tuple(others), dice.choice((ASSERTED, ATTESTED, ATTESTED, PROVED)), at,
                             at - dice.randrange(40) if dice.random() < 0.3 else at, dice.choice((0, 1, 1, 1, 2)),
                             dice.choice([owner, *others]), dice.choice((0, 1, 1, 2)), i))
        elif what < 0.85:
            log.append(Answer(dice.choice(living), dice.choice(("link", "see")), dice.choice((GIVEN, AGAINST)),
                              dice.choice((NEVER, at + 30)), at))
        elif what < 0.97 or not rules:
            a, b = dice.sample(living, 2)
            log.append(Rule(a, b, dice.choice(("cut", "uncut", "part", "unpart")) if rules else "cut", at))
        else:
            log.append(Forget(dice.choice(living), at))
            dead.add(log[-1].atom)
    return atoms, log
