// The way in. Not by `ask`: that waits for a session when one is missing, and here a 401 is the answer.
import type { Answer } from "../../api/ask.svelte.ts";

export async function enter<T>(path: string, body: object): Promise<Answer<T>> {
  try {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(body), credentials: "same-origin" });
    const said = (await answer.json()) as T & { code?: string; detail?: string };
    if (answer.ok) return { ok: true, value: said };
    return { ok: false, problem: { status: answer.status, code: said.code ?? "unknown", message: said.detail ?? "" } };
  } catch {
    return { ok: false, problem: { status: 0, code: "away", message: "The server does not answer." } };
  }
}
