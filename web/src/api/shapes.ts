// The answers of the console listener as types. What each field means stands in docs/http_api.md.
import type { Lang } from "../words/format.ts";

export type Text2 = Record<Lang, string>;

export interface House {
  name: string;
  time_zone: string;
  currency: string;
  languages: string[];
  week_start: string;
  collect: string;
  purposes: { name: string; basis: string; serves: Text2; catalogued_only: boolean }[];
  sources: {
    name: string;
    enabled: boolean;
    simulated: boolean;
    keys: { use: string; label: string; enabled: boolean }[];
    origins: string[];
    categories: Record<string, string[]>;
    without_answer: string[];
    consent_tool: unknown;
    events_per_s_max: number;
    catalogue: "learn" | "warn" | "strict";
  }[];
  kinds: string[];
  started: string;
}

interface Verdicts {
  accepted: number;
  withheld: number;
  refused: number;
}

/** How a source is, since the start. */
export interface SourceHealth {
  name: string;
  mode: "learn" | "warn" | "strict";
  events_per_min: number;
  lag: { median_ms: number; max_ms: number } | null;
  last: { at: string; event: string; verdict: keyof Verdicts } | null;
  since_start: Verdicts;
  last_hour: Verdicts;
  errors: { status: number; times: number; last: string; reason: string; origin?: string }[];
  /** The latest day first. */
  cookieless: { day: string; people: number; views: number; at_most: boolean }[];
  drifts: number;
}
export interface Sources {
  as_of: string;
  sources: SourceHealth[];
  nobodys: SourceHealth["errors"];
}
/** `drift`: what it says otherwise than before, or than the catalogue. */
export interface SourceKey {
  fingerprint: string; use: "public" | "server"; label: string; scopes: string[]; taken: boolean; until: string | null; last_used: string | null;
}
/** `key`: shown this once. */
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface DeadLetterHead { id: string; received: string; happened: string; source: string; rule: string; event: string; key: string; reduced: boolean }
export interface DeadLetterGroup { source: string; rule: string; event: string; letters: number; bytes: number; first: string; last: string; newest: string }
export interface DeadLetters {
  letters: (DeadLetterHead & { times: number; bytes: number })[];
  more: boolean;
  groups: DeadLetterGroup[];
  kept: { letters: number; bytes: number; bytes_max: number; days: number; full: number; failed: number; damaged: number; resent: number; discarded: number; withheld: number };
}
export interface DeadLetter extends DeadLetterHead { detail: string; message_id: string; purposes: string[]; context: Json; item: { [name: string]: Json } }
export interface LettersSent { accepted: number; withheld: number; refused: number; not_taken: { id: string; became: string; rule: string; detail: string }[]; dry_run: boolean; next: string | null }
export interface KeyMade {
  source: OneSource;
  key: { key: string; use: "public" | "server"; label: string; fingerprint: string };
}
export interface OneSource extends SourceHealth {
  keys: SourceKey[];
  origins: string[];
  without_answer: string[];
  enabled: boolean;
  events_per_s_max: number;
  refused_by: { code: string; times: number }[];
  drift: {
    kind: "type" | "event" | "property"; event: string; property: string | null; was: string | null; is: string | null;
    first_at: string; first_message_id: string; last_at: string; times: number; of: number; per_min: number;
  }[];
}

export interface SessionAnswer {
  role: string;
  by: "session" | "token";
  since: string | null;
  until: string | null;
  page: string | null;
  account: string;
  called: string | null;
  rights: string[];
}

export interface Home {
  people: { known: number; new_today: number; simulated: number; as_of: string };
  reachable: { email: number | null; of: number; as_of: string };
  events: { today: number; withheld: number; refused: number; duplicates: number; per_hour: number[]; day: string; day_began: string };
  passages: { last_hour: number; in: number; out: number; per_5min: number[] };
  not_kept: { verdict: "withheld" | "refused"; source: string; missing: string[]; rule: string | null; events: number }[];
  counted_since: string;
  gaps: { from: string; until: string }[];
  lag_ms: number;
  as_of: string;
  real_only: boolean;
}

export interface SegmentRow {
  id: string;
  name: Text2;
  purpose: string;
  sentence: Text2;
  definition: string;
  owner: string | null;
  folder: string | null;
  used_in: string[]; // segments
  named_by: string[]; // "journey a", "action b", …
  state: "in_force" | "switching" | "waiting";
  last_error: { at: string; what: string } | null;
  members: number;
  simulated: number;
  passages: { last_hour: number; in: number; out: number };
  empty?: { reason: "never_came" | "no_permission" | "nobody_yet"; events?: string[]; text: string };
}

export interface Segments {
  as_of: string;
  lag_ms: number;
  real_only: boolean;
  segments: SegmentRow[];
  drafts: { id: string; name: Text2; purpose: string; definition: string; owner: string | null; folder: string | null }[];
}

export interface Member {
  person: string;
  id: string;
  called: string | null;
  since: string;
  simulated: boolean;
}

export interface SegmentOne extends SegmentRow {
  as_of: string;
  lag_ms: number;
  real_only: boolean;
}

