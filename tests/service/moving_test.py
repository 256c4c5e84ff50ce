"""Moving house: those who said no come first, a yes needs its day and its proof, warehouse tables and archives enter as they are."""

import json
import subprocess
import unittest

from importing import MANIFEST as OWN, Importing

MAILCHIMP = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
MANIFEST = OWN.replace("own_till", "moved").replace('"contract"', '"consent"')


class Moving(Importing):
    def contact(self, email):
        person = self.house.profile(f"email:{email}")
        return {p["purpose"]: p for p in person["permissions"]}.get("contact:email") if person else None

    def test_the_noes_come_first_and_no_old_yes_revives(self):
        yes = self.file(
            "subscribed.csv",
            MAILCHIMP + "\n"
            "anna@mc.example,Anna,A,3,2023-05-01 08:00:00,192.0.2.7,2023-05-01 08:10:00,192.0.2.7,,,,,,,,2024-01-01 00:00:00,901,ea,,\n"
            "left@mc.example,Lea,L,3,2022-05-01 08:00:00,192.0.2.8,2022-05-01 08:10:00,192.0.2.8,,,,,,,,2024-01-01 00:00:00,902,eb,,\n"
            "bare@mc.example,Bob,B,3,,,,,,,,,,,,2024-01-01 00:00:00,,,,\n",
            MANIFEST,
        )
        words = ("--type", "contact", "--zone", "UTC")
        said = self.failing(yes, *words)
        self.assertIn("first those who said no: unsubscribes, bounces, complaints of the old tool", said)
        self.assertIsNone(self.contact("anna@mc.example"))
        gone = self.file(
            "unsubscribed.csv",
            "Email Address,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID\n"
            'left@mc.example,2024-02-03 10:00:00,Spring,77,OTHER,"too many mails, really",902,eb\n',
            MANIFEST,
        )
        self.assertIn("accepted 1", self.run_import(gone, "--type", "unsubscribe", "--zone", "UTC"))
        cleaned = self.file("cleaned.csv", "Email Address;CLEAN_TIME;CLEAN_CAMPAIGN_TITLE\ndead@mc.example;2024-03-01 10:00:00;Spring\n", MANIFEST)
        self.assertIn("accepted 1", self.run_import(cleaned, "--type", "bounce", "--zone", "UTC"))
        self.assertIn("complaints of the old tool", self.failing(yes, *words))
        waive = [self.house.binary, "import", "--house", str(self.definitions), "--waive", "complaints"]
        self.assertEqual(subprocess.run(waive, capture_output=True).returncode, 2)
        done = subprocess.run([*waive, "--by", "Marie Dupont", "--because", "the tool gave no list"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "complaints waived by Marie Dupont; still open: 0\n"))
        record = (self.definitions / "imports/moving.toml").read_text()
        self.assertIn('waived_by = "Marie Dupont"', record)
        self.assertIn("unsubscribed.csv", record)
        said = self.run_import(yes, *words, code=1)
        self.assertIn("3 lines: accepted 4, withheld 0, refused 2", said)
        self.assertEqual({(row[0], row[2]) for row in self.report(yes)}, {("3", "older_than_no"), ("4", "no_yes")})
        self.house.settle()
        anna, left, dead = (self.contact(f"{who}@mc.example") for who in ("anna", "left", "dead"))
        self.assertEqual(anna["state"], "given", anna)
        self.assertIn("2023-05-01T08:10:00Z", json.dumps(anna))
        self.assertEqual(left["state"], "withdrawn", left)
        self.assertEqual(dead["state"], "refused", dead)

    def test_a_brevo_file_asks_for_the_day_of_the_yes(self):
        brevo = (
            "EMAIL;NOM;PRENOM;SMS;DOUBLE_OPT-IN;EMAIL_BLACKLISTED;ADDED_TIME;MODIFIED_TIME;DATE_OPTIN\n"
            "b1@brevo.example;Un;Une;;Yes;;14/01/2025 10:00;14/01/2025 10:00;13/01/2025 09:00\n"
            "b2@brevo.example;Deux;;;No;;14/01/2025 10:00;14/01/2025 10:00;13/01/2025 09:00\n"
            "b3@brevo.example;Trois;;;Yes;1;14/01/2025 10:00;14/01/2025 10:00;13/01/2025 09:00\n"
        )
        bare = self.file("brevo_bare.csv", "\n".join(l.rsplit(";", 1)[0] for l in brevo.splitlines()) + "\n", MANIFEST)
        self.assertIn("no column says when each said yes: say --columns optin=COLUMN", self.failing(bare, "--type", "contact", "--dry-run"))

    def test_tables_of_a_warehouse(self):
        tracks = self.file(
            "tracks.csv",
            "id,received_at,uuid_ts,sent_at,original_timestamp,timestamp,anonymous_id,user_id,event,event_text,context_page_url,context_ip\n"
            "ajs-1,2025-04-03 10:00:02 UTC,2025-04-03 10:00:09 UTC,2025-04-03 10:00:01 UTC,2025-04-03 10:00:00 UTC,2025-04-03 10:00:00.5 UTC,an-1,w-1,order_completed,Order Completed,https://shop.example/,192.0.2.1\n",
            MANIFEST,
        )
        said = self.run_import(tracks)
        self.assertIn("accepted 1", said)
        status, event = self.house.get("/v1/events/ajs-1")
        self.assertEqual(status, 200, "the warehouse's id stays the messageId")
        self.assertIn("2025-04-03T10:00:00.500000Z", json.dumps(self.house.profile("user_id:w-1")))
        identifies = self.file(
            "identifies.csv",
            "id,received_at,original_timestamp,timestamp,user_id,email,first_name,context_ip\n"
            "ajs-2,2025-04-03 10:00:02,2025-04-03 10:00:00,2025-04-03 10:00:00,w-1,w@warehouse.example,Wanda,192.0.2.1\n",
            MANIFEST,
        )
        self.assertIn("accepted 1", self.run_import(identifies))
        self.assertIn("Wanda", json.dumps(self.house.profile("user_id:w-1")))

    def test_compare_with_an_export_of_the_old_pipeline(self):
        event = lambda i, **more: {"type": "track", "event": "Order Completed", "userId": f"c{i}", "messageId": f"cmp-{i}", "timestamp": f"2026-0{i}-01T10:00:00Z", **more}
        here = [event(1), event(2), event(3, event="Product Viewed")]
        self.assertEqual(self.house.post("/v1/batch", {"batch": here}, key="wk_demo_shop")[0], 200)
        export = self.folder / "export.ndjson"
        lines = [*here, event(4), event(5, messageId=""), "broken"]
        export.write_text("\n".join(l if isinstance(l, str) else json.dumps(l) for l in lines))
        words = [
            self.house.binary, "compare", "--with", str(export), "--source", "shop", "--console", f"127.0.0.1:{self.house.console}",
            "--token-file", f"{self.house.root}/data/console/token",
        ]
        ran = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 1, ran.stderr)
        told = json.loads(ran.stdout)
        self.assertEqual((told["compared"], told["missing"], told["unreadable"], told["without_message_id"]), (4, 2, 1, 1))
        self.assertEqual(told["reasons"], {"unknown": 1, "withheld": 1})
        self.assertIn({"event": "Order Completed", "day": "2026-01-01", "there": 1, "here": 1}, told["rows"])
        self.assertIn({"event": "Product Viewed", "day": "2026-03-01", "there": 1, "here": 0}, told["rows"])
        rows = [row.split("\t") for row in (self.folder / "export.ndjson.compare.tsv").read_text().splitlines()]
        self.assertEqual([row[:3] for row in rows], [["3", "cmp-3", "withheld"], ["4", "cmp-4", "unknown"]])
        self.assertIn("2 of 4 events are missing here", subprocess.run(words, capture_output=True, text=True, env={"LANG": "C"}).stdout)


if __name__ == "__main__":
    unittest.main()
