"""Who is who, what may be seen and who is in which segment: by brute force over the whole log, straight from the rules.

The permanent oracle of identity (docs/adr/0005-identity-by-value.md). Nothing is kept between two questions and nothing is clever: sets and
loops over a list of records in the order in which their lanes took them. A record is a tuple subclass below; `at` is its stamp.
"""

import copy
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

NEVER = 1 << 62
BEGINNING = -NEVER
KINDS = {  # name: (id, priority, how many a person may have, is a device); catalog/kinds.cc
    "user_id": (0, 0, 1, False),
    "email": (1, 1, 3, False),
    "card": (3, 3, 3, False),
    "anonymous_id": (7, 7, None, True),
}
ASSERTED, ATTESTED, PROVED = range(3)
GIVEN, AGAINST = "given", "against"
SEGMENTS = ["once", "twice", "recent", "named"]  # driver.cc says the same in the segment language
RECENT = 100


class Atom(NamedTuple):
    hi: int
    lo: int
    born: int
    kind: str


class Event(NamedTuple):
    owner: int
    others: tuple
    grade: int
    at: int  # received
    happened: int
    link: int  # 0 may not join; 1 may, on contract or by its own signal; 2 on the yes of `opener`
    opener: int
    seen: int  # the same for the segments' purpose
    message: int

    @property
    def start(self):
        return min(self.at, self.happened)


class Answer(NamedTuple):
    atom: int
    purpose: str  # link, see
    state: str
    until: int
    at: int


class Rule(NamedTuple):
    """`cut`/`uncut`: staff void one edge. `part`/`unpart`: the guest says "not the same person"."""

    a: int
    b: int
    word: str
    at: int


class Forget(NamedTuple):
    atom: int
    at: int


class Closing(NamedTuple):
    """A row copied when an edge was taken by its guest: nothing that started up to `through` is seen."""

    atom: int
    purpose: str
    through: int
    at: int


def against_through(rows):
    """What started up to here is closed: NEVER while a no is in force, BEGINNING when there never was one."""
    closed, against = BEGINNING, False
    for row in rows:
        if isinstance(row, Closing):
            closed = max(closed, row.through)
        elif row.state == AGAINST:
            against = True
        elif against:
            closed, against = max(closed, row.at), False
    return NEVER if against else closed


def yes_over(rows, start, now):
    """Whether one unbroken yes covers [start, now]: renewals join on while it stands."""
    begin = end = None
    answered = BEGINNING
    for row in rows:
        if isinstance(row, Closing):
            continue
        if row.state == AGAINST:
            begin, end, answered = None, None, row.at
        elif begin is not None and row.at < end:
            end = max(row.until, row.at)
        else:
            begin, end = max(row.at, answered, end if end is not None else BEGINNING), row.until
    return begin is not None and begin <= start and start <= now < end


def may_join(event, other):
    """On nobody's yes, or on that of one end: a third one's joins nobody."""
    return event.link == 1 or (event.link == 2 and event.opener in (event.owner, other))


class Grouping(NamedTuple):
    groups: frozenset  # of frozensets of atoms; living ones only
    shared: frozenset  # devices that belong to nobody; living ones only
    aside: frozenset  # edges not accepted

    def of(self, atom):
        return next((g for g in self.groups if atom in g), frozenset())


