// The guest book as its guest meets it: come in, see, permit and withdraw, part, take away, erase; without JavaScript and with it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium, langs, modes, page, plain, reader, stands } from "../console/harness.mjs";
import { furnish, House } from "../console/house.mjs";

let house, browser, guests;

before(async () => {
  [house, browser] = await Promise.all([House.start(), chromium()]);
  await furnish(house);
  guests = `http://127.0.0.1:${house.publicPort}`;
  // A browser that says it is Camille's: anybody's could.
  await house.batch([{ type: "consent", userId: "camille", purpose: "link", state: "given", messageId: "link-1" }]);
  const answer = await fetch(`${guests}/v1/identify`, {
    method: "POST", headers: { "X-Write-Key": "wk_demo_web", "Content-Type": "application/json" },
    body: JSON.stringify({ userId: "camille", anonymousId: "phone-1", messageId: "link-2" }),
  });
  assert.equal(answer.status, 200);
});
after(async () => {
  await browser?.close();
  await house?.leave();
});

async function link(who = "user_id:camille", reason = "she asked at the till") {
  const { path } = await house.get(`/v1/persons/${who}/guest_link`, { method: "POST", body: JSON.stringify({ reason }) });
  return guests + path;
}

/** A page of somebody who came in. */
async function inside(mode = plain, context = {}, who = "user_id:camille") {
  const made = await reader(browser, mode, null, context);
  const seen = await page(made);
  await seen.goto(await link(who));
  await seen.getByRole("button", { name: mode.lang === "fr" ? "Entrer" : "Come in" }).click();
  await seen.waitForURL(`**/guest/${mode.lang}`);
  return seen;
}

const everywhere = ["", "/allow"];
const others = ["/known", "/why/sleeping_big_spenders", "/pace", "/devices", "/take", "/erase", "/rights", "/looked", "/receipts"];
const two = [{ lang: "fr", theme: "light", width: 390 }, { lang: "en", theme: "dark", width: 1280 }];

async function stand(mode, paths) {
  const seen = await inside(mode);
  for (const path of paths) {
    await seen.goto(`${guests}/guest/${mode.lang}${path}`);
    await stands(seen, `guest${path.replaceAll("/", "-")}`, mode);
  }
  await seen.context().close();
}

test("the pages that are met most stand in every mode", async () => {
  for (const mode of modes) await stand(mode, everywhere);
});

test("the others stand in two modes that share nothing, and so does the way in", async () => {
  for (const mode of two) {
    await stand(mode, others);
    const outside = await page(await reader(browser, mode, null));
    await outside.goto(`${guests}/guest`);
    await stands(outside, "guest-outside", mode);
    await outside.goto(await link());
    await stands(outside, "guest-enter", mode);
    await outside.context().close();
  }
});

test("to correct, to keep everything from use, to be forgotten in a while: each stands, and each has its way back", async () => {
  for (const [mode, who] of [[two[0], "user_id:guest-11"], [two[1], "user_id:guest-12"]]) {
    const seen = await inside(mode, {}, who);
    const say = (en, fr) => (mode.lang === "fr" ? fr : en);
    await seen.goto(`${guests}/guest/${mode.lang}/known`);
    await seen.getByRole("link", { name: say(/^Correct/, /^Corriger/) }).first().click();
    await stands(seen, "guest-correct", mode);
    await seen.getByRole("textbox").fill("Lyon");
    await seen.getByRole("button", { name: say("Correct it", "Corriger") }).click();
    await seen.goto(`${guests}/guest/${mode.lang}/known`);
    assert.match(await seen.locator("main").innerText(), say(/corrected by you/, /corrigé par vous/));
    await seen.goto(`${guests}/guest/${mode.lang}/rights`);
    await seen.getByRole("button", { name: say("Keep everything from use", "Geler tout usage") }).click();
    await seen.waitForSelector(".note.held");
    await stands(seen, "guest-frozen", mode);
    await seen.getByRole("button", { name: say("Let it be used again", "Permettre à nouveau l’usage") }).click();
    await seen.goto(`${guests}/guest/${mode.lang}/erase`);
    await seen.getByRole("button", { name: say(/in one day/, /dans un jour/) }).click();
    await seen.waitForSelector(".note.held");
    await stands(seen, "guest-counting", mode);
    await seen.getByRole("link", { name: say("Take the erasure back", "Reprendre l’effacement") }).click();
    await stands(seen, "guest-keep", mode);
    await seen.getByRole("button", { name: say("Keep everything", "Tout garder") }).click();
    await seen.goto(`${guests}/guest/${mode.lang}/rights`);
    assert.equal(await seen.locator(".note.held").count(), 0);
    await stands(seen, "guest-rights-told", mode);
    await seen.context().close();
  }
});

