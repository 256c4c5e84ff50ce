// A change and its patch: what was done to one event can be done to others, and done to the same it gives the change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { patchOf, type Operation } from "../src/rooms/sources/patch.ts";
import { dice as cast } from "./dice.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Item = { [name: string]: Json };

/** The three operations of RFC 6902 that patches here have, on objects. */
function apply(item: Item, operations: Operation[]): Item {
  const out = structuredClone(item);
  for (const one of operations) {
    const steps = one.path.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = steps.pop()!;
    let at: Item = out;
    for (const step of steps) at = at[step] as Item;
    if (one.op === "remove") delete at[last];
    else at[last] = one.value!;
  }
  return out;
}

test("a text that became its number, and a number its text, are conversions", () => {
  const one = (before: Json, after: Json) => patchOf({ total: before }, { total: after });
  assert.deepEqual(one("12,50 €", 12.5), [{ op: "convert", path: "/total", to: "number", decimal: "," }]);
  assert.deepEqual(one("1.234,56", 1234.56), [{ op: "convert", path: "/total", to: "number", decimal: "," }]);
  assert.deepEqual(one("1,234.5", 1234.5), [{ op: "convert", path: "/total", to: "number", decimal: "." }]);
  assert.deepEqual(one("1.234", 1234), [{ op: "convert", path: "/total", to: "number", decimal: "," }]);
  assert.deepEqual(one("7", 7), [{ op: "convert", path: "/total", to: "number" }]);
  assert.deepEqual(one(10025, "10025"), [{ op: "convert", path: "/total", to: "text" }]);
  assert.deepEqual(one("12,50", 99), [{ op: "replace", path: "/total", value: 99 }]);
  assert.deepEqual(one("free", 0), [{ op: "replace", path: "/total", value: 0 }]);
});

test("done to the same event, a patch gives what it became", () => {
  const dice = cast();
  const seed = dice.seed;
  const value = (depth: number): Json => {
    const kind = dice.under(depth > 2 ? 4 : 6);
    if (kind < 2) return dice.under(1000);
    if (kind === 2) return `t${dice.under(9)} x`;
    if (kind === 3) return [dice.under(3)];
    return Object.fromEntries(Array.from({ length: dice.under(4) }, () => [["a", "b/c", "d~e", "~1"][dice.under(4)]!, value(depth + 1)]));
  };
  for (let i = 0; i < 2000; ++i) {
    const before = { top: value(0), other: value(0) }, after = { top: value(0), ...(dice.under(2) ? { more: value(0) } : { other: before.other }) } as Item;
    assert.deepEqual(apply(before, patchOf(before, after)), after, `seed ${seed}, round ${i}`);
  }
});
