#!/usr/bin/env bash
# Replays every log of a reference folder at 60 times real speed, first in peace, then with the server killed five times
# (kill -9) at random moments. Prints a report each; fails if a promise was broken.
#   loadtests/long-replay.sh [FOLDER [SPEED]]        FOLDER has traces/*_calls.csv; default tests/reference
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-${HOMESHORE_REFERENCE:-tests/reference}} speed=${2:-60}
program=target/release/homeshore
work=$(mktemp -d)
server=
trap 'kill -9 $server 2>/dev/null || true; rm -rf "$work"' EXIT

start() { # start NAME GRPC: a server on its own data, its address in $address
    : >"$work/$1.out"
    "$program" serve --data "$work/$1" --grpc "$2" --http 127.0.0.1:0 >"$work/$1.out" 2>>"$work/$1.err" &
    server=$!
    until grep -qx ready "$work/$1.out"; do
        kill -0 $server || { cat "$work/$1.err" >&2; exit 1; }
        read -rt 0.05 <> <(:) || true
    done
    address=$(sed -n 's/^grpc listening on http:\/\///p' "$work/$1.out")
}

stop() {
    kill -9 $server
    wait $server 2>/dev/null || true
}

replay() { # replay NAME STEM
    "$program" replay --target "http://$address" --speed "$speed" --setup \
        --agents "$2_agents.csv" --calls "$2_calls.csv" --expected "$2_expected.csv" >"$work/$1.report"
}

killer() { # killer NAME MS: five kills at random moments of so many ms
    for _ in 1 2 3 4 5; do
        read -rt "$(awk -v r=$RANDOM -v ms="$2" 'BEGIN { printf "%.2f", ms / 6000 * (0.5 + r / 32768) }')" <> <(:) || true
        kill -0 "$replaying" 2>/dev/null || return 0
        stop
        start "$1" "$address"
        echo "killed and started again"
    done
}

status=0
for calls in "$folder"/traces/*_calls.csv; do
    stem=${calls%_calls.csv} name=$(basename "${calls%_calls.csv}")
    echo "== $name at $speed times real speed"
    start "$name" 127.0.0.1:0
    replay "$name" "$stem" || status=1
    cat "$work/$name.report"
    stop
    echo "== $name at $speed times real speed, killed five times"
    start "$name-killed" 127.0.0.1:0
    replay "$name-killed" "$stem" &
    replaying=$!
    span=$(awk -F, -v s="$speed" 'NR == 2 { first = $2 } END { print int(($2 - first) / s) }' "$calls")
    killer "$name-killed" "$span"
    wait $replaying || status=1
    cat "$work/$name-killed.report"
    stop
done
exit $status
