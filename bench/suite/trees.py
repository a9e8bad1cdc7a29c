"""Repositories of 100,000 and of 500,000 objects, and one where a million were deleted."""
import json

from .budgets import CHANGES, HALF_MILLION, MANY, TOMBSTONES
from .changes import change_rounds, commit_one_rounds, range_pick, spread_pick
from .lake import Lake, path_of, paths_of
from .table import median_of

ROUNDS = 5
DELETES_SHOWN = 200  # calls whose CPU is measured; the rest only make tombstones
AFTER = 1000  # objects that remain behind the tombstones


def bench_many(bench):
    """100,000 objects."""
    subject, table = bench.subject, bench.table
    lake = Lake(subject, "many").create()
    paths = paths_of(MANY)
    table.add_run("stage", lake.stage("main", paths))
    pages = [lake.page_request("main", path) for path in paths[::1009]]
    bench.many("list.staged", pages, 8)
    table.add_run("commit.many", lake.commit("main", "all"))
    run = bench.many("stat", [lake.stat_request("main", path) for path in paths[::37]])
    if run:
        table.add_run("stat.p99", run)
    bench.many("list", pages, 8)
    bench.many("prefixes", [lake.page_request("main", more="&delimiter=/")], 8)
    if table.wants("branch"):
        count = int(10_000 * bench.seconds)
        run = subject.drive([lake.branch_request(f"b{n:06d}") for n in range(count)], 64, count=count)
        table.add_run("branch", run)
    ordered = sorted(paths)
    if table.wants("commit.one"):
        table.add_run("commit.one", median_of(commit_one_rounds(lake, ordered, 2 * ROUNDS)))
    if table.wants("diff.many"):
        runs = change_rounds(lake, "spread", spread_pick(ordered), ROUNDS)
        table.add_run("diff.many", median_of(runs["diff"]))


def bench_half_million(bench):
    table = bench.table
    lake = Lake(bench.subject, "half").create()
    paths = paths_of(HALF_MILLION)
    lake.stage("main", paths)
    run = lake.commit("main", "all")
    table.add_run("commit.half", run)
    table.add("commit.half.cpu", run["cpu_us"] / HALF_MILLION)
    ordered = sorted(paths)
    runs = change_rounds(lake, "spread", spread_pick(ordered), ROUNDS)
    table.add_run("diff.half", median_of(runs["diff"]))
    table.add_run("commit.spread", median_of(runs["commit"]))
    table.add_run("merge.spread", median_of(runs["merge"]))
    runs = change_rounds(lake, "range", range_pick(ordered, ROUNDS), ROUNDS)
    for operation in ("commit", "diff", "merge"):
        table.add_run(f"{operation}.range", median_of(runs[operation]))


def bench_tombstones(bench):
    """A million committed objects deleted, not committed yet, and a page of what is behind them."""
    subject, table = bench.subject, bench.table
    lake = Lake(subject, "tombstones").create()
    lake.stage("main", [path_of(n) for n in range(TOMBSTONES)])
    lake.stage("main", [f"zone/{n:04d}" for n in range(AFTER)])
    lake.commit("main", "all")
    ordered = sorted(path_of(n) for n in range(TOMBSTONES))
    calls = [lake.delete_request("main", ordered[start:start + CHANGES])
             for start in range(0, TOMBSTONES, CHANGES)]
    table.add_run("delete", subject.must(calls[:DELETES_SHOWN], 1))
    subject.must(calls[DELETES_SHOWN:], 2)
    page = lake.page_request("main")
    first = subject.must([page], 1)
    steady = subject.must([page] * 20, 1)
    found = subject.call("GET", f"{lake.base}/refs/main/objects/ls?amount=1000")["results"]
    assert [row["path"] for row in found] == [f"zone/{n:04d}" for n in range(AFTER)], json.dumps(found[:2])
    table.add_run("tombstones", steady, first_ms=first["p50_us"] / 1000)
