// Both dictionaries: nothing missing, nothing left in the other language, the spaces of each, the plurals of each.
import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../src/words/en.ts";
import { fr } from "../src/words/fr.ts";

type Leaf = { path: string; text: string };

/** Numbers stand for words as well; what wants a list gets one. */
function said(words: (...given: unknown[]) => string, k: number): string {
  try {
    return String(words(k, k, k));
  } catch {
    return String(words([`${k}`], k, k));
  }
}

/** Every text, functions called. */
function leaves(words: object, path = ""): Leaf[] {
  return Object.entries(words).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "function") return [2, 1].map((k) => ({ path: `${here}(${k})`, text: said(value, k) }));
    return typeof value === "object" ? leaves(value, here) : [{ path: here, text: value as string }];
  });
}

const french = leaves(fr);
const english = new Map(leaves(en).map((leaf) => [leaf.path, leaf.text]));

test("French has every word of English, and no other", () => {
  assert.deepEqual(french.map((leaf) => leaf.path).sort(), [...english.keys()].sort());
  for (const { path, text } of french) assert.notEqual(text.trim(), "", path);
  for (const [path, text] of english) assert.notEqual(text.trim(), "", path);
});

test("nothing of the dictionary is left untranslated", () => {
  // Words that are the same in both languages.
  const same = new Set([
    "Segments", "Segment", "Sources", "Source", "Pages", "CSV", "PNG", "SVG", "Pause", "Permissions", "e-mail", "simulation", "camille@example.org",
    "+33 6 12 34 56 78", "notifications", "Menu", "Traits", "Passages", "Permission", "Alias", "Messages",
  ]);
  const left = french.filter(({ path, text }) => english.get(path) === text && !same.has(text) && /[a-z]{3}/.test(text.replace(/\b\d+\b/g, "")));
  assert.deepEqual(left.filter(({ path }) => !path.startsWith("phrase.")), []);
});

test("French spacing: narrow before ; ! ? %, no-break before a colon and inside guillemets", () => {
  for (const { path, text } of french) {
    assert.doesNotMatch(text, / [;:!?%»]|« |\p{L}'\p{L}/u, `${path}: ${text}`);
    assert.doesNotMatch(text, /[^\u202f\s(][;!?%]/, `${path}: ${text}`);
    // A colon inside a time (09:00) or a name in code (type:) is none of French's.
    assert.doesNotMatch(text.replace(/\d:\d/g, ""), /[\p{L}\d]:(?![/\w])(?<!\b(?:type|event|purpose|state):)/u, `${path}: ${text}`);
  }
});

test("English has none of it", () => {
  for (const [path, text] of english) assert.doesNotMatch(text, / [;:!?%]|[\u202f«»]/, `${path}: ${text}`);
});

test("the voice: no exclamation mark, no oops", () => {
  for (const [path, text] of [...english, ...french.map((leaf) => [leaf.path, leaf.text] as const)])
    assert.doesNotMatch(text, /!|oops|sorry|désolé/i, path);
});

test("plurals: French says 0 and 1 in the singular, English only 1", () => {
  const said = (k: number) => [fr.segments.lead(k, "0"), en.segments.lead(k, "0")].map((text) => text.split(",")[0]);
  assert.deepEqual([0, 1, 2].map(said), [
    ["0 segment", "0 segments"], ["1 segment", "1 segment"], ["2 segments", "2 segments"],
  ]);
});
