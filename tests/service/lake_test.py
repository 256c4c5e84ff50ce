"""The lake of a running house: what lands in it, who reads it, what a purpose sees of it, and that no address stands there."""

import base64
import csv
import hashlib
import json
import pathlib
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import duckdb

from house import House

MEASURED = {"context": {"consent": {"categoryPreferences": {"measure": True}}}}
MAIL = "planted.person@shop.example"


def order(n, who, total, **more):
    return {"type": "track", "userId": who, "event": "Order Completed", "messageId": f"o{n}", "properties": {"total": total, "currency": "EUR"}, **MEASURED, **more}


class Lake(unittest.TestCase):
    def setUp(self):
        self.house = House(settings=["lake.every_s=1"]).start()
        self.addCleanup(self.house.stop)

    def sql(self, question, purpose="measure", code=0, *words):
        command = [self.house.binary, "sql", question, "--console", f"127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token"), "--fresh", *words]
        done = subprocess.run([*command, *(["--purpose", purpose] if purpose else [])], capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def rows(self, question, purpose="measure"):
        return json.loads(self.sql(question, purpose, 0, "--format", "json"))["rows"]

    def files(self):
        return sorted(str(p) for p in (self.house.root / "data/lake").rglob("*.parquet"))

    def raw(self, select):
        return duckdb.sql(f"SELECT {select} FROM read_parquet({self.files()}, hive_partitioning = true, union_by_name = true)").fetchall()

    def test_events_land_by_themselves_and_any_engine_reads_them(self):
        self.house.batch(*(order(n, f"u{n % 5}", n + 0.5) for n in range(40)))
        self.house.batch(order(3, "u3", 3.5))  # again
        for _ in range(300):  # the cut comes by itself
            if self.house.ask("GET", "/v1/lake")[1]["rows"] == 40:
                break
            time.sleep(0.1)
        self.assertEqual(self.raw("count(*), sum(value)::DOUBLE, count(DISTINCT identity), any_value(event)"), [(40, 800.0, 5, "Order Completed")])
        self.assertEqual(self.rows("SELECT count(*), sum(value), count(DISTINCT person) FROM events"), [[40, 800.0, 5]])
        self.assertEqual(self.rows("SELECT count(*) FROM events", "personalise"), [[0]])
        self.assertEqual(self.sql("SELECT properties->>'currency' AS currency, max(value) AS most FROM events GROUP BY ALL"), "  currency       most\n  EUR       39.500000\n")

    def test_a_withdrawal_shows_at_once(self):
        self.house.batch(*(order(n, f"u{n % 2}", 10) for n in range(10)))
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT person) FROM events"), [[10, 2]])
        self.house.batch({"type": "consent", "userId": "u1", "purpose": "measure", "state": "withdrawn", "messageId": "w1"})
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT person) FROM events"), [[5, 1]])
        self.assertEqual(self.rows("SELECT count(*) FROM people"), [[1]])
        self.assertEqual(self.raw("count(*)"), [(10,)])

    def test_the_sweep_takes_what_was_withdrawn_or_erased_out_of_the_files(self):
        self.house.batch(*(order(n, f"u{n % 3}", 10) for n in range(12)))
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [[12]])
        self.house.batch({"type": "consent", "userId": "u1", "purpose": "measure", "state": "withdrawn", "messageId": "w1"},
                         {"type": "consent", "userId": "u1", "purpose": "market", "state": "objected", "messageId": "w2"})
        status, told, _ = self.house.ask("POST", "/v1/persons/user_id:u2/forget", {"commit": True})
        self.assertEqual(status, 200, told)
        self.house.settle()
        purposes = self.raw("bit_or(purposes)")[0][0]
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [[4]])
        done = subprocess.run([self.house.binary, "job", "run", "lake.sweep", "--console", f"127.0.0.1:{self.house.console}", "--token-file", str(self.house.root / "data/console/token")],
                              capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^lake.sweep: \d+ rows left \d+ files")
        left = duckdb.sql(f"SELECT identity, count(*), bit_or(purposes) FROM read_parquet({self.files()}) GROUP BY ALL ORDER BY 3").fetchall()
        self.assertLessEqual(len(left), 2, "nothing of u2 is there")
        self.assertEqual(left[-1][1:], (4, purposes), "u0 is as before")
        self.assertNotEqual(left[0][2] if len(left) == 2 else 0, purposes, "what u1 withdrew is closed")
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [[4]])

    def test_an_erasure_is_in_no_file_once_it_is_scrubbed(self):
        house = House(settings=["lake.every_s=40", "erasure.scrub_h=0"]).start()
        self.addCleanup(house.stop)
        self.house = house
        house.batch(*(order(n, f"u{n % 3}", 10) for n in range(12)))
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [[12]])
        self.assertEqual(self.raw("count(*)"), [(12,)])
        house.batch(order(20, "u2", 10))  # in the log, and not in the lake yet
        status, told, _ = house.ask("POST", "/v1/persons/user_id:u2/forget", {"commit": True})
        self.assertEqual(status, 200, told)
        end = time.monotonic() + 60
        while not (house.root / "data/erasure/scrubbed").exists():
            self.assertLess(time.monotonic(), end, "the scrub ends")
        self.assertEqual(self.raw("count(*), count(DISTINCT identity)"), [(8, 2)])

    def test_who_keeps_everything_from_use_is_in_no_answer(self):
        self.house.batch(*(order(n, f"u{n % 2}", 10) for n in range(10)))
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT person) FROM events"), [[10, 2]])
        status, told, _ = self.house.ask("POST", "/v1/requests", {"right": "restriction", "who": "user_id:u1", "reason": "wrote to us"})
        self.assertEqual(status, 201, told)
        self.house.settle()
        self.assertEqual(self.rows("SELECT count(*), count(DISTINCT person) FROM events"), [[5, 1]])
        self.assertEqual(self.rows("SELECT count(*) FROM people"), [[1]])
        self.assertEqual(self.raw("count(*)"), [(10,)], "kept, and not used")

    def test_a_join_shows_as_one_person(self):
        self.house.batch(order(1, "u1", 1), {"type": "page", "anonymousId": "a1", "messageId": "p1", "properties": {"title": "Shoes"}, **MEASURED})
        self.assertEqual(self.rows("SELECT count(DISTINCT person) FROM events"), [[2]])
        self.house.batch({"type": "identify", "userId": "u1", "anonymousId": "a1", "messageId": "i1", "context": {"consent": {"categoryPreferences": {"measure": True, "link": True}}}})
        self.assertEqual(self.rows("SELECT count(DISTINCT person) FROM events"), [[1]])

    def test_kill_9_loses_and_doubles_nothing(self):
        sent = 0
        for _ in range(3):
            for _ in range(5):
                self.house.batch(*(order(n, f"u{n % 7}", 1) for n in range(sent, sent + 50)))
                sent += 50
            self.house.kill()
            self.house.start()
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [[sent]])
        self.assertEqual(self.raw("count(*), count(DISTINCT message)"), [(sent, sent)])
        self.assertEqual([p for p in (self.house.root / "data/lake").rglob("*.new")], [])

    def test_a_planted_address_stands_in_no_file(self):
        forms = [MAIL, MAIL.upper(), urllib.parse.quote(MAIL, safe=""), MAIL.encode().hex(), base64.b64encode(MAIL.encode()).decode(),
                 base64.b64encode(MAIL.encode("utf-16-le")).decode(), *(hashlib.new(kind, MAIL.encode()).hexdigest() for kind in ("md5", "sha1", "sha256"))]
        items = [{"type": "identify", "userId": MAIL, "messageId": "i", "traits": {"email": MAIL, "name": MAIL, "gender": "f", "note": MAIL}, **MEASURED}]
        for n, form in enumerate(forms):
            fields = {"total": 5, "coupon": form, "products": [{"name": form}], "affiliation": form, "unknown": form, form[:60]: 1}
            items.append({"type": "track", "userId": MAIL, "event": "Order Completed", "messageId": f"o{n}", "properties": fields, "context": {"page": {"url": f"https://a.example/?m={form}"}, **MEASURED["context"]}})
            items.append({"type": "page", "userId": MAIL, "messageId": f"p{n}", "properties": {"title": form, "url": f"https://a.example/x?m={form}", "search": form}, **MEASURED})
            items.append({"type": "track", "userId": MAIL, "event": f"Clicked {form}", "messageId": f"c{n}", **MEASURED})
        self.house.batch(*items)
        self.assertEqual(self.rows("SELECT count(*) FROM events"), [[len(items)]])
        text = json.dumps(self.raw("*"), default=str).lower() + " ".join(self.files()).lower()
        raw = b"".join(pathlib.Path(p).read_bytes() for p in self.files()) + (self.house.root / "data/lake/manifest").read_bytes()
        for form in forms:
            self.assertNotIn(form.lower(), text)
            self.assertNotIn(form.encode(), raw)
        self.assertIn('\\"gender\\":\\"f\\"', text)

    def test_errors_teach(self):
        self.assertIn("--purpose measure", self.sql("SELECT 1", None, 2))
        self.assertIn('the nearest known is "measure"', self.sql("SELECT 1", "mesure", 2))
        self.assertIn('the nearest known is "events"', self.sql("FROM event", "measure", 2))
        self.assertIn('"value"', self.sql("SELECT valeu FROM events", "measure", 2))
        self.assertIn("files are not read", self.sql("FROM '/etc/passwd'", "measure", 2))
        self.assertIn("only SELECT is answered", self.sql("DROP VIEW events", "measure", 2))

    def test_files_that_spreadsheets_open(self):
        self.house.batch(order(1, "u1", 12.5), {"type": "page", "userId": "u1", "messageId": "p1", "properties": {"title": "=1+1;2"}, **MEASURED})
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/a.csv"
            self.sql("SELECT value, properties->>'title' AS title FROM events ORDER BY value", "measure", 0, "--format", "csv-fr", "--out", path)
            raw = pathlib.Path(path).read_bytes()
            self.assertEqual(raw, b"\xef\xbb\xbfvalue;title\r\n12,500000;\r\n;\"'=1+1;2\"\r\n")
            with open(path, encoding="utf-8-sig", newline="") as file:
                self.assertEqual(list(csv.reader(file, delimiter=";"))[1:], [["12,500000", ""], ["", "'=1+1;2"]])


if __name__ == "__main__":
    unittest.main()
