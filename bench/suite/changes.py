"""Commit, diff and merge of CHANGES changes, both sides changed: used for one size and for many."""
from .budgets import CHANGES
from .lake import neighbours, spread
from .server import Failed


def spread_pick(ordered):
    """For each round, the paths that the source changes and those that the destination changes."""
    return lambda turn: (spread(ordered, turn / 20), spread(ordered, 0.5 + turn / 20))


def range_pick(ordered, rounds):
    """The same within a stretch. A stretch can lie across the border of two ranges, and ranges differ
    in size: each round takes another place, and the median stands for them."""
    def pick(turn):
        where = (turn + 0.5) / rounds
        return neighbours(ordered, where), neighbours(ordered, where, 1)
    return pick


def change_rounds(lake, label, pick, rounds):
    """Figures of each operation, a list of runs each. Every round has branches of its own."""
    runs = {"commit": [], "diff": [], "merge": []}
    for turn in range(rounds):
        source, destination = f"{label}-{turn}-source", f"{label}-{turn}-destination"
        theirs, ours = pick(turn)
        for branch, paths in ((source, theirs), (destination, ours)):
            lake.branch(branch)
            lake.stage(branch, paths, branch)
            runs["commit"].append(lake.commit(branch, label))
        runs["diff"].append(lake.diff("main", source))
        runs["merge"].append(lake.merge(source, destination))
        check(lake, "main", source, CHANGES)
        check(lake, source, destination, CHANGES)
    return runs


def check(lake, left, right, count):
    """That what was measured was what its name says."""
    found = lake.subject.call("GET", f"{lake.base}/refs/{left}/diff/{right}?type=two_dot&amount=1000")
    if len(found["results"]) != count or found["pagination"]["has_more"]:
        raise Failed(f"{left} and {right} differ in {len(found['results'])}, not {count}, paths")


def commit_one_rounds(lake, ordered, rounds):
    """Commits of one changed object on a branch of its own."""
    branch = "one"
    lake.branch(branch)
    runs = []
    for turn in range(rounds):
        path = ordered[(turn * 7919 + len(ordered) // 3) % len(ordered)]
        lake.stage(branch, [path], f"one-{turn}")
        runs.append(lake.commit(branch, f"one {turn}"))
    return runs
