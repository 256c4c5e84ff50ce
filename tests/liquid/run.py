"""Renders the same templates with hospes and with PyPI python-liquid. Exit 0: equal; 1: differences, printed; 77: no python-liquid.

usage: run.py --driver PATH [--seed N] [--random N]. What differs on purpose is listed in docs/liquid.md and not drawn here.
"""

import argparse
import html
import json
import random
import subprocess
import sys

try:
    import liquid
except ImportError:
    print("skipped: this Python has no python-liquid (tests/requirements.txt)")
    sys.exit(77)

from cases import CASES, DATA, ESCAPED, OURS, PARTS

ENV = liquid.Environment(loader=liquid.DictLoader(PARTS))
ESCAPING = liquid.Environment(loader=liquid.DictLoader(PARTS), autoescape=True)


def truncate(value, length=50, end="..."):
    """As Shopify's own: what just fits stays whole. python-liquid 2.3.6 cuts it."""
    value, end = "" if value is None or liquid.is_undefined(value) else str(value), str(end)
    return value if len(value) <= int(length) else value[:max(int(length) - len(end), 0)] + end


def truncatewords(value, count=15, end="..."):
    words = ("" if value is None or liquid.is_undefined(value) else str(value)).split()
    return " ".join(words) if len(words) <= max(int(count), 1) else " ".join(words[:max(int(count), 1)]) + str(end)


for env in (ENV, ESCAPING):
    env.add_filter("truncate", truncate)
    env.add_filter("truncatewords", truncatewords)
    for name in ("times", "modulo", "minus", "plus", "round", "divided_by"):
        env.add_filter(name, lambda *given, of=env.filters[name]: of(*given) + 0)  # no negative nought
ENV.add_filter("escape", lambda value: html.escape("" if value is None else str(value)).replace("&#x27;", "&#39;"))  # Shopify's spelling


