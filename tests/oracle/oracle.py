"""Segments as SQL: a second, independent reading of docs/segments.md.

`Oracle(connection)` expects a table raw(person, message, happened, received, name, type, mask, properties): instants in
microseconds since 1970, properties as JSON text. Repeats of a message count once (the first received). `members` answers
for a table of probes (person, now, kinds): what was received up to `now` is known then.
"""

import re

UNITS = {"w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000,
         "ms": 1_000, "us": 1}


def micros(text):
    sign, number, unit = re.fullmatch(r"(-?)(\d+)(w|d|h|m|s|ms|us)", text).groups()
    return (-1 if sign else 1) * int(number) * UNITS[unit]


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def names_used(node, found):
    """Every property and trait name of a predicate: they become columns."""
    if isinstance(node, list):
        for item in node:
            names_used(item, found)
    elif isinstance(node, dict):
        for key in ("property", "trait", "date"):
            if isinstance(node.get(key), str):
                found.add(node[key])
        for value in node.values():
            names_used(value, found)
    return found


class Oracle:
    def __init__(self, connection, definitions, purposes, kinds):
        self.db = connection
        self.definitions = definitions
        self.by_id = {d["id"]: d for d in definitions}
        self.purposes = purposes
        self.kinds = kinds
        names = sorted(names_used([d["where"] for d in definitions], set()))
        self.column = {name: f"v{i}" for i, name in enumerate(names)}
        self._load()

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

    def test(self, column, clause):
        present = f"({column}_kind IS NOT NULL AND {column}_kind <> 'null')"
        op = clause["test"]
        if op == "exists":
            return present
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

    @staticmethod
    def inside(what, window):
        window = window or {}
        said = f"{what} <= p.now - {micros(window.get('to', '0us'))}"
        if "from" in window:
            said += f" AND {what} > p.now - {micros(window['from'])}"
        return said

    def selected(self, e, purpose, select, window=None):
        said = [self.visible(e, purpose), f"{e}.name = {quote(select['event'])}", self.inside(f"{e}.happened", window)]
        said += [self.test(f"{e}.{self.column[c['property']]}", c) for c in select.get("where", [])]
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
        for key in ("trait", "date", "fold", "aged", "sequence"):
            if key in node:
                return f"coalesce({getattr(self, key)(node, purpose)}, false)"
        raise ValueError(node)

    def latest(self, name, purpose, said):
        column = f"e.{self.column[name]}"
        return (f"(SELECT arg_max({said}, (e.happened, e.message)) FROM ev e WHERE {self.visible('e', purpose)} "
                f"AND e.type = 'identify' AND {column}_kind IS NOT NULL)")

    def trait(self, node, purpose):
        return self.latest(node["trait"], purpose, self.test(f"e.{self.column[node['trait']]}", node))

    def date(self, node, purpose):
        column = f"e.{self.column[node['date']]}"
        at = f"CASE WHEN {column}_kind = 'text' THEN {column}_date END"
        offset = micros(node.get("offset", "0us"))
        bound = f"epoch_us(TIMESTAMP {quote(node['at'].replace('Z', ''))})" if "at" in node else f"(p.now + {offset})"
        said = {"before": f"({at}) < {bound}", "after": f"({at}) > {bound}",
                "past": f"({at}) <= p.now AND ({at}) > p.now - {offset}",
                "coming": f"({at}) > p.now AND ({at}) <= p.now + {offset}"}[node["test"]]
        return self.latest(node["date"], purpose, f"coalesce({said}, false)")

    def fold(self, node, purpose):
        where = f"FROM ev e WHERE {self.selected('e', purpose, node, node.get('window'))}"
        fold = node["fold"]
        if fold == "count":
            return f"(SELECT count(*) {where}) {node['test']} {self.number(node['value'])}"
        column = f"e.{self.column[node['property']]}"
        if fold in ("first", "last"):
            arg = "arg_min" if fold == "first" else "arg_max"
            return f"(SELECT {arg}({self.test(column, node)}, (e.happened, e.message)) {where})"
        op, value = node["test"], self.number(node["value"])
        if fold == "distinct":
            return (f"(SELECT count(DISTINCT {column}_kind || ':' || CASE {column}_kind WHEN 'number' "
                    f"THEN CAST({column}_number AS VARCHAR) ELSE {column}_text END) {where} "
                    f"AND {column}_kind <> 'null') {op} {value}")
        where += f" AND {column}_kind = 'number'"
        if fold == "sum":
            return f"(SELECT coalesce(sum({column}_number), 0) {where}) {op} {value}"
        if fold == "average":
            return f"(SELECT CASE WHEN count(*) > 0 THEN sum({column}_number) {op} {value} * count(*) END {where})"
        return f"(SELECT {fold}({column}_number) {where}) {op} {value}"

    def aged(self, node, purpose):
        end = "max" if node["aged"] == "last" else "min"
        where = self.selected("e", purpose, node, node.get("window"))
        return f"(SELECT {self.inside(f'{end}(e.happened)', node['age'])} FROM ev e WHERE {where})"

    def sequence(self, node, purpose):
        within = f" AND b.happened <= a.happened + {micros(node['within'])}" if "within" in node else ""
        starts = f"SELECT happened, person FROM ev a WHERE {self.selected('a', purpose, node['sequence'])}"
        if node.get("first"):
            starts = f"SELECT min(happened) AS happened FROM ({starts})"
        then = self.selected("b", purpose, node["then"], node.get("window"))
        return f"(SELECT count(*) > 0 FROM ({starts}) a, ev b WHERE {then} AND b.happened > a.happened{within})"

    def members(self):
        """{(person, now): {index, …}} for the table probe(person, now, kinds)."""
        out = {row: set() for row in self.db.execute("SELECT person, now FROM probe").fetchall()}
        for index, definition in enumerate(self.definitions):
            said = self.predicate(definition["where"], definition["purpose"])
            for row in self.db.execute(f"SELECT p.person, p.now FROM probe p WHERE {said}").fetchall():
                out[row].add(index)
        return out
