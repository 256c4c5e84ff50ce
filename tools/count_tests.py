"""Prints ctest's results as one plain line. usage: count_tests.py JUNIT_FILE. Exit 1 when a test failed or none ran."""

import sys
import xml.etree.ElementTree as tree


def main(path: str) -> int:
    suite = tree.parse(path).getroot()
    counts = {"run": 0, "fail": 0, "notrun": 0, "disabled": 0}
    for case in suite.iter("testcase"):
        counts[case.get("status", "fail")] += 1
    skipped = counts["notrun"] + counts["disabled"]
    print(f"{counts['run']} passed, {counts['fail']} failed, {skipped} skipped")
    return 1 if counts["fail"] or not counts["run"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
