// A person: found by whatever one has at hand, from first start to a why; what the page shows is what the API says; bad input.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, page, plain, staged, stands } from "./harness.mjs";
import { ago, consent } from "./house.mjs";

const { house, browser, cookie } = await staged();
const camille = (await house.get("/v1/profiles/user_id:camille")).person;

const opened = (path, mode = plain) => open(browser, house, cookie, path, { ready: "h1", mode });

test("finding stands in every mode", async () => {
  await look(browser, house, cookie, "people", "/people", "form");
});

test("the page of a person stands in every mode, with two trees and a permission open", async () => {
  await look(
    browser, house, cookie, "person", `/people/person:${camille}?why=sleeping_big_spenders,gold_circle&permission=market`, ".tree .why", (seen) =>
      seen.waitForFunction(() => document.querySelectorAll(".tree .why").length >= 2),
  );
});

test("found by e-mail, phone, user id and order number", async () => {
  for (const [by, value] of [["email", "camille@example.org"], ["phone", "+33 6 12 34 56 78"], ["user_id", "camille"], ["order", "camille-N3"]]) {
    const seen = await opened(`/people?by=${by}`);
    await seen.getByLabel("Value").fill(value);
    await seen.keyboard.press("Enter");
    await seen.waitForSelector("h1:has-text('Camille Aubert')");
    assert.equal(new URL(seen.url()).pathname, `/people/person:${camille}`, "by id: no value in the address");
    await seen.context().close();
  }
});

test("found from the palette by keyboard alone, and then asked why", async () => {
  const seen = await opened("/");
  await seen.keyboard.press("Control+k");
  await seen.waitForSelector("dialog[open]");
  await seen.keyboard.type("camille@example.org");
  await seen.waitForSelector("[role=option]:has-text('camille@example.org')");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("h1:has-text('Camille Aubert')");
  const why = seen.getByRole("button", { name: /^Why: Sleeping big spenders/ });
  await why.focus();
  await seen.keyboard.press("Enter");
  await seen.waitForSelector(".tree .why");
  assert.match(await seen.locator(".tree .why").innerText(), /\$402\.79/);
  await seen.context().close();
});

test("what the page shows is what the API says", async () => {
  const told = await house.get("/v1/profiles/user_id:camille?limit=50");
  const seen = await opened(`/people/person:${camille}`);
  await seen.waitForSelector(".moment");
  assert.deepEqual(await seen.locator("time[datetime]").evaluateAll((times) => times.map((time) => time.dateTime)), told.timeline.map((moment) => moment.at));
  const segments = await seen.locator("section .row h3").allTextContents();
  assert.deepEqual(segments, told.segments.map((one) => one.name.en));
  const pills = await seen.locator(".pill").evaluateAll((list) => list.map((pill) => pill.previousElementSibling.title));
  assert.deepEqual(pills, told.permissions.map((one) => one.purpose));
  for (const one of told.identifiers) assert.ok((await seen.locator("main").innerText()).includes(one.value), one.value);
  for (const [name, trait] of Object.entries(told.traits)) {
    const row = seen.locator("dl div", { hasText: name }).last();
    assert.ok((await row.innerText()).includes(String(trait.value)), name);
  }
  await seen.context().close();
});

test("the tree has the values and the flip of the API", async () => {
  const told = await house.get("/v1/profiles/user_id:camille/why/sleeping_big_spenders");
  assert.equal(told.in, true);
  const fr = await opened(`/people/person:${camille}?why=sleeping_big_spenders`, { ...plain, lang: "fr" });
  await fr.waitForSelector(".tree .why");
  const text = await fr.locator(".tree .why").innerText();
  assert.match(text, /402,79\u202f\$/);
  assert.match(text, /216\u00a0j/);
  assert.match(text, /Ce qui le changerait/);
  await fr.getByRole("button", { name: "La condition en texte" }).click();
  assert.match(await fr.locator(".tree .why").innerText(), /sum\("Order Completed"\.total\) >= 300/);
  await fr.context().close();
});

