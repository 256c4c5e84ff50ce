"""hospes insight at a terminal: an answer, its picture and its card; in two languages; errors that say what to change."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

HOSPES = os.environ["HOSPES_BIN"]


def ask(*words: str, code: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([HOSPES, "insight", *words], capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"})
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done


class Insight(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name: str, text: str) -> str:
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text)
        return str(path)

    def paths(self) -> str:
        return self.file("paths.csv", "path,conversions,nulls\nmail > shop,30,10\nweb > mail,20,40\nweb,5,50\n")

    def test_each_report_is_listed_and_teaches(self):
        names = [line.split()[0] for line in ask("list").stdout.splitlines()]
        self.assertIn("clv", names)
        self.assertIn("attribution", names)
        for name in names:
            self.assertIn("--columns", ask(name).stdout)
            self.assertIn("colonnes", ask(name, "--lang", "fr").stdout)

    def test_an_answer_as_text_json_and_picture(self):
        picture = pathlib.Path(self.folder.name) / "a.svg"
        text = ask("attribution", self.paths(), "--plot", str(picture), "--purpose", "measure").stdout
        self.assertIn("it does not prove what made people buy", text)
        self.assertIn("purpose    measure", text)
        self.assertEqual("{http://www.w3.org/2000/svg}svg", xml.etree.ElementTree.parse(picture).getroot().tag)
        answer = json.loads(ask("attribution", self.paths(), "--json").stdout)
        rows = answer["tables"][0]["rows"]
        self.assertAlmostEqual(55, sum(row["markov1"] for row in rows))
        self.assertAlmostEqual(55, sum(row["shapley"] for row in rows))
        low, high = answer["estimates"][0]["interval95"]
        self.assertTrue(low < 55 / 155 < high)
        self.assertIn("décrit des chemins", ask("attribution", self.paths(), "--lang", "fr").stdout)

    def test_options_may_stand_before_the_file(self):
        words = ["attribution", "--columns", "path=path,nulls=nulls", "--with", "half-life=1", self.paths()]
        self.assertIn("decay: half as much every", ask(*words).stdout)
        kept = ask("attribution", "--only", "path=web", self.paths()).stdout
        self.assertIn("web counts for 100% of conversions", kept)

    def test_too_few_is_an_answer(self):
        orders = self.file("orders.csv", "customer,date,value\n" + "".join(f"c{i},2026-01-0{i},5\n" for i in range(1, 8)))
        self.assertIn("Too few to tell, n = 7.", ask("clv", orders).stdout)
        self.assertIn("Trop peu pour le dire, n = 7.", ask("clv", orders, "--lang", "fr").stdout)
        self.assertTrue(json.loads(ask("clv", orders, "--json").stdout)["too_few"])

    def test_errors_say_what_to_change(self):
        orders = self.file("orders.csv", "who,date,value\na,2026-01-01,5\n")
        self.assertIn("--columns customer=COLUMN", ask("rfm", orders, code=2).stderr)
        self.assertIn('the nearest known is "who"', ask("rfm", orders, "--columns", "customer=whom", code=2).stderr)
        self.assertIn('no insight "clw"; the nearest known is "clv"', ask("clw", orders, code=2).stderr)
        self.assertIn("cannot be read", ask("clv", "absent.csv", code=2).stderr)
        self.assertIn("is a folder", ask("clv", self.folder.name, code=2).stderr)
        broken = self.file("broken.csv", "customer,date,value\na,2026-01-01,NaN\n")
        self.assertIn("broken.csv:2", ask("clv", broken, code=2).stderr)
        self.assertIn("cannot be written", ask("attribution", self.paths(), "--plot", "absent/a.svg", code=3).stderr)


if __name__ == "__main__":
    unittest.main()
