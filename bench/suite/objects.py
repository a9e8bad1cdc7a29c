"""Objects with data: small ones, large ones, and what an open transfer holds in memory."""
import hashlib
import os
import socket
import subprocess
import tempfile
import threading
import time

from .lake import Lake

KIB = bytes(range(256)) * 4
LARGE = 64 << 20
CLIENTS = 4
TRANSFERS = 32  # gets and puts of a large object
OPEN = 32  # transfers open at a time
SHARE = 0.9  # of what the machine can do
SETTLE_SECONDS = 1


def bench_small(bench):
    subject = bench.subject
    lake = Lake(subject, "small").create()
    names = [f"{n:04d}" for n in range(1000)]
    upload = f"{lake.base}/branches/main/objects?path=rest/"
    puts = [subject.s3("PUT", f"/small/main/s3/{name}", KIB) for name in names]
    bench.many("upload", [subject.rest("POST", upload + name, KIB, "application/octet-stream")
                          for name in names])
    bench.many("s3.put", puts)
    subject.must(puts, 8)
    lake.commit("main", "small objects")
    bench.many("get", [subject.rest("GET", f"{lake.base}/refs/main/objects?path=s3/{name}")
                       for name in names])
    bench.many("s3.get", [subject.s3("GET", f"/small/main/s3/{name}") for name in names])
    bench.many("s3.head", [subject.s3("HEAD", f"/small/main/s3/{name}") for name in names])


def bench_large(bench):
    subject = bench.subject
    Lake(subject, "large").create()
    body = os.urandom(1 << 20) * (LARGE >> 20)
    puts = [subject.s3("PUT", f"/large/main/big/{n}", body) for n in range(CLIENTS)]
    gets = [subject.s3("GET", f"/large/main/big/{n}") for n in range(CLIENTS)]
    for key, items, machine in (("large.put", puts, md5_rate), ("large.get", gets, sendfile_rate)):
        subject.must(items, CLIENTS)  # warm, and there to be got
        run = subject.drive(items, CLIENTS, count=TRANSFERS)
        limit = machine(bench, body)
        failures = {"failed": run["errors"], "status": run["status"]} if run["errors"] else {}
        bench.table.add(key, gibibytes(run), SHARE * limit, machine=limit, cpu_us=run["cpu_us"],
                        **failures)


def gibibytes(run):
    return run["count"] * LARGE / (1 << 30) / run["seconds"]


def md5_rate(_, body):
    """What one core digests, GiB/s: every upload owes its ETag."""
    begin = time.monotonic()
    for _ in range(4):
        hashlib.md5(body)
    return 4 * len(body) / (1 << 30) / (time.monotonic() - begin)


def sendfile_rate(bench, body):
    """What the kernel sends from a file, GiB/s, to the same client: a server that does nothing else."""
    with tempfile.TemporaryFile(dir=bench.subject.folder) as file, socket.socket() as listener:
        file.write(body)
        file.flush()
        listener.bind(("127.0.0.1", 0))
        listener.listen(CLIENTS)
        with tempfile.NamedTemporaryFile(dir=bench.subject.folder) as requests:
            request = b"GET / HTTP/1.1\r\n\r\n"
            requests.write(len(request).to_bytes(4, "little") + request)
            requests.flush()
            client = subprocess.Popen(
                [bench.load, "127.0.0.1", str(listener.getsockname()[1]), str(CLIENTS), "60",
                 str(TRANSFERS), requests.name], stdout=subprocess.PIPE)
            threads = [threading.Thread(target=send_file, args=(listener.accept()[0], file.fileno()))
                       for _ in range(CLIENTS)]
            begin = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - begin
            client.communicate()
    return TRANSFERS * LARGE / (1 << 30) / took


def send_file(connection, file):
    with connection:
        while connection.recv(1024):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
            at = 0
            while at < LARGE:
                at += os.sendfile(connection.fileno(), file, at, LARGE - at)


def bench_transfers(bench):
    """OPEN clients that stall in the middle of a large object."""
    subject = bench.subject
    lake = Lake(subject, "open").create()
    subject.must([subject.s3("PUT", "/open/main/big", os.urandom(LARGE))], 1)
    get = subject.rest("GET", f"{lake.base}/refs/main/objects?path=big")
    bench.table.add("transfer.get", held_mib(subject, [get] * OPEN))
    part = os.urandom(LARGE // 4)
    puts = []
    for n in range(OPEN):
        whole = subject.rest("POST", f"{lake.base}/branches/main/objects?path=put/{n}", b"",
                             "application/octet-stream")
        puts.append(whole.replace(b"Content-Length: 0", b"Content-Length: %d" % LARGE) + part)
    bench.table.add("transfer.put", held_mib(subject, puts))


def held_mib(subject, starts):
    """Memory that the server takes for each of the requests, which are begun and not finished."""
    before = subject.resident_mib()
    clients = []
    try:
        for start in starts:
            clients.append(socket.create_connection(("127.0.0.1", subject.server.port)))
            clients[-1].sendall(start)
        time.sleep(SETTLE_SECONDS)
        return max(0.01, subject.resident_mib() - before) / len(starts)
    finally:
        for client in clients:
            client.close()
