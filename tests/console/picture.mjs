// Takes the README's picture: the demo house after its replay, a customer of 1997 and why she is in two segments.
// usage: HOSPES_BIN=build/release/bin/hospes third_party/node/bin/node tests/console/picture.mjs [FILE, docs/console.png]
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, page, reader } from "./harness.mjs";
import { root } from "./house.mjs";

const file = process.argv[2] ?? join(root, "docs/console.png");
const whom = "user_id:02629"; // eight orders, 402.79 dollars in all
const folder = mkdtempSync(join(tmpdir(), "hospes-picture-"));
const binary = process.env.HOSPES_BIN ?? join(root, "build/release/bin/hospes");
const demo = spawn(
  binary,
  ["demo", "--data", folder, "--orders", join(root, "third_party/cdnow/CDNOW_master.txt"), "--house", join(root, "house/disquaire"), "--public", "127.0.0.1:0", "--console", "127.0.0.1:0"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const link = await new Promise((done) => {
  let text = "";
  demo.stdout.on("data", (piece) => {
    text += piece;
    const found = /(http:\/\/\S+\/start\/\S+)/.exec(text);
    if (found) done(found[1]);
  });
});

const browser = await chromium();
const mode = { lang: "en", theme: "light", width: 1440 };
const seen = await page(await reader(browser, mode));
await seen.goto(link);
await seen.waitForSelector("nav");
const token = readFileSync(join(folder, "house/console/token"), "utf8").trim();
const base = new URL(link).origin;
const { person } = await (await fetch(`${base}/v1/profiles/${whom}?limit=1`, { headers: { Authorization: `Bearer ${token}` } })).json();
await seen.goto(`${base}/people/person:${person}?why=sleeping_big_spenders,gold_circle`);
await seen.waitForFunction(() => document.querySelectorAll(".tree .why").length === 2);
await seen.waitForSelector("text=Up to date");
await seen.screenshot({ path: file });
await browser.close();
demo.kill("SIGTERM");
await new Promise((done) => demo.once("exit", done));
rmSync(folder, { recursive: true, force: true });
console.log(file);
