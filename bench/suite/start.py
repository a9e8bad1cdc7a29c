"""Starting over a fresh folder and over one that is there, at rest, and the size of the binary."""
import pathlib
import time

import requests

from .server import Subject

SETTLE_SECONDS = 3  # the allocator gives back what starting needed
ROUNDS = 3


def bench_start(bench):
    subject = Subject(bench.binary, bench.load)
    with subject:
        fresh = None
        again, memory = [], []
        for turn in range(ROUNDS + 1):
            if turn > 0:
                subject.server.stop()
            begin = time.monotonic()
            subject.server.start()
            requests.get(f"{subject.server.url}/_health", timeout=10)
            took = 1000 * (time.monotonic() - begin)
            if turn == 0:
                fresh = took
                continue
            again.append(took)
            time.sleep(SETTLE_SECONDS)
            memory.append(subject.resident_mib())
    bench.table.add("start", min(again), fresh_ms=fresh)
    bench.table.add("idle", max(memory))
    bench.table.add("binary", pathlib.Path(bench.binary).stat().st_size / (1 << 20))
