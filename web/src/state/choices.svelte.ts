// A reader's choices: language, theme, whether invented people are shown. They stay in this browser, and its other tabs follow.
import type { Lang } from "../words/format.ts";

export type Theme = "system" | "light" | "dark";

const langs = ["fr", "en"] as const;
const themes = ["system", "light", "dark"] as const;

function read<T extends string>(key: string, known: readonly T[], otherwise: T): T {
  try {
    const found = localStorage.getItem(`hospes.${key}`);
    return known.includes(found as T) ? (found as T) : otherwise;
  } catch {
    return otherwise; // storage is forbidden: the choice lasts as long as the page
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`hospes.${key}`, value);
  } catch {
    // as above
  }
}

/** The browser's first language that we speak. */
function spoken(): Lang {
  for (const one of navigator.languages) {
    const short = one.slice(0, 2).toLowerCase();
    if (short === "fr" || short === "en") return short;
  }
  return "en";
}

class Choices {
  #lang = $state<Lang>(read("lang", langs, spoken()));
  #theme = $state<Theme>(read("theme", themes, "system"));
  #simulated = $state(read("simulated", ["yes", "no"], "yes") === "yes");

  constructor() {
    this.#apply();
    addEventListener("storage", () => {
      this.#lang = read("lang", langs, spoken());
      this.#theme = read("theme", themes, "system");
      this.#simulated = read("simulated", ["yes", "no"], "yes") === "yes";
      this.#apply();
    });
  }

  get lang() {
    return this.#lang;
  }
  set lang(next: Lang) {
    this.#lang = next;
    keep("lang", next);
    this.#apply();
  }
  get theme() {
    return this.#theme;
  }
  set theme(next: Theme) {
    this.#theme = next;
    keep("theme", next);
    this.#apply();
  }
  get simulated() {
    return this.#simulated;
  }
  set simulated(next: boolean) {
    this.#simulated = next;
    keep("simulated", next ? "yes" : "no");
  }

  #apply(): void {
    document.documentElement.lang = this.#lang;
    if (this.#theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.#theme;
  }
}

export const choices = new Choices();
