// What somebody changed in an event, as JSON Patch (RFC 6902), so that it can be done to others too. A text that became the
// number it shows is a conversion: of the others each gets its own number.
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export interface Operation { op: "add" | "remove" | "replace" | "convert"; path: string; value?: Json; to?: "number" | "text"; decimal?: "," | "." }

const isObject = (value: Json): value is { [name: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);
const step = (name: string) => "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");

/** The number that a text shows, by the sign before its fraction; null: it shows none. */
function shown(text: string, decimal: "," | "."): number | null {
  const digits = text.replaceAll(decimal === "," ? "." : ",", "").replace(decimal, ".").replace(/[^0-9.+-]/g, "");
  return digits === "" || Number.isNaN(Number(digits)) ? null : Number(digits);
}

function changed(before: Json, after: Json, path: string): Operation[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (typeof before === "string" && typeof after === "number") {
    const decimal = ([",", "."] as const).find((sign) => shown(before, sign) === after);
    if (decimal) return [{ op: "convert", path, to: "number", ...(/[.,]/.test(before) ? { decimal } : {}) }];
  }
  if (typeof before === "number" && after === String(before)) return [{ op: "convert", path, to: "text" }];
  if (!isObject(before) || !isObject(after)) return [{ op: "replace", path, value: after }];
  return patchOf(before, after, path);
}

export function patchOf(before: { [name: string]: Json }, after: { [name: string]: Json }, path = ""): Operation[] {
  const gone = Object.keys(before).filter((name) => !(name in after)).map((name): Operation => ({ op: "remove", path: path + step(name) }));
  const now = Object.entries(after).flatMap(([name, value]): Operation[] =>
    name in before ? changed(before[name]!, value, path + step(name)) : [{ op: "add", path: path + step(name), value }],
  );
  return [...gone, ...now];
}
