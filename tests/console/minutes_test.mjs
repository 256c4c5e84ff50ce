// Three minutes of the demo, as somebody shows it: a big spender who sleeps comes back; a letter waits for a decent hour; on her own
// page she asks for less, and it is taken back before one's eyes; she buys, and is let go; then one question to a definition.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { findings, langs, open, page, plain, reader, staged } from "./harness.mjs";
import { ago, consent, furnish, root } from "./house.mjs";

const letterbox = createServer((request, response) => {
  request.resume().on("end", () => response.end());
});
await new Promise((ready) => letterbox.listen(0, "127.0.0.1", ready));
after(() => letterbox.close());

const clock = (shift) => new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.now() + shift * 3_600_000);
const quietUntil = clock(3);
// The demo's own journeys. Now is a quiet hour whenever the test runs, nobody is left alone by lot, and she had one letter already.
const acts = (name) => readFileSync(join(root, "house/disquaire/acts", name), "utf8");
const files = {
  "actions.toml": `${acts("actions.toml")
    .replace("http://127.0.0.1:8098/letters", `http://127.0.0.1:${letterbox.address().port}/letters`)
    .replaceAll('quiet = "21:00-08:00"', `quiet = "${clock(-1)}-${quietUntil}"`)}
[[action]]
name = "hello"
when = "enters"
segment = "regulars"
purpose = "contact:email"
destination = "letterbox"
`,
  "journeys.jny": acts("journeys.jny").replaceAll(/ +holdout .*\n/g, ""),
};

const words = {
  en: {
    sleepers: "Sleeping big spenders", back: "Back on the site", held: "quiet hour", comeIn: "Come in", known: "What we know", pace: "Your pace", less: "Less",
    taken: /1 not sent \(the person asked to hear less from the house\)/, change: "What if?", enters: /→ 1 would enter/,
  },
  fr: {
    sleepers: "Grands clients endormis", back: "De retour sur le site", held: "heure calme", comeIn: "Entrer", known: "Ce que nous savons", pace: "Votre rythme", less: "Moins",
    taken: /1 pas envoyé \(la personne a demandé à recevoir moins de messages de la maison\)/, change: "Et si ?", enters: /→ 1 entrerai/,
  },
};

for (const lang of langs) {
  test(`Camille comes back, asks for less, and buys (${lang})`, async () => {
    const say = words[lang], mode = { ...plain, lang };
    const { house, browser, cookie } = await staged({ people: false, files, settings: ['act.allow=["127.0.0.0/8"]'] });
    await house.batch(["contact:email", "personalise"].map((purpose) => (
      { type: "consent", userId: "camille", purpose, state: "given", happened: ago(700), messageId: `yes-${purpose}` })));
    await furnish(house);
    const effect = async (action) => (await house.get(`/v1/effects/user_id:camille?action=${action}`)).effects[0];
    await house.until("/v1/effects/user_id:camille?action=hello", ({ effects }) => effects[0]?.state === "done");
    await house.batch(["dora", "eve"].flatMap((userId) => [
      ...[300, 200, 150, 70].map((days, i) => ({
        type: "track", userId, event: "Order Completed", timestamp: ago(days), messageId: `${userId}-o${i}`,
        properties: { order_id: `${userId}-N${i}`, total: 10, quantity: 1, original_date: ago(days).slice(0, 10) } })),
    ]));
    await house.batch([{ type: "consent", userId: "eve", purpose: "market", state: "objected", messageId: "no-eve" }]);
    const began = Date.now();

    // Her page, from the list of those who sleep.
    const seen = await open(browser, house, cookie, "/segments", { ready: "tbody tr", mode });
    await seen.getByRole("link", { name: say.sleepers }).first().click();
    await seen.getByRole("link", { name: "Camille Aubert" }).first().click();
    await seen.waitForSelector("h1:has-text('Camille Aubert')");

    // She opens a page: a segment lights up.
    await house.post("/v1/page", { userId: "camille", name: "Home", messageId: "home", properties: { path: "/" }, context: consent });
    await house.until("/v1/profiles/user_id:camille", ({ segments }) => segments.some(({ id }) => id === "back_on_the_site"));
    await seen.reload();
    await seen.getByText(say.back, { exact: true }).first().waitFor();

    // The slot of that page is hers at once.
    const slot = await house.post("/v1/decide", { subject: { userId: "camille" }, placements: [{ key: "home_hero" }], mode: "prefetch", deadline_ms: 1000 });
    assert.deepEqual(slot.decisions[0].items.map(({ id }) => id), ["welcome_back"]);

    // The letter is held, and the page says by what and until when.
    await house.until("/v1/journeys", ({ journeys }) => journeys.find(({ id }) => id === "back_on_the_site").live === 1);
    await seen.goto(`${house.base}/journeys/back_on_the_site`);
    const line = seen.locator("tr", { hasText: "Camille Aubert" }).filter({ hasText: say.held });
    await line.waitFor();
    assert.match(await line.innerText(), new RegExp(quietUntil));

    // On her own page she sees why, asks for less, and the letter is taken back.
    const { path } = await house.get("/v1/persons/user_id:camille/guest_link", { method: "POST", body: JSON.stringify({ reason: "the demo" }) });
    const guest = await page(await reader(browser, mode));
    await guest.goto(house.front + path);
    await guest.getByRole("button", { name: say.comeIn }).click();
    await guest.getByRole("link", { name: say.known }).first().click();
    await guest.getByText(say.back).first().waitFor();
    assert.deepEqual(await findings(guest), []);
    await guest.getByRole("link", { name: say.pace }).first().click();
    await guest.getByRole("switch", { name: say.less }).click();
    await guest.waitForSelector("button[name=level][value=less][aria-checked=true]");
    const { state, reason } = await effect("welcome_back");
    assert.deepEqual([state, reason.code], ["refused", "level"]);
    await seen.reload();
    await seen.waitForSelector("pre");
    assert.match(await seen.locator("table").first().innerText(), say.taken);

    // She buys: no journey holds her any more.
    await house.post("/v1/track", { userId: "camille", event: "Order Completed", messageId: "bought", properties: { order_id: "camille-now", total: 19.5, quantity: 1 }, context: consent });
    await house.until("/v1/journeys", ({ journeys }) => journeys.every(({ live }) => live === 0));
    await house.until("/v1/profiles/user_id:camille", ({ segments }) => !segments.some(({ id }) => ["back_on_the_site", "sleeping_big_spenders"].includes(id)));

    // What if the silence began at 60 days: who would come in, before anything is saved; who objected is in no count.
    await seen.goto(`${house.base}/segments/loyal_going_quiet`);
    await seen.getByRole("link", { name: say.change }).click();
    await seen.waitForFunction(() => document.querySelector("textarea")?.value.includes("180d..90d"));
    await seen.locator("textarea").fill((await seen.locator("textarea").inputValue()).replace("180d..90d", "180d..60d"));
    await seen.getByText(say.enters).waitFor();
    assert.deepEqual(await findings(seen), []);
    assert.equal((await house.get("/v1/segments/loyal_going_quiet")).members, 0);
    const took = Date.now() - began;
    assert.ok(took < 180_000, `${took} ms`);
    console.log(`${lang}: ${took} ms`);
    await seen.context().close();
    await guest.context().close();
  });
}
