// What this room alone says; it comes with the room, so that the first page does not wait for it.
import type { EventTest, StepDoes } from "../../api/shapes.ts";
import { choices } from "../../state/choices.svelte.ts";
import { number, plural, typeset } from "../../words/format.ts";
import { eventWords } from "../../words/say.ts";

const some = (lang: "en" | "fr", value: number, one: string, other: string) => `${number(lang, value)} ${plural(lang, value, one, other)}`;

const en = {
  lead: (count: number) => `${some("en", count, "journey", "journeys")} in force. Who waits where, and why; what leaves is asked for at the last moment.`,
  none: "No journey is in force. They are written in journeys.jny, in the house's folder; hospes journey check says whether it reads.",
  name: "Journey", purpose: "Purpose", here: "Here now", entered: "Entered", ended: "Ended", steps: "Steps", step: "Step", does: "What it does",
  left: "How people went on", nobody: "nobody", waiting: "Who waits", waitingNone: "Nobody waits here now.", who: "Person", since: "Since", until: "Until", why: "Held by",
  holdout: (share: string) => `${share} of people are a control group: they are counted, and nothing happens.`,
  version: (version: number) => `version ${number("en", version)}`,
  closed: (version: number, live: number) => `Version ${number("en", version)}: nobody enters any more, ${some("en", live, "person finishes", "people finish")} there`,
  paused: "Paused", pausedLong: "Paused: nobody enters, nobody takes another step, nothing of it leaves.", pause: "Pause it", resume: "Let it go on", cancel: "No, leave it",
  pauseSure: (live: number) => `${some("en", live, "person waits", "people wait")} until it goes on, and nobody enters. What lets them go, and a no, act at once all the same.`, pauseYes: "Yes, pause it",
  gone: "There is no such journey", goneWhat: "It may have been taken out of journeys.jny.", back: "All journeys", text: "As it is written", keptOut: "Asked to enter and may not: ",
  kept: { again: "had been here already", debounced: "so soon after another entry that it counts as that one", stale: "too late", paused: "while it was paused" } as Record<string, string>, asleep: "sleeps: an elder one of the same person goes on", people: (count: number) => some("en", count, "person", "people"),
  ends: {
    exit: "came to an end", goal: "reached the goal", released: "let go by what ends it", holdout: "control group", restarted: "began anew", joined: "became one person",
    stopped: "the journey was taken out", permission: "a no",
  } as Record<string, string>,
  hows: { passed: "went on", late: "nothing came in time", done: "sent", refused: "not sent", failed: "failed", uncertain: "nobody knows", ended: "ended" } as Record<string, string>,
  days: { monday: "Monday", tuesday: "Tuesday", wednesday: "Wednesday", thursday: "Thursday", friday: "Friday", saturday: "Saturday", sunday: "Sunday" } as Record<string, string>,
  wait: (span: string) => `waits ${span}`,
  clock: (hour: string, days: string) => `waits until ${hour}${days ? ` on ${days}` : ""}, on their own clock`,
  entry: (time: string) => `waits until ${time} after they entered`,
  trait: (name: string) => `waits until the date “${name}”`,
  before: (span: string, name: string) => `waits until ${span} before the date “${name}”`,
  after: (span: string, name: string) => `waits until ${span} after the date “${name}”`,
  event: (name: string, span: string) => `waits for: ${name}, ${span} at most`,
  enters: (segment: string, span: string) => `waits until they are in ${segment}, ${span} at most`,
  leaves: (segment: string, span: string) => `waits until they are no longer in ${segment}, ${span} at most`,
  inside: (segment: string, to: string) => `in ${segment}: on to ${to}`,
  outside: (segment: string, to: string) => `not in ${segment}: on to ${to}`,
  share: (part: string, to: string) => `${part} on to ${to}`,
  send: (name: string) => `sends “${name}”, if that is permitted then`,
  jump: (to: string, most: number) => (most ? `back to ${to}, ${some("en", most, "time", "times")} at most` : `on to ${to}`),
  goal: "the goal", exit: "ends", other: (to: string) => `; else on to ${to}`,
  webhook: (name: string) => `calls the webhook “${name}”, if that is permitted then`,
  decide: (placement: string, ways: string) => `asks what they would be shown in ${placement}${ways}`,
  offered: (offer: string, to: string) => `; “${offer}”: on to ${to}`,
  update: (trait: string, value: string) => `notes of them: ${trait} = ${value}`,
  moment: "this moment", where: (tests: string) => ` (${tests})`, and: " and ",
  tests: { in: "is one of", exists: "is there", contains: "contains", starts: "starts with" } as Record<string, string>,
  canvas: "The steps as a drawing", canvasHint: "Each step leads to its row in the list above. The arrow keys follow the ways.",
  hereNow: (count: number) => `${some("en", count, "person", "people")} here now`, wentOn: (count: number) => `${some("en", count, "person", "people")} went on`,
  leadsTo: (steps: string) => `Leads to ${steps}`, isIn: (segment: string) => `in ${segment}`, isOut: (segment: string) => `not in ${segment}`,
  otherwise: "else", often: "then", tooLate: "too late",
};

