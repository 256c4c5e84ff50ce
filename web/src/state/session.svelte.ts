// Who is here, and what the house says of itself. Both are read once, and again when a session begins.
import { ask, line, proof, type Problem } from "../api/ask.svelte.ts";
import type { House, SessionAnswer } from "../api/shapes.ts";
import { house as formats } from "../words/format.ts";

class Session {
  house = $state<House | null>(null);
  me = $state<SessionAnswer | null>(null);
  /** Why the console cannot begin. */
  problem = $state<Problem | null>(null);
  /** True after signing out here: the welcome page says so. */
  left = $state(false);
  /** Why somebody looks at a person, where their role must say it; the person reads it. */
  because = $state("");

  may(right: string): boolean {
    return this.me?.rights.includes(right) ?? false;
  }
  asksWhy(): boolean {
    return this.me?.role === "support" && !this.because;
  }
  says(why: string): void {
    this.because = proof.reason = why;
  }

  async begin(): Promise<void> {
    const me = await ask<SessionAnswer>("/v1/session");
    if (me.ok) {
      this.me = me.value;
      proof.page = me.value.page ?? "";
    }
    const house = await ask<House>("/v1/house");
    this.problem = house.ok ? null : house.problem;
    if (!house.ok) return;
    // A page shows no time and no amount before it knows the house's zone and currency.
    if (house.value.time_zone) formats.zone = house.value.time_zone;
    formats.currency = house.value.currency;
    this.house = house.value;
  }

  async end(): Promise<void> {
    const gone = await ask<string>("/v1/session", { method: "DELETE" });
    if (!gone.ok) return;
    this.left = true;
    this.me = null;
    line.session = "needed";
  }
}

export const session = new Session();
