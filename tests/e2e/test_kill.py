"""kill -9 under load, twenty times: every acknowledged write and commit is there afterwards, and
nothing is half visible."""
import concurrent.futures
import hashlib
import threading

import botocore.exceptions
import lakefs
import lakefs.exceptions
import requests
import urllib3

ROUNDS = 20
WRITERS = 4
ACKNOWLEDGED_BEFORE_KILL = 12  # writes of a round that must have been acknowledged when it ends

# What a client sees of a server that is gone.
GONE = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, requests.RequestException,
        lakefs.exceptions.LakeFSException, urllib3.exceptions.HTTPError, ConnectionError)


def content(path):
    """Any size up to 96 KiB, and never the same twice."""
    seed = hashlib.sha256(path.encode()).digest()
    return (seed * (1 + seed[0] * 12))[: 1 + int.from_bytes(seed[:2], "big") % (len(seed) * 3000)]


class Ledger:
    """What clients were told, kept outside the server."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tried = set()
        self.written = set()
        self.commits = []  # (id, paths that were acknowledged before it was asked for)
        self.enough = threading.Semaphore(0)

    def try_write(self, path, write):
        with self.lock:
            self.tried.add(path)
        write()
        with self.lock:
            self.written.add(path)
        self.enough.release()


def write_until_gone(server, ledger, number, writer):
    s3 = server.s3(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=30)
    for count in range(100000):
        path = f"round={number:02d}/writer={writer}/{count:05d}"
        try:
            ledger.try_write(path, lambda: s3.put_object(Bucket="crash", Key=f"main/{path}", Body=content(path)))
        except GONE:
            return


def commit_until_gone(server, ledger, number):
    for count in range(100000):
        with ledger.lock:
            before = set(ledger.written)
        try:
            answer = server.rest("POST", "/repositories/crash/branches/main/commits",
                                 json={"message": f"round {number} commit {count}"})
        except GONE:
            return
        if answer.status_code == 201:
            with ledger.lock:
                ledger.commits.append((answer.json()["id"], before))
        else:
            assert (answer.status_code, answer.json()["message"]) == (400, "commit: no changes"), answer.text


def read_all(server, ref):
    """path -> (size, etag) of everything visible at `ref`."""
    pages = server.s3().get_paginator("list_objects_v2").paginate(Bucket="crash", Prefix=f"{ref}/")
    return {row["Key"].split("/", 1)[1]: (row["Size"], row["ETag"].strip('"'))
            for page in pages for row in page.get("Contents", [])}


def check(server, ledger):
    visible = read_all(server, "main")
    missing = ledger.written - visible.keys()
    assert not missing, f"acknowledged and gone: {sorted(missing)[:5]}"
    strange = visible.keys() - ledger.tried
    assert not strange, f"never written: {sorted(strange)[:5]}"
    for path, (size, etag) in visible.items():
        want = content(path)
        assert (size, etag) == (len(want), hashlib.md5(want).hexdigest()), path
    history = [commit.id for commit in lakefs.Repository("crash", client=server.lake()).ref("main").log()]
    for commit, _ in ledger.commits:
        assert commit in history, f"acknowledged commit {commit} is gone"
    if ledger.commits:
        commit, before = ledger.commits[-1]
        assert before <= read_all(server, commit).keys(), "a commit lacks what was acknowledged before it"


def check_bodies(server, paths):
    s3 = server.s3()
    for path in paths:
        assert s3.get_object(Bucket="crash", Key=f"main/{path}")["Body"].read() == content(path), path


def test_nothing_acknowledged_is_lost_and_nothing_is_half_visible(make_server):
    server = make_server().start()
    server.repository("crash")
    ledger = Ledger()
    for number in range(ROUNDS):
        seen = len(ledger.written)
        while ledger.enough.acquire(blocking=False):
            pass  # what earlier rounds had beyond enough does not count in this one
        with concurrent.futures.ThreadPoolExecutor(WRITERS + 1) as pool:
            running = [pool.submit(write_until_gone, server, ledger, number, writer) for writer in range(WRITERS)]
            running.append(pool.submit(commit_until_gone, server, ledger, number))
            for _ in range(ACKNOWLEDGED_BEFORE_KILL + number):
                assert ledger.enough.acquire(timeout=60), "the server takes no writes"
            server.kill()
            for task in running:
                task.result()
        server.start()
        check(server, ledger)
        check_bodies(server, sorted(path for path in ledger.written if path.startswith(f"round={number:02d}")))
        assert len(ledger.written) >= seen + ACKNOWLEDGED_BEFORE_KILL
    assert len(ledger.commits) >= ROUNDS // 2, "the kills interrupted hardly any commit"
    assert server.stop() == 0