const fr: typeof en = typeset({
  lead: (count: number) => `${some("fr", count, "parcours", "parcours")} en vigueur. Qui attend où, et pourquoi ; ce qui part est demandé au dernier moment.`,
  none: "Aucun parcours n'est en vigueur. Ils s'écrivent dans journeys.jny, dans le dossier de la maison ; hospes journey check dit s'il se lit.",
  name: "Parcours", purpose: "Finalité", here: "Ici maintenant", entered: "Entrés", ended: "Sortis", steps: "Étapes", step: "Étape", does: "Ce qu'elle fait",
  left: "Comment on en est sorti", nobody: "personne", waiting: "Qui attend", waitingNone: "Personne n'attend ici maintenant.", who: "Personne", since: "Depuis", until: "Jusqu'à", why: "Retenu par",
  holdout: (share: string) => `${share} des personnes forment un groupe témoin : elles sont comptées, et rien ne se passe.`,
  version: (version: number) => `version ${number("fr", version)}`,
  closed: (version: number, live: number) => `Version ${number("fr", version)} : plus personne n'y entre, ${some("fr", live, "personne y finit", "personnes y finissent")}`,
  paused: "En pause", pausedLong: "En pause\u00a0: personne n'y entre, personne ne fait un pas de plus, rien n'en part.", pause: "Le mettre en pause", resume: "Le reprendre", cancel: "Non, le laisser",
  pauseSure: (live: number) => `${some("fr", live, "personne attendra", "personnes attendront")} sa reprise, et personne n'y entrera. Ce qui en fait sortir, et un refus, agissent aussitôt quand même.`, pauseYes: "Oui, le mettre en pause",
  gone: "Ce parcours n'existe pas", goneWhat: "Il a peut-être été retiré de journeys.jny.", back: "Tous les parcours", text: "Tel qu'il est écrit", keptOut: "Voulaient entrer et ne le peuvent pas\u00a0: ",
  kept: { again: "y étaient déjà venus", debounced: "si tôt après une autre entrée que c'est la même", stale: "trop tard", paused: "pendant une pause" }, asleep: "dort : un plus ancien de la même personne continue", people: (count: number) => some("fr", count, "personne", "personnes"),
  ends: {
    exit: "arrivés au bout", goal: "but atteint", released: "libérés par ce qui l'arrête", holdout: "groupe témoin", restarted: "recommencés", joined: "devenus une seule personne",
    stopped: "parcours retiré", permission: "un refus",
  },
  hows: { passed: "ont continué", late: "rien n'est venu à temps", done: "envoyé", refused: "pas envoyé", failed: "échec", uncertain: "nul ne sait", ended: "sortis" },
  days: { monday: "lundi", tuesday: "mardi", wednesday: "mercredi", thursday: "jeudi", friday: "vendredi", saturday: "samedi", sunday: "dimanche" },
  wait: (span: string) => `attend ${span}`,
  clock: (hour: string, days: string) => `attend ${hour}${days ? `, ${days}` : ""}, à l'heure de la personne`,
  entry: (time: string) => `attend ${time} après l'entrée`,
  trait: (name: string) => `attend la date « ${name} »`,
  before: (span: string, name: string) => `attend ${span} avant la date « ${name} »`,
  after: (span: string, name: string) => `attend ${span} après la date « ${name} »`,
  event: (name: string, span: string) => `attend : ${name}, ${span} au plus`,
  enters: (segment: string, span: string) => `attend d'être dans ${segment}, ${span} au plus`,
  leaves: (segment: string, span: string) => `attend de ne plus être dans ${segment}, ${span} au plus`,
  inside: (segment: string, to: string) => `dans ${segment} : vers ${to}`,
  outside: (segment: string, to: string) => `hors de ${segment} : vers ${to}`,
  share: (part: string, to: string) => `${part} vers ${to}`,
  send: (name: string) => `envoie « ${name} », si c'est alors permis`,
  jump: (to: string, most: number) => (most ? `retour à ${to}, ${number("fr", most)} fois au plus` : `vers ${to}`),
  goal: "le but", exit: "fin", other: (to: string) => ` ; sinon vers ${to}`,
  webhook: (name: string) => `appelle le webhook « ${name} », si c'est alors permis`,
  decide: (placement: string, ways: string) => `demande ce qui serait montré dans ${placement}${ways}`,
  offered: (offer: string, to: string) => ` ; « ${offer} » : vers ${to}`,
  update: (trait: string, value: string) => `note de la personne : ${trait} = ${value}`,
  moment: "cet instant", where: (tests: string) => ` (${tests})`, and: " et ",
  tests: { in: "parmi", exists: "présent", contains: "contient", starts: "commence par" },
  canvas: "Les étapes en dessin", canvasHint: "Chaque étape mène à sa ligne dans la liste au-dessus. Les flèches du clavier suivent les chemins.",
  hereNow: (count: number) => `${some("fr", count, "personne", "personnes")} ici maintenant`, wentOn: (count: number) => `${some("fr", count, "personne a continué", "personnes ont continué")}`,
  leadsTo: (steps: string) => `Mène à ${steps}`, isIn: (segment: string) => `dans ${segment}`, isOut: (segment: string) => `hors de ${segment}`,
  otherwise: "sinon", often: "ensuite", tooLate: "trop tard",
});