for (const javaScriptEnabled of [false, true]) {
  const how = javaScriptEnabled ? "with" : "without";

  for (const lang of langs) {
    test(`${how} JavaScript, ${lang}: yes, then no, each in one click, with receipts that verify`, async () => {
      const seen = await inside({ ...plain, lang }, { javaScriptEnabled });
      await seen.goto(`${guests}/guest/${lang}/allow`);
      const named = lang === "fr" ? "Mesurer l’audience, vous compris" : "Measure the audience, you included";
      const clicks = {};
      for (const [act, want] of [["yes", "true"], ["no", "false"]]) {
        const turn = seen.getByRole("switch", { name: named });
        clicks[act] = 0;
        while ((await turn.getAttribute("aria-checked")) !== want) {
          assert.ok(clicks[act] < 5, "it turns");
          await turn.click();
          await seen.waitForSelector("[role=status]");
          ++clicks[act];
        }
        assert.equal(await seen.locator("[role=status] li").count(), 1);
        const [download] = await Promise.all([seen.waitForEvent("download"), seen.locator("[role=status] a").click()]);
        const file = join(house.folder, `receipt-${act}.json`);
        await download.saveAs(file);
        const said = execFileSync(process.env.HOSPES_BIN, ["verify", file, "--json"], { encoding: "utf8" });
        const { record } = JSON.parse(said);
        assert.deepEqual([record.purpose, record.state, record.source, record.subject], ["measure", act === "yes" ? "given" : "withdrawn", "guest_book", "user_id:camille"]);
        assert.equal(record.notice.lang, lang);
      }
      assert.deepEqual(clicks, { yes: 1, no: 1 }, "withdrawing takes no more clicks than granting");
      const told = await house.get("/v1/profiles/user_id:camille");
      assert.equal(told.permissions.find((one) => one.purpose === "measure").state, "withdrawn");
      await seen.context().close();
    });
  }

  test(`${how} JavaScript: an objection to what rests on interest, and back`, async () => {
    const seen = await inside(plain, { javaScriptEnabled });
    await seen.goto(`${guests}/guest/en/allow`);
    const turn = seen.getByRole("switch", { name: "Advise you from what you bought" });
    assert.equal(await turn.getAttribute("aria-checked"), "true");
    await turn.click();
    await seen.waitForSelector("[role=status]");
    const against = await house.get("/v1/profiles/user_id:camille");
    assert.equal(against.permissions.find((one) => one.purpose === "market").state, "objected");
    assert.ok(!against.segments.some((one) => one.id === "sleeping_big_spenders"), "what rested on it ended with it");
    await seen.getByRole("switch", { name: "Advise you from what you bought" }).click();
    await seen.waitForSelector("[role=status]");
    assert.equal((await house.get("/v1/profiles/user_id:camille")).permissions.find((one) => one.purpose === "market").state, "given");
    await seen.context().close();
  });
}

