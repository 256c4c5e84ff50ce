"""hospes import of Parquet: tables whose types say what is what, events with their structures, and what is left on the disk.
DuckDB for Python writes the files."""

import datetime
import json
import os
import pathlib
import random
import signal
import subprocess
import unittest

import duckdb
from importing import Importing

ORDERS = ("--event", "Order Completed")


class Parquet(Importing):
    def parquet(self, name, select):
        path = self.folder / f"raw-{name}"
        duckdb.sql(f"COPY ({select}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        return self.file(name, path.read_bytes())

    def timeline(self, person):
        return self.house.profile(person)["timeline"]

    def left(self, path):
        folder = pathlib.Path(f"{path}.import")
        return sorted(p.name for p in folder.glob("rows-*")) if folder.exists() else []

    def test_types_say_what_is_what(self):
        path = self.parquet("orders.parquet", """
            SELECT * FROM (VALUES
              (TIMESTAMPTZ '2025-04-03 10:00:00+02', '0012', 1.234::DOUBLE, '123', 1204::BIGINT, 12.50::DECIMAL(10,2), true, DATE '2025-05-06', [1, 2], 'one' || chr(10) || 'two; "three"'),
              (TIMESTAMPTZ '2025-04-03 08:00:01Z', NULL, 2.5, '124', 7, NULL, false, NULL, NULL, NULL),
              (TIMESTAMPTZ '2025-04-03 08:00:02.25Z', '0013', 2.5, '1.234', 7, 1, NULL, NULL, [3], ''))
            t(horodatage, id_client, poids, sorte, quantite, montant, neuf, jour_livraison, lots, note)""")
        said = self.run_import(path, *ORDERS, "--dry-run", code=1)
        first, second = json.loads("[" + next(l for l in said.splitlines() if l.startswith('  {"type"')) + "]")
        self.assertEqual(first["timestamp"], "2025-04-03T08:00:00Z")
        self.assertEqual(second["timestamp"], "2025-04-03T08:00:02.250000Z")
        self.assertEqual(first["userId"], "0012")
        self.assertEqual(first["properties"] | {"jour_livraison": ""}, {
            "poids": 1.234, "sorte": "123", "quantite": 1204, "montant": 12.5, "neuf": True, "jour_livraison": "",
            "lots": "[1,2]", "note": 'one\ntwo; "three"'})
        self.assertTrue(first["properties"]["jour_livraison"].startswith("2025-05-0"))
        self.assertEqual(second["properties"], {"poids": 2.5, "sorte": "1.234", "quantite": 7, "montant": 1, "lots": "[3]"})
        self.assertTrue(second["messageId"].endswith("-3"), "the number of the row")
        self.assertIn("orders.parquet:2: ", said, "a text with a line end moves no number")
        self.assertFalse(pathlib.Path(f"{path}.import").exists(), "nothing stays behind")
        self.run_import(path, *ORDERS, code=1)
        self.assertEqual([row[:3] for row in self.report(path)], [["2", "refused", "no_identifier"]])
        self.assertEqual(self.left(path), [])
        self.house.settle()
        self.assertEqual(self.house.profile("user_id:0012")["timeline_size"], 1)

    def test_times_without_a_zone_are_the_houses(self):
        path = self.parquet("naive.parquet", "SELECT TIMESTAMP '2025-07-03 10:00:00' AS horodatage, 'naive-1' AS id_client")
        self.assertIn('"timestamp":"2025-07-03T08:00:00Z"', self.run_import(path, *ORDERS, "--dry-run"))
        self.assertIn('"timestamp":"2025-07-03T10:00:00Z"', self.run_import(path, *ORDERS, "--dry-run", "--zone", "UTC"))

    def test_events_keep_their_structures(self):
        path = self.parquet("events.parquet", """
            SELECT 'track' AS type, 'Order Completed' AS event, 'pq-' || i AS "userId", 'pq-message-' || i AS "messageId",
                   TIMESTAMPTZ '2025-04-03 10:00:00+02' + to_seconds(i) AS timestamp,
                   {'total': 10.5 + i, 'products': [{'sku': 'A' || i, 'quantity': 2}], 'coupon': NULL} AS properties
            FROM range(3) r(i)""")
        self.assertIn("3 lines: accepted 3, withheld 0, refused 0", self.run_import(path))
        self.house.settle()
        event = self.timeline("user_id:pq-1")[0]
        self.assertEqual(event["at"][:19], "2025-04-03T08:00:01")
        self.assertEqual(event["properties"]["total"], 11.5)
        self.assertEqual(json.loads(event["properties"]["products"]) if isinstance(event["properties"]["products"], str)
                         else event["properties"]["products"], [{"sku": "A1", "quantity": 2}])
        self.assertEqual(self.house.get("/v1/events/pq-message-2")[0], 200)

    def test_every_row_of_a_drawn_table_enters_once(self):
        seed = int.from_bytes(os.urandom(4), "big")
        dice = random.Random(seed)
        begin = datetime.datetime(2024, 1, 1)
        rows = []
        for _ in range(6_000):
            at = begin + datetime.timedelta(seconds=dice.randrange(86_400 * 300), microseconds=dice.randrange(1_000) * 1_000)
            note = "".join(dice.choice('ab;,"\'\n\r\\é€ ') for _ in range(dice.randrange(9)))
            rows.append((f"draw-{dice.randrange(40)}", at, dice.randrange(-500, 99_999), note))
        table = duckdb.connect()
        table.execute("CREATE TABLE t (id_client VARCHAR, horodatage TIMESTAMP, total BIGINT, note VARCHAR)")
        table.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows[:300])
        for at in range(300, len(rows), 300):
            table.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows[at:at + 300])
        raw = self.folder / "raw-drawn.parquet"
        table.execute(f"COPY t TO '{raw}' (FORMAT parquet)")
        path = self.file("drawn.parquet", raw.read_bytes())
        words = self.words(path, *ORDERS, "--zone", "UTC")
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        position = pathlib.Path(f"{path}.import/position")
        while not position.exists() and process.poll() is None:
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.run_import(path, *ORDERS, "--zone", "UTC")
        self.assertEqual(self.left(path), [], "what a killed one left went with the next")
        self.house.settle()
        for person in sorted({row[0] for row in rows}):
            with self.subTest(seed=seed, person=person):
                wanted = sum(1 for row in rows if row[0] == person)
                self.assertEqual(self.house.profile(f"user_id:{person}")["timeline_size"], wanted)

    def test_what_is_none(self):
        self.assertIn("is not read as Parquet", self.failing(self.file("a.parquet", b"PAR1...."), *ORDERS))
        path = self.parquet("cut.parquet", "SELECT 'x' AS id_client, now() AS horodatage FROM range(5000)")
        cut = self.file("cut.parquet", path.read_bytes()[:-300])
        self.assertIn("is not read as Parquet", self.failing(cut, *ORDERS))
        self.assertEqual(self.left(cut), [])


if __name__ == "__main__":
    unittest.main()
