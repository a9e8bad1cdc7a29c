"""A full disk, under either store: every write says so and has changed nothing, every read goes on, and when
there is room again the server takes writes without a restart. Nothing acknowledged is lost."""
import os
import subprocess
import time

import botocore.exceptions
import pytest

MIB = 1 << 20
RECOVERY_SECONDS_MAX = 30


class Disk:
    """A file system of its own, in memory."""

    def __init__(self, folder, mebibytes):
        self.folder = folder
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", folder], check=True)

    def fill(self):
        """Takes what room there is."""
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            for step in (MIB, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * step)
                except OSError:
                    pass

    def empty(self):
        os.unlink(self.folder / "filler")

    def grow(self, mebibytes):
        subprocess.run(["mount", "-o", f"remount,size={mebibytes}m", self.folder], check=True)

    def unmount(self):
        subprocess.run(["umount", "-l", self.folder], check=True)


@pytest.fixture
def make_disk(tmp_path):
    made = []

    def make(mebibytes):
        made.append(Disk(tmp_path / f"disk-{len(made)}", mebibytes))
        return made[-1]

    yield make
    for disk in made:
        disk.unmount()


def entries(server, repository, ref):
    """Path -> checksum of everything."""
    found, after = {}, ""
    while True:
        page = server.rest("GET", f"/repositories/{repository}/refs/{ref}/objects/ls",
                           params={"after": after, "amount": 1000}).json()
        found.update({row["path"]: row["checksum"] for row in page["results"]})
        if not page["pagination"]["has_more"]:
            return found
        after = page["pagination"]["next_offset"]


def s3_error(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**arguments)
    answer = failure.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def upload(server, path, body=b"x" * 1000):
    return server.rest("POST", "/repositories/lake/branches/main/objects", params={"path": path}, data=body)


def commit(server, message):
    return server.rest("POST", "/repositories/lake/branches/main/commits", json={"message": message})


def create(server, name):
    return server.rest("POST", "/repositories", json={"name": name, "storage_namespace": f"local://{name}"})


def test_a_full_object_store_is_told_and_survived(make_server, make_disk):
    disk = make_disk(48)
    server = make_server(blockstore__local__path=disk.folder / "objects").start()
    server.repository("lake")
    s3 = server.s3(retries={"max_attempts": 0})
    s3.put_object(Bucket="lake", Key="main/kept", Body=b"kept")
    part = dict(Bucket="lake", Key="main/parts", UploadId=s3.create_multipart_upload(
        Bucket="lake", Key="main/parts")["UploadId"], PartNumber=1)
    full = "no space left in the object store"
    for attempt in ("once", "and again"):
        before = entries(server, "lake", "main")
        disk.fill()
        for body in (b"x", b"x" * 5 * MIB):
            answer = upload(server, "refused", body)
            assert (answer.status_code, answer.json()["message"]) == (507, full)
            assert s3_error(s3.put_object, Bucket="lake", Key="main/refused", Body=body) == (503, "ServiceUnavailable", full)
            assert s3_error(s3.upload_part, Body=body, **part) == (503, "ServiceUnavailable", full)
        answer = commit(server, attempt)
        assert (answer.status_code, answer.json()["message"]) == (507, full)
        answer = create(server, "new-" + attempt[:3])
        assert (answer.status_code, answer.json()["message"]) == (507, "failed to create repository: " + full)
        assert server.rest("GET", "/repositories/new-" + attempt[:3]).status_code == 404
        assert s3.get_object(Bucket="lake", Key="main/kept")["Body"].read() == b"kept"
        assert entries(server, "lake", "main") == before
        disk.empty()
        assert upload(server, attempt).status_code == 201
        s3.upload_part(Body=b"x" * 5 * MIB, **part)
        assert commit(server, attempt).status_code == 201
        assert create(server, "new-" + attempt[:3]).status_code == 201
        s3.put_object(Bucket="lake", Key=f"main/next to {attempt}", Body=b"1")
    seen = entries(server, "lake", "main")
    assert set(seen) == {"kept", "once", "and again", "next to once", "next to and again"}
    server.kill()
    server.start()
    assert entries(server, "lake", "main") == seen
    assert upload(server, "after").status_code == 201


def stage(server, path):
    """A row of 50 kB in the key-value store, and nothing elsewhere."""
    return server.rest("PUT", "/repositories/lake/branches/main/objects", params={"path": path}, json={
        "physical_address": "local://lake/elsewhere", "checksum": path, "size_bytes": 1,
        "metadata": {"noise": os.urandom(25000).hex()}})


def test_a_full_key_value_store_is_told_and_survived(make_server, make_disk):
    disk = make_disk(48)
    server = make_server(database__local__path=disk.folder / "metadata").start()
    server.repository("lake")
    s3 = server.s3(retries={"max_attempts": 0})
    acknowledged = {}
    number = 0

    def stage_until(status):
        nonlocal number
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while time.monotonic() < deadline:
            path = f"row-{number:06d}"
            number += 1
            answer = stage(server, path)
            if answer.status_code == 201:
                acknowledged[path] = path
            if answer.status_code == status:
                return answer
            assert answer.status_code in (201, 507), answer.text
        raise AssertionError(f"still no {status}")

    for mebibytes in (64, 80):
        full = stage_until(507).json()["message"]
        assert full.startswith("no space left in the key-value store")
        head = server.rest("GET", "/repositories/lake/branches/main").json()
        for refused in (commit(server, "refused"), upload(server, "refused"), create(server, "refused"),
                        server.rest("POST", "/repositories/lake/branches", json={"name": "refused", "source": "main"}),
                        server.rest("DELETE", "/repositories/lake/branches/main/objects", params={"path": "row-000000"})):
            assert refused.status_code == 507 and "no space left" in refused.json()["message"], refused.text
        status, code, message = s3_error(s3.put_object, Bucket="lake", Key="main/refused", Body=b"x")
        assert (status, code) == (503, "ServiceUnavailable") and message.startswith("no space left")
        assert server.rest("GET", "/repositories/lake/branches/main").json() == head
        assert entries(server, "lake", "main") == acknowledged
        disk.grow(mebibytes)
        stage_until(201)
    assert commit(server, "everything").status_code == 201
    server.kill()
    server.start()
    assert entries(server, "lake", "main@") == acknowledged
    assert [row["id"] for row in server.rest("GET", "/repositories").json()["results"]] == ["lake"]
    assert [row["id"] for row in server.rest("GET", "/repositories/lake/branches").json()["results"]] == ["main"]
