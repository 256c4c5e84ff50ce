// The published browser libraries in Debian's Chromium, the page on one origin and the server on another: each event is there once,
// at its time, with what its consent opened; also of a page that is left.
import assert from "node:assert/strict";
import { cpSync, appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "../console/harness.mjs";
import { House, root } from "../console/house.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const library = join(here, "node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js");
if (!existsSync(library)) {
  console.log("skipped: the published clients are not installed (tools/setup.sh test brings them)");
  process.exit(77);
}
const publicKey = "wk_pages", serverKey = "wk_demo";
const yes = { categoryPreferences: { measure: true, personalise: true } };
const no = { categoryPreferences: { measure: false, personalise: false } };

let site, folder, house, browser, host, origin;
let ours; // where page and house are sub-domains of one domain
before(async () => {
  site = createServer((request, response) => {
    const name = new URL(request.url, "http://site").pathname;
    const file = name === "/rsa.js" ? library : join(here, "pages", name);
    if (name === "/favicon.ico") return response.writeHead(204).end();
    if (!existsSync(file) || name.includes("..")) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": name.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8" }).end(readFileSync(file));
  });
  await new Promise((done) => site.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${site.address().port}`;
  ours = { origin: `http://www.shop.test:${site.address().port}`, key: "wk_ours" };
  folder = mkdtempSync(join(tmpdir(), "hospes-pages-"));
  cpSync(join(root, "house/disquaire"), folder, { recursive: true });
  const source = (name, from, key, more = "") => appendFileSync(join(folder, "sources.toml"), `
[[source]]
name = "${name}"
origins = ["${from}"]
[source.categories]
measure = ["measure"]
personalise = ["personalise"]
[source.trusted]
tool = "test banner"
notice = "cookies"
version = "1"
${more}
[[source.key]]
sha256 = "${createHash("sha256").update(key).digest("hex")}"
use = "public"
label = "page"
`);
  source("pages", origin, publicKey);
  source("ours", ours.origin, ours.key, '[source.id_cookie]\nname = "ajs_anonymous_id"\ndomain = "shop.test"\ndays = 30');
  house = await House.start([`house.folder=${folder}`]);
  host = `http://127.0.0.1:${house.publicPort}`;
  ours.host = `http://collect.shop.test:${house.publicPort}`;
  browser = await chromium(["--host-resolver-rules=MAP *.shop.test 127.0.0.1"]);
});
after(async () => {
  await browser?.close();
  await house?.leave();
  site?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The answers of somebody with a name: no page's word opens anything for them (docs/permission.md). */
async function agreed(userId) {
  const items = ["measure", "personalise", "link"].map((purpose) => (
    { type: "consent", userId, purpose, state: "given", happened: "2026-01-01T00:00:00Z", messageId: `${userId}-${purpose}` }
  ));
  const answer = await fetch(`${host}/v1/batch`, { method: "POST", headers: { "X-Write-Key": serverKey }, body: JSON.stringify({ batch: items }) });
  assert.equal(answer.status, 200);
}

/** A visitor's page. `complaints`: what the browser said against it; `asked`: each request to the server. */
async function visit(file, options, at = { origin, host, key: publicKey }, context = undefined) {
  const page = await (context ?? (await browser.newContext())).newPage();
  page.complaints = [];
  page.asked = [];
  page.on("console", (said) => said.type() === "error" && page.complaints.push(said.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("response", (got) => got.url().startsWith(at.host) && page.asked.push(`${got.request().method()} ${new URL(got.url()).pathname} ${got.status()}`));
  const query = new URLSearchParams({ host: at.host, key: at.key, options: JSON.stringify(options) });
  page.began = Date.now();
  await page.goto(`${at.origin}/${file}?${query}`);
  return page;
}

/** Waits until the page has heard `n` answers of that kind; then there must not be more. */
async function answered(page, what, n) {
  const count = () => page.asked.filter((one) => what.test(one)).length;
  for (const end = Date.now() + 10_000; count() < n && Date.now() < end; ) await page.evaluate(() => 0);
  assert.equal(count(), n, page.asked.join("; "));
}

/** The person's moments, once there are as many as said; nothing may be there twice. */
async function moments(identifier, wanted, page) {
  const path = `/v1/profiles/${encodeURIComponent(identifier)}`;
  const person = await house.until(path, (seen) => seen.timeline.length >= wanted.length).catch((error) => {
    throw new Error(`${error.message}\nasked: ${page.asked.join("; ")}\nsaid: ${page.complaints.join("; ")}`);
  });
  assert.deepEqual(person.timeline.map((one) => one.event).sort(), [...wanted].sort(), identifier);
  for (const one of person.timeline) {
    const at = Date.parse(one.at);
    assert.ok(at >= page.began && at <= Date.now(), `${one.event} happened at ${one.at}`);
    assert.equal(one.source, "pages");
    assert.ok(one.purposes.includes("measure") && one.purposes.includes("personalise"), `${one.event}: ${one.purposes}`);
    assert.ok(!one.purposes.includes("advertise"));
  }
  return person;
}

/** What a visit says, in both libraries' words: first nobody, then somebody. `options` bear the visitor's answer. */
async function talk(page, userId, options = {}) {
  await page.evaluate(([yes]) => {
    const { analytics } = window;
    analytics.page("Shop", "Product", { sku: "SKU-1" }, yes);
    return analytics.track("Product Viewed", { price: 12.5, tags: ["é", 2] }, yes); // Segment's: until it was handed on
  }, [options]);
  await page.evaluate(([userId, yes]) => {
    const { analytics } = window;
    analytics.identify(userId, { email: `${userId}@example.org`, city: "Lyon" }, yes);
    analytics.track("Product Added", { sku: "SKU-1" }, yes);
    analytics.group("household-7", { size: 4 }, yes);
  }, [userId, options]);
}
const said = ["Page Viewed", "Product Viewed", "identify", "Product Added", "group"];

async function told(userId, page) {
  const person = await moments(`user_id:${userId}`, said, page);
  const by = Object.fromEntries(person.timeline.map((one) => [one.event, one]));
  assert.equal(by["Product Viewed"].properties.price, 12.5);
  assert.deepEqual(by["Product Viewed"].properties.tags, ["é", 2]);
  assert.equal(by["Page Viewed"].properties["context.page.title"], "Shop");
  assert.equal(by.group.properties.groupId, "household-7");
  assert.equal(person.traits.city.value, "Lyon");
  const kinds = person.identifiers.map((one) => one.kind).sort();
  assert.deepEqual(kinds, ["anonymous_id", "email", "user_id"]);
  assert.deepEqual(page.complaints, []);
}

const segmentContext = (consent) => ({ context: { consent } });
const segmentOptions = (deliveryStrategy) => ({ integrations: { "Segment.io": { deliveryStrategy } } });

test("Segment's library from our own host, one request an event", async () => {
  await agreed("segment-single");
  const page = await visit("segment.html", {});
  await page.evaluate((none) => window.analytics.track("Not Allowed", {}, none), segmentContext(no));
  await talk(page, "segment-single", segmentContext(yes));
  await told("segment-single", page);
  assert.ok(page.asked.includes(`GET /analytics.js/v1/${publicKey}/analytics.min.js 200`), page.asked.join("; "));
  assert.ok(page.asked.includes(`GET /v1/projects/${publicKey}/settings 200`), page.asked.join("; "));
  await answered(page, /^POST \/v1\/[tipg] 200$/, 6);
  await page.context().close();
});

test("Segment's library, batching", async () => {
  await agreed("segment-batch");
  const page = await visit("segment.html", segmentOptions({ strategy: "batching", config: { size: 3, timeout: 300 } }));
  await talk(page, "segment-batch", segmentContext(yes));
  await told("segment-batch", page);
  await answered(page, /^POST \/v1\/b 200$/, 2);
  await page.context().close();
});

test("Segment's library, leaving the page with a batch unsent", async () => {
  const page = await visit("segment.html", segmentOptions({ strategy: "batching", config: { size: 50, timeout: 600_000 } }));
  await page.evaluate((yes) => new Promise((done) => window.analytics.ready(() => {
    window.analytics.track("Left Behind", { n: 1 }, yes);
    window.analytics.track("Left Behind Too", { n: 2 }, yes).then(done);
  })), segmentContext(yes));
  const visitor = await page.evaluate(() => window.analytics.user().anonymousId());
  assert.ok(!page.asked.some((one) => one.startsWith("POST")), page.asked.join("; "));
  await page.click("a");
  await moments(`anonymous_id:${visitor}`, ["Left Behind", "Left Behind Too"], page);
  await page.context().close();
});

/** The library puts the lists of the consent tool on every event. */
const rudderOptions = (allowedConsentIds, deniedConsentIds) => ({
  consentManagement: { enabled: true, provider: "custom", allowedConsentIds, deniedConsentIds },
});

for (const [name, options, path, requests] of [
  ["by XHR", {}, /^POST \/v1\/(track|page|identify|group) 200$/, 5],
  ["in batches", { queueOptions: { batch: { enabled: true, maxItems: 3, flushInterval: 500 } } }, /^POST \/v1\/batch 200$/, 2],
  ["by beacon", { useBeacon: true, beaconQueueOptions: { maxItems: 3, flushQueueInterval: 500 } }, /^POST \/beacon\/v1\/batch 200$/, 2],
]) {
  test(`RudderStack's library, ${name}`, async () => {
    const userId = `rudder-${name.split(" ")[1].toLowerCase()}`;
    await agreed(userId);
    const page = await visit("rudder.html", { ...rudderOptions(["measure", "personalise"], ["advertise"]), ...options });
    await talk(page, userId);
    await told(userId, page);
    assert.ok(page.asked.includes("GET /sourceConfig/ 200"), page.asked.join("; "));
    await answered(page, path, requests);
    await page.context().close();
  });
}

test("RudderStack's library, of a visitor who refused", async () => {
  const page = await visit("rudder.html", rudderOptions([], ["measure", "personalise", "advertise"]));
  await page.evaluate(() => window.analytics.track("Not Allowed"));
  const heard = await house.until("/v1/arrivals?source=pages&limit=1", (seen) => seen.arrivals[0]?.event === "Not Allowed");
  assert.equal(heard.arrivals[0].verdict, "withheld");
  const visitor = await page.evaluate(() => window.analytics.getAnonymousId()); // the library has one once it has loaded
  assert.ok(visitor);
  await assert.rejects(house.get(`/v1/profiles/anonymous_id:${visitor}`), /404/);
  await page.context().close();
});

/** What a network and a busy server do to a request. */
const readable = () => ({ "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "Retry-After" });
const answers = (status, more = {}) => (route) => route.fulfill({ status, headers: { ...readable(), ...more }, body: "not now" });
const cut = (route) => route.abort("connectionreset");
const taken = async (route) => {
  assert.equal((await route.fetch()).status(), 200);
  await cut(route); // the page never hears that it was
};

describe("an event comes through trouble, once", { concurrency: true }, () => {
  // The libraries wait twice as long after each: together they meet all of them.
  for (const [file, path, options, context, troubles] of [
    ["segment.html", "/v1/t", {}, segmentContext(yes), [answers(429, { "Retry-After": "1" }), answers(503), cut, taken]],
    ["rudder.html", "/v1/track", rudderOptions(["measure", "personalise"], ["advertise"]), undefined, [answers(429, { "Retry-After": "1" }), answers(500), taken]],
  ]) {
    test(file, async () => {
      const page = await visit(file, options);
      let met = 0;
      await page.route(host + path, (route) => (troubles[met++] ?? ((one) => one.continue()))(route));
      const visitor = await page.evaluate((context) => new Promise((done) => window.analytics.ready(() => {
        window.analytics.track("Through Trouble", { n: 1 }, context);
        done(window.analytics.getAnonymousId?.() ?? window.analytics.user().anonymousId());
      })), context);
      const person = await moments(`anonymous_id:${visitor}`, ["Through Trouble"], page); // from the one that was cut when it was taken
      assert.equal(person.timeline.length, 1);
      for (const end = Date.now() + 60_000; met <= troubles.length; await page.evaluate(() => new Promise(requestAnimationFrame)))
        assert.ok(Date.now() < end, `it gave up after ${met}`);
      await answered(page, new RegExp(`^POST ${path} 200$`), 1);
      await moments(`anonymous_id:${visitor}`, ["Through Trouble"], page);
      await page.context().close();
    });
  }
});

/** Says it and waits for the answer; the Set-Cookie that came with it. */
async function told_cookie(page, name, consent) {
  const [answer] = await Promise.all([
    page.waitForResponse((got) => got.request().method() === "POST" && new URL(got.url()).pathname === "/v1/t"),
    page.evaluate(([name, context]) => window.analytics.track(name, {}, context).then(() => 0), [name, segmentContext(consent)]),
  ]);
  assert.equal(answer.status(), 200);
  return answer.headerValue("set-cookie");
}

test("Segment's library and an id cookie by HTTP, with permission", async () => {
  const options = segmentOptions({ strategy: "standard", config: { credentials: "include" } });
  const page = await visit("segment.html", options, ours);
  const context = page.context();
  const kept = async () => (await context.cookies(ours.origin)).find((one) => one.name === "ajs_anonymous_id");
  const inDays = (cookie) => (cookie.expires - Date.now() / 1000) / 86_400;
  await page.evaluate(() => new Promise((done) => window.analytics.ready(done)));

  assert.equal(await told_cookie(page, "Before", {}), null, "nothing was answered: no cookie leaves");
  const visitor = await page.evaluate(() => window.analytics.user().anonymousId());
  assert.ok(Math.abs(inDays(await kept()) - 365) < 1, "the library's own, by script");

  assert.match(await told_cookie(page, "Seen", yes), new RegExp(`^ajs_anonymous_id=${visitor}; Domain=shop.test; `));
  assert.equal((await kept()).value, visitor);
  assert.ok(Math.abs(inDays(await kept()) - 30) < 1, "now the house's, by HTTP");

  await page.evaluate(() => localStorage.clear());
  await page.close();
  const later = await visit("segment.html", options, ours, context);
  await later.evaluate(() => new Promise((done) => window.analytics.ready(done)));
  assert.equal(await later.evaluate(() => localStorage.getItem("ajs_user_id")), null);
  await told_cookie(later, "Seen Later", yes);
  const person = await house.until(`/v1/profiles/anonymous_id:${visitor}`, (seen) => seen.timeline.length >= 2);
  assert.deepEqual(person.timeline.map((one) => one.event).sort(), ["Seen", "Seen Later"], "the same visitor");

  assert.match(await told_cookie(later, "No More", no), /Max-Age=0/);
  assert.equal(await kept(), undefined, "a no takes it away");
  assert.equal(await told_cookie(later, "Not Again", no).then(async (said) => said && (await kept())), undefined);
  await context.close();
});

test("a page of another origin gets nothing", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://localhost:${site.address().port}/elsewhere.html`);
  const tried = await page.evaluate(async ([host, key]) => {
    const out = [];
    for (const [path, init] of [
      [`/v1/projects/${key}/settings`, {}],
      ["/v1/t", { method: "POST", headers: { Authorization: `Basic ${btoa(`${key}:`)}` }, body: "{}" }],
      [`/beacon/v1/batch?writeKey=${key}`, { method: "POST", body: '{"batch":[]}' }],
    ]) out.push(await fetch(host + path, init).then((answer) => `${path}: ${answer.status}`, (error) => error.name));
    return out;
  }, [host, publicKey]);
  assert.deepEqual(tried, ["TypeError", "TypeError", "TypeError"]);
  await context.close();
});
