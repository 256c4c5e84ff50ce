// What the dead letters say, in both languages.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const en = {
  title: "Dead letters",
  lead: (days: number) => `Events that their people had permitted, and that could not be taken for their shape alone. They are kept sealed for ${days} days; repair the cause, and send them again: each counts once, at its own time.`,
  none: "None. What was permitted and could not be taken would wait here for its repair.",
  link: (count: number) => `${number("en", count)} ${plural("en", count, "dead letter", "dead letters")}`,
  kept: (kb: string, mb: number) => `${kb} kB of ${mb} MB on the disk.`,
  lost: (count: number) => `${number("en", count)} did not fit and were only counted.`,
  count: "Letters", event: "Event", rule: "What was wrong", last: "Last",
  open: "Open", close: "Close",
  reduced: "Nothing rests on consent here, so only what the catalogue lists was kept.",
  item: "The event, as it came. Change it here:",
  unread: "This is no JSON object.",
  does: "What you changed, and what will be done to each letter sent with it",
  asIs: "Nothing is changed: they are sent as they came.",
  one: "Send this one again",
  tryAll: (count: number) => `Try it on all ${number("en", count)}`,
  sendAll: (count: number) => `Send all ${number("en", count)} again`,
  discard: (count: number) => `Throw all ${number("en", count)} away`,
  sure: "Sure? They cannot be brought back",
  would: (a: number, w: number, r: number) => `${number("en", a)} would be accepted, ${number("en", w)} withheld, ${number("en", r)} refused again.`,
  was: (a: number, w: number, r: number) => `${number("en", a)} accepted, ${number("en", w)} withheld, ${number("en", r)} refused again.`,
  discarded: (count: number) => `${number("en", count)} thrown away.`,
};

const fr: typeof en = typeset({
  title: "Lettres en souffrance",
  lead: (days: number) => `Des événements que leurs personnes avaient permis, et qui n'ont pu être pris pour leur seule forme. Ils sont gardés scellés ${days} jours ; réparez la cause, et renvoyez-les : chacun compte une fois, à son heure à lui.`,
  none: "Aucune. Ce qui était permis et n'a pu être pris attendrait ici sa réparation.",
  link: (count: number) => `${number("fr", count)} ${plural("fr", count, "lettre", "lettres")} en souffrance`,
  kept: (kb: string, mb: number) => `${kb} ko sur ${mb} Mo de disque.`,
  lost: (count: number) => `${number("fr", count)} n'ont pas tenu et ont seulement été comptées.`,
  count: "Lettres", event: "Événement", rule: "Ce qui n'allait pas", last: "Dernière",
  open: "Ouvrir", close: "Fermer",
  reduced: "Rien ne repose ici sur un consentement : seul ce que le catalogue connaît a été gardé.",
  item: "L'événement, tel qu'il est venu. Changez-le ici :",
  unread: "Ce n'est pas un objet JSON.",
  does: "Ce que vous avez changé, et qui sera fait à chaque lettre renvoyée avec elle",
  asIs: "Rien n'est changé : elles partent comme elles sont venues.",
  one: "Renvoyer celle-ci",
  tryAll: (count: number) => `Essayer sur les ${number("fr", count)}`,
  sendAll: (count: number) => `Renvoyer les ${number("fr", count)}`,
  discard: (count: number) => `Jeter les ${number("fr", count)}`,
  sure: "Sûr ? Elles ne reviendront pas",
  would: (a: number, w: number, r: number) => `${number("fr", a)} seraient acceptées, ${number("fr", w)} retenues, ${number("fr", r)} refusées encore.`,
  was: (a: number, w: number, r: number) => `${number("fr", a)} acceptées, ${number("fr", w)} retenues, ${number("fr", r)} refusées encore.`,
  discarded: (count: number) => `${number("fr", count)} jetées.`,
});

export const letters = () => (choices.lang === "fr" ? fr : en);
