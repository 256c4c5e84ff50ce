// What the frame shows of the newest answer about segments; whoever reads it says so here.
class Counts {
  segments = $state<number | null>(null);
  /** Milliseconds that the slowest partition needed. */
  lag = $state<number | null>(null);
}

export const counts = new Counts();
