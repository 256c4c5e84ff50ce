// One shape for every "why": segment, permission, event. Each maker below it turns an answer of the server into a Reason; Why.svelte
// is the only thing that shows one.

/** A condition, or what joins conditions. */
export interface Line {
  truth: boolean | null; // null: neither, a fact
  words: string;
  value?: string; // with its unit
  needs?: string;
  evidence?: string;
  events?: { event: string; at: string }[];
  turns?: string; // when time alone turns it
  raw?: string; // as the segment language writes it
  parts: Line[];
}

export interface Reason {
  lines: Line[];
  /** What would change it: events, dates, distances. */
  change: string[];
  /** Purpose, basis, n, moment: what the answer rests on. */
  rests: string[];
  raw?: string;
}
