// Reads one test of the segment language (docs/segments.md, "Grammar") far enough to say it in words. What it does not know stays
// text: `null`, and the caller shows the test as it is written.

export interface Select {
  event: string;
  property: string | null;
  where: string | null;
}
export interface Span {
  from: string | null; // "180d"; null: from the beginning
  to: string | null; // "90d"; null: until now
}
export interface Fold {
  is: string; // count, sum, …, first, last
  select: Select;
  window: Span | null;
}

/** Splits at the top level: outside texts and parentheses. */
export function split(text: string, at: string): string[] {
  const out = [""];
  let depth = 0;
  let inside = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i]!;
    if (inside && c === "\\") {
      out[out.length - 1] += c + (text[++i] ?? "");
      continue;
    }
    if (c === '"') inside = !inside;
    if (!inside && c === "(") ++depth;
    if (!inside && c === ")") --depth;
    if (!inside && depth === 0 && text.startsWith(at, i)) {
      out.push("");
      i += at.length - 1;
    } else {
      out[out.length - 1] += c;
    }
  }
  return out.map((one) => one.trim());
}

export const unquoted = (text: string) => text.replace(/^"|"$/g, "").replace(/\\(["\\])/g, "$1");

export function span(text: string): Span {
  const [from, to] = text.split("..");
  return { from: from === "ever" ? null : from!, to: to ?? null };
}

function select(text: string): Select | null {
  const found = /^("(?:\\.|[^"\\])*")(?:\.("(?:\\.|[^"\\])*"|[\w.$-]+))?(?:\s+where\s+(.*))?$/.exec(text);
  if (!found) return null;
  return { event: unquoted(found[1]!), property: found[2] ? unquoted(found[2]) : null, where: found[3] ?? null };
}

export function fold(text: string): Fold | null {
  const found = /^(count|sum|average|min|max|distinct|first|last)\((.*)\)$/.exec(text);
  if (!found) return null;
  const [what, window] = split(found[2]!, ",");
  const chosen = select(what!);
  return chosen && { is: found[1]!, select: chosen, window: window ? span(window) : null };
}

const units: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** "90d" in milliseconds; null when it is no duration. */
export function milliseconds(text: string): number | null {
  const found = /^(\d+)(us|ms|s|m|h|d|w)$/.exec(text);
  return found ? Number(found[1]) * units[found[2]!]! : null;
}

/** "did first "A" then ("B" where x = 1) within 30d in 90d". */
export interface Sequence {
  first: boolean;
  one: Select;
  then: Select | null;
  within: string | null;
  window: Span | null;
}
export function sequence(text: string): Sequence | null {
  if (!text.startsWith("did ")) return null;
  let rest = text.slice(4);
  const first = rest.startsWith("first ");
  if (first) rest = rest.slice(6);
  const [before, after] = split(rest, " then ");
  let tail = after ?? before!;
  let window: Span | null = null;
  const [untilIn, inside] = split(tail, " in ");
  if (inside) {
    window = span(inside);
    tail = untilIn!;
  }
  const [what, within] = split(tail, " within ");
  const open = (one: string) => select(one.replace(/^\((.*)\)$/, "$1"));
  const one = open(after ? before! : what!);
  if (!one) return null;
  return { first, one, then: after ? open(what!) : null, within: within ?? null, window };
}
