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


def test_an_object_folder_in_use_is_named(make_server):
    first = make_server().start()
    second = make_server("another", blockstore__local__path=first.folder / "objects").launch()
    assert second.process.wait(timeout=60) == 4
    text = "".join(second.lines)
    assert str(first.folder / "objects") in text and "blockstore.local.path" in text and "another process" in text
    assert_serves(first)


@pytest.mark.parametrize("key", ["database.local.path", "blockstore.local.path"])
def test_a_folder_that_is_a_file_is_named(make_server, tmp_path, key):
    (tmp_path / "file").write_text("kept")
    server = make_server(**{key.replace(".", "__"): tmp_path / "file" / "below"}).launch()
    assert server.process.wait(timeout=60) == 5
    text = "".join(server.lines)
    assert f'{key}: "{tmp_path}/file/below"' in text and "Not a directory" in text
    assert (tmp_path / "file").read_text() == "kept"


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


@pytest.mark.parametrize("text, complaint", [
    ("blockstor: {type: mem}", "blockstor.type: unknown key; did you mean blockstore.type?"),
    ("zebra: 1", "zebra: unknown key"),
    ("listen_address: nowhere", 'listen_address: "nowhere": is no address; allowed: host:port'),
    ("listen_address: 127.0.0.1:99999", "with a port up to 65535"),
    ("logging: {level: loud}", 'logging.level: "loud": unknown value; allowed: trace, debug'),
    ("auth: {login_duration: soon}", 'auth.login_duration: "soon": is not a value of type duration; allowed: a duration'),
    ("auth: {login_duration: -1h}", 'auth.login_duration: "-1h": must be above 0'),
    ("committed: {sstable: {memory: {cache_size_bytes: 1e99}}}", '"1e99": is not a value of type integer'),
    ("tls: {enabled: maybe}", 'tls.enabled: "maybe": is not a value of type boolean; allowed: true, false'),
    ("tls: {enabled: true}", "tls.cert_file: is required if tls.enabled is true"),
    ("logging: loud", 'logging: "loud": has the wrong shape; allowed: a map of keys'),
    ("logging: {level: info, level: debug}", "logging.level: is given twice"),
    ("a: [1, 2\nb: }", "line 2: "),
    ("- a\n- b", "is no YAML map of keys"),
    ("{a: " * 20000 + "1" + "}" * 20000, "line 1: "),
])
def test_a_wrong_file_is_told(tmp_path, text, complaint):
    (tmp_path / "config.yaml").write_text(text)
    done = run("serve", cwd=tmp_path)
    assert done.returncode == 2 and complaint in done.stderr and done.stdout == "", done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"], "nothing was begun"


@pytest.mark.parametrize("arguments, environment, complaint", [
    (["--listen_address="], {}, "--listen_address: needs a value; allowed: host:port"),
    (["--database.type=mem", "--database.type=mem"], {}, "--database.type: is given more than once"),
    (["--server.loops=many"], {}, '--server.loops: "many": is not a value of type integer'),
    ([], {"VARVE_LOGGING_LEVEL": "loud"}, 'VARVE_LOGGING_LEVEL: logging.level: "loud": unknown value; allowed: trace'),
    ([], {"LAKEFS_LOGGING_LEVEL": "loud"}, 'LAKEFS_LOGGING_LEVEL: logging.level: "loud"'),
    ([], {}, "database.type: is required and nobody set it; allowed: local, mem"),
])
def test_a_wrong_flag_or_variable_is_told(tmp_path, arguments, environment, complaint):
    done = run("serve", *arguments, cwd=tmp_path, **environment)
    assert done.returncode == 2 and complaint in done.stderr and done.stdout == "", done.stderr
    assert list(tmp_path.iterdir()) == []


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


# ---- Damaged files ----

def without_journal(server):
    """Recent files would be mended from the store's journal; damage done later is not."""
    for segment in (server.folder / "objects" / ".varve" / "journal").iterdir():
        segment.unlink()


