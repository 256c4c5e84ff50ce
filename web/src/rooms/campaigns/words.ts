// What these rooms alone say; it comes with them, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  lead: (coming: number) => (coming ? `${some("en", coming, "campaign", "campaigns")} to come. Each needs a test, and the yes of a second person; a control group is left alone, so that you can tell what it brought.` : "No campaign is to come. Each needs a test, and the yes of a second person."),
  none: "No campaign yet. They are written in campaigns.toml, in the house's folder; hospes campaign check says whether it reads.",
  name: "Campaign", date: "Date", state: "State", toWhom: "To whom", by: "By",
  states: { draft: "draft", tested: "tested", approved: "approved", running: "under way", done: "done", stopped: "stopped", missed: "missed: nobody approved it" } as Record<string, string>,
  reached: (people: number, of: number) => `${number("en", people)} of ${some("en", of, "person", "people")} were written to in the last seven days`,
  pressure: "Contact pressure", pressureLead: "How often each person was reached in the last seven days, over all channels.",
  times: (times: number, more: boolean) => (times === 0 ? "not at all" : `${some("en", times, "time", "times")}${more ? " or more" : ""}`),
  people: "People", timesHead: "Reached",
  gone: "There is no such campaign", goneWhat: "It may have been taken out of campaigns.toml.", back: "All campaigns",
  when: "When", whenWords: (wall: string) => `${wall}, the house's time`, left: "Left alone, to compare", watched: "Watched for", goal: "What counts",
  approvedBy: (name: string, at: string) => `Approved by ${name}, ${at}`, testedAt: (at: string) => `Tested ${at}`, stoppedAt: (at: string) => `Stopped ${at}`,
  trouble: "It cannot run as it is",
  next: "What is next", test: "Send the test", testPerson: "As this person would get it", testTo: (list: string) => `To: ${list}`, noTest: "It has no test addresses: write test = [\"…\"] in campaigns.toml.",
  ask: "Make the link for a second person", asked: "Give this link to somebody else. It is good once, for a day; you cannot use it in this browser.", waitsFor: "An owner or privacy officer other than you says yes under", copy: "Copy", copied: "Copied",
  stop: "Stop it", stopSure: "Who has not been written to will not be, and nobody is watched any more. This is not undone.", stopYes: "Yes, stop it", cancel: "No, leave it",
  waits: (at: string) => `It leaves on its date: ${at}.`,
  result: "What it brought", so: "So far", final: "Final",
  targeted: "Targeted", permitted: "Permitted", delivered: "Delivered", bought: "Bought", waiting: "Wait to be written to", boughtFirst: "Bought before it left: taken back",
  arms: "Against the control group", arm: "Group", written: "To be written to", control: "Control group", share: "Share who bought", unknown: "May not be known any more",
  more: (points: string, low: string, high: string) => `${points} points more bought among those to be written to than in the control group; with 95% confidence between ${low} and ${high}.`,
  fewer: (points: string, low: string, high: string) => `${points} points fewer bought among those to be written to than in the control group; with 95% confidence between ${low} and ${high}.`,
  same: (low: string, high: string) => `The same share bought in both groups; with 95% confidence the difference lies between ${low} and ${high} points.`,
  cannot: "The interval holds zero: this cannot be told from chance.", can: "Zero is outside: this is not chance alone.",
  few: (n: number) => `Too few to tell, n = ${number("en", n)}.`, method: "All who were drawn to be written to count, whether they could be reached or not (intention to treat). Interval: Newcombe's hybrid score.",
  notWritten: "Why not", keptOut: "Their purpose was closed: in neither group", text: "As a journey", colon: ": ", plot: "Share who bought, with its 95% interval",
};

