// Campaigns by date with what they brought, and messages as a real person would get them with the reason why they did, or did not: in
// both languages, by keyboard and screen reader.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { look, open, staged } from "./harness.mjs";

const sink = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(204).end());
});
await new Promise((ready) => sink.listen(0, "127.0.0.1", ready));
after(() => sink.close());
/** On the house's wall. */
const wall = (at) => new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "Europe/Paris" }).format(at);
const date = new Date(Date.now() + 20_000);
const { house, browser, cookie } = await staged({
  settings: ['act.allow=["127.0.0.0/8"]'],
  files: {
    "actions.toml": `
[[destination]]
name = "crm"
url = "http://127.0.0.1:${sink.address().port}/hook"
[[destination]]
name = "relay"
kind = "mail"
url = "smtp://127.0.0.1:9"
tls = false
from = "Disquaire <bonjour@mail.disquaire.example>"
domain = "mail.disquaire.example"
public_url = "https://hospes.disquaire.example"
dkim = ["e:ed.pem"]
[[action]]
name = "call"
when = "journey"
purpose = "market"
destination = "crm"
[[action]]
name = "welcome"
when = "enters"
segment = "active"
purpose = "market"
destination = "relay"
message = "welcome"
`,
    "ed.pem": generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }),
    "campaigns.toml": `
[[campaign]]
name = "now"
title.en = "A call to regulars"
title.fr = "Un appel aux habitués"
segment = "active"
action = "call"
at = "${wall(date)}"
control = "40%"
[[campaign]]
name = "spring"
title.en = "Spring records"
segment = "active"
action = "call"
at = "2099-03-20 09:30"
[[campaign]]
name = "lost"
segment = "nowhere"
action = "call"
at = "2099-04-01 09:30"
`,
    "messages/welcome.en.liquid": "---\nsubject: Welcome {{ person.firstName }}\nkind: marketing\n---\n<p>Hello {{ person.firstName }}</p><p><a href=\"{{ unsubscribe_url }}\">Stop</a></p>\n",
    "messages/welcome.fr.liquid": "---\nsubject: Bienvenue {{ person.firstName }}\nkind: marketing\n---\n<p>Bonjour {{ person.firstName }}</p><p><a href=\"{{ unsubscribe_url }}\">Stop</a></p>\n",
  },
});
const people = Array.from({ length: 120 }, (_, n) => `c${n}`);
await house.batch(people.map((userId) => ({ type: "track", userId, event: "Order Completed", messageId: `o-${userId}`, properties: { order_id: userId, total: 5 } })));
const call = (path, body, headers = {}) =>
  fetch(house.base + path, { method: "POST", headers: { Authorization: `Bearer ${house.token}`, ...headers }, body: JSON.stringify(body) });
const link = await (await call("/v1/campaigns/now/ask", {})).json();
const yes = await fetch(house.base + link.path, { method: "POST", headers: { "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded" }, body: "by=Paul" });
assert.equal(yes.status, 200, await yes.text());
const opened = (path, more) => open(browser, house, cookie, path, more);
const begun = new Promise((done) => setTimeout(done, date - Date.now())); // its date is what is waited for
const over = begun.then(() => house.until("/v1/campaigns/now", ({ result }) => result.targeted >= 120 && result.waiting === 0));

test("the pages stand in every mode", async () => {
  await look(browser, house, cookie, "campaigns", "/campaigns", "tbody tr");
  await look(browser, house, cookie, "messages", "/messages", "tbody tr");
});

test("by date, month by month, with what stands in a campaign's way", async () => {
  const seen = await opened("/campaigns", { ready: "tbody tr" });
  assert.match(await seen.locator("main").innerText(), /Spring records[\s\S]*active → call[\s\S]*draft/);
  assert.match(await seen.locator("main").innerText(), /no segment "nowhere"/);
  assert.deepEqual(await seen.locator("h2").allInnerTexts().then((all) => all.slice(-3, -1)), ["March 2099", "April 2099"]);
  assert.match(await seen.locator("main").innerText(), /0 of 132 people were written to/); // two campaigns to one segment count it once
  assert.match(await seen.locator("table.pressure").innerText(), /not at all/);
  await seen.context().close();
});

