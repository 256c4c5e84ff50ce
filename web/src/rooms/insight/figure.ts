// A report's numbers as people read them.
import type { InsightTable, Shape } from "../../api/shapes.ts";
import { choices } from "../../state/choices.svelte.ts";
import { as } from "../../words/say.ts";

export function figure(value: number, shape: Shape, digits: number): string {
  if (shape === "percent") {
    const text = as.number(value * 100, digits);
    return choices.lang === "fr" ? `${text}\u202f%` : `${text}%`;
  }
  if (shape === "money") return as.money(Math.round(value * 100) / 100);
  return as.number(value, shape === "whole" ? 0 : digits);
}

export function cell(table: InsightTable, row: InsightTable["rows"][number], at: number): string {
  const field = table.fields[at]!;
  const value = row[field.name];
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return figure(value, field.shape, field.digits);
  return typeof value === "string" ? value : value[choices.lang];
}
