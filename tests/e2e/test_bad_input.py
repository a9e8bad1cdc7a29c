"""What a server meets in the wild: damaged files, a taken port, a second process on its data, clients that
lie about their bodies. It answers with an error that says so, and keeps serving."""
import base64
import hashlib
import pathlib
import socket
import subprocess

import boto3
import botocore.exceptions
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import BINARY, KEY, SECRET, Server, clean_environment


def run(*arguments, cwd, **environment):
    return subprocess.run([str(part) for part in (BINARY, *arguments)], capture_output=True, text=True,
                          cwd=cwd, timeout=60, env={**clean_environment(), **environment})


def assert_serves(server):
    assert requests.get(f"{server.url}/_health", timeout=10).text.startswith("alive!")


@pytest.fixture(scope="module")
def lake(server):
    return server.repository("bad-input")


# ---- Starting ----

def test_a_busy_port_is_named(make_server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = make_server(listen_address=f"127.0.0.1:{port}").launch()
        assert server.process.wait(timeout=60) == 3
    text = "".join(server.lines)
    assert f"127.0.0.1:{port}" in text and "listen_address" in text and "in use" in text


def test_a_data_folder_in_use_is_named(make_server):
    first = make_server().start()
    second = make_server().launch()
    assert second.process.wait(timeout=60) == 4
    text = "".join(second.lines)
    assert str(first.folder / "metadata") in text and "database.local.path" in text
    assert_serves(first)


def test_a_damaged_store_is_refused(make_server):
    server = make_server().start()
    server.repository("soon-broken")
    server.stop()
    current = server.folder / "metadata" / "CURRENT"
    current.write_text("MANIFEST-999999\n")
    server.launch()
    assert server.process.wait(timeout=60) == 5
    assert str(server.folder / "metadata") in "".join(server.lines)


def test_a_wrong_configuration_names_key_value_reason_and_what_is_allowed(tmp_path):
    (tmp_path / "config.yaml").write_text("database: {type: postgres}\nlogging: {level: loud}\nblockstor: {type: local}\n")
    done = run("serve", cwd=tmp_path)
    assert done.returncode == 2
    assert 'database.type: "postgres": not built into this version; allowed: local, mem' in done.stderr
    assert 'logging.level: "loud": unknown value; allowed: trace' in done.stderr
    assert "blockstor.type: unknown key; did you mean blockstore.type?" in done.stderr


def test_an_unknown_flag_or_command_is_a_usage_error(tmp_path):
    for line, complaint in (("serve --nonsense", "varve: --nonsense: unknown flag\n"),
                            ("serve --listen_adress=:1", "--listen_adress: unknown flag; did you mean --listen_address?\n"),
                            ("serv", 'varve: "serv": unknown command; did you mean serve?\n'),
                            ("frobnicate", "unknown command; allowed: serve, run, quickstart, version, help\n"),
                            ("serve --config /", '--config: "/": is a folder, not a file\n')):
        done = run(*line.split(), cwd=tmp_path)
        assert done.returncode == 2 and complaint in done.stderr and done.stdout == "", done.stderr
    assert run("help", cwd=tmp_path).stdout == run(cwd=tmp_path).stdout
    assert run("serve", "--config", "missing.yaml", cwd=tmp_path).returncode == 2


# ---- Damaged committed files ----

def metadata_files(server, repository):
    return sorted(path for path in (server.folder / "objects" / repository / "_lakefs").rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["truncated", "emptied", "flipped", "missing"])
def test_a_damaged_table_is_an_error_and_not_an_empty_listing(make_server, damage):
    server = make_server(f"{damage}").start()
    repository = server.repository("damaged")
    main = repository.branch("main")
    for number in range(50):
        main.object(f"data/{number:03d}").upload(b"x" * number)
    main.commit("Fifty objects")
    server.stop()
    # Recent files would be mended from the store's journal; damage done later is not.
    for segment in (server.folder / "objects" / ".varve" / "journal").iterdir():
        segment.unlink()
    files = [path for path in metadata_files(server, "damaged") if path.stat().st_size > 0 and path.name != "dummy"]
    assert files
    for path in files:
        whole = path.read_bytes()
        if damage == "truncated":
            path.write_bytes(whole[: len(whole) // 2])
        elif damage == "emptied":
            path.write_bytes(b"")
        elif damage == "flipped":
            path.write_bytes(whole[:40] + bytes([whole[40] ^ 0xFF]) + whole[41:])
        else:
            path.unlink()
    server.start()
    answer = server.rest("GET", "/repositories/damaged/refs/main/objects/ls")
    assert answer.status_code >= 400 and answer.json()["message"], answer.text[:200]
    with pytest.raises(botocore.exceptions.ClientError):
        server.s3(retries={"max_attempts": 0}).list_objects_v2(Bucket="damaged", Prefix="main/")
    with pytest.raises(botocore.exceptions.ClientError):
        server.s3(retries={"max_attempts": 0}).get_object(Bucket="damaged", Key="main/data/007")
    assert_serves(server)
    # What is new does not need what is damaged.
    server.repository("healthy").branch("main").object("a").upload(b"fine")


# ---- Clients that lie ----

def signed(server, method, path, body=b"", headers=None, secret=SECRET):
    """Headers of a SigV4-signed request."""
    request = AWSRequest(method=method, url=server.url + path, data=body, headers=headers or {})
    SigV4Auth(Credentials(KEY, secret), "s3", "us-east-1").add_auth(request)
    return dict(request.headers)


def raw_request(server, head, body):
    """Sends bytes as they are and half-closes; the whole answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def raw_put(server, path, announced, body):
    headers = signed(server, "PUT", path, headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    lines = [f"PUT {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Content-Length: {announced}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return raw_request(server, "\r\n".join(lines) + "\r\n\r\n", body)


def assert_absent(server, path):
    answer = server.rest("HEAD", "/repositories/bad-input/refs/main/objects", params={"path": path})
    assert answer.status_code == 404


def test_a_wrong_signature_is_refused(server, lake):
    wrong = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=KEY, aws_secret_access_key="wrong",
                         region_name="us-east-1")
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        wrong.put_object(Bucket="bad-input", Key="main/wrong", Body=b"x")
    assert failure.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert_absent(server, "wrong")
    assert server.rest("GET", "/repositories", auth=(KEY, "wrong")).status_code == 401


def test_a_body_shorter_than_announced_stores_nothing(server, lake):
    answer = raw_put(server, "/bad-input/main/short", 1000, b"x" * 10)
    assert b" 200 " not in answer.split(b"\r\n")[0:1][0] if answer else True
    assert_absent(server, "short")
    assert_serves(server)


def test_a_body_longer_than_announced_stores_what_was_announced(server, lake):
    answer = raw_put(server, "/bad-input/main/long", 10, b"0123456789and then some more\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert lake.branch("main").object("long").reader().read() == b"0123456789"
    assert_serves(server)


@pytest.mark.parametrize("header, value", [
    ("x-amz-content-sha256", hashlib.sha256(b"something else").hexdigest()),
    ("Content-MD5", base64.b64encode(hashlib.md5(b"something else").digest()).decode()),
    ("x-amz-checksum-crc32", base64.b64encode(b"\0\0\0\0").decode()),
])
def test_a_wrong_checksum_stores_nothing(server, lake, header, value):
    headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD", header: value}
    answer = requests.put(f"{server.url}/bad-input/main/checksum", data=b"the body", timeout=30,
                          headers=signed(server, "PUT", "/bad-input/main/checksum", headers=headers))
    assert answer.status_code == 400, answer.text
    assert_absent(server, "checksum")


def test_an_unsatisfiable_range_is_416(server, lake):
    lake.branch("main").object("ten").upload(b"0123456789")
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        server.s3().get_object(Bucket="bad-input", Key="main/ten", Range="bytes=10-20")
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416
    answer = server.rest("GET", "/repositories/bad-input/refs/main/objects", params={"path": "ten"},
                         headers={"Range": "bytes=10-20"})
    assert answer.status_code == 416


def test_noise_on_the_port_is_answered_and_forgotten(server):
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100):
        raw_request(server, "", noise)
    assert_serves(server)


def test_secrets_never_reach_the_log(make_server):
    server = make_server(logging__audit_log_level="info").start()
    server.repository("logged").branch("main").object("a").upload(b"x")
    url = server.s3(signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": "logged", "Key": "main/a"})
    assert requests.get(url, timeout=10).content == b"x"
    assert server.stop() == 0
    text = server.log_text()
    line = next(line for line in text.splitlines() if "X-Amz-Signature" in line)
    assert "X-Amz-Signature=***" in line and "status_code=200" in line and "operation_id=get_object" in line
    assert SECRET not in text and pathlib.Path(url).name not in text


def test_a_second_server_starts_on_what_the_first_left(make_server):
    server = make_server().start()
    server.repository("kept").branch("main").object("a").upload(b"kept")
    assert server.stop() == 0
    again = Server(server.folder).start()
    assert again.s3().get_object(Bucket="kept", Key="main/a")["Body"].read() == b"kept"
    assert again.stop() == 0
