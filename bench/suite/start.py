"""Starting over a fresh folder and over one that is there, at rest, and the size of the binary."""
import pathlib
import time

import requests

from .server import Subject

SETTLE_SECONDS = 3  # the allocator gives back what starting needed
ROUNDS = 3


def bench_start(bench):
    subject = Subject(bench.binary, bench.load)
    again, memory = [], []
    try:
        fresh = start(subject.server)
        for _ in range(ROUNDS):
            subject.server.stop()
            again.append(start(subject.server))
            time.sleep(SETTLE_SECONDS)
            memory.append(subject.resident_mib())
    finally:
        subject.close()
    bench.table.add("start", min(again), fresh_ms=fresh)
    bench.table.add("idle", max(memory))
    bench.table.add("binary", pathlib.Path(bench.binary).stat().st_size / (1 << 20))


def start(server):
    """Milliseconds from exec to the first answer."""
    begin = time.monotonic()
    server.start()
    requests.get(f"{server.url}/_health", timeout=10)
    return 1000 * (time.monotonic() - begin)
