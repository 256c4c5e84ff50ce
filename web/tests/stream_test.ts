// Server-sent events are the same however the network cuts them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames } from "../src/api/stream.ts";
import { dice } from "./dice.ts";

const text = [
  ": alive", "", "event: arrival", "id: e-1", 'data: {"a":"1: x"}', "", ": alive", "event: gap", 'data: {"dropped":2}', "", "id: e-2",
  "event: transition", "data: one", "data: two", "", "",
].join("\n");

test("events, comments and data of several lines", () => {
  assert.deepEqual(new Frames().push(text), [
    { event: "arrival", data: '{"a":"1: x"}', id: "e-1" },
    { event: "gap", data: '{"dropped":2}', id: "" },
    { event: "transition", data: "one\ntwo", id: "e-2" },
  ]);
});

test("any cut gives the same", (t) => {
  const { seed, under } = dice();
  t.diagnostic(`seed ${seed}`);
  const whole = new Frames().push(text);
  for (let round = 0; round < 200; ++round) {
    const frames = new Frames();
    const got = [];
    for (let from = 0; from < text.length; ) {
      const to = Math.min(text.length, from + 1 + under(24));
      got.push(...frames.push(text.slice(from, to)));
      from = to;
    }
    assert.deepEqual(got, whole, `seed ${seed}`);
  }
});
