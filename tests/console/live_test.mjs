// Live: what arrives and who passes, as it happens; what became of each; withheld leads to its setting; a flood does not freeze.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium, langs, look, open, page, plain, reader, stands } from "./harness.mjs";
import { ago, consent, furnish, House } from "./house.mjs";

let house, browser, cookie;

const order = (userId, n, more = {}) => ({
  type: "track", userId, event: "Order Completed", messageId: `${userId}-${n}`, properties: { order_id: `${userId}-${n}`, total: 40, record: "Kind of Blue" }, context: consent, ...more,
});

before(async () => {
  [house, browser] = await Promise.all([House.start(), chromium()]);
  await furnish(house);
  await house.batch([{ type: "consent", userId: "lea", purpose: "market", state: "given", happened: ago(3), messageId: "lea-yes" }, order("lea", 1)]);
  await house.post("/v1/track", { userId: "shy", event: "Seen Somewhere", messageId: "shy-1", properties: { x: "canary-4471" } });
  await house.post("/v1/track", { userId: "late", event: "Order Completed", messageId: "late-1", timestamp: "24/11/2026" });
  await house.until("/v1/passages?segment=new_customers", (seen) => seen.passages.some((one) => one.person === "user_id:lea"));
  cookie = await house.session();
});
after(async () => {
  await browser?.close();
  await house?.leave();
});

const opened = (path, mode = plain) => open(browser, house, cookie, path, { ready: "tbody tr", mode });
/** Rows of the main table, by verdict. */
const row = (seen, verdict, text) => seen.locator(`tbody tr[data-verdict="${verdict}"]`, { hasText: text }).first();

test("it stands in every mode, with a readable or a withheld event open", async () => {
  await look(browser, house, cookie, "live", "/live", "tbody tr", async (seen, { lang }) => {
    const open = lang === "fr" ? row(seen, "withheld", "Seen Somewhere") : row(seen, "accepted", "lea");
    await open.getByRole("button").click();
    await seen.waitForSelector(".why");
  });
});

test("what the page shows is what the API says", async () => {
  const { arrivals } = await house.get("/v1/arrivals?limit=60");
  const { passages } = await house.get("/v1/passages?limit=500");
  const own = passages.filter((one) => !one.message_id);
  const order_of = (id) => Number(id.split("-")[1]);
  const wanted = [...arrivals, ...own].sort((a, b) => order_of(b.id) - order_of(a.id)).slice(0, 60);
  const seen = await opened("/live");
  assert.deepEqual(await seen.locator("tbody time").evaluateAll((times) => times.map((time) => time.dateTime)), wanted.map((one) => one.at));
  assert.deepEqual(await seen.locator("tbody tr").evaluateAll((rows) => rows.map((one) => one.dataset.verdict)), wanted.map((one) => one.verdict ?? "passage"));
  const lea = row(seen, "accepted", "lea");
  const caused = passages.filter((one) => one.message_id === "lea-1");
  assert.ok(caused.length > 1);
  assert.match(await lea.innerText(), new RegExp(`${caused.filter((one) => one.to === "in").length} entries`));
  const { events } = await house.get("/v1/home");
  const shown = await seen.locator("fieldset label").allTextContents();
  for (const [word, n] of [["Readable", events.today], ["Withheld", events.withheld], ["Refused", events.refused]])
    assert.ok(shown.some((text) => text.trim() === `${word} ${n}`), `${word} ${n} in ${shown}`);
  await seen.context().close();
});

test("a withheld row says what is missing and leads to the setting; nothing of its content is there", async () => {
  for (const lang of langs) {
    const seen = await opened("/live", { ...plain, lang });
    const held = row(seen, "withheld", "Seen Somewhere");
    assert.match(await held.innerText(), lang === "fr" ? /il manque/ : /missing:/);
    assert.ok(!(await seen.content()).includes("canary-4471"));
    await held.getByRole("link", { name: lang === "fr" ? "changer ici" : "change here" }).click();
    await seen.waitForSelector(".remedy");
    assert.equal(new URL(seen.url()).pathname, "/sources");
    assert.equal(new URL(seen.url()).searchParams.get("name"), "hello");
    assert.match(await seen.locator(".remedy").innerText(), /categoryPreferences/);
    await seen.goBack();
    await seen.waitForSelector("tbody tr");
    await seen.context().close();
  }
});

test("a refused row says what to send instead", async () => {
  const seen = await opened("/live?show=refused");
  const refused = row(seen, "refused", "Order Completed");
  assert.match(await refused.innerText(), /RFC 3339/);
  await refused.getByRole("button").click();
  assert.match(await seen.locator("section").last().innerText(), /Refused\. What to send instead/);
  await seen.context().close();
});

test("an event: permission, whose, what changed, readable and raw; a link to it stays good", async () => {
  const told = (await house.get("/v1/events/lea-1?source=hello")).found[0];
  const seen = await opened("/live");
  await row(seen, "accepted", "lea").getByRole("button").click();
  await seen.waitForSelector(".why");
  const detail = seen.locator("section[aria-labelledby]").last();
  assert.equal(await detail.locator("dl div").count(), Object.keys(told.properties).length);
  assert.match(await detail.innerText(), /Kind of Blue/);
  for (const one of told.transitions) assert.ok((await detail.innerText()).includes(one.name.en), one.name.en);
  await seen.getByRole("radio", { name: "Raw" }).check({ force: true });
  assert.deepEqual(JSON.parse(await detail.locator("pre").innerText()), told.raw);
  await stands(seen, "live-raw", plain);
  await seen.reload();
  await seen.waitForSelector("pre");
  await seen.keyboard.press("Escape");
  await seen.waitForFunction(() => !document.querySelector("pre"));
  await seen.context().close();
});

