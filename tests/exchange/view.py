"""Everything that a repository's committed history shows over REST, to be compared with another's."""
import hashlib
import itertools

from lake import quoted

PATHS_OF_LOGS = (("objects", "feature/1"), ("objects", "empty"), ("prefixes", "dev/"),
                 ("prefixes", "base/07/"), ("prefixes", "imported/"))
DELIMITED = (("", 3), ("base/", 11), ("base/03/", 100), ("日", 5), ("double/", 1))
EXPRESSIONS = ("{}~1", "{}^2", "{}~2^1", "{}~40")


class View:
    """Its `parts`: name -> what was seen."""

    def __init__(self, repository):
        self.repository = repository
        self.parts = {}
        branches = repository.pages("/branches", show_hidden="true", amount=2)
        tags = repository.pages("/tags", amount=2)
        self.heads = {row["id"]: row["commit_id"] for row in branches + tags}
        # Without what is staged; a tag has nothing of that kind.
        self.committed = {row["id"]: row["id"] + "@" for row in branches} | {row["id"]: row["id"] for row in tags}
        self.parts["branches"], self.parts["tags"] = branches, tags
        self.look_at_logs()
        self.look_at_trees()
        self.look_at_diffs()
        self.look_at_bytes()

    def look_at_logs(self):
        pages, heads = self.repository.pages, self.heads
        logs = {ref: pages(f"/refs/{ref}/commits", amount=7) for ref in heads}
        self.commits = sorted({row["id"] for log in logs.values() for row in log})
        self.parts["logs"] = logs
        self.parts["logs by first parent"] = {
            ref: pages(f"/refs/{ref}/commits", first_parent="true") for ref in heads}
        self.parts["logs of paths"] = {
            (ref, path): pages(f"/refs/{ref}/commits", **{kind: path}) for ref in heads for kind, path in PATHS_OF_LOGS}
        self.parts["commits"] = {
            commit: self.repository.call("GET", f"/commits/{commit}") for commit in self.commits}
        expressions = [form.format(ref) for ref in heads for form in EXPRESSIONS]
        self.parts["ref expressions"] = {
            text: self.repository.ask("GET", f"/refs/{quoted(text)}/commits", params={"amount": 1}).json()
            for text in expressions}
        self.parts["merge bases"] = {
            (left, right): self.merge_base(left, right) for left, right in itertools.combinations(heads, 2)}

    def merge_base(self, left, right):
        """lakeFS gives the two sides the wrong way round, so they are compared as a set."""
        found = self.repository.call("GET", f"/refs/{left}/merge/{right}")
        return found["base_commit_id"], {found["source_commit_id"], found["destination_commit_id"]}

    def shown(self, row):
        """lakeFS puts its store's folder before every address, Varve before those that were full."""
        address = row.get("physical_address", "")
        for prefix in (f"local://{self.repository.lake.store}/{self.repository.name}/", f"local://{self.repository.name}/"):
            address = address.replace(prefix, "NAMESPACE/")
        return {**row, "physical_address": address.replace(f"local://{self.repository.lake.store}/", "STORE/")}

    def look_at_trees(self):
        pages = self.repository.pages
        self.trees = {commit: [self.shown(row) for row in pages(f"/refs/{commit}/objects/ls")] for commit in self.commits}
        self.parts["listings of every commit"] = self.trees
        self.parts["listings by prefix and delimiter"] = {
            (ref, prefix): [self.shown(row) for row in pages(
                f"/refs/{quoted(self.committed[ref])}/objects/ls", prefix=prefix, delimiter="/", amount=amount)]
            for ref in self.heads for prefix, amount in DELIMITED}

    def look_at_diffs(self):
        kinds = {"two dots": {"type": "two_dot"}, "three dots": {"type": "three_dot"},
                 "two dots with a delimiter": {"type": "two_dot", "delimiter": "/", "amount": 3},
                 "three dots below a prefix": {"type": "three_dot", "prefix": "base/0", "amount": 50}}
        for kind, query in kinds.items():
            self.parts[f"diffs, {kind}"] = {
                (left, right): self.repository.pages(
                    f"/refs/{quoted(self.committed[left])}/diff/{quoted(self.committed[right])}", **query)
                for left, right in itertools.product(self.heads, repeat=2)}

    def look_at_bytes(self):
        """Of every object that a ref has, once."""
        wanted = {(row["path"], row["checksum"]): commit
                  for commit in self.heads.values() for row in self.trees[commit]}
        self.parts["objects read"] = sorted(self.repository.lake.together(
            [lambda path=path, checksum=checksum, commit=commit: self.read(path, checksum, commit)
             for (path, checksum), commit in wanted.items()]))

    def read(self, path, checksum, commit):
        answer = self.repository.ask("GET", f"/refs/{commit}/objects", params={"path": path})
        headers = [answer.headers.get(name) for name in ("ETag", "Content-Type", "Last-Modified")]
        return [path, checksum, answer.status_code, hashlib.sha256(answer.content).hexdigest(), *headers]


def rows_in(part):
    if isinstance(part, dict):
        return sum(len(value) if isinstance(value, list) else 1 for value in part.values())
    return len(part)


def differences(before, after):
    """Prints what was compared; how many parts differ."""
    differing = 0
    for name, part in before.parts.items():
        same = part == after.parts[name]
        differing += not same
        print(f"   {name:34s} {rows_in(part):8d} {'equal' if same else 'DIFFERENT'}")
        if not same:
            print(first_difference(part, after.parts[name]))
    return differing


def first_difference(left, right):
    if isinstance(left, dict):
        for key in {**left, **right}:
            if left.get(key) != right.get(key):
                return f"      {key}\n" + first_difference(left.get(key), right.get(key))
    if isinstance(left, list) and isinstance(right, list):
        for one, other in itertools.zip_longest(left, right):
            if one != other:
                return f"      {one}\n      {other}"
    return f"      {left}\n      {right}"
