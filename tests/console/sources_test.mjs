// A source added by hand, in both languages: its key inside what one pastes, and the page turns green at the first event, or
// says why not. Then one key follows another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { langs, open, plain, staged, stands } from "./harness.mjs";

const { house, browser, cookie } = await staged();

const words = {
  en: { add: "Add a source", make: "Make its key", server: "A server or a till", name: "Name", pages: "Pages that may send", admit: /^Let pages of/, follow: "Replace with a new key", end: "End it now", sure: /^Sure/, takes: /Its events are taken/, rate: /Events a second/, save: "Save" },
  fr: { add: "Ajouter une source", make: "Créer sa clé", server: "Un serveur ou une caisse", name: "Nom", pages: "Pages qui peuvent envoyer", admit: /^Laisser envoyer/, follow: "Remplacer par une nouvelle clé", end: "Y mettre fin", sure: /^Sûr/, takes: /Ses événements sont pris/, rate: /Événements par seconde/, save: "Enregistrer" },
};
const first = (seen, state) => seen.waitForSelector(`[data-first=${state}]`);
const send = (key, body, headers = {}) => fetch(`${house.front}/v1/track`, {
  method: "POST", body: JSON.stringify(body),
  headers: { "Content-Type": "application/json", Authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`, ...headers },
});

for (const lang of langs) {
  const say = words[lang];

  test(`a server's source turns green at its first event (${lang})`, async () => {
    const seen = await open(browser, house, cookie, "/sources", { ready: "h1", mode: { ...plain, lang } });
    await seen.getByRole("link", { name: say.add, exact: true }).click();
    await seen.getByLabel(say.server).check({ force: true });
    await seen.getByLabel(say.name, { exact: true }).fill(`till-${lang}`);
    await stands(seen, `source-add-${lang}`, { ...plain, lang });
    await seen.getByRole("button", { name: say.make, exact: true }).click();
    await first(seen, "waiting");
    const key = await seen.locator("[data-key]").textContent();
    const snippet = await seen.locator("[data-snippet]").textContent();
    assert.ok(snippet.includes(key) && snippet.includes(house.front), snippet);
    await stands(seen, `source-made-${lang}`, { ...plain, lang });
    // What the snippet says, word for word.
    const body = JSON.parse(/-d '(.*)'/.exec(snippet)[1]);
    assert.equal((await send(key, body)).status, 200);
    await first(seen, "accepted");
    assert.ok((await seen.locator("[data-first]").textContent()).includes("First Event"));
    await seen.context().close();
  });

  test(`a page that may not send is named, and let in by one click (${lang})`, async () => {
    const seen = await open(browser, house, cookie, "/sources?add=yes", { ready: "form", mode: { ...plain, lang } });
    await seen.getByLabel(say.name, { exact: true }).fill(`site-${lang}`);
    await seen.locator("#origins").fill("https://www.shop.example");
    await seen.getByRole("button", { name: say.make, exact: true }).click();
    await first(seen, "waiting");
    const key = await seen.locator("[data-key]").textContent();
    const event = (context) => ({ anonymousId: `a-${lang}`, event: "Seen", messageId: `${lang}-${Math.random()}`, context });
    const elsewhere = { Origin: "https://other.example" };
    assert.equal((await send(key, event({}), elsewhere)).status, 403);
    await first(seen, "refused");
    await seen.getByRole("button", { name: say.admit }).click();
    let status = 403;
    while (status === 403) status = (await send(key, event({}), elsewhere)).status;
    assert.equal(status, 200);
    await first(seen, "withheld"); // no purpose was open, and the page says so
    assert.ok((await seen.locator("[data-first] a").first().getAttribute("href")).includes(`site-${lang}`));
    await seen.context().close();
  });

  test(`a source is switched off and on, and slowed (${lang})`, async () => {
    const { key } = await house.get("/v1/sources", { method: "POST", body: JSON.stringify({ name: `loud-${lang}`, use: "server" }) });
    const seen = await open(browser, house, cookie, `/sources?name=loud-${lang}`, { ready: "form", mode: { ...plain, lang } });
    const saved = async () => {
      await seen.getByRole("button", { name: say.save, exact: true }).click();
      await seen.waitForSelector("[data-saved=true]");
      return (await house.get(`/v1/sources/loud-${lang}`));
    };
    await seen.getByLabel(say.takes).uncheck();
    assert.equal((await saved()).enabled, false);
    assert.equal((await send(key.key, { userId: "ana", event: "Seen" })).status, 401);
    await seen.getByLabel(say.takes).check();
    await seen.getByLabel(say.rate).fill("7");
    await seen.getByRole("combobox").selectOption("strict");
    const now = await saved();
    assert.deepEqual([now.enabled, now.events_per_s_max, now.mode], [true, 7, "strict"]);
    assert.equal((await send(key.key, { userId: "ana", event: "Seen" })).status, 200);
    await stands(seen, `source-rules-${lang}`, { ...plain, lang });
    await seen.context().close();
  });

  test(`one key follows another (${lang})`, async () => {
    const made = await house.get("/v1/sources", { method: "POST", body: JSON.stringify({ name: `old-${lang}`, use: "server", without_answer: ["market"] }) });
    const seen = await open(browser, house, cookie, `/sources?name=old-${lang}`, { ready: "h1", mode: { ...plain, lang } });
    await seen.getByRole("button", { name: say.follow, exact: true }).click();
    const key = await seen.locator("[data-key]").textContent();
    assert.notEqual(key, made.key.key);
    await seen.waitForFunction(() => document.querySelectorAll("[aria-label] li code").length >= 2);
    await stands(seen, `source-keys-${lang}`, { ...plain, lang });
    await seen.getByRole("button", { name: say.end, exact: true }).first().click();
    await seen.getByRole("button", { name: say.sure }).click();
    const body = { userId: "ana", event: "Seen" };
    await seen.getByRole("button", { name: say.sure }).waitFor({ state: "detached" });
    assert.equal((await send(made.key.key, body)).status, 401);
    assert.equal((await send(key, body)).status, 200);
    await seen.context().close();
  });
}

test("the reference page has every call of the API, without a script and without a session", async () => {
  const doc = await house.get("/openapi.json");
  for (const mode of [plain, { ...plain, theme: "dark", width: 390 }]) {
    const seen = await open(browser, house, undefined, "/reference.html", { ready: "main", mode });
    const calls = Object.values(doc.paths).filter((item) => !item.$ref).flatMap((item) => Object.entries(item)).filter(([method, one]) => method !== "options" && one.operationId).map(([, one]) => one);
    const missing = await seen.evaluate((ids) => ids.filter((id) => !document.getElementById(id)), calls.map((one) => one.operationId));
    assert.deepEqual(missing, []);
    const astray = await seen.evaluate(() => [...document.querySelectorAll('a[href^="#"]')].map((one) => one.getAttribute("href").slice(1)).filter((id) => !document.getElementById(id)));
    assert.deepEqual([...new Set(astray)], []);
    assert.equal(await seen.locator("script").count(), 0);
    await stands(seen, "reference", mode);
    await seen.context().close();
  }
});
