// Reads server-sent events with fetch: unlike EventSource it goes on behind the last id it saw after any kind of break, a
// restart of the server included. Form: the "text/event-stream" chapter of the HTML standard.

export interface Told {
  event: string;
  data: string;
  id: string;
}

/** Splits what came into whole events; what is not whole yet waits for the next piece. */
export class Frames {
  #rest = "";

  push(piece: string): Told[] {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    const out: Told[] = [];
    for (const block of blocks) {
      const one: Told = { event: "", data: "", id: "" };
      for (const text of block.split("\n")) {
        if (text.startsWith(":")) continue; // alive
        const colon = text.indexOf(":");
        const value = text.slice(colon + 1).replace(/^ /, "");
        const name = text.slice(0, colon);
        if (name === "data") one.data = one.data ? `${one.data}\n${value}` : value;
        else if (name === "event" || name === "id") one[name] = value;
      }
      if (one.data) out.push(one);
    }
    return out;
  }
}

export interface Reading {
  told: (one: Told) => void;
  state: (open: boolean) => void;
  signal: AbortSignal;
}

const retry_ms = [250, 500, 1000, 2000];
/** A comment comes every 15 s: whoever hears nothing for this long hears nothing any more. */
const silence_ms = 40_000;

/** Reads until aborted. `last`: the id of the last event that somebody saw; it goes on behind it. */
export async function read(path: string, reading: Reading, last = ""): Promise<void> {
  let tries = 0;
  while (!reading.signal.aborted) {
    try {
      await follow(path, last, reading, (id) => {
        last = id;
        tries = 0;
      });
    } catch {
      // away, or cut: the pause below, then again
    }
    reading.state(false);
    const ms = retry_ms[Math.min(tries++, retry_ms.length - 1)]!;
    await new Promise((done) => setTimeout(done, ms));
  }
}

async function follow(path: string, last: string, reading: Reading, seen: (id: string) => void): Promise<void> {
  const cut = new AbortController();
  const end = () => cut.abort();
  reading.signal.addEventListener("abort", end, { once: true });
  let silent = setTimeout(end, silence_ms);
  try {
    const answer = await fetch(path, { signal: cut.signal, headers: last ? { "Last-Event-ID": last } : {} });
    if (!answer.ok || !answer.body) return;
    reading.state(true);
    const frames = new Frames();
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(silent);
      silent = setTimeout(end, silence_ms);
      for (const one of frames.push(piece)) {
        if (one.id) seen(one.id);
        reading.told(one);
      }
    }
  } finally {
    clearTimeout(silent);
    reading.signal.removeEventListener("abort", end);
  }
}
