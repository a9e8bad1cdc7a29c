"""What the same change costs in ever larger repositories: cost should grow with what changed, not
with what is there."""
import time

from .changes import change_rounds, commit_one_rounds, range_pick, spread_pick
from .lake import Lake, paths_of
from .server import ROOT, Subject
from .table import figure, median_of

SIZES = [10_000, 100_000, 1_000_000]
LARGE = 10_000_000
ROUNDS = 5
READS_SECONDS = 2

# Key, what it is called, and in which plot it is.
SERIES = [
    ("stat", "stat of an object", "reads"),
    ("list", "list page of 1,000", "reads"),
    ("commit.one", "commit of one", "commit"),
    ("commit.range", "commit of 1,000 in one range", "commit"),
    ("commit.spread", "commit of 1,000 spread", "commit"),
    ("diff.range", "diff of 1,000 in one range", "diff"),
    ("diff.spread", "diff of 1,000 spread", "diff"),
    ("merge.range", "merge of 1,000 in one range", "merge"),
    ("merge.spread", "merge of 1,000 spread", "merge"),
    ("commit.all", "commit of all of them", "none"),
]
PLOTS = {"reads": "Reading committed objects", "commit": "Commit", "diff": "Diff",
         "merge": "Merge, both sides changed"}


def run_scale(binary, load, with_large):
    """A list of points, one a size: {"objects": n, "cost": {key: {"cpu_ms", "wall_ms"}}}."""
    points = []
    for size in SIZES + [LARGE] * with_large:
        begin = time.monotonic()
        with Subject(binary, load, ROOT / "build") as subject:
            cost = measure(subject, size)
            memory = subject.resident_mib()
        points.append({"objects": size, "memory_mib": round(memory), "cost": cost})
        print(f"\n{size:,} objects, {time.monotonic() - begin:.0f} s, {memory:.0f} MiB at the end")
        for key, name, _ in SERIES:
            print(f"  {name:32s} {figure(cost[key]['cpu_ms']):>8} ms CPU "
                  f"{figure(cost[key]['wall_ms']):>8} ms", flush=True)
    return points


def measure(subject, size):
    lake = Lake(subject, "scale").create()
    paths = paths_of(size)
    lake.stage("main", paths)
    runs = {"commit.all": [lake.commit("main", "all")]}
    ordered = sorted(paths)
    some = ordered[::max(1, size // 1000)]
    for key, items, connections in (("stat", [lake.stat_request("main", path) for path in some], 64),
                                    ("list", [lake.page_request("main", path) for path in some], 8)):
        subject.drive(items, connections, READS_SECONDS / 4)
        runs[key] = [subject.drive(items, connections, READS_SECONDS)]
    runs["commit.one"] = commit_one_rounds(lake, ordered, 2 * ROUNDS)
    for where, pick in (("range", range_pick(ordered, ROUNDS)), ("spread", spread_pick(ordered))):
        for operation, found in change_rounds(lake, where, pick, ROUNDS).items():
            runs[f"{operation}.{where}"] = found
    return {key: {"cpu_ms": round(run["cpu_us"] / 1000, 4), "wall_ms": round(run["p50_us"] / 1000, 4)}
            for key, run in ((key, median_of(found)) for key, found in runs.items())}
