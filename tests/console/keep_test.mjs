// From one customer to a segment that is in force, by hand and in both languages: found, read, written, counted, saved, and
// somebody is seen to enter.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ago } from "./house.mjs";
import { langs, open, plain, staged, stands } from "./harness.mjs";

const { house, browser, cookie } = await staged();

const words = {
  en: { find: "Find", why: /^Why/, segments: "Segments", attempt: "Try a segment", save: "Save", archive: "Archive", change: "What if?", saveChange: "Save the change" },
  fr: { find: "Trouver", why: /^Pourquoi/, segments: "Segments", attempt: "Essayer un segment", save: "Enregistrer", archive: "Archiver", change: "Et si ?", saveChange: "Enregistrer le changement" },
};
const definition = (id, orders) => `segment ${id}
  purpose market
  name en "Asleep ${id}" fr "Endormis ${id}"
  sentence en "Silent for 180 days to a year." fr "Silencieux depuis 180 jours à un an."
  where
    last("Order Completed") >= 180d ago
    and last("Order Completed") < 365d ago
    and count("Order Completed") >= ${orders}
`;
const order = (userId, days, i) => ({
  type: "track", userId, event: "Order Completed", timestamp: ago(days), messageId: `${userId}-o${i}`,
  properties: { order_id: `${userId}-N${i}`, total: 10, quantity: 1, original_date: ago(days).slice(0, 10) },
});
const arrives = (userId) => house.batch([
  { type: "consent", userId, purpose: "market", state: "given", happened: ago(700), messageId: `yes-${userId}` },
  ...[300, 290, 250, 200].map((days, i) => order(userId, days, i)),
]);

for (const lang of langs) {
  test(`from a customer to a segment that somebody enters, in eight clicks at most (${lang})`, async () => {
    const say = words[lang], id = `asleep_${lang}`;
    const seen = await open(browser, house, cookie, "/people", { ready: "form", mode: { ...plain, lang } });
    let clicks = 0;
    const click = (one) => (++clicks, one.click());
    await seen.locator("select").selectOption("email");
    await seen.locator("input[data-search]").fill("camille@example.org");
    await click(seen.getByRole("button", { name: say.find, exact: true }));
    await click(seen.getByRole("button", { name: say.why }).first());
    await seen.waitForSelector(".tree");
    await click(seen.getByRole("navigation").getByRole("link", { name: say.segments }).first());
    await click(seen.getByRole("link", { name: say.attempt, exact: true }));
    await seen.locator("textarea").fill(definition(id, 4));
    const wanted = await house.get("/v1/segments/preview", { method: "POST", body: definition(id, 4) });
    assert.ok(wanted.members >= 1);
    await seen.waitForFunction((n) => document.querySelector(".value")?.textContent === String(n), wanted.members);
    await seen.waitForFunction((id) => document.querySelector("pre")?.textContent.startsWith(`segment ${id}`), id);
    await stands(seen, `save-${lang}`, { ...plain, lang });
    await click(seen.getByRole("button", { name: say.save, exact: true }));
    await seen.waitForURL(`${house.base}/segments/${id}`);
    await seen.waitForFunction((n) => document.querySelector(".value")?.textContent === String(n), wanted.members);
    await arrives(`dora_${lang}`);
    await seen.waitForFunction((n) => document.querySelector(".value")?.textContent === String(n), wanted.members + 1);
    await seen.getByText(`dora_${lang}`).first().waitFor();
    assert.ok(clicks <= 8, `${clicks} clicks`);
    assert.equal((await house.get(`/v1/segments/${id}`)).members, wanted.members + 1);

    // A change is one, and whoever is overtaken is told.
    await seen.getByRole("link", { name: say.change }).click();
    await seen.waitForFunction((id) => document.querySelector("textarea")?.value.includes(`segment ${id}`), id);
    await seen.locator("textarea").fill(definition(id, 8));
    const saves = seen.getByRole("button", { name: say.saveChange, exact: true });
    await seen.waitForFunction(() => document.querySelector("pre")?.textContent.includes(">= 8"));
    await house.get(`/v1/segments/${id}`, { method: "PUT", body: definition(id, 5) });
    await saves.click();
    await seen.getByText("somebody changed the segment since you read it").waitFor();
    assert.match((await house.get(`/v1/segments/${id}`)).definition, />= 5/);

    await seen.goto(`${house.base}/segments/${id}`);
    const archive = seen.getByRole("button", { name: say.archive, exact: true });
    await archive.click();
    await seen.locator("p[aria-live] button").click();
    await seen.waitForURL(`${house.base}/segments`);
    assert.ok(!(await house.get("/v1/segments")).segments.some((row) => row.id === id));
    await seen.context().close();
  });
}
