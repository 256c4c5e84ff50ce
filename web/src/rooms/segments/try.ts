// What the page for trying a definition says; it comes with the room.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const en = {
  change: "What if?",
  title: "Try a segment",
  stages: "Life cycle",
  sets: "Combine",
  lead: "Write a definition or change one: who would be in it is counted as you type, on everybody. Nothing is kept until you save it.",
  text: "Definition",
  counting: "Counting",
  would: (of: string) => `of ${of} people would be in it`,
  enter: "would enter",
  leave: "would leave",
  entering: "Who would enter",
  leaving: "Who would leave",
  examples: "Ten people, and why",
  few: "Who they are, and why",
  nobody: "Nobody would be in it.",
  took: (ms: string) => `Counted in ${ms}.`,
  keep: "Saved, it stands like this in segments.seg of the house's folder.",
  save: "Save",
  saveChange: "Save the change",
  saving: "Saving…",
  archive: "Archive",
  archiveSure: "Nobody will be in it any more. Archive it?",
  canonical: "As the house writes it",
  several: (k: number) => `${number("en", k)} ${plural("en", k, "person", "people")}`,
};

const fr: typeof en = typeset({
  change: "Et si ?",
  title: "Essayer un segment",
  stages: "Cycle de vie",
  sets: "Combiner",
  lead: "Écrivez une définition ou changez-en une : qui en serait est compté pendant que vous tapez, sur tout le monde. Rien n'est gardé avant d'enregistrer.",
  text: "Définition",
  counting: "Calcul en cours",
  would: (of: string) => `sur ${of} personnes en seraient`,
  enter: "entreraient",
  leave: "sortiraient",
  entering: "Qui entrerait",
  leaving: "Qui sortirait",
  examples: "Dix personnes, et pourquoi",
  few: "Qui sont ces personnes, et pourquoi",
  nobody: "Personne n'en serait.",
  took: (ms: string) => `Compté en ${ms}.`,
  keep: "Enregistré, il figure ainsi dans segments.seg du dossier de la maison.",
  save: "Enregistrer",
  saveChange: "Enregistrer le changement",
  saving: "Enregistrement…",
  archive: "Archiver",
  archiveSure: "Plus personne n'en sera. L'archiver ?",
  canonical: "Comme la maison l'écrit",
  several: (k: number) => `${number("fr", k)} ${plural("fr", k, "personne", "personnes")}`,
});

export const told = () => (choices.lang === "fr" ? fr : en);

export const first = `segment mine
  purpose market
  name en "Three in a year" fr "Trois en un an"
  sentence en "At least three orders within a year." fr "Au moins trois commandes en un an."
  where count("Order Completed", 365d) >= 3
`;
