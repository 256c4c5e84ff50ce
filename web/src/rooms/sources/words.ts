// What this room alone says; it comes with the room, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  lately: "Lately",
  perMin: (count: number) => `${number("en", count)} a minute`,
  last: (event: string, since: string) => `last: ${event}, ${since}`,
  lag: (span: string) => `arrives after ${span}`,
  silent: "waiting for the first event since the start",
  mode: "What the catalogue does not know",
  modes: { learn: "is learnt; a change is told", warn: "is taken, and told", strict: "is refused, and told" } as Record<string, string>,
  away: "Turned away",
  times: (count: number) => some("en", count, "time", "times"),
  nobodys: "Requests of no source",
  drift: "Said otherwise than before",
  types: { text: "a text", number: "a number", money: "a number", boolean: "yes or no", list: "a list", object: "parts of its own", instant: "a date" } as Record<string, string>,
  changed: (property: string, event: string, was: string, is: string) => `“${property}” of “${event}” was ${was} and is now ${is}.`,
  newEvent: (event: string) => `“${event}” is not in the catalogue.`,
  newProperty: (property: string, event: string) => `“${property}” of “${event}” is not in the catalogue.`,
  since: (when: string) => `Since ${when}, first in`,
  share: (count: number, part: string) => `${some("en", count, "time", "times")}, ${part} since then`,
};

const fr: typeof en = typeset({
  lately: "Ces derniers temps",
  perMin: (count: number) => `${number("fr", count)} par minute`,
  last: (event: string, since: string) => `dernier : ${event}, ${since}`,
  lag: (span: string) => `arrive après ${span}`,
  silent: "en attente du premier événement depuis le démarrage",
  mode: "Ce que le catalogue ne connaît pas",
  modes: { learn: "est appris ; un changement est dit", warn: "est pris, et dit", strict: "est refusé, et dit" },
  away: "Renvoyées",
  times: (count: number) => `${number("fr", count)} fois`,
  nobodys: "Requêtes d'aucune source",
  drift: "Dit autrement qu'avant",
  types: { text: "un texte", number: "un nombre", money: "un nombre", boolean: "oui ou non", list: "une liste", object: "faite de parties", instant: "une date" },
  changed: (property: string, event: string, was: string, is: string) => `« ${property} » de « ${event} » était ${was} ; c'est maintenant ${is}.`,
  newEvent: (event: string) => `« ${event} » n'est pas au catalogue.`,
  newProperty: (property: string, event: string) => `« ${property} » de « ${event} » n'est pas au catalogue.`,
  since: (when: string) => `Depuis le ${when}, d'abord dans`,
  share: (count: number, part: string) => `${number("fr", count)} fois, ${part} depuis lors`,
});

export const told = () => (choices.lang === "fr" ? fr : en);