test("how often: one click, without JavaScript, in both languages, and the API says it", async () => {
  for (const [mode, choose, level] of [[two[0], "Moins", "less"], [two[1], "Everything", "all"]]) {
    const seen = await inside(mode, { javaScriptEnabled: false }, "user_id:guest-4");
    await seen.goto(`${guests}/guest/${mode.lang}/allow`);
    const mail = seen.getByRole("switch", { name: mode.lang === "fr" ? "Par e-mail" : "By e-mail" });
    if ((await mail.getAttribute("aria-checked")) === "false") await mail.click();
    await seen.goto(`${guests}/guest/${mode.lang}/pace`);
    await seen.getByRole("switch", { name: choose, exact: true }).click();
    await seen.waitForSelector("[role=status]");
    assert.equal(await seen.getByRole("switch", { name: choose, exact: true }).getAttribute("aria-checked"), "true");
    assert.equal(await seen.locator("[role=switch][aria-checked=true]").count(), 1);
    assert.equal((await house.get("/v1/effects/user_id:guest-4")).level.level, level);
    await seen.context().close();
    const again = await inside(mode, {}, "user_id:guest-4");
    await again.goto(`${guests}/guest/${mode.lang}/pace`);
    await stands(again, "guest-level", mode);
    await again.context().close();
  }
});

test("nothing any more, on any channel: one click for all of them", async () => {
  const seen = await inside(plain, { javaScriptEnabled: false });
  await seen.goto(`${guests}/guest/en/allow`);
  for (const channel of ["By e-mail", "By SMS"]) {
    await seen.getByRole("switch", { name: channel }).click();
    await seen.waitForSelector("[role=status]");
  }
  await seen.getByRole("link", { name: "Your pace" }).click();
  await seen.getByRole("button", { name: "Nothing any more, on any channel" }).click();
  await seen.waitForSelector("[role=status]");
  const told = await house.get("/v1/profiles/user_id:camille");
  for (const one of told.permissions.filter((p) => p.purpose.startsWith("contact:"))) assert.equal(one.state, "withdrawn", one.purpose);
  await seen.context().close();
});

test("all that is known is shown, with why, and as the API says it", async () => {
  const told = await house.get("/v1/profiles/user_id:guest-3?limit=50");
  const seen = await inside(plain, { javaScriptEnabled: false }, "user_id:guest-3");
  await seen.goto(`${guests}/guest/en/known`);
  const text = await seen.locator("main").innerText();
  for (const one of told.identifiers) assert.ok(text.includes(one.value), one.value);
  for (const [name, trait] of Object.entries(told.traits)) assert.ok(text.includes(`${name}: ${trait.value}`), name);
  assert.equal(await seen.locator("#kept ~ ul > li").count(), told.timeline_size);
  assert.ok(told.segments.length > 0);
  for (const one of told.segments) {
    assert.ok(text.includes(one.name.en), one.id);
    await seen.goto(`${guests}/guest/en/why/${one.id}`);
    const why = await seen.locator("main").innerText();
    assert.match(why, /^✓/m, `${one.id} says what holds`);
    assert.match(why, /Looked at: \d+ of \d+ things kept/, one.id);
  }
  await seen.context().close();
});

test("who looked, and why: staff's look is on the guest's page", async () => {
  await house.get("/v1/profiles/user_id:guest-5");
  const seen = await inside(plain, { javaScriptEnabled: false }, "user_id:guest-5");
  await seen.goto(`${guests}/guest/en/looked`);
  const text = await seen.locator("main").innerText();
  assert.match(text, /your whole page\. No reason was given/);
  assert.match(text, /made a link for you to come in here: “she asked at the till”/);
  await seen.context().close();
});

test("the language changes in place; what was typed into an address is text", async () => {
  const seen = await inside();
  await seen.goto(`${guests}/guest/en/allow`);
  await seen.getByRole("link", { name: "FR" }).click();
  assert.equal(new URL(seen.url()).pathname, "/guest/fr/allow");
  assert.match(await seen.locator("h1").innerText(), /Ce que vous permettez/);
  await seen.goto(`${guests}/guest/fr/%3Cimg%20src=x%3E`);
  assert.equal(await seen.locator("main img").count(), 0);
  await seen.context().close();
});

