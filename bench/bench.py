#!/usr/bin/env python3
"""The benchmarks of the budgets: each row prints rate, p50, p99, server CPU an operation, the budget and
how many times under it (or over it) the server was.

usage: bench.py --binary BINARY --load LOAD [--seconds S] [--only TEXT] [--json FILE]

A server is started on a port and a folder of its own. Server CPU is user plus system time of the process
over the run, divided by the operations: on a machine that client and server share it is the figure that
means something. Rates and latencies belong to the machine that is named at the top.
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import KEY, SECRET, Server  # noqa: E402  the path must be set first

MANY = 100_000
TICK = os.sysconf("SC_CLK_TCK")
BASIC = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
KIB = bytes(range(256)) * 4
MIB64 = bytes(1024) * (64 << 10)


# ---- Measuring ----

class Process:
    """What the kernel says of the server."""

    def __init__(self, server):
        self.folder = pathlib.Path(f"/proc/{server.process.pid}")

    def cpu_seconds(self):
        fields = (self.folder / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident_mib(self):
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


class Table:
    def __init__(self, only):
        self.only, self.rows = only, []

    def wants(self, name):
        return not self.only or self.only in name

    def add(self, name, value, unit, budget, **more):
        """`value` and `budget` in `unit`; smaller is better unless the unit is a rate."""
        is_rate = unit.endswith("/s")
        ratio = None if not budget or not value else (value / budget if is_rate else budget / value)
        row = {"name": name, "value": round(value, 3), "unit": unit, "budget": budget,
               "ratio": ratio and round(ratio, 2), **more}
        self.rows.append(row)
        rest = "  ".join(f"{key} {value:,.0f}" if isinstance(value, (int, float)) else f"{key} {value}"
                         for key, value in more.items())
        verdict = "" if ratio is None else ("ok  " if ratio >= 1 else "OVER") + f" {ratio:6.2f}x"
        print(f"{name:44s} {value:10.2f} {unit:7s} budget {budget if budget else '-':>8}  {verdict:12s} {rest}",
              flush=True)


class Bench:
    def __init__(self, server, load, table, seconds):
        self.server, self.load, self.table, self.seconds = server, load, table, seconds
        self.process = Process(server)
        self.host = f"127.0.0.1:{server.port}"

    # -- Requests as bytes --
    def rest(self, method, path, body=b"", content_type="application/json"):
        head = [f"{method} /api/v1{path} HTTP/1.1", f"Host: {self.host}", f"Authorization: Basic {BASIC}"]
        if body or method in ("POST", "PUT"):
            head += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        return ("\r\n".join(head) + "\r\n\r\n").encode() + body

    def s3(self, method, path, body=b""):
        request = AWSRequest(method=method, url=f"http://{self.host}{path}", data=body,
                             headers={"x-amz-content-sha256": hashlib.sha256(body).hexdigest()})
        SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(request)
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        head += [f"{name}: {value}" for name, value in request.headers.items()]
        if body or method == "PUT":
            head.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(head) + "\r\n\r\n").encode() + body

    # -- Running them --
    def drive(self, items, connections, seconds, count=0):
        with tempfile.NamedTemporaryFile(dir=self.server.folder) as file:
            for item in items:
                file.write(struct.pack("<I", len(item)) + item)
            file.flush()
            before = self.process.cpu_seconds()
            done = subprocess.run([self.load, "127.0.0.1", str(self.server.port), str(connections), str(seconds),
                                   str(count), file.name], capture_output=True, text=True, check=True)
            cpu = self.process.cpu_seconds() - before
        result = json.loads(done.stdout)
        result["cpu_us"] = 1e6 * cpu / max(1, result["count"])
        result["cpu"] = cpu
        if result["errors"]:
            raise SystemExit(f"{result['errors']} errors, the last with status {result['status']}")
        return result

    def small(self, name, items, budget_us, connections=64, count=0):
        """CPU an operation of many small ones."""
        if not self.table.wants(name):
            return
        self.drive(items, connections, 0.3)  # warm
        result = self.drive(items, connections, 60 if count else self.seconds, count)
        self.table.add(name, result["cpu_us"], "us CPU", budget_us, rate=result["count"] / result["seconds"],
                       p50_us=result["p50"], p99_us=result["p99"])

    def call(self, method, path, **options):
        answer = self.server.rest(method, path, **options)
        assert answer.status_code < 300, answer.text
        return answer

    def timed(self, name, budget_ms, action, **more):
        """Wall time of one long operation."""
        cpu, begin = self.process.cpu_seconds(), time.monotonic()
        action()
        took = time.monotonic() - begin
        if self.table.wants(name):
            self.table.add(name, 1000 * took, "ms", budget_ms,
                           cpu_ms=1000 * (self.process.cpu_seconds() - cpu), **more)


# ---- What is measured ----

def stage(bench, branch, paths, salt=""):
    """Stages entries without data, as an import does."""
    base = f"/repositories/bench/branches/{branch}/objects?path="
    items = []
    for path in paths:
        checksum = hashlib.md5((path + salt).encode()).hexdigest()
        body = json.dumps({"physical_address": f"local://bench/data/{checksum}", "checksum": checksum,
                           "size_bytes": 1000}).encode()
        items.append(bench.rest("PUT", base + path, body))
    return bench.drive(items, 64, 600, len(items))


def commit(bench, branch, message):
    bench.call("POST", f"/repositories/bench/branches/{branch}/commits", json={"message": message})


def many_paths(count=MANY):
    return [f"sensor={n % 997:03d}/hour={n // 997:04d}.parquet" for n in range(count)]


def bench_start(binary, table):
    """From exec to the first answer, over a fresh folder and over the one that is left."""
    folder = pathlib.Path(tempfile.mkdtemp())
    server = Server(folder)
    server.command = lambda: [binary, *Server.command(server)[1:]]
    best = {}
    for kind in ("fresh", "again", "again", "again"):
        begin = time.monotonic()
        server.start()
        requests.get(f"{server.url}/_health", timeout=10)
        took = 1000 * (time.monotonic() - begin)
        best[kind] = min(took, best.get(kind, took))
        if kind == "again":
            time.sleep(3)  # the allocator gives back what starting needed
            memory = Process(server).resident_mib()
        server.stop()
    shutil.rmtree(folder)
    table.add("start to first answer", best["again"], "ms", 100, fresh_ms=best["fresh"])
    table.add("idle memory", memory, "MiB", 40)
    table.add("binary", pathlib.Path(binary).stat().st_size / (1 << 20), "MiB", 30)


def bench_small_objects(bench):
    repository = bench.server.repository("small")
    s3_paths = [f"/small/main/s3/{n:04d}" for n in range(1000)]
    rest = "/repositories/small/branches/main/objects?path="
    bench.small("upload of 1 KiB (REST)", [bench.rest("POST", f"{rest}rest/{n:04d}", KIB, "application/octet-stream")
                                           for n in range(1000)], 50)
    bench.small("S3 PUT of 1 KiB", [bench.s3("PUT", path, KIB) for path in s3_paths], 45)
    bench.drive([bench.s3("PUT", path, KIB) for path in s3_paths], 8, 60, 1000)
    repository.branch("main").commit("small objects")
    bench.small("get of 1 KiB (REST)", [bench.rest("GET", f"/repositories/small/refs/main/objects?path=s3/{n:04d}")
                                        for n in range(1000)], 30)
    bench.small("S3 GET of 1 KiB", [bench.s3("GET", path) for path in s3_paths], 25)
    bench.small("S3 HEAD of 1 KiB", [bench.s3("HEAD", path) for path in s3_paths], 20)


def bench_tree(bench):
    bench.server.repository("bench")
    paths = many_paths()
    result = stage(bench, "main", paths)
    bench.table.add("staged write (stage), durable", result["cpu_us"], "us CPU", 19,
                    rate=result["count"] / result["seconds"], p99_us=result["p99"])
    listing = "/repositories/bench/refs/main/objects/ls?amount=1000&after="
    after = [paths[n] for n in range(0, MANY, 1009)]
    bench.small("list page of 1,000, staged", [bench.rest("GET", listing + path) for path in after], 500, 8)
    bench.timed("commit of 100,000 staged", 60, lambda: commit(bench, "main", "all"))
    bench.small("stat of a committed object",
                [bench.rest("GET", f"/repositories/bench/refs/main/objects/stat?path={path}") for path in paths[::37]], 25)
    bench.small("list page of 1,000, committed", [bench.rest("GET", listing + path) for path in after], 500, 8)
    bench.small("first page of 997 prefixes over 100,000",
                [bench.rest("GET", "/repositories/bench/refs/main/objects/ls?amount=1000&delimiter=/")], 1000, 8)
    bench.small("branch create", [bench.rest("POST", "/repositories/bench/branches", json.dumps(
        {"name": f"b{n:06d}", "source": "main"}).encode()) for n in range(40000)][20000:], 20, 64, 15000)


def bench_changes(bench):
    paths = many_paths()
    stage(bench, "main", [paths[500]], "one")
    bench.timed("commit of one in 100,000", 8, lambda: commit(bench, "main", "one"))
    bench.call("POST", "/repositories/bench/branches", json={"name": "changes", "source": "main"})
    stage(bench, "changes", paths[::100], "thousand")
    bench.timed("commit of 1,000 spread over 100,000", 150, lambda: commit(bench, "changes", "thousand"))
    bench.timed("diff of 1,000 spread over 100,000", 30, lambda: bench.call(
        "GET", "/repositories/bench/refs/main/diff/changes?amount=1000"))
    bench.timed("merge of 1,000 spread over 100,000", 200, lambda: bench.call(
        "POST", "/repositories/bench/refs/changes/merge/main", json={}))
    doomed = {"paths": paths[7:100000:100][:1000]}
    bench.timed("delete of 1,000 in one call", 10, lambda: bench.call(
        "POST", "/repositories/bench/branches/main/objects/delete", json=doomed))
    commit(bench, "main", "deleted")


def bench_history(bench):
    bench.server.repository("history")
    items = [bench.rest("POST", "/repositories/history/branches/main/commits",
                        json.dumps({"message": f"commit {n}", "allow_empty": True}).encode()) for n in range(3000)]
    name = "contended commits on one branch, 16 clients"
    result = bench.drive(items, 16, 60, len(items))
    bench.table.add(name, result["count"] / result["seconds"], "/s", 300, p99_us=result["p99"], cpu_us=result["cpu_us"])
    bench.small("log page of 100", [bench.rest("GET", "/repositories/history/refs/main/commits?amount=100")], 60, 8)


def bench_merges(bench, branches=320):
    bench.server.repository("bench-merge")
    for n in range(branches):
        bench.call("POST", "/repositories/bench-merge/branches", json={"name": f"m{n}", "source": "main"})
    base = "/repositories/bench-merge/branches"
    bench.drive([bench.rest("POST", f"{base}/m{n}/objects?path=o{n}", b"x", "application/octet-stream")
                 for n in range(branches)], 16, 60, branches)
    bench.drive([bench.rest("POST", f"{base}/m{n}/commits", b'{"message":"c"}') for n in range(branches)], 16, 60, branches)
    result = bench.drive([bench.rest("POST", f"/repositories/bench-merge/refs/m{n}/merge/main", b"{}")
                          for n in range(branches)], 32, 60, branches)
    bench.table.add("contended merges into one branch, 32 clients", result["count"] / result["seconds"], "/s", 250,
                    p99_us=result["p99"], cpu_us=result["cpu_us"])


def bench_large_objects(bench):
    bench.server.repository("large")
    put = [bench.s3("PUT", f"/large/main/big/{n}", MIB64) for n in range(4)]
    for name, items in (("PUT of 64 MiB, 4 clients", put),
                        ("GET of 64 MiB, 4 clients", [bench.s3("GET", f"/large/main/big/{n}") for n in range(4)])):
        bench.drive(items, 4, 60, 4)
        result = bench.drive(items, 4, 60, 16)
        rate = 16 * 64 / 1024 / result["seconds"]
        bench.table.add(name, rate, "GiB/s", None, cpu_ms=1000 * result["cpu"] / 16)


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    commit_id = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True,
                               text=True).stdout.strip()
    return (f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, commit {commit_id}, "
            f"{time.strftime('%Y-%m-%d')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    binary, load = (str(pathlib.Path(path).resolve()) for path in (arguments.binary, arguments.load))
    print(f"machine: {machine()}")
    table = Table(arguments.only)
    bench_start(binary, table)
    folder = pathlib.Path(tempfile.mkdtemp(dir=ROOT / "build"))
    server = Server(folder)
    server.command = lambda: [binary, *Server.command(server)[1:]]
    server.start()
    bench = Bench(server, load, table, arguments.seconds)
    try:
        bench_small_objects(bench)
        bench_tree(bench)
        bench_changes(bench)
        bench_history(bench)
        bench_merges(bench)
        bench_large_objects(bench)
        time.sleep(3)
        table.add("memory after all of the above", bench.process.resident_mib(), "MiB", 300)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps({"machine": machine(), "rows": table.rows}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
