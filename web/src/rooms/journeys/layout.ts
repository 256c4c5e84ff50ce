// Where the steps of a journey stand on the canvas: a step is one row below whatever leads to it, its ways go down, and what skips
// rows or leads back runs beside them. Only a jump leads back, so the rest has no circle (docs/journeys.md).
import type { JourneyStep, StepDoes } from "../../api/shapes.ts";
import { choices } from "../../state/choices.svelte.ts";
import { number } from "../../words/format.ts";
import { told } from "./words.ts";

export const box = { width: 208, height: 78, between: 24, below: 46, lane: 16 } as const;

export interface Way {
  from: string;
  to: string; // a step's id; empty: the end
  label: string; // why this way; empty: the only one
}
export interface Stand {
  step: JourneyStep;
  row: number;
  x: number;
  y: number;
}
export interface Drawn {
  stands: Stand[];
  ways: { way: Way; path: string; label: { x: number; y: number; text: string } | null }[];
  width: number;
  height: number;
}

function shares(arms: NonNullable<StepDoes["split"]>): { to: string; label: string }[] {
  const whole = arms.reduce((sum, arm) => sum + arm.weight, 0);
  return arms.map((arm) => ({ to: arm.to, label: `${number(choices.lang, (100 * arm.weight) / whole)}\u00a0%` }));
}

/** Every way out of the step that stands before `next`. */
function waysOut(does: StepDoes, next: string): { to: string; label: string }[] {
  const t = told();
  if (does.goal || does.exit) return [];
  if (does.split) return shares(does.split);
  if (does.branch) {
    const arms = does.branch.map((arm) => ({ to: arm.to, label: arm.in ? t.isIn(arm.in) : t.isOut(arm.not_in ?? "") }));
    return [...arms, { to: does.else ?? next, label: t.otherwise }];
  }
  if (does.jump) return [{ to: does.jump, label: "" }, ...(does.at_most ? [{ to: next, label: t.often }] : [])];
  const arms = (does.offers ?? []).map((arm) => ({ to: arm.to, label: arm.offer }));
  const other = does.else ? [{ to: does.else, label: does.wait_for ? t.tooLate : t.otherwise }] : [];
  return [...arms, { to: next, label: "" }, ...other];
}

export function waysOf(steps: readonly JourneyStep[]): Way[] {
  return steps.flatMap((step, i) => {
    const out = new Map<string, string[]>();
    for (const { to, label } of waysOut(step.does, steps[i + 1]?.id ?? "")) out.set(to, [...(out.get(to) ?? []), ...(label ? [label] : [])]);
    return [...out].map(([to, labels]) => ({ from: step.id, to, label: labels.join(", ") }));
  });
}

/** The longest way from the first step; what leads back counts nothing. */
function rowsOf(steps: readonly JourneyStep[], ways: readonly Way[]): Map<string, number> {
  const place = new Map(steps.map((step, i) => [step.id, i]));
  const rows = new Map(steps.map((step) => [step.id, 0]));
  for (const step of steps) {
    for (const way of ways) {
      if (way.from !== step.id || (place.get(way.to) ?? -1) <= (place.get(step.id) ?? 0)) continue;
      rows.set(way.to, Math.max(rows.get(way.to) ?? 0, (rows.get(step.id) ?? 0) + 1));
    }
  }
  return rows;
}

/** Beside everything, each in a lane of its own. */
function around(from: Stand, to: Stand, lane: number): string {
  const [x, y] = [from.x + box.width, from.y + box.height / 2 + 12];
  const [u, v] = [to.x + box.width, to.y + box.height / 2 - 12];
  const turn = Math.sign(v - y) * 8;
  return `M${x} ${y}H${lane - 8}Q${lane} ${y} ${lane} ${y + turn}V${v - turn}Q${lane} ${v} ${lane - 8} ${v}H${u + 6}`;
}
function down(from: Stand, to: Stand): string {
  const [x, y, u, v] = [from.x + box.width / 2, from.y + box.height, to.x + box.width / 2, to.y - 6];
  const middle = (y + v) / 2;
  return `M${x} ${y}C${x} ${middle} ${u} ${middle} ${u} ${v}`;
}

export function drawn(steps: readonly JourneyStep[]): Drawn {
  const ways = waysOf(steps).filter((way) => way.to !== "");
  const rows = rowsOf(steps, ways);
  const wide = Math.max(...[...rows.values()].map((row) => [...rows.values()].filter((other) => other === row).length), 1);
  const inner = wide * box.width + (wide - 1) * box.between;
  const taken = new Map<number, number>();
  const stands = steps.map((step) => {
    const row = rows.get(step.id) ?? 0;
    const many = [...rows.values()].filter((other) => other === row).length;
    const column = taken.get(row) ?? 0;
    taken.set(row, column + 1);
    const left = (inner - (many * box.width + (many - 1) * box.between)) / 2;
    return { step, row, x: 2 + left + column * (box.width + box.between), y: 2 + row * (box.height + box.below) };
  });
  const at = new Map(stands.map((stand) => [stand.step.id, stand]));
  let lanes = 0;
  const lines = ways.flatMap((way) => {
    const [from, to] = [at.get(way.from), at.get(way.to)];
    if (!from || !to) return [];
    const straight = to.row === from.row + 1;
    const path = straight ? down(from, to) : around(from, to, inner + box.lane * (++lanes + 0.5));
    const label = straight
      ? { x: (from.x + 3 * to.x) / 4 + box.width / 2, y: to.y - 12, text: way.label }
      : { x: from.x + box.width + 4, y: from.y + box.height / 2 + 6, text: way.label };
    return [{ way, path, label: way.label && straight ? label : null }];
  });
  return { stands, ways: lines, width: inner + 4 + box.lane * (lanes + 1), height: Math.max(...stands.map((stand) => stand.y)) + box.height + 4 };
}

/** At most `most` lines of some `wide` letters; what is left over becomes …. */
export function lines(text: string, wide: number, most: number): string[] {
  const out: string[] = [""];
  for (const word of text.split(" ")) {
    const last = out.length - 1;
    if ((out[last] ?? "") === "") out[last] = word;
    else if ((out[last] ?? "").length + word.length < wide) out[last] += ` ${word}`;
    else out.push(word);
  }
  const kept = out.slice(0, most).map((line) => (line.length > wide + 2 ? `${line.slice(0, wide)}…` : line));
  if (out.length > most) kept[most - 1] = `${(kept[most - 1] ?? "").slice(0, wide - 1).replace(/[\s,;:]+$/, "")}…`;
  return kept;
}
