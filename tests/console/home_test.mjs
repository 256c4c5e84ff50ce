// Home: four numbers that equal the API's, the newest passages moving, one thing to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { langs, look, page, plain, reader, staged } from "./harness.mjs";
import { consent } from "./house.mjs";

const { house, browser, cookie } = await staged();

const written = { fr: (n) => new Intl.NumberFormat("fr-FR").format(n), en: (n) => new Intl.NumberFormat("en-US").format(n) };

test("it stands in every mode", async () => {
  await look(browser, house, cookie, "home", "/", ".tile .value");
});

test("the four numbers are those of the API", async () => {
  await house.until("/v1/home", (home) => home.people.known >= 25);
  for (const lang of langs) {
    const context = await reader(browser, { ...plain, lang }, cookie);
    const seen = await page(context);
    await seen.goto(house.base);
    // Both move while the house settles: asked one after the other until they agree.
    let shown, wanted;
    for (const end = Date.now() + 60_000; ; ) {
      const told = await house.get("/v1/home");
      wanted = [told.people.known, told.events.today, told.reachable.email, told.passages.last_hour].map(written[lang]).join();
      shown = (await seen.locator(".tile .value").allTextContents()).join();
      if (shown === wanted || Date.now() > end) break;
    }
    assert.equal(shown, wanted);
    await context.close();
  }
});

test("a passage appears by itself, and the list stands still under the pointer", async () => {
  const context = await reader(browser, plain, cookie);
  const seen = await page(context);
  await seen.goto(house.base);
  await seen.waitForSelector("text=Up to date");
  const views = (who) => Array.from({ length: 3 }, (_, i) => ({ type: "track", userId: who, event: "Product Viewed", messageId: `${who}-${i}`, context: consent }));
  await house.batch(views("looker-1"));
  const row = seen.locator("tbody tr", { hasText: "looker-1" }).first();
  await row.waitFor();
  assert.match(await row.innerText(), /Looks, doesn't buy/);

  await seen.locator("tbody tr").first().hover();
  const before_ = await seen.locator("tbody").innerText();
  await house.batch(views("looker-2"));
  await seen.waitForSelector("text=/\\d+ new/");
  assert.equal(await seen.locator("tbody").innerText(), before_);
  await seen.mouse.move(5, 5);
  await seen.locator("tbody tr", { hasText: "looker-2" }).first().waitFor();
  await context.close();
});

test("what was withheld is said, and leads to Live", async () => {
  await house.post("/v1/track", { userId: "shy", event: "Seen Somewhere", messageId: "shy-1" });
  await house.until("/v1/home", (home) => home.events.withheld >= 1);
  const context = await reader(browser, plain, cookie);
  const seen = await page(context);
  await seen.goto(house.base);
  await seen.waitForSelector("text=/1 withheld/");
  assert.equal(await seen.locator("a", { hasText: "see why" }).first().getAttribute("href"), "/live?show=withheld");
  await context.close();
});
