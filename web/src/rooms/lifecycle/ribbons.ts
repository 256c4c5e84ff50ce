// An alluvial picture: the stages left on one side, those entered on the other, a ribbon for each way as wide as its passages.

export interface Flow {
  from: number; // place among `names`
  to: number;
  amount: number;
}
export interface Bar {
  name: number;
  y: number;
  height: number;
  amount: number;
}
export interface Ribbon {
  path: string;
  flow: Flow;
}

const gap = 8;

function bars(flows: readonly Flow[], side: "from" | "to", scale: number): Map<number, Bar> {
  const sums = new Map<number, number>();
  for (const flow of flows) sums.set(flow[side], (sums.get(flow[side]) ?? 0) + flow.amount);
  const out = new Map<number, Bar>();
  let y = 0;
  for (const name of [...sums.keys()].sort((a, b) => a - b)) {
    const amount = sums.get(name)!;
    out.set(name, { name, y, height: Math.max(1, amount * scale), amount });
    y += out.get(name)!.height + gap;
  }
  return out;
}

/** Everything in a box of `width` × `height`; the ribbons run between `inner` and `width - inner`. */
export function alluvial(flows: readonly Flow[], width: number, height: number, inner: number) {
  const shown = flows.filter((flow) => flow.amount > 0).sort((a, b) => a.from - b.from || a.to - b.to);
  const total = shown.reduce((sum, flow) => sum + flow.amount, 0);
  const most = Math.max(new Set(shown.map((flow) => flow.from)).size, new Set(shown.map((flow) => flow.to)).size, 1);
  const scale = total > 0 ? (height - gap * (most - 1)) / total : 0;
  const left = bars(shown, "from", scale), right = bars(shown, "to", scale);
  const used = { from: new Map<number, number>(), to: new Map<number, number>() };
  const ribbons: Ribbon[] = shown.map((flow) => {
    const wide = flow.amount * scale;
    const begin = left.get(flow.from)!.y + (used.from.get(flow.from) ?? 0);
    const end = right.get(flow.to)!.y + (used.to.get(flow.to) ?? 0);
    used.from.set(flow.from, (used.from.get(flow.from) ?? 0) + wide);
    used.to.set(flow.to, (used.to.get(flow.to) ?? 0) + wide);
    const [x1, x2] = [inner, width - inner], middle = width / 2;
    const path =
      `M${x1},${begin}C${middle},${begin} ${middle},${end} ${x2},${end}` +
      `v${wide}C${middle},${end + wide} ${middle},${begin + wide} ${x1},${begin + wide}Z`;
    return { path, flow };
  });
  return { ribbons, left: [...left.values()], right: [...right.values()], total };
}
