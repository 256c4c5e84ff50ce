// What this page alone says; it comes with it, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  title: "Combine segments",
  lead: "How two or three segments overlap, any combination counted, and its people as a file for another tool.",
  pick: (n: number) => `Segment ${n}`, none: "none", back: "All segments",
  overlap: "Overlap", picture: (names: string) => `Circles for ${names}, not drawn to scale. The table below says the same.`,
  only: (names: string) => `only ${names}`, both: (names: string) => `${names}, together`, region: "Who", people: "People",
  combine: "Combination", where: "In the language of segments: in segment …, and, or, not, parentheses", count: (n: number) => some("en", n, "person", "people"), took: (us: number) => `Counted in ${number("en", us / 1000, 1)} ms.`,
  out: "Take them out", purpose: "What for", purposeHelp: "Only whom this purpose may serve now is in the file, by identifiers that are firmly theirs. It is noted down.",
  format: "File", formats: { "csv-fr": "CSV for Excel in French", csv: "CSV", xlsx: "Excel (xlsx)", parquet: "Parquet" } as Record<string, string>,
  take: "Take out", taken: (people: string, stay: string) => `${people} people are in the file. Not in it: ${stay}.`,
  stays: { against: "said no", no_yes: "never said yes", not_firmly: "not firmly known", no_identifier: "no such identifier" } as Record<string, string>, nobody: "nobody",
};

const fr: typeof en = typeset({
  title: "Combiner des segments",
  lead: "Comment deux ou trois segments se recoupent, toute combinaison comptée, et ses personnes en fichier pour un autre outil.",
  pick: (n: number) => `Segment ${n}`, none: "aucun", back: "Tous les segments",
  overlap: "Recouvrement", picture: (names: string) => `Des cercles pour ${names}, sans échelle. Le tableau dit la même chose.`,
  only: (names: string) => `seulement ${names}`, both: (names: string) => `${names}, à la fois`, region: "Qui", people: "Personnes",
  combine: "Combinaison", where: "Dans la langue des segments : in segment …, and, or, not, parenthèses", count: (n: number) => some("fr", n, "personne", "personnes"), took: (us: number) => `Compté en ${number("fr", us / 1000, 1)} ms.`,
  out: "Les sortir", purpose: "Pour quoi", purposeHelp: "Seules les personnes que cette finalité peut servir à cet instant sont dans le fichier, par des identifiants fermement à elles. C'est noté.",
  format: "Fichier", formats: { "csv-fr": "CSV pour Excel en français", csv: "CSV", xlsx: "Excel (xlsx)", parquet: "Parquet" },
  take: "Sortir", taken: (people: string, stay: string) => `${people} personnes sont dans le fichier. N'y sont pas : ${stay}.`,
  stays: { against: "ont dit non", no_yes: "n'ont jamais dit oui", not_firmly: "pas fermement connues", no_identifier: "sans cet identifiant" }, nobody: "personne",
});

export const told = () => (choices.lang === "fr" ? fr : en);