export interface Sample {
  segment: string;
  as_of: string;
  members: number;
  draw: number;
  people: (Omit<Member, "since"> & { since: string | null; why: WhySegment })[];
}

/** A definition tried out: nothing is kept. */
export interface Preview {
  segment: string;
  definition: string;
  forms: { json: unknown; sentence: Text2 };
  people: number;
  members: number;
  not_counted: { people: number; against: number };
  overlap: { id: string; name: Text2; both: number }[];
  examples: PreviewOne[];
  change: { enter: number; leave: number; entering: PreviewOne[]; leaving: PreviewOne[] } | null;
  notes: string[];
  took_ms: number;
}
export interface PreviewOne {
  person: string;
  id: string;
  simulated: boolean;
  why: WhySegment;
}

export interface Overlap {
  segment: string;
  members: number;
  as_of: string;
  others: { id: string; name: Text2; members: number; both: number }[];
}

export interface History {
  segment: string;
  step_s: number;
  points: { at: string; members: number; in: number; out: number }[];
  people: number;
  one_in: number;
  from: string | null;
  computed_at: string;
  took_ms: number;
  real_only: boolean;
}

export interface Passages {
  passages: Passage[];
  since: string | null;
  last: string | null;
}

export interface Members {
  segment: string;
  members: Member[];
  next: string | null;
}

export interface Test {
  is: "all" | "any" | "not" | "in_segment" | "has_identifier" | "trait" | "date" | "folded" | "aged" | "sequence";
  truth: boolean;
  subject?: string;
  value?: string | number | boolean | null;
  needs?: string;
  events?: number;
  evidence?: { message: string; event: string; happened: string }[];
  first?: string;
  last?: string;
  changes?: string;
  parts?: Test[];
}

export interface Flip {
  add: { type: string; event: string; after?: string; properties?: Record<string, unknown>; traits?: Record<string, unknown> }[];
  identifierKinds?: number;
  at: string;
}

export interface WhySegment {
  segment: string;
  purpose: string;
  in: boolean;
  since?: string;
  now: string;
  why: Test;
  leavesAt?: string;
  entersAt?: string;
  flip: Flip | null;
  hidden?: number; // events that the purpose may not see
  barred?: { answer: string; since: string }; // an answer against: nothing added could be seen
}

export interface Answered {
  state: string;
  since: string;
  recorded: string;
  until?: string | null;
  through: string;
  source: string;
  basis?: string;
  notice?: unknown;
}

export interface Permission {
  purpose: string;
  basis: string;
  state: string;
  answers: Answered[];
}

export interface Identifier {
  kind: string;
  value: string;
  first_seen: string;
  joined: { with: string; grade: string; since: string; same_person: boolean }[];
}

export interface Moment {
  at: string;
  received: string;
  type?: string;
  event?: string;
  source: string;
  simulated: boolean;
  purposes?: string[];
  properties?: Record<string, unknown>;
  message_id?: string | null;
  closed?: boolean;
}

export interface Profile {
  person: string; // the hex id
  name: string; // kind:value of the strongest identifier
  called: string | null;
  simulated: boolean;
  identifiers: Identifier[];
  traits: Record<string, { value: unknown; at: string; source: string; simulated: boolean }>;
  permissions: Permission[];
  segments: { id: string; name: Text2; since: string; why: string }[];
  timeline: Moment[];
  timeline_size: number;
  next: string | null;
  as_of: string;
}

export interface Found {
  people: { person: string; id: string; profile: string }[];
}

export type Verdict = "accepted" | "withheld" | "refused" | "duplicate";

export interface Arrival {
  id: string;
  at: string;
  source: string;
  message_id: string | null;
  type: string;
  event: string;
  who: string | null;
  person_id: string | null;
  called: string | null;
  verdict: Verdict;
  missing: string[];
  closed: { purpose: string; why: string }[];
  rule: string | null;
  change: string;
  bytes: number | null;
  letter: string | null;
  simulated: boolean;
}

export interface Passage {
  id: string;
  at: string;
  segment: string;
  name: Text2;
  person: string;
  person_id: string | null;
  called: string | null;
  to: "in" | "out";
  cause: "event" | "time" | "definition" | "join" | "split" | "erasure" | "restriction" | "permission";
  event?: string | null; // that caused it
  message_id: string | null;
  simulated: boolean;
}

/** What became of one event at one source. */
export interface Fate {
  source?: string;
  state: "accepted" | "duplicate" | "withheld" | "unknown";
  repeats?: number;
  event?: string;
  type?: string;
  person?: string | null;
  person_id?: string | null;
  called?: string | null;
  purposes?: string[];
  closed?: { purpose: string; why: string }[];
  times?: { happened: string | null; received: string | null; original: string | null; sent: string | null };
  transitions?: Passage[];
  properties?: Record<string, unknown>;
  raw?: unknown;
  missing?: string[];
  change?: string;
  why?: string;
}

export interface Fates {
  message_id: string;
  found: Fate[];
}

