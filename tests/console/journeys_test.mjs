// Journeys as a list first: what each is for, who stands where, who waits and what holds them; by keyboard and screen reader.
import assert from "node:assert/strict";
import { test } from "node:test";
import { look, open, staged } from "./harness.mjs";

const hour = (shift) => new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.now() + shift * 3_600_000);
const { house, browser, cookie } = await staged({
  files: {
    "actions.toml": `
[[destination]]
name = "crm"
url = "https://crm.example/hook"
[[action]]
name = "thanks"
when = "journey"
purpose = "market"
destination = "crm"
quiet = "${hour(-1)}-${hour(3)}"
[[action]]
name = "letter"
when = "journey"
purpose = "contact:email"
destination = "crm"
`,
    "journeys.jny": `
journey care purpose market
  name en "After an order" fr "Après une commande"
  sentence en "A word a day after the change of an order, and thanks in the morning." fr "Un mot un jour après la modification d'une commande, et merci le matin."
  enter event "Order Updated"
  exit event "Order Cancelled"
  step letter send letter else thanks
  step rest wait 1d
  step thanks send thanks
  step ear wait for event "Order Completed" where total > 50 within 3d
journey empty purpose market
  name en "Nobody yet" fr "Personne encore"
  holdout 10%
  enter segment gold_circle
  step day wait until "09:00" on monday, friday
  step fork split 90 to one, 10 to two
  step one branch in segment active to two else two
  step two update greeted = true
  step pause wait 1d
  step tell webhook thanks else rest
  step again jump one at most 2
  step rest exit
`,
  },
});
await house.batch(
  ["camille", "guest-1", "guest-2", "guest-3"].map((userId) => ({
    type: "track", userId, event: "Order Updated", messageId: `changed-${userId}`, properties: { order_id: `C-${userId}` },
  })),
);
await house.post("/v1/track", { userId: "guest-3", event: "Order Cancelled", messageId: "cancelled", properties: { order_id: "C-guest-3" } });
await house.until("/v1/journeys", ({ journeys }) => journeys[0].live === 3 && journeys[0].ended.released === 1);
const opened = (path) => open(browser, house, cookie, path);

test("the list stands in every mode", async () => {
  await look(browser, house, cookie, "journeys", "/journeys", "tbody tr");
});

test("one journey stands in every mode", async () => {
  await look(browser, house, cookie, "journey", "/journeys/care", "pre");
});

test("counts and steps are those of the API, in words", async () => {
  const seen = await opened("/journeys");
  await seen.waitForSelector("tbody tr");
  const rows = await seen.locator("tbody tr").evaluateAll((all) => all.map((row) => row.innerText));
  assert.equal(rows.length, 2);
  assert.match(rows[0], /After an order/);
  assert.match(rows[0], /sends “thanks”, if that is permitted then\s*3 people/);
  assert.match(rows[1], /waits until 09:00 on Monday, Friday/);
  assert.match(rows[1], /90\u00a0% on to one, 10\u00a0% on to two/);
  await seen.context().close();
});

test("who waits, until when, and what holds them", async () => {
  const seen = await opened("/journeys/care");
  await seen.waitForSelector("text=Camille Aubert");
  const line = await seen.locator("tr", { hasText: "Camille Aubert" }).innerText();
  assert.match(line, /quiet hour/);
  const steps = await seen.locator("table").first().innerText();
  assert.match(steps, /4 not sent \(the purpose needs a yes, and nobody said yes\)/);
  await seen.getByRole("link", { name: "Camille Aubert" }).click();
  await seen.waitForSelector("h1:has-text('Camille Aubert')");
  await seen.context().close();
});

