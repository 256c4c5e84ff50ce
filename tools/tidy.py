"""House rules that a compiler does not check. Runs as a test; usage: tidy.py [ROOT]. Exit 1 with one line per finding.

Each rule is a function that yields findings; a finding says where, what, and what to do instead.
"""

import pathlib
import re
import subprocess
import sys
from typing import Iterator, NamedTuple

LINES_MAX = 600
CODE = {".h", ".cc", ".py", ".sh", ".cmake", ".js", ".mjs"}
# Rooms that only compute: what they know of the world comes in records (docs/adr, rule of apply).
HOUSE_ROOMS = {"catalog", "consent", "decide", "identity", "outbox", "profile", "segment"}
HOUSE_FILES = re.compile(r"flow/apply\w*\.(h|cc)$")
# Reads a house's folder of text files into records: the one door that lives with what it reads.
HOUSE_DOORS = {
    "catalog/house_folder.cc",
    "catalog/house_folder.h",
    "catalog/moving_folder.cc",
    # The index of standing answers that all collecting threads share.
    "consent/permissions.cc",
    "consent/permissions.h",
}
# Only computes as well, in floating point; files.cc is its one door, the others are of its tests.
NUMBER_ROOMS = {"insight"}
NUMBER_DOORS = {"insight/files.cc", "insight/test_data.h", "insight/planted.h"}
# Where a forbidden word is harmless, and why.
HARMLESS = {
    ("segment/json.cc", "a floating-point number"): "the parser judges a number's shape by it; its digits are read exactly",
    ("segment/chance.h", "a random source"): "seeded, and included by the room's tests only",
}
# Every room stands on these two, so needing them is not worth a word.
GROUND = {"base", "model"}

WORLD = {
    "a clock": r"system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|\btime\s*\(\s*(nullptr|NULL|0)\s*\)",
    "a thread": r"<(thread|mutex|shared_mutex|atomic|future|condition_variable)>|std::(jthread|thread|mutex|async|atomic)\b",
    "a file": r"<(fstream|filesystem|fcntl\.h|unistd\.h)>|\bfopen\b|std::filesystem",
    "a random source": r"<random>|\brand\s*\(|\bgetrandom\b|random_device|mt19937",
    "a floating-point number": r"\b(double|float)\b",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z_]+)/([\w./]+)"', re.M)
# Said in pieces, so that this file does not break its own rule.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:" + "|".join(["work/", "root/", "home/", "tm" + "p/", "Users/"]) + ")")
URL = re.compile(r"\bhttps?://([A-Za-z0-9.-]+)")
HOSTS = re.compile(
    r"^(127\.0\.0\.1|localhost|(.+\.)?example(\.(com|org|net))?|(.+\.)?test|(.+\.)?invalid|www\.apache\.org|www\.w3\.org|schemas\.openxmlformats\.org|purl\.org|w3id\.org|api\.brevo\.com|api\.mailjet\.com|hooks\.slack\.com|adaptivecards\.io)\.?$"
)


class Room(NamedTuple):
    name: str
    face: set[str]
    needs: set[str]


def read_rooms(root: pathlib.Path) -> dict[str, Room]:
    text = re.sub(r"#.*", "", (root / "src/CMakeLists.txt").read_text())
    rooms: dict[str, Room] = {}
    for call in re.findall(r"hospes_room\(([^)]*)\)", text):
        name, *words = call.split()
        lists: dict[str, list[str]] = {}
        for word in words:
            if word in {"BUSY", "FACE", "SOURCES", "NEEDS", "LIBS"}:
                current = lists.setdefault(word, [])
            else:
                current.append(word)
        rooms[name] = Room(name, set(lists.get("FACE", [])), set(lists.get("NEEDS", [])))
    return rooms


def reachable(rooms: dict[str, Room], name: str) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        for need in rooms[todo.pop()].needs - found:
            found.add(need)
            todo.append(need)
    return found


def only_code(text: str) -> str:
    """Without comments and strings; lines stay where they are."""
    pattern = r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/'
    return re.sub(pattern, lambda hit: '""' + "\n" * hit.group().count("\n"), text, flags=re.S)


def check_includes(root: pathlib.Path, rooms: dict[str, Room]) -> Iterator[str]:
    """A room includes only its own headers and the face of rooms it says it needs."""
    for room in rooms.values():
        allowed = room.needs | (GROUND & reachable(rooms, room.name))
        for path in sorted((root / "src" / room.name).glob("*.[hc]*")):
            for other, header in INCLUDE.findall(path.read_text()):
                where = path.relative_to(root)
                if other == room.name or other not in rooms:
                    continue
                if other not in allowed and not path.name.endswith("_test.cc"):
                    yield f"{where}: includes {other}/{header}, but {room.name} does not say NEEDS {other} in src/CMakeLists.txt"
                elif header not in rooms[other].face:
                    yield f"{where}: {other}/{header} is private to {other}; use its face, or add it there on purpose"


