// Seeded chance for tests: mulberry32. HOSPES_SEED repeats a run.
export function dice(seed = Number(process.env.HOSPES_SEED ?? Date.now() % 2 ** 31)) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const under = (n: number) => Math.floor(next() * n);
  return { seed, under, pick: <T>(list: readonly T[]): T => list[under(list.length)]! };
}