const fr: typeof en = typeset({
  lead: (coming: number) => (coming ? `${some("fr", coming, "campagne", "campagnes")} à venir. Chacune demande un essai et le oui d'une deuxième personne ; un groupe témoin est laissé tranquille, pour savoir ce qu'elle a apporté.` : "Aucune campagne à venir. Chacune demande un essai et le oui d'une deuxième personne."),
  none: "Aucune campagne. Elles s'écrivent dans campaigns.toml, dans le dossier de la maison ; hospes campaign check dit s'il se lit.",
  name: "Campagne", date: "Date", state: "État", toWhom: "À qui", by: "Par",
  states: { draft: "brouillon", tested: "essayée", approved: "approuvée", running: "en cours", done: "terminée", stopped: "arrêtée", missed: "manquée : personne ne l'a approuvée" },
  reached: (people: number, of: number) => `${number("fr", people)} sur ${some("fr", of, "personne", "personnes")} ont déjà reçu un message ces sept derniers jours`,
  pressure: "Pression de contact", pressureLead: "Combien de fois chaque personne a été jointe ces sept derniers jours, tous canaux confondus.",
  times: (times: number, more: boolean) => (times === 0 ? "pas du tout" : `${number("fr", times)} fois${more ? " ou plus" : ""}`),
  people: "Personnes", timesHead: "Jointes",
  gone: "Cette campagne n'existe pas", goneWhat: "Elle a peut-être été retirée de campaigns.toml.", back: "Toutes les campagnes",
  when: "Quand", whenWords: (wall: string) => `${wall}, heure de la maison`, left: "Laissés tranquilles, pour comparer", watched: "Suivis pendant", goal: "Ce qui compte",
  approvedBy: (name: string, at: string) => `Approuvée par ${name}, ${at}`, testedAt: (at: string) => `Essayée ${at}`, stoppedAt: (at: string) => `Arrêtée ${at}`,
  trouble: "Elle ne peut pas partir ainsi",
  next: "La suite", test: "Envoyer l'essai", testPerson: "Tel que cette personne le recevrait", testTo: (list: string) => `À : ${list}`, noTest: "Elle n'a pas d'adresse d'essai : écrivez test = [\"…\"] dans campaigns.toml.",
  ask: "Faire le lien pour une deuxième personne", asked: "Donnez ce lien à quelqu'un d'autre. Il vaut une fois, un jour ; vous ne pouvez pas l'utiliser dans ce navigateur.", waitsFor: "Un propriétaire ou délégué autre que vous dit oui sous", copy: "Copier", copied: "Copié",
  stop: "L'arrêter", stopSure: "Qui n'a pas reçu ne recevra pas, et plus personne n'est suivi. C'est sans retour.", stopYes: "Oui, l'arrêter", cancel: "Non, la laisser",
  waits: (at: string) => `Elle part à sa date : ${at}.`,
  result: "Ce qu'elle a apporté", so: "À cette heure", final: "Définitif",
  targeted: "Visés", permitted: "Permis", delivered: "Remis", bought: "Ont acheté", waiting: "Attendent leur message", boughtFirst: "Ont acheté avant l'envoi : repris",
  arms: "Face au groupe témoin", arm: "Groupe", written: "À qui écrire", control: "Groupe témoin", share: "Part qui a acheté", unknown: "Qu'on ne peut plus connaître",
  more: (points: string, low: string, high: string) => `${points} points de plus ont acheté parmi ceux à qui écrire que dans le groupe témoin ; à 95 % de confiance entre ${low} et ${high}.`,
  fewer: (points: string, low: string, high: string) => `${points} points de moins ont acheté parmi ceux à qui écrire que dans le groupe témoin ; à 95 % de confiance entre ${low} et ${high}.`,
  same: (low: string, high: string) => `La même part a acheté dans les deux groupes ; à 95 % de confiance l'écart est entre ${low} et ${high} points.`,
  cannot: "L'intervalle contient zéro : cela ne se distingue pas du hasard.", can: "Zéro est dehors : ce n'est pas le seul hasard.",
  few: (n: number) => `Trop peu pour le dire, n = ${number("fr", n)}.`, method: "Tous ceux que le sort a désignés comptent, qu'on ait pu les joindre ou non (intention de traiter). Intervalle : score hybride de Newcombe.",
  notWritten: "Pourquoi pas", keptOut: "Leur finalité était fermée : dans aucun groupe", text: "Comme un parcours", colon: "\u00a0: ", plot: "Part qui a acheté, avec son intervalle à 95 %",
});

export const told = () => (choices.lang === "fr" ? fr : en);

/** `14d`: 14 j / 14 d. */
export function span(text: string): string {
  const unit = text.replace(/^\d+/, "");
  const words: Record<string, string> = choices.lang === "fr" ? { d: "j", h: "h" } : { d: "d", h: "h" };
  return `${number(choices.lang, parseInt(text, 10))}\u00a0${words[unit] ?? unit}`;
}
