// The one switch that hides whatever is simulated, everywhere: every path that lists people goes through here.
import { choices } from "./choices.svelte.ts";

export function real(path: string): string {
  if (choices.simulated) return path;
  return `${path}${path.includes("?") ? "&" : "?"}real_only=1`;
}

/** Of rows that came by themselves: those to be shown. */
export const shown = <T extends { simulated: boolean }>(rows: T[]) => (choices.simulated ? rows : rows.filter((row) => !row.simulated));
