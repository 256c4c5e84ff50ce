// Builds the console, and what puts it into the binary.
// usage: node build.mjs [--out FOLDER] [--embed FOLDER] [--watch]
//   --out     where the files go (web/dist); hospes serve --ui-dir shows them
//   --embed   also writes assets.S and assets.cc there, with each file compressed by Brotli and gzip
//   --watch   builds again at each change of a source
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";
import { reference, style } from "./reference.mjs";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { values: given } = parseArgs({
  options: { out: { type: "string" }, embed: { type: "string" }, watch: { type: "boolean", default: false } },
});
const out = resolve(given.out ?? join(web, "dist"));

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

const coders = {
  br: (plain) => brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  gz: (plain) => gzipSync(plain, { level: 9 }),
};
const codings = Object.keys(coders);

/** Segment's browser library as its package publishes it, where its snippet looks for it: served by the public listener. */
function copyLibrary() {
  const from = join(web, "node_modules/@segment/analytics-next");
  const into = join(out, "analytics-next/bundles");
  mkdirSync(into, { recursive: true });
  const names = readdirSync(join(from, "dist/umd")).filter((name) => name === "standalone.js" || name.endsWith(".js") && name.includes(".bundle."));
  for (const name of names) copyFileSync(join(from, "dist/umd", name), join(into, name));
  copyFileSync(join(from, "LICENSE.MD"), join(into, "LICENSE.txt"));
}

/** The API's reference page, in the console's own look. */
function writeReference() {
  const design = ["tokens.css", "base.css"].map((name) => readFileSync(join(web, "src/design", name), "utf8"));
  writeFileSync(join(out, "reference.html"), reference(JSON.parse(readFileSync(join(web, "../docs/openapi.json"), "utf8"))));
  writeFileSync(join(out, "reference.css"), design.join("\n") + style);
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function assetOf(file) {
  const plain = readFileSync(file);
  const path = `/${relative(out, file)}`;
  return {
    path,
    type: types[extname(file)] ?? "application/octet-stream",
    hash: createHash("sha256").update(plain).digest("hex").slice(0, 16),
    hashed: path.startsWith("/assets/") || /\.bundle\.[0-9a-f]{20}\.js$/.test(path),
    ...Object.fromEntries(codings.map((coding) => [coding, coders[coding](plain)])),
  };
}

const symbol = (i, coding) => `hospes_page_${i}_${coding}`;

function assembler(assets, folder) {
  const blocks = assets.flatMap((_, i) =>
    codings.map((coding) => {
      const name = symbol(i, coding);
      return `.global ${name}\n.global ${name}_end\n${name}:\n.incbin "${join(folder, `${i}.${coding}`)}"\n${name}_end:`;
    }),
  );
  return ['.section .rodata.hospes_pages,"a",@progbits', ...blocks, '.section .note.GNU-stack,"",@progbits', ""].join("\n");
}

function table(assets) {
  const declared = assets.flatMap((_, i) => codings.map((coding) => `extern const char ${symbol(i, coding)}[], ${symbol(i, coding)}_end[];`));
  const bytes = (i) => codings.map((coding) => `between(${symbol(i, coding)}, ${symbol(i, coding)}_end)`).join(", ");
  const rows = assets.map(({ path, type, hash, hashed }, i) => `      {"${path}", "${type}", "${hash}", ${hashed}, ${bytes(i)}},`);
  return `// Made by web/tools/build.mjs from what web/ builds to.
#include <array>
#include "pages/asset.h"
extern "C" {
${declared.join("\n")}
}
namespace hospes::pages {
std::span<const Asset> embedded_assets() {
  const auto between = [](const char* from, const char* to) {
    return std::string_view(from, static_cast<std::size_t>(to - from));
  };
  static const std::array<Asset, ${assets.length}> table = {{
${rows.join("\n")}
  }};
  return table;
}
}  // namespace hospes::pages
`;
}

function embed(folder) {
  mkdirSync(folder, { recursive: true });
  const assets = files(out).map(assetOf);
  for (const [i, asset] of assets.entries())
    for (const coding of codings) writeFileSync(join(folder, `${i}.${coding}`), asset[coding]);
  writeFileSync(join(folder, "assets.S"), assembler(assets, folder));
  writeFileSync(join(folder, "assets.cc"), table(assets));
  const kb = (coding) => (assets.reduce((n, asset) => n + asset[coding].length, 0) / 1000).toFixed(1);
  console.log(`console: ${assets.length} files, ${kb("gz")} kB gzip, ${kb("br")} kB br`);
}

await build({ root: web, logLevel: "warn", build: { outDir: out, emptyOutDir: true, ...(given.watch ? { watch: {} } : {}) } });
copyLibrary();
copyFileSync(join(web, "../docs/openapi.json"), join(out, "openapi.json"));
writeReference();
if (given.embed) embed(resolve(given.embed));
