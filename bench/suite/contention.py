"""Many clients that write to one branch: none of them should see the others."""
from .lake import Lake

COMMITTERS, MERGERS = 16, 32
COMMITS, MERGES = 3200, 1600
OBJECTS = 1000


def bench_commits(bench):
    """Each client stages a change of its own and then commits. Its commit may find that another's took
    the change along: how many of the commits had changes is printed beside."""
    lake = Lake(bench.subject, "commits").create()
    lake.stage("main", [f"base/{n:04d}" for n in range(OBJECTS)])
    lake.commit("main", "base")
    items = []
    for n in range(COMMITS):
        items.append(lake.stage_request("main", f"base/{n * 7919 % OBJECTS:04d}", str(n)))
        items.append(lake.commit_request("main", f"commit {n}"))
    run = bench.subject.drive(items, COMMITTERS, count=COMMITS, group=2)
    bench.table.add_run("commits", run, changed_percent=100 * changed_share(lake))


def changed_share(lake):
    """Of the newest thousand commits, those that changed something."""
    rows = lake.subject.call("GET", f"{lake.base}/refs/main/commits?amount=1000")["results"]
    trees = [row["meta_range_id"] for row in rows]
    return sum(newer != older for newer, older in zip(trees, trees[1:])) / (len(trees) - 1)


def bench_merges(bench):
    """Each client merges a branch with a change of its own."""
    subject, table = bench.subject, bench.table
    lake = Lake(subject, "merges").create()
    lake.stage("main", [f"base/{n:04d}" for n in range(OBJECTS)])
    lake.commit("main", "base")
    branches = [f"m{n}" for n in range(MERGES)]
    subject.must([lake.branch_request(branch) for branch in branches])
    subject.must([lake.stage_request(branch, f"new/{branch}") for branch in branches])
    subject.must([lake.commit_request(branch, branch) for branch in branches], COMMITTERS)
    run = subject.drive([subject.rest("POST", f"{lake.base}/refs/{branch}/merge/main", {})
                         for branch in branches], MERGERS, count=MERGES)
    table.add_run("merges", run)
    table.add_run("merges.p99", run)
