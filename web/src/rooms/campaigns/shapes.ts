// GET /v1/campaigns and /v1/campaigns/{name}: docs/http_api.md.
import type { Reason } from "../../api/shapes.ts";

export type CampaignState = "draft" | "tested" | "approved" | "running" | "done" | "stopped" | "missed";
interface Mark { of: string; at: string; by: string }

export interface CampaignRow {
  name: string;
  title: { en: string; fr: string };
  state: CampaignState;
  segment: string;
  action: string;
  message: string | null;
  at: string;
  wall: string;
  control_per_10000: number;
  goal: string;
  within: string;
  until: string;
  test: string[];
  tested: Mark | null;
  approved: Mark | null;
  stopped: string | null;
  trouble: string | null;
  /** Members of its segment by how often they were reached in seven days; the last stands for it and above. */
  reached?: number[] | null;
}
export interface CampaignList {
  campaigns: CampaignRow[];
  pressure: { days: number; people: number[]; as_of: string };
}
interface Arm { people: number; bought: number; unknown: number }
export interface CampaignResult {
  targeted: number;
  kept_out: { reason: Reason; people: number }[];
  control: Arm;
  written_to: Arm;
  permitted: number;
  waiting: number;
  delivered: number;
  failed: number;
  uncertain: number;
  bought_first: number;
  refused: { reason: Reason; people: number }[];
  effect: { difference: number; low: number; high: number; level: number } | null;
  final: boolean;
  as_of: string;
}
export interface CampaignOne extends CampaignRow {
  result: CampaignResult;
  journey: string;
}
