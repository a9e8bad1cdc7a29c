"""A lakeFS-compatible server, as the exchange between lakeFS and Varve uses it: by REST alone."""
import concurrent.futures
import time
import urllib.parse

import requests

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CLIENTS = 8
TASK_SECONDS_MAX = 60


def quoted(text):
    return urllib.parse.quote(text, safe="")


class Lake:
    """`store` is the folder that its local object store keeps namespaces in."""

    def __init__(self, name, port, store):
        self.name, self.store = name, store
        self.url = f"http://127.0.0.1:{port}/api/v1"
        self.session = requests.Session()
        self.session.auth = (KEY, SECRET)
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=CLIENTS))

    def ask(self, method, path, **options):
        return self.session.request(method, self.url + path, timeout=120, **options)

    def call(self, method, path, *statuses, **options):
        answer = self.ask(method, path, **options)
        if answer.status_code not in (statuses or (200, 201, 202, 204)):
            raise AssertionError(f"{self.name}: {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None

    def pages(self, path, amount=1000, **query):
        rows, after = [], ""
        while True:
            page = self.call("GET", path, params={**query, "amount": amount, "after": after})
            rows += page["results"]
            if not page["pagination"]["has_more"]:
                return rows
            after = page["pagination"]["next_offset"]

    def together(self, calls):
        """Many calls at a time; each is a function of nothing."""
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(lambda call: call(), calls))


class Repository:
    """One repository of a lake. Its namespace has its name."""

    def __init__(self, lake, name):
        self.lake, self.name, self.base = lake, name, f"/repositories/{name}"

    def create(self, bare=False):
        self.lake.call("POST", "/repositories", params={"bare": "true"} if bare else {}, json={
            "name": self.name, "storage_namespace": f"local://{self.name}", "default_branch": "main"})
        return self

    def ask(self, method, path, **options):
        return self.lake.ask(method, self.base + path, **options)

    def call(self, method, path, *statuses, **options):
        return self.lake.call(method, self.base + path, *statuses, **options)

    def pages(self, path, **query):
        return self.lake.pages(self.base + path, **query)

    # ---- Objects ----

    def put(self, branch, path, data, metadata=None, content_type="application/octet-stream"):
        headers = {"Content-Type": content_type}
        headers.update({f"X-Lakefs-Meta-{key}": value for key, value in (metadata or {}).items()})
        self.call("POST", f"/branches/{branch}/objects", params={"path": path}, data=data, headers=headers)

    def load(self, branch, objects):
        self.lake.together([lambda row=row: self.put(branch, *row) for row in objects])

    def delete(self, branch, paths):
        for start in range(0, len(paths), 1000):
            self.call("POST", f"/branches/{branch}/objects/delete", json={"paths": paths[start:start + 1000]})

    def do_import(self, branch, folder, destination):
        source = {"path": f"local://{folder}/", "destination": destination, "type": "common_prefix"}
        task = self.call("POST", f"/branches/{branch}/import", json={
            "paths": [source], "commit": {"message": "an import", "metadata": {"from": "files"}}})["id"]
        self.wait(f"/branches/{branch}/import", {"id": task}, "completed")

    # ---- Commits ----

    def commit(self, branch, message, metadata=None, **more):
        return self.call("POST", f"/branches/{branch}/commits",
                         json={"message": message, "metadata": metadata or {}, **more})["id"]

    def branch(self, name, source, **more):
        self.call("POST", "/branches", json={"name": name, "source": source, **more})

    def tag(self, name, ref):
        self.call("POST", "/tags", json={"id": name, "ref": ref})

    def merge(self, source, destination, **more):
        return self.call("POST", f"/refs/{source}/merge/{destination}", json=more)["reference"]

    def revert(self, branch, ref, parent=0):
        self.call("POST", f"/branches/{branch}/revert", json={"ref": ref, "parent_number": parent})

    def pick(self, branch, ref, **more):
        self.call("POST", f"/branches/{branch}/cherry-pick", json={"ref": ref, **more})

    # ---- Refs ----

    def dump(self, as_task):
        if not as_task:
            return self.call("PUT", "/refs/dump", 201)
        task = self.call("POST", "/dump", 202)["id"]
        return self.wait("/dump", {"task_id": task}, "done")["refs"]

    def restore(self, refs, as_task):
        if not as_task:
            self.call("PUT", "/refs/restore", 200, json=refs)
            return
        task = self.call("POST", "/restore", 202, json=refs)["id"]
        self.wait("/restore", {"task_id": task}, "done")

    def wait(self, path, query, done):
        end = time.monotonic() + TASK_SECONDS_MAX
        while time.monotonic() < end:
            status = self.call("GET", path, params=query)
            if status.get("error"):
                raise AssertionError(f"{self.lake.name}: {path}: {status['error']}")
            if status[done]:
                return status
            time.sleep(0.1)
        raise AssertionError(f"{self.lake.name}: {path}: never ends")
