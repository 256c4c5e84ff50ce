// Insight: the three cards say what the API says, in both languages; a house with little to say says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { langs, look, open, plain, staged } from "./harness.mjs";
import { ago } from "./house.mjs";

const { house, browser, cookie } = await staged({ people: false });

const opened = (path, mode = plain) => open(browser, house, cookie, path, { mode });

test("before there is enough to tell, it says so", async () => {
  const seen = await opened("/insight");
  await seen.waitForSelector("text=/Too few to tell, n = 0/");
  await seen.context().close();
});

test("the cards say what the API says", async () => {
  const items = [];
  for (let i = 0; i < 150; ++i) {
    items.push({ type: "consent", userId: `p${i}`, purpose: "market", state: "given", happened: ago(700), messageId: `y${i}` });
    for (let k = 0, day = 500 - (i % 80); k <= i % 4 && day > 0; ++k, day -= 20 + ((i * 37 + k * 11) % 120))
      items.push({ type: "track", userId: `p${i}`, event: "Order Completed", messageId: `o${i}-${k}`, timestamp: ago(day), properties: { total: 10 + ((i * 13) % 70) } });
  }
  await house.batch(items);
  const told = await house.until("/v1/insight/cards?fresh=1", ({ report }) => !report.too_few && report.card.n === 150);
  assert.equal(told.report.plots.length, 3);
  for (const lang of langs) {
    const seen = await opened("/insight", { ...plain, lang });
    await seen.waitForSelector(".cards img");
    assert.deepEqual(await seen.locator(".cards h2").allInnerTexts(), told.report.plots.map((plot) => plot.title[lang]));
    await seen.waitForFunction(() => [...document.querySelectorAll(".cards img")].every((img) => img.complete && img.naturalWidth === 360));
    const figures = told.report.estimates.length + 1 + told.report.tables.reduce((sum, table) => sum + table.rows.length + 1, 0);
    assert.equal(await seen.locator(".below tr").count(), figures);
    assert.ok((await seen.content()).includes(told.report.card.limits[0][lang]));
    await seen.context().close();
  }
  await look(browser, house, cookie, "insight", "/insight", ".cards img");
});

test("every report opens from the list, a stranger's name is said to be none", async () => {
  const { insights } = await house.get("/v1/insight");
  for (const { name } of insights.filter((one) => one.name !== "cards")) {
    const seen = await opened("/insight");
    await seen.locator(`a[href="/insight/${name}"]`).click();
    await seen.waitForSelector(".parts dl dd");
    const { report } = await house.get(`/v1/insight/${name}`);
    assert.equal((await seen.locator("h1").innerText()).trim(), report.sentence.en);
    await seen.context().close();
  }
  const seen = await opened("/insight/nothing");
  await seen.waitForSelector("text=There is no such report");
  await seen.context().close();
});
