// The plot of a line as a drawing that stands alone: for saving.
export interface LineDrawing {
  title: string;
  axis: string;
  note: string;
  points: { at: number; value: number }[];
  dashed: boolean;
  number: (n: number) => string;
  day: (at: number) => string;
  ink: string;
  quiet: string;
  line: string;
  accent: string;
  ground: string;
}

const width = 720;
const height = 360;
const box = { left: 64, right: 24, top: 72, bottom: 64 };
const lines_max = 4;

const text = (words: string) => words.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** 1, 2 or 5 times a power of ten, so that at most `lines_max` lines stand above zero. */
export function step(top: number): number {
  const raw = top / lines_max;
  const power = 10 ** Math.floor(Math.log10(Math.max(raw, 1)));
  return [1, 2, 5, 10].map((k) => k * power).find((k) => k >= raw) ?? 10 * power;
}

export function lineSvg(d: LineDrawing): string {
  const top = Math.max(1, ...d.points.map((point) => point.value)) * 1.08;
  const [from, to] = [d.points[0]?.at ?? 0, d.points.at(-1)?.at ?? 1];
  const x = (at: number) => box.left + ((at - from) / Math.max(1, to - from)) * (width - box.left - box.right);
  const y = (value: number) => height - box.bottom - (value / top) * (height - box.top - box.bottom);
  const words = (at: [number, number], what: string, more = "") =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${text(what)}</text>`;
  const grid = [];
  for (let value = 0; value <= top; value += step(top))
    grid.push(
      `<line x1="${box.left}" x2="${width - box.right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="${d.line}"/>`,
      words([box.left - 8, y(value) + 4], d.number(value), `text-anchor="end" fill="${d.quiet}"`),
    );
  const path = d.points.map((point, i) => `${i ? "L" : "M"}${x(point.at).toFixed(1)} ${y(point.value).toFixed(1)}`).join("");
  const last = d.points.at(-1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="${d.ground}"/>`,
    words([24, 30], d.title, `font-size="18" font-family="Georgia, serif" fill="${d.ink}"`),
    words([24, 54], d.axis, `fill="${d.quiet}"`),
    ...grid,
    `<path d="${path}" fill="none" stroke="${d.accent}" stroke-width="2" ${d.dashed ? 'stroke-dasharray="5 4"' : ""}/>`,
    ...(last ? [words([x(last.at), y(last.value) - 8], d.number(last.value), `text-anchor="end" font-weight="600" fill="${d.ink}"`)] : []),
    words([box.left, height - box.bottom + 20], d.day(from), `fill="${d.quiet}"`),
    words([width - box.right, height - box.bottom + 20], d.day(to), `text-anchor="end" fill="${d.quiet}"`),
    words([24, height - 14], d.note, `fill="${d.quiet}" font-size="11"`),
    "</svg>",
  ].join("\n");
}
