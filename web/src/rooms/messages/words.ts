// What these rooms alone say; it comes with them, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  lead: (count: number) => `${some("en", count, "message", "messages")}. Open one to read it as a real person would get it, and to see why somebody did, or did not, get it.`,
  stopped: (name: string) => `Marketing mail by ${name} is held`,
  stoppedWhat: (complaints: number, sent: number, since: string) => `${some("en", complaints, "person", "people")} complained, of ${number("en", sent)} written to, since ${since}. Service mail goes on. Look at whom was written to, and with what; then open it again: what was counted begins anew.`,
  reopen: "Open it again", reopened: (name: string, who: string, at: string) => `Marketing mail by ${name} was held for complaints; ${who} opened it again ${at}.`,
  none: "The house writes nothing yet. Messages stand in the folder messages/ of the house; hospes message check says what is wrong with them.",
  name: "Message", kind: "Kind", sentBy: "Sent by", languages: "Languages", state: "State",
  kinds: { marketing: "marketing", service: "service" } as Record<string, string>,
  nobody: "no action sends it", good: "nothing to object to", findings: (count: number) => some("en", count, "remark", "remarks"),
  gone: "There is no such message", goneWhat: "It may have been taken out of messages/.", back: "All messages",
  who: "For whom", whoHint: "An identifier, such as user_id:08231 or email:ann@example.org. The look is entered where the person reads it.", show: "Show", language: "Language", theirs: "their own",
  preview: "As this person would get it", to: "To", noAddress: "no address", subject: "Subject", html: "The HTML part, as written", aborted: (why: string) => `Not for this person, the message itself says: ${why}`,
  why: "Why did they (not) get this?", whyNone: "Nothing was decided: no passage has set this action off for this person.",
  states: { planned: "waits", ready: "ready", claimed: "on its way", done: "sent", failed: "failed", uncertain: "nobody knows whether it was taken", refused: "not sent" } as Record<string, string>,
  until: (at: string) => `not before ${at}`, since: (at: string) => `since ${at}`, from: (source: string) => `said through ${source}`,
  now: "If its moment came now", free: "nothing stands in the way", level: "Engagement level they chose",
  levels: { unset: "none chosen", all: "everything", usual: "as usual", less: "less", none: "only what is needed" } as Record<string, string>,
  remarks: "Remarks", line: (line: number) => `line ${number("en", line)}`, reads: "What it reads of a person", campaign: "campaign", colon: ": ",
};

const fr: typeof en = typeset({
  lead: (count: number) => `${some("fr", count, "message", "messages")}. Ouvrez-en un pour le lire tel qu'une vraie personne le recevrait, et savoir pourquoi quelqu'un l'a eu, ou non.`,
  stopped: (name: string) => `Le courrier marketing de ${name} est retenu`,
  stoppedWhat: (complaints: number, sent: number, since: string) => `${some("fr", complaints, "personne s'est plainte", "personnes se sont plaintes")}, sur ${number("fr", sent)} destinataires, depuis ${since}. Le courrier de service continue. Regardez à qui l'on a écrit, et quoi ; puis rouvrez : le compte repart de zéro.`,
  reopen: "Rouvrir", reopened: (name: string, who: string, at: string) => `Le courrier marketing de ${name} a été retenu pour plaintes ; ${who} l'a rouvert ${at}.`,
  none: "La maison n'écrit encore rien. Les messages sont dans le dossier messages/ de la maison ; hospes message check dit ce qui ne va pas.",
  name: "Message", kind: "Genre", sentBy: "Envoyé par", languages: "Langues", state: "État",
  kinds: { marketing: "marketing", service: "service" },
  nobody: "aucune action ne l'envoie", good: "rien à redire", findings: (count: number) => some("fr", count, "remarque", "remarques"),
  gone: "Ce message n'existe pas", goneWhat: "Il a peut-être été retiré de messages/.", back: "Tous les messages",
  who: "Pour qui", whoHint: "Un identifiant, tel que user_id:08231 ou email:ann@example.org. La consultation est inscrite là où la personne la lit.", show: "Montrer", language: "Langue", theirs: "la sienne",
  preview: "Tel que cette personne le recevrait", to: "À", noAddress: "pas d'adresse", subject: "Objet", html: "La partie HTML, telle qu'écrite", aborted: (why: string) => `Pas pour cette personne, dit le message lui-même : ${why}`,
  why: "Pourquoi l'a-t-elle (ou non) reçu ?", whyNone: "Rien n'a été décidé : aucun passage n'a déclenché cette action pour cette personne.",
  states: { planned: "en attente", ready: "prêt", claimed: "en route", done: "envoyé", failed: "échec", uncertain: "nul ne sait s'il a été pris", refused: "pas envoyé" },
  until: (at: string) => `pas avant ${at}`, since: (at: string) => `depuis ${at}`, from: (source: string) => `dit par ${source}`,
  now: "Si son moment venait maintenant", free: "rien ne s'y oppose", level: "Niveau d'engagement choisi",
  levels: { unset: "aucun choisi", all: "tout", usual: "comme d'habitude", less: "moins", none: "le nécessaire" },
  remarks: "Remarques", line: (line: number) => `ligne ${number("fr", line)}`, reads: "Ce qu'il lit d'une personne", campaign: "campagne", colon: "\u00a0: ",
});

export const told = () => (choices.lang === "fr" ? fr : en);