test("arrivals appear by themselves; pause keeps what comes", async () => {
  const seen = await opened("/live");
  await seen.waitForSelector("text=Up to date");
  await house.batch([order("nina", 1)]);
  await row(seen, "accepted", "nina").waitFor();
  await seen.getByRole("button", { name: "Pause" }).click();
  await house.batch([order("otto", 1)]);
  await seen.waitForSelector("text=/\\d+ new/");
  assert.equal(await row(seen, "accepted", "otto").count(), 0);
  await seen.getByRole("button", { name: "Go on" }).or(seen.getByRole("button", { name: "Resume" })).first().click();
  await row(seen, "accepted", "otto").waitFor();
  await house.batch([order("otto", 1)]); // the same message
  await row(seen, "duplicate", "Order Completed").waitFor();
  await seen.context().close();
});

test("a filter is in the address, and the back button reads it", async () => {
  const seen = await opened("/live");
  await seen.getByRole("radio", { name: /^Passages/ }).check({ force: true });
  await seen.waitForFunction(() => [...document.querySelectorAll("tbody tr")].every((one) => one.dataset.verdict === "passage"));
  assert.match(seen.url(), /show=passages/);
  await seen.goBack();
  await row(seen, "withheld", "Seen Somewhere").waitFor();
  await seen.context().close();
});

test("search looks into what was kept", async () => {
  const seen = await opened("/live");
  await seen.keyboard.press("/");
  await seen.keyboard.type("kind OF blue");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("text=/holds? these words/");
  const { arrivals } = await house.get("/v1/arrivals/search", { method: "POST", body: JSON.stringify({ text: "kind OF blue", limit: 60 }) });
  assert.equal(await seen.locator("tbody tr").count(), arrivals.length);
  assert.ok(arrivals.length > 0);
  assert.ok(!seen.url().includes("blue"), "no value that somebody looks for stands in an address");
  await seen.getByLabel("Search in what was kept").fill("no such words");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("text=None of what was kept lately holds these words");
  await seen.getByRole("button", { name: "Back to the stream" }).click();
  await row(seen, "withheld", "Seen Somewhere").waitFor();
  await seen.context().close();
});

test("a source says what it says otherwise than before, as it happens", async () => {
  const basket = (messageId, total) => house.post("/v1/track", { userId: "lea", event: "Basket Priced", messageId, properties: { total }, context: consent });
  const context = await reader(browser, plain, cookie);
  const seen = await page(context);
  await seen.goto(`${house.base}/sources`);
  await seen.waitForSelector("text=last: ");
  await basket("basket-1", 12.5);
  await basket("basket-2", "12,50 €");
  await seen.getByText("“total” of “Basket Priced” was a number and is now a text.").waitFor({ timeout: 5000 });
  assert.match(await seen.locator(".drift").innerText(), /basket-2 · 1 time, 100% since then/);
  assert.deepEqual(seen.complaints, []);
  await context.close();
});

test("sources stand in every mode", async () => {
  await look(browser, house, cookie, "sources", "/sources?name=hello&why=no_answer,source_silent", ".remedy", (seen) => seen.waitForSelector(".drift"));
});

test("100,000 passages a minute do not freeze the page", async (t) => {
  const seconds = 12, per_s = 450; // orders of newcomers; each enters four segments and more
  const seen = await opened("/live");
  await seen.waitForSelector("text=Up to date");
  await seen.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" });
  });
  const before_ = (await house.get("/v1/home")).passages.last_hour;
  const began = Date.now();
  for (let second = 0; second < seconds; ++second) {
    await house.batch(Array.from({ length: per_s }, (_, i) => order(`flood-${second}-${i}`, 1)));
    const left = began + (second + 1) * 1000 - Date.now();
    if (left > 0) await new Promise((done) => setTimeout(done, left)); // the pace of the flood, not a wait for something
  }
  await seen.waitForFunction((last) => [...document.querySelectorAll("tbody tr")].some((one) => one.textContent.includes(last)), `flood-${seconds - 1}-`, { timeout: 30_000 });
  const took_s = (Date.now() - began) / 1000;
  const told = await house.until("/v1/home", (home) => home.passages.last_hour - before_ >= seconds * per_s * 3);
  const rate = Math.round(((told.passages.last_hour - before_) / took_s) * 60);
  const tasks = await seen.evaluate(() => window.tasks);
  const longest = Math.round(Math.max(0, ...tasks));
  t.diagnostic(`${rate} passages a minute; longest task ${longest} ms, ${tasks.length} above 50 ms in ${Math.round(took_s)} s`);
  assert.ok((await seen.locator("tbody tr").count()) <= 60);
  assert.ok(longest < 500, `longest task ${longest} ms`);
  await seen.getByRole("button", { name: "Pause" }).click(); // it still answers
  await seen.waitForSelector("text=Paused");
  await seen.context().close();
});
