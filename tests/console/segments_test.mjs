// The list of segments and one segment: what they show is what the API says; search, sort, deep links, saving.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { langs, look, open, page, plain, reader, staged } from "./harness.mjs";

const { house, browser, cookie } = await staged();

const opened = (path, context) => open(browser, house, cookie, path, { ready: "h1", context });
const saved = async (seen, button) => {
  const [file] = await Promise.all([seen.waitForEvent("download"), button.click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
};

test("the list stands in every mode", async () => {
  await look(browser, house, cookie, "segments", "/segments", "tbody tr");
});

test("one segment stands in every mode", async () => {
  await look(browser, house, cookie, "segment", "/segments/second_order_made", ".uplot canvas");
});

test("counts are those of the API", async () => {
  const { segments } = await house.get("/v1/segments");
  const seen = await opened("/segments");
  await seen.waitForSelector("tbody tr");
  const shown = await seen.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => [row.querySelector("a").textContent, row.querySelector("strong").textContent.replaceAll(",", "")]),
  );
  assert.deepEqual(shown, segments.map((row) => [row.name.en, String(row.members)]));
  await seen.context().close();
});

test("search, sort and filters are in the address, and back goes back", async () => {
  const seen = await opened("/segments");
  await seen.keyboard.press("/");
  await seen.keyboard.type("silence");
  await seen.waitForFunction(() => location.search.includes("q=silence"));
  await seen.getByRole("searchbox").fill("gold");
  await seen.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  assert.match(await seen.locator("tbody").innerText(), /Gold circle/);
  await seen.reload();
  await seen.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await seen.getByRole("link", { name: "Gold circle" }).click();
  await seen.waitForSelector("h1:has-text('Gold circle')");
  assert.equal(new URL(seen.url()).pathname, "/segments/gold_circle");
  await seen.goBack();
  await seen.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await seen.getByRole("searchbox").fill("no such thing at all");
  await seen.waitForSelector("text=No segment matches");
  await seen.getByRole("button", { name: "Clear" }).click();
  await seen.getByRole("button", { name: "People" }).click();
  const counts = await seen.locator("tbody strong").allTextContents();
  const numbers = counts.map((text) => Number(text.replaceAll(",", "")));
  assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a));
  await seen.context().close();
});

test("an empty segment says why", async () => {
  const { segments } = await house.get("/v1/segments");
  const never = segments.filter((row) => row.empty?.reason === "never_came");
  assert.ok(never.length > 0);
  const seen = await opened("/segments?show=empty");
  await seen.waitForSelector("tbody tr");
  assert.match(await seen.locator("tbody tr", { hasText: never[0].name.en }).innerText(), /never came/);
  await seen.context().close();
});

test("ten people with why, each tree what the API explains", async () => {
  const id = "second_order_made";
  const sample = await house.get(`/v1/segments/${id}/sample?draw=0`);
  const seen = await opened(`/segments/${id}`);
  const rows = seen.locator("ul.people > li");
  await rows.first().waitFor();
  assert.ok(sample.people.length >= 5);
  assert.equal(await rows.count(), sample.people.length);
  await rows.first().getByRole("button", { name: "Why" }).click();
  await rows.first().locator(".why").waitFor();
  const tree = await rows.first().locator(".why").innerText();
  assert.match(tree, /exactly 2 different values of original_date/);
  assert.match(tree, /last order less than 90\u00a0d ago/);
  assert.match(tree, /What would change it/);
  assert.match(seen.url(), /why=/);
  await seen.context().close();
});

test("the history ends at the count, and table, CSV, SVG and PNG can be taken away", async () => {
  const id = "second_order_made";
  const seen = await opened(`/segments/${id}`, { acceptDownloads: true });
  await seen.waitForSelector(".uplot canvas");
  const history = await house.get(`/v1/segments/${id}/history?step=1d&points=84`);
  assert.ok(history.points.at(-1).members > 0);
  assert.equal(history.points.at(-1).members, (await house.get(`/v1/segments/${id}`)).members);
  const figure = seen.locator("figure");
  const csv = await saved(seen, figure.getByRole("button", { name: "CSV" }));
  const lines = csv.bytes.toString("utf8").split("\r\n");
  assert.equal(lines[0], "\ufeffday;people;in;out");
  assert.equal(lines.length, 84 + 2);
  assert.equal(lines[84].split(";")[1], String(history.points.at(-1).members));
  assert.match(csv.name, /^hospes-.*\.csv$/);
  const svg = await saved(seen, figure.getByRole("button", { name: "SVG" }));
  assert.match(svg.bytes.toString("utf8"), /^<svg .*[\s\S]*<path d="M/);
  const png = await saved(seen, figure.getByRole("button", { name: "PNG" }));
  assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
  await figure.getByRole("button", { name: "Table" }).click();
  assert.equal(await figure.locator("tbody tr").count(), 84);
  await seen.context().close();
});

test("overlap with another is what the API counts", async () => {
  const told = await house.get("/v1/segments/second_order_made/overlap?with=active");
  const seen = await opened("/segments/second_order_made");
  await seen.getByLabel("Compare with another segment").selectOption("active");
  await seen.waitForSelector(`text=/^${told.others[0].both} (person|people) (is|are) in both/`);
  assert.match(seen.url(), /with=active/);
  await seen.context().close();
});

test("a segment that does not exist says so", async () => {
  const seen = await opened("/segments/no_such_one");
  await seen.waitForSelector("text=No such segment");
  await seen.context().close();
});

test("a changed definition says who would pass before anything is kept", async () => {
  const one = await house.get("/v1/segments/quick_repeaters");
  for (const lang of langs) {
    const context = await reader(browser, { ...plain, lang }, cookie);
    const seen = await page(context);
    await seen.goto(`${house.base}/segments/quick_repeaters`);
    await seen.locator('a[href^="/segments/+new"]').click();
    await seen.waitForFunction((members) => document.querySelector(".value")?.textContent === String(members), one.members);
    assert.equal(await seen.locator("textarea").inputValue(), one.definition);
    assert.deepEqual((await seen.locator(".hour strong").allInnerTexts()).map((text) => text.replace(/\D/g, "")), ["0", "0"]);
    // Everybody who ever ordered instead.
    await seen.locator("textarea").fill(one.definition.replace(/where[^]*/, 'where count("Order Completed") >= 1\n'));
    const wanted = await house.get("/v1/segments/preview", { method: "POST", body: one.definition.replace(/where[^]*/, 'where count("Order Completed") >= 1\n') });
    assert.equal(wanted.change.enter, wanted.members - one.members);
    await seen.waitForFunction((enter) => document.querySelector(".hour .in strong")?.textContent.replace(/\D/g, "") === String(enter), wanted.change.enter);
    assert.equal(await seen.locator("section", { hasText: lang === "fr" ? "Qui entrerait" : "Who would enter" }).locator("li").count(), Math.min(10, wanted.change.enter));
    // A mistake is shown in its line; the last count stays, greyed.
    await seen.locator("textarea").fill(one.definition.replace("where", "whree"));
    await seen.waitForSelector("[role=alert] pre");
    assert.equal((await house.get("/v1/segments/quick_repeaters")).members, one.members);
    await context.close();
  }
  await look(browser, house, cookie, "try", "/segments/+new?from=quick_repeaters", ".hour strong");
});
