// Why somebody is in a segment, or not.
import type { Flip, Test, WhySegment } from "../api/shapes.ts";
import { as, eventWords, purposeWords, say } from "../words/say.ts";
import { isMoney, lasting, seen, words } from "./phrase.ts";
import type { Line, Reason } from "./reason.ts";

function joined(test: Test): string {
  const why = say().why;
  if (test.is === "all") return test.truth ? why.all : why.allNot;
  if (test.is === "any") return test.truth ? why.any : why.anyNot;
  return why.not;
}

function line(test: Test, now: string): Line {
  const parts = (test.parts ?? []).map((part) => line(part, now));
  const joins = test.is === "all" || test.is === "any" || test.is === "not";
  const text = joins ? joined(test) : test.is === "in_segment" ? say().phrase.segment(test.subject ?? "") : words(test);
  const raw = joins ? undefined : `${test.subject ?? ""} ${test.needs ?? ""}`.trim();
  const value = seen(test, now);
  const out: Line = { truth: test.truth, words: text ?? raw ?? "", parts };
  if (value !== null) out.value = value;
  if (raw) out.raw = raw;
  if (test.events && test.first && test.last) {
    const once = test.events === 1 || test.first === test.last;
    out.evidence = test.is === "aged" && once ? as.full(test.last) : say().why.events(test.events, as.day(test.first), as.day(test.last));
    out.events = (test.evidence ?? []).map((one) => ({ event: one.event, at: one.happened })).reverse();
  }
  if (test.changes) out.turns = (test.truth ? say().why.turnsFalse : say().why.turnsTrue)(as.full(test.changes));
  return out;
}

function properties(given: Record<string, unknown> | undefined): string {
  const list = Object.entries(given ?? {}).map(([name, value]) =>
    typeof value === "number" && isMoney(name) ? as.money(value) : `${name} ${typeof value === "number" ? as.number(value) : String(value)}`,
  );
  return list.length ? ` (${list.join(", ")})` : "";
}

/** Equal additions are said once, with their number. */
function added(flip: Flip): string {
  const said = new Map<string, number>();
  for (const one of flip.add) {
    const name = one.type === "identify" && one.traits ? say().phrase.newTrait : null;
    const what = (k: number) => (name ?? eventWords(one.event, k)) + properties(one.properties ?? one.traits);
    const later = one.after ? `, ${say().phrase.later(lasting(one.after))}` : "";
    const key = JSON.stringify([what(1), what(2), later]);
    said.set(key, (said.get(key) ?? 0) + 1);
  }
  const list = [...said].map(([key, k]) => {
    const [one, several, later] = JSON.parse(key) as [string, string, string];
    return say().phrase.times(as.number(k), k === 1 ? one : several) + later;
  });
  if (flip.identifierKinds) list.push(say().phrase.anIdentifier);
  return list.join(say().phrase.and);
}

const day_ms = 86_400_000;

function changes(why: WhySegment): string[] {
  const out: string[] = [];
  const passes = why.in ? why.leavesAt : why.entersAt;
  if (passes) out.push((why.in ? say().why.leaves : say().why.enters)(as.full(passes)));
  if (why.flip) {
    const what = added(why.flip);
    const later = Date.parse(why.flip.at) - Date.parse(why.now) > day_ms;
    const whole = what && later ? say().why.thenWait(what, as.day(why.flip.at)) : what;
    if (whole) out.push((why.in ? say().why.wouldLeave : say().why.wouldEnter)(whole));
  }
  if (why.barred)
    out.push(say().why.barred(say().permission[why.barred.answer as "given"] ?? why.barred.answer, purposeWords(why.purpose), as.day(why.barred.since)));
  if (why.flip && !passes) out.push(say().why.timeWont);
  return out.length ? out : [say().why.nothingKnown];
}

function read(test: Test): number {
  return Math.max(test.events ?? 0, ...(test.parts ?? []).map(read), 0);
}

export function whySegment(why: WhySegment): Reason {
  return {
    lines: [line(why.why, why.now)],
    change: changes(why),
    rests: [say().why.purpose(purposeWords(why.purpose)), say().why.read(read(why.why)), ...(why.hidden ? [say().why.hidden(why.hidden)] : []), say().why.at(as.full(why.now))],
  };
}
