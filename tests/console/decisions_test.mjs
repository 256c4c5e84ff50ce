// Decisions: what may be shown where, what was seen of it, and whether an experiment may be read; in both languages, by keyboard and
// screen reader.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, staged } from "./harness.mjs";

const { house, browser, cookie } = await staged({
  files: {
    "decisions.toml": `
[holdout]
share = "5%"
salt = "never"
[[placement]]
name = "home_hero"
public = true
items = 2
[[placement]]
name = "till"
[[experiment]]
name = "tone"
purpose = "market"
variants = { calm = 5000, loud = 5000 }
[[offer]]
name = "calm_one"
placements = ["home_hero"]
purpose = "market"
segment = "active"
experiment = "tone"
variant = "calm"
priority = 9
payload.en = { title = "Calm" }
[[offer]]
name = "seat"
placements = ["till", "home_hero"]
price = "12.50 EUR"
stock = 3
payload.en = { title = "A seat" }
[[offer]]
name = "old"
placements = ["till"]
until = "2020-01-01"
payload.en = { title = "Old" }
[[flag]]
name = "new_checkout"
enabled = false
values = { on = true, off = false }
default = "off"
`,
  },
});
// A page that says of the calm variant alone that it was seen: its experiment must not be read.
const people = Array.from({ length: 90 }, (_, n) => `d${n}`);
await house.batch(people.map((userId) => ({ type: "track", userId, event: "Order Completed", messageId: `o-${userId}`, properties: { order_id: userId, total: 5 } })));
let calm = 0;
for (const userId of people) {
  const decided = await house.post("/v1/decide", { subject: { userId }, placements: [{ key: "home_hero" }], mode: "prefetch" });
  const [answer] = decided.decisions;
  if (answer.variant !== "calm" || answer.holdout) continue;
  await house.post("/v1/exposures", { tokens: [answer.token] });
  calm += 1;
}
const till = await house.post("/v1/decide", { placements: [{ key: "till" }] });
await house.post("/v1/feedback", { token: till.decisions[0].token, outcome: "taken" });
await house.until("/v1/decisions", ({ experiments, offers }) => experiments[0].variants[0].people === calm && offers.find((o) => o.name === "seat").taken === 1);
const opened = (path) => open(browser, house, cookie, path);

test("the page stands in every mode", async () => {
  await look(browser, house, cookie, "decisions", "/decisions", "tbody tr");
});

test("what is seen, left and split is what the API says", async () => {
  const seen = await opened("/decisions");
  await seen.waitForSelector("tbody tr");
  const row = (name) => seen.locator("tr", { hasText: name }).last().innerText();
  assert.match(await row("seat"), /everybody.*€12\.50.*2 of 3/s);
  assert.match(await row("old"), /not now/);
  assert.match(await row("new_checkout"), /switched off.*servers alone.*off/s);
  const offers = await seen.locator("table", { has: seen.locator("caption", { hasText: "Offers" }) }).innerText();
  assert.match(offers, new RegExp(`calm_one\\s+active\\s+variant calm of tone\\s+market\\s+${calm}`));
  assert.match(await seen.getByRole("alert").innerText(), /Read no result/);
  assert.match(await seen.locator("main").innerText(), /5\u00a0?% of people are left alone on purpose/);
  await seen.context().close();
});

test("by keyboard alone, from an offer to its segment", async () => {
  const seen = await opened("/decisions");
  await seen.waitForSelector("tbody tr");
  await seen.locator("h1").focus();
  await seen.keyboard.press("Tab");
  assert.equal(await seen.evaluate(() => document.activeElement?.textContent), "active");
  await seen.keyboard.press("Enter");
  await seen.waitForURL(/\/segments\/active/);
  await seen.context().close();
});

test("in French", async () => {
  const seen = await open(browser, house, cookie, "/decisions", { mode: { lang: "fr", theme: "dark", width: 1280 }, ready: "tbody tr" });
  const text = await seen.locator("main").innerText();
  assert.match(text, /Emplacements/);
  assert.match(text, /Ne lisez aucun résultat/);
  assert.match(text, /12,50\s€\s*2 sur 3/);
  await seen.context().close();
});
