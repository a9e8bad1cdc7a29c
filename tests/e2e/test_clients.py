"""What each client does on an ordinary day, with its default settings: nothing it sends is lost, and
nothing it prints surprises."""
import base64
import hashlib
import io
import random
import socket
import subprocess
import zlib

import boto3.s3.transfer
import botocore.config
import botocore.exceptions
import duckdb
import lakefs
import lakefs.exceptions
import pyarrow
import pyarrow.dataset
import pyarrow.fs
import pytest
import requests

from harness import KEY, SECRET, Server

BUCKET = "clients"
MEBIBYTE = 1024 * 1024
DOMAIN = "s3.example.test"
ODD_KEYS = ["ü/é 日本.txt", "plus+and%25 percent", "a&b=c?d#e;f,g@h$i!j*k'l(m)", "~tilde", "back\\slash",
            "//double//slash", "dir/", ".", "..", "a/../b", "quo\"te<xml>&amp;", "line\nfeed", "\x01control", "😀"]
PARTS = boto3.s3.transfer.TransferConfig(multipart_threshold=8 * MEBIBYTE, multipart_chunksize=8 * MEBIBYTE)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), gateways__s3__domain_name=DOMAIN).start()
    yield server
    assert server.stop() == 0, "".join(server.lines)


@pytest.fixture(scope="module")
def lake(server):
    return server.repository(BUCKET)


@pytest.fixture(scope="module")
def s3(server, lake):
    return server.s3()


@pytest.fixture(scope="module")
def big():
    return random.Random(1).randbytes(20 * MEBIBYTE + 12345)


def keys(client, prefix, **options):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix, **options)
    return [row["Key"] for page in pages for row in page.get("Contents", [])]


