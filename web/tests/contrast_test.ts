// Text on every ground it is used on: at least 4.5:1; edges of controls 3:1 (WCAG 2.2, 1.4.3 and 1.4.11), in both themes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../src/design/tokens.css", import.meta.url), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [name!, [light!, dark!] as const]),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const texts: [string, string[]][] = [
  ["ink", ["bg", "surface", "sunken", "soft", "withheld-soft", "refused-soft", "permitted-soft"]],
  ["ink2", ["bg", "surface", "sunken"]],
  ["ink3", ["bg", "surface", "sunken"]],
  ["accent", ["bg", "surface", "sunken", "soft"]],
  ["on", ["accent"]],
  ["permitted", ["surface", "permitted-soft"]],
  ["withheld", ["surface", "withheld-soft"]],
  ["refused", ["surface", "refused-soft"]],
  ["simulated", ["surface", "simulated-soft"]],
];

for (const [theme, i] of [["light", 0], ["dark", 1]] as const) {
  test(`text, ${theme}`, () => {
    for (const [text, grounds] of texts)
      for (const ground of grounds) {
        const found = contrast(tokens.get(text)![i], tokens.get(ground)![i]);
        assert.ok(found >= 4.5, `${text} on ${ground}: ${found.toFixed(2)}`);
      }
  });
  test(`edges, ${theme}`, () => {
    for (const ground of ["bg", "surface", "sunken"])
      assert.ok(contrast(tokens.get("edge")![i], tokens.get(ground)![i]) >= 3, ground);
  });
}
