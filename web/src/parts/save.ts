// What can be taken away: tables as CSV that a French Excel opens, plots as PNG and SVG, anything by copying.
import type { Lang } from "../words/format.ts";

export type Cell = string | number | null;

/** A cell that a spreadsheet would read as a formula is made text (OWASP, "CSV Injection"). */
function safe(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function cellText(cell: Cell, lang: Lang): string {
  if (cell === null) return "";
  // Numbers as the language writes them, without thousands: Excel reads 402,79 as a number in French only.
  if (typeof cell === "number") return lang === "fr" ? String(cell).replace(".", ",") : String(cell);
  const text = safe(cell);
  return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Semicolons, CRLF (RFC 4180) and a byte order mark, so that Excel takes it for UTF-8. */
export function csv(head: string[], rows: Cell[][], lang: Lang): string {
  return `\ufeff${[head, ...rows].map((row) => row.map((cell) => cellText(cell, lang)).join(";")).join("\r\n")}\r\n`;
}

/** Tabs between cells: what a spreadsheet or a mail takes from the clipboard. */
export function tabbed(head: string[], rows: Cell[][], lang: Lang): string {
  const flat = (cell: Cell) => (typeof cell === "string" ? safe(cell).replace(/[\t\r\n]+/g, " ") : cellText(cell, lang));
  return [head, ...rows].map((row) => row.map(flat).join("\t")).join("\n");
}

export function save(name: string, type: string, content: string | Blob): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A file's name: letters, digits and the day. */
export const fileName = (what: string, ending: string) =>
  `hospes-${what.normalize("NFD").replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase()}-${new Date().toISOString().slice(0, 10)}.${ending}`;
