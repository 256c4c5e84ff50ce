// Numbers, money, times and durations as docs and look say them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../src/words/format.ts";

format.house.zone = "Europe/Paris";
format.house.currency = "USD";
const at = new Date("2026-11-23T19:42:07Z");

test("numbers", () => {
  assert.equal(format.number("fr", 23582), "23\u202f582");
  assert.equal(format.number("en", 23582), "23,582");
  assert.equal(format.money("fr", 402.79), "402,79\u202f$");
  assert.equal(format.money("en", 402.79), "$402.79");
  assert.equal(format.money("en", 300), "$300");
  assert.equal(format.percent("fr", 14206, 23582), "60,2\u202f%");
  assert.equal(format.percent("en", 14206, 23582), "60.2%");
  assert.equal(format.percent("en", 1, 3), "33%", "n = 3 bears no decimal");
  assert.equal(format.percent("en", 0, 0), "–");
});

test("times, in the house's zone", () => {
  assert.equal(format.hour("fr", at), "20\u00a0h\u00a042");
  assert.equal(format.hour("en", at), "20:42");
  assert.equal(format.clock("fr", at), "20:42:07");
  assert.equal(format.day("fr", at), "23 nov. 2026");
  assert.equal(format.day("en", at), "23 Nov 2026");
  assert.equal(format.longDay("fr", at), "Lundi 23 novembre 2026");
  assert.equal(format.longDay("en", at), "Monday 23 November 2026");
  assert.equal(format.clock("fr", new Date("2026-11-23T23:00:00Z")), "00:00:00", "midnight is not 24 h");
});

test("durations", () => {
  assert.equal(format.duration("fr", 220 * 86_400_000), "220\u00a0j");
  assert.equal(format.duration("en", 220 * 86_400_000), "220\u00a0d");
  assert.equal(format.duration("en", 90_000), "1\u00a0min");
  assert.equal(format.seconds("fr", 210), "0,2\u00a0s");
});

test("a moment of another day is said by its day", () => {
  assert.equal(format.moment("en", at, new Date("2026-11-23T22:00:00Z")), "20:42:07");
  assert.equal(format.moment("en", at, new Date("2026-11-24T22:00:00Z")), "23 Nov 2026");
});