test("the canvas comes second: each step is named with its count, the arrows follow the ways, Enter leads to its row", async () => {
  const seen = await opened("/journeys/care");
  await seen.waitForSelector("svg a");
  const order = await seen.evaluate(() => document.querySelector("table").compareDocumentPosition(document.querySelector("svg a")) & Node.DOCUMENT_POSITION_FOLLOWING);
  assert.ok(order, "the list stands first");
  const names = await seen.locator("svg a").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  assert.equal(names.length, 4);
  assert.match(names[0], /^letter: sends “letter”, if that is permitted then; else on to thanks\. 0 people here now\. 4 people went on\. Leads to rest, else: thanks$/);
  assert.match(names[2], /3 people here now/);
  await seen.locator("svg a").first().focus();
  const here = () => seen.evaluate(() => document.activeElement?.getAttribute("data-step") ?? document.activeElement?.id);
  for (const [key, step] of [["ArrowDown", "rest"], ["ArrowDown", "thanks"], ["ArrowDown", "ear"], ["ArrowUp", "thanks"]]) {
    await seen.keyboard.press(key);
    assert.equal(await here(), step);
  }
  await seen.keyboard.press("Enter");
  assert.equal(await here(), "step-thanks");
  // Live: who comes in is seen without loading the page again.
  await house.post("/v1/track", { userId: "guest-9", event: "Order Updated", messageId: "changed-9", properties: { order_id: "C-9" } });
  await seen.waitForSelector('svg a[aria-label*="4 people here now"]');
  await seen.context().close();
});

test("ways that fork, and one that leads back, are drawn and said", async () => {
  const seen = await opened("/journeys/empty");
  await seen.waitForSelector("svg a");
  const name = (step) => seen.locator(`svg a[data-step="${step}"]`).getAttribute("aria-label");
  assert.match(await name("fork"), /Leads to 90\u00a0%: one, 10\u00a0%: two/);
  assert.match(await name("again"), /Leads to one, then: rest/);
  assert.match(await name("two"), /notes of them: greeted = true/);
  const ways = await seen.locator("svg path.way").count();
  assert.equal(ways, 10);
  await seen.locator('svg a[data-step="one"]').focus();
  await seen.keyboard.press("ArrowUp");
  assert.equal(await seen.evaluate(() => document.activeElement?.getAttribute("data-step")), "fork");
  await seen.context().close();
});

test("a journey that forks stands in every mode", async () => {
  await look(browser, house, cookie, "journey-forks", "/journeys/empty", "svg a");
});

test("by keyboard alone, from the list into one and back", async () => {
  const seen = await opened("/journeys");
  await seen.waitForSelector("tbody tr");
  await seen.locator("h1").focus();
  await seen.keyboard.press("Tab"); // to write one
  await seen.keyboard.press("Tab");
  await seen.keyboard.press("Enter");
  await seen.waitForSelector("h1:has-text('After an order')");
  assert.equal(await seen.evaluate(() => document.activeElement?.tagName), "H1");
  await seen.goBack();
  await seen.waitForSelector("text=Nobody yet");
  await seen.context().close();
});

test("paused by keyboard after asking once more, seen by everybody who looks, and let go on", async () => {
  const seen = await opened("/journeys/care");
  await seen.getByRole("button", { name: "Pause it" }).press("Enter");
  await seen.getByText(/people wait until it goes on/).waitFor();
  await seen.getByRole("button", { name: "No, leave it" }).press("Enter");
  assert.equal((await house.get("/v1/journeys/care")).paused, false);
  await seen.getByRole("button", { name: "Pause it" }).press("Enter");
  await seen.getByRole("button", { name: "Yes, pause it" }).press("Enter");
  await seen.getByText("Paused: nobody enters").waitFor();
  assert.equal((await house.get("/v1/journeys/care")).paused, true);
  await look(browser, house, cookie, "journey-paused", "/journeys/care", ".hold .badge");
  await look(browser, house, cookie, "journeys-paused", "/journeys", "tbody .badge");
  await seen.getByRole("button", { name: "Let it go on" }).press("Enter");
  await seen.getByRole("button", { name: "Pause it" }).waitFor();
  assert.equal((await house.get("/v1/journeys/care")).paused, false);
  await seen.context().close();
});

