// Debian's Chromium, and what every page of the console must stand: both languages, light and dark, wide and narrow, axe-core
// without findings, nothing in the page's console, no report of the content security policy, nothing wider than the screen.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after } from "node:test";
import { furnish, House, root } from "./house.mjs";

// The engine without a window around it: the whole browser draws one for each page, and takes twice the processor's time.
const browserPath = process.env.HOSPES_CHROMIUM ?? "/usr/bin/chromium-headless-shell";
const shots = process.env.HOSPES_SHOTS ?? join(root, "build/shots");

export const langs = ["fr", "en"];
export const themes = ["light", "dark"];
export const widths = [1280, 390];
/** Half of the combinations, and yet every pair of language, theme and width: what fails in one of the others alone would need
    three causes at once. HOSPES_MODES=all looks at each page in all eight. */
export const modes = langs
  .flatMap((lang) => themes.flatMap((theme) => widths.map((width) => ({ lang, theme, width }))))
  .filter(({ lang, theme, width }) => process.env.HOSPES_MODES === "all" || (langs.indexOf(lang) + themes.indexOf(theme) + widths.indexOf(width)) % 2 === 0);
export const plain = { lang: "en", theme: "light", width: 1280 };

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export async function chromium(more = []) {
  if (!existsSync(browserPath)) {
    console.log(`skipped: no Chromium at ${browserPath}; tools/setup.sh test installs it`);
    process.exit(77);
  }
  const { chromium: engine } = await import("playwright-core");
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return engine.launch({ executablePath: browserPath, args: [...sandbox, ...more, "--font-render-hinting=none", "--disable-lcd-text"] });
}

/** A browser of somebody who is signed in (`cookie`) or not. `context` goes to Playwright. */
export async function reader(browser, mode, cookie, context = {}) {
  const { lang, theme, width } = mode;
  const made = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 }, locale: lang === "fr" ? "fr-FR" : "en-GB", colorScheme: theme, reducedMotion: "reduce",
    hasTouch: width < 500, ...context,
  });
  if (cookie) await made.addCookies([cookie]);
  return made;
}

/** A page that keeps what it should not have said. */
export async function page(context) {
  const made = await context.newPage();
  made.complaints = [];
  // A 401 or 404 that the page handles, and a server that is away, are told by the browser too: those are the test's business.
  const expected = /Failed to load resource|net::ERR_|ERR_INCOMPLETE_CHUNKED/;
  made.on("console", (said) => {
    if (["error", "warning"].includes(said.type()) && !expected.test(said.text())) made.complaints.push(said.text());
  });
  made.on("pageerror", (error) => made.complaints.push(String(error)));
  await made.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  return made;
}

/** What the tests of a file share, until they are over: a house, its people unless they are not wanted, a browser, a session. */
export async function staged({ people = true, settings = [], files = {} } = {}) {
  const [house, browser] = await Promise.all([House.start(settings, files), chromium()]);
  after(async () => {
    await browser.close();
    await house.leave();
  });
  if (people) await furnish(house);
  return { house, browser, cookie: await house.session() };
}

/** `path` in a page of its own, once `ready` (a selector) is there. `context` goes to Playwright. */
export async function open(browser, house, cookie, path, { ready, mode = plain, context } = {}) {
  const seen = await page(await reader(browser, mode, cookie, context));
  await seen.goto(house.base + path);
  if (ready) await seen.waitForSelector(ready);
  return seen;
}

export async function findings(seen) {
  await seen.evaluate(axe);
  const violations = await seen.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
  });
  return violations;
}

/** What every page must stand, now. `name` names the picture. */
export async function stands(seen, name, { lang, theme, width }) {
  mkdirSync(shots, { recursive: true });
  const file = `${name}-${lang}-${theme}-${width}.png`;
  await seen.screenshot({ path: join(shots, file), fullPage: width < 500 });
  assert.deepEqual(seen.complaints, [], `${file}: the page's console`);
  assert.equal(await seen.evaluate(() => document.documentElement.lang), lang, file);
  const wide = await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${file}: ${wide} px wider than the screen`);
  assert.equal(await seen.locator("h1").count(), 1, `${file}: one heading of the page`);
  assert.deepEqual(await findings(seen), [], `${file}: axe-core`);
}

/** Opens `path` in each of `modes`, waits for `ready` (a selector), and lets it stand. */
export async function look(browser, house, cookie, name, path, ready, more = async () => {}) {
  for (const mode of modes) {
    const context = await reader(browser, mode, cookie);
    const seen = await page(context);
    await seen.goto(house.base + path);
    await seen.waitForSelector(ready);
    await more(seen, mode);
    await stands(seen, name, mode);
    await context.close();
  }
}
