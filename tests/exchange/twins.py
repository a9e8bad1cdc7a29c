#!/usr/bin/env python3
"""Plays the same random histories to lakeFS and to Varve: every answer, tree id, diff and listing agrees.

usage: twins.py --lakefs PORT --varve PORT --files FOLDER [--seeds N] [--first SEED] [--operations N]

Objects are entries without data below FOLDER, from which both servers may import; with the same address
and time on both sides, equal trees have equal ids. No two paths have the same content: where they have,
lakeFS's merge goes wrong (docs/deviations.md). Give lakeFS a commit cache of one entry
(`graveler.commit_cache`), or its cherry-picks spoil cached commits.
"""
import argparse
import collections
import hashlib
import itertools
import random
import re
import sys
import time

from lake import Lake, Repository

OBJECTS = 3000
BRANCHES_MAX = 6
SECOND = 1.05  # between commits that are not given a date: of two with one date either may come first


class Different(Exception):
    """The two servers did not answer alike."""


def path_of(n):
    return f"p{n % 13:02d}/{n:05d}"


class Twins:
    """The two repositories of a seed, and what was done to them."""

    def __init__(self, lakes, files, seed):
        name = f"twins-{seed}-{int(time.time())}"
        self.pair = [Repository(lake, name).create() for lake in lakes]
        self.random = random.Random(seed)
        self.files = files
        self.branches = ["main"]
        self.commits = []  # the id of each, on either side
        self.seen = collections.Counter()

    # ---- The same on both sides ----

    def both(self, what, action):
        """What `action` gives on each side, which must be the same but for ids of commits."""
        left, right = (action(repository) for repository in self.pair)
        self.seen[what] += 1
        if left != right:
            raise Different(f"{what} in {self.pair[0].name}:\n  {str(left)[:800]}\n  {str(right)[:800]}")
        return left

    def state(self, repository, branch):
        head = repository.call("GET", f"/refs/{branch}/commits", params={"amount": 1})["results"][0]
        return head["meta_range_id"], head["generation"], len(head["parents"])

    def request(self, what, branch, method, path, **options):
        """`path` and the options may be functions of the side (0 or 1)."""
        answers = []

        def action(repository):
            side = self.pair.index(repository)
            given = {name: value(side) if callable(value) else value for name, value in options.items()}
            answer = repository.ask(method, path, **given)
            answers.append(answer)
            text = "" if answer.ok else re.sub("[0-9a-f]{64}", "ID", answer.text)
            return answer.status_code, text, self.state(repository, branch)

        status = self.both(what, action)[0]
        self.seen[f"{what}: {status}"] += 1
        return answers if status < 300 else None

    # ---- Operations ----

    def stage(self, branch, versions, deleted):
        """`versions` by number of the object."""
        for repository in self.pair:
            repository.lake.together([
                lambda n=n, version=version: repository.call(
                    "PUT", f"/branches/{branch}/objects", params={"path": path_of(n)}, json=self.entry(n, version))
                for n, version in versions.items()])
            repository.delete(branch, [path_of(n) for n in deleted])

    def entry(self, n, version):
        checksum = hashlib.md5(f"{n} {version}".encode()).hexdigest()
        return {"physical_address": f"local://{self.files}/{checksum}", "checksum": checksum, "size_bytes": n,
                "mtime": 1700000000, "metadata": {"version": str(version)}}

    def commit(self, branch):
        answers = self.request("commit", branch, "POST", f"/branches/{branch}/commits", json={
            "message": "changes", "metadata": {"branch": branch}, "date": 1700000000 + self.seen["commit"]})
        if answers:
            self.commits.append([answer.json()["id"] for answer in answers])

    def change(self, branch):
        kind, start = self.random.random(), self.random.randrange(OBJECTS + 200)
        versions, deleted = {}, []
        if kind < 0.4:
            versions = {n: self.random.randrange(4) for n in range(start, start + self.random.randrange(1, 60))}
        elif kind < 0.7:
            versions = {self.random.randrange(OBJECTS + 300): self.random.randrange(4)
                        for _ in range(self.random.randrange(1, 40))}
        else:
            deleted = range(start, start + self.random.randrange(1, 200), self.random.choice((1, 13)))
        self.stage(branch, versions, deleted)
        self.commit(branch)

    def merge(self, branch):
        source = self.random.choice([name for name in self.branches if name != branch])
        body = {}
        if self.random.random() < 0.6:
            body["strategy"] = self.random.choice(("source-wins", "dest-wins"))
        for flag in ("squash_merge", "allow_empty"):
            if self.random.random() < 0.2:
                body[flag] = True
        self.request("merge", branch, "POST", f"/refs/{source}/merge/{branch}", json=body)
        time.sleep(SECOND)

    def replay(self, what, branch, **more):
        time.sleep(SECOND)
        commit = self.random.choice(self.commits)
        self.request(what, branch, "POST", f"/branches/{branch}/{what}",
                     json=lambda side: {"ref": commit[side], **more})

    def step(self):
        kind, branch = self.random.random(), self.random.choice(self.branches)
        if kind < 0.15 and len(self.branches) < BRANCHES_MAX:
            name = f"b{len(self.branches)}"
            for repository in self.pair:
                repository.branch(name, branch)
            self.branches.append(name)
        elif kind < 0.5:
            self.change(branch)
        elif kind < 0.75 and len(self.branches) > 1:
            self.merge(branch)
        elif kind < 0.88:
            self.replay("revert", branch, parent_number=0)
        else:
            self.replay("cherry-pick", branch)

    def compare(self):
        for left, right in itertools.permutations(self.branches, 2):
            for kind in ("two_dot", "three_dot"):
                self.both(f"diff {kind}", lambda repository: [
                    (row["type"], row["path"]) for row in repository.pages(f"/refs/{left}/diff/{right}", type=kind)])
        for branch in self.branches:
            self.both("listing", lambda repository: [
                (row["path"], row["checksum"], row["mtime"]) for row in repository.pages(f"/refs/{branch}/objects/ls")])

    def play(self, operations):
        self.stage("main", {n: 0 for n in range(OBJECTS)}, [])
        self.commit("main")
        for _ in range(operations):
            self.step()
        self.compare()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lakefs", required=True, metavar="PORT")
    parser.add_argument("--varve", required=True, metavar="PORT")
    parser.add_argument("--files", required=True)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--operations", type=int, default=60)
    arguments = parser.parse_args()
    lakes = Lake("lakeFS", arguments.lakefs, ""), Lake("Varve", arguments.varve, "")
    total, differing = collections.Counter(), 0
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        twins = Twins(lakes, arguments.files, seed)
        try:
            twins.play(arguments.operations)
            verdict = "equal"
        except Different as different:
            verdict, differing = f"DIFFERENT: {different}", differing + 1
        print(f"seed {seed}: {sum(count for name, count in twins.seen.items() if ':' not in name)} answers, {verdict}", flush=True)
        total += twins.seen
    print(", ".join(f"{name} {count}" for name, count in sorted(total.items())))
    print("seeds that differ:", differing)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