/** What one step does, as the JSON form of journeys has it (docs/journeys.md). */
export interface EventTest {
  property: string;
  test: string;
  value?: string | number | boolean;
  values?: (string | number | boolean)[];
}
export interface StepDoes {
  id: string;
  wait?: string;
  wait_until?: string;
  wait_after_entry?: string;
  on?: string[];
  wait_until_trait?: string;
  before?: string;
  after?: string;
  wait_for?: { segment?: string; left?: boolean; event?: string; where?: EventTest[] };
  within?: string;
  branch?: { in?: string; not_in?: string; to: string }[];
  split?: { weight: number; to: string }[];
  send?: string;
  webhook?: string;
  decide?: string;
  offers?: { offer: string; to: string }[];
  update?: string;
  value?: string | number | boolean;
  now?: boolean;
  jump?: string;
  at_most?: number;
  goal?: boolean;
  exit?: boolean;
  else?: string;
}
export interface Reason {
  code: string;
  en: string;
  fr: string;
}
export interface JourneyStep {
  id: string;
  says: string;
  does: StepDoes;
  here: number;
  left: { how: string; reason: Reason | null; people: number }[];
}
interface JourneyHead {
  id: string;
  version: number;
  name: Text2;
  sentence: Text2;
  purpose: string;
  holdout_per_10000: number;
  paused: boolean;
  live: number;
  entered: number;
  ended: Record<string, number>;
  kept_out: Record<string, number>;
}
export interface JourneyRow extends JourneyHead {
  steps: JourneyStep[];
}
export interface JourneyOne extends JourneyHead {
  versions: { version: number; closed: boolean; live: number; steps: JourneyStep[]; text: string }[];
}
export interface Stand {
  version: number;
  step: string | null;
  becomes: "move" | "end" | "stay";
  to: string | null;
  anew: boolean;
  people: number;
  examples: { person: string; person_id: string; called: string | null; simulated: boolean }[];
}
export interface Coming {
  journey: string;
  change: "new" | "edited" | "paused" | "resumed" | "none";
  version: number;
  move: number;
  end: number;
  stay: number;
  waiting: "stay" | "move";
  asked_again: boolean;
  stands: Stand[];
}
export interface Waiter {
  person: string;
  person_id: string;
  called: string | null;
  simulated: boolean;
  step: string | null;
  since: string;
  waits: { says: string; until: string | null; effect: string | null; reason: Reason | null; asleep: boolean } | null;
}

export interface DeclaredOffer {
  name: string;
  purpose: string | null;
  segment: string | null;
  experiment: string | null;
  variant: string | null;
  price: string | null;
  stock: number | null;
  taken: number;
  current: boolean;
  seen: number;
  seen_by_nobody: number;
}
/** GET /v1/decisions. Shares are of 1. */
export interface Decisions {
  placements: { name: string; public: boolean; items: number; experiment: string | null; offers: string[] }[];
  offers: DeclaredOffer[];
  experiments: {
    name: string;
    version: number;
    purpose: string;
    variants: { name: string; share: number; people: number }[];
    held: { share: number; people: number };
    crossed: number;
    ratio: { people: number; p: number | null; verdict: "too_few" | "kept" | "broken" };
  }[];
  flags: { name: string; public: boolean; enabled: boolean; default: string; rules: number }[];
  holdout: number;
  people: number;
}

export type Shape = "whole" | "plain" | "percent" | "money" | "days";
export interface Figure {
  name: string;
  means: Text2;
  value: number;
  shape: Shape;
  digits: number;
  interval80?: [number, number];
  interval95?: [number, number];
}
export interface InsightTable {
  name: string;
  title: Text2;
  fields: { name: string; title: Text2; shape: Shape; digits: number }[];
  rows: Record<string, number | string | Text2 | null>[];
}
/** A report on the house's own orders. Pictures are asked for apart: `…/plot?n=`. */
export interface Insight {
  as_of: string;
  took_ms: number;
  report: {
    insight: string;
    sentence: Text2;
    too_few: boolean;
    estimates: Figure[];
    tables: InsightTable[];
    plots: { title: Text2; footing: Text2 }[];
    notes: Text2[];
    card: { data: Text2; cohort: Text2; period: Text2; n: number; purpose: string; computed: string; parameters: Figure[]; fit: Figure[]; limits: Text2[] };
  };
}
export interface InsightList {
  purpose: string;
  insights: { name: string; means: Text2 }[];
}
/** Of GET /v1/effects/{who}. */
export interface Effect {
  effect: string;
  action: string;
  destination: string;
  state: "planned" | "ready" | "claimed" | "done" | "failed" | "uncertain" | "refused";
  reason: Reason | null;
  since: string | null;
  source: string | null;
  journey: string | null;
  decided: string;
  due: string | null;
  finished: string | null;
}
export interface Effects {
  person: string;
  effects: Effect[];
  now?: { permitted: boolean; reason: Reason | null; since: string | null; until: string | null; source: string | null } | null;
  level: { level: "unset" | "all" | "usual" | "less" | "none"; since: string | null; source: string | null };
}