export const told = () => (choices.lang === "fr" ? fr : en);

/** `14d`: 14 j / 14 d. */
function span(text = ""): string {
  const unit = text.replace(/^\d+/, "");
  const words: Record<string, string> = choices.lang === "fr" ? { d: "j", w: "sem.", h: "h", m: "min", s: "s" } : { d: "d", w: "wk", h: "h", m: "min", s: "s" };
  return `${number(choices.lang, parseInt(text, 10))}\u00a0${words[unit] ?? unit}`;
}

const quoted = (value: unknown) => (typeof value === "string" ? `“${value}”` : String(value));
/** ` (total > 50 and category is one of “jazz”)`. */
function where(tests: EventTest[] = []): string {
  const t = told();
  const said = tests.map((one) => [one.property, t.tests[one.test] ?? one.test, ...(one.values ?? (one.value === undefined ? [] : [one.value])).map(quoted)].join(" "));
  return said.length ? t.where(said.join(t.and)) : "";
}

function heard(wait: NonNullable<StepDoes["wait_for"]>, within: string): string {
  if (wait.event) return told().event(eventWords(wait.event) + where(wait.where), within);
  return (wait.left ? told().leaves : told().enters)(wait.segment ?? "", within);
}

/** A step as a sentence. */
export function stepWords(step: StepDoes): string {
  const t = told();
  const other = step.else ? t.other(step.else) : "";
  if (step.wait) return t.wait(span(step.wait));
  if (step.wait_until) return t.clock(step.wait_until, (step.on ?? []).map((day) => t.days[day] ?? day).join(", "));
  if (step.wait_after_entry) return t.entry(span(step.wait_after_entry));
  if (step.wait_until_trait) {
    if (step.before) return t.before(span(step.before), step.wait_until_trait) + other;
    return (step.after ? t.after(span(step.after), step.wait_until_trait) : t.trait(step.wait_until_trait)) + other;
  }
  if (step.wait_for) return heard(step.wait_for, span(step.within)) + other;
  if (step.branch) return step.branch.map((arm) => (arm.in ? t.inside(arm.in, arm.to) : t.outside(arm.not_in ?? "", arm.to))).join("; ") + other;
  if (step.split) {
    const whole = step.split.reduce((sum, arm) => sum + arm.weight, 0);
    return step.split.map((arm) => t.share(`${number(choices.lang, (100 * arm.weight) / whole)}\u00a0%`, arm.to)).join(", ");
  }
  if (step.send) return t.send(step.send) + other;
  if (step.webhook) return t.webhook(step.webhook) + other;
  if (step.decide) return t.decide(step.decide, (step.offers ?? []).map((arm) => t.offered(arm.offer, arm.to)).join("")) + other;
  if (step.update) return t.update(step.update, step.now ? t.moment : quoted(step.value));
  if (step.jump) return t.jump(step.jump, step.at_most ?? 0);
  return step.goal ? t.goal : t.exit;
}
