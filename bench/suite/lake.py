"""Repositories as the benchmarks want them: many objects without data, branches, changes."""
import hashlib

from .budgets import CHANGES

PREFIXES = 997
CHUNK = 250_000  # requests that are in memory at a time


def path_of(n):
    return f"sensor={n % PREFIXES:03d}/hour={n // PREFIXES:05d}.parquet"


def paths_of(count):
    return [path_of(n) for n in range(count)]


def spread(ordered, offset=0):
    """CHANGES paths over all of `ordered`; with another `offset` (below 1), others."""
    step = len(ordered) / CHANGES
    return [ordered[int((i + offset) * step)] for i in range(CHANGES)]


def neighbours(ordered, where, offset=0):
    """CHANGES paths that lie together, `where` (0 to 1) says at which place: every second one, so
    that with offset 1 it is the others."""
    start = int(where * (len(ordered) - 2 * CHANGES))
    return ordered[start + offset:start + 2 * CHANGES:2]


class Lake:
    """One repository of a server."""

    def __init__(self, subject, name):
        self.subject, self.name = subject, name
        self.base = f"/repositories/{name}"

    def create(self):
        self.subject.call("POST", "/repositories", json={
            "name": self.name, "storage_namespace": f"local://{self.name}", "default_branch": "main"})
        return self

    def branch(self, name, source="main"):
        # The answer is the commit's id as plain text, so not for call().
        self.subject.must([self.branch_request(name, source)], 1)

    def branch_request(self, name, source="main"):
        return self.subject.rest("POST", f"{self.base}/branches", {"name": name, "source": source})

    def stage_request(self, branch, path, salt=""):
        """An entry without data, as an import makes them."""
        checksum = hashlib.md5((path + salt).encode()).hexdigest()
        body = (f'{{"physical_address":"local://{self.name}/data/{checksum}",'
                f'"checksum":"{checksum}","size_bytes":1000}}').encode()
        return self.subject.rest("PUT", f"{self.base}/branches/{branch}/objects?path={path}", body)

    def stage(self, branch, paths, salt=""):
        """Figures of the last chunk."""
        run = None
        for start in range(0, len(paths), CHUNK):
            chunk = paths[start:start + CHUNK]
            run = self.subject.must([self.stage_request(branch, path, salt) for path in chunk])
        return run

    def commit_request(self, branch, message):
        """That a commit of another took the changes along is no failure."""
        return self.subject.rest("POST", f"{self.base}/branches/{branch}/commits",
                                 {"message": message, "allow_empty": True})

    def commit(self, branch, message):
        return self.subject.one("POST", f"{self.base}/branches/{branch}/commits", {"message": message})

    def delete_request(self, branch, paths):
        return self.subject.rest("POST", f"{self.base}/branches/{branch}/objects/delete", {"paths": paths})

    def diff(self, left, right):
        return self.subject.one("GET", f"{self.base}/refs/{left}/diff/{right}?amount={CHANGES}")

    def merge(self, source, destination):
        return self.subject.one("POST", f"{self.base}/refs/{source}/merge/{destination}", {})

    def page_request(self, ref, after="", more=""):
        return self.subject.rest(
            "GET", f"{self.base}/refs/{ref}/objects/ls?amount=1000&after={after}{more}")

    def stat_request(self, ref, path):
        return self.subject.rest("GET", f"{self.base}/refs/{ref}/objects/stat?path={path}")
