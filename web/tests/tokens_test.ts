// Every test of the demo house's segments can be said in words; what cannot be read is told apart.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fold, milliseconds, sequence, split } from "../src/why/tokens.ts";

test("folds, with property, condition and window", () => {
  assert.deepEqual(fold('sum("Order Completed".total where quantity > 1, 180d..90d)'), {
    is: "sum",
    select: { event: "Order Completed", property: "total", where: "quantity > 1" },
    window: { from: "180d", to: "90d" },
  });
  assert.deepEqual(fold('count("A, \\"B\\" (c)", ever..90d)'), {
    is: "count", select: { event: 'A, "B" (c)', property: null, where: null }, window: { from: null, to: "90d" },
  });
  assert.equal(fold('trait("x")'), null);
});

test("sequences", () => {
  assert.deepEqual(sequence('did first "A" then ("B" where x = 1) within 30d in 90d'), {
    first: true,
    one: { event: "A", property: null, where: null },
    then: { event: "B", property: null, where: "x = 1" },
    within: "30d",
    window: { from: "90d", to: null },
  });
  assert.equal(sequence('did "A then B" then "C"')?.one.event, "A then B");
});

test("durations", () => {
  assert.deepEqual([milliseconds("30d"), milliseconds("1h"), milliseconds("7us"), milliseconds("1y")], [2_592_000_000, 3_600_000, 0.007, null]);
});

test("texts and parentheses are not split", () => {
  assert.deepEqual(split('"a, b", (c, d), e', ","), ['"a, b"', "(c, d)", "e"]);
});

test("every condition of the demo house is read", () => {
  const file = new URL("../../house/disquaire/segments.seg", import.meta.url);
  const tests = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim().replace(/^(and|or) /, "").replace(/^not /, ""))
    .filter((line) => /^(count|sum|average|min|max|distinct|first|last)\(|^did /.test(line));
  assert.ok(tests.length > 25);
  for (const line of tests) {
    const subject = line.startsWith("did ") ? line : line.slice(0, line.indexOf(")") + 1);
    assert.ok(sequence(subject) ?? fold(subject), line);
  }
});
