// Whether the page is dark now: the reader's choice, else the system's.
import { choices } from "./choices.svelte.ts";

class Dark {
  #system = $state(false);

  constructor() {
    const query = matchMedia("(prefers-color-scheme: dark)");
    this.#system = query.matches;
    query.addEventListener("change", () => (this.#system = query.matches));
  }
  get now(): boolean {
    return choices.theme === "system" ? this.#system : choices.theme === "dark";
  }
}

export const dark = new Dark();
