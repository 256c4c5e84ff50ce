// What the house did about a person: GET /v1/decisions/of, /v1/actions (docs/http_api.md), and the words for it, which
// come with this card alone.
import type { Reason } from "../../api/shapes.ts";
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

export interface Shown {
  decision: string;
  placement?: string;
  flag?: string;
  decided: string;
  seen: string;
  items: { id: string; propensity: number }[];
  reason: Reason;
  experiment: string | null;
  variant: string | null;
  held: boolean;
  outcome: string | null;
}
export interface Decided {
  person: string;
  shown: Shown[];
}
export interface Actions {
  actions: { name: string }[];
}

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  done: "What the house did", none: "Nothing was done about this person yet.", open: "Show what was done, and why",
  openNote: "The look is entered where the person reads it.",
  whyNot: "Why did they (not) get", choose: "choose an action", ask: "Ask",
  whyNone: "Nothing was decided: no passage has set this action off for this person.",
  states: { planned: "waits", ready: "ready", claimed: "on its way", done: "done", failed: "failed", uncertain: "nobody knows whether it was taken", refused: "not done" } as Record<string, string>,
  until: (at: string) => `not before ${at}`, since: (at: string) => `since ${at}`, from: (source: string) => `said through ${source}`,
  now: "If its moment came now", free: "nothing stands in the way",
  shown: "What was decided for them", shownNone: "Nothing was shown to this person yet.", nothing: "nothing",
  held: "left alone on purpose: what stands here was not seen", variant: (variant: string, name: string) => `variant ${variant} of ${name}`,
  chance: (share: string) => `chance ${share}`, count: (value: number) => some("en", value, "entry", "entries"), colon: ": ",
  outcomes: { clicked: "clicked", taken: "taken", dismissed: "dismissed" } as Record<string, string>,
};

const fr: typeof en = typeset({
  done: "Ce que la maison a fait", none: "Rien n'a encore été fait pour cette personne.", open: "Montrer ce qui a été fait, et pourquoi",
  openNote: "La consultation est inscrite là où la personne la lit.",
  whyNot: "Pourquoi a-t-elle (ou non) reçu", choose: "choisir une action", ask: "Demander",
  whyNone: "Rien n'a été décidé : aucun passage n'a déclenché cette action pour cette personne.",
  states: { planned: "en attente", ready: "prêt", claimed: "en route", done: "fait", failed: "échec", uncertain: "nul ne sait s'il a été pris", refused: "pas fait" },
  until: (at: string) => `pas avant ${at}`, since: (at: string) => `depuis ${at}`, from: (source: string) => `dit par ${source}`,
  now: "Si son moment venait maintenant", free: "rien ne s'y oppose",
  shown: "Ce qui a été décidé pour elle", shownNone: "Rien n'a encore été montré à cette personne.", nothing: "rien",
  held: "laissée tranquille exprès : ce qui est écrit ici n'a pas été vu", variant: (variant: string, name: string) => `variante ${variant} de ${name}`,
  chance: (share: string) => `chance ${share}`, count: (value: number) => some("fr", value, "entrée", "entrées"), colon: "\u00a0: ",
  outcomes: { clicked: "cliqué", taken: "pris", dismissed: "écarté" },
});

export const told = () => (choices.lang === "fr" ? fr : en);
