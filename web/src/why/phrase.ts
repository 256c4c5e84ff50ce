// A test of a segment in words of the reader's language, and its value with unit.
import type { Test } from "../api/shapes.ts";
import { choices } from "../state/choices.svelte.ts";
import { as, eventEnd, eventWords, kindWords, say } from "../words/say.ts";
import { fold, milliseconds, sequence, unquoted, type Fold, type Select, type Span } from "./tokens.ts";

const moneyed = new Set(["total", "revenue", "price", "value", "amount", "subtotal", "spend"]);
export const isMoney = (property: string | null) => property !== null && moneyed.has(property);

export function lasting(text: string): string {
  const ms = milliseconds(text);
  return ms === null ? text : as.duration(ms);
}

function windowWords(window: Span | null): string {
  if (!window) return "";
  if (!window.to) return window.from ? ` ${say().phrase.in(lasting(window.from))}` : "";
  if (!window.from) return ` ${say().phrase.agoMore(lasting(window.to))}`;
  return ` ${say().phrase.between(lasting(window.from), lasting(window.to))}`;
}

const ended = (select: Select, end: "first" | "last") => eventEnd(select.event, end) + (select.where ? ` (${select.where})` : "");
const named = (select: Select, count = 1) => eventWords(select.event, count) + (select.where ? ` (${select.where})` : "");

function compared(needs: string): { test: string; value: string } {
  const found = /^(<=|>=|!=|=|<|>)\s*(.*)$/.exec(needs);
  return found ? { test: found[1]!, value: found[2]! } : { test: "", value: needs };
}

function amount(value: string, property: string | null): string {
  if (value.endsWith("median")) return medianWords(value);
  const n = Number(value);
  if (value === "" || Number.isNaN(n)) return unquoted(value);
  return isMoney(property) ? as.money(n) : as.number(n);
}

/** "2 * median": of the house. */
function medianWords(value: string): string {
  const times = value.endsWith(" * median") ? as.number(Number(value.split(" ")[0])) : "";
  if (choices.lang === "fr") return times ? `${times} fois la médiane de la maison` : "la médiane de la maison";
  return times ? `${times} times the house's median` : "the house's median";
}

function counted(fold: Fold, needs: string): string {
  const { test, value } = compared(needs);
  if (value.endsWith("median")) return `${named(fold.select, 2)}${windowWords(fold.window)}: ${test.replace(">=", "≥").replace("<=", "≤")} ${medianWords(value)}`;
  const n = Number(value);
  const what = fold.is === "distinct" ? say().phrase.distinct(n, fold.select.property ?? "", named(fold.select, 2)) : named(fold.select, n);
  const k = as.number(n);
  const phrase = say().phrase;
  const tail = windowWords(fold.window);
  if ((test === "=" && n === 0) || (test === "<" && n === 1)) return phrase.no(named(fold.select, 2)) + tail;
  const forms: Record<string, (k: string, what: string) => string> = {
    ">=": phrase.atLeast, "<=": phrase.atMost, "=": phrase.exactly, ">": phrase.moreThan, "<": phrase.lessThan,
  };
  return (forms[test]?.(k, what) ?? `${what} ${needs}`) + tail;
}

function valued(fold: Fold, needs: string): string {
  const { test, value } = compared(needs);
  const phrase = say().phrase;
  const property = fold.select.property;
  const what = isMoney(property) ? phrase.amount(named(fold.select, 2)) : phrase.propertyOf(property ?? "", named(fold.select, 2));
  const heads: Record<string, (what: string) => string> = { sum: phrase.sum, average: phrase.average, max: phrase.max, min: phrase.min };
  const head =
    fold.is === "first" || fold.is === "last" ? phrase.propertyEnd(property ?? "", ended(fold.select, fold.is))
    : heads[fold.is]!(what);
  const shown = amount(value, property);
  const forms: Record<string, (k: string) => string> = { ">=": phrase.ge, "<=": phrase.le, ">": phrase.gt, "<": phrase.lt, "=": phrase.eq };
  return phrase.is(head + windowWords(fold.window), forms[test]?.(shown) ?? needs);
}

function aged(fold: Fold, needs: string): string {
  const phrase = say().phrase;
  const head = ended(fold.select, fold.is === "first" ? "first" : "last");
  const ago = /^(<|>=)\s*(\S+) ago$/.exec(needs);
  if (ago) return `${head} ${(ago[1] === "<" ? phrase.agoLess : phrase.agoMore)(lasting(ago[2]!))}`;
  const inside = /^in (\S+)\.\.(\S+)$/.exec(needs);
  if (inside) return `${head} ${phrase.agoBetween(lasting(inside[2]!), lasting(inside[1]!))}`;
  return `${head} ${needs}`;
}

function followed(subject: string): string | null {
  const read = sequence(subject);
  if (!read) return null;
  const phrase = say().phrase;
  const one = read.first ? ended(read.one, "first") : named(read.one);
  const two = read.then && (read.then.event === read.one.event ? phrase.another(named(read.then)) : named(read.then));
  const within = read.within ? ` ${phrase.within(lasting(read.within))}` : "";
  return (two ? phrase.then(one, two) : one) + within + windowWords(read.window);
}

/** The test in words; null: it must be shown as it is written. */
export function words(test: Test): string | null {
  const subject = test.subject ?? "";
  const needs = test.needs ?? "";
  if (test.is === "sequence") return followed(subject);
  if (test.is === "has_identifier") return say().phrase.identifier(kindWords(subject.replace(/^has identifier /, "")));
  if (test.is === "trait" || test.is === "date") {
    const name = /^trait\((.*)\)$/.exec(subject);
    return name ? `${say().phrase.trait(unquoted(name[1]!))} ${needs}` : null;
  }
  const read = fold(subject);
  if (!read) return null;
  if (test.is === "aged") return aged(read, needs);
  if (read.is === "count" || read.is === "distinct") return counted(read, needs);
  return valued(read, needs);
}

/** What the test saw, with its unit. */
export function seen(test: Test, now: string): string | null {
  if (test.value === undefined || test.subject === undefined) return null;
  if (test.value === null) return say().why.none;
  const read = fold(test.subject);
  if (test.is === "aged" && typeof test.value === "string") return as.duration(Date.parse(now) - Date.parse(test.value));
  if (typeof test.value === "boolean") return test.value ? say().why.yes : say().why.no;
  const n = Number(test.value);
  if (typeof test.value === "number" || (test.value !== "" && !Number.isNaN(n) && read)) {
    return read && read.is !== "count" && read.is !== "distinct" && isMoney(read.select.property) ? as.money(n) : as.number(n);
  }
  return String(test.value);
}
