// How many arrive a minute now: those of the last sixty seconds, or of as long as somebody looks, scaled up.
const second_ms = 1000;
const window_s = 60;

export class Rate {
  perMinute = $state<number | null>(null);
  #began = Date.now();
  #seconds = new Map<number, number>();

  add(arrived: number): void {
    const now = Math.floor(Date.now() / second_ms);
    this.#seconds.set(now, (this.#seconds.get(now) ?? 0) + arrived);
  }

  /** Counts every two seconds; returns what ends it. */
  run(): () => void {
    const timer = setInterval(() => this.#count(), 2 * second_ms);
    return () => clearInterval(timer);
  }

  #count(): void {
    const now = Date.now();
    const first = Math.floor(now / second_ms) - window_s;
    let sum = 0;
    for (const [second, arrived] of this.#seconds) {
      if (second <= first) this.#seconds.delete(second);
      else sum += arrived;
    }
    const looked_s = Math.min(window_s, (now - this.#began) / second_ms);
    // Less than ten seconds tell nothing about a minute.
    this.perMinute = looked_s < 10 ? null : Math.round((sum * 60) / looked_s);
  }
}
