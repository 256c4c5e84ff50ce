// What this page alone says; it comes with it, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  title: "Life cycle",
  lead: (since: string) => `Who stands in which stage, and how they pass from one to the next. Counted since ${since}.`,
  none: "No life cycle is declared. Write one in segments.seg, in the house's folder: lifecycle customer, then stages and the ids of segments of which nobody is in two.",
  flows: "Passages", last: "of the last 30 days", all: "of all time", stage: "Stage", here: "Here now", entered: "Entered", left: "Left", stay: "Median stay", outside: "in no stage",
  picture: (moved: number) => `Ribbons from the stage left to the stage entered; ${some("en", moved, "passage", "passages")} in all. The table below says the same.`,
  from: "From", to: "To", moved: "Passed", share: "Of those who left", measured: (n: number) => `n = ${number("en", n)}`,
  regrouped: (n: number) => `${some("en", n, "more passage", "more passages")} by joins, erasures, new definitions and late events`,
  quiet: "Nobody passed from one stage to another.",
  note: "A stay is measured when it began after counting did, and ended by what the person did or by time. Who is still there is not in the median. It is read back within 0.4%.",
  back: "All segments",
};

const fr: typeof en = typeset({
  title: "Cycle de vie",
  lead: (since: string) => `Qui est à quelle étape, et comment on passe de l'une à l'autre. Compté depuis ${since}.`,
  none: "Aucun cycle de vie n'est déclaré. Écrivez-en un dans segments.seg, dans le dossier de la maison : lifecycle client, puis stages et les identifiants de segments dont personne n'est dans deux.",
  flows: "Passages", last: "des 30 derniers jours", all: "depuis le début", stage: "Étape", here: "Présents", entered: "Entrées", left: "Sorties", stay: "Durée médiane", outside: "hors étapes",
  picture: (moved: number) => `Des rubans de l'étape quittée à l'étape où l'on entre ; ${some("fr", moved, "passage", "passages")} en tout. Le tableau dit la même chose.`,
  from: "De", to: "Vers", moved: "Passages", share: "Des départs", measured: (n: number) => `n = ${number("fr", n)}`,
  regrouped: (n: number) => `${some("fr", n, "passage de plus", "passages de plus")} par rapprochements, effacements, nouvelles définitions et événements tardifs`,
  quiet: "Personne n'est passé d'une étape à une autre.",
  note: "Un séjour est mesuré s'il a commencé après le début du compte et fini par ce que la personne a fait ou par le temps. Qui est encore là n'est pas dans la médiane. Elle est relue à 0,4 % près.",
  back: "Tous les segments",
});

export const told = () => (choices.lang === "fr" ? fr : en);
