// Life cycles and combined segments: what the pages say is what the API says, in every mode, by keyboard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { look, open, staged } from "./harness.mjs";
import { ago } from "./house.mjs";

const { house, browser, cookie } = await staged();
const opened = (path, more) => open(browser, house, cookie, path, more);
// One who was lost comes back.
await house.batch([
  { type: "track", userId: "late", event: "Order Completed", timestamp: ago(500), messageId: "late-1", properties: { order_id: "L1", total: 5, quantity: 1 } },
]);
await house.until("/v1/lifecycle/customer", ({ lifecycles }) => lifecycles[0].stages.at(-1).here >= 1);
await house.batch([{ type: "track", userId: "late", event: "Order Completed", messageId: "late-2", properties: { order_id: "L2", total: 5, quantity: 1 } }]);
await house.until("/v1/lifecycle/customer", ({ lifecycles }) => lifecycles[0].ways.some((way) => way.from === "lost" && way.to === "active"));

test("the pages stand in every mode", async () => {
  await look(browser, house, cookie, "stages", "/segments/+stages", "table.ways tbody tr");
  await look(browser, house, cookie, "sets", "/segments/+sets?of=active,gold_circle,regulars", "svg[role=img]");
});

test("the life cycle says what the API says", async () => {
  const { lifecycles } = await house.get("/v1/lifecycle/customer");
  const seen = await opened("/segments/+stages", { ready: "table.ways tbody tr" });
  const stages = await seen.locator("table.stages tbody tr").allInnerTexts();
  assert.deepEqual(stages.map((text) => Number(/\t\s*([\d,]+)/.exec(text)[1].replace(",", ""))), lifecycles[0].stages.map((stage) => stage.here));
  assert.match(await seen.locator("table.ways").innerText(), /Lost\s+Active\s+1\s/);
  assert.match(await seen.locator("svg[role=img]").getAttribute("aria-label"), /passages? in all/);
  await seen.context().close();
});

test("two segments are drawn, a combination is counted, its people leave for a purpose", async () => {
  const seen = await opened("/segments/+sets", { ready: "select" });
  await seen.getByLabel("Segment 1").selectOption("active");
  await seen.getByLabel("Segment 2").selectOption("gold_circle");
  await seen.locator("svg[role=img]").waitFor();
  const { regions } = await house.get("/v1/sets/overlap?of=active,gold_circle");
  const rows = await seen.locator("tbody tr td.number").allInnerTexts();
  assert.deepEqual(rows.map(Number), regions.map((region) => region.people));
  await seen.getByLabel(/In the language of segments/).fill("in segment active and not in segment gold_circle");
  const { people } = await house.get(`/v1/sets?where=${encodeURIComponent("in segment active and not in segment gold_circle")}`);
  await seen.getByText(new RegExp(`^${people} (person|people)$`)).waitFor();
  await seen.getByLabel("What for").selectOption("market");
  const [download] = await Promise.all([seen.waitForEvent("download"), seen.getByRole("button", { name: "Take out" }).press("Enter")]);
  const file = readFileSync(await download.path(), "utf8");
  assert.ok(file.startsWith("\ufeffperson;user_id;email\r\n"), file.slice(0, 60));
  assert.equal(file.trimEnd().split("\r\n").length - 1, people);
  await seen.getByText(`${people} people are in the file.`).waitFor();
  await seen.getByLabel(/In the language of segments/).fill("not in segment active");
  await seen.getByRole("alert").waitFor();
  await seen.context().close();
});
