"""Turns the time zones of the pinned tzdata wheel into a table that the build compiles in.

usage: make_zones.py tzdata.whl table.inc

Writes `constexpr char bytes[]` (TZif files, equal ones once), `constexpr Entry entries[]` {name, at, size} sorted by name, and
`constexpr char version_of_data[]`.
"""

import re
import sys
import zipfile

PREFIX = "tzdata/zoneinfo/"
LEFT_OUT = ("tzdata.zi", "zone.tab", "zone1970.tab", "iso3166.tab", "leapseconds", "zonenow.tab")


def zones(wheel):
    """{name: TZif bytes}"""
    out = {}
    for info in wheel.infolist():
        name = info.filename.removeprefix(PREFIX)
        if not info.filename.startswith(PREFIX) or info.is_dir() or name in LEFT_OUT or name.endswith(".py"):
            continue
        data = wheel.read(info.filename)
        if data.startswith(b"TZif"):
            out[name] = data
    return out


def literal(data):
    """C++ string literals, one per 64 bytes; octal, for a hexadecimal escape would swallow digits after it."""
    return "\n".join('"' + "".join(f"\\{b:03o}" for b in data[i:i + 64]) + '"' for i in range(0, len(data), 64))


def main():
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        found = zones(wheel)
        version = re.search(r'IANA_VERSION = "([^"]+)"', wheel.read("tzdata/__init__.py").decode()).group(1)
    data, places, rows = b"", {}, []
    for name in sorted(found):
        if found[name] not in places:
            places[found[name]] = len(data)
            data += found[name]
        rows.append(f'{{"{name}", {places[found[name]]}, {len(found[name])}}},')
    with open(sys.argv[2], "w", encoding="ascii") as out:
        out.write(f'constexpr char version_of_data[] = "{version}";\nconstexpr char bytes[] =\n{literal(data)};\n')
        out.write("constexpr Entry entries[] = {\n" + "\n".join(rows) + "\n};\n")


if __name__ == "__main__":
    main()
