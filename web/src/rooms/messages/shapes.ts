// GET /v1/messages, POST /v1/messages/{name}/preview, GET /v1/effects/{who}?action=: docs/http_api.md.
import type { Reason } from "../../api/shapes.ts";

export interface Finding { code: string; said: string; line: number; refused: boolean }
export interface MessageRow {
  name: string;
  language: "fr" | "en";
  kind: "marketing" | "service";
  actions: string[];
  reads: string[];
  findings: Finding[];
}
export interface Preview {
  name: string;
  language: "fr" | "en";
  kind: "marketing" | "service";
  to: string;
  would: { action: string; reason: string; en: string; fr: string }[];
  aborted?: string;
  subject?: string;
  html?: string;
  text?: string;
  findings?: Finding[];
}
export interface Effect {
  effect: string;
  action: string;
  state: "planned" | "ready" | "claimed" | "done" | "failed" | "uncertain" | "refused";
  reason: Reason | null;
  since: string | null;
  source: string | null;
  journey: string | null;
  decided: string;
  due: string | null;
  finished: string | null;
}
export interface Effects {
  person: string;
  effects: Effect[];
  now?: { permitted: boolean; reason: Reason | null; since: string | null; until: string | null; source: string | null } | null;
  level: { level: "unset" | "all" | "usual" | "less" | "none"; since: string | null; source: string | null };
}
/** Of GET /v1/actions: a destination that sends mail. */
export interface Sender {
  name: string;
  complaints: { sent: number; complaints: number; stopped: boolean; since: string | null; reopened: string | null; reopened_by: string | null } | null;
}
