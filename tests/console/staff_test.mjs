// Accounts: somebody is invited, chooses a password, signs in with the keyboard alone; what each role sees of the console; a reason before a
// person; a second person's yes. In both languages, light and dark, wide and narrow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, page, plain, reader, staged, stands } from "./harness.mjs";

const { house, browser, cookie } = await staged();
const words = "quatre mots bien choisis";

async function invite(name, role, called) {
  return (await house.get("/v1/staff", { method: "POST", body: JSON.stringify({ name, role, called }) })).path;
}
/** Through the page of the link; the cookie that the browser then has. */
async function joined(name, role, called) {
  const context = await reader(browser, plain);
  const seen = await page(context);
  await seen.goto(house.base + (await invite(name, role, called)));
  await seen.getByLabel("A new password").fill(words);
  await seen.getByLabel("Once more").fill(words);
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("nav");
  assert.deepEqual(seen.complaints, []);
  const [got] = await context.cookies();
  await context.close();
  return { name: got.name, value: got.value, url: house.base };
}

test("the way in by password stands beside the owner's link", async () => {
  await look(browser, house, null, "sign-in", "/", "#password");
});

test("the link of an account lets its person choose a password, once", async () => {
  const path = await invite("lea", "marketer", "Léa Martin");
  await look(browser, house, null, "join", path, "#new", async (seen, { lang }) => {
    assert.match(await seen.locator("h2").first().innerText(), lang === "fr" ? /Bienvenue, Léa Martin/ : /Welcome, Léa Martin/);
  });
  const seen = await open(browser, house, null, path, { ready: "#new" });
  await seen.getByLabel("A new password").fill(words);
  await seen.getByLabel("Once more").fill("something else entirely");
  await seen.waitForSelector("text=The two are not the same");
  await seen.getByLabel("Once more").fill(words);
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("nav");
  await seen.context().close();
  const again = await open(browser, house, null, path, { ready: "[role=alert]" });
  assert.match(await again.locator("main").innerText(), /this link was used/);
  await again.context().close();
});

test("by keyboard alone: a wrong password is told, the right one opens what the role may", async () => {
  const seen = await open(browser, house, null, "/", { ready: "#password" });
  await seen.locator("#name").focus();
  await seen.keyboard.type("lea");
  await seen.keyboard.press("Tab");
  await seen.keyboard.type("wrong wrong wrong");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("text=do not belong together");
  await seen.locator("#password").focus();
  await seen.keyboard.press("ControlOrMeta+A");
  await seen.keyboard.type(words);
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("nav");
  const rooms = await seen.locator("nav li").allInnerTexts();
  for (const hidden of ["Live", "People"]) assert.ok(!rooms.some((one) => one.includes(hidden)), `${hidden}: ${rooms}`);
  assert.ok(rooms.some((one) => one.includes("Segments")));
  await stands(seen, "home-marketer", plain);
  await seen.context().close();
});

test("support says why before a person opens, and the person reads it", async () => {
  const sam = await joined("sam", "support", "Sam");
  const seen = await open(browser, house, sam, "/people/user_id:camille", { ready: "#reason" });
  await stands(seen, "because", plain);
  await seen.getByLabel("Reason").fill("She called: where is her order?");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("h2");
  await seen.waitForSelector("nav");
  await seen.context().close();
  const { entries } = await house.get("/v1/audit/log?limit=1000");
  assert.ok(entries.some(({ record }) => record.account === "sam" && record.act === "read" && record.what === "profile"));
});

test("the room of the staff: accounts, what waits, who did what", async () => {
  await look(browser, house, cookie, "staff", "/staff", "text=sam", async (seen) => {
    await seen.waitForSelector("td[lang=en]");
  });
  const seen = await open(browser, house, cookie, "/staff", { ready: "text=sam" });
  await seen.getByLabel("Name to sign in with").fill("olga");
  await seen.getByLabel("As people call them").fill("Olga");
  await seen.locator("form #role").selectOption("privacy");
  await seen.keyboard.press("Enter");
  await seen.getByRole("button", { name: "Make the account" }).click();
  await seen.waitForSelector("code:has-text('/join/')");
  await seen.getByLabel("Role: sam").selectOption("analyst");
  await seen.waitForFunction(() => [...document.querySelectorAll("tr")].some((row) => row.textContent.includes("sam") && row.querySelector("select")?.value === "analyst"));
  await seen.getByRole("button", { name: "Switch off: sam" }).click();
  await seen.getByRole("button", { name: "Switch on: sam" }).waitFor();
  await seen.context().close();
  const { accounts } = await house.get("/v1/staff");
  assert.deepEqual(accounts.map((one) => [one.name, one.role, one.on]), [["lea", "marketer", true], ["olga", "privacy", true], ["sam", "analyst", false]]);
});
