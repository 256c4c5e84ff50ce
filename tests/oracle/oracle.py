"""Segments as SQL: a second, independent reading of docs/segments.md.

`Oracle(connection)` expects a table raw(person, message, happened, received, name, type, mask, properties): instants in
microseconds since 1970, properties as JSON text. Repeats of a message count once (the first received). `members` answers
for a table of probes (person, now, kinds): what was received up to `now` is known then. What people answered stands in
answers(person, since, purpose, said, until), purpose as its bit; the last one up to `now` counts. Local time comes from
Python's zoneinfo, not from the zones that hospes compiles in.
"""

import datetime
import json
import re
import zoneinfo

UNITS = {"w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000,
         "ms": 1_000, "us": 1}


def micros(text):
    sign, number, unit = re.fullmatch(r"(-?)(\d+)(w|d|h|m|s|ms|us)", text).groups()
    return (-1 if sign else 1) * int(number) * UNITS[unit]


DAY = 86_400_000_000
SESSION = 1_800_000_000
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
EARTH_M = 6_371_008.8
HOUSE_ZONE = "UTC"


def stretches(name, first=2020, last=2040):
    """[(begin, end, offset)] in microseconds: the changes of a zone are looked for hour by hour, then by bisection."""
    zone = zoneinfo.ZoneInfo(name)
    utc = datetime.timezone.utc

    def offset(second):
        return int(datetime.datetime.fromtimestamp(second, utc).astimezone(zone).utcoffset().total_seconds())

    begin = int(datetime.datetime(first, 1, 1, tzinfo=utc).timestamp())
    end = int(datetime.datetime(last, 1, 1, tzinfo=utc).timestamp())
    out, start, before = [], -(1 << 43), offset(begin)
    for low in range(begin, end, 86_400):
        if offset(low + 86_400) == before:
            continue
        a, b = low, low + 86_400
        while b - a > 1:
            middle = (a + b) // 2
            a, b = (middle, b) if offset(middle) == before else (a, middle)
        out.append((start * 1_000_000, b * 1_000_000, before * 1_000_000))
        start, before = b, offset(b)
    out.append((start * 1_000_000, (1 << 43) * 1_000_000, before * 1_000_000))
    return out


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def names_used(node, found):
    """Every property and trait name of a predicate: they become columns."""
    if isinstance(node, list):
        for item in node:
            names_used(item, found)
    elif isinstance(node, dict):
        for key in ("property", "trait", "date", "same"):
            if isinstance(node.get(key), str):
                if node.get("test") == "near":
                    found.update((node[key] + ".latitude", node[key] + ".longitude"))
                else:
                    found.add(node[key])
        for value in node.values():
            names_used(value, found)
    return found


