// The demo as a newcomer meets it: from the link that ./up prints to why somebody is in a segment, in both languages.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium, page, reader, stands } from "./harness.mjs";
import { freePort, root } from "./house.mjs";

let folder, demo, ended, link, browser, cookies;

before(async () => {
  browser = await chromium();
  folder = mkdtempSync(join(tmpdir(), "hospes-demo-"));
  const ports = [await freePort(), await freePort()];
  const words = ["demo", "--data", join(folder, "data"), "--public", `127.0.0.1:${ports[0]}`, "--console", `127.0.0.1:${ports[1]}`];
  demo = spawn(process.env.HOSPES_BIN ?? join(root, "build/release/bin/hospes"), words, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  ended = new Promise((done) => demo.once("exit", done));
  let text = "";
  link = await new Promise((found, failed) => {
    for (const out of [demo.stdout, demo.stderr])
      out.on("data", (piece) => {
        text += piece;
        const said = /(http:\/\/\S+\/start\/\S+)/.exec(text);
        if (said) found(said[1]);
      });
    void ended.then(() => failed(new Error(`the demo did not start: ${text.slice(-2000)}`)));
  });
});
after(async () => {
  await browser?.close();
  demo?.kill("SIGINT");
  await ended;
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const words = {
  fr: { segment: "Grands clients endormis", why: "Pourquoi", change: "Ce qui le changerait" },
  en: { segment: "Sleeping big spenders", why: "Why", change: "What would change it" },
};

for (const lang of ["fr", "en"]) {
  test(`from the link to a person's why, in under two minutes (${lang})`, async () => {
    const say = words[lang];
    const mode = { lang, theme: "light", width: 1280 };
    const began = Date.now();
    const context = await reader(browser, mode);
    if (cookies) await context.addCookies(cookies); // the link is good once
    const seen = await page(context);
    await seen.goto(cookies ? new URL("/", link).href : link);
    await seen.waitForSelector("nav");
    cookies ??= await context.cookies();
    await seen.locator("nav").getByText("Segments").first().click();
    await seen.getByRole("link", { name: say.segment }).first().click();
    await seen.waitForSelector(`h1:has-text("${say.segment}")`);
    await seen.getByRole("button", { name: say.why }).first().click();
    await seen.getByText(say.change).first().waitFor();
    const took = Date.now() - began;
    await stands(seen, "demo-why", mode);
    assert.ok(took < 120_000, `${took} ms`);
    console.log(`${lang}: ${took} ms from the link to the why`);
    await context.close();
  });
}