test("what it brought is what the API says", async () => {
  await over;
  const told = await (await fetch(`${house.base}/v1/campaigns/now`, { headers: { Authorization: `Bearer ${house.token}` } })).json();
  await look(browser, house, cookie, "campaign", "/campaigns/now", ".verdict");
  const seen = await opened("/campaigns/now", { ready: ".verdict" });
  const text = await seen.locator("main").innerText();
  assert.match(text, new RegExp(`Delivered\\s+${told.result.delivered}`));
  assert.match(text, new RegExp(`Control group\\s+${told.result.control.people}\\s+0\\s+0%`));
  assert.match(text, /this cannot be told from chance/);
  assert.match(text, /Approved by Paul/);
  await seen.context().close();
});

test("a link for a second person, made by keyboard, opens a page of its own; and stop asks once more", async () => {
  const seen = await opened("/campaigns/spring", { ready: "dl.facts" });
  await seen.getByRole("button", { name: "Make the link for a second person" }).press("Enter");
  const made = await seen.locator("code").first().innerText();
  const other = await browser.newContext({ locale: "fr-FR" });
  const page = await other.newPage();
  await page.goto(made);
  assert.match(await page.locator("main").innerText(), /Rien ne part sans votre oui/);
  await page.getByLabel("Votre nom").fill("Zoé");
  await page.getByRole("button").click();
  assert.match(await page.locator("h1").innerText(), /C’est approuvé/);
  await other.close();
  await seen.getByText("Approved by Zoé").waitFor();
  await seen.getByRole("button", { name: "Stop it" }).press("Enter");
  await seen.getByRole("button", { name: "Yes, stop it" }).press("Enter");
  await seen.getByText(/^Stopped/).waitFor();
  await seen.context().close();
});

test("a message as a real person would get it, and why they did not", async () => {
  const seen = await opened("/messages/welcome", { ready: "form" });
  await seen.getByLabel("For whom").fill("user_id:c0");
  await seen.keyboard.press("Enter");
  await seen.locator(".letter").waitFor();
  const text = await seen.locator("main").innerText();
  assert.match(text, /not sent, the purpose needs a yes, and nobody said yes/);
  assert.match(text, /Engagement level they chose: none chosen/);
  assert.match(text, /Subject\s+Bienvenue/);
  await seen.getByLabel("For whom").fill("user_id:nobody-of-that-name");
  await seen.keyboard.press("Enter");
  await seen.getByRole("alert").waitFor();
  await seen.context().close();
  await look(browser, house, cookie, "message", "/messages/welcome", "form", async (page) => {
    await page.locator("#person").fill("user_id:c0");
    await page.keyboard.press("Enter");
    await page.locator(".letter").waitFor();
  });
});

test("too many complained: marketing mail is held, said to everybody who looks, and opened again by a button", async () => {
  await house.stop();
  const day = Math.floor(Date.now() / 86_400_000);
  writeFileSync(join(house.folder, "data/mail/complaints"), `sent relay ${day} 612\ncomplaint relay ${day} 5\nstopped relay ${Date.now() * 1000}\n`);
  await house.run();
  const again = await house.session();
  await look(browser, house, again, "messages_held", "/messages", "[role=alert]");
  const seen = await open(browser, house, again, "/messages", { ready: "[role=alert]" });
  assert.match(await seen.locator("[role=alert]").innerText(), /Marketing mail by relay is held\s+5 people complained, of 612 written to/);
  await seen.getByRole("button", { name: "Open it again" }).press("Enter");
  await seen.waitForSelector("[role=status]:has-text('opened it again')");
  assert.equal(await seen.locator("[role=alert]").count(), 0);
  const told = await house.get("/v1/actions");
  assert.equal(told.destinations.find((one) => one.name === "relay").complaints.stopped, false);
  await seen.context().close();
});
