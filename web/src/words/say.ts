// The dictionary of the language in force, and its formats bound to it. Read inside a component, it follows the switch.
import { choices } from "../state/choices.svelte.ts";
import { en } from "./en.ts";
import * as format from "./format.ts";
import { fr } from "./fr.ts";

export const dictionaries = { en, fr };

export const say = () => dictionaries[choices.lang];

const at = (when: string | Date) => (typeof when === "string" ? new Date(when) : when);

/** Formats in the language in force; times as the server writes them. */
export const as = {
  number: (n: number, digits?: number) => format.number(choices.lang, n, digits),
  money: (n: number) => format.money(choices.lang, n),
  percent: (part: number, whole: number) => format.percent(choices.lang, part, whole),
  clock: (when: string | Date) => format.clock(choices.lang, at(when)),
  hour: (when: string | Date) => format.hour(choices.lang, at(when)),
  day: (when: string | Date) => format.day(choices.lang, at(when)),
  longDay: (when: string | Date) => format.longDay(choices.lang, at(when)),
  month: (when: string | Date) => format.month(choices.lang, at(when)),
  moment: (when: string | Date) => format.moment(choices.lang, at(when)),
  /** "since 20:42:07" today, "since 3 Nov 2026" before. */
  since: (when: string | Date) =>
    format.today(choices.lang, at(when)) ? say().since.hour(format.clock(choices.lang, at(when))) : say().since.day(format.day(choices.lang, at(when))),
  full: (when: string | Date) => format.full(choices.lang, at(when)),
  duration: (ms: number) => format.duration(choices.lang, ms),
  seconds: (ms: number) => format.seconds(choices.lang, ms),
};

/** A purpose in words; one of the house's own keeps its name. */
export const purposeWords = (name: string) => say().purposes[name] ?? name;
export const kindWords = (name: string) => say().kinds[name] ?? name;
/** The first or the last of them; of an event of the house's own: `first "Name"`. */
export function eventEnd(name: string, end: "first" | "last"): string {
  const words = say().events[name];
  if (words) return words[end === "first" ? 2 : 3];
  return (end === "first" ? say().phrase.first : say().phrase.last)(name);
}
/** An event as people say it: one, or several. */
export function eventWords(name: string, count = 1): string {
  const words = say().events[name];
  if (!words) return name;
  return format.plural(choices.lang, count, words[0], words[1]);
}
