"""T6: each check of the way out is deleted in turn, and the oracle must see it. Each *.patch says in its first line what is wrong with it
and touches one file; that file's unit is compiled anew with the build's own command and linked in front of the room's library. Exit 1
when one lives, or when the whole one is said to differ."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def said(*words, cwd, **more):
    return subprocess.run(words, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def must(*words, cwd, **more):
    done = said(*words, cwd=cwd, **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))[:200]} failed:\n{done.stdout[-3000:]}")
    return done.stdout


class Build:
    def __init__(self, folder, scratch):
        self.folder, self.scratch = folder, scratch
        self.commands = must("ninja", "-t", "commands", "effects_driver", cwd=folder).splitlines()
        self.link = self.commands[-1]

    def unit_of(self, path):
        """The command that compiles the file, alone or in the unit it was joined to, and that unit's text."""
        for command in self.commands:
            found = re.search(r" -c (\S+)", command)
            if not found:
                continue
            unit = (self.folder / found.group(1)).resolve()
            if unit == ROOT / path:
                return command, None
            if "Unity" in str(unit) and str(ROOT / path) in unit.read_text():
                return command, unit.read_text()
        raise SystemExit(f"nothing compiles {path}")

    def driver(self, name, path, text):
        mutant = self.scratch / f"{name}.cc"
        mutant.write_text(text)
        command, joined = self.unit_of(path)
        source = mutant
        if joined is not None:
            source = self.scratch / f"{name}.cxx"
            source.write_text(joined.replace(str(ROOT / path), str(mutant)))
        out = self.scratch / f"{name}.o"
        command = re.sub(r" -c \S+", f" -c {source}", re.sub(r" -o \S+\.o\b", f" -o {out}", re.sub(r" -MF \S+", f" -MF {out}.d", command)))
        must("sh", "-c", command, cwd=self.folder)
        binary = self.scratch / name
        link = re.sub(r" -o \S+", f" {out} -o {binary}", self.link, count=1)
        must("sh", "-c", link, cwd=self.folder)
        return binary


def oracle(driver, effects, seed):
    began = time.monotonic()
    done = said(sys.executable, str(HERE / "oracle.py"), "--driver", str(driver), "--effects", str(effects), "--seed", str(seed), cwd=ROOT)
    return done, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--effects", type=int, default=40_000, help="given to each mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    build = given.build.resolve()
    whole, _ = oracle(build / "bin/effects_driver", given.effects, given.seed)
    print("whole:", whole.stdout.strip())
    lived = [] if whole.returncode == 0 else ["the whole one"]
    with tempfile.TemporaryDirectory(prefix="hospes-effects-") as scratch:
        made = Build(build, pathlib.Path(scratch))
        for patch in sorted((HERE / "mutants").glob(f"*{given.only}*.patch")):
            why = patch.read_text().splitlines()[0]
            path = re.search(r"^\+\+\+ b/(\S+)", patch.read_text(), re.M).group(1)
            copy = pathlib.Path(scratch) / "tree" / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text((ROOT / path).read_text())
            must("patch", "-p1", "--fuzz=0", "-i", str(patch), cwd=pathlib.Path(scratch) / "tree")
            driver = made.driver(patch.stem, path, copy.read_text())
            done, took = oracle(driver, given.effects, given.seed)
            found = done.returncode != 0
            print(f"{'found' if found else 'LIVES'} {patch.stem} in {took:.1f} s: {why}", flush=True)
            if found:
                print("   ", done.stdout.strip().splitlines()[0][:160], flush=True)
            else:
                lived.append(patch.stem)
    if lived:
        raise SystemExit("not seen: " + ", ".join(lived))


if __name__ == "__main__":
    main()
