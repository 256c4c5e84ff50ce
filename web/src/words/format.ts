// Number, time and duration formats of both languages: the one place that knows them.
// French: 23 582 · 402,79 $ · 60,2 % · 20 h 42 in prose, 20:42:07 in tables; narrow no-break space (U+202F) in thousands and before ; ! ? %.
// English: 23,582 · $402.79 · 60.2% · 20:42.

export type Lang = "fr" | "en";

const locale: Record<Lang, string> = { fr: "fr-FR", en: "en-US" };

/** What the house says of itself; the frame sets it when it is known. */
export const house = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, currency: "" };

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules>();
function once<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules>(key: string, make: () => T): T {
  const known = kept.get(key);
  if (known) return known as T;
  const made = make();
  kept.set(key, made);
  return made;
}

/** 23 582 / 23,582. At most `digits` decimals (2). */
export function number(lang: Lang, n: number, digits = 2): string {
  return minus(once(`n${lang}${digits}`, () => new Intl.NumberFormat(locale[lang], { maximumFractionDigits: digits })).format(n));
}

/** A minus sign, not a hyphen. */
const minus = (text: string) => text.replace(/^-/, "\u2212");

/** 402,79 $ / $402.79; cents are left out of round sums of a condition. Without a currency: a plain number. */
export function money(lang: Lang, n: number, currency = house.currency): string {
  if (!currency) return number(lang, n);
  const least = Number.isInteger(n) ? 0 : 2;
  const text = once(
    `m${lang}${currency}${least}`,
    () =>
      new Intl.NumberFormat(locale[lang], {
        style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: least, maximumFractionDigits: 2,
      }),
  ).format(n);
  return minus(text.replace(/\u00a0/g, "\u202f"));
}

/** `part` of `whole`: 60,2 % / 60.2%. Under 1,000 in all the decimal would be noise. */
export function percent(lang: Lang, part: number, whole: number): string {
  if (whole <= 0) return "–";
  const digits = whole < 1000 ? 0 : 1;
  return once(
    `p${lang}${digits}`,
    () => new Intl.NumberFormat(locale[lang], { style: "percent", maximumFractionDigits: digits }),
  )
    .format(part / whole)
    .replace(/\u00a0/g, "\u202f");
}

export function plural<T>(lang: Lang, n: number, one: T, other: T): T {
  return once(`r${lang}`, () => new Intl.PluralRules(locale[lang])).select(n) === "one" ? one : other;
}

function parts(lang: Lang, at: Date, key: string, options: Intl.DateTimeFormatOptions): string {
  return once(`d${lang}${key}${house.zone}`, () => new Intl.DateTimeFormat(locale[lang], { timeZone: house.zone, ...options })).format(at);
}

/** In tables: 20:42:07. */
export const clock = (lang: Lang, at: Date) =>
  parts(lang, at, "t", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** In prose: 20 h 42 / 20:42. */
export function hour(lang: Lang, at: Date): string {
  const plain = parts(lang, at, "h", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return lang === "en" ? plain : `${Number(plain.slice(0, 2))}\u00a0h\u00a0${plain.slice(3)}`;
}

/** 23 nov. 2026 / 23 Nov 2026. */
export function day(lang: Lang, at: Date): string {
  if (lang === "fr") return parts(lang, at, "D", { day: "numeric", month: "short", year: "numeric" });
  return `${parts(lang, at, "d", { day: "numeric" })} ${parts(lang, at, "m", { month: "short" })} ${parts(lang, at, "y", { year: "numeric" })}`;
}

/** Lundi 23 novembre 2026 / Monday 23 November 2026. */
export function longDay(lang: Lang, at: Date): string {
  const text =
    lang === "fr"
      ? parts(lang, at, "L", { weekday: "long", day: "numeric", month: "long", year: "numeric" })
      : `${parts(lang, at, "w", { weekday: "long" })} ${parts(lang, at, "d", { day: "numeric" })} ${parts(lang, at, "M", { month: "long", year: "numeric" })}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** novembre 2026, as a heading. */
export function month(lang: Lang, at: Date): string {
  const text = parts(lang, at, "mo", { month: "long", year: "numeric" });
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The hour when it is today, else the day. `now`: what the reader calls today. */
export const moment = (lang: Lang, at: Date, now = new Date()) =>
  today(lang, at, now) ? clock(lang, at) : day(lang, at);

export const today = (lang: Lang, at: Date, now = new Date()) => day(lang, at) === day(lang, now);

/** 23 nov. 2026, 20:42:07. */
export const full = (lang: Lang, at: Date) => `${day(lang, at)}, ${clock(lang, at)}`;

const units = [
  [604_800_000, "sem.", "wk"], [86_400_000, "j", "d"], [3_600_000, "h", "h"], [60_000, "min", "min"], [1000, "s", "s"], [1, "ms", "ms"],
] as const;

/** The largest unit that says it: 220 j / 220 d; weeks are not used, since windows are said in days. */
export function duration(lang: Lang, ms: number): string {
  const unit = units.slice(1).find(([size]) => Math.abs(ms) >= size) ?? units[units.length - 1]!;
  return `${number(lang, Math.floor(ms / unit[0]), 0)}\u00a0${lang === "fr" ? unit[1] : unit[2]}`;
}

/** A delay in seconds with one decimal: 0,2 s. */
export const seconds = (lang: Lang, ms: number) => `${number(lang, ms / 1000, 1)}\u00a0s`;

const inside: [RegExp, string][] = [
  [/ ([;!?%$€])/g, "\u202f$1"],
  [/ :/g, "\u00a0:"],
  [/« /g, "«\u00a0"],
  [/ »/g, "\u00a0»"],
  [/(\p{L})'(?=[\p{L}\d])/gu, "$1\u2019"],
];

/** French spacing and apostrophes of a text that was typed with plain ones. */
export const french = (text: string) => inside.reduce((out, [from, to]) => out.replace(from, to), text);

type Words = { readonly [key: string]: Words | string | readonly string[] | ((...given: never[]) => string) };

/** The same for a whole dictionary, its functions included. */
export function typeset<T extends object>(words: T): T {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(words as Words)) {
    if (typeof value === "string") out[key] = french(value);
    else if (typeof value === "function") out[key] = (...given: never[]) => french(value(...given));
    else if (Array.isArray(value)) out[key] = value.map((one: string) => french(one));
    else out[key] = typeset(value as object);
  }
  return out as T;
}
