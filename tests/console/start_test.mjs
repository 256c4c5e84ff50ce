// First start: the owner link, what a wrong one says, who comes without, sign-in and sign-out, an expired session in mid-edit.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { chromium, look, page, plain, reader, stands } from "./harness.mjs";
import { House } from "./house.mjs";

const first_load_bytes_max = 60_000; // gzip
let house, browser;

before(async () => {
  [house, browser] = await Promise.all([House.start(), chromium()]);
});
after(async () => {
  await browser?.close();
  await house?.leave();
});

test("whoever comes without a session learns how to get one", async () => {
  await look(browser, house, null, "welcome", "/", "h1");
});

test("a wrong or cut link says what to do, in the browser's language", async () => {
  await look(browser, house, null, "old-link", "/start/CUT0FF", "h1", async (seen, { lang }) => {
    assert.match(await seen.locator("main").innerText(), lang === "fr" ? /Ce lien n’ouvre plus rien/ : /This link opens nothing any more/);
    assert.match(await seen.locator("pre").innerText(), /hospes link/);
  });
});

test("a browser that only fetches ahead does not use the link up", async () => {
  const ahead = await fetch(house.link, { redirect: "manual", headers: { "Sec-Purpose": "prefetch", Accept: "text/html" } });
  assert.equal(ahead.status, 403);
});

test("the link makes the owner, once, and leads into the console", async () => {
  const link = house.link;
  const context = await reader(browser, plain);
  const seen = await page(context);
  await seen.goto(link);
  await seen.waitForSelector("nav");
  assert.equal(new URL(seen.url()).pathname, "/");
  await stands(seen, "first-start", plain);
  const cookies = await context.cookies();
  assert.deepEqual(cookies.map((one) => [one.httpOnly, one.sameSite]), [[true, "Strict"]]);

  await seen.goto(link); // again: it is used, but this browser is in
  await seen.waitForSelector("text=You are signed in already");
  await seen.click("text=Go to the console");
  await seen.waitForSelector("nav");

  const other = await reader(browser, plain);
  const stranger = await page(other);
  assert.equal((await stranger.goto(link)).status(), 403);
  await stranger.waitForSelector("text=This link opens nothing any more");
  house.link = null;
  await context.close();
  await other.close();
});

test("the browser's language comes first, and the switch stays", async () => {
  const cookie = await house.session();
  for (const [lang, other] of [["fr", "EN"], ["en", "FR"]]) {
    const context = await reader(browser, { ...plain, lang }, cookie);
    const seen = await page(context);
    await seen.goto(`${house.base}/people`);
    const heading = (words) => seen.locator("h1", { hasText: words }).waitFor(); // the page's own, before, is the house's
    await heading(lang === "fr" ? "Personnes" : "People");
    await seen.getByRole("radio", { name: other }).check({ force: true });
    await heading(lang === "fr" ? "People" : "Personnes");
    await seen.reload();
    await heading(lang === "fr" ? "People" : "Personnes");
    await context.close();
  }
});

test("without JavaScript a plain page says what is needed, in both languages", async () => {
  const context = await reader(browser, plain, null, { javaScriptEnabled: false });
  const seen = await context.newPage();
  await seen.goto(`${house.base}/segments`);
  const text = await seen.locator("body").innerText();
  assert.match(text, /La console a besoin de JavaScript/);
  assert.match(text, /The console needs JavaScript/);
  await context.close();
});

test("signing out ends the session on the server too", async () => {
  const cookie = await house.session();
  const context = await reader(browser, plain, cookie);
  const seen = await page(context);
  await seen.goto(house.base);
  await seen.getByRole("button", { name: "You" }).click();
  await seen.getByRole("button", { name: "Sign out" }).click();
  await seen.waitForSelector("text=You are signed out");
  await stands(seen, "signed-out", plain);
  const answer = await fetch(`${house.base}/v1/segments`, { headers: { Cookie: `${cookie.name}=${cookie.value}` } });
  assert.equal(answer.status, 401);
  await context.close();
});

test("a session that ends in mid-edit loses nothing that was typed", async () => {
  const cookie = await house.session();
  const context = await reader(browser, plain, cookie);
  const seen = await page(context);
  await seen.goto(`${house.base}/people`);
  const field = seen.getByLabel("Value");
  await field.fill("somebody@example.org");
  const bare = { Cookie: `${cookie.name}=${cookie.value}` };
  const { page: proof } = await (await fetch(`${house.base}/v1/session`, { headers: bare })).json();
  const ended = await fetch(`${house.base}/v1/session`, {
    method: "DELETE",
    headers: { ...bare, "X-Hospes-Page": proof, Origin: house.base },
  });
  assert.equal(ended.status, 204);
  await seen.getByRole("button", { name: "Find", exact: true }).click();
  await seen.waitForSelector("text=Your session has ended");
  assert.equal(await field.inputValue(), "somebody@example.org");
  await stands(seen, "session-ended", plain);

  const { path } = await house.get("/v1/owner_link", { method: "POST" });
  const tab = await context.newPage();
  await tab.goto(house.base + path);
  await tab.waitForSelector("nav");
  await seen.waitForSelector("text=Nobody bears this e-mail"); // what was asked for goes on by itself
  assert.equal(await field.inputValue(), "somebody@example.org");
  assert.equal(await seen.locator("text=Your session has ended").count(), 0);
  await context.close();
});

test("the first load is at most 60 kB gzip", async () => {
  const context = await reader(browser, plain, await house.session());
  const seen = await page(context);
  const paths = new Set();
  seen.on("request", (request) => paths.add(new URL(request.url()).pathname));
  await seen.goto(house.base);
  await seen.waitForSelector(".tile .value");
  await seen.waitForSelector("text=Up to date"); // the stream is open: everything is there
  let bytes = 0;
  for (const path of [...paths].filter((one) => one === "/" || one.startsWith("/assets/"))) bytes += await gzipped(path);
  assert.ok(bytes > 20_000 && bytes <= first_load_bytes_max, `${bytes} bytes`);
  await context.close();
});

/** Bytes as sent; Node's fetch would open them. */
async function gzipped(path) {
  const { request } = await import("node:http");
  const raw = await new Promise((done) => {
    request(house.base + path, { headers: { Accept: "text/html", "Accept-Encoding": "gzip" } }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => done(Buffer.concat(pieces)));
    }).end();
  });
  assert.ok(gunzipSync(raw).length > raw.length / 2, path);
  return raw.length;
}

