// Dead letters in both languages: one is opened and mended, what was changed is tried on all of its kind, and all are sent
// again; others are thrown away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { langs, look, open, plain, staged, stands } from "./harness.mjs";

const { house, browser, cookie } = await staged();
const words = {
  en: { open: "Open", all: "Try it on all 30", send: "Send all 30 again", would: "30 would be accepted", was: "30 accepted", discard: "Throw all 4 away", sure: /^Sure/, gone: "4 thrown away." },
  fr: { open: "Ouvrir", all: "Essayer sur les 30", send: "Renvoyer les 30", would: "30 seraient acceptées", was: "30 acceptées", discard: "Jeter les 4", sure: /^Sûr/, gone: "4 jetées." },
};
const batch = async (key, items) => {
  const answer = await fetch(`${house.front}/v1/batch`, { method: "POST", headers: { "Content-Type": "application/json", "X-Write-Key": key }, body: JSON.stringify({ batch: items }) });
  assert.equal(answer.status, 200);
  return answer.json();
};
const consent = { context: { consent: { categoryPreferences: { measure: true } } } };
const basket = (lang, i, more) => ({ type: "track", userId: `${lang}${i}`, event: "Basket Priced", messageId: `${lang}-${i}-${Object.keys(more)}`, properties: { total: i + 0.5 }, ...consent, ...more });

for (const lang of langs) {
  const say = words[lang];
  test(`one is mended, and all of its kind with it (${lang})`, async () => {
    const mode = { ...plain, lang };
    await batch("wk_demo", Array.from({ length: 30 }, (_, i) => basket(lang, i, { timestamp: "yesterday" })));
    await batch("wk_demo", Array.from({ length: 4 }, (_, i) => basket(lang, i, { type: "trak" })));
    const seen = await open(browser, house, cookie, "/sources", { ready: "h1", mode });
    await seen.locator("a[href='/sources?letters=hello']").click();
    await seen.waitForSelector("table");
    if (lang === "en") await look(browser, house, cookie, "letters", "/sources?letters=hello", "table");
    const row = (rule) => seen.getByRole("row").filter({ has: seen.getByRole("cell", { name: rule }) });
    await row(lang === "en" ? /^Time: send/ : /^[Hh]eure/).getByRole("button", { name: say.open }).click();
    const item = seen.locator("#item");
    await item.fill((await item.inputValue()).replace('"yesterday"', '"2026-11-20T12:00:00Z"'));
    assert.equal(await seen.locator("[data-patch]").textContent(), '{"op":"replace","path":"/timestamp","value":"2026-11-20T12:00:00Z"}');
    await stands(seen, `letter-mended-${lang}`, mode);
    await seen.getByRole("button", { name: say.all, exact: true }).click();
    await seen.locator("[data-became]", { hasText: say.would }).waitFor();
    await seen.getByRole("button", { name: say.send, exact: true }).click();
    await seen.locator("[data-became]", { hasText: say.was }).waitFor();
    await row(/^type/).getByRole("button", { name: say.open }).click();
    await seen.getByRole("button", { name: say.discard, exact: true }).click();
    await seen.getByRole("button", { name: say.sure }).click();
    await seen.locator("[data-became]", { hasText: say.gone }).waitFor();
    await stands(seen, `letters-none-${lang}`, mode);
    await seen.context().close();
  });
}
