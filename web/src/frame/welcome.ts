// What the way in says; it comes with it, for who is in needs none of it.
import { choices } from "../state/choices.svelte.ts";
import { typeset } from "../words/format.ts";

const en = {
  title: "Welcome",
  lead: "The owner comes in by a link. The server prints one when it starts; it is good once, for 15 minutes.",
  oldTitle: "This link opens nothing any more",
  old: "It was used already, is older than 15 minutes, is not the newest one, or was cut when it was copied. Ask for another; it takes a moment.",
  stepsTitle: "To get a link",
  steps: [
    "On the machine where hospes runs, in its folder, type the line below.",
    "Open the address it prints in this browser.",
  ],
  signedTitle: "You are signed in already",
  signed: "This link was used before, and your session still holds.",
  enter: "Go to the console",
  out: "You are signed out. The session is void on the server too.",
  dontHave: "No access to that machine? Ask whoever runs it to send you the link within its 15 minutes.",
};

const fr: typeof en = typeset({
  title: "Bienvenue",
  lead: "Le propriétaire entre par un lien. Le serveur en affiche un à son démarrage ; il sert une fois, pendant 15 minutes.",
  oldTitle: "Ce lien n'ouvre plus rien",
  old: "Il a déjà servi, il a plus de 15 minutes, il n'est pas le plus récent, ou il a été coupé en le copiant. Demandez-en un autre, c'est l'affaire d'un instant.",
  stepsTitle: "Pour obtenir un lien",
  steps: [
    "Sur la machine où tourne hospes, dans son dossier, tapez la ligne ci-dessous.",
    "Ouvrez dans ce navigateur l'adresse qu'elle affiche.",
  ],
  signedTitle: "Vous êtes déjà connecté",
  signed: "Ce lien a déjà servi, et votre session tient toujours.",
  enter: "Entrer dans la console",
  out: "Vous êtes déconnecté. La session est annulée sur le serveur aussi.",
  dontHave: "Pas d'accès à cette machine ? Demandez à qui l'exploite de vous envoyer le lien dans ses 15 minutes.",
});

export const told = () => (choices.lang === "fr" ? fr : en);
