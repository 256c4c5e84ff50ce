// What this room and the way in say; it comes with them, so that the first page does not wait for it.
import { choices } from "../../state/choices.svelte.ts";
import { typeset } from "../../words/format.ts";

const en = {
  signIn: "Sign in", name: "Name of your account", password: "Password", go: "Sign in", or: "Or, as the owner, by link",
  join: (called: string) => `Welcome, ${called}`, joinLead: (role: string) => `You have an account here: ${role}. Choose your password; nobody else knows it.`,
  choose: "A new password", chooseMeans: "At least 12 letters. A few words in a row are easy to keep in mind.", again: "Once more", differ: "The two are not the same.", keep: "Keep it and go in",
  lead: "Who works for the house, and what each may do. A role counts from the next click on.",
  accounts: "Accounts", none: "No accounts yet: the owner comes in by link.", account: "Account", called: "Called", role: "Role", state: "State", acts: "What can be done",
  on: "can sign in", off: "switched off", invited: (at: string) => `invited until ${at}`, late: "the invitation is over", locked: (at: string) => `locked until ${at}`,
  newLink: "New link", switchOff: "Switch off", switchOn: "Switch on", unlock: "Unlock", of: (what: string, name: string) => `${what}: ${name}`,
  add: "Add somebody", addName: "Name to sign in with", addNameMeans: "a–z, 0–9, dot, dash. It is never given to anybody else.", addCalled: "As people call them", make: "Make the account",
  given: (name: string) => `Give this link to ${name} and nobody else. It is good once, for a day.`, copy: "Copy", copied: "Copied",
  roles: { owner: "Owner", privacy: "Privacy officer", marketer: "Marketer", analyst: "Analyst", support: "Customer support", developer: "Developer" } as Record<string, string>,
  means: {
    owner: "Everything, and who may do what.", privacy: "People, their requests, who did what, the second yes.", marketer: "Segments, campaigns, messages; examples without names.",
    analyst: "Counts, reports, questions to the lake.", support: "One person at a time, with a reason that they read; their requests.", developer: "Counts, and the sources with their keys.",
  } as Record<string, string>,
  waiting: "What takes a second person", nothing: "Nothing waits.", yes: "Yes, once", no: "No", asked: (by: string, at: string) => `asked by ${by}, ${at}`, people: (n: string) => `${n} people`,
  became: { waiting: "waits", given: "approved, not used yet", refused: "refused", used: "done", over: "its day is over" } as Record<string, string>,
  audit: "Who did what", auditLead: "The newest lines of the log; hospes audit proves each.", when: "When", who: "Who", what: "What", whom: "Of what",
  own: "Your password", old: "The one you have", change: "Change it", changed: "It is changed. Your other sessions are over.",
  because: "Why do you look?", becauseLead: "Your role opens one person at a time. Say why: the person reads it on their own pages, with your role and not your name.", reason: "Reason", look: "Go on",
};

const fr: typeof en = typeset({
  signIn: "Entrer", name: "Nom de votre compte", password: "Mot de passe", go: "Entrer", or: "Ou, comme propriétaire, par un lien",
  join: (called: string) => `Bienvenue, ${called}`, joinLead: (role: string) => `Vous avez un compte ici : ${role}. Choisissez votre mot de passe ; nul autre ne le connaît.`,
  choose: "Un nouveau mot de passe", chooseMeans: "Au moins 12 lettres. Quelques mots de suite se retiennent bien.", again: "Encore une fois", differ: "Les deux ne sont pas les mêmes.", keep: "Le garder et entrer",
  lead: "Qui travaille pour la maison, et ce que chacun peut. Un rôle vaut dès le prochain clic.",
  accounts: "Comptes", none: "Aucun compte : le propriétaire entre par un lien.", account: "Compte", called: "Nom", role: "Rôle", state: "État", acts: "Ce qui peut être fait",
  on: "peut entrer", off: "désactivé", invited: (at: string) => `invité jusqu'à ${at}`, late: "l'invitation a expiré", locked: (at: string) => `bloqué jusqu'à ${at}`,
  newLink: "Nouveau lien", switchOff: "Désactiver", switchOn: "Réactiver", unlock: "Débloquer", of: (what: string, name: string) => `${what} : ${name}`,
  add: "Ajouter quelqu'un", addName: "Nom pour entrer", addNameMeans: "a–z, 0–9, point, tiret. Il n'est jamais donné à un autre.", addCalled: "Comme on l'appelle", make: "Créer le compte",
  given: (name: string) => `Donnez ce lien à ${name} et à nul autre. Il vaut une fois, un jour.`, copy: "Copier", copied: "Copié",
  roles: { owner: "Propriétaire", privacy: "Protection des données", marketer: "Marketing", analyst: "Analyste", support: "Service client", developer: "Développement" },
  means: {
    owner: "Tout, et qui peut quoi.", privacy: "Les personnes, leurs demandes, qui a fait quoi, le deuxième oui.", marketer: "Segments, campagnes, messages ; des exemples sans noms.",
    analyst: "Nombres, rapports, questions au lac.", support: "Une personne à la fois, avec une raison qu'elle lit ; ses demandes.", developer: "Nombres, et les sources avec leurs clés.",
  },
  waiting: "Ce qui demande une deuxième personne", nothing: "Rien n'attend.", yes: "Oui, une fois", no: "Non", asked: (by: string, at: string) => `demandé par ${by}, ${at}`, people: (n: string) => `${n} personnes`,
  became: { waiting: "attend", given: "accordé, pas encore fait", refused: "refusé", used: "fait", over: "son jour est passé" },
  audit: "Qui a fait quoi", auditLead: "Les dernières lignes du journal ; hospes audit prouve chacune.", when: "Quand", who: "Qui", what: "Quoi", whom: "De quoi",
  own: "Votre mot de passe", old: "Celui que vous avez", change: "Le changer", changed: "Il est changé. Vos autres sessions ont pris fin.",
  because: "Pourquoi regardez-vous ?", becauseLead: "Votre rôle ouvre une personne à la fois. Dites pourquoi : elle le lit sur ses propres pages, avec votre rôle et sans votre nom.", reason: "Raison", look: "Continuer",
});

export const told = () => (choices.lang === "fr" ? fr : en);
