#!/usr/bin/env bash
# How much CPU does the HTTP server spend on a request, and how fast do large bodies move?
#
#   bench/http_bench.sh build/release/bench/http_bench
#
# Client and server share the machine, so the rates say little; the server's own CPU time for a unit
# of work (utime + stime of /proc) is steady, and is what the budget is stated in: 12 us a request.
set -euo pipefail
binary="$1"

cpu_us() {  # of process $1 so far
  awk -v tick="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000000 / tick)}' "/proc/$1/stat"
}

coproc server { exec "$binary" 2; }
read -r port <&"${server[0]}"
pid="$server_PID"

small() {  # name, then what to give wrk
  local name="$1" before after requests
  shift
  before="$(cpu_us "$pid")"
  requests="$(wrk -t1 -d3s "$@" | awk '/requests in/ {print $1}')"
  after="$(cpu_us "$pid")"
  awk -v n="$name" -v c="$((after - before))" -v r="$requests" \
    'BEGIN {printf "%-28s %8.0f req/s  %6.2f us CPU each\n", n, r / 3, c / r}'
}

large() {  # name, then what to give curl; ten times 64 MiB
  local name="$1" before after start end
  shift
  before="$(cpu_us "$pid")"
  start="$(date +%s%N)"
  for _ in 1 2 3 4 5 6 7 8 9 10; do curl -sS -o /dev/null "$@"; done
  end="$(date +%s%N)"
  after="$(cpu_us "$pid")"
  awk -v n="$name" -v c="$((after - before))" -v t="$((end - start))" \
    'BEGIN {gb = 0.671; printf "%-28s %8.2f GB/s   %6.2f CPU s/GB\n", n, gb * 1e9 / t, c / 1e6 / gb}'
}

small "GET /hello, 64 connections" -c64 "http://127.0.0.1:$port/hello"
small "GET /hello, 512 connections" -c512 "http://127.0.0.1:$port/hello"
script="$(mktemp)"
upload="$(mktemp)"
trap 'rm -f "$script" "$upload"' EXIT
echo 'wrk.method = "PUT"; wrk.body = string.rep("x", 1024)' >"$script"
small "PUT of 1 KiB, 64 connections" -c64 -s "$script" "http://127.0.0.1:$port/discard"
head -c 67108864 /dev/zero >"$upload"
large "GET of 64 MiB, file" "http://127.0.0.1:$port/file"
large "GET of 64 MiB, pieces" "http://127.0.0.1:$port/stream"
large "PUT of 64 MiB" -T "$upload" -H "Expect:" "http://127.0.0.1:$port/discard"
exec {server[1]}>&-
wait "$pid"
