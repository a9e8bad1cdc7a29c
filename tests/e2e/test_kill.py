"""kill -9 under load, twenty times: every acknowledged write, commit and merge is there afterwards,
and nothing is half visible.

Writers put, overwrite and delete over S3 and REST, upload in parts, commit, and land jobs of several
files by branch and merge. A ledger outside the server knows what each was told. A request that the
kill cut short may have happened or not, but wholly, once, and for good."""
import collections
import concurrent.futures
import hashlib
import itertools
import threading

import botocore.exceptions
import requests
import urllib3

from harness import KEY, SECRET

ROUNDS = 20
JOB_FILES = 3
ACKNOWLEDGED_BEFORE_KILL = 15  # requests of a round that must have been acknowledged when it ends
# What is in flight when the server is killed, by turns.
KINDS = ("s3 put", "commit", "rest put", "merge", "part", "s3 delete", "complete", "rest delete")

# What a client sees of a server that is gone.
GONE = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, requests.RequestException,
        urllib3.exceptions.HTTPError, ConnectionError)


def content(path, version):
    """Any size up to 96 KiB, and never the same twice."""
    seed = hashlib.sha256(f"{path}@{version}".encode()).digest()
    size = 1 + int.from_bytes(seed[:2], "big") % 98304
    return (seed * (1 + size // len(seed)))[:size]


def etag(path, version):
    digest = hashlib.md5(content(path, version))
    is_in_parts = path.startswith("multipart/")
    return f"{hashlib.md5(digest.digest()).hexdigest()}-1" if is_in_parts else digest.hexdigest()


class Ledger:
    """What clients asked for and what they were told. A path belongs to one writer and counts its
    versions from 1; version 0, and those in `deleted`, are its absence."""

    def __init__(self):
        self.condition = threading.Condition()
        self.asked = collections.Counter()  # requests by kind
        self.acknowledged = 0
        self.known = {}    # path -> the last acknowledged version
        self.tried = {}    # path -> the last version that was asked for
        self.deleted = set()  # (path, version)
        self.commits = []  # (id, versions known when it was asked for, versions tried when it was there)
        self.merges = []   # ids of merges into release
        self.jobs = {}     # number -> whether its merge was acknowledged
        self.messages = set()
        self.failure = None  # of a writer

    def ask(self, kind, act):
        with self.condition:
            self.asked[kind] += 1
            self.condition.notify_all()
        answer = act()
        with self.condition:
            self.acknowledged += 1
            self.condition.notify_all()
        return answer

    def change(self, kind, path, act, is_deletion=False):
        """One step of a path: `act` gets the version to write."""
        with self.condition:
            version = self.tried[path] = self.tried.get(path, 0) + 1
            if is_deletion:
                self.deleted.add((path, version))
        self.ask(kind, lambda: act(version))
        with self.condition:
            self.known[path] = version

    def fail(self, failure):
        with self.condition:
            self.failure = failure
            self.condition.notify_all()

    def wait(self, predicate):
        with self.condition:
            met = self.condition.wait_for(lambda: self.failure or predicate(), timeout=60)
            if self.failure:
                raise self.failure
            assert met, f"the server is stuck: {self.asked}"

    def wait_for_load(self, kind):
        """Until enough of this round is acknowledged, and then until a request of `kind` sets out."""
        enough = self.acknowledged + ACKNOWLEDGED_BEFORE_KILL
        self.wait(lambda: self.acknowledged >= enough)
        seen = self.asked[kind]
        self.wait(lambda: self.asked[kind] > seen)

    def versions(self, path, least, most):
        """(size, etag) -> version of what may be seen of a path; None is its absence."""
        return {None if version == 0 or (path, version) in self.deleted
                else (len(content(path, version)), etag(path, version)): version
                for version in range(least.get(path, 0), most.get(path, 0) + 1)}


class Client:
    """One writer's connections. Every request counts as acknowledged or raises one of GONE."""

    def __init__(self, server):
        self.s3 = server.s3(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=30)
        self.session = requests.Session()
        self.session.auth = (KEY, SECRET)
        self.root = f"{server.url}/api/v1/repositories/crash"

    def rest(self, method, path, statuses, **options):
        answer = self.session.request(method, self.root + path, timeout=30, **options)
        assert answer.status_code in statuses, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


# ---- Writers: each runs until the server is gone ----

def change_paths(client, ledger, prefix, put, delete, put_kind, delete_kind):
    """New paths, with an overwrite after every second and a deletion after every fourth."""
    for count in itertools.count():
        path = f"{prefix}/{count:05d}"
        ledger.change(put_kind, path, lambda version: put(client, path, version))
        if count % 2:
            ledger.change(put_kind, path, lambda version: put(client, path, version))
        if count % 4 == 3:
            ledger.change(delete_kind, path, lambda _: delete(client, path), is_deletion=True)


def s3_put(client, path, version):
    client.s3.put_object(Bucket="crash", Key=f"main/{path}", Body=content(path, version))


def s3_delete(client, path):
    client.s3.delete_object(Bucket="crash", Key=f"main/{path}")


def rest_put(client, path, version, branch="main"):
    client.rest("POST", f"/branches/{branch}/objects", {201}, params={"path": path}, data=content(path, version))


def rest_delete(client, path):
    client.rest("POST", "/branches/main/objects/delete", {200}, json={"paths": [path]})


def upload_in_parts(client, ledger, prefix):
    for count in itertools.count():
        where = {"Bucket": "crash", "Key": f"main/{prefix}/{count:05d}"}

        def upload(version, where=where, path=f"{prefix}/{count:05d}"):
            upload = client.s3.create_multipart_upload(**where)["UploadId"]
            part = ledger.ask("part", lambda: client.s3.upload_part(
                **where, UploadId=upload, PartNumber=1, Body=content(path, version)))
            parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
            ledger.ask("complete", lambda: client.s3.complete_multipart_upload(
                **where, UploadId=upload, MultipartUpload={"Parts": parts}))

        ledger.change("upload", f"{prefix}/{count:05d}", upload)


def commit_main(client, ledger, number):
    for count in itertools.count():
        message = f"round {number} commit {count}"
        with ledger.condition:
            ledger.messages.add(message)
            known = dict(ledger.known)
        answer = ledger.ask("commit", lambda: client.rest(
            "POST", "/branches/main/commits", {201, 400}, json={"message": message}))
        if answer.status_code == 400:
            assert answer.json()["message"] == "commit: no changes", answer.text
            continue
        with ledger.condition:
            ledger.commits.append((answer.json()["id"], known, dict(ledger.tried)))


def job_paths(job):
    return [f"job={job}/{index}" for index in range(JOB_FILES)]


def land_jobs(client, ledger, number):
    """A branch, files on it, a commit, a merge into `release`; then what main has committed too."""
    for count in itertools.count():
        job = f"{number}-{count}"
        with ledger.condition:
            ledger.jobs[job] = False
            ledger.messages |= {f"land {job}", f"job {job}", f"follow {job}"}
        client.rest("POST", "/branches", {201}, json={"name": f"job-{job}", "source": "release"})
        for path in job_paths(job):
            rest_put(client, path, 1, branch=f"job-{job}")
        client.rest("POST", f"/branches/job-{job}/commits", {201}, json={"message": f"job {job}"})
        for source, message in ((f"job-{job}", f"land {job}"), ("main", f"follow {job}")):
            answer = ledger.ask("merge", lambda: client.rest(
                "POST", f"/refs/{source}/merge/release", {200, 400}, json={"message": message}))
            with ledger.condition:
                ledger.jobs[job] = True
                if answer.status_code == 200:
                    ledger.merges.append(answer.json()["reference"])
            assert answer.status_code == 200 or "no changes" in answer.text, answer.text
        client.rest("DELETE", f"/branches/job-{job}", {204})


def writers(ledger, number):
    s3 = (s3_put, s3_delete, "s3 put", "s3 delete")
    rest = (rest_put, rest_delete, "rest put", "rest delete")
    return [(change_paths, ledger, f"s3-a/round={number:02d}", *s3),
            (change_paths, ledger, f"s3-b/round={number:02d}", *s3),
            (change_paths, ledger, f"rest/round={number:02d}", *rest),
            (upload_in_parts, ledger, f"multipart/round={number:02d}"),
            (commit_main, ledger, number),
            (land_jobs, ledger, number)]


def run_until_gone(server, writer, ledger, *arguments):
    try:
        writer(Client(server), ledger, *arguments)
    except GONE:
        pass
    except Exception as failure:
        ledger.fail(failure)


def run_and_kill(server, ledger, number):
    tasks = writers(ledger, number)
    with concurrent.futures.ThreadPoolExecutor(len(tasks)) as pool:
        for task in tasks:
            pool.submit(run_until_gone, server, *task)
        try:
            ledger.wait_for_load(KINDS[number % len(KINDS)])
        finally:
            server.kill()  # else the writers would never end
    assert ledger.failure is None, ledger.failure


# ---- Checks ----

def read_all(client, ref):
    """path -> (size, etag) of everything visible at `ref`."""
    found, after, more = {}, "", True
    while more:
        page = client.rest("GET", f"/refs/{ref}/objects/ls", {200}, params={"after": after, "amount": 1000}).json()
        found |= {row["path"]: (row["size_bytes"], row["checksum"]) for row in page["results"]}
        more, after = page["pagination"]["has_more"], page["pagination"]["next_offset"]
    return found


def log_of(client, ref):
    commits, after, more = [], "", True
    while more:
        page = client.rest("GET", f"/refs/{ref}/commits", {200}, params={"after": after, "amount": 1000}).json()
        commits += page["results"]
        more, after = page["pagination"]["has_more"], page["pagination"]["next_offset"]
    return commits


def check_branch(client, ledger):
    """main shows of each path what was acknowledged last or what was in flight. What it shows is
    settled by that: from now on it counts as acknowledged. The paths that this settled."""
    visible = read_all(client, "main")
    strange = visible.keys() - ledger.tried.keys()
    assert not strange, f"never written: {sorted(strange)[:5]}"
    settled = []
    for path in ledger.tried:
        may_be = ledger.versions(path, ledger.known, ledger.tried)
        assert visible.get(path) in may_be, f"{path}: {visible.get(path)} is none of {may_be}"
        if len(may_be) > 1:
            settled.append(path)
        ledger.known[path] = ledger.tried[path] = may_be[visible.get(path)]
    return settled


def check_bodies(client, ledger, paths):
    for index, path in enumerate(paths):
        version = ledger.known[path]
        if version == 0 or (path, version) in ledger.deleted:
            client.rest("GET", "/refs/main/objects", {404}, params={"path": path})
        elif index % 2:
            body = client.s3.get_object(Bucket="crash", Key=f"main/{path}")["Body"].read()
            assert body == content(path, version), path
        else:
            answer = client.rest("GET", "/refs/main/objects", {200}, params={"path": path})
            assert answer.content == content(path, version), path


def check_commit(client, ledger, commit, known, tried):
    """A commit has of each path a version between those known when it was asked for and those tried
    when it was acknowledged."""
    visible = read_all(client, commit)
    assert visible.keys() <= ledger.tried.keys()
    for path in tried:
        may_be = ledger.versions(path, known, tried)
        assert visible.get(path) in may_be, f"{commit} {path}: {visible.get(path)} is none of {may_be}"


def check_history(client, ledger):
    main, release = log_of(client, "main"), log_of(client, "release")
    missing = {commit for commit, _, _ in ledger.commits} - {commit["id"] for commit in main}
    assert not missing, f"acknowledged commits are gone: {missing}"
    missing = set(ledger.merges) - {commit["id"] for commit in release}
    assert not missing, f"acknowledged merges are gone: {missing}"
    for log in (main, release):
        messages = [commit["message"] for commit in log if commit["message"] != "Repository created"]
        assert len(set(messages)) == len(messages), "a commit happened twice"
        assert set(messages) <= ledger.messages
    order = [commit["id"] for commit in reversed(main)]
    told = [commit for commit, _, _ in ledger.commits]
    assert [commit for commit in order if commit in set(told)] == told, "commits changed their order"


def check_jobs(client, ledger):
    """A merge is visible with all the files of its job or with none."""
    visible = read_all(client, "release")
    for job, is_landed in ledger.jobs.items():
        seen = [visible.get(path) for path in job_paths(job)]
        whole = [(len(content(path, 1)), etag(path, 1)) for path in job_paths(job)]
        assert seen == whole or (not is_landed and seen == [None] * JOB_FILES), f"job {job}: {seen}"
        ledger.jobs[job] = seen == whole
    main = {commit["id"] for commit in log_of(client, "main")}
    for commit in log_of(client, "release"):
        if commit["message"].startswith("follow"):
            assert len(commit["parents"]) == 2 and commit["parents"][1] in main


def test_nothing_acknowledged_is_lost_and_nothing_is_half_visible(make_server):
    server = make_server().start()
    server.repository("crash").branch("release").create("main")
    ledger = Ledger()
    for number in range(ROUNDS):
        commits = len(ledger.commits)
        before = dict(ledger.known)
        run_and_kill(server, ledger, number)
        server.start()
        client = Client(server)
        settled = check_branch(client, ledger)
        changed = [path for path, version in ledger.known.items() if before.get(path) != version]
        check_bodies(client, ledger, settled + changed)
        for acknowledged in ledger.commits[commits:][-2:]:
            check_commit(client, ledger, *acknowledged)
        check_history(client, ledger)
        check_jobs(client, ledger)
    for acknowledged in ledger.commits[::7]:
        check_commit(client, ledger, *acknowledged)
    assert len(ledger.commits) >= ROUNDS and len(ledger.merges) >= ROUNDS // 4, "the load was no load"
    assert server.stop() == 0
    errors = [line for line in server.log_text().splitlines() if "level=error" in line]
    assert not errors, errors[:3]
