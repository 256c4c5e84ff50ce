// Shows what changed between two sets of the tests' pictures: for each that differs, how much, and before, after and the difference.
// usage: node tests/console/differences.mjs BEFORE [AFTER, build/shots]   (keep a set: cp -r build/shots build/shots_before)
// Writes AFTER/differences/index.html; exit 1 when anything differs.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { chromium } from "./harness.mjs";
import { root } from "./house.mjs";

const [before, after = join(root, "build/shots")] = process.argv.slice(2).map((one) => resolve(one));
if (!before || !existsSync(before)) {
  console.error("usage: node tests/console/differences.mjs BEFORE [AFTER]");
  process.exit(2);
}
const out = join(after, "differences");
mkdirSync(out, { recursive: true });

/** In the browser: the share of pixels that differ, and a picture of where. */
async function compare([one, other]) {
  const load = (data) => new Promise((done) => {
    const image = new Image();
    image.onload = () => done(image);
    image.src = `data:image/png;base64,${data}`;
  });
  const [a, b] = [await load(one), await load(other)];
  const [width, height] = [Math.max(a.width, b.width), Math.max(a.height, b.height)];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = (image) => {
    context.clearRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  };
  const [from, to] = [pixels(a), pixels(b)];
  const least = 24; // of 255 in one channel; less is how a font is drawn
  let changed = 0;
  for (let i = 0; i < to.data.length; i += 4) {
    const far = [0, 1, 2, 3].some((k) => Math.abs(from.data[i + k] - to.data[i + k]) > least);
    changed += far;
    for (let k = 0; k < 3; ++k) to.data[i + k] = far ? [163, 42, 42][k] : 255 - (255 - to.data[i + k]) * 0.25;
    to.data[i + 3] = 255;
  }
  context.putImageData(to, 0, 0);
  return { share: changed / (width * height), picture: canvas.toDataURL("image/png").split(",")[1] };
}

const browser = await chromium();
const seen = await browser.newPage();
const names = readdirSync(after).filter((name) => name.endsWith(".png"));
const rows = [];
for (const name of names) {
  if (!existsSync(join(before, name))) {
    rows.push({ name, share: 1, note: "new" });
    continue;
  }
  const pair = [before, after].map((folder) => readFileSync(join(folder, name)).toString("base64"));
  if (pair[0] === pair[1]) continue;
  const { share, picture } = await seen.evaluate(compare, pair);
  if (share === 0) continue;
  writeFileSync(join(out, name), Buffer.from(picture, "base64"));
  rows.push({ name, share, note: `${(100 * share).toFixed(2)} %` });
}
await browser.close();
rows.sort((a, b) => b.share - a.share);
const image = (folder, name) => `<td><img src="${relative(out, join(folder, name))}" width="400" alt=""></td>`;
writeFileSync(
  join(out, "index.html"),
  `<!doctype html><meta charset="utf-8"><title>differences</title><table><tr><th>picture<th>before<th>after<th>difference</tr>${rows
    .map(({ name, note, share }) => `<tr><th>${name}<br>${note}${share === 1 ? `<td>${image(after, name)}<td>` : image(before, name) + image(after, name) + image(out, name)}</tr>`)
    .join("")}</table>`,
);
for (const { name, note } of rows) console.log(`${note.padStart(8)}  ${name}`);
console.log(`${rows.length} of ${names.length} pictures differ; ${join(out, "index.html")}`);
process.exit(rows.length > 0 ? 1 : 0);
