"""tidy.py finds what it promises to find: a small house is built with one fault of each kind, and one without any."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import tidy

MAP = """
hospes_room(base FACE time.h SOURCES time.cc)
hospes_room(segment FACE tree.h SOURCES tree.cc NEEDS base)
hospes_room(store FACE store.h SOURCES store.cc NEEDS base)
"""
README = "This room is here to be judged by the house rules, and its words are many enough for that.\n"


class Tidy(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("src/CMakeLists.txt", MAP)
        for room in ("base", "segment", "store"):
            self.write(f"src/{room}/README.md", README)
        self.write("src/base/time.h", "// Time.\n")
        self.write("src/segment/tree.h", '// A tree.\n#include "base/time.h"\n')
        self.write("src/store/store.h", "// A store.\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name: str, text: str):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def findings(self) -> list[str]:
        rooms = tidy.read_rooms(self.root)
        files = [p.relative_to(self.root) for p in self.root.rglob("*") if p.is_file()]
        return [
            *tidy.check_includes(self.root, rooms),
            *tidy.check_house(self.root),
            *tidy.check_rooms(self.root, rooms),
            *tidy.check_text(self.root, files),
        ]

    def expect(self, name: str, text: str, words: str):
        self.write(name, text)
        found = self.findings()
        self.assertEqual(1, len(found), found)
        self.assertIn(words, found[0])

    def test_a_clean_house_has_no_findings(self):
        self.assertEqual([], self.findings())

    def test_a_number_room_may_round_but_reads_no_clock(self):
        self.write("src/CMakeLists.txt", MAP + "hospes_room(insight FACE fit.h SOURCES fit.cc files.cc NEEDS base)\n")
        self.write("src/insight/README.md", README)
        self.write("src/insight/fit.h", "// Fits.\ndouble fit();\n")
        self.write("src/insight/files.cc", "#include <filesystem>\n")
        self.assertEqual([], self.findings())
        self.expect("src/insight/fit.cc", "auto now = std::chrono::system_clock::now();\n", "is a clock")

    def test_an_include_that_is_not_needed(self):
        self.expect("src/segment/tree.cc", '#include "store/store.h"\n', "does not say NEEDS store")

    def test_a_private_header(self):
        self.write("src/base/inner.h", "// Inner.\n")
        self.expect("src/store/store.cc", '#include "base/inner.h"\n', "private to base")

    def test_a_clock_in_the_house(self):
        self.expect("src/segment/tree.cc", "auto now = std::chrono::system_clock::now();\n", "is a clock")

    def test_a_double_in_the_house(self):
        self.expect("src/segment/tree.cc", "double x = 0;\n", "floating-point")

    def test_a_clock_in_a_comment_is_only_talk(self):
        self.write("src/segment/tree.cc", "// never system_clock\n")
        self.assertEqual([], self.findings())

    def test_a_word_in_a_text_is_only_talk(self):
        self.write("src/segment/tree.cc", 'auto text = "a \\"double quote\\", system_clock";\n')
        self.assertEqual([], self.findings())

    def test_a_part_without_licence_line(self):
        for page in ("tools/packages.txt", "tests/requirements.txt", "README.md"):
            self.write(page, "# none\n")
        self.write("README.md", "".join(f"[{r}](src/{r})" for r in tidy.read_rooms(self.root)))
        self.write("tools/packages.txt", "build  libsomething-dev  why\n")
        self.write("DEPENDENCIES.md", "| something |\n")
        found = list(tidy.check_parts(self.root))
        self.assertEqual(1, len(found), found)
        self.assertIn("libsomething-dev", found[0])

    def test_a_door_may_have_a_clock(self):
        self.write("src/store/store.cc", "auto now = std::chrono::system_clock::now();\n")
        self.assertEqual([], self.findings())

    def test_a_room_without_readme(self):
        (self.root / "src/store/README.md").unlink()
        self.assertIn("README.md", self.findings()[0])

    def test_an_undeclared_room(self):
        self.write("src/utils/README.md", README)
        self.expect("src/utils/all.h", "// All.\n", "is no room")

    def test_a_header_without_purpose(self):
        self.expect("src/store/store.h", "#pragma once\n", "what it is for")

    def test_unfinished_business(self):
        self.expect("src/store/store.cc", "// TO" + "DO: later\n", "finish it")

    def test_a_machine_path(self):
        self.expect("docs/a.md", "see /ro" + "ot/notes\n", "path of one machine")

    def test_a_foreign_host(self):
        self.expect("docs/a.md", "from https:/" + "/registry.somewhere.io/x\n", "names the host")

    def test_a_long_file(self):
        self.expect("src/store/store.cc", "int x;\n" * (tidy.LINES_MAX + 1), "part them")


if __name__ == "__main__":
    unittest.main()
