"""docs/openapi.json: well-formed, served, and true: its paths are the routes of the code, and what real clients send and the server
answers is what it says."""

import json
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/clients"))

try:
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import validate
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012
except ImportError:
    print("skipped: the validator is not installed (tools/setup.sh test brings it); run this with .venv's Python")
    sys.exit(77)

import recorded_test
import sink
from house import KEY, House, source

DOC = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
METHODS = ("get", "post", "put", "patch", "delete", "options")
CONSENT = {"context": {"consent": {"categoryPreferences": {"personalise": True, "measure": True, "link": True}}}}


def resolved(node):
    while "$ref" in node:
        at = DOC
        for part in node["$ref"][2:].split("/"):
            at = at[part.replace("~1", "/")]
        node = at
    return node


def operations():
    for path, item in DOC["paths"].items():
        for method in METHODS:
            if method in resolved(item):
                yield path, method.upper(), resolved(item)[method]


def pattern(path):
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$")


def operation_of(method, target):
    """The one with the fewest parameters that fits."""
    path = target.split("?")[0]
    fits = [(p, o) for p, m, o in operations() if m == method and pattern(p).match(path)]
    return min(fits, key=lambda one: one[0].count("{"), default=(None, None))


def closed(node):
    """The same schemas, but what they do not list is wrong: so the description says all that the server says."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {key: closed(value) for key, value in node.items()}
    if isinstance(out.get("properties"), dict) and "required" in out and "additionalProperties" not in out:
        out["additionalProperties"] = False
    return out


def validator(schema, strict):
    doc = closed(DOC) if strict else DOC
    registry = Registry().with_resource("urn:doc", Resource.from_contents(doc, default_specification=DRAFT202012))
    schema = json.loads(json.dumps(closed(schema) if strict else schema).replace('"#/', '"urn:doc#/'))
    return Draft202012Validator(schema, registry=registry)


DECISIONS = """
[[placement]]
name = "hero"
[[experiment]]
name = "tone"
purpose = "market"
variants = { a = 5000, b = 5000 }
[[offer]]
name = "one"
placements = ["hero"]
purpose = "market"
segment = "active"
experiment = "tone"
variant = "a"
payload.en = { title = "One" }
[[offer]]
name = "all"
placements = ["hero"]
price = "9.90 EUR"
stock = 1
payload.en = { title = "All" }
[[flag]]
name = "tone_flag"
values = { a = 1, b = 2 }
default = "a"
purpose = "market"
rules = [{ experiment = "tone" }]
"""
TEE = """
[[tee]]
name = "old"
source = "hello"
url = "https://old.invalid/v1/batch"
key_file = "old.key"
purpose = "measure"
"""
LOOSE = {"EventFate", "SegmentSettings", "Ruled"}  # they say that more may stand there


class Openapi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        keys = recorded_test.KEYS
        cls.house = House(
            sources="".join(source(f"recorded-{i}", key, use, recorded_test.PAGE if use == "public" else "") for i, (key, use) in enumerate(keys.items())),
            files={"tee.toml": TEE, "old.key": "k", "decisions.toml": DECISIONS, "journeys.jny": "journey hi purpose market\n enter segment active\n step rest wait 1h\n", "actions.toml": sink.destination("crm", "https://crm.example/hook") + sink.action("welcome", "crm", quiet="21:00-08:00") + sink.action("call", "crm", when="journey", segment="").replace('segment = ""\n', "")},
        ).start()
        items = [{"type": "identify", "userId": "ana", "anonymousId": "a1", "messageId": "id", "traits": {"email": "ana@example.org", "name": "Ana"}, **CONSENT}]
        items += [
            {"type": "track", "userId": f"u{i}", "event": "Order Completed", "messageId": f"m{i}", "properties": {"order_id": f"o{i}", "total": 12.5}, **CONSENT}
            for i in range(5)
        ]
        items += [{"type": "track", "userId": "ana", "event": "Odd", "messageId": f"odd{i}", "properties": {"size": size}, **CONSENT} for i, size in enumerate((1, "L"))]
        items += [{"type": "track", "userId": "x", "event": "Quiet", "messageId": "quiet"}, {"type": "track", "event": "Nobody's", "messageId": "bad"}]
        items += [{"type": "consent", "userId": "ana", "purpose": "market", "state": "given", "messageId": "yes"}]
        status, text = cls.house.post("/v1/batch", {"batch": items})
        assert status == 200, text
        cls.first = json.loads(text)
        cls.house.post("/v1/track", {}, key="nobody")
        cls.house.settle()

    @classmethod
    def tearDownClass(cls):
        assert cls.house.stop() == 0

    def holds(self, method, target, status, kind, text):
        """What came is described: path, method, status, content type and content."""
        path, operation = operation_of(method, target)
        self.assertIsNotNone(operation, f"{method} {target} is not described")
        self.assertIn(str(status), operation["responses"], f"{method} {path}")
        content = resolved(operation["responses"][str(status)]).get("content", {})
        kind = (kind or "").split(";")[0]
        if not text:
            return path
        self.assertIn(kind, content, f"{method} {path} {status}: {text[:200]}")
        if "json" in kind:
            schema = content[kind]["schema"]
            strict = schema.get("$ref", "").split("/")[-1] not in LOOSE
            errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator(schema, strict).iter_errors(json.loads(text))]
            self.assertEqual(errors, [], f"{method} {path} {status}")
        return path

    def test_it_is_well_formed(self):
        validate(DOC)
        text = json.dumps(DOC)
        for kind, entries in DOC["components"].items():
            for name in entries:
                if kind != "securitySchemes":
                    self.assertIn(f'"#/components/{kind}/{name}"', text, "it is used")
        ids = []
        for path, method, operation in operations():
            with self.subTest(f"{method} {path}"):
                self.assertTrue(operation["summary"])
                self.assertIn(operation["tags"][0], [tag["name"] for tag in DOC["tags"]])
                named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
                self.assertEqual(named, set(re.findall(r"\{(\w+)\}", path)))
                self.assertTrue(all(p["description"] for p in operation.get("parameters", [])))
                ids += [operation["operationId"]] if "operationId" in operation else []
        self.assertEqual(len(ids), len(set(ids)))

    def test_it_is_served_on_both_listeners(self):
        for port in (self.house.public, self.house.console):
            here, self.house.console = self.house.console, port
            status, body, answer = self.house.ask("GET", "/openapi.json", headers={})
            self.house.console = here
            self.assertEqual((status, body), (200, DOC))
            self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), None)

    def test_its_paths_are_the_routes_of_the_code(self):
        code = (ROOT / "src/portal/console.cc").read_text()
        routes = {(method, prefix + "x" * (not whole) + suffix) for method, prefix, suffix, whole in (
            (m, p, s or "", bool(w)) for m, p, s, w in re.findall(r'\{Read::\w+, Right::\w+, "(\w+)", "([^"]+)"(?:, "([^"]*)")?(, whole)?\}', code)
        )}
        self.assertGreater(len(routes), 20)
        table = (ROOT / "src/collect/paths.cc").read_text()
        table = table[table.index("constexpr std::array table"):]
        for call, words in re.findall(r'(one|many|about|between|prefix =) ?\(?([^;{}]*?"[^"]*"(?:, "[^"]*")?)', table):
            part = re.findall(r'"([^"]*)"', words)
            path = part[0] + ("x" + part[1] if call == "between" else "")
            get = re.search(r"Use::(settings|script|source_config|openapi|gpc)", words)
            routes.add(("GET" if get else "POST", path))
            if not re.search(r"Use::(script|openapi|gpc)", words):
                routes.add(("OPTIONS", path))
        audit = re.findall(r'"(/v1/audit/\w+)";', (ROOT / "src/portal/audit.cc").read_text())
        self.assertEqual(len(audit), 3)
        front = {("GET", path) for path in ("/healthz", "/readyz", *audit)}
        described = {(method, path) for path, method, _ in operations()}
        for method, path in routes | front:
            self.assertIsNotNone(operation_of(method, path)[0], f"{method} {path} is a route, and not described")
        for method, path in described:
            plain = re.sub(r"\{\w+\}", "x", path)
            fits = [r for m, r in routes | front if m == method and (plain == r or (r.endswith("/x") and plain.startswith(r[:-1])))]
            self.assertTrue(fits, f"{method} {path} is described, and no route")

    def test_recorded_traffic_is_as_described(self):
        seen = set()
        for scenario, request in recorded_test.recorded():
            status, text, answer = recorded_test.send(self.house.public, request)
            path = self.holds(request["method"], request["target"], status, answer.getheader("Content-Type"), text.decode())
            seen.add((request["method"], path))
            if request["method"] == "POST":
                schema = next(iter(operation_of("POST", path)[1]["requestBody"]["content"].values()))["schema"]
                errors = [e.message[:200] for e in validator(schema, False).iter_errors(json.loads(request["body_text"]))]
                self.assertEqual(errors, [], f"{scenario} {path}")
        self.assertGreaterEqual(len(seen), 12)

    def test_answers_are_as_described(self):
        person = "user_id:ana"
        self.house.post("/v1/track", {"userId": "late", "event": "Seen", "messageId": "late", "timestamp": "soon", **CONSENT})
        letter = self.house.ask("GET", "/v1/dead-letters")[1]["letters"][0]["id"]
        ended = self.house.ask("POST", "/v1/sources", {"name": "ended", "use": "public"})[1]["key"]["fingerprint"]
        calls = [("GET", path, None) for path in (
            "/healthz", "/readyz", "/v1/session", "/v1/house", "/v1/home", "/v1/home?real_only=1", "/v1/sources", "/v1/sources/hello", "/v1/sources/none",
            "/v1/segments", "/v1/segments/active", "/v1/segments/none", "/v1/segments/active/members", "/v1/segments/active/members?limit=0",
            "/v1/lifecycle", "/v1/lifecycle/customer", "/v1/lifecycle/none", "/v1/sets?where=in%20segment%20active%20and%20not%20in%20segment%20lost", "/v1/sets?where=not%20in%20segment%20active",
            "/v1/sets/members?where=in%20segment%20active&limit=2", "/v1/sets/members?where=x", "/v1/sets/overlap?of=active,lost", "/v1/sets/overlap?of=active", "/v1/sets/overlap?of=active,none",
            "/v1/segments/active/versions", "/v1/segments/none/versions", "/v1/segments/active/sample", "/v1/segments/active/overlap", "/v1/segments/active/history?points=3", "/v1/segments/active/history?step=x",
            "/v1/passages?limit=5", "/v1/arrivals", "/v1/arrivals?limit=x", f"/v1/profiles/{person}", "/v1/profiles/user_id:none", "/v1/profiles/none",
            f"/v1/profiles/{person}/why/active", f"/v1/profiles/{person}/why/active?text=fr", "/v1/events/m1?source=hello", "/v1/events/quiet", "/v1/events/none",
            f"/v1/persons/{person}/joins", "/v1/persons/none/joins", "/v1/insight", "/v1/insight/none", "/v1/insight/cards", "/v1/insight/cards/plot?n=99", "/v1/lake", "/v1/jobs", "/metrics",
            "/v1/receipts/1", "/v1/receipts/x", "/v1/receipts/99", "/v1/audit/checkpoint", "/v1/audit/keys", "/v1/audit/consistency?from=1", "/v1/audit/consistency",
            "/v1/actions", "/v1/messages", "/v1/effects/user_id:u1", "/v1/effects/user_id:u1?action=welcome", "/v1/effects/user_id:u1?action=welcome&text=fr",
            "/v1/journeys", "/v1/journeys/hi", "/v1/journeys/none", "/v1/journeys/hi/waiting", "/v1/journeys/hi/waiting?limit=0", "/v1/journeys/none/waiting", "/v1/journeys/of/user_id:u1", "/v1/journeys/of/user_id:u1?journey=hi&text=fr", "/v1/journeys/of/user_id:u1?journey=no", "/v1/journeys/of/user_id:none", "/v1/journeys/of/none",
            "/v1/effects/user_id:u1?action=none", "/v1/effects/user_id:none", "/v1/effects/none", "/v1/decisions", "/v1/decisions/of/user_id:ana", "/v1/decisions/of/user_id:none",
            "/v1/backfill", "/v1/packaged/segments", "/v1/packaged/segments?event=Seen&purpose=none", "/v1/segments/active/value", "/v1/segments/active/value?of=x", "/v1/segments/none/value",
        )]
        calls += [("POST", "/v1/find", {"email": "ana@example.org"}), ("POST", "/v1/find", {"colour": "blue"}),
                  ("POST", "/v1/jobs/lake.sweep", None), ("POST", "/v1/jobs/lake.none", None), ("DELETE", "/v1/jobs/lake.cut", None), ("DELETE", "/v1/jobs/none", None),
                  ("POST", "/v1/sets/export", {"where": "in segment active", "purpose": "market"}), ("POST", "/v1/sets/export", {"where": "in segment active", "purpose": "market", "format": "csv"}), ("POST", "/v1/sets/export", {}), ("POST", "/v1/segments/active/undo", {}),
                  ("POST", "/v1/sql", {"sql": "FROM events", "purpose": "measure", "fresh": True}), ("POST", "/v1/sql", {"sql": "FROM 'a.csv'", "purpose": "measure"}), ("POST", "/v1/sql", {"sql": "SELECT 1", "purpose": "measure", "format": "csv"}),
                  ("POST", "/v1/journeys/hi/pause", None), ("POST", "/v1/journeys/none/pause", None), ("POST", "/v1/journeys/hi/resume", None),
                  ("POST", "/v1/journeys/preview", {"text": "journey hi purpose market enter segment active step a wait 1d"}), ("POST", "/v1/journeys/preview", {}),
                  ("PUT", "/v1/journeys/hi", {"text": "journey hi purpose market enter segment active step a wait 1d"}), ("PUT", "/v1/journeys/made", {"text": "journey made purpose market enter segment active step a wait 1d"}),
                  ("PUT", "/v1/journeys/hi", {"text": "journey hi purpose market enter segment active step a wait 2d", "instead_of": ""}), ("PUT", "/v1/journeys/hi", {"text": "x"}),
                  ("POST", "/v1/destinations/none/reopen", {}), ("POST", "/v1/destinations/none/replay", {}), ("POST", "/v1/destinations/crm/replay", {"within": "1h"}), ("POST", "/v1/destinations/crm/replay", {"x": 1}),
                  ("POST", "/v1/messages/none/preview", {"person": person}), ("POST", "/v1/messages/none/preview", {}),
                  ("POST", "/v1/messages/none/test", {"person": person, "to": "a@b.example"}), ("POST", "/v1/messages/none/test", {"person": person}), ("POST", "/v1/arrivals/search", {"text": "order"}),
                  ("POST", "/v1/segments/preview", {"text": 'segment active purpose market where did "Order Completed" in 30d'}), ("POST", "/v1/segments/preview", "segment x where"),
                  ("PUT", "/v1/segments/mine", 'segment mine purpose market where did "Order Completed" in 30d'), ("PUT", "/v1/segments/mine", "segment x where"),
                  ("PUT", "/v1/segments/mine", {"text": 'segment mine purpose market where did "Order Completed" in 9d', "instead_of": ""}),
                  ("PUT", "/v1/segments/mine", 'segment mine purpose market where did "Order Completed" in 9d'),
                  ("DELETE", "/v1/segments/mine", None), ("DELETE", "/v1/segments/mine", None),
                  ("POST", "/v1/sources", {"name": "more", "use": "server", "scopes": ["attest"]}), ("POST", "/v1/sources", {"name": "more", "use": "server"}), ("POST", "/v1/sources", {}),
                  ("GET", "/v1/campaigns", None), ("POST", "/v1/campaigns", {"name": "sale", "segment": "active", "action": "call", "at": "2099-01-01 10:00", "control_per_10000": 500, "test": []}),
                  ("POST", "/v1/campaigns", {"name": "sale"}), ("GET", "/v1/campaigns/sale", None), ("GET", "/v1/campaigns/none", None), ("POST", "/v1/campaigns/sale/test", {"person": person}),
                  ("POST", "/v1/campaigns/none/test", {"person": person}), ("POST", "/v1/campaigns/sale/ask", {}), ("POST", "/v1/campaigns/sale/stop", {}), ("POST", "/v1/campaigns/sale/ask", {}),
                  ("GET", "/approve/none", None), ("POST", "/approve/none", "by=Eve"),
                  ("GET", "/v1/dead-letters", None), ("GET", f"/v1/dead-letters/{letter}", None), ("GET", "/v1/dead-letters/none", None),
                  ("POST", "/v1/dead-letters/resend", {"ids": [letter], "dry_run": True}), ("POST", "/v1/dead-letters/resend", {}),
                  ("POST", "/v1/dead-letters/discard", {"ids": [letter]}), ("POST", "/v1/dead-letters/discard", {}),
                  ("GET", "/v1/sources/more", None), ("PATCH", "/v1/sources/more", {"catalogue": "warn"}), ("PATCH", "/v1/sources/more", {"colour": 1}), ("PATCH", "/v1/sources/none", {}),
                  ("POST", "/v1/sources/more/keys", {"use": "public"}), ("POST", "/v1/sources/more/keys", {"follows": "x"}), ("POST", "/v1/sources/none/keys", {"use": "public"}),
                  ("DELETE", f"/v1/sources/ended/keys/{ended}", None), ("DELETE", "/v1/sources/more/keys/000000000000", None), ("DELETE", "/v1/sources/more", None),
                  ("POST", f"/v1/persons/{person}/split", {}), ("POST", f"/v1/persons/{person}/forget", {}), ("POST", f"/v1/persons/{person}/merge", {"with": "user_id:u1"}),
                  ("GET", "/v1/requests", None), ("POST", "/v1/requests", {"who": "user_id:u2", "right": "access", "reason": "wrote"}), ("POST", "/v1/requests", {"who": "user_id:none", "right": "access", "reason": "x"}),
                  ("POST", "/v1/requests", {"who": "user_id:u3", "right": "erasure", "reason": "wrote", "hours": 72}), ("POST", "/v1/requests", {"who": "user_id:u3", "right": "erasure", "reason": "again"}), ("POST", "/v1/requests", {}),
                  ("POST", "/v1/requests/" + "0" * 32, {"who": "user_id:u2", "state": "denied", "reason": "x"}), ("GET", "/v1/requests?state=open", None), ("GET", "/v1/profiles/user_id:u3", None),
                  ("POST", f"/v1/persons/{person}/guest_link", {"reason": "a test"}), ("POST", f"/v1/persons/{person}/guest_link", {}), ("POST", "/v1/audit/rotate", None), ("POST", "/v1/owner_link", None), ("DELETE", "/v1/session", None),
                  ("POST", "/v1/staff", {"name": "lea", "role": "support"}), ("POST", "/v1/staff", {"name": "lea", "role": "support"}), ("POST", "/v1/staff", {"name": "lea", "role": "kaiser"}), ("GET", "/v1/staff", None),
                  ("PATCH", "/v1/staff/lea", {"role": "analyst"}), ("PATCH", "/v1/staff/none", {"role": "analyst"}), ("POST", "/v1/staff/lea/link", None), ("POST", "/v1/staff/none/link", None), ("POST", "/v1/staff/lea/unlock", None), ("POST", "/v1/staff/none/unlock", None),
                  ("POST", "/v1/session", {"name": "lea", "password": "wrong wrong wrong"}), ("POST", "/v1/join", {"code": "none"}), ("POST", "/v1/password", {"old": "x", "password": "another good one"}),
                  ("GET", "/v1/approvals", None), ("POST", "/v1/approvals/none", {"yes": True}), ("POST", "/v1/approvals/none", {}), ("POST", "/v1/approvals/none/link", None), ("GET", "/v1/audit/log?limit=3", None), ("GET", "/v1/audit/log?after=x", None)]
        calls += [("PUT", "/v1/segments", "segment x where"), ("PUT", "/v1/segments", 'segment active purpose market where did "Order Completed" in 30d')]
        seen = set()
        for method, target, body in calls:
            with self.subTest(f"{method} {target}"):
                status, text, answer = self.house.ask(method, target, body)
                text = text if isinstance(text, str) else json.dumps(text)
                seen.add((method, self.holds(method, target, status, answer.getheader("Content-Type"), text)))
        not_called = {("GET", "/start/{code}"), ("GET", "/v1/live"), ("GET", "/openapi.json")}
        console = {(m, p) for p, m, o in operations() if o["tags"][0] not in ("collect", "browsers", "decisions")}
        self.assertEqual(console - seen - not_called, set(), "every operation of the console is called")

    def test_decisions_are_as_described(self):
        hero = {"placements": [{"key": "hero"}]}
        status, text = self.house.post("/v1/decide", hero)
        token = json.loads(text)["decisions"][0]["token"]
        flags = "/ofrep/v1/evaluate/flags"
        ana = {"context": {"targetingKey": "ana"}}
        event = {"type": "track", "event": "Odd", "userId": "ana", **CONSENT}
        seen = set()
        for path, body, key, status in (
            ("/v1/decide", {**hero, "explain": True, "subject": {"userId": "ana"}, "event": event}, KEY, 200), ("/v1/decide", hero, KEY, 200), ("/v1/decide", {}, KEY, 400),
            ("/v1/decide", hero, "WK_SEGMENT_WEB", 404), ("/v1/decide", hero, "nobody", 401), ("/v1/exposures", {"tokens": [token, "x"]}, KEY, 200), ("/v1/exposures", {}, KEY, 400),
            ("/v1/feedback", {"token": token, "outcome": "taken"}, KEY, 200), ("/v1/feedback", {"token": token, "outcome": "clicked"}, KEY, 200),
            ("/v1/feedback", {"token": token, "outcome": "taken"}, "WK_SEGMENT_WEB", 403), (flags, ana, KEY, 200), (flags, {}, KEY, 400), (flags, {}, "WK_SEGMENT_WEB", 200),
            (flags + "/tone_flag", ana, KEY, 200), (flags + "/none", ana, KEY, 404), (flags + "/tone_flag", "{", KEY, 400),
        ):
            with self.subTest(f"{path} {body}"):
                got, text = self.house.post(path, body, key)
                self.assertEqual(got, status, text)
                kind = "application/json" if got == 200 or (path.startswith(flags) and got != 401) else "application/problem+json"
                seen.add(self.holds("POST", path, got, kind, text.decode()))
        self.assertEqual(seen, {p for p, m, o in operations() if m == "POST" and o["tags"][0] == "decisions"})

    def test_refusals_are_as_described(self):
        for headers, target, status in (({}, "/v1/house", 401), ({"Host": "evil.example"}, "/v1/house", 403), ({"Authorization": "Bearer x"}, "/v1/home", 401)):
            got, body, answer = self.house.ask("GET", target, headers=headers)
            self.assertEqual(got, status)
            self.holds("GET", target, got, answer.getheader("Content-Type"), json.dumps(body))
            self.assertEqual((body["status"], body["type"]), (status, "about:blank"))
        kinds = {"/v1/m": "application/json", "/v1/consent": "application/problem+json"}
        for path, body, key, status in (("/v1/track", "{", KEY, 400), ("/v1/track", "{}", "nobody", 401), ("/v1/batch", b"\x1f\x8b\x08", KEY, 400), ("/v1/consent", "{}", "WK_SEGMENT_WEB", 403),
                                        ("/v1/m", '{"series":[]}', None, 200)):
            got, text = self.house.post(path, body, key)
            self.assertEqual(got, status, text)
            self.holds("POST", path, got, kinds.get(path, "text/plain"), text.decode())

    def test_a_batch_gets_its_verdicts_as_described(self):
        self.holds("POST", "/v1/batch", 200, "application/json", json.dumps(self.first))
        self.assertEqual([len(self.first[part]) for part in ("rejected", "withheld")], [1, 1])


if __name__ == "__main__":
    if not recorded_test.FOLDER.is_dir():
        print(f"skipped: there are no recordings at HOSPES_DATA/clients ({recorded_test.FOLDER.name} is absent)")
        sys.exit(77)
    unittest.main()
