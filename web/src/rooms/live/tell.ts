// One row in words.
import type { Arrival, Passage } from "../../api/shapes.ts";
import { choices } from "../../state/choices.svelte.ts";
import { ruleWords } from "../../words/rules.ts";
import { say } from "../../words/say.ts";
import { uses } from "../../words/uses.ts";
import type { Row } from "./rows.svelte.ts";

export const badgeOf = (arrival: Arrival) =>
  arrival.verdict === "accepted" ? "readable" : arrival.verdict === "duplicate" ? "duplicate" : arrival.verdict;

export function eventTitle(row: Row): string {
  if (row.passage) return (row.passage.to === "in" ? say().live.enters : say().live.leaves)(nameOf(row.passage));
  return say().live.types[row.arrival.event] ?? row.arrival.event;
}

/** Of the closed purposes those that a visitor's answer, or the source, would have opened for this event: uses of its content,
    what an answer opens before what a source may. The others (writing, sharing, joining, contract) are not what it lacked. */
export function lacked(arrival: Arrival): string[] {
  const byAnswer = new Set(["no_answer", "against", "yes_too_late", "yes_ended", "signal", "unread"]);
  const open = arrival.closed.filter(({ why }) => why !== "not_catalogued");
  const answered = open.filter(({ why }) => byAnswer.has(why));
  const found = (answered.length ? answered : open).map(({ purpose }) => purpose);
  return uses(found.length ? found : arrival.missing);
}

/** The setting that decides about it: the source, and which purposes were missing. */
export function changeAddress(arrival: Arrival): string {
  const query = new URLSearchParams({ name: arrival.source });
  const whys = [...new Set(arrival.closed.map((one) => one.why))];
  if (whys.length) query.set("why", whys.join());
  return `/sources?${query}`;
}

const nameOf = (passage: Passage) => passage.name[choices.lang] || passage.segment;

/** What became of it, in one clause. */
export function became(row: Row, changes: readonly Passage[]): string {
  const words = say().live;
  if (row.passage) return say().passage.cause[row.passage.cause];
  const arrival = row.arrival;
  if (arrival.verdict === "refused") return ruleWords(arrival.rule ?? "");
  if (arrival.verdict === "withheld") return words.counted;
  if (arrival.verdict === "duplicate") return words.again;
  if (arrival.type === "consent") return changes.length ? words.changes(...counted(changes)) : words.answer;
  if (changes.length === 0) return words.noChange;
  if (changes.length === 1) return changes[0]!.to === "in" ? words.entered(nameOf(changes[0]!)) : words.left(nameOf(changes[0]!));
  return words.changes(...counted(changes));
}

function counted(changes: readonly Passage[]): [number, number] {
  const entered = changes.filter((one) => one.to === "in").length;
  return [entered, changes.length - entered];
}
