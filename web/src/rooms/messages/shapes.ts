// GET /v1/messages, POST /v1/messages/{name}/preview: docs/http_api.md.
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
/** Of GET /v1/actions: a destination that sends mail. */
export interface Sender {
  name: string;
  complaints: { sent: number; complaints: number; stopped: boolean; since: string | null; reopened: string | null; reopened_by: string | null } | null;
}
