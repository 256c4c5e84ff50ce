// What became of one event: which purposes it may serve, whose it is, what it changed.
import type { Fate } from "../api/shapes.ts";
import { choices } from "../state/choices.svelte.ts";
import { shownAs } from "../state/person.ts";
import { as, purposeWords, say } from "../words/say.ts";
import type { Line, Reason } from "./reason.ts";

const closedWords = (why: string) => say().why.event.closed[why] ?? why;

function permissions(fate: Fate): Line[] {
  const words = say().why.event;
  const open = (fate.purposes ?? []).map((purpose): Line => ({ truth: true, words: purposeWords(purpose), value: words.mayServe, parts: [] }));
  // One line a reason: a dozen purposes are closed for the same one.
  const byReason = new Map<string, string[]>();
  for (const { purpose, why } of fate.closed ?? []) byReason.set(why, [...(byReason.get(why) ?? []), purposeWords(purpose)]);
  const closed = [...byReason].map(([why, names]): Line => ({ truth: false, words: names.join(", "), evidence: closedWords(why), parts: [] }));
  const missing = fate.closed?.length ? [] : (fate.missing ?? []).map((purpose): Line => ({ truth: false, words: purposeWords(purpose), parts: [] }));
  return [...open, ...closed, ...missing];
}

function changed(fate: Fate): Line[] {
  const words = say().why.event;
  return (fate.transitions ?? []).map(
    (passage): Line => ({
      truth: null,
      words: (passage.to === "in" ? words.entered : words.left)(passage.name[choices.lang] || passage.segment),
      value: as.clock(passage.at),
      parts: [],
    }),
  );
}

export function whyEvent(fate: Fate): Reason {
  const words = say().why.event;
  const kept = fate.state === "accepted" || fate.state === "duplicate";
  const whose: Line[] = kept && fate.person
    ? [{ truth: null, words: words.whose, value: shownAs(fate.person, fate.called ?? null).text, parts: [] }]
    : [];
  const what = changed(fate);
  const after: Line[] = kept ? (what.length ? what : [{ truth: null, words: words.noChange, parts: [] }]) : [];
  const rests = [words[fate.state as "accepted"] ?? fate.state];
  if (fate.source) rests.push(fate.source);
  if (fate.times?.received) rests.push(as.full(fate.times.received));
  return {
    lines: [...permissions(fate), ...whose, ...after],
    change: fate.state === "withheld" ? [words.opens] : [],
    rests,
    ...(fate.change || fate.why ? { raw: fate.change ?? fate.why! } : {}),
  };
}
