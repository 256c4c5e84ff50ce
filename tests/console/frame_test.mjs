// The frame: keyboard, palette, deep links; the shared stream; a server that stops, restarts, or says no.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, page, plain, reader, staged, stands } from "./harness.mjs";
import { consent } from "./house.mjs";

const { house, browser, cookie } = await staged();

const opened = (path) => open(browser, house, cookie, path, { ready: "h1[tabindex]" });

test("the palette stands in every mode", async () => {
  await look(browser, house, cookie, "palette", "/segments", "h1", async (seen, { lang }) => {
    await seen.keyboard.press("Control+k");
    await seen.waitForSelector("dialog[open]");
    await seen.keyboard.type(lang === "fr" ? "habitues" : "regul");
    await seen.waitForSelector(`[role=option]:has-text("${lang === "fr" ? "Habitués" : "Regulars"}")`);
  });
});

test("by keyboard alone: skip, palette, choose, close, focus comes back", async () => {
  const seen = await opened("/");
  await seen.keyboard.press("Tab");
  assert.equal(await seen.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await seen.keyboard.press("Enter");
  const onTheHeading = () => seen.waitForFunction(() => document.activeElement.tagName === "H1");
  await onTheHeading();
  await seen.keyboard.press("Control+k");
  await seen.waitForSelector("dialog[open]");
  await seen.keyboard.press("Escape");
  await seen.waitForFunction(() => !document.querySelector("dialog[open]"));
  await onTheHeading();
  await seen.keyboard.press("Control+k");
  await seen.keyboard.type("gold");
  await seen.waitForSelector("[role=option]:has-text('Gold circle')");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("h1:has-text('Gold circle')");
  await onTheHeading();  // a screen reader hears where it is
  await seen.goBack();
  await seen.waitForFunction(() => location.pathname === "/");
  await seen.context().close();
});

test("an address that is no page says so", async () => {
  const seen = await opened("/nowhere/at/all");
  assert.equal(await seen.locator("h1").innerText(), "There is no such page");
  await seen.context().close();
});

test("two tabs read one stream, and the other takes over", async () => {
  const context = await reader(browser, plain, cookie);
  const readers = async () => Number(/^hospes_portal_live_readers\S* (\d+)$/m.exec(await house.get("/metrics"))[1]);
  const one = await page(context);
  await one.goto(house.base);
  await one.waitForSelector("text=Up to date");
  const two = await page(context);
  await two.goto(house.base);
  await two.waitForSelector("text=Up to date");
  // The stream of the test before this one ends when the server hears that its reader left.
  const end = Date.now() + 20_000;
  while ((await readers()) !== 1) assert.ok(Date.now() < end, "two tabs of one browser read the stream twice");
  const views = (who) => Array.from({ length: 3 }, (_, i) => ({ type: "track", userId: who, event: "Product Viewed", messageId: `${who}-${i}`, context: consent }));
  await house.batch(views("shared-1"));
  for (const tab of [one, two]) await tab.locator("tbody tr", { hasText: "shared-1" }).first().waitFor();
  await one.close();
  await house.batch(views("shared-2"));
  await two.locator("tbody tr", { hasText: "shared-2" }).first().waitFor();
  await context.close();
});

test("a server that stops is said, nothing typed is lost, and all goes on after its restart without a reload", async () => {
  const seen = await opened("/people");
  await seen.evaluate(() => (window.sameLoad = true));
  const field = seen.getByLabel("Value");
  await field.fill("camille@example.org");
  await house.kill();
  await seen.getByRole("button", { name: "Find", exact: true }).click();
  await seen.waitForSelector("text=The server does not answer");
  await stands(seen, "server-away", plain);
  assert.equal(await field.inputValue(), "camille@example.org");
  await house.run();
  await seen.waitForSelector("h1:has-text('Camille Aubert')", { timeout: 30_000 }); // the question was asked again by itself
  await seen.waitForSelector("text=Up to date");
  await house.post("/v1/track", { userId: "camille", event: "After Restart", messageId: "after-1", context: consent });
  await seen.waitForSelector(".moment:has-text('After Restart')", { timeout: 30_000 });
  assert.equal(await seen.evaluate(() => window.sameLoad), true);
  await seen.context().close();
});

test("an error of the API is shown in its own words, and can be tried again", async () => {
  const seen = await opened("/people");
  let broken = true;
  await seen.route("**/v1/segments*", (route) =>
    broken ? route.fulfill({ status: 400, json: { error: { code: "invalid_input", message: "limit must be a number from 1 to 1000" } } }) : route.continue(),
  );
  await seen.goto(`${house.base}/segments`);
  await seen.waitForSelector("text=limit must be a number from 1 to 1000");
  await stands(seen, "api-error", plain);
  broken = false;
  await seen.getByRole("button", { name: "Try again" }).click();
  await seen.waitForSelector("tbody tr");
  await seen.context().close();
});

test("a clock that is off by a day changes nothing that is counted", async () => {
  const seen = await page(await reader(browser, plain, cookie));
  await seen.clock.install({ time: new Date(Date.now() - 86_400_000) });
  await seen.goto(`${house.base}/segments`);
  await seen.waitForSelector("tbody tr");
  const { segments } = await house.get("/v1/segments");
  const shown = await seen.locator("tbody strong").allTextContents();
  assert.deepEqual(shown.map((text) => Number(text.replaceAll(",", ""))), segments.map((row) => row.members));
  await seen.context().close();
});
