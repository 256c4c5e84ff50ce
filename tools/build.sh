#!/usr/bin/env bash
# Configures and builds a preset with one line of progress.
# usage: build.sh PRESET TARGET...
# The compiler's whole output is kept in build/PRESET.log and its end is shown when the build fails.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1; shift
log=build/$preset.log
mkdir -p build
began=$SECONDS

stopped() {
  echo
  grep -nE -m 20 'error|Error|FAILED' "$log" >&2 || tail -n 20 "$log" >&2
  echo "hospes: the $preset build stopped; its whole output is in $log." >&2
  exit 1
}

cmake --preset "$preset" -DHOSPES_JOINED=ON >"$log" 2>&1 || stopped

duration() { if [ "$1" -ge 60 ]; then echo "$(($1 / 60)) min $(($1 % 60)) s"; else echo "$1 s"; fi; }
bar() {  # $1 of $2 as 24 blocks
  local full=$(($1 * 24 / $2)) i out=
  for ((i = 0; i < 24; i++)); do if [ $i -lt $full ]; then out+=█; else out+=░; fi; done
  echo "$out"
}

# On a terminal the line is redrawn; in a log each tenth is a line of its own.
progress() {
  local line done_steps all elapsed left shown=-1 tenth
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ ^@([0-9]+)/([0-9]+)\  ]] || continue
    done_steps=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
    [ "$done_steps" != 0 ] || continue  # ninja looking for new files
    elapsed=$((SECONDS - began))
    left=$((elapsed * (all - done_steps) / done_steps))
    if [ -t 1 ]; then
      printf '\rhospes: building %s  %s  %d/%d  %s left\033[K' "$preset" "$(bar "$done_steps" "$all")" "$done_steps" "$all" "$(duration $left)"
    else
      tenth=$((done_steps * 10 / all))
      [ $tenth = $shown ] || echo "hospes: building $preset  $done_steps/$all  $(duration $left) left"
      shown=$tenth
    fi
  done
}

jobs=${HOSPES_JOBS:-$(nproc)}
# When stdout is a pipe ninja prints one line for each step.
if ! NINJA_STATUS='@%f/%t ' ninja -C "build/$preset" -j "$jobs" "$@" 2>&1 | progress; then stopped; fi
if [ -t 1 ]; then printf '\r\033[K'; fi
echo "hospes: built $preset in $(duration $((SECONDS - began)))"