class World:
    """`log` up to now. `literal` reads a rule as design.md first had it, to show where that fails."""

    def __init__(self, atoms, log, now=None, named_max=16, literal=()):
        self.atoms, self.named_max, self.literal = atoms, named_max, literal
        self.log = list(log)
        self.now = now if now is not None else max((r.at for r in self.log), default=0)
        self.rows = {a: [] for a in range(len(atoms))}
        self.dead, self.ghosts = set(), []  # ghosts: edges of the erased as their record keeps them
        for i, record in enumerate(self.log):
            self._take(i, record)
        self.live, self.firm = self._people(ASSERTED), self._people(ATTESTED)

    # -- the log ---------------------------------------------------------------------------------------------------

    def _take(self, i, record):
        if isinstance(record, Answer) and record.atom not in self.dead:
            if record.purpose == "link" and record.state == AGAINST:
                self._copy_noes(i, {record.atom}, record.at)
            self.rows[record.atom].append(record)
        elif isinstance(record, Rule) and record.word == "part" and self._before(i, record.at).are_one(record.a, record.b):
            self._copy_noes(i, {record.a, record.b}, record.at)
        elif isinstance(record, Forget) and record.atom not in self.dead:
            if "erasure reopens" not in self.literal:
                self._copy_noes(i, {record.atom}, record.at)
            for edge, (grade, start) in self._before(i, record.at).standing.items():
                if record.atom in edge and not edge <= self.dead | {record.atom}:
                    self.ghosts.append((edge, grade, start))
            self.dead.add(record.atom)
            self.rows[record.atom] = []

    def _before(self, i, at):
        """The world as it was when record i came: all before it is taken."""
        out = copy.copy(self)
        out.log, out.now = self.log[:i], at
        out.rows = {a: list(rows) for a, rows in self.rows.items()}
        out.dead, out.ghosts = set(self.dead), list(self.ghosts)
        out.live, out.firm = out._people(ASSERTED), out._people(ATTESTED)
        return out

    def _copy_noes(self, i, ends, at):
        """Every no of the people whom `ends` belong to stays with each atom of theirs, whoever keeps it. Not of `link`:
        that is judged on the two ends of an edge, never on their people."""
        before = self._before(i, at)
        for end in sorted(ends):
            person = before.answerable(end)
            targets = person
            if "noes on the two ends" in self.literal:
                targets = person & (ends if len(ends) > 1 else {x for e in before.standing if e & ends for x in e})
            noes = {a: against_through(before._of(a, "see")) for a in person}
            ended = max((c for c in noes.values() if c != NEVER), default=BEGINNING)
            for atom in sorted(targets - self.dead):
                if NEVER in noes.values() and noes[atom] != NEVER:
                    self.rows[atom].append(Answer(atom, "see", AGAINST, NEVER, at))
                elif ended > noes[atom]:
                    self.rows[atom].append(Closing(atom, "see", ended, at))

    def _of(self, atom, purpose):
        return [r for r in self.rows[atom] if r.purpose == purpose]

    def events(self):
        """Each once: a repeat has the message of an earlier one."""
        known = set()
        for r in self.log:
            if isinstance(r, Event) and r.message not in known:
                known.add(r.message)
                yield r

    # -- evidence --------------------------------------------------------------------------------------------------

    @cached_property
    def standing(self):
        """{edge: (best grade, its earliest start)} of what no answer and no staff cut voids."""
        points = {}
        for e in self.events():
            if not e.link or e.owner in self.dead:
                continue
            for other in e.others:
                if other in self.dead or other == e.owner:
                    continue
                # `link` is judged on the two end atoms: a third one's yes joins nobody.
                if e.link == 2 and e.opener not in (e.owner, other) and "a third one's yes" not in self.literal:
                    continue
                points.setdefault(frozenset((e.owner, other)), []).append((e.grade, e.start, e.opener if e.link == 2 else None))
        out = {}
        for edge, found in points.items():
            closed = max(against_through(self._of(a, "link")) for a in edge)
            cut = self._ruled(edge, "cut", "uncut")
            stands = [
                (grade, start) for grade, start, opener in found
                if start > closed and (cut is None or (grade == PROVED and start > cut))
                and (opener is None or yes_over(self._of(opener, "link"), start, self.now))
            ]
            if stands:
                best = max(grade for grade, _ in stands)
                out[edge] = best, min(start for grade, start in stands if grade == best)
        for edge, grade, start in self.ghosts:
            living = [a for a in edge if a not in self.dead]
            if all(against_through(self._of(a, "link")) < start for a in living):
                out[edge] = grade, start
        return out

    def _ruled(self, edge, on, off):
        """Since when the pair is cut or parted; None: it is not."""
        at = None
        for r in self.log:
            if isinstance(r, Rule) and frozenset((r.a, r.b)) == edge and r.word in (on, off):
                at = r.at if r.word == on else None
        return at

    @cached_property
    def parted(self):
        """Pairs that a guest's cut keeps apart: until proof."""
        out = set()
        for pair in {frozenset((r.a, r.b)) for r in self.log if isinstance(r, Rule)}:
            at = self._ruled(pair, "part", "unpart")
            if at is None:
                continue
            proofs = [e.start for e in self.events() if e.grade == PROVED and e.owner in pair
                      and any(frozenset((e.owner, o)) == pair and may_join(e, o) for o in e.others)]
            closed = max(against_through(self._of(a, "link")) for a in pair)
            if not any(start > max(at, closed) for start in proofs):
                out.add(pair)
        return out

    @cached_property
    def quarantined(self):
        """Named by more atoms of the strongest kind than anybody has."""
        namers = {}
        for e in self.events():
            for other in e.others:
                if may_join(e, other) and KINDS[self.atoms[e.owner].kind][1] == 0 and other != e.owner:
                    namers.setdefault(other, set()).add(e.owner)
        return {a for a, who in namers.items() if len(who) > self.named_max}

    # -- people ----------------------------------------------------------------------------------------------------

    def _rank(self, edge, grade, start):
        a, b = (self.atoms[i] for i in edge)
        kinds = sorted((KINDS[a.kind][1], KINDS[b.kind][1]))
        mask = (1 << 64) - 1
        return -grade, kinds[0], kinds[1], start, (a.hi + b.hi) & mask, (a.lo + b.lo) & mask

    def _breaks(self, group):
        count = {}
        for atom in group:
            count[self.atoms[atom].kind] = count.get(self.atoms[atom].kind, 0) + 1
        return any(KINDS[k][2] is not None and n > KINDS[k][2] for k, n in count.items())

    def _accept(self, edges, void, parted):
        """Takes edges in order, each unless a limit would break or two parted atoms would meet. Erased atoms count
        like others, so that an erasure changes nobody else."""
        groups = {a: frozenset([a]) for a in range(len(self.atoms))}
        accepted, broke = [], set()
        for edge in edges:
            if edge & void or edge in parted:
                continue
            a, b = edge
            if groups[a] != groups[b]:
                joint = groups[a] | groups[b]
                if any(pair <= joint for pair in parted):
                    continue
                if self._breaks(joint):
                    broke |= {i for i in edge if KINDS[self.atoms[i].kind][3]}
                    continue
                for atom in joint:
                    groups[atom] = joint
            accepted.append(edge)
        return accepted, broke

    def _people(self, least):
        best = self.standing
        edges = sorted((e for e in best if best[e][0] >= least), key=lambda e: self._rank(e, *best[e]))
        quarantined, parted = self.quarantined, self.parted
        # Shared devices are found as if no guest had parted anybody and nothing were erased: neither un-shares.
        shared = set()
        while True:
            unparted = parted if "a cut un-shares" in self.literal else set()
            _, broke = self._accept(edges, shared | quarantined, unparted)
            if broke <= shared:
                break
            shared |= broke
        accepted, _ = self._accept(edges, shared | quarantined, parted)
        groups = {a: frozenset([a]) for a in range(len(self.atoms)) if a not in self.dead | shared | quarantined}
        for edge in accepted:
            if edge & self.dead:
                continue
            joint = frozenset().union(*(groups[a] for a in edge))
            for atom in joint:
                groups[atom] = joint
        here = {a for e in self.events() for a in (e.owner, *e.others)} | {r.atom for r in self.log if isinstance(r, Answer)}
        here -= self.dead
        return Grouping(frozenset(g for a, g in groups.items() if a in here), frozenset((shared | quarantined) - self.dead),
                        frozenset(edges) - frozenset(accepted))

    # -- what follows ----------------------------------------------------------------------------------------------

    def answerable(self, atom):
        """Whose answers against count for what this atom did: its person in the live reading, and everybody firmly tied to
        one of them, for a no counts in both readings."""
        person = self.live.of(atom) | {atom}
        return person.union(*(self.firm.of(a) for a in person))

    def are_one(self, a, b):
        return b in self.answerable(a) or a in self.answerable(b)

    def visible(self):
        """Messages that the segments' purpose may see now, by the person they belong to."""
        out = {}
        for e in self.events():
            person = self.live.of(e.owner)
            if not person or not e.seen or e.owner in self.dead:
                continue
            closed = max(against_through(self._of(a, "see")) for a in self.answerable(e.owner))
            rests = e.seen != 2 or e.opener not in self.quarantined and yes_over(self._of(e.opener, "see"), e.start, self.now)
            out.setdefault(person, set())
            if e.start > closed and rests:
                out[person].add(e)
        return out

    def members(self):
        """{person: names of their segments}."""
        seen = self.visible()
        out = {}
        for person in self.live.groups:
            happened = [e.happened for e in seen.get(person, ())]
            out[person] = {
                name for name, holds in (
                    ("once", len(happened) >= 1), ("twice", len(happened) >= 2),
                    ("recent", any(self.now - RECENT < h <= self.now for h in happened)),
                    ("named", any(self.atoms[a].kind == "user_id" for a in person))) if holds}
        return out


def pairs(atoms):
    """Pairs as an event names them: the owner is the stronger."""
    for a, b in combinations(range(len(atoms)), 2):
        strength = [KINDS[atoms[i].kind][1] for i in (a, b)]
        yield (a, b) if strength[0] <= strength[1] else (b, a)
