"""hospes import: files into the real binary. Provenance or nothing, guesses that are right or ask, resumption without
duplicates, a report of every line."""

import datetime
import gzip
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import unittest

import sink
from house import House
from importing import MANIFEST, Importing

UGLY = pathlib.Path(__file__).parent / "ugly"
ORDERS = ("--event", "Order Completed")


class Import(Importing):
    def ugly(self, name, *words, code=0):
        path = self.file(name, (UGLY / name).read_bytes())
        return self.run_import(path, *ORDERS, *words, code=code), path

    # Twelve ugly files: the guess is right, or it asks.

    def dry(self, name, *words, code=0):
        path = self.file(name, (UGLY / name).read_bytes())
        said = self.run_import(path, *ORDERS, "--dry-run", *words, code=code)
        if code == 2:
            return said
        return json.loads("[" + next(l for l in said.splitlines() if l.startswith('  {"type"')) + "]")

    def test_01_latin1_decimal_comma_day_first(self):
        first, second = self.dry("01_caisse_latin1.csv")
        self.assertEqual(first["timestamp"], "2025-04-02T22:00:00Z", "3 April, midnight in Paris")
        self.assertEqual(second["timestamp"], "2025-04-22T22:00:00Z")
        self.assertEqual(first["userId"], "000123")
        self.assertEqual(first["context"]["traits"]["email"], "zoe@exemple.example")
        self.assertEqual(first["properties"], {"Désignation": "Coffret « Été » n°5", "Total TTC": 1234.56, "CP": "04000"})

    def test_02_dates_that_nothing_tells(self):
        said = self.dry("02_dates_muettes.csv", code=2)
        self.assertIn('"date" on line 2 may be read day first or month first', said)
        self.assertIn("--dates dmy or --dates mdy", said)
        self.assertEqual(self.dry("02_dates_muettes.csv", "--dates", "dmy")[0]["timestamp"], "2025-04-02T22:00:00Z")
        self.assertEqual(self.dry("02_dates_muettes.csv", "--dates", "mdy")[0]["timestamp"], "2025-03-03T23:00:00Z")

    def test_03_month_first_is_proven(self):
        first, second = self.dry("03_mois_d_abord.csv")
        self.assertEqual((first["timestamp"], second["timestamp"]), ("2025-04-02T22:00:00Z", "2025-04-22T22:00:00Z"))
        self.assertEqual([e["properties"]["total"] for e in (first, second)], [12.5, 1234.56])
        self.assertIn("no date when read day first", self.dry("03_mois_d_abord.csv", "--dates", "dmy", code=2))

    def test_04_two_orders_in_one_column(self):
        self.assertIn("day first on line 2 and month first on line 3", self.dry("04_deux_ordres.csv", code=2))

    def test_05_quotes_across_lines(self):
        first, second = self.dry("05_bom_guillemets.csv")
        self.assertEqual(first["properties"], {"commentaire": 'Dit "bravo";\r\net repart'})
        self.assertEqual(first["timestamp"], "2025-04-03T12:05:00Z")
        self.assertTrue(second["messageId"].endswith("-4"), "the line on which the row begins")
        self.assertNotIn("properties", second)

    def test_06_utf16_with_tabs(self):
        first, second = self.dry("06_utf16_tableur.txt")
        self.assertEqual(first["properties"], {"Ville": "Nîmes", "Montant": 12.5})
        self.assertEqual(second["properties"], {"Ville": "Évry", "Montant": 1204})
        self.assertEqual(first["timestamp"], "2025-04-13T12:05:00Z")

    def test_07_thousands_or_a_decimal(self):
        self.assertIn("--decimal comma or --decimal point", self.dry("07_mille_ou_un.csv", code=2))
        weights = lambda *w: [e["properties"]["poids"] for e in self.dry("07_mille_ou_un.csv", *w)]
        self.assertEqual(weights("--decimal", "comma"), [1234, 2500])
        self.assertEqual(weights("--decimal", "point"), [1.234, 2.5])
        self.assertEqual(weights("--text", "poids"), ["1.234", "2.500"])

    def test_08_old_mac(self):
        self.assertIn("--encoding MACINTOSH", self.dry("08_vieux_mac.csv", code=2))
        self.assertEqual([e["properties"]["ville"] for e in self.dry("08_vieux_mac.csv", "--encoding", "MACINTOSH")], ["Orléans", "Besançon"])

    def test_09_what_an_erp_writes(self):
        first, second = self.dry("09_erp_sep.csv")
        self.assertEqual(first["userId"], "00042")
        self.assertEqual(first["properties"], {"Total": 1234.5, "currency": "EUR", "Magasin": "007"})
        self.assertEqual(second["properties"], {"Total": 12, "currency": "EUR"})
        self.assertEqual(first["timestamp"], "2025-03-31T22:00:00Z")

    def test_10_years_of_two_digits(self):
        self.assertIn("a year of two digits: say --dates dmy or --dates mdy", self.dry("10_annee_courte.csv", code=2))
        self.assertEqual(self.dry("10_annee_courte.csv", "--dates", "dmy")[0]["timestamp"], "2025-04-02T22:00:00Z")

    def test_11_two_encodings_glued(self):
        self.assertIn("11_deux_encodages.csv:3: most of this file is UTF-8, this line is not", self.dry("11_deux_encodages.csv", code=2))

    def test_12_broken_lines_are_reported_and_the_others_go_on(self):
        said, path = self.ugly("12_lignes_cassees.csv", code=1)
        self.assertIn("6 lines: accepted 2, withheld 0, refused 4", said)
        self.assertEqual(
            [row[:3] for row in self.report(path)],
            [["3", "refused", "bad_date"], ["4", "refused", "ragged"], ["5", "refused", "no_identifier"], ["6", "refused", "bad_number"]],
        )
        person = self.house.profile("user_id:a1")
        self.assertIsNotNone(person)
        self.assertIn("2025-04-03T08:00:00Z", json.dumps(person), "history keeps its own time")

    # Provenance, or nothing enters.

    def test_no_manifest_no_entry(self):
        path = self.file("nowhere.csv", "date;id_client\n2025-04-03;n1\n", manifest=None)
        said = self.run_import(path, *ORDERS, code=2)
        self.assertIn("what has no provenance does not enter", said)
        sketch = self.run_import(path, "--sketch-manifest")
        self.assertIn(hashlib.sha256(path.read_bytes()).hexdigest(), sketch)
        pathlib.Path(f"{path}.manifest.toml").write_text(sketch)
        self.assertIn("collected_by is missing", self.run_import(path, *ORDERS, code=2))
        self.assertIsNone(self.house.profile("user_id:n1"))

    def test_bought_lists_are_refused_with_the_reason(self):
        for method in ("bought", "rented", "exchanged", "scraped", "appended", "found"):
            path = self.file(f"{method}.csv", "date;id_client\n2025-04-03;n2\n", MANIFEST.replace("own_till", method))
            said = self.run_import(path, *ORDERS, code=2)
            self.assertRegex(said, r"\.manifest\.toml:4: data that was .* does not enter: these people gave it to somebody else")
        self.assertIsNone(self.house.profile("user_id:n2"))

    def test_a_manifest_that_does_not_match(self):
        path = self.file("match.csv", "date;id_client\n2025-04-03;n3\n")
        path.write_text("date;id_client\n2025-04-03;n3\n2025-04-04;n4\n")
        self.assertIn("the manifest does not match", self.failing(path, *ORDERS))
        path = self.file("other.csv", "date;id_client\n2025-04-03;n3\n")
        path = path.rename(self.folder / "renamed_and_changed.csv")
        path.write_text("date;id_client\n2025-04-03;n5\n")
        self.assertIn("does not speak of renamed_and_changed.csv", self.failing(path, *ORDERS, "--manifest", str(self.folder / "other.csv.manifest.toml")))
        late = self.file("late.csv", "date;id_client\n2025-04-03;n3\n2026-08-03;n6\n")
        self.run_import(late, *ORDERS, code=1)
        self.assertEqual(self.report(late)[0][:3], ["3", "refused", "outside_manifest"])

    def test_the_manifest_stays_with_the_house_and_its_events(self):
        path = self.file("kept.csv", "date;id_client;total\n2025-04-03;kept-1;12,50\n")
        self.run_import(path, *ORDERS)
        digest = hashlib.sha256(pathlib.Path(f"{path}.manifest.toml").read_bytes()).hexdigest()[:16]
        self.assertIn("asked at the till", (self.definitions / f"imports/{digest}.toml").read_text())
        self.assertIn(digest, json.dumps(self.house.profile("user_id:kept-1")))

    # NDJSON, resumption, two at once, what is no file of ours.

    def test_ndjson_keeps_ids_and_times_and_reports_lines(self):
        lines = [
            '{"type":"track","event":"Order Completed","userId":"j1","messageId":"own-1","timestamp":"2025-04-03T10:00:00.000Z","properties":{"total":5}}',
            "",
            "{broken",
            '{"event":"Order Completed","userId":"j2","originalTimestamp":"2025-04-03T10:00:00+02:00"}',
            '{"type":"track","event":"Order Completed","userId":"j3"}',
            "[1]",
            '{"type":"track","event":"Order Completed","userId":"j4","timestamp":"2025-04-05T00:00:00Z","x":"' + "y" * 1_100_000 + '"}',
            '{"type":"track","event":"Order Completed","timestamp":"2025-04-05T00:00:00Z"}',
        ]
        path = self.file("events.ndjson.gz", gzip.compress("\n".join(lines).encode()))
        said = self.run_import(path, code=1)
        self.assertIn("7 lines: accepted 2, withheld 0, refused 5", said)
        self.assertEqual(
            sorted((int(row[0]), row[2]) for row in self.report(path)),
            [(3, "not_json"), (5, "no_time"), (6, "not_json"), (7, "line_too_long"), (8, "no_identifier")],
        )
        self.assertEqual(self.house.get("/v1/events/own-1")[0], 200)
        self.assertIn("2025-04-03T08:00:00Z", json.dumps(self.house.profile("user_id:j2")))

    def orders(self, name, people, lines):
        rows = "".join(
            f'{{"type":"track","event":"Order Completed","userId":"{people}{i % 500}","timestamp":"2025-04-03T10:00:{i % 60:02}Z","properties":{{"total":{i}}}}}\n'
            for i in range(lines)
        )
        return self.file(name, rows)

    def counts(self, people):
        """How many events each of the 500 has."""
        self.house.settle()
        return {self.house.profile(f"user_id:{people}{i}")["timeline_size"] for i in range(500)}

    def test_killed_at_any_moment_it_goes_on_and_counts_once(self):
        path = self.orders("killed.ndjson", "kill-", 60_000)
        for i in range(5):
            process = subprocess.Popen(self.words(path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            position = pathlib.Path(f"{path}.import/position")
            before = position.read_text() if position.exists() else ""
            while process.poll() is None and (position.read_text() if position.exists() else "") == before:
                pass  # until one batch more has been answered
            process.send_signal(signal.SIGKILL if i % 2 else signal.SIGINT)
            _, err = process.communicate(timeout=30)
            if process.returncode == 3:
                self.assertIn("the same command goes on", err)
        said = self.run_import(path)
        self.assertIn("resumed after line", said)
        self.assertIn("60,000 lines: accepted 60,000, withheld 0, refused 0", said)
        self.assertIn("imported before, to its last line", self.run_import(path))
        self.assertEqual(self.counts("kill-"), {120})
        self.run_import(path, "--again")
        self.assertEqual(self.counts("kill-"), {120}, "the same lines once more count for nothing")

    def test_two_imports_of_one_file_at_once(self):
        path = self.orders("twice.ndjson", "twice-", 20_000)
        first = subprocess.Popen(self.words(path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not pathlib.Path(f"{path}.import/position").exists() and first.poll() is None:
            pass
        second = subprocess.run(self.words(path), capture_output=True, text=True, timeout=60)
        self.assertEqual(first.wait(timeout=60), 0)
        if second.returncode != 0:
            self.assertIn("another import of", second.stderr)
        first.communicate()
        self.assertEqual(self.counts("twice-"), {40})

    def test_files_that_are_something_else(self):
        for name, content, said in (
            ("a.xlsx", b"PK\x03\x04....", "save the sheet as CSV"),
            ("a.json", b'[{"a":1}]', "write one object a line"),
            ("empty.csv", b"", "is empty"),
            ("data.csv", b"2025-04-03;a@b.example;12\n2025-04-04;b@b.example;13\n", "does not name columns"),
            ("cut.csv.gz", gzip.compress(b"date;id_client\n" + os.urandom(5000).hex().encode())[:-40], "does not inflate"),
            ("open.csv", b'date;id_client\n2025-04-03;"a1\n' + b"x\n" * 600_000, "open.csv:2: a row over 1 MB: a quote is opened here"),
        ):
            self.assertIn(said, self.failing(self.file(name, content), *ORDERS), name)

    def test_one_line_without_end_costs_no_memory(self):
        path = self.folder / "endless.ndjson"
        with open(path, "wb") as file:
            file.write(b'{"a":"')
            file.truncate(400 << 20)
        with open(path, "rb") as file:  # not whole: a child's peak begins with that of the process it was forked from
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        pathlib.Path(f"{path}.manifest.toml").write_text(f'{MANIFEST}[[file]]\nname = "endless.ndjson"\nsha256 = "{digest}"\n')
        process = subprocess.Popen(self.words(path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out = process.stdout.read()
        process.stdout.close(), process.stderr.close()
        self.assertIn("1 lines: accepted 0, withheld 0, refused 1", out)
        self.assertLess(usage.ru_maxrss / 1024, 64)
        path.unlink()

    def test_keys(self):
        path = self.file("keys.csv", "date;id_client\n2025-04-03;n7\n")
        words = self.words(path, *ORDERS)
        ask = lambda source, key: subprocess.run(
            [w if w != "wk_demo_shop" else key for w in [x if x != "shop" else source for x in words]], capture_output=True, text=True
        ).stderr
        self.assertIn('the nearest known is "shop"', ask("shpo", "wk_demo_shop"))
        self.assertIn("needs a server key", ask("web", "wk_demo_web"))
        self.assertIn('belongs to source "web"', ask("shop", "wk_demo_web"))


class History(Importing):
    """What an import brings moves people, and is no moment to speak to them, unless it says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls.house  # whose folder holds the files
        cls.plain.stop()
        cls.told = sink.Sink()
        crm = sink.destination("crm", cls.told.url) + sink.action("welcome", "crm", segment="awaiting_second")
        journey = "journey care purpose market\n  enter segment awaiting_second\n  step rest wait 1h\n"
        cls.house = House(files={"actions.toml": crm, "journeys.jny": journey}, settings=['act.allow=["127.0.0.0/8"]']).start()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.told.close()

    def order(self, who):
        """As a line and as an event: an hour ago."""
        at = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).isoformat()
        return {"type": "track", "event": "Order Completed", "userId": who, "messageId": f"o-{who}", "timestamp": at, "properties": {"order_id": f"n-{who}", "total": 9}}

    def imported(self, who, *words):
        manifest = MANIFEST.replace("2026-06-30", (datetime.date.today() + datetime.timedelta(days=1)).isoformat())
        self.run_import(self.file(f"{who}.ndjson", json.dumps(self.order(who)) + "\n", manifest), *words)
        self.house.settle()

    def moved(self, who):
        """In the segment; effects decided; journeys begun."""
        status, body, _ = self.house.ask("GET", f"/v1/effects/user_id:{who}")
        self.assertEqual(status, 200, body)
        led = self.house.ask("GET", f"/v1/journeys/of/user_id:{who}")[1]
        inside = self.house.ask("GET", f"/v1/profiles/user_id:{who}")[1]["segments"]
        return any(s["id"] == "awaiting_second" for s in inside), len(body["effects"]), len(led["journeys"])

    def test_it_acts_only_when_it_is_asked_to(self):
        self.imported("past")
        self.assertEqual(self.moved("past"), (True, 0, 0))
        self.imported("meant", "--act")
        self.assertEqual(self.moved("meant"), (True, 1, 1))
        status, body = self.house.post("/v1/track", self.order("live"), "wk_demo_shop")
        self.assertEqual(status, 200, body)
        self.house.settle()
        self.assertEqual(self.moved("live"), (True, 1, 1))
        self.told.wait(2)
        self.assertEqual({said["data"]["person"] for said in self.told.said()}, {"user_id:meant", "user_id:live"})
        # The same after a replay of the log.
        self.house.kill()
        self.house.start()
        self.assertEqual([self.moved(who) for who in ("past", "meant", "live")], [(True, 0, 0), (True, 1, 1), (True, 1, 1)])


if __name__ == "__main__":
    unittest.main()