test("whom an edit takes where stands before the button, in every mode", async () => {
  await look(browser, house, cookie, "journey-edit", "/journeys/+new?from=care", "table tbody tr");
  await look(browser, house, cookie, "journey-write", "/journeys/+new", ".sum");
});

test("by keyboard: changed, who comes along and who leaves is said as the API says, and it is what happens", async () => {
  const seen = await opened("/journeys/care");
  await seen.getByRole("link", { name: "Change it" }).press("Enter");
  const text = seen.getByLabel("The journey, as journeys.jny has it");
  const put = seen.getByRole("button", { name: /in force/ });
  await seen.getByText("It says what is in force already.").waitFor();
  assert.ok(await put.isDisabled(), "nothing was changed");
  const before = (await house.get("/v1/journeys/care")).versions.at(-1);
  const edited = before.text.replace("step thanks send thanks", "step words send thanks").replaceAll("else thanks", "else words");
  await text.fill(edited);
  await seen.getByText(/finish(es)? in the version they are in/).waitFor();
  await seen.getByRole("radio", { name: "come along" }).press("Space");
  await seen.getByText(/people leave\./).waitFor();
  assert.match(await text.inputValue(), /purpose market\n {2}waiting move\n/);
  const row = () => seen.locator("tbody tr", { hasText: "thanks" }).innerText();
  assert.match(await row(), /leave: that step is no more/);
  await text.fill((await text.inputValue()).replace("waiting move", "waiting move (thanks to nowhere)"));
  await seen.getByRole("alert").waitFor();
  assert.ok(await put.isDisabled(), "what does not read cannot be put in force");
  await text.fill((await text.inputValue()).replace("to nowhere", "to words"));
  await seen.getByText(/people come along\./).waitFor();
  const told = (await house.get("/v1/journeys/preview", { method: "POST", body: JSON.stringify({ text: await text.inputValue() }) })).journeys[0];
  const stand = told.stands.find((one) => one.step === "thanks");
  assert.match(await row(), new RegExp(`${stand.people}\\s+go on at words`));
  assert.match(await row(), /Camille Aubert/);
  assert.match(await seen.locator(".sum").innerText(), new RegExp(`^${told.move} people come along\\.$`));
  assert.equal((await house.get("/v1/journeys/care")).version, 1, "nothing before the button");
  await put.press("Enter");
  await seen.waitForSelector("h1:has-text('After an order')");
  const after = (await house.get("/v1/journeys/care")).versions.at(-1);
  assert.deepEqual([after.version, after.steps.find((step) => step.id === "words").here], [2, stand.people]);
  await seen.context().close();
});

test("of two who change one journey the second is told", async () => {
  const seen = await opened("/journeys/+new?from=empty");
  const text = seen.getByLabel("The journey, as journeys.jny has it");
  await seen.getByText("It says what is in force already.").waitFor();
  const other = (await text.inputValue()).replace("wait 1d", "wait 2d");
  await house.get("/v1/journeys/empty", { method: "PUT", body: JSON.stringify({ text: other }) });
  await text.fill((await text.inputValue()).replace("wait 1d", "wait 3d"));
  await seen.getByText("Nobody is in it now.").waitFor();
  await seen.getByRole("button", { name: /in force/ }).press("Enter");
  await seen.getByText(/somebody changed the journey since you read it/).waitFor();
  assert.match((await house.get("/v1/journeys/empty")).versions.at(-1).text, /wait 2d/);
  await seen.context().close();
});

test("in French, and one that is not there", async () => {
  const seen = await open(browser, house, cookie, "/journeys", { mode: { lang: "fr", theme: "light", width: 1280 }, ready: "tbody tr" });
  const text = await seen.locator("main").innerText();
  assert.match(text, /Après une commande/);
  assert.match(text, /attend 09:00, lundi, vendredi, à l’heure de la personne/);
  await seen.goto(`${house.base}/journeys/nowhere`);
  await seen.waitForSelector("text=Ce parcours n’existe pas");
  await seen.context().close();
});
