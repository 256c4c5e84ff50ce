// Why a purpose is open or closed for somebody: the answers, and what stands without one.
import type { Answered, Permission } from "../api/shapes.ts";
import { as, say } from "../words/say.ts";
import type { Line, Reason } from "./reason.ts";

export type Tone = "yes" | "no" | "unset";

const heedless = new Set(["contract", "legal_duty", "duty", "legal"]);
const basisWord = (basis: string): string => {
  const word = say().permission;
  if (basis === "interest") return word.interest;
  if (basis === "contract") return word.contract;
  return heedless.has(basis) ? word.duty : word.consent;
};

/** Open, closed, or not asked: unset is no under consent, yes under interest, contract and duty. */
export function tone(permission: Permission): Tone {
  if (heedless.has(permission.basis)) return "yes";
  if (permission.state === "given") return "yes";
  if (permission.state === "unset") return permission.basis === "interest" ? "yes" : "unset";
  return "no";
}

export function pill(permission: Permission): string {
  const word = say().permission;
  if (permission.state === "unset" || heedless.has(permission.basis))
    return permission.basis === "consent" ? word.unset : basisWord(permission.basis);
  const answer = permission.answers.find((one) => one.state === permission.state);
  const state = word[permission.state as "given"] ?? permission.state;
  if (!answer) return state;
  return answer.until && permission.state === "given" ? word.to(state, as.day(answer.until)) : word.on(state, as.day(answer.since));
}

function answered(answer: Answered): Line {
  const words = say().why.permission;
  const evidence = [words.through(answer.through), answer.source, words.recorded(as.full(answer.recorded))];
  if (answer.until) evidence.push(words.until(as.day(answer.until)));
  return {
    truth: answer.state === "given",
    words: say().permission[answer.state as "given"] ?? answer.state,
    value: as.day(answer.since),
    evidence: evidence.filter(Boolean).join(" · "),
    parts: [],
  };
}

export function whyPermission(permission: Permission, now: string): Reason {
  const words = say().why.permission;
  const never = heedless.has(permission.basis);
  const unset = never
    ? permission.basis === "contract" ? words.contract : words.duty
    : permission.basis === "interest" ? words.unsetInterest : words.unsetConsent;
  const lines: Line[] = permission.answers.length
    ? permission.answers.map(answered)
    : [{ truth: tone(permission) === "yes", words: unset, parts: [] }];
  return {
    lines,
    change: never ? [words.never] : tone(permission) === "yes" ? [words.recordNo] : [words.onlyThey],
    rests: [basisWord(permission.basis), say().why.at(as.full(now))],
  };
}
