"""The server that is measured: its process, requests to it as bytes, and the load generator."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import KEY, SECRET, Server  # noqa: E402  the path must be set first

BASIC = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
SETTLE_SECONDS = 0.05  # what an operation leaves to be done behind it belongs to its CPU
LOAD_SECONDS_MAX = 900
ROUND_TRIPS = 5000  # of a byte, over the loopback interface


class Failed(Exception):
    """A measurement that could not be made."""


class Subject:
    """A server over a folder of its own; `with` starts and stops it."""

    def __init__(self, binary, load, parent=None):
        self.binary, self.load = binary, load
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
        self.server = Server(self.folder)
        self.server.command = lambda: [binary, *Server.command(self.server)[1:]]
        self.session = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.server.start()
        self.host = f"127.0.0.1:{self.server.port}"
        self.session = requests.Session()
        self.session.auth = (KEY, SECRET)
        return self

    # ---- What the kernel says of the process ----

    def cpu_seconds(self):
        """User and system time, of all its threads. The id of a process's clock is made from its own
        as clock_getcpuclockid does."""
        return time.clock_gettime((~self.server.process.pid << 3) | 2)

    def resident_mib(self):
        for line in pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    # ---- One request, by Python ----

    def call(self, method, path, **options):
        """To prepare and to check, not to measure."""
        answer = self.session.request(method, f"{self.server.url}/api/v1{path}", timeout=600, **options)
        if answer.status_code >= 300:
            raise Failed(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json() if answer.content else None

    # ---- Requests as bytes ----

    def rest(self, method, path, body=None, content_type="application/json"):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Basic {BASIC}\r\n"
        if body is not None:
            head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        return (head + "\r\n").encode() + (body or b"")

    def s3(self, method, path, body=None):
        digest = hashlib.sha256(body or b"").hexdigest()
        request = AWSRequest(method=method, url=f"http://{self.host}{path}", data=body,
                             headers={"x-amz-content-sha256": digest})
        SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(request)
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        head += [f"{name}: {value}" for name, value in request.headers.items()]
        if body is not None:
            head.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(head) + "\r\n\r\n").encode() + (body or b"")

    # ---- Many, by the load generator ----

    def drive(self, items, connections, seconds=600, count=0, group=1):
        """Sends `items` in turn until `seconds` are over or `count` groups of them were sent; what was
        seen, with the server's CPU an operation."""
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            for item in items:
                file.write(struct.pack("<I", len(item)) + item)
            file.flush()
            before = self.cpu_seconds()
            done = subprocess.run([self.load, "127.0.0.1", str(self.server.port), str(connections),
                                   str(seconds), str(count), file.name, str(group)],
                                  capture_output=True, text=True, timeout=LOAD_SECONDS_MAX)
            time.sleep(SETTLE_SECONDS)
            cpu = self.cpu_seconds() - before
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        seen = json.loads(done.stdout)
        count = max(1, seen["count"])
        return {"count": seen["count"], "errors": seen["errors"], "status": seen["status"],
                "seconds": seen["seconds"], "rate": seen["count"] / seen["seconds"],
                "p50_us": seen["p50"], "p99_us": seen["p99"], "cpu_us": 1e6 * cpu / count}

    def must(self, items, connections=64, group=1):
        """All of `items` once, none of which may fail: what prepares a measurement."""
        run = self.drive(items, connections, count=len(items) // group, group=group)
        if run["errors"]:
            raise Failed(f"{run['errors']} of {len(items)} failed, the last with status {run['status']}")
        return run

    def one(self, method, path, body=None):
        """One request alone."""
        run = self.must([self.rest(method, path, body)], 1)
        return {name: run[name] for name in ("p50_us", "cpu_us", "errors")}


def environment_text():
    """The machine and the commit that figures belong to."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], text=True,
                            capture_output=True).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return (f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {os.uname().sysname} "
            f"{os.uname().release.split('-')[0]}, commit {commit}, {time.strftime('%Y-%m-%d')}, "
            f"load {os.getloadavg()[0]:.1f} and {speed_text()} at the start")


def speed_text():
    """How fast this machine is just now: the same one may be half as fast an hour later, when others
    want its processor. What computes goes with the first figure, what asks the kernel with the
    second."""
    block = bytes(16 << 20)
    hashing = min(cpu_seconds_of(lambda: hashlib.md5(block)) for _ in range(5))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as near, listener.accept()[0] as far:
            def there_and_back():
                for _ in range(ROUND_TRIPS):
                    near.send(b"x")
                    far.recv(1)
                    far.send(b"x")
                    near.recv(1)
            trips = min(cpu_seconds_of(there_and_back) for _ in range(5))
    return (f"{len(block) / hashing / (1 << 30):.2f} GiB/s of MD5, "
            f"{trips / ROUND_TRIPS * 1e6:.1f} µs a round trip")


def cpu_seconds_of(work):
    begin = time.process_time()
    work()
    return time.process_time() - begin
