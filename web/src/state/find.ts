// Finding a person by whatever somebody has at hand.
import { ask } from "../api/ask.svelte.ts";
import type { Found } from "../api/shapes.ts";

export const kinds = ["email", "phone", "card", "user_id", "order", "anonymous_id"] as const;
export type Kind = (typeof kinds)[number];

/** The kinds that a text may be of, the likeliest first. */
export function plausible(text: string): Kind[] {
  const digits = text.replace(/[\s.()-]/g, "");
  if (text.includes("@")) return ["email", "user_id"];
  if (/^\+\d{6,}$/.test(digits)) return ["phone", "user_id"];
  if (/^\d+$/.test(digits)) return ["user_id", "order", "card", ...(digits.length > 8 ? (["phone"] as const) : [])];
  return ["user_id", "order", "card", "anonymous_id"];
}

export interface Hit {
  person: string;
  id: string;
  kind: Kind;
}

/** Everybody that bears the text as one of `among`. A value that a kind cannot take is nobody's. */
export async function find(text: string, among: readonly Kind[], signal?: AbortSignal): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const kind of among) {
    const how = { body: { [kind]: text }, ...(signal ? { signal } : {}) };
    const answer = await ask<Found>("/v1/find", how);
    if (!answer.ok) continue;
    for (const { person, id } of answer.value.people) if (!hits.some((hit) => hit.id === id)) hits.push({ person, id, kind });
  }
  return hits;
}
