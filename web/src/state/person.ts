// How a person is shown and addressed.
import { say } from "../words/say.ts";

/** The page of a person. By id: no value that names somebody stands in an address. `why`: a segment whose tree is open. */
export const personAddress = (id: string, why?: string) =>
  `/people/${encodeURIComponent(`person:${id}`)}`.replace("%3A", ":") + (why ? `?why=${encodeURIComponent(why)}` : "");

/** "kind:value" parted. */
export function parted(person: string): { kind: string; value: string } {
  const colon = person.indexOf(":");
  return colon < 0 ? { kind: "", value: person } : { kind: person.slice(0, colon), value: person.slice(colon + 1) };
}

/** Names first; a browser or an unnamed person is a visitor with the end of the identifier. */
export function shownAs(person: string | null, called: string | null): { text: string; visitor: boolean } {
  if (called) return { text: called, visitor: false };
  const { kind, value } = parted(person ?? "");
  if (kind === "anonymous_id" || kind === "device_id" || kind === "") return { text: say().visitor(value.slice(-4)), visitor: true };
  return { text: value, visitor: false };
}
