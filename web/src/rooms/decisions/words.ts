// What this room alone says; it comes with the room, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  lead: (people: number) => `What may be shown where, and to whom. ${some("en", people, "person was", "people were")} shown something so far.`,
  none: "Nothing is declared yet. Placements, offers, experiments and flags are written in decisions.toml, in the house's folder.",
  placements: "Placements", placement: "Placement", asks: "Who may ask", pages: "pages and servers", servers: "servers alone", items: "At most", candidates: "Offers, by rank",
  offers: "Offers", offer: "Offer", whom: "For whom", everybody: "everybody", purpose: "Purpose", stock: "Left", price: "Price", seen: "Seen", byNobody: "Seen, by whom is unknown",
  variantOf: (variant: string, name: string) => `variant ${variant} of ${name}`, notNow: "not now", soldOut: "nothing left", left: (left: number, of: number) => `${number("en", left)} of ${number("en", of)}`,
  experiment: (name: string) => `Experiment “${name}”`, variant: "Variant", share: "Share", people: "People", held: "control group", crossed: (count: number) => `${some("en", count, "person", "people")} saw two variants: left out.`,
  ratios: {
    kept: "People came as the shares say.", broken: "People did not come as the shares say: something loses some of them. Read no result.",
    too_few: "Too few people yet to say whether they come as the shares say.",
  } as Record<string, string>,
  flags: "Flags", flag: "Flag", by: "By default", rules: "Rules", off: "switched off", holdout: (share: string) => `${share} of people are left alone on purpose.`,
};

const fr: typeof en = typeset({
  lead: (people: number) => `Ce qui peut être montré où, et à qui. ${some("fr", people, "personne a", "personnes ont")} vu quelque chose jusqu'ici.`,
  none: "Rien n'est encore déclaré. Emplacements, offres, expériences et drapeaux s'écrivent dans decisions.toml, dans le dossier de la maison.",
  placements: "Emplacements", placement: "Emplacement", asks: "Qui peut demander", pages: "pages et serveurs", servers: "serveurs seulement", items: "Au plus", candidates: "Offres, par rang",
  offers: "Offres", offer: "Offre", whom: "Pour qui", everybody: "tout le monde", purpose: "Finalité", stock: "Reste", price: "Prix", seen: "Vues", byNobody: "Vues, sans savoir par qui",
  variantOf: (variant: string, name: string) => `variante ${variant} de ${name}`, notNow: "pas maintenant", soldOut: "plus rien", left: (left: number, of: number) => `${number("fr", left)} sur ${number("fr", of)}`,
  experiment: (name: string) => `Expérience « ${name} »`, variant: "Variante", share: "Part", people: "Personnes", held: "groupe témoin", crossed: (count: number) => `${some("fr", count, "personne a vu", "personnes ont vu")} deux variantes : mises de côté.`,
  ratios: {
    kept: "Les personnes se répartissent comme prévu.", broken: "Les personnes ne se répartissent pas comme prévu : quelque chose en perd. Ne lisez aucun résultat.",
    too_few: "Trop peu de personnes encore pour dire si elles se répartissent comme prévu.",
  },
  flags: "Drapeaux", flag: "Drapeau", by: "Par défaut", rules: "Règles", off: "éteint", holdout: (share: string) => `${share} des personnes sont laissées tranquilles exprès.`,
});

export const told = () => (choices.lang === "fr" ? fr : en);
