// A running hospes for tests: a folder of its own, free ports, the demo house's definitions.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
export const key = "wk_demo"; // the demo house's server key for first steps
/** Opens what a visit may serve. */
export const consent = { consent: { categoryPreferences: { personalise: true, measure: true } } };

export function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export class House {
  /** Few partitions, so that it starts at once. `files`: more of the house's folder, by name. */
  static async start(settings = [], files = {}) {
    const house = new House();
    house.folder = mkdtempSync(join(tmpdir(), "hospes-console-"));
    house.publicPort = await freePort();
    house.consolePort = await freePort();
    writeFileSync(join(house.folder, "hospes.toml"), "");
    cpSync(join(root, "house/disquaire"), join(house.folder, "definitions"), { recursive: true }); // what is saved stays here
    for (const [name, text] of Object.entries(files)) {
      const file = join(house.folder, "definitions", name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    house.settings = [
      `data.folder=${house.folder}/data`, `keys.folder=${house.folder}/keys`, `house.folder=${house.folder}/definitions`,
      `public.listen=127.0.0.1:${house.publicPort}`, `console.listen=127.0.0.1:${house.consolePort}`,
      "store.partitions=16", "store.checkpoint_s=1", "disk.floor_mb=64", ...settings,
    ];
    await house.run();
    return house;
  }

  /** Also after stop or kill: the same house on the same ports. */
  async run() {
    const binary = process.env.HOSPES_BIN ?? join(root, "build/release/bin/hospes");
    // While working on pages: those of a folder instead of the binary's.
    const pages = process.env.HOSPES_UI_DIR ? ["--ui-dir", process.env.HOSPES_UI_DIR] : [];
    const words = ["serve", ...pages, "--config", join(this.folder, "hospes.toml"), ...this.settings.flatMap((one) => ["--set", one])];
    this.process = spawn(binary, words, { stdio: ["ignore", "pipe", "pipe"] });
    this.ended = new Promise((done) => this.process.once("exit", (status) => done(status)));
    let text = "";
    await new Promise((done, failed) => {
      this.process.stderr.on("data", (piece) => (text += piece));
      this.process.stdout.on("data", (piece) => {
        text += piece;
        const link = /(http:\/\/\S+\/start\/\S+)/.exec(text);
        if (link) done((this.link = link[1]));
      });
      void this.ended.then(() => failed(new Error(`hospes did not start: ${text}`)));
    });
    this.base = `http://127.0.0.1:${this.consolePort}`;
    this.front = `http://127.0.0.1:${this.publicPort}`; // where events go
    this.token = readFileSync(join(this.folder, "data/console/token"), "utf8").trim();
  }

  async stop() {
    this.process.kill("SIGTERM");
    return this.ended;
  }
  async kill() {
    this.process.kill("SIGKILL");
    return this.ended;
  }
  /** At the end of a test file. */
  async leave() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** To the public listener; the answer must be 200. */
  async post(path, body) {
    const answer = await fetch(`http://127.0.0.1:${this.publicPort}${path}`, {
      method: "POST",
      headers: { "X-Write-Key": key, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
  batch(items) {
    return this.post("/v1/batch", { batch: items });
  }

  /** Of the console's API, as a program asks. */
  async get(path, init = {}) {
    const answer = await fetch(this.base + path, { ...init, headers: { Authorization: `Bearer ${this.token}`, ...init.headers } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : text;
  }
  /** Asks until it is so; what moves between partitions takes a moment. */
  async until(path, wanted) {
    const end = Date.now() + 30_000;
    for (;;) {
      const answer = await this.get(path).catch((error) => error); // nobody, yet
      if (!(answer instanceof Error) && wanted(answer)) return answer;
      const last = answer instanceof Error ? answer.message : JSON.stringify(answer);
      if (Date.now() > end) throw new Error(`${path} did not become so: ${last.slice(0, 600)}`);
    }
  }

  /** The cookie of a new session. */
  async session() {
    const link = this.link ?? this.base + (await this.get("/v1/owner_link", { method: "POST" })).path;
    this.link = null;
    const answer = await fetch(link, { redirect: "manual", headers: { Accept: "text/html" } });
    const cookie = /^([^=]+)=([^;]+)/.exec(answer.headers.get("Set-Cookie") ?? "");
    if (!cookie) throw new Error(`the owner link gave ${answer.status}`);
    return { name: cookie[1], value: cookie[2], url: this.base };
  }
}

const day = 86_400_000;
export const ago = (days) => new Date(Date.now() - days * day).toISOString();

/** A small record shop: people with orders over a year and a half, one with a story, each with a name. */
export async function furnish(house) {
  const items = [];
  const person = (userId, traits, orders) => {
    items.push({ type: "consent", userId, purpose: "market", state: "given", happened: ago(700), messageId: `yes-${userId}` });
    items.push({ type: "identify", userId, traits, timestamp: ago(orders[0][0]), messageId: `who-${userId}`, context: consent });
    orders.forEach(([days, total, quantity], i) =>
      items.push({
        type: "track", userId, event: "Order Completed", timestamp: ago(days), messageId: `${userId}-o${i}`,
        properties: { order_id: `${userId}-N${i}`, total, quantity, original_date: ago(days).slice(0, 10) },
      }),
    );
  };
  person("camille", { firstName: "Camille", lastName: "Aubert", email: "camille@example.org", phone: "+33612345678", city: "Lyon" }, [
    [540, 57.67, 4], [528, 11.77, 1], [354, 69.64, 5], [348, 100.81, 6], [262, 29.49, 1], [237, 78.95, 5], [226, 14.49, 1], [216, 39.97, 3],
  ]);
  for (let i = 0; i < 24; ++i)
    person(`guest-${i}`, { firstName: ["Anne", "Bruno", "Chloé", "Denis"][i % 4], lastName: `Invité ${i}`, email: `guest${i}@example.org` }, [
      [400 - 9 * i, 20 + i, 1 + (i % 6)], [170 - 7 * i, 35.5, 2],
    ].filter(([days]) => days > 0));
  await house.batch(items);
  await house.until("/v1/profiles/user_id:camille", (seen) => seen.timeline_size >= 9 && seen.segments.length >= 3);
  await house.until("/v1/segments", (seen) => (seen.segments.find((row) => row.id === "quick_repeaters")?.members ?? 0) >= 1);
}