class Ours:
    def __init__(self, driver):
        self.process = subprocess.Popen([driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, template, data=DATA, escape=False, language="en", zone="UTC"):
        request = {"template": template, "data": data, "escape": escape, "language": language, "zone": zone, "parts": PARTS}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def theirs(template, env):
    try:
        return {"text": env.from_string(template).render(**DATA)}
    except Exception as error:  # whatever it throws: both must refuse
        return {"error": f"{type(error).__name__}: {error}"}


class Draw:
    """Random templates over DATA, of what both mean alike."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def number(self, texts=True):
        return self.r.choice((["two"] if texts else []) + ["1", "2", "-3", "7", "0", "10", "2.5", "-0.5", "n", "price", "list.size", "items[0].price"])

    def text(self):
        return self.r.choice(["name", "'été'", "'a b  c'", "''", "city", "'Hello, World'", "html", "items[1].title", "missing", "tags[0]"])

    def array(self):
        return self.r.choice(["tags", "list", "empty_list", "words"])

    def number_filters(self):
        r, out = self.r, ""
        for _ in range(r.randint(0, 3)):
            name = r.choice(["plus", "minus", "times", "at_least", "at_most", "abs", "ceil", "floor", "round", "modulo"])
            if name in ("abs", "ceil", "floor", "round"):
                out += f" | {name}"
            elif name == "modulo":
                out += f" | modulo: {r.choice([1, 2, 3, 7])}"
            else:
                out += f" | {name}: {self.number()}"
        return out

    def text_filters(self):
        r, out = self.r, ""
        for _ in range(r.randint(0, 3)):
            out += r.choice([
                " | upcase", " | downcase", " | capitalize", " | strip", " | lstrip", " | rstrip", " | strip_newlines",
                f" | append: {self.text()}", f" | prepend: {self.text()}", " | remove: 'l'", " | remove_first: 'l'",
                " | replace: 'e', '3'", " | replace_first: 'e', '3'", " | replace_last: 'e', '3'", f" | truncate: {r.randint(4, 12)}",
                f" | truncate: {r.randint(3, 9)}, '~'", " | truncatewords: 2", f" | slice: {r.randint(-4, 4)}, {r.randint(1, 5)}",
                " | url_encode", " | size", " | split: ' ' | join: '-'", " | split: 'l' | reverse | join", " | escape", " | base64_encode",
                " | default: 'none'", " | newline_to_br", " | split: '' | uniq | join: ''"])
        return out

    def array_filters(self):
        r, out = self.r, ""
        for _ in range(r.randint(0, 3)):
            out += r.choice([" | reverse", " | uniq", " | compact", f" | concat: {self.array()}", f" | slice: {r.randint(-3, 2)}, {r.randint(1, 3)}"])
        return out + r.choice([" | join: ','", " | size", " | first", " | last", ""])

    def condition(self, depth=2):
        r = self.r
        if depth and r.random() < 0.5:
            return f"{self.condition(0)} {r.choice(['and', 'or'])} {self.condition(depth - 1)}"
        return r.choice([
            f"{self.number(False)} {r.choice(['==', '!=', '<', '>', '<=', '>=', '<>'])} {self.number(False)}", f"{self.text()} == {self.text()}",
            f"{self.text()} contains 'l'", f"{self.array()} contains 'red'", f"{self.text()} == {r.choice(['empty', 'nil'])}", "name == blank", "'' == blank",
            f"{self.array()} == empty", self.text(), "yes", "no", "missing", "missing == nil", "yes == true", "empty_list == blank"])

    def node(self, depth):
        r = self.r
        kind = r.choice(["text", "number", "string", "array", "number", "string"] if depth == 0 else
                        ["text", "number", "string", "array", "if", "for", "case", "assign", "capture", "unless", "cycle", "counter", "liquid", "render"])
        dash, tail = r.choice(["", "", "-"]), r.choice(["", "", "-"])
        o, c, t, e = "{{" + dash, tail + "}}", "{%" + dash, tail + "%}"
        if kind == "text":
            return r.choice([" ", "\n", "a ", " b\n ", "x", "<p>"])
        if kind == "number":
            return f"{o} {self.number()}{self.number_filters()} {c}"
        if kind == "string":
            return f"{o} {self.text()}{self.text_filters()} {c}"
        if kind == "array":
            return f"{o} {self.array()}{self.array_filters()} {c}"
        if kind == "assign":
            return f"{t} assign v{r.randint(0, 2)} = {self.text()}{self.text_filters()} {e}{{{{ v{r.randint(0, 2)} }}}}"
        if kind == "capture":
            return f"{t} capture v1 {e}c{self.body(depth)}{t} endcapture {e}[{{{{ v1 }}}}]"
        if kind == "cycle":
            return f"{t} cycle 'a', 'b', n {e}"
        if kind == "counter":
            return f"{t} {r.choice(['increment', 'decrement'])} c{r.randint(0, 1)} {e}"
        if kind == "liquid":
            return f"{t} liquid\n assign q = {self.text()}\n if {self.condition()}\n echo q | upcase\n else\n echo n\n endif\n{e}"
        if kind == "render":
            return f"{t} render 'card', item: {self.text()}, n: {self.number()} {e}"
        if kind in ("if", "unless"):
            out = f"{t} {kind} {self.condition()} {e}{self.body(depth)}"
            if r.random() < 0.4:
                out += f"{t} elsif {self.condition()} {e}e{self.body(depth)}"
            if r.random() < 0.5:
                out += f"{t} else {e}{self.body(depth)}"
            return out + f"{t} end{kind} {e}"
        if kind == "case":
            return (f"{t} case {self.number()} {e}{t} when 1, 2 {e}{self.body(depth)}{t} when 7 or n {e}{self.body(depth)}"
                    f"{t} else {e}{self.body(depth)}{t} endcase {e}")
        over = r.choice([self.array(), "(1..3)", "(n..5)", "missing", "items"])
        more = r.choice(["", "", " limit: 2", " offset: 1", " limit:1 offset:1", " reversed", " limit: 2 reversed", " offset: continue"])
        jump = r.choice(["", "", "{% if forloop.index > 1 %}{% break %}{% endif %}", "{% if forloop.first %}{% continue %}{% endif %}"])
        if r.random() < 0.15:
            return f"{t} tablerow i in {over} cols: 2{r.choice(['', ' limit: 3'])} {e}{{{{ tablerowloop.col }}}}{t} endtablerow {e}"
        other = f"{t} else {e}none" if r.random() < 0.3 else ""
        return (f"{t} for i in {over}{more} {e}{jump}{{{{ forloop.{r.choice(['index', 'rindex0', 'last', 'length'])} }}}}{self.body(depth)}"
                f"{other}{t} endfor {e}")

    def body(self, depth):
        return "".join(self.node(depth - 1) for _ in range(self.r.randint(0, 3)))

    def template(self):
        return "".join(self.node(3) for _ in range(self.r.randint(1, 5))) + "."


def same(got, want):
    return ("error" in got) == ("error" in want) and got.get("text") == want.get("text")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--random", type=int, default=2000)
    options = parser.parse_args()
    ours, wrong, refused = Ours(options.driver), [], 0

    for template in CASES:
        got, want = ours(template), theirs(template, ENV)
        if not same(got, want):
            wrong.append((template, got, want))
    for template in ESCAPED:
        got, want = ours(template, escape=True), theirs(template.replace("| raw", "| safe"), ESCAPING)
        want = {key: said.replace("&#34;", "&quot;") for key, said in want.items()}
        if not same(got, want):
            wrong.append((template, got, want))
    for case in OURS:
        got = ours(case["template"], escape=case.get("escape", False), language=case.get("language", "en"), zone=case.get("zone", "UTC"))
        if not all(got.get(key) == case[key] for key in ("text", "error") if key in case):
            wrong.append((case["template"], got, case))
    print(f"seed {options.seed}")
    draw = Draw(options.seed)
    for _ in range(options.random):
        template = draw.template()
        got, want = ours(template), theirs(template, ENV)
        refused += "error" in want
        if not same(got, want):
            wrong.append((template, got, want))
    for template, got, want in wrong[:12]:
        print(f"--- {template!r}\n  hospes {got}\n  theirs {want}")
    print(f"{len(CASES)} + {len(ESCAPED)} written, {len(OURS)} of our own, {options.random} random ({refused} refused by both): {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
