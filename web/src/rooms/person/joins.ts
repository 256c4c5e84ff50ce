// What joins a person: GET /v1/persons/{id}/joins, POST …/split (docs/http_api.md), and the words for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

export interface Join {
  between: [string, string];
  grade: string;
  since: string;
  live: string;
  firm: string;
  rulings: { word: string; by: string; at: string }[];
}
export interface Joins {
  id: string;
  identifiers: string[];
  shared: boolean;
  quarantined: boolean;
  joins: Join[];
  as_of: string;
}
export interface Side {
  id: string;
  identifiers: string[];
  events: number;
  segments: string[];
}
export interface Split {
  committed: boolean;
  before?: Side[];
  after?: Side[];
  edges?: number;
}

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  title: "How they hang together", open: "Show what joins them, and why", openNote: "The look is entered where the person reads it.",
  none: "Nothing joins them with anybody.", joined: "Joined", aside: "Set aside", history: "What was decided",
  and: "and", since: (day: string) => `since ${day}`,
  grade: { asserted: "a public key said so", attested: "a server said so", proved: "the person held both" } as Record<string, string>,
  why: {
    joined: "one person", limit: "would give one person more of a kind than the house allows", shared_device: "a device of several people",
    asserted: "by a public key alone: for the moment, not firmly", elsewhere: "one end is not here", frozen: "too many hang together to be believed",
    quarantined: "a value that too many people name", parted: "the person said: not the same", cut: "cut by the house",
    closed: "an answer against joining, or a yes that ended",
  } as Record<string, string>,
  word: { cut: "cut", uncut: "cut taken back", part: "said to be two", unpart: "said to be one again", vouch: "vouched for" } as Record<string, string>,
  by: { session: "in the console", token: "with the staff token", guest: "by the person" } as Record<string, string>,
  part: "Part them…", join: "Take the cut back…", sure: "Do it", leave: "Leave it",
  before: "Now", after: "Afterwards", one: (k: number) => `Person ${number("en", k)}`, events: (k: number) => some("en", k, "event", "events"),
  segments: (k: number) => some("en", k, "segment", "segments"), noSegment: "in no segment",
  done: "Done. What was seen and decided stays; state, segments and values are as if it had always been so.",
  shared: "This device is used by several people: its events belong to nobody.", quarantined: "Too many people name this value: it joins nobody.",
};

const fr: typeof en = typeset({
  title: "Comment tout cela tient", open: "Montrer ce qui les joint, et pourquoi", openNote: "La consultation est inscrite là où la personne la lit.",
  none: "Rien ne les joint à qui que ce soit.", joined: "Joints", aside: "Mis de côté", history: "Ce qui a été décidé",
  and: "et", since: (day: string) => `depuis le ${day}`,
  grade: { asserted: "dit par une clé publique", attested: "dit par un serveur", proved: "la personne tenait les deux" },
  why: {
    joined: "une seule personne", limit: "donnerait à une personne plus d'un genre que la maison n'en permet", shared_device: "un appareil de plusieurs personnes",
    asserted: "par une clé publique seule : pour l'instant, pas fermement", elsewhere: "un bout n'est pas ici", frozen: "trop de choses tiennent ensemble pour y croire",
    quarantined: "une valeur que trop de personnes nomment", parted: "la personne a dit : pas la même", cut: "coupé par la maison",
    closed: "une réponse contre la jonction, ou un oui échu",
  },
  word: { cut: "coupé", uncut: "coupure retirée", part: "dits deux", unpart: "dits un à nouveau", vouch: "attesté" },
  by: { session: "dans la console", token: "avec le jeton du personnel", guest: "par la personne" },
  part: "Les séparer…", join: "Retirer la coupure…", sure: "Le faire", leave: "Laisser",
  before: "Maintenant", after: "Ensuite", one: (k: number) => `Personne ${number("fr", k)}`, events: (k: number) => some("fr", k, "événement", "événements"),
  segments: (k: number) => some("fr", k, "segment", "segments"), noSegment: "dans aucun segment",
  done: "C'est fait. Ce qui a été vu et décidé reste ; état, segments et valeurs sont comme s'il en avait toujours été ainsi.",
  shared: "Cet appareil sert à plusieurs personnes : ses événements ne sont à personne.", quarantined: "Trop de personnes nomment cette valeur : elle ne joint personne.",
});

export const told = () => (choices.lang === "fr" ? fr : en);
