// What the server says of accounts, approvals and acts (docs/openapi.json).
export interface StaffAccount {
  name: string;
  called: string;
  role: string;
  on: boolean;
  since: string;
  has_password: boolean;
  link_until: string | null;
  locked_until: string | null;
}
export interface AccountLink {
  account: StaffAccount;
  path: string;
}
export interface Approval {
  id: string;
  kind: string;
  what: string;
  people: number;
  state: "waiting" | "given" | "refused" | "used" | "over";
  by: string;
  asked: string;
  until: string;
  answered_by: string | null;
  answered: string | null;
}
export interface AuditLog {
  entries: { leaf: number; record: Record<string, string> }[];
  last: number | null;
  checkpoint: string;
}