test("why not: a segment one is not in", async () => {
  const seen = await opened(`/people/person:${camille}?why=new_customers`);
  await seen.waitForSelector(".tree .why");
  assert.match(await seen.locator(".tree .why").innerText(), /✕/);
  await seen.context().close();
});

test("an answer against is in the why, with what it hides", async () => {
  await house.batch([
    { type: "track", userId: "objector", event: "Order Completed", messageId: "ob-1", timestamp: ago(200), properties: { order_id: "OB1", total: 12, quantity: 1 } },
    { type: "consent", userId: "objector", purpose: "market", state: "objected", messageId: "ob-2" },
  ]);
  const told = await house.until("/v1/profiles/user_id:objector/why/new_customers", (why) => why.barred);
  assert.equal(told.hidden, 1);
  const { person } = await house.get("/v1/profiles/user_id:objector");
  const seen = await opened(`/people/person:${person}?why=new_customers`);
  await seen.waitForSelector(".tree .why");
  assert.match(await seen.locator(".tree .why").innerText(), /selling better to own customers is “objected” since[\s\S]*1 event hidden from it/);
  await seen.context().close();
});

test("filters of the timeline are in the address", async () => {
  const seen = await opened(`/people/person:${camille}`);
  await seen.waitForSelector(".moment");
  await seen.getByRole("button", { name: "orders", exact: true }).click();
  await seen.waitForFunction(() => document.querySelectorAll(".moment").length === 8);
  assert.match(seen.url(), /event=Order/);
  await seen.goBack();
  await seen.waitForFunction(() => document.querySelectorAll(".moment").length === 9);
  await seen.context().close();
});

test("names that are HTML, right-to-left text and a trait of 8 kB are text", async () => {
  const html = '<img src=x onerror="document.title=1">';
  const hebrew = "שלום עולם";
  await house.batch([
    { type: "consent", userId: "odd", purpose: "market", state: "given", happened: ago(3), messageId: "odd-y" },
    { type: "identify", userId: "odd", messageId: "odd-1", traits: { firstName: html, lastName: hebrew, note: "é".repeat(4000) }, context: consent },
  ]);
  const odd = await house.until("/v1/profiles/user_id:odd", (seen) => seen.traits.note);
  const seen = await opened(`/people/person:${odd.person}`);
  await seen.waitForSelector("dl");
  assert.equal(await seen.locator("main img").count(), 0);
  assert.ok((await seen.locator("h1").innerText()).includes(html));
  assert.equal(await seen.locator("h1").getAttribute("dir"), "auto");
  await seen.getByRole("button", { name: /^Show all/ }).click();
  assert.ok((await seen.locator("dl").last().innerText()).includes("é".repeat(4000)));
  await stands(seen, "odd-person", plain);
  await seen.context().close();
});

test("somebody with 50,000 events opens at once and is read page by page", async () => {
  const many = 50_000;
  for (let first = 0; first < many; first += 1000)
    await house.batch(
      Array.from({ length: 1000 }, (_, i) => ({ type: "track", userId: "busy", event: "Beacon Seen", messageId: `b${first + i}`, timestamp: ago((many - first - i) / 100), context: consent })),
    );
  const busy = await house.until("/v1/profiles/user_id:busy?limit=1", (seen) => seen.timeline_size >= many - 1);
  const seen = await opened(`/people/person:${busy.person}`);
  await seen.waitForSelector(".moment");
  assert.equal(await seen.locator(".moment").count(), 50);
  await seen.getByRole("button", { name: "Show older" }).click();
  await seen.waitForFunction(() => document.querySelectorAll(".moment").length === 250);
  assert.match(await seen.locator("main").innerText(), /250 of 50,000 events shown/);
  await seen.context().close();
});

test("nobody, and somebody who is gone", async () => {
  const seen = await opened("/people");
  await seen.getByLabel("Value").fill("nobody@example.org");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("text=Nobody bears this e-mail");
  assert.equal(await seen.getByLabel("Value").inputValue(), "nobody@example.org");
  await seen.goto(`${house.base}/people/person:00000000000000000000000000000000`);
  await seen.waitForSelector("h1:has-text('Nobody here')");
  await stands(seen, "nobody", plain);
  await seen.context().close();
});