def check_house(root: pathlib.Path) -> Iterator[str]:
    """House rooms are functions of their records: no clock, thread, file, chance or rounding (tests are free)."""
    for path in sorted((root / "src").glob("*/*.[hc]*")):
        name = path.relative_to(root / "src").as_posix()
        if path.name.endswith(("_test.cc", "_bench.cc", "_fuzz.cc")):
            continue
        if name in HOUSE_DOORS:
            continue
        numbers = path.parent.name in NUMBER_ROOMS and name not in NUMBER_DOORS
        if path.parent.name not in HOUSE_ROOMS and not HOUSE_FILES.search(name) and not numbers:
            continue
        text = only_code(path.read_text())
        for what, pattern in WORLD.items():
            if numbers and what == "a floating-point number":
                continue
            if (name, what) in HARMLESS:
                continue
            if hit := re.search(pattern, text):
                line = text[: hit.start()].count("\n") + 1
                yield f"src/{name}: near line {line}: '{hit.group()}' is {what}; a house room gets it in a record, or a door does it"


def check_rooms(root: pathlib.Path, rooms: dict[str, Room]) -> Iterator[str]:
    """A room is declared, says what it is for, and its headers open with what they are for."""
    for folder in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if not any(folder.glob("*.cc")) and not any(folder.glob("*.h")):
            continue
        if folder.name not in rooms:
            yield f"src/{folder.name}: is no room; declare it in src/CMakeLists.txt"
        readme = folder / "README.md"
        if not readme.exists() or len(readme.read_text().split()) < 15:
            yield f"src/{folder.name}: README.md should say in a paragraph what the room is for and what must hold"
        for header in sorted(folder.glob("*.h")):
            first = header.read_text().split("\n", 1)[0]
            if not first.startswith("//"):
                yield f"src/{folder.name}/{header.name}: begin with a comment that says what it is for"


def check_text(root: pathlib.Path, files: list[pathlib.Path]) -> Iterator[str]:
    """No machine's paths, no unfinished business, no foreign hosts, no file that is too long to read."""
    for path in files:
        try:
            text = (root / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # data, or deleted and not yet committed
        if path.suffix in CODE and (lines := text.count("\n")) > LINES_MAX:
            yield f"{path}: {lines} lines; beyond {LINES_MAX} a file holds two things: part them"
        if path.name == "LICENSE":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > 4000:
                continue  # captured data
            if hit := UNFINISHED.search(line):
                yield f"{path}:{number}: '{hit.group()}': finish it or leave it out"
            if hit := MACHINE_PATH.search(line):
                yield f"{path}:{number}: '{hit.group()}': a path of one machine; make it relative or an option"
            for host in URL.findall(line):
                if "." in host and not HOSTS.match(host):
                    yield f"{path}:{number}: names the host {host}; name the package or the project instead"


def check_parts(root: pathlib.Path) -> Iterator[str]:
    """Whatever the set-up brings is on the page that lists it with its licence; so is every room on the map."""
    page = (root / "DEPENDENCIES.md").read_text()
    debian = [line.split()[1] for line in (root / "tools/packages.txt").read_text().splitlines() if line[:1] not in ("#", "")]
    pinned = [root / "tests/requirements.txt", root / "tools/node.txt"]
    python = [name for path in pinned if path.exists() for name in re.findall(r"^([\w-]+)==", path.read_text(), re.M)]
    folders = [root / "web", *sorted((root / "tests").glob("*"))]
    lists = [folder / "package.json" for folder in folders if (folder / "package.json").exists()]
    node = [name for path in lists for name in re.findall(r'"([^"]+)": "\d', path.read_text())]
    for name in debian + python + node:
        if f"`{name}`" not in page:
            yield f"DEPENDENCIES.md: does not list `{name}`, which the set-up installs"
    readme = (root / "README.md").read_text()
    for room in read_rooms(root):
        if f"](src/{room})" not in readme:
            yield f"README.md: the map does not show the room {room}"


def tracked(root: pathlib.Path) -> list[pathlib.Path]:
    """What git keeps; of a source archive without git, everything but what builds leave."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True)
    if listing.returncode == 0:
        return [pathlib.Path(name) for name in listing.stdout.decode().split("\0") if name]
    skip = {"build", "third_party", "data", ".venv", "node_modules", "__pycache__"}
    return [p.relative_to(root) for p in sorted(root.rglob("*")) if p.is_file() and not skip & set(p.relative_to(root).parts)]


def main(root: pathlib.Path) -> int:
    rooms = read_rooms(root)
    findings = [
        *check_includes(root, rooms),
        *check_house(root),
        *check_rooms(root, rooms),
        *check_parts(root),
        *check_text(root, tracked(root)),
    ]
    for finding in findings:
        print(finding)
    print(f"tidy: {len(rooms)} rooms, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
