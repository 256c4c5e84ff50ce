"""Errors put into the oracle's SQL on purpose: a comparison that does not notice them proves nothing."""


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
    "sequence may be simultaneous": lambda q: q.replace("s1.happened > s0.happened", "s1.happened >= s0.happened"),
    "late events unseen": lambda q: q.replace("e.received <= p.now", "e.received <= p.now AND e.received = e.happened"),
    "sum of nothing is no value": lambda q: q.replace("coalesce(sum(", "nullif(sum("),
    "every clock an hour fast": lambda q: q.replace("s.shift", "s.shift + 3600000000"),
    "a yes never ends": lambda q: q.replace("arg_max(a.until, a.since)", "max(a.until) + 1000000000000000"),
    "a reply at the same instant": lambda q: q.replace("re.happened > e.happened", "re.happened >= e.happened"),
    "what may not lie between, before": lambda q: q.replace("w1.happened > s0.happened", "w1.happened < s0.happened"),
}


# Of this one nearly every error shows in the first world.
PLANTED_SEED = 102

# Worlds that ask often for what a planted error is about.
FOCUS = {
    "a reply at the same instant": {"replies": 0.8},
    "what may not lie between, before": {"sequences": 0.7, "barred": 0.9},
    "sequence may be simultaneous": {"sequences": 0.5},
    "repeats counted": {"repeats": 0.4},
}
