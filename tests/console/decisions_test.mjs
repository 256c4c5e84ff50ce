// Decisions: what may be shown where, what was seen of it, and whether an experiment may be read; in both languages, by keyboard and
// screen reader.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, staged } from "./harness.mjs";

const { house, browser, cookie } = await staged({
  settings: ['act.allow=["127.0.0.0/8"]'],
  files: {
    "actions.toml": `
[[destination]]
name = "nowhere"
url = "http://127.0.0.1:9/"
[[action]]
name = "greet"
when = "enters"
segment = "active"
purpose = "contact:email"
destination = "nowhere"
[[action]]
name = "never_set_off"
when = "enters"
segment = "gold_circle"
purpose = "market"
destination = "nowhere"
`,
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

const shownTo = people[0];
const asked = async (seen) => {
  await seen.getByRole("button", { name: /Show what was done|Montrer ce qui a été fait/ }).click();
  await seen.waitForSelector("form select");
  await seen.locator("form select").selectOption("never_set_off");
  await seen.getByRole("button", { name: /^(Ask|Demander)$/ }).click();
  await seen.waitForSelector("[role=status] h3");
};

test("what was done about a person and decided for them, each with its reason, stands in every mode", async () => {
  const { effects } = await house.get(`/v1/effects/user_id:${shownTo}`);
  assert.equal(effects[0].reason.code, "unset");
  await look(browser, house, cookie, "person_done", `/people/user_id:${shownTo}`, "h1", asked);
});

test("why did they not get this, for any person and action, as the API says it", async () => {
  for (const [lang, words] of [["en", [/greet.*not done, the purpose needs a yes, and nobody said yes/s, /no passage has set this action off/, /is no longer where the rule saw them/]], ["fr", [/greet.*pas fait, la finalité demande un oui/s, /aucun passage n’a déclenché/, /n.est plus là où la règle l.a vue/]]]) {
    const seen = await open(browser, house, cookie, `/people/user_id:${shownTo}`, { mode: { lang, theme: "light", width: 1280 }, ready: "h1" });
    await asked(seen);
    const text = await seen.locator("section", { has: seen.locator("form select") }).innerText();
    for (const word of words) assert.match(text, word);
    await seen.context().close();
  }
  const withOne = (await Promise.all(people.slice(0, 12).map(async (userId) => [userId, (await house.get(`/v1/decisions/of/user_id:${userId}`)).shown]))).find(([, list]) => list.length > 0);
  assert.ok(withOne, "somebody was shown something");
  const seen = await opened(`/people/user_id:${withOne[0]}`);
  await asked(seen);
  const text = await seen.locator("section", { has: seen.locator("form select") }).innerText();
  for (const item of withOne[1][0].items) assert.ok(text.includes(item.id), text);
  assert.ok(text.includes(withOne[1][0].reason.en), text);
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
