"""Seeded bugs, each built alone: `hospes-bench truth` must find every one within a minute, and none without them.

Each *.patch here says in its first line what is wrong with it. The sources that git knows are copied to a folder of their own and
built there, Release and without tests; then one patch at a time is applied, the one or two files that it touches are built again,
and the truth is asked for. `hospes-bench mutants` runs this.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def run(*words, cwd, quiet=True):
    done = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))} failed:\n{(done.stdout or '')[-3000:]}")
    return done.stdout


class Scratch:
    """A copy of the sources with a build of its own, so that nobody's tree is touched."""

    def __init__(self, folder, third_party, jobs):
        self.folder, self.jobs = folder, jobs
        names = run("git", "ls-files", "-z", "--", "CMakeLists.txt", "CMakePresets.json", "cmake", "src", "bench", "tools", cwd=ROOT).split("\0")
        for name in filter(None, names):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        run("cmake", "--preset", "release", "-B", "build", "-DHOSPES_TESTS=OFF", "-DHOSPES_WEB=OFF",
            f"-DHOSPES_THIRD_PARTY={third_party}", *re.findall(r"-D\S+", os.environ.get("HOSPES_CMAKE", "")), cwd=folder)

    def build(self):
        run("ninja", "-C", "build", f"-j{self.jobs}", "hospes-bench", cwd=self.folder)

    def patch(self, file, back=False):
        run("patch", "-p1", "--fuzz=0", *(["-R"] if back else []), "-i", str(file), cwd=self.folder)

    def truth(self, seconds, seed):
        """What it said, and how long it took. A mutant that hangs is found as well."""
        began = time.monotonic()
        scenario = self.folder / "scenario.jsonl"
        words = ["build/bin/hospes-bench", "truth", "--seconds", str(seconds), "--seed", str(seed), "--scenario", str(scenario)]
        try:
            done = subprocess.run(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=seconds + 60)
        except subprocess.TimeoutExpired:
            return {"differences": 1, "how": "it never ended"}, time.monotonic() - began
        took = time.monotonic() - began
        if done.returncode < 0:
            return {"differences": 1, "how": f"signal {-done.returncode}"}, took
        return json.loads(done.stdout), took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="given to each mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="those whose name matches this expression")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--third-party", default=str(ROOT / "third_party"))
    parser.add_argument("--folder", help="a build to go on with; else a temporary one")
    parser.add_argument("--json", help="the table, as a file")
    given = parser.parse_args()
    patches = [p for p in sorted(HERE.glob("*.patch")) if re.search(given.only, p.name)]
    if not patches:
        raise SystemExit("no mutant of that name")
    with tempfile.TemporaryDirectory(prefix="hospes-mutants-") as temporary:
        folder = pathlib.Path(given.folder or temporary)
        scratch = Scratch(folder, given.third_party, given.jobs)
        scratch.build()
        sound, took = scratch.truth(min(given.seconds, 10), given.seed)
        print(f"{'none':<28} {sound['checks_in_scope']:>12,} checks, {sound['differences']} differences, {took:.1f} s", flush=True)
        if sound["differences"]:
            raise SystemExit("without any mutant there is a difference already: mend that first")
        rows, missed = [], []
        for patch in patches:
            scratch.patch(patch)
            try:
                scratch.build()
                told, took = scratch.truth(given.seconds, given.seed)
            finally:
                scratch.patch(patch, back=True)
            found = told["differences"] > 0
            row = {"mutant": patch.stem, "why": patch.read_text().splitlines()[0], "found": found, "seconds": round(took, 1), **({"how": told["how"]} if "how" in told else {})}
            rows.append(row)
            missed += [] if found else [patch.stem]
            print(f"{patch.stem:<28} {'found' if found else 'NOT FOUND'} in {took:.1f} s  {row['why']}", flush=True)
        if given.json:
            pathlib.Path(given.json).write_text(json.dumps(rows, indent=1) + "\n")
        print(f"{len(rows) - len(missed)} of {len(rows)} found" + (f"; not found: {', '.join(missed)}" if missed else ""))
        return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