test("a permission that ends is one question: yes and no are equally visible, and each is one click", async () => {
  const soon = new Date(Date.now() + 20 * 86_400_000).toISOString();
  const given = (userId) => ({ type: "consent", userId, purpose: "contact:email", state: "given", until: soon, messageId: `ends-${userId}` });
  await house.batch([given("guest-14"), given("guest-15")]);
  const looks = (button) => button.evaluate((node) => {
    const { width, height, y } = node.getBoundingClientRect(), style = getComputedStyle(node);
    return { width, height, y, ...Object.fromEntries(["color", "backgroundColor", "borderColor", "fontSize", "fontWeight", "opacity"].map((key) => [key, style[key]])) };
  });
  for (const [mode, who, says, state] of [[two[0], "guest-14", "Oui, continuez", "given"], [two[1], "guest-15", "No, stop", "withdrawn"]]) {
    const seen = await inside(mode, { javaScriptEnabled: false }, `user_id:${who}`);
    await seen.goto(`${guests}/guest/${mode.lang}/allow`);
    const both = seen.locator(".pair button");
    assert.equal(await both.count(), 2);
    assert.deepEqual(await looks(both.nth(0)), await looks(both.nth(1)), "neither is the louder");
    const again = await inside(mode, {}, `user_id:${who}`);
    await again.goto(`${guests}/guest/${mode.lang}/allow`);
    await stands(again, "guest-ending", mode);
    await again.context().close();
    await seen.getByRole("button", { name: says }).click();
    await seen.waitForSelector("[role=status]");
    assert.equal(await seen.locator(".pair").count(), 0, "it is answered");
    const told = (await house.get(`/v1/profiles/user_id:${who}`)).permissions.find((one) => one.purpose === "contact:email");
    assert.equal(told.state, state);
    await seen.context().close();
  }
});

test("by keyboard alone: to the switch and over it", async () => {
  const seen = await inside();
  await seen.goto(`${guests}/guest/en/allow`);
  const turn = seen.getByRole("switch", { name: "Fit the site to your visits" });
  const before = await turn.getAttribute("aria-checked");
  for (let i = 0; i < 60 && !(await turn.evaluate((node) => node === document.activeElement)); ++i) await seen.keyboard.press("Tab");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("[role=status]");
  assert.notEqual(await seen.getByRole("switch", { name: "Fit the site to your visits" }).getAttribute("aria-checked"), before);
  await seen.context().close();
});

test("take away, then erase: the zip opens, the receipt verifies, nothing is left", async () => {
  const seen = await inside(plain, { javaScriptEnabled: false }, "user_id:guest-7");
  await seen.goto(`${guests}/guest/en/take`);
  const [download] = await Promise.all([seen.waitForEvent("download"), seen.getByRole("button", { name: "Take everything away" }).click()]);
  const file = join(house.folder, "takeaway.zip");
  await download.saveAs(file);
  const listed = execFileSync("python3", ["-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(*z.namelist())", file], { encoding: "utf8" });
  assert.match(listed, /profile\.json events\.ndjson portable\.ndjson permissions\.json consents\.jsonld derived\.json looked\.json .*manifest\.json/);
  await seen.getByRole("link", { name: "Erase everything" }).click();
  await seen.getByRole("button", { name: "Erase everything now" }).click();
  await seen.waitForSelector("h1:has-text('Goodbye')");
  const [proof] = await Promise.all([seen.waitForEvent("download"), seen.getByRole("link", { name: /Receipt of the erasure/ }).first().click()]);
  await proof.saveAs(join(house.folder, "erasure.json"));
  const { record } = JSON.parse(execFileSync(process.env.HOSPES_BIN, ["verify", join(house.folder, "erasure.json"), "--json"], { encoding: "utf8" }));
  assert.deepEqual([record.kind, record.by, record.state], ["erasure", "guest", "done"]);
  await seen.goto(`${guests}/guest/en/known`);
  assert.match(await seen.locator("main").innerText(), /One comes in here with a link/);
  await assert.rejects(house.get("/v1/profiles/user_id:guest-7"), /404/);
  await seen.context().close();
});
