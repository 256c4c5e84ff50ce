// GET /v1/lifecycle.
export interface Passed {
  moved: number;
  last_30_days: number;
  regrouped: number;
  measured: number;
  median_seconds: number | null;
}
export interface Stage {
  id: string;
  name: { en: string; fr: string };
  here: number;
  entered: Passed;
  left: Passed;
}
export interface Way extends Passed {
  from: string | null;
  to: string | null;
  of_those_who_left: number | null; // per thousand
}
export interface Lifecycle {
  id: string;
  name: { en: string; fr: string };
  purpose: string;
  since: string;
  stages: Stage[];
  ways: Way[];
}
export interface Lifecycles {
  as_of: string;
  lifecycles: Lifecycle[];
}
