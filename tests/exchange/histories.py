"""Histories to be moved between servers: four thousand objects, odd names, and every kind of commit."""
ODD_PATHS = [
    "ünïcödé/naïve café.txt", "日本語/データ 1.csv", "emoji/🦆 duck.txt", "space s/ lead", "space s/trail ",
    "a+b/c%20d", "a&b=c?d#e", "double//slash", "trailing/", "dot/../dots", "quote'\"x", "tab\there",
    "z" * 900, "ﬀ/ligature", "e\u0301/combining", "é/composed", "back\\slash", "star*[x]"]


def base_path(n):
    return f"base/{n % 40:02d}/obj {n:05d}.bin"


def content(n):
    return f"content {n}\n".encode() * (1 + n % 7)


def first_history(repository, files):
    """Six branches, one of them hidden, three tags, 32 commits; and changes that nobody commits."""
    r = repository
    r.load("main", [(base_path(n), content(n)) for n in range(3000)])
    r.commit("main", "base: three thousand objects",
             {"day": "1", "ünï": "wert ä", "empty": "", "long": "x" * 500}, date=1700000000)
    r.load("main", [(path, f"odd {n}".encode(), {"num": str(n), "Mixed-Case": "V alue"}, "text/plain; charset=utf-8")
                    for n, path in enumerate(ODD_PATHS)])
    r.put("main", "empty", b"")
    r.commit("main", "odd names\n\nwith a body — and a dash")
    r.tag("v1.0", "main")
    for branch in ("dev", "feature_x", "hot-fix"):
        r.branch(branch, "v1.0")
    r.branch("quiet", "main", hidden=True)
    for n in range(6):
        r.load("dev", [(f"dev/{n}/{i:04d}", content(i + n)) for i in range(150)])
        r.delete("dev", [base_path(i) for i in range(n * 10, n * 10 + 10)])
        r.commit("dev", f"dev {n}", {"n": str(n), "by": "dev"})
    for n in range(4):
        r.load("feature_x", [(base_path(i), b"changed" + content(i)) for i in range(1000 + n, 1400, 40)])
        r.put("feature_x", f"feature/{n}", content(n), {"n": str(n)})
        last = r.commit("feature_x", f"feature {n}", {"n": str(n)})
    r.pick("hot-fix", last)
    r.put("hot-fix", "hot", b"fix")
    r.revert("hot-fix", r.commit("hot-fix", "a bad one"))
    merges(r)
    r.do_import("main", files, "imported/")
    r.branch("old", "v1.0")
    r.tag("a-tag-of-dev", "dev~1")
    r.merge("main", "dev", strategy="source-wins")
    r.merge("dev", "main", allow_empty=True)
    r.put("dev", "dev/last", b"x")
    r.commit("dev", "dev goes on")
    r.put("main", "main/last", b"y")
    r.commit("main", "main goes on", date=1800000000)
    r.put("main", "not committed", b"stays behind")
    r.delete("main", ["empty"])


def merges(r):
    """With strategies, with a conflict, squashed; a merge that is reverted, one that is picked."""
    r.merge("dev", "main", message="merge dev", metadata={"merged": "dev"})
    r.put("main", "feature/1", b"conflicting")
    r.commit("main", "touches what the feature touches")
    r.call("POST", "/refs/feature_x/merge/main", 409, json={})
    merged = r.merge("feature_x", "main", strategy="source-wins")
    r.tag("v1.1", "main")
    r.merge("main", "hot-fix", strategy="dest-wins", message="forward")
    r.delete("main", [base_path(7 + 40 * i) for i in range(40)])
    r.commit("main", "drops a folder's worth")
    r.revert("main", merged, parent=1)
    r.branch("picked", f"{merged}~1")
    r.pick("picked", merged, parent_number=1)
    for n in range(2):
        r.put("dev", "squash me", str(n).encode())
        r.commit("dev", f"to be squashed {n}")
    r.merge("dev", "feature_x", squash_merge=True, message="squashed", strategy="dest-wins")
    r.commit("main", "nothing in it", allow_empty=True)


def more_history(repository, n):
    """What is done after the nth move."""
    r, branch = repository, f"moved{n}"
    r.branch(branch, "main")
    r.load(branch, [(f"moved/{n}/{i:04d}", f"{n} {i}".encode(), {"moved": str(n)}) for i in range(300)])
    r.delete(branch, [base_path(i) for i in range(200, 260)])
    r.commit(branch, f"after move {n}", {"move": str(n)})
    r.put("main", f"main after {n}", b"m")
    commit = r.commit("main", f"main after move {n}")
    r.merge(branch, "main", message=f"merge {n}")
    r.pick("dev", commit)
    r.revert("main", commit)
    r.merge("main", "hot-fix", strategy="source-wins")
    r.tag(f"t{n}", "main")
    if n == 1:
        r.call("DELETE", "/branches/old")
