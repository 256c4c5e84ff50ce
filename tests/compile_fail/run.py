"""Compiles each file of this folder honest (must succeed) and with -DCHEAT (must fail for the reason it names).

usage: run.py COMPILER
"""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SRC = HERE.parents[1] / "src"


def compiles(compiler, path, *more):
    words = [compiler, "-std=gnu++23", "-fsyntax-only", f"-I{SRC}", *more, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    return done.returncode == 0, done.stderr


def main(compiler):
    failed = 0
    files = sorted(HERE.glob("*.cc"))
    assert files, "there is nothing to try"
    for path in files:
        expected = re.search(r"^// cheat: (.+)$", path.read_text(), re.M).group(1)
        honest, why = compiles(compiler, path)
        cheated, refusal = compiles(compiler, path, "-DCHEAT")
        if not honest:
            print(f"{path.name}: does not even compile honestly:\n{why}")
        elif cheated:
            print(f"{path.name}: the cheat compiles")
        elif expected not in refusal:
            print(f"{path.name}: the cheat fails for another reason than '{expected}':\n{refusal}")
        else:
            print(f"{path.name}: refused, as it must be: {expected}")
            continue
        failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
