#!/usr/bin/env python3
"""The benchmarks: each row prints a figure, its budget, and how many times within the budget it is.

A server is started on a port and a folder of its own. `us CPU` is user plus system time of the server's
process over a run, divided by the operations: on a machine that client and server share it is the
figure that means something. Rates and latencies belong to the machine that is named at the top.
"""
import argparse
import pathlib
import sys
import time
import traceback

from suite import contention, history, objects, page, scale, start, trees
from suite.server import ROOT, Subject, environment_text
from suite.table import Table

WARM_SECONDS = 0.3
SETTLE_SECONDS = 3  # the allocator gives back what was needed

# In this order over one server; the keys that each fills.
SECTIONS = [
    (start.bench_start, ("start", "idle", "binary")),
    (objects.bench_small, ("upload", "get", "s3.put", "s3.get", "s3.head")),
    (trees.bench_many, ("stage", "list.staged", "commit.many", "stat", "stat.p99", "list", "prefixes",
                        "branch", "commit.one", "diff.many")),
    (trees.bench_half_million, ("commit.half", "commit.half.cpu", "diff.half", "commit.spread",
                                "merge.spread", "commit.range", "diff.range", "merge.range")),
    (trees.bench_tombstones, ("delete", "tombstones")),
    (contention.bench_merges, ("merges", "merges.p99")),
    (contention.bench_commits, ("commits",)),
    (history.bench_history, ("log", "log.path", "log.path.start", "merge.base")),
    (objects.bench_large, ("large.get", "large.put")),
    (objects.bench_transfers, ("transfer.get", "transfer.put")),
]


class Bench:
    """What a section needs."""

    def __init__(self, binary, load, table, seconds):
        self.binary, self.load, self.table, self.seconds = binary, load, table, seconds
        self.subject = None

    def many(self, key, items, connections=64):
        """A row of an operation that is done again and again; its run, if it is wanted."""
        if not self.table.wants(key):
            return None
        self.subject.drive(items, connections, WARM_SECONDS)
        run = self.subject.drive(items, connections, self.seconds)
        self.table.add_run(key, run)
        return run


def run_sections(bench, timings):
    """A section that fails says why, and its rows are missing."""
    with Subject(bench.binary, bench.load, ROOT / "build") as bench.subject:
        for section, keys in SECTIONS:
            if not any(bench.table.wants(key) for key in keys):
                continue
            begin = time.monotonic()
            try:
                section(bench)
            except Exception:
                traceback.print_exc()
            timings[section.__name__] = time.monotonic() - begin
        time.sleep(SETTLE_SECONDS)
        bench.table.add("memory", bench.subject.resident_mib())
        if bench.table.wants("log.path.start"):
            history.bench_restart(bench)


def budget_rows(arguments, binary, load):
    """The rows, and the keys that should have one and have none."""
    table, timings = Table(arguments.only), {}
    run_sections(Bench(binary, load, table, arguments.seconds), timings)
    print("seconds: " + ", ".join(f"{name[6:]} {took:.0f}" for name, took in timings.items()))
    measured = {row["key"] for row in table.rows}
    missing = [key for _, keys in SECTIONS for key in keys if table.wants(key) and key not in measured]
    for key in missing:
        print(f"not measured: {key}")
    return table.rows, missing


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True, help="the load generator, of bench/load.cc")
    parser.add_argument("--seconds", type=float, default=3, help="of each row that is a rate")
    parser.add_argument("--only", default="", metavar="TEXT", help="rows with TEXT in key or name")
    parser.add_argument("--scale", action="store_true",
                        help="then the cost of the same change in repositories of 10^4 to 10^6 objects")
    parser.add_argument("--large", action="store_true", help="and of 10^7")
    parser.add_argument("--no-budgets", action="store_true", help="the series of --scale alone")
    parser.add_argument("--write-docs", action="store_true",
                        help="put what was measured into docs/performance.md and its plots")
    arguments = parser.parse_args()
    if arguments.write_docs and arguments.only:
        parser.error("--write-docs wants all rows: leave --only out")
    return arguments


def main():
    arguments = parse()
    binary, load = (str(pathlib.Path(path).resolve()) for path in (arguments.binary, arguments.load))
    environment = environment_text()
    print(f"machine: {environment}", flush=True)
    new, missing = {}, []
    if not arguments.no_budgets:
        rows, missing = budget_rows(arguments, binary, load)
        new["budgets"] = {"environment": environment, "rows": rows}
    if arguments.scale or arguments.large:
        points = scale.run_scale(binary, load, arguments.large)
        new["scale"] = {"environment": environment, "points": points}
    if arguments.write_docs and not missing:
        page.write(ROOT / "docs", new)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
