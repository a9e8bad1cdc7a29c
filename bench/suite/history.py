"""A history of COMMITS commits, each of which changed something: its log, its merge base.

Made in two steps, for otherwise it would take most of the time: commits on many branches at once,
for trees that differ, then commit records that line those trees up in one history.
"""
import hashlib
import time

from .budgets import COMMITS
from .lake import Lake
from .server import Failed

BRANCHES = 50
EACH = COMMITS // BRANCHES
OBJECTS = 20  # of each tree: small, so that the trees are quickly made
RARE = 1000  # of so many commits one changes the path whose log is asked for
RARE_PATH = "events/rare.parquet"
DATE = 1_700_000_000
PAGE = 1000
TEXT_TAG, NUMBER_TAG, TEXTS_TAG, MAP_TAG, EMBEDDED_TAG, BYTES_TAG = 1, 2, 3, 4, 5, 0


def bench_history(bench):
    subject, table = bench.subject, bench.table
    lake = Lake(subject, "history").create()
    lake.branch("fork")
    lake.stage("fork", ["fork"])
    lake.commit("fork", "fork")
    line_up(lake, trees(lake))
    bench.many("log", [subject.rest("GET", f"{lake.base}/refs/long/commits?amount=100")], 8)
    log = f"{lake.base}/refs/long/commits?amount=1000&objects={RARE_PATH}"
    begin = time.monotonic()
    found = len(subject.call("GET", log)["results"])
    first = 1000 * (time.monotonic() - begin)  # nobody has noted yet what these commits change
    if found != COMMITS // RARE:
        raise Failed(f"the log of a path has {found} commits, not {COMMITS // RARE}")
    table.add_run("log.path", subject.one("GET", log), first_ms=first)
    base = f"{lake.base}/refs/fork/merge/long"
    first = subject.one("GET", base)
    table.add_run("merge.base", subject.one("GET", base), first_ms=first["p50_us"] / 1000)


def bench_restart(bench):
    """The log of a path by a server that has nothing in memory. Where this is called from, nothing
    is measured of the process that ends here."""
    subject = bench.subject
    subject.server.stop()
    subject.start()
    log = f"{Lake(subject, 'history').base}/refs/long/commits?amount=1000&objects={RARE_PATH}"
    bench.table.add_run("log.path.start", subject.one("GET", log))


def path_of_change(n):
    return RARE_PATH if n % RARE == 0 else f"events/part-{n % OBJECTS:02d}.parquet"


def trees(lake):
    """Ids of the metaranges of COMMITS commits; neighbours differ in a path or, between branches, in
    some."""
    names = [f"made-{n:02d}" for n in range(BRANCHES)]
    lake.subject.must([lake.branch_request(name) for name in names])
    items = []
    for turn in range(EACH):
        for place, name in enumerate(names):
            n = place * EACH + turn
            items.append(lake.stage_request(name, path_of_change(n), str(n)))
            items.append(lake.commit_request(name, f"commit {n}"))
    # Fewer clients than branches, so that two of them are seldom at one branch.
    lake.subject.must(items, BRANCHES // 3, group=2)
    found = []
    for name in names:
        found += reversed(trees_of(lake, name))
    return found


def trees_of(lake, name):
    """Newest first."""
    found, page = [], f"{lake.base}/refs/{name}/commits?amount={PAGE}"
    after = ""
    while len(found) < EACH:
        rows = lake.subject.call("GET", page + after)["results"]
        found += [row["meta_range_id"] for row in rows]
        after = f"&after={rows[-1]['id']}"
    return found[:EACH]


def line_up(lake, metaranges):
    """Commit records, each the child of the one before, and a branch `long` at the last."""
    root = lake.subject.call("GET", f"{lake.base}/refs/main/commits?amount=1")["results"][0]["id"]
    parent, items = root, []
    for n, metarange in enumerate(metaranges):
        record = {"version": 1, "committer": "bench", "message": f"commit {n}", "metarange_id": metarange,
                  "creation_date": DATE + n, "parents": [parent], "metadata": {}, "generation": n + 2}
        parent = record["commit_id"] = commit_id(record)
        items.append(lake.subject.rest("POST", f"{lake.base}/commits", record))
    lake.subject.must(items)
    lake.branch("long", parent)


# ---- Identity of a commit (docs/formats/identities.md) ----

def number(value):
    return bytes([NUMBER_TAG, 8]) + value.to_bytes(8, "big", signed=True)


def text(value):
    raw = value.encode()
    return bytes([TEXT_TAG]) + number(len(raw)) + raw


def commit_id(record):
    parents = bytes([TEXTS_TAG]) + number(len(record["parents"]))
    parents += b"".join(text(parent) for parent in record["parents"])
    digest = hashlib.sha256(parents).digest()
    metadata = bytes([MAP_TAG]) + number(0)  # ours have none
    raw = text("commit:v1") + text(record["committer"]) + text(record["message"])
    raw += text(record["metarange_id"]) + number(record["creation_date"]) + metadata
    raw += bytes([EMBEDDED_TAG, BYTES_TAG]) + number(len(digest)) + digest
    return hashlib.sha256(raw).hexdigest()
