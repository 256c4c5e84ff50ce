// A list that grows on top while things happen: it stands still while somebody points at it, reads in it or pauses it, says how
// many are new meanwhile, and never holds more than its bound.

export class Moving<T> {
  rows = $state.raw<T[]>([]);
  /** How many wait while the list stands. */
  waiting = $state(0);
  paused = $state(false);
  /** Those that came last, for the mark of arrival. */
  newest = $state.raw<ReadonlySet<T>>(new Set());
  #held = false;
  #kept: T[] = [];

  constructor(private readonly max: number) {}

  /** What was there before; newest first. */
  begin(rows: T[]): void {
    this.rows = rows.slice(0, this.max);
    this.#kept = [];
    this.waiting = 0;
  }

  /** Oldest first, as they happened. `all`: how many came in fact, when some were left out. */
  add(rows: T[], all = rows.length): void {
    if (rows.length === 0) return;
    this.#kept = [...this.#kept, ...rows].slice(-this.max);
    this.waiting += all;
    if (!this.#held && !this.paused) this.#show();
  }

  hold(held: boolean): void {
    this.#held = held;
    if (!held && !this.paused) this.#show();
  }

  pause(paused: boolean): void {
    this.paused = paused;
    if (!paused) this.#show();
  }

  /** Shows what waits although somebody holds the list. */
  release(): void {
    this.#show();
  }

  #show(): void {
    if (this.#kept.length === 0) return;
    const fresh = this.#kept.reverse();
    this.#kept = [];
    this.waiting = 0;
    this.newest = new Set(fresh);
    this.rows = [...fresh, ...this.rows].slice(0, this.max);
  }
}
