// What is saved is read back the same, and no cell is a formula.
import assert from "node:assert/strict";
import { test } from "node:test";
import { step } from "../src/parts/lineSvg.ts";
import { csv, tabbed, type Cell } from "../src/parts/save.ts";
import { dice } from "./dice.ts";

/** A reader of RFC 4180 with semicolons, deliberately simple. */
function read(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i]!;
    if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ";") row.push(cell), (cell = "");
    else if (!quoted && c === "\r" && text[i + 1] === "\n") row.push(cell), rows.push(row), (row = []), (cell = ""), ++i;
    else cell += c;
  }
  return rows;
}

test("French: byte order mark, semicolons, decimal commas", () => {
  assert.equal(csv(["a", "b"], [["x", 402.79]], "fr"), "\ufeffa;b\r\nx;402,79\r\n");
  assert.equal(csv(["a"], [[402.79], [null]], "en"), "\ufeffa\r\n402.79\r\n\r\n");
});

test("what a spreadsheet would run is text", () => {
  for (const text of ["=1+1", "+33", "-1", "@x", "\tx", "\rx", '=HYPERLINK("x")'])
    assert.equal(read(csv(["a"], [[text]], "fr").slice(1))[1]![0], `'${text}`);
  assert.equal(csv(["a"], [[-1.5]], "en"), "\ufeffa\r\n-1.5\r\n", "a number is no formula");
  assert.doesNotMatch(tabbed(["a"], [["=1"], ["a\tb\nc"]], "en"), /\n=|a\tb/);
});

test("random cells come back", (t) => {
  const { seed, pick, under } = dice();
  t.diagnostic(`seed ${seed}`);
  const letters = [..."ab;\"'\n\r é=\t,"];
  for (let round = 0; round < 300; ++round) {
    const rows: Cell[][] = Array.from({ length: 1 + under(4) }, () => Array.from({ length: 3 }, () => `x${Array.from({ length: under(9) }, () => pick(letters)).join("")}`));
    assert.deepEqual(read(csv(["a", "b", "c"], rows, "fr").slice(1)).slice(1), rows, `seed ${seed}`);
  }
});

test("at most four grid lines above zero, at round values", () => {
  for (const [top, wanted] of [[1, 1], [7, 2], [41, 20], [1300, 500], [23_582, 10_000]] as const) {
    assert.equal(step(top), wanted);
    assert.ok(top / step(top) <= 4.0001);
  }
});
