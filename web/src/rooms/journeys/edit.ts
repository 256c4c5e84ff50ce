// What the page for writing a journey says; and the one clause that its two buttons write.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const several = (lang: "en" | "fr", count: number, one: string, other: string) => `${number(lang, count)} ${plural(lang, count, one, other)}`;

const en = {
  edit: "Change it", write: "Write a journey", title: "Write a journey",
  lead: "Whom the text would move is counted as you type. Nothing is changed until you put it in force.",
  text: "The journey, as journeys.jny has it",
  waiting: "Who waits in it now", stay: "finish in their version", move: "come along",
  stands: "Who stands where, and what becomes of them", step: "Stand at", becomes: "Then", people: "People",
  version: (version: number) => `version ${number("en", version)}`,
  as_is: "stay where they are", stays: "finish there", moves: (to: string) => `go on at ${to}`, anew: ", which does something else now", ends: "leave: that step is no more",
  map: "A step that became another one is named: waiting move (old to new).",
  nobody: "Nobody is in it now.", none: "It says what is in force already.",
  said: (move: number, end: number, stay: number) =>
    [move ? `${several("en", move, "person comes", "people come")} along` : "", end ? `${several("en", end, "person leaves", "people leave")}` : "", stay ? `${several("en", stay, "person finishes", "people finish")} in the version they are in` : ""].filter(Boolean).join(", ") + ".",
  asked: "Its purpose is another: whoever may not be led under it leaves.",
  put: (version: number) => `Put version ${number("en", version)} in force`, putting: "Putting it in force…", paused: "Pause it", resumed: "Let it go on",
  counting: "Counting…", several: (count: number) => several("en", count, "person", "people"), some: (shown: number, of: number) => `${number("en", shown)} of ${number("en", of)}`,
};

const fr: typeof en = typeset({
  edit: "Le modifier", write: "Écrire un parcours", title: "Écrire un parcours",
  lead: "Qui le texte déplacerait est compté pendant que vous tapez. Rien n'est changé avant la mise en vigueur.",
  text: "Le parcours, comme dans journeys.jny",
  waiting: "Qui y attend maintenant", stay: "finit dans sa version", move: "vient avec",
  stands: "Qui est où, et ce qu'il en advient", step: "Sont à", becomes: "Ensuite", people: "Personnes",
  version: (version: number) => `version ${number("fr", version)}`,
  as_is: "restent où ils sont", stays: "y finissent", moves: (to: string) => `continuent à ${to}`, anew: ", qui fait désormais autre chose", ends: "sortent : cette étape n'est plus",
  map: "Une étape devenue une autre se nomme : waiting move (ancienne to nouvelle).",
  nobody: "Personne n'y est maintenant.", none: "Il dit ce qui est déjà en vigueur.",
  said: (move: number, end: number, stay: number) =>
    [move ? several("fr", move, "personne vient avec", "personnes viennent avec") : "", end ? several("fr", end, "personne sort", "personnes sortent") : "", stay ? several("fr", stay, "personne finit dans sa version", "personnes finissent dans leur version") : ""].filter(Boolean).join(", ") + ".",
  asked: "Sa finalité change : qui ne peut pas être suivi sous elle en sort.",
  put: (version: number) => `Mettre en vigueur la version ${number("fr", version)}`, putting: "Mise en vigueur…", paused: "Le mettre en pause", resumed: "Le reprendre",
  counting: "Calcul en cours…", several: (count: number) => several("fr", count, "personne", "personnes"), some: (shown: number, of: number) => `${number("fr", shown)} sur ${number("fr", of)}`,
});

export const told = () => (choices.lang === "fr" ? fr : en);

/** Where a new one begins. */
export const first = `journey my_journey purpose market
  name en "My journey" fr "Mon parcours"
  enter event "Order Completed"
  step rest wait 3d
  step done exit
`;

/** The same text, saying what becomes of who waits. */
export function withWaiting(text: string, choice: "stay" | "move"): string {
  const said = /^([^#"\n]*?\bwaiting\s+)(?:stay|move(?:\s*\([^)]*\))?)/m;
  if (said.test(text)) return text.replace(said, `$1${choice}`);
  return text.replace(/^([^#\n]*?\bpurpose\s+(?:"[^"\n]*"|[^\s#]+))/m, `$1\n  waiting ${choice}`);
}
