// The builder, what a segment was and is filed under, what it carries, and the screen of joins: in both languages, and each figure is the
// API's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { langs, look, modes, open, page, plain, reader, staged, stands } from "./harness.mjs";
import { ago, consent } from "./house.mjs";

const { house, browser, cookie } = await staged();
const camille = (await house.get("/v1/profiles/user_id:camille")).person;
const opened = (path, more) => open(browser, house, cookie, path, { ready: "h1", ...more });
const asked = (definition) => house.get("/v1/segments/preview", { method: "POST", body: definition });
const settled = (seen) => seen.waitForFunction(() => document.querySelector("[aria-busy]")?.getAttribute("aria-busy") === "false" && document.querySelector(".value")?.textContent !== "–");

const quiet = `segment quiet_ones
  purpose market
  name en "Quiet" fr "Calmes"
  sentence en "Silent." fr "Silencieux."
  where
    last("Order Completed") >= 180d ago
    and count("Order Completed") >= 2
`;
const words = {
  en: { forms: ["Text", "Sentence", "JSON"], said: /^The last "Order Completed" happened more than|^The last/, five: (text) => text.replace(/at least 2/, "at least 1"), held: "not counted for lack of permission", power: "Power users", begin: "Begin with" },
  fr: { forms: ["Texte", "Phrase", "JSON"], said: /^Le dernier/, five: (text) => text.replace(/d'au moins 2/, "d'au moins 1"), held: "non comptées faute de permission", power: "Les plus actifs", begin: "Commencer par" },
};

for (const lang of langs) {
  test(`one definition as text, sentence and JSON, counted in each (${lang})`, async () => {
    const say = words[lang];
    const seen = await opened("/segments/+new", { mode: { ...plain, lang } });
    await seen.locator("textarea").fill(quiet);
    await seen.waitForFunction(() => document.querySelector("pre")?.textContent.startsWith("segment quiet_ones"));
    await settled(seen);
    await seen.getByRole("radio", { name: say.forms[1] }).check();
    const told = await asked(quiet);
    assert.equal(await seen.locator("textarea").inputValue(), told.forms.sentence[lang]);
    await seen.locator("textarea").fill(say.five(told.forms.sentence[lang]));
    const changed = await asked(quiet.replace(">= 2", ">= 1"));
    await seen.waitForFunction(() => document.querySelector("pre")?.textContent.includes('count("Order Completed") >= 1'));
    await seen.waitForFunction((n) => document.querySelector(".value")?.textContent === String(n), changed.members);
    await stands(seen, `builder-sentence`, { ...plain, lang });
    // A sentence nobody understands says where.
    const good = await seen.locator("textarea").inputValue();
    await seen.locator("textarea").fill(`${good.slice(0, 12)} xyz`);
    await seen.getByRole("alert").waitFor();
    await seen.locator("textarea").fill(good);
    await seen.getByRole("alert").waitFor({ state: "detached" });
    await seen.getByRole("radio", { name: say.forms[2] }).check();
    const json = JSON.parse(await seen.locator("textarea").inputValue());
    assert.deepEqual(json, changed.forms.json);
    json.where.all[1].value = 2;
    await seen.locator("textarea").fill(JSON.stringify(json));
    await seen.waitForFunction(() => document.querySelector("pre")?.textContent.includes('count("Order Completed") >= 2'));
    await seen.getByRole("radio", { name: say.forms[0] }).check();
    assert.equal(await seen.locator("textarea").inputValue(), quiet);
    await seen.context().close();
  });
}

test("who cannot be counted, and the overlap, are the API's", async () => {
  await house.batch([{ type: "consent", userId: "guest-3", purpose: "market", state: "objected", messageId: "no-guest-3" }]);
  const all = quiet.replace(/where[^]*/, 'where count("Order Completed") >= 1\n');
  await house.until("/v1/profiles/user_id:guest-3", (seen) => seen.permissions.some((one) => one.purpose === "market" && one.state === "objected"));
  const told = await asked(all);
  assert.deepEqual(told.not_counted, { people: 1, against: 1 });
  assert.ok(told.overlap.length > 0);
  for (const lang of langs) {
    const seen = await opened("/segments/+new", { mode: { ...plain, lang } });
    await seen.locator("textarea").fill(all);
    await seen.getByText(`1 ${words[lang].held}`).waitFor();
    for (const one of told.overlap)
      assert.match(await seen.locator("li", { has: seen.locator(`a[href="/segments/${one.id}"]`) }).innerText(), new RegExp(`${one.name[lang]}\\s+${one.both}\\s`));
    await seen.context().close();
  }
  await look(browser, house, cookie, "builder", "/segments/+new", "ul li .figure");
});

test("power users come packaged, and what they carry is drawn", async () => {
  const { segments: [packaged] } = await house.get("/v1/packaged/segments");
  for (const lang of langs) {
    const seen = await opened("/segments/+new", { mode: { ...plain, lang } });
    await seen.getByRole("button", { name: words[lang].power }).click();
    assert.equal(await seen.locator("textarea").inputValue(), packaged.definition);
    await seen.context().close();
  }
  await house.get("/v1/segments/power_users", { method: "PUT", body: packaged.definition.replace(", 90d", "").replace(">= 2 * median", ">= median") });
  const value = await house.get("/v1/segments/power_users/value");
  assert.ok(value.members > 0 && value.gini > 0);
  await look(browser, house, cookie, "value", "/segments/power_users", ".uplot canvas", async (seen, { lang }) => {
    await seen.getByRole("button", { name: lang === "fr" ? "Compter" : "Count", exact: true }).click();
    await seen.locator("polyline").waitFor();
    const gini = value.gini.toFixed(2);
    assert.ok((await seen.locator("main").innerText()).includes(`Gini ${lang === "fr" ? gini.replace(".", ",") : gini}`));
  });
});

test("versions are read and undone, drafts and folders are found", async () => {
  const filed = quiet.replace("  where", '  owner "Zoé"\n  folder "Shop/spring"\n  where');
  await house.get("/v1/segments/quiet_ones", { method: "PUT", body: filed });
  await house.get("/v1/segments/quiet_ones", { method: "PUT", body: filed.replace(">= 2", ">= 9") });
  await house.get("/v1/segments/soon", { method: "PUT", body: filed.replace("quiet_ones", "soon").replace("  where", "  draft\n  where") });
  const before = (await house.get("/v1/segments/quiet_ones")).members;
  const seen = await opened("/segments/quiet_ones");
  const versions = seen.locator("section", { hasText: "Versions" });
  await versions.getByRole("button", { name: "Show" }).nth(1).click();
  assert.match(await versions.locator("pre").innerText(), />= 2/);
  await versions.getByRole("button", { name: "Undo the last change" }).click();
  await versions.getByRole("button", { name: "Back to the version before?" }).click();
  await seen.waitForFunction(() => document.querySelector('pre[aria-label="Definition"]')?.textContent.includes(">= 2"));
  const after = await house.get("/v1/segments/quiet_ones");
  assert.match(after.definition, />= 2/);
  assert.ok(after.members > before);
  await stands(seen, "versions", plain);
  await seen.locator("dd a", { hasText: "Shop/spring" }).click();
  await seen.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  assert.match(await seen.locator("tbody").innerText(), /Quiet[^]*Shop\/spring · Zoé/);
  await seen.locator(".drafts a").click();
  await seen.waitForFunction(() => document.querySelector("textarea")?.value.includes("segment soon"));
  assert.match(await seen.locator("textarea").inputValue(), /\n {2}draft\n/);
  await seen.context().close();
  await look(browser, house, cookie, "drafts", "/segments?folder=Shop/spring", ".drafts li");
});

test("a join is seen with its reason, parted after both people were shown, and joined again", async () => {
  await house.batch([
    { type: "identify", userId: "camille", anonymousId: "camille-phone", messageId: "login", context: { consent: { categoryPreferences: { link: true, personalise: true, measure: true } } } },
    { type: "track", anonymousId: "camille-phone", event: "Product Viewed", messageId: "looks", timestamp: ago(1), properties: { sku: "A" }, context: consent },
  ]);
  await house.until("/v1/profiles/user_id:camille", (told) => told.identifiers.some((one) => one.value === "camille-phone"));
  const labels = {
    en: { open: "Show what joins them, and why", part: "Part them…", sure: "Do it", back: "Take the cut back…", cut: "cut by the house" },
    fr: { open: "Montrer ce qui les joint, et pourquoi", part: "Les séparer…", sure: "Le faire", back: "Retirer la coupure…", cut: "coupé par la maison" },
  };
  for (const mode of modes) {
    const say = labels[mode.lang];
    const seen = await page(await reader(browser, mode, cookie));
    await seen.goto(`${house.base}/people/person:${camille}`);
    await seen.getByRole("button", { name: say.open }).click();
    const row = seen.locator("li", { hasText: "camille-phone" }).filter({ has: seen.getByRole("button", { name: say.part }) });
    await row.getByRole("button", { name: say.part }).click();
    const both = seen.locator(".both");
    await both.waitFor();
    const told = await house.get("/v1/persons/user_id:camille/split", { method: "POST", body: JSON.stringify({ with: "anonymous_id:camille-phone" }) });
    assert.equal(await both.locator("ul").first().locator("li").count(), told.before.length);
    assert.equal(await both.locator("ul").nth(1).locator("li").count(), told.after.length);
    assert.equal(told.after.length, 2);
    await stands(seen, "joins", mode);
    await both.getByRole("button", { name: say.sure }).click();
    await seen.getByText(say.cut).first().waitFor();
    assert.ok(!(await house.get("/v1/profiles/user_id:camille")).identifiers.some((one) => one.value === "camille-phone"));
    await seen.getByRole("button", { name: say.back }).click();
    await seen.locator(".both").getByRole("button", { name: say.sure }).click();
    await seen.getByRole("button", { name: say.part }).first().waitFor();
    await house.until("/v1/profiles/user_id:camille", (is) => is.identifiers.some((one) => one.value === "camille-phone"));
    await seen.context().close();
  }
});