def failure(call, **arguments):
    """(status, code, message) of the error that a boto3 call ends with."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(Bucket=BUCKET, **arguments)
    answer = caught.value.response
    return (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"])


# ---- boto3 ----

def test_every_key_comes_back_as_it_went(s3):
    wanted = sorted(f"main/odd/{key}" for key in ODD_KEYS)
    for key in wanted:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode()
        s3.copy_object(Bucket=BUCKET, Key=key.replace("odd", "copy", 1), CopySource={"Bucket": BUCKET, "Key": key})
    assert keys(s3, "main/odd/", PaginationConfig={"PageSize": 3}) == sorted(wanted, key=str.encode)
    pages = s3.get_paginator("list_objects").paginate(Bucket=BUCKET, Prefix="main/copy/", PaginationConfig={"PageSize": 4})
    copies = [row["Key"] for page in pages for row in page["Contents"]]
    assert sorted(copies) == [key.replace("odd", "copy", 1) for key in wanted]
    gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in wanted + copies]})
    assert len(gone["Deleted"]) == 2 * len(wanted) and "Errors" not in gone
    assert keys(s3, "main/odd/") == keys(s3, "main/copy/") == []


def test_no_header_is_lost(s3):
    sent = {"CacheControl": "max-age=9", "ContentDisposition": 'attachment; filename="x"', "ContentEncoding": "gzip",
            "ContentLanguage": "de", "ContentType": "text/plain", "Metadata": {"case": "Kept", "sensor": "=?utf-8?q?gr=C3=BC=C3=9Fe?="},
            "ExpiresString": "Wed, 21 Oct 2026 07:28:00 GMT"}
    put = {name.removesuffix("String"): value for name, value in sent.items()}
    s3.put_object(Bucket=BUCKET, Key="main/headers", Body=b"hello", **put)
    s3.copy_object(Bucket=BUCKET, Key="main/headers-copy", CopySource=f"{BUCKET}/main/headers")
    for key in ("main/headers", "main/headers-copy"):
        for answer in (s3.get_object(Bucket=BUCKET, Key=key), s3.head_object(Bucket=BUCKET, Key=key)):
            assert {name: answer[name] for name in sent} == sent
            assert answer["ContentLength"] == 5 and answer["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'


@pytest.mark.parametrize("name, compute", [
    ("CRC32", lambda body: zlib.crc32(body).to_bytes(4, "big")),
    ("SHA1", lambda body: hashlib.sha1(body).digest()),
    ("SHA256", lambda body: hashlib.sha256(body).digest()),
])
def test_checksums_are_kept_and_checked(server, lake, name, compute):
    s3 = server.s3(retries={"max_attempts": 0})  # boto3 sends again what was damaged on its way
    s3.put_object(Bucket=BUCKET, Key="main/sum", Body=b"123456789", ChecksumAlgorithm=name)
    answer = s3.head_object(Bucket=BUCKET, Key="main/sum", ChecksumMode="ENABLED")
    assert answer[f"Checksum{name}"] == base64.b64encode(compute(b"123456789")).decode()
    wrong = {f"Checksum{name}": base64.b64encode(compute(b"else")).decode()}
    assert failure(s3.put_object, Key="main/sum", Body=b"other", **wrong)[:2] == (400, "BadDigest")
    assert s3.get_object(Bucket=BUCKET, Key="main/sum")["Body"].read() == b"123456789"


class Pipe(io.RawIOBase):
    """A stream that knows neither its length nor a way back."""

    def __init__(self, body):
        self.stream = io.BytesIO(body)

    def read(self, size=-1):
        return self.stream.read(size)

    def readable(self):
        return True

    def seekable(self):
        return False


def test_large_objects_go_up_and_down_in_parts(s3, big):
    parts = [big[start: start + 8 * MEBIBYTE] for start in range(0, len(big), 8 * MEBIBYTE)]
    etag = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest() + f"-{len(parts)}"
    s3.upload_fileobj(io.BytesIO(big), BUCKET, "main/big", Config=PARTS, ExtraArgs={"Metadata": {"k": "v"}})
    s3.upload_fileobj(Pipe(big), BUCKET, "main/big-pipe", Config=PARTS)
    s3.copy({"Bucket": BUCKET, "Key": "main/big"}, BUCKET, "main/big-copy", Config=PARTS)
    for key in ("main/big", "main/big-pipe", "main/big-copy"):
        assert s3.head_object(Bucket=BUCKET, Key=key)["ETag"] == f'"{etag}"'
        body = io.BytesIO()
        s3.download_fileobj(BUCKET, key, body, Config=PARTS)
        assert body.getvalue() == big
    assert s3.head_object(Bucket=BUCKET, Key="main/big-copy")["Metadata"] == {"k": "v"}
    part = s3.get_object(Bucket=BUCKET, Key="main/big", PartNumber=2)
    assert part["PartsCount"] == 3 and part["Body"].read() == parts[1]
    assert s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_conditions_and_ranges(s3):
    etag = s3.put_object(Bucket=BUCKET, Key="main/cond", Body=b"0123456789", IfNoneMatch="*")["ETag"]
    assert failure(s3.put_object, Key="main/cond", IfNoneMatch="*")[0] == 412
    assert failure(s3.put_object, Key="main/cond", IfMatch='"other"')[0] == 412
    assert failure(s3.get_object, Key="main/cond", IfNoneMatch=etag)[0] == 304
    assert failure(s3.get_object, Key="main/cond", IfMatch='"other"')[0] == 412
    s3.put_object(Bucket=BUCKET, Key="main/cond", Body=b"0123456789", IfMatch=etag)
    for text, wanted in (("0-0", b"0"), ("7-", b"789"), ("-3", b"789"), ("5-100", b"56789")):
        answer = s3.get_object(Bucket=BUCKET, Key="main/cond", Range=f"bytes={text}")
        assert answer["Body"].read() == wanted and answer["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_errors_say_what_is_wrong(server, s3):
    assert failure(s3.get_object, Key="main/none") == (404, "NoSuchKey", "The specified key does not exist.")
    status, code, message = failure(s3.put_object, Key="nobranch/x", Body=b"x")
    assert (status, code) == (404, "NoSuchBucket") and "nobranch" in message
    assert "ref/path" in failure(s3.put_object, Key="x", Body=b"x")[2]
    with pytest.raises(botocore.exceptions.ClientError, match="POST /api/v1/repositories"):
        s3.create_bucket(Bucket="other")
    # Not the page that a browser gets: nobody may take it for a success.
    for answer in (requests.put(f"{server.url}/{BUCKET}/main/x", data=b"x", timeout=30),
                   requests.post(f"{server.url}/{BUCKET}", files={"file": b"x"}, timeout=30)):
        assert answer.status_code == 405 and "signed" in answer.text


def test_a_refused_upload_is_told_why_before_it_is_sent(server, s3, big):
    wrong = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=KEY, aws_secret_access_key="wrong",
                         region_name="us-east-1")
    assert failure(wrong.put_object, Key="main/x", Body=io.BytesIO(big))[1] == "SignatureDoesNotMatch"
    assert failure(s3.put_object, Key="nobranch/x", Body=io.BytesIO(big))[1] == "NoSuchBucket"
    answer = server.rest("POST", f"/repositories/{BUCKET}/branches/nobranch/objects?path=x", data=big)
    assert (answer.status_code, answer.json()["message"]) == (404, "branch 'nobranch' not found")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_both_signature_versions_in_header_and_url(server, lake, version):
    client = server.s3(signature_version=version)
    where = {"Bucket": BUCKET, "Key": f"main/signed/{version} ü"}
    client.put_object(**where, Body=b"by header")
    assert keys(client, "main/signed/")[-1:] and client.list_buckets()["Buckets"][0]["Name"] == BUCKET
    assert requests.get(client.generate_presigned_url("get_object", where), timeout=30).content == b"by header"
    url = client.generate_presigned_url("put_object", where)
    assert requests.put(url, data=b"by URL", timeout=30).status_code == 200
    assert client.get_object(**where)["Body"].read() == b"by URL"
    url = client.generate_presigned_url("list_objects_v2", {"Bucket": BUCKET, "Prefix": "main/signed/"})
    assert "<ListBucketResult" in requests.get(url, timeout=30).text


def test_virtual_host_addressing(server, lake, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **options: resolve(
        "127.0.0.1" if host.endswith(DOMAIN) else host, *rest, **options))
    client = boto3.client("s3", endpoint_url=f"http://{DOMAIN}:{server.port}", aws_access_key_id=KEY,
                          aws_secret_access_key=SECRET, region_name="eu-west-3",
                          config=botocore.config.Config(s3={"addressing_style": "virtual"}))
    client.put_object(Bucket=BUCKET, Key="main/virtual/a", Body=b"virtual")
    url = client.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "main/virtual/a"})
    assert url.startswith(f"http://{BUCKET}.{DOMAIN}") and requests.get(url, timeout=30).content == b"virtual"
    assert keys(client, "main/virtual/") == ["main/virtual/a"]
    gone = client.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "main/virtual/a"}]})
    assert [row["Key"] for row in gone["Deleted"]] == ["main/virtual/a"]


def test_https_where_boto3_sends_bodies_in_chunks_with_a_trailer(make_server, tmp_path, big):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    server = make_server(tls__enabled="true", tls__cert_file=certificate, tls__key_file=key).start()
    assert server.url.startswith("https://")
    made = server.rest("POST", "/repositories", verify=str(certificate),
                       json={"name": BUCKET, "storage_namespace": f"local://{BUCKET}"})
    assert made.status_code == 201
    client = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                          region_name="us-east-1", verify=str(certificate))
    client.put_object(Bucket=BUCKET, Key="main/small", Body=b"small", ContentEncoding="gzip")
    answer = client.get_object(Bucket=BUCKET, Key="main/small")
    assert answer["Body"].read() == b"small" and answer["ContentEncoding"] == "gzip"
    assert answer["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"small").to_bytes(4, "big")).decode()
    client.upload_fileobj(Pipe(big), BUCKET, "main/big", Config=PARTS)
    body = io.BytesIO()
    client.download_fileobj(BUCKET, "main/big", body, Config=PARTS)
    assert body.getvalue() == big
    assert failure(client.put_object, Key="nobranch/x", Body=io.BytesIO(big))[1] == "NoSuchBucket"
    assert server.stop() == 0


# ---- The AWS CLI ----

def test_the_aws_cli_syncs_moves_and_pipes(server, lake, tmp_path):
    root = f"s3://{BUCKET}/main/cli"
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    for name in ("a", "sub/ü mit+leer%.txt"):
        (folder / name).write_text(name)
    (folder / "big").write_bytes(bytes(9 * MEBIBYTE))
    server.aws("s3", "sync", "--only-show-errors", str(folder), root)
    (folder / "a").unlink()
    assert server.aws("s3", "sync", "--delete", str(folder), root).stdout == f"delete: {root}/a\n", \
        "and nothing is left to send"
    server.aws("s3", "mv", "--recursive", "--only-show-errors", root, f"{root}-moved")
    server.aws("s3", "sync", "--only-show-errors", f"{root}-moved", str(tmp_path / "there"))
    there = {str(path.relative_to(tmp_path / "there")): path.read_bytes()
             for path in (tmp_path / "there").rglob("*") if path.is_file()}
    assert there == {"big": bytes(9 * MEBIBYTE), "sub/ü mit+leer%.txt": "sub/ü mit+leer%.txt".encode()}
    assert server.aws("s3", "ls", f"s3://{BUCKET}/").stdout.split() == ["PRE", "main/"]
    assert keys(server.s3(), "main/cli/") == []


# ---- The lakefs package ----

def test_lakefs_reads_and_writes_text_and_bytes(lake):
    main = lake.branch("main")
    with main.object("lakefs/rows.csv").writer(mode="w", content_type="text/csv", metadata={"k": "v"}) as file:
        for row in range(1000):
            file.write(f"{row},ü\n")
    with main.object("lakefs/rows.csv").reader(mode="r") as file:
        assert [line for line in file][:2] == ["0,ü\n", "1,ü\n"]
    reader = main.object("lakefs/rows.csv").reader(mode="rb")
    reader.seek(5)
    assert reader.read(5) == "1,ü\n".encode() and reader.tell() == 10
    stat = main.object("lakefs/rows.csv").stat()
    assert (stat.content_type, stat.metadata) == ("text/csv", {"k": "v"})
    with pytest.raises(lakefs.exceptions.ObjectExistsException):
        main.object("lakefs/rows.csv").upload("again", mode="x")


def test_lakefs_transactions_land_whole_or_not_at_all(lake):
    main = lake.branch("lakefs-work").create("main")
    with main.transact(commit_message="two files", commit_metadata={"k": "v"}) as work:
        work.object("tx/a").upload(b"1")
        work.object("tx/b").upload(b"2")
    with pytest.raises(ZeroDivisionError):
        with main.transact(commit_message="none") as work:
            work.object("tx/c").upload(b"3")
            raise ZeroDivisionError
    assert [thing.path for thing in main.objects(prefix="tx/")] == ["tx/a", "tx/b"]
    assert [commit.message for commit in main.log(max_amount=2)][1] == "two files"
    assert "none" not in [commit.message for commit in main.log()]


# ---- pyarrow and DuckDB ----

def test_pyarrow_writes_replaces_and_removes_datasets(server, lake):
    files = server.arrow()
    table = pyarrow.table({"part": [number % 4 for number in range(10000)], "x": list(range(10000))})
    partitioning = pyarrow.dataset.partitioning(pyarrow.schema([("part", pyarrow.int64())]), flavor="hive")
    for _ in range(2):
        pyarrow.dataset.write_dataset(table, f"{BUCKET}/main/arrow", filesystem=files, format="parquet",
                                      partitioning=partitioning, existing_data_behavior="delete_matching")
    dataset = pyarrow.dataset.dataset(f"{BUCKET}/main/arrow", filesystem=files, partitioning="hive")
    assert dataset.to_table(filter=pyarrow.dataset.field("part") == 3).num_rows == 2500
    assert dataset.count_rows() == 10000
    body = random.Random(2).randbytes(12 * MEBIBYTE)
    with files.open_output_stream(f"{BUCKET}/main/arrow/stream") as stream:
        for start in range(0, len(body), 100_000):
            stream.write(body[start: start + 100_000])
    with files.open_input_file(f"{BUCKET}/main/arrow/stream") as file:
        assert file.size() == len(body) and file.read() == body
    files.move(f"{BUCKET}/main/arrow/stream", f"{BUCKET}/main/arrow/moved")
    files.delete_dir(f"{BUCKET}/main/arrow")
    assert files.get_file_info(f"{BUCKET}/main/arrow").type == pyarrow.fs.FileType.NotFound


def test_duckdb_writes_partitions_and_reads_them_back(server, lake):
    connection = duckdb.connect()
    connection.register_filesystem(server.file_system())
    connection.execute(f"copy (select i % 4 as part, i as x from range(10000) numbers(i)) to "
                       f"'s3://{BUCKET}/main/duck' (format parquet, partition_by (part), overwrite_or_ignore)")
    rows = connection.execute(f"select part, count(*), sum(x) from read_parquet("
                              f"'s3://{BUCKET}/main/duck/*/*.parquet', hive_partitioning = true) "
                              f"group by part order by part").fetchall()
    assert rows == [(part, 2500, sum(range(part, 10000, 4))) for part in range(4)]
