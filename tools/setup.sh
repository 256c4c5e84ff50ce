#!/usr/bin/env bash
# Makes a plain Debian 12 able to build hospes: installs the missing packages of tools/packages.txt, fetches the missing
# pinned parts (tools/fetch.sh). Says what it is about to do, and how long it took; with nothing missing it is silent.
# usage: setup.sh build|test
# Needs root or sudo only when a package is missing. The whole output of the clients is kept in build/setup.log.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-build}
log=build/setup.log

cargo_reads_registry() {  # the sparse index came with cargo 1.70, `cargo info` with 1.82
  local minor
  minor=$(cargo --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge 82 ]
}

missing_packages() {
  local wanted installed package
  wanted=$(awk -v want="$want" '$1 == "build" || $1 == want {print $2}' tools/packages.txt)
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | awk '$1 == "installed" {print $2}' || true)
  for package in $wanted; do
    if [ "$package" = cargo-web ] && cargo_reads_registry; then continue; fi
    grep -qx "$package" <<<"$installed" || echo "$package"
  done
}

count() { grep -c . <<<"$1" || true; }
first_two() {  # of a list, one per line, as "a, b, …"
  local shown; shown=$(head -2 <<<"$1" | paste -sd, | sed 's/,/, /g')
  if [ "$(count "$1")" -gt 2 ]; then echo "$shown, …"; else echo "$shown"; fi
}
plural() { if [ "$1" = 1 ]; then echo "1 $2"; else echo "$1 ${3:-$2s}"; fi; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_packages() {
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  as_root "${apt[@]}" update
  as_root env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "$@"
}

if ! command -v dpkg-query >/dev/null; then
  echo "hospes: this set-up knows Debian 12. Elsewhere, install what tools/packages.txt names, then run tools/fetch.sh $want." >&2
  exit 1
fi

packages=$(missing_packages)
parts=$(tools/fetch.sh --list "$want")
[ -n "$packages$parts" ] || exit 0

doing=
[ -z "$packages" ] || doing="$(plural "$(count "$packages")" package) to install ($(first_two "$packages"))"
[ -z "$parts" ] || doing="$doing${doing:+, }$(plural "$(count "$parts")" part) to fetch ($(first_two "$parts"))"
if [ -n "$packages" ] && [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
  echo "hospes: $doing. Installing needs root or sudo. As root: apt-get install --no-install-recommends" $packages >&2
  exit 1
fi

mkdir -p build
printf 'hospes: %s  ' "$doing"
began=$SECONDS
if { [ -z "$packages" ] || install_packages $packages; } >"$log" 2>&1 </dev/null && tools/fetch.sh "$want" >>"$log" 2>&1 </dev/null; then
  echo " ok $((SECONDS - began)) s"
else
  echo " failed after $((SECONDS - began)) s"
  tail -n 15 "$log" >&2
  echo "hospes: the set-up stopped; the lines above are the end of $log. Nothing needs undoing: mend the cause and run it again." >&2
  exit 1
fi
