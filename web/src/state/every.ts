// Reads that follow what happens: soon after something moved, seldom when nothing did, never while nobody looks.
import type { Batch } from "../api/live.svelte.ts";

interface Pace {
  soon_ms: number; // at most so often while things move
  late_ms: number; // when nothing moves
}

/** Calls `read` at that pace; returns what ends it. */
export function every(live: { listen: (listener: (batch: Batch) => void) => () => void }, pace: Pace, read: () => void): () => void {
  let last = Date.now();
  let moved = false;
  const deaf = live.listen((batch) => {
    moved ||= batch.passed > 0 || batch.arrived > 0 || batch.dropped > 0 || batch.reopened;
  });
  const look = () => {
    const waited = Date.now() - last;
    if (document.hidden || waited < (moved ? pace.soon_ms : pace.late_ms)) return;
    last = Date.now();
    moved = false;
    read();
  };
  const timer = setInterval(look, 500);
  document.addEventListener("visibilitychange", look);
  return () => {
    deaf();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
