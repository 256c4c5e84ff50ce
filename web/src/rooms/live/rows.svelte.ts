// What the Live page shows: arrivals with the passages that they caused, and the passages that time caused. Bounded; newest first.
import { Loaded } from "../../api/ask.svelte.ts";
import { batch_max, type Batch } from "../../api/live.svelte.ts";
import type { Arrival, Passage, Passages } from "../../api/shapes.ts";
import { Moving } from "../../state/moving.svelte.ts";
import { real, shown } from "../../state/real.ts";

export type Show = "all" | "readable" | "withheld" | "refused" | "passages";
export const shows: readonly Show[] = ["all", "readable", "withheld", "refused", "passages"];

export interface Arrivals {
  arrivals: Arrival[];
  since: string | null;
  last: string | null;
  looked_at?: number;
}

export type Row = { key: string; at: string; simulated: boolean; arrival: Arrival; passage: null } | { key: string; at: string; simulated: boolean; arrival: null; passage: Passage };

export const rows_max = 60;
/** Messages whose passages are remembered: those of the rows, and of arrivals that the stream has yet to tell. */
const caused_max = 1000;

const verdicts: Record<Show, Arrival["verdict"][]> = {
  all: ["accepted", "duplicate", "withheld", "refused"],
  readable: ["accepted", "duplicate"],
  withheld: ["withheld"],
  refused: ["refused"],
  passages: [],
};

const ofArrival = (arrival: Arrival): Row => ({ key: arrival.id, at: arrival.at, simulated: arrival.simulated, arrival, passage: null });
const ofPassage = (passage: Passage): Row => ({ key: passage.id, at: passage.at, simulated: passage.simulated, arrival: null, passage });
/** "epoch-number" */
const order = (row: Row) => Number(row.key.slice(row.key.indexOf("-") + 1));

export class Rows {
  readonly list = new Moving<Row>(rows_max);
  readonly arrivals = new Loaded<Arrivals>();
  readonly passages = new Loaded<Passages>();
  /** The passages that each message caused, as far as the stream told them. */
  caused = $state.raw<ReadonlyMap<string, readonly Passage[]>>(new Map());
  #show: Show = "all";

  /** Reads what is remembered; the stream goes on from there. */
  async begin(show: Show): Promise<void> {
    this.#show = show;
    const kinds = verdicts[show].filter((one) => one !== "duplicate");
    await Promise.all([
      kinds.length ? this.arrivals.load(real(`/v1/arrivals?limit=${rows_max}&verdict=${kinds.join()}`)) : Promise.resolve(),
      show === "all" || show === "passages" || show === "readable" ? this.passages.load(real("/v1/passages?limit=500")) : Promise.resolve(),
    ]);
    if (this.#show !== show) return; // another was picked meanwhile
    const passed = this.passages.value?.passages ?? [];
    this.#remember(passed.toReversed());
    const rows = [...(kinds.length ? (this.arrivals.value?.arrivals ?? []) : []).map(ofArrival), ...this.#own(passed).map(ofPassage)];
    this.list.begin(rows.sort((a, b) => order(b) - order(a)));
  }

  add(batch: Batch): void {
    const passed = shown(batch.passages);
    this.#remember(passed);
    const kinds = verdicts[this.#show];
    const came = shown(batch.arrivals).filter((one) => kinds.includes(one.verdict));
    const known = new Set(this.list.rows.map((row) => row.key));
    const rows = [...came.map(ofArrival), ...this.#own(passed).map(ofPassage)].filter((row) => !known.has(row.key));
    const left = Math.max(0, batch.arrived - batch_max) + Math.max(0, batch.passed - batch_max) + batch.dropped;
    this.list.add(rows.sort((a, b) => order(a) - order(b)), rows.length + (this.#show === "all" ? left : 0));
  }

  stop(): void {
    this.arrivals.stop();
    this.passages.stop();
  }

  /** Those that get a row of their own: an event's stand in the event's row, unless passages are all that is asked for. */
  #own(passages: readonly Passage[]): Passage[] {
    if (this.#show === "passages") return [...passages];
    return this.#show === "all" ? passages.filter((one) => !one.message_id) : [];
  }

  /** Oldest first. */
  #remember(passages: readonly Passage[]): void {
    const next = new Map(this.caused);
    for (const one of passages) {
      if (!one.message_id) continue;
      const there = next.get(one.message_id) ?? [];
      if (!there.some((other) => other.id === one.id)) next.set(one.message_id, [...there, one]);
    }
    for (const message of next.keys()) {
      if (next.size <= caused_max) break;
      next.delete(message);
    }
    this.caused = next;
  }
}
