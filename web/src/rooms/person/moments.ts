// A timeline as it is read: headed by month, with the silences between, each moment with what matters of it.
import type { Moment } from "../../api/shapes.ts";
import { as, eventWords, say } from "../../words/say.ts";
import { isMoney } from "../../why/phrase.ts";

const day_ms = 86_400_000;
/** A silence of so many days is worth a line. */
const silence_days = 60;

export type Entry =
  | { is: "month"; key: string; text: string }
  | { is: "silence"; key: string; text: string }
  | { is: "moment"; key: string; moment: Moment };

export function entries(moments: Moment[]): Entry[] {
  const out: Entry[] = [];
  let month = "";
  moments.forEach((moment, i) => {
    const newer = moments[i - 1];
    const gap = newer ? Date.parse(newer.at) - Date.parse(moment.at) : 0;
    if (newer && gap >= silence_days * day_ms)
      out.push({ is: "silence", key: `s${i}`, text: say().person.silence(as.duration(gap), as.day(moment.at), as.day(newer.at)) });
    const here = as.month(moment.at);
    if (here !== month) out.push({ is: "month", key: `m${here}${i}`, text: here });
    month = here;
    out.push({ is: "moment", key: `${moment.at}${moment.event ?? ""}${i}`, moment });
  });
  return out;
}

const amounts = ["total", "revenue", "value", "price"];
const names = ["name", "title", "product", "query", "path", "url", "page", "subject", "campaign", "city"];

export interface Gist {
  what: string;
  of: string;
  amount: string;
}

/** In a few words; the whole content opens below. */
export function gist(moment: Moment): Gist {
  if (moment.closed) return { what: say().person.closed, of: "", amount: "" };
  const properties = moment.properties ?? {};
  const sum = amounts.find((name) => typeof properties[name] === "number");
  const named = names.find((name) => typeof properties[name] === "string");
  const quantity = properties.quantity;
  const what = eventWords(moment.event ?? moment.type ?? "");
  return {
    what: what.charAt(0).toUpperCase() + what.slice(1),
    of: named ? String(properties[named]) : typeof quantity === "number" ? `× ${as.number(quantity)}` : "",
    amount: sum ? as.money(properties[sum] as number) : "",
  };
}

/** A property's value as text, with its unit where the name tells it. */
export function valueText(name: string, value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return isMoney(name) ? as.money(value) : as.number(value, 6);
  return typeof value === "string" ? value : JSON.stringify(value);
}
