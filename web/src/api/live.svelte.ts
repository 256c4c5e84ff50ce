// What happens, as it happens: one tab of the browser reads the stream and shares it with the others; when it closes, another
// takes over. Pages hear of batches, at most four a second, each bounded, whatever the house goes through.
import type { Arrival, Passage } from "./shapes.ts";
import { read, type Told } from "./stream.ts";

export const batch_ms = 250;
/** Of each kind in one batch; what is beyond is counted, so that a flood costs a page no more than a busy hour. */
export const batch_max = 200;

export interface Batch {
  arrivals: Arrival[]; // oldest first, the newest batch_max
  passages: Passage[];
  arrived: number; // all of them
  passed: number;
  dropped: number; // that the server could not send
  reopened: boolean; // the stream was away: what pages show may be old
  last: string; // id of the newest event; who takes the stream over goes on behind it
}

type Shared = { batch: Batch } | { open: boolean } | { hello: true };
type Listener = (batch: Batch) => void;

/** A batch that is still filled: only what will be shown is parsed, so the text is kept until then. */
interface Filling extends Pick<Batch, "arrived" | "passed" | "dropped" | "reopened" | "last"> {
  arrivals: string[];
  passages: string[];
}
const empty = (): Filling => ({ arrivals: [], passages: [], arrived: 0, passed: 0, dropped: 0, reopened: false, last: "" });
const parsed = <T>(list: string[]) => list.slice(-batch_max).map((one) => JSON.parse(one) as T);

class Live {
  /** Whether the stream is open in whichever tab reads it. */
  open = $state(false);
  #listeners = new Set<Listener>();
  #tabs = new BroadcastChannel("hospes.live");
  #next = empty();
  #timer = 0;
  #leads = false;
  #opened = false;
  #last = "";

  start(): void {
    this.#tabs.onmessage = (message: MessageEvent<Shared>) => this.#hear(message.data);
    if (!navigator.locks) {
      void this.#lead(); // not a secure context: each tab reads for itself
      return;
    }
    this.#tabs.postMessage({ hello: true } satisfies Shared);
    void navigator.locks.request("hospes.live", () => this.#lead());
  }

  /** Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #lead(): Promise<void> {
    this.#leads = true;
    const reading = {
      told: (one: Told) => this.#take(one),
      state: (open: boolean) => this.#say(open),
      signal: new AbortController().signal,
    };
    await read("/v1/live", reading, this.#last);
  }

  #say(open: boolean): void {
    if (open && this.#opened) {
      this.#next.reopened = true;
      this.#plan();
    }
    this.#opened ||= open;
    this.open = open;
    if (navigator.locks) this.#tabs.postMessage({ open } satisfies Shared);
  }

  #hear(shared: Shared): void {
    if ("batch" in shared) this.#tell(shared.batch);
    else if ("open" in shared) this.open = shared.open;
    else if (this.#leads) this.#tabs.postMessage({ open: this.open } satisfies Shared);
  }

  #take(one: Told): void {
    const next = this.#next;
    if (one.id) next.last = one.id;
    if (one.event === "arrival") {
      ++next.arrived;
      keep(next.arrivals, one.data);
    } else if (one.event === "transition") {
      ++next.passed;
      keep(next.passages, one.data);
    } else if (one.event === "gap") {
      next.dropped += (JSON.parse(one.data) as { dropped: number }).dropped;
    }
    this.#plan();
  }

  #plan(): void {
    if (!this.#timer) this.#timer = window.setTimeout(() => this.#flush(), batch_ms);
  }

  #flush(): void {
    this.#timer = 0;
    const batch: Batch = {
      ...this.#next,
      arrivals: parsed<Arrival>(this.#next.arrivals),
      passages: parsed<Passage>(this.#next.passages),
    };
    this.#next = empty();
    if (navigator.locks) this.#tabs.postMessage({ batch } satisfies Shared);
    this.#tell(batch);
  }

  #tell(batch: Batch): void {
    this.#last = batch.last || this.#last;
    for (const listener of this.#listeners) listener(batch);
  }
}

/** Twice the bound before the older half goes. */
function keep(list: string[], data: string): void {
  list.push(data);
  if (list.length >= 2 * batch_max) list.splice(0, list.length - batch_max);
}

export const live = new Live();
