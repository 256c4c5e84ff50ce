// What was wrong with an event that was refused, by the code its sender was told: with the rooms that say it, so that the first
// page does not wait for it.
import { choices } from "../state/choices.svelte.ts";
import { typeset } from "./format.ts";

const en: Record<string, string> = {
  bad_time: "Time: send RFC 3339, such as 2026-11-24T09:00:00Z",
  wrong_type: "A field has the wrong type: ids, names and times are texts; properties are an object",
  not_an_object: "Each item of a batch must be one object",
  unknown_type: "type: send track, identify, page, screen, group, alias or consent",
  no_event_name: "event: a track call needs a name",
  too_deep: "Nested too deep: flatten it to 32 levels",
  too_many_properties: "More than 300 properties: send those that are used",
  name_too_long: "A name is longer than 256 bytes: put what varies into values",
  string_too_long: "A text is longer than 8 kB: shorten it",
  identifier_too_long: "An identifier is longer than 512 bytes: send a shorter one",
  message_id_too_long: "messageId is longer than 256 bytes: a UUID is enough",
  event_too_large: "The event is larger than 128 kB: split it",
  nul_character: "A text holds the character U+0000: leave it out",
  no_identifier: "Nobody is named: send userId, anonymousId or an e-mail",
  time_too_early: "The time is too far back: correct it, or send old events with a server key",
  too_many_names: "The house knows too many names: put what varies into values",
  server_key_needed: "An answer is taken with a server key only",
  unknown_purpose: "purpose: not in the house's table",
  unknown_state: "state: send given, refused, withdrawn or objected",
};

const fr: Record<string, string> = typeset({
  bad_time: "Heure : envoyez du RFC 3339, comme 2026-11-24T09:00:00Z",
  wrong_type: "Un champ est d'un autre type : identifiants, noms et heures sont des textes ; les propriétés, un objet",
  not_an_object: "Chaque élément d'un lot doit être un objet",
  unknown_type: "type : envoyez track, identify, page, screen, group, alias ou consent",
  no_event_name: "event : un appel track demande un nom",
  too_deep: "Trop imbriqué : aplatissez à 32 niveaux",
  too_many_properties: "Plus de 300 propriétés : envoyez celles qui servent",
  name_too_long: "Un nom dépasse 256 octets : mettez ce qui varie dans les valeurs",
  string_too_long: "Un texte dépasse 8 ko : raccourcissez-le",
  identifier_too_long: "Un identifiant dépasse 512 octets : envoyez-en un plus court",
  message_id_too_long: "messageId dépasse 256 octets : un UUID suffit",
  event_too_large: "L'événement dépasse 128 ko : coupez-le",
  nul_character: "Un texte contient le caractère U+0000 : retirez-le",
  no_identifier: "Personne n'est nommé : envoyez userId, anonymousId ou un e-mail",
  time_too_early: "L'heure est trop ancienne : corrigez-la, ou envoyez le passé avec une clé de serveur",
  too_many_names: "La maison connaît trop de noms : mettez ce qui varie dans les valeurs",
  server_key_needed: "Une réponse n'est prise qu'avec une clé de serveur",
  unknown_purpose: "purpose : absent de la table de la maison",
  unknown_state: "state : envoyez given, refused, withdrawn ou objected",
});

/** In the language in force; a code without words is its own. */
export const ruleWords = (code: string) => (choices.lang === "fr" ? fr : en)[code] ?? code;