DAMAGE = {
    "truncated": lambda whole: whole[: len(whole) // 2],
    "emptied": lambda whole: b"",
    "flipped": lambda whole: whole[:40] + bytes([whole[40] ^ 0xFF]) + whole[41:],
    "missing": lambda whole: None,
}


def s3_error(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**arguments)
    return failure.value.response["ResponseMetadata"]["HTTPStatusCode"], failure.value.response["Error"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_table_is_an_error_and_not_an_empty_listing(make_server, damage):
    server = make_server(f"{damage}").start()
    main = server.repository("damaged").branch("main")
    for number in range(50):
        main.object(f"data/{number:03d}").upload(b"x" * number)
    main.commit("Fifty objects")
    before = server.rest("GET", "/repositories/damaged/refs/main/objects/ls").json()
    server.stop()
    without_journal(server)
    folder = server.folder / "objects" / "damaged" / "_lakefs"
    files = {path: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "dummy"}
    assert files
    for path, whole in files.items():
        left = DAMAGE[damage](whole)
        path.unlink() if left is None else path.write_bytes(left)
    server.start()
    s3 = server.s3(retries={"max_attempts": 0})
    for answer in (server.rest("GET", "/repositories/damaged/refs/main/objects/ls"),
                   server.rest("GET", "/repositories/damaged/refs/main/objects", params={"path": "data/007"}),
                   server.rest("GET", "/repositories/damaged/refs/main~1/diff/main", params={"type": "two_dot"})):
        assert answer.status_code == 500
        assert answer.json()["message"].startswith("repository damaged: file local://damaged/_lakefs/"), answer.text
    for status, error in (s3_error(s3.list_objects_v2, Bucket="damaged", Prefix="main/"),
                          s3_error(s3.get_object, Bucket="damaged", Key="main/data/007")):
        assert (status, error["Code"]) == (500, "InternalError")
        assert error["Message"].startswith("repository damaged: file local://damaged/_lakefs/"), error
    assert_serves(server)
    # What is new does not need what is damaged; and what is mended is used again.
    server.repository("healthy").branch("main").object("a").upload(b"fine")
    for path, whole in files.items():
        path.write_bytes(whole)
    assert server.rest("GET", "/repositories/damaged/refs/main/objects/ls").json() == before


@pytest.mark.parametrize("damage", ["truncated", "emptied", "missing"])
def test_damaged_data_is_an_error_and_not_a_short_object(make_server, damage):
    server = make_server(f"{damage}").start()
    main = server.repository("damaged").branch("main")
    main.object("a").upload(b"0123456789" * 100)
    address = server.rest("GET", "/repositories/damaged/refs/main/objects/stat", params={"path": "a"}).json()["physical_address"]
    server.stop()
    without_journal(server)
    path = server.folder / "objects" / address.removeprefix("local://")
    left = DAMAGE[damage](path.read_bytes())
    path.unlink() if left is None else path.write_bytes(left)
    server.start()
    says = "No data" if damage == "missing" else f"it has {len(left or b'')} bytes, 1000 are recorded"
    s3 = server.s3(retries={"max_attempts": 0})
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=990-999"}):
        answer = server.rest("GET", "/repositories/damaged/refs/main/objects", params={"path": "a"}, headers=headers)
        assert answer.status_code == (410 if damage == "missing" else 500)
        assert says in answer.json()["message"]
        status, error = s3_error(s3.get_object, Bucket="damaged", Key="main/a", **headers)
        assert (status, error["Code"]) == ((404, "NoSuchVersion") if damage == "missing" else (500, "InternalError"))
    answer = server.rest("POST", "/repositories/damaged/branches/main/objects/copy", params={"dest_path": "b"},
                         json={"src_path": "a"})
    assert answer.status_code == (410 if damage == "missing" else 500), answer.text
    s3_error(s3.copy_object, Bucket="damaged", Key="main/b", CopySource="damaged/main/a")
    assert server.rest("HEAD", "/repositories/damaged/refs/main/objects", params={"path": "b"}).status_code == 404
    assert_serves(server)


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
