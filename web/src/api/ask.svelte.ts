// The one way to fetch. An answer or a problem in the server's own words; nothing is thrown. What passes by itself (a server
// that is away or starts, a session that ended) is waited out here, so a page never loses what somebody typed.

export interface Problem {
  status: number; // 0: no answer came
  code: string;
  message: string;
  line?: number;
  column?: number;
  width?: number;
  source?: string;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const retry_ms = [500, 1000, 2000, 4000];

/** What the frame says above every page. */
class Line {
  /** Since when the server is away; null: it answers. */
  away = $state<Date | null>(null);
  starting = $state(false);
  session = $state<"unknown" | "there" | "needed">("unknown");
  /** When it last answered. */
  answered = $state<Date | null>(null);
}
export const line = new Line();

/** Proves that a request which is no GET comes from our own page (docs/http_api.md, X-Hospes-Page). */
export const proof = { page: "", reason: "" };

const waiting = new Set<() => void>();
const tabs = new BroadcastChannel("hospes.session");
tabs.onmessage = () => resume();

/** Everything that waits asks again: another tab has a session, or the reader came back. */
export function resume(): void {
  for (const go of [...waiting]) go();
}
addEventListener("focus", resume);
addEventListener("online", resume);

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const over = () => {
      clearTimeout(timer);
      waiting.delete(over);
      done();
    };
    const timer = setTimeout(over, ms);
    waiting.add(over);
    signal?.addEventListener("abort", over, { once: true });
  });
}

function there(): void {
  line.away = null;
  line.starting = false;
  line.answered = new Date();
}

function session(): void {
  if (line.session !== "there") tabs.postMessage("there"); // other tabs wait for it
  line.session = "there";
}

async function prove(): Promise<void> {
  const answer = await once<{ page?: string | null }>("/v1/session", {});
  if (answer.ok) proof.page = answer.value.page ?? "";
}

/** What is asked long after the last touch is asked by the page alone: it keeps no session open. */
let touched = Date.now();
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (touched = Date.now()), true);

async function once<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  const headers: Record<string, string> = init.method && init.method !== "GET" ? { "X-Hospes-Page": proof.page } : {};
  if (proof.reason) headers["X-Hospes-Reason"] = encodeURIComponent(proof.reason);
  if (Date.now() - touched > 60_000) headers["X-Hospes-Idle"] = "1";
  const answer = await fetch(path, { ...init, headers, credentials: "same-origin" });
  const text = await answer.text();
  const body: unknown = answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : text;
  if (answer.ok) return { ok: true, value: body as T };
  const told = typeof body === "object" ? (body as (Partial<Problem> & { detail?: string }) | null) : null; // RFC 9457
  return {
    ok: false,
    problem: { code: "unknown", ...told, message: told?.detail ?? text.trim(), status: answer.status },
  };
}

export interface Asking {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

/** Asks until there is an answer that waiting does not change. An abort ends it with code "aborted". */
export async function ask<T>(path: string, how: Asking = {}): Promise<Answer<T>> {
  const init: RequestInit = { method: how.method ?? (how.body === undefined ? "GET" : "POST") };
  if (how.body !== undefined) init.body = JSON.stringify(how.body);
  if (how.signal) init.signal = how.signal;
  let proved = false;
  for (let tries = 0; ; ++tries) {
    if (how.signal?.aborted) return { ok: false, problem: { status: 0, code: "aborted", message: "" } };
    const wait = retry_ms[Math.min(tries, retry_ms.length - 1)]!;
    try {
      const answer = await once<T>(path, init);
      if (!answer.ok && answer.problem.status === 503 && tries < 1000) {
        line.starting = answer.problem.code === "unknown"; // the house's own 503 is plain text
        await pause(wait, how.signal);
        continue;
      }
      there();
      if (!answer.ok && answer.problem.code === "page_unproved" && !proved) {
        proved = true; // another session began since
        await prove();
        continue;
      }
      if (!answer.ok && answer.problem.status === 401) {
        line.session = "needed";
        await pause(30_000, how.signal);
        continue;
      }
      session();
      return answer;
    } catch {
      if (how.signal?.aborted) continue;
      line.away ??= line.answered ?? new Date();
      await pause(wait, how.signal);
    }
  }
}

/** One read of a page: keeps the old value while the next one comes, forgets what was asked before. */
export class Loaded<T> {
  value = $state<T | null>(null);
  problem = $state<Problem | null>(null);
  loading = $state(false);
  /** True when it takes longer than two seconds. */
  slow = $state(false);
  #running: AbortController | null = null;
  #path = "";

  async load(path: string, how: Omit<Asking, "signal"> = {}): Promise<void> {
    this.#running?.abort();
    const mine = new AbortController();
    this.#running = mine;
    if (path.split("?")[0] !== this.#path.split("?")[0]) {
      this.value = null;
      this.problem = null;
    }
    this.#path = path;
    this.loading = true;
    const timer = setTimeout(() => (this.slow = true), 2000);
    const answer = await ask<T>(path, { ...how, signal: mine.signal });
    clearTimeout(timer);
    if (mine.signal.aborted) return;
    this.#running = null;
    this.loading = false;
    this.slow = false;
    if (answer.ok) this.value = answer.value;
    this.problem = answer.ok ? null : answer.problem;
  }

  stop(): void {
    this.#running?.abort();
  }
}
