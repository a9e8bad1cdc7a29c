"""The budgets: one line for each thing that is measured, with what lakeFS 1.84 took on two cores.

A unit says what of a run is compared with the budget: CPU of the server an operation (`us CPU`,
`ms CPU`), the median of the time that a client waited (`ms`), its 99th percentile (`ms p99`), or the
rate (`/s`, `GiB/s`; more is better). None of them is a test: a machine that does other work at the
same time is slower.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Budget:
    key: str
    name: str
    unit: str
    budget: float | None  # None: set by what the machine can do, measured beside it
    lakefs: str = "–"

    @property
    def is_rate(self):
        return self.unit.endswith("/s")


MANY = 100_000
HALF_MILLION = 500_000
CHANGES = 1_000  # of a diff or a merge
TOMBSTONES = 1_000_000
COMMITS = 100_000  # of the long history

BUDGETS = [
    Budget("start", "start to first answer", "ms", 100, "350–670 ms"),
    Budget("idle", "idle memory", "MiB", 40, "121 MB"),
    Budget("binary", "size of the binary", "MiB", 30, "129 MB"),

    Budget("upload", "upload of 1 KiB (REST)", "us CPU", 50, "516 µs"),
    Budget("get", "get of 1 KiB (REST)", "us CPU", 30, "316 µs"),
    Budget("s3.put", "S3 PUT of 1 KiB", "us CPU", 45, "432 µs"),
    Budget("s3.get", "S3 GET of 1 KiB", "us CPU", 25, "240 µs"),
    Budget("s3.head", "S3 HEAD of 1 KiB", "us CPU", 20, "205 µs"),

    Budget("stage", "staged write (stage), durable", "us CPU", 19, "186 µs"),
    Budget("list.staged", "list page of 1,000, staged", "ms CPU", 0.5, "6.5 ms"),
    Budget("commit.many", "commit of 100,000 staged", "ms", 60, "0.35 s"),
    Budget("stat", "stat of a committed object, 64 clients", "us CPU", 25, "354 µs"),
    Budget("stat.p99", "stat of a committed object, 99th percentile", "ms p99", 6, "58 ms"),
    Budget("list", "list page of 1,000, committed", "ms CPU", 0.5, "5.2 ms"),
    Budget("prefixes", "first page with delimiter, 997 prefixes over 100,000", "ms CPU", 1, "20.7 ms"),
    Budget("branch", "branch create", "us CPU", 20, "228 µs"),
    Budget("commit.one", "commit of one in a branch of 100,000", "ms CPU", 8, "41 ms"),
    Budget("diff.many", "diff of 1,000 spread over 100,000", "ms", 30, "222 ms"),

    Budget("commit.half", "commit of 500,000 staged", "ms", 350, "1.6 s"),
    Budget("commit.half.cpu", "commit of 500,000 staged, an object", "us CPU", 1.2, "4.2 µs"),
    Budget("diff.half", "diff of 1,000 spread over 500,000", "ms", 90, "623 ms"),
    Budget("commit.spread", "commit of 1,000 spread over all ranges of 500,000", "ms", 150, "0.91 s"),
    Budget("merge.spread", "merge of 1,000 spread over 500,000, both sides changed", "ms", 200, "1.18 s"),
    Budget("commit.range", "commit of 1,000 in one range of 500,000", "ms", 10),
    Budget("diff.range", "diff of 1,000 in one range of 500,000", "ms", 10),
    Budget("merge.range", "merge of 1,000 in one range, both sides changed", "ms", 10),

    Budget("delete", "delete of 1,000 in one call", "ms CPU", 10, "128–158 ms"),
    Budget("tombstones", "page after 1,000,000 tombstones", "ms", 2, "grows"),

    Budget("commits", "contended commits, 16 clients, one branch", "/s", 300, "66 % failed"),
    Budget("merges", "contended merges, 32 clients, one branch", "/s", 250, "22/s"),
    Budget("merges.p99", "contended merges, 99th percentile", "ms p99", 300, "6.3 s"),
    Budget("log", "log page of 100", "us CPU", 60, "0.45 ms"),
    Budget("log.path", "log of one path over 100,000 commits", "ms", 50),
    Budget("log.path.start", "log of one path, the first after a start", "ms", 500),
    Budget("merge.base", "merge base over 100,000 commits", "ms", 5),

    Budget("large.get", "GET of 64 MiB, 4 clients; 0.9 × sendfile", "GiB/s", None, "1.65 GiB/s"),
    Budget("large.put", "PUT of 64 MiB, 4 clients; 0.9 × MD5", "GiB/s", None, "0.3 GiB/s"),
    Budget("transfer.get", "memory of an open GET of 64 MiB", "MiB", 2),
    Budget("transfer.put", "memory of an open PUT of 64 MiB", "MiB", 2),
    Budget("memory", "memory after all of the above", "MiB", 300, "1.8–2.1 GB"),
]
BY_KEY = {budget.key: budget for budget in BUDGETS}