class Oracle:
    def __init__(self, connection, definitions, purposes, kinds, thresholds=(), zones=()):
        self.db = connection
        self.now = "p.now"  # the instant that is asked about; what is known is what is known at p.now
        self.thresholds = {(t["purpose"], json.dumps(t["test"], sort_keys=True)): t["value"] for t in thresholds}
        self.definitions = definitions
        self.by_id = {d["id"]: d for d in definitions}
        self.purposes = purposes
        self.kinds = kinds
        names = sorted(names_used([d["where"] for d in definitions], {"timezone", "context.timezone"}))
        self.column = {name: f"v{i}" for i, name in enumerate(names)}
        self._load()
        self._load_zones(sorted({HOUSE_ZONE, *zones}))

    def _load_zones(self, zones):
        """stretch(zone, since, before, shift), and probes with the person's zone as each purpose sees it."""
        self.db.execute("CREATE OR REPLACE TABLE stretch(zone VARCHAR, since BIGINT, before BIGINT, shift BIGINT)")
        for zone in zones:
            for since, before, shift in stretches(zone):
                self.db.execute(f"INSERT INTO stretch VALUES ({quote(zone)}, {since}, {before}, {shift})")
        known = ", ".join(quote(z) for z in zones)
        columns = ""
        for purpose, bit in self.purposes.items():
            said = []
            for name in ("timezone", "context.timezone"):
                column = f"e.{self.column[name]}"
                zone = f"CASE WHEN {column}_kind = 'text' AND {column}_text IN ({known}) THEN {column}_text ELSE '' END"
                said.append(f"nullif({self.latest(name, purpose, zone)}, '')")
            columns += f", coalesce({', '.join(said)}, {quote(HOUSE_ZONE)}) AS zone{bit}"
        self.db.execute(f"CREATE OR REPLACE TABLE asked AS SELECT p.*{columns} FROM probe p")

    # -- the person's clock ---------------------------------------------------------------------------------------

    def local(self, at, purpose):
        """Local time of an instant, as microseconds since 1970-01-01 on the wall."""
        return (f"({at} + (SELECT s.shift FROM stretch s WHERE s.zone = p.zone{self.purposes[purpose]} "
                f"AND {at} >= s.since AND {at} < s.before))")

    def falls(self, wall, calendar, purpose):
        stamp = f"make_timestamp(CAST({wall} AS BIGINT))"
        if "on" in calendar:
            days = ", ".join(str(WEEKDAYS.index(d) + 1) for d in calendar["on"])
            return f"isodow({stamp}) IN ({days})"
        if "today" in calendar:
            today = f"make_timestamp(CAST({self.local(self.now, purpose)} AS BIGINT))"
            leap = f"(year({today}) % 4 = 0 AND (year({today}) % 100 <> 0 OR year({today}) % 400 = 0))"
            day = f"CASE WHEN month({stamp}) = 2 AND day({stamp}) = 29 AND NOT {leap} THEN 28 ELSE day({stamp}) END"
            return f"(month({stamp}) = month({today}) AND ({day}) = day({today}))"
        low, high = calendar["from"], calendar["to"]
        if ":" in low:
            value = f"(({wall}) % {DAY}) // 60000000"
            low, high = (int(x[:2]) * 60 + int(x[3:]) for x in (low, high))
            end = "<"
        else:
            value = f"month({stamp}) * 100 + day({stamp})"
            low, high = (int(x[:2]) * 100 + int(x[3:]) for x in (low, high))
            end = "<="
        joint = "AND" if low <= high else "OR"
        return f"({value} >= {low} {joint} {value} {end} {high})"

    def _load(self):
        """One row per message, and for each name four columns: kind (null: absent), number, text, date."""
        parts = []
        for name, column in self.column.items():
            path = quote('$."' + name.replace('"', '\\"') + '"')
            kind = (f"CASE json_type(properties, {path}) WHEN 'VARCHAR' THEN 'text' WHEN 'BOOLEAN' THEN 'boolean' "
                    f"WHEN 'NULL' THEN 'null' WHEN 'BIGINT' THEN 'number' WHEN 'UBIGINT' THEN 'number' "
                    f"WHEN 'DOUBLE' THEN 'number' WHEN 'OBJECT' THEN 'json' WHEN 'ARRAY' THEN 'json' END")
            text = f"json_extract_string(properties, {path})"
            parts += [f"{kind} AS {column}_kind", f"{text} AS {column}_text",
                      f"TRY_CAST({text} AS DECIMAL(38,6)) AS {column}_number",
                      f"epoch_us(TRY_CAST(replace({text}, 'Z', '') AS TIMESTAMP)) AS {column}_date"]
        columns = "".join(", " + p for p in parts)
        self.db.execute(
            "CREATE OR REPLACE TABLE ev AS SELECT person, message, happened, received, name, type, mask" + columns +
            " FROM raw QUALIFY row_number() OVER (PARTITION BY message ORDER BY received) = 1")

    # -- values ---------------------------------------------------------------------------------------------------

    def equals(self, column, value):
        if isinstance(value, bool):
            return f"({column}_kind = 'boolean' AND {column}_text = '{'true' if value else 'false'}')"
        if isinstance(value, str):
            return f"({column}_kind = 'text' AND {column}_text = {quote(value)})"
        return f"({column}_kind = 'number' AND {column}_number = {self.number(value)})"

    @staticmethod
    def number(value):
        return f"CAST('{value}' AS DECIMAL(38,6))"

    def clause(self, e, clause, purpose):
        """One condition on the event `e`."""
        if "property" not in clause:
            return f"coalesce({self.falls(self.local(f'{e}.happened', purpose), clause['calendar'], purpose)}, false)"
        if clause["test"] == "near":
            return self.near(*(f"{e}.{self.column[clause['property'] + end]}" for end in (".latitude", ".longitude")), clause)
        return self.test(f"{e}.{self.column[clause['property']]}", clause, purpose)

    @staticmethod
    def near(north, east, clause):
        lat, lon = (f"radians(CAST({c}_number AS DOUBLE))" for c in (north, east))
        lat0, lon0 = (f"radians(CAST({clause[k]} AS DOUBLE))" for k in ("latitude", "longitude"))
        haversine = f"pow(sin(({lat} - {lat0}) / 2), 2) + cos({lat0}) * cos({lat}) * pow(sin(({lon} - {lon0}) / 2), 2)"
        return (f"coalesce({north}_kind = 'number' AND {east}_kind = 'number' AND abs({north}_number) <= 90 "
                f"AND abs({east}_number) <= 180 AND 2 * {EARTH_M} * asin(sqrt({haversine})) <= {clause['metres']}, false)")

    def date_falls(self, column, calendar, purpose):
        wall = f"CASE WHEN length({column}_text) = 10 THEN {column}_date ELSE {self.local(f'{column}_date', purpose)} END"
        return f"({column}_kind = 'text' AND {column}_date IS NOT NULL AND {self.falls(wall, calendar, purpose)})"

    def test(self, column, clause, purpose=None):
        present = f"({column}_kind IS NOT NULL AND {column}_kind <> 'null')"
        op = clause["test"]
        if op == "exists":
            return present
        if op == "falls":
            return f"coalesce({self.date_falls(column, clause['calendar'], purpose)}, false)"
        if op == "in":
            said = "(" + " OR ".join(self.equals(column, v) for v in clause["values"]) + ")"
        elif op == "=":
            said = self.equals(column, clause["value"])
        elif op == "!=":
            said = f"NOT coalesce({self.equals(column, clause['value'])}, false)"
        elif op == "contains":
            said = f"({column}_kind = 'text' AND contains({column}_text, {quote(clause['value'])}))"
        elif op == "starts":
            said = f"({column}_kind = 'text' AND starts_with({column}_text, {quote(clause['value'])}))"
        else:
            said = f"({column}_kind = 'number' AND {column}_number {op} {self.number(clause['value'])})"
        return f"coalesce({present} AND {said}, false)"

    # -- events ---------------------------------------------------------------------------------------------------

    def visible(self, e, purpose):
        bit = 1 << self.purposes[purpose]
        return (f"{e}.person = p.person AND {e}.received <= p.now AND {e}.happened <= p.now "
                f"AND ({e}.mask & {bit}) <> 0")

    def inside(self, what, window):
        window = window or {}
        said = f"{what} <= {self.now} - {micros(window.get('to', '0us'))}"
        if "from" in window:
            said += f" AND {what} > {self.now} - {micros(window['from'])}"
        return said

    def named(self, e, purpose, select):
        said = [self.visible(e, purpose), f"{e}.name = {quote(select['event'])}"]
        return " AND ".join(said + [self.clause(e, c, purpose) for c in select.get("where", [])])

    def same(self, a, b, name):
        if not name:
            return "true"
        a, b = f"{a}.{self.column[name]}", f"{b}.{self.column[name]}"
        return (f"coalesce({a}_kind <> 'null' AND {a}_kind = {b}_kind AND CASE WHEN {a}_kind = 'number' "
                f"THEN {a}_number = {b}_number ELSE {a}_text = {b}_text END, false)")

    def selected(self, e, purpose, select, window=None):
        said = [self.named(e, purpose, select), self.inside(f"{e}.happened", window)]
        if "answer" in select:
            answer = select["answer"]
            within = micros(answer["within"])
            reply = (f"EXISTS (SELECT 1 FROM ev r{e} WHERE {self.named(f'r{e}', purpose, answer)} "
                     f"AND r{e}.happened > {e}.happened AND r{e}.happened <= {e}.happened + {within} "
                     f"AND {self.same(e, f'r{e}', answer.get('same'))})")
            said.append(reply if answer.get("given") else f"{e}.happened + {within} <= {self.now} AND NOT {reply}")
        return " AND ".join(said)

    # -- tests ----------------------------------------------------------------------------------------------------

    def predicate(self, node, purpose):
        for key in ("all", "any"):
            if key in node:
                joint = " AND " if key == "all" else " OR "
                return "(" + joint.join(self.predicate(n, purpose) for n in node[key]) + ")"
        if "not" in node:
            return f"(NOT {self.predicate(node['not'], purpose)})"
        if "in_segment" in node:
            other = self.by_id[node["in_segment"]]
            return self.predicate(other["where"], other["purpose"])
        if "has_identifier" in node:
            return f"((p.kinds & {1 << self.kinds[node['has_identifier']]}) <> 0)"
        for key in ("ranked", "median_of", "compare", "still", "now", "permission", "trait", "date", "fold", "aged", "sequence"):
            if key in node:
                if key == "now":
                    return f"coalesce({self.falls(self.local(self.now, purpose), node['now'], purpose)}, false)"
                return f"coalesce({getattr(self, key)(node, purpose)}, false)"
        raise ValueError(node)

    def latest(self, name, purpose, said):
        column = f"e.{self.column[name]}"
        return (f"(SELECT arg_max({said}, (e.happened, e.message)) FROM ev e WHERE {self.visible('e', purpose)} "
                f"AND e.type = 'identify' AND {column}_kind IS NOT NULL)")

    def trait(self, node, purpose):
        if node["test"] == "near":
            ends = []
            for end in (".latitude", ".longitude"):
                column = f"e.{self.column[node['trait'] + end]}"
                number = f"CASE WHEN {column}_kind = 'number' THEN CAST({column}_number AS VARCHAR) ELSE '' END"
                ends.append(f"TRY_CAST({self.latest(node['trait'] + end, purpose, number)} AS DECIMAL(38,6))")
            row = f"(SELECT 'number' AS a_kind, {ends[0]} AS a_number, 'number' AS b_kind, {ends[1]} AS b_number) t"
            return f"(SELECT {self.near('t.a', 't.b', node)} FROM {row})"
        return self.latest(node["trait"], purpose, self.test(f"e.{self.column[node['trait']]}", node, purpose))

    def date(self, node, purpose):
        column = f"e.{self.column[node['date']]}"
        at = f"CASE WHEN {column}_kind = 'text' THEN {column}_date END"
        offset = micros(node.get("offset", "0us"))
        bound = f"epoch_us(TIMESTAMP {quote(node['at'].replace('Z', ''))})" if "at" in node else f"({self.now} + {offset})"
        said = {"before": f"({at}) < {bound}", "after": f"({at}) > {bound}",
                "past": f"({at}) <= {self.now} AND ({at}) > {self.now} - {offset}",
                "coming": f"({at}) > {self.now} AND ({at}) <= {self.now} + {offset}"}[node["test"]]
        return self.latest(node["date"], purpose, f"coalesce({said}, false)")

    def measure(self, node, purpose):
        """(numerator in millionths, denominator) as SQL; null: no value."""
        where = f"FROM ev e WHERE {self.selected('e', purpose, node, node.get('window'))}"
        fold = node["fold"]
        whole = lambda count: (f"CAST({count} AS HUGEINT) * 1000000", "1")
        if fold == "count":
            return whole(self.stretches(node, purpose, where) if "per" in node else f"(SELECT count(*) {where})")
        if fold == "silence":
            return whole(f"(SELECT ({self.now} - max(e.happened)) // {DAY} {where})")
        if fold.endswith("_gap"):
            days = (f"(SELECT list_sort(list_filter(list_transform(list_zip(l[1:-2], l[2:]), x -> (x[2] - x[1]) // {DAY}), "
                    f"x -> x >= 1)) FROM (SELECT list(e.happened ORDER BY e.happened) AS l {where}))")
            one = {"longest_gap": "g[len(g)]", "shortest_gap": "g[1]", "average_gap": "list_sum(g)",
                   "median_gap": "g[(len(g) + 1) // 2] + g[len(g) // 2 + 1]"}[fold]
            out_of = {"average_gap": "len(g)", "median_gap": "2"}.get(fold, "1")
            pick = lambda said: f"(SELECT CASE WHEN len(g) > 0 THEN CAST({said} AS HUGEINT) END FROM (SELECT {days} AS g))"
            return f"{pick(one)} * 1000000", pick(out_of)
        column = f"e.{self.column[node['property']]}"
        value = f"{column}_kind || ':' || CASE {column}_kind WHEN 'number' THEN CAST({column}_number AS VARCHAR) ELSE {column}_text END"
        if fold == "distinct":
            return whole(f"(SELECT count(DISTINCT {value}) {where} AND {column}_kind <> 'null')")
        if fold == "most":
            return whole(f"coalesce((SELECT max(n) FROM (SELECT count(*) AS n {where} AND {column}_kind <> 'null' "
                         f"GROUP BY {value})), 0)")
        where += f" AND {column}_kind = 'number'"
        micro = f"CAST({column}_number * 1000000 AS HUGEINT)"
        if fold == "sum":
            return f"(SELECT coalesce(sum({micro}), 0) {where})", "1"
        if fold == "average":
            return f"(SELECT sum({micro}) {where})", f"(SELECT CASE WHEN count(*) > 0 THEN count(*) END {where})"
        return f"(SELECT {fold}({micro}) {where})", "1"

    def stretches(self, node, purpose, where):
        """Days, weeks, months or sessions with enough of them."""
        least = node.get("least", 1)
        if node["per"] == "sessions":
            ordered = f"(SELECT list(e.happened ORDER BY e.happened) AS l {where})"
            starts = f"list_filter(range(1, len(l) + 1), i -> i = 1 OR l[i] - l[i - 1] >= {SESSION})"
            return (f"(SELECT coalesce(len(list_filter(range(1, len(s) + 1), k -> coalesce(s[k + 1], n + 1) - s[k] >= {least})), 0) "
                    f"FROM (SELECT {starts} AS s, len(l) AS n FROM {ordered}))")
        stamp = f"make_timestamp(CAST({self.local('e.happened', purpose)} AS BIGINT))"
        per = {"days": "day", "weeks": "week", "months": "month"}[node["per"]]
        return (f"(SELECT count(*) FROM (SELECT date_trunc('{per}', {stamp}) AS d {where} GROUP BY d "
                f"HAVING count(*) >= {least}))")

    def fold(self, node, purpose):
        if node["fold"] in ("first", "last"):
            where = f"FROM ev e WHERE {self.selected('e', purpose, node, node.get('window'))}"
            column = f"e.{self.column[node['property']]}"
            arg = "arg_min" if node["fold"] == "first" else "arg_max"
            return f"(SELECT {arg}({self.test(column, node, purpose)}, (e.happened, e.message)) {where})"
        num, den = self.measure(node, purpose)
        return f"{num} {node['test']} CAST({self.number(node['value'])} * 1000000 AS HUGEINT) * {den}"

    def compare(self, node, purpose):
        left, left_of = self.measure(node["compare"], purpose)
        right, right_of = self.measure(node["with"], purpose)
        times = f"CAST({self.number(node.get('times', 1))} * 1000000 AS HUGEINT)"
        return f"{left} * {right_of} * 1000000 {node['test']} {times} * {right} * {left_of}"

    def ranked(self, node, purpose):
        threshold = self.thresholds.get((purpose, json.dumps(node, sort_keys=True)))
        if threshold is None:
            return "false"
        of = node["of"]
        some = f"EXISTS (SELECT 1 FROM ev e WHERE {self.selected('e', purpose, of, of.get('window'))})"
        test = ">=" if node["ranked"] == "top" else "<="
        num, den = self.measure(of, purpose)
        return f"{some} AND {num} {test} CAST({self.number(threshold)} * 1000000 AS HUGEINT) * {den}"

    def median_of(self, node, purpose):
        median = self.thresholds.get((purpose, json.dumps(node, sort_keys=True)))
        if median is None:
            return "false"
        of = node["median_of"]
        some = f"EXISTS (SELECT 1 FROM ev e WHERE {self.selected('e', purpose, of, of.get('window'))})"
        num, den = self.measure(of, purpose)
        times = f"CAST({self.number(node.get('times', 1))} * 1000000 AS HUGEINT)"
        wanted = f"{times} * CAST({self.number(median)} * 1000000 AS HUGEINT)"
        return f"{some} AND {num} * 1000000 {node['test']} {wanted} * {den}"

    def still(self, node, purpose):
        today = self.predicate(node["still"], purpose)
        before = self.now
        then = f"{before} + {micros(node['in'])}" if "in" in node else f"epoch_us(TIMESTAMP {quote(node['at'].replace('Z', ''))})"
        self.now = f"greatest({before}, {then})"
        ahead = self.predicate(node["still"], purpose)
        self.now = before
        return f"({today} AND {ahead})"

    def permission(self, node, purpose):
        where = f"FROM answers a WHERE a.person = p.person AND a.since <= p.now AND a.purpose = {self.purposes[node['permission']]}"
        last = lambda what: f"(SELECT arg_max({what}, a.since) {where})"
        unset = f"coalesce({last('a.said')} IS NULL OR ({last('a.said')} = 'given' AND {last('a.until')} <= {self.now}), true)"
        if node["is"] == "unset":
            return unset
        if node["is"] == "ends":
            return f"(NOT {unset} AND {last('a.said')} = 'given' AND {last('a.until')} <= {self.now} + {micros(node['within'])})"
        said = f"{last('a.said')} <> 'given'" if node["is"] == "against" else f"{last('a.said')} = {quote(node['is'])}"
        return f"(NOT {unset} AND {said} AND {self.inside(last('a.since'), node.get('since'))})"

    def aged(self, node, purpose):
        end = "max" if node["aged"] == "last" else "min"
        where = self.selected("e", purpose, node, node.get("window"))
        return f"(SELECT {self.inside(f'{end}(e.happened)', node['age'])} FROM ev e WHERE {where})"

    def sequence(self, node, purpose):
        steps = node["then"] if isinstance(node["then"], list) else [{**node["then"], "within": node.get("within")}]
        froms, said = ["ev s0"], [self.selected("s0", purpose, node["sequence"])]
        if node.get("first"):
            earlier = self.selected("z0", purpose, node["sequence"])
            said.append(f"NOT EXISTS (SELECT 1 FROM ev z0 WHERE {earlier} "
                        f"AND (z0.happened, z0.message) < (s0.happened, s0.message))")
        for i, step in enumerate(steps, 1):
            a, b = f"s{i - 1}", f"s{i}"
            froms.append(f"ev {b}")
            said += [self.selected(b, purpose, step, node.get("window") if i == len(steps) else None),
                     f"{b}.happened > {a}.happened", self.same(a, b, step.get("same"))]
            if step.get("within"):
                said.append(f"{b}.happened <= {a}.happened + {micros(step['within'])}")
            if step.get("after"):
                said.append(f"{b}.happened >= {a}.happened + {micros(step['after'])}")
            if "without" in step:
                said.append(f"NOT EXISTS (SELECT 1 FROM ev w{i} WHERE {self.selected(f'w{i}', purpose, step['without'])} "
                            f"AND w{i}.happened > {a}.happened AND w{i}.happened < {b}.happened)")
        return f"(SELECT count(*) > 0 FROM {', '.join(froms)} WHERE {' AND '.join(said)})"

    def members(self):
        """{(person, now): {index, …}} for the table probe(person, now, kinds)."""
        out = {row: set() for row in self.db.execute("SELECT person, now FROM probe").fetchall()}
        for index, definition in enumerate(self.definitions):
            said = self.predicate(definition["where"], definition["purpose"])
            for row in self.db.execute(f"SELECT p.person, p.now FROM asked p WHERE {said}").fetchall():
                out[row].add(index)
        return out
