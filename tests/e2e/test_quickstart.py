"""`varve quickstart`, `version` and the pages a server shows of itself."""
import json
import re
import socket
import subprocess
import threading

import lakefs
import pytest
import requests

from harness import BINARY, KEY, SECRET, Server, clean_environment

QUICK_KEY, QUICK_SECRET = "AKIAIOSFOLQUICKSTART", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class Quickstart:
    def __init__(self, folder, *flags):
        self.process = subprocess.Popen([str(BINARY), "quickstart", *flags], cwd=folder, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        self.url = None
        for line in self.process.stderr:
            if " serving on " in line:
                self.url = line.rsplit(" ", 1)[1].strip()
                break
        # Keeps the pipe empty, so that the server never waits for us.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def __enter__(self):
        assert self.url, self.process.stdout.read()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.output = self.process.stdout.read()
        assert self.process.wait(timeout=60) == 0


def test_quickstart_prints_keys_that_work_and_makes_a_sample_repository(tmp_path):
    with Quickstart(tmp_path) as first:
        client = lakefs.Client(host=first.url, username=QUICK_KEY, password=QUICK_SECRET)
        repository = lakefs.Repository("quickstart", client=client)
        assert "README.md" in [thing.path for thing in repository.ref("main").objects()]
        branch = repository.branch("mine").create("main")
        branch.object("a").upload(b"kept")
    assert first.url in first.output and QUICK_KEY in first.output and QUICK_SECRET in first.output
    assert (tmp_path / "varve-data").is_dir()
    with Quickstart(tmp_path) as second:
        client = lakefs.Client(host=second.url, username=QUICK_KEY, password=QUICK_SECRET)
        branch = lakefs.Repository("quickstart", client=client).branch("mine")
        assert branch.object("a").reader().read() == b"kept", "a second start re-uses the folder"


def test_quickstart_takes_another_port_if_its_own_is_taken(tmp_path):
    holder = None
    try:
        holder = socket.create_server(("127.0.0.1", 8000))
    except OSError:
        pass  # somebody else has it: as good
    try:
        with Quickstart(tmp_path) as quick:
            assert not quick.url.endswith(":8000")
            assert requests.get(f"{quick.url}/_health", timeout=10).status_code == 200
    finally:
        if holder:
            holder.close()


def test_version(tmp_path):
    text = subprocess.run([BINARY, "version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"varve version: \d+\.\d+\.\d+\n", text)
    answer = subprocess.run([BINARY, "version", "--json"], capture_output=True, text=True, check=True).stdout
    assert json.loads(answer)["version"] == text.split()[-1]


def test_help_shows_every_configuration_key():
    text = subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    for key in ("listen_address", "database.local.path", "gateways.s3.domain_name", "auth.login_duration"):
        assert f"--{key}" in text


@pytest.fixture(scope="module")
def lakefs_file_server(tmp_path_factory):
    """A server started by a file that was written for lakeFS."""
    folder = tmp_path_factory.mktemp("file")
    (folder / "config.yaml").write_text(f"""---
logging: {{format: json, level: INFO, output: "{folder}/varve.log", audit_log_level: info}}
listen_address: 127.0.0.1:0
database: {{type: local, local: {{path: "{folder}/metadata"}}}}
auth: {{encrypt: {{secret_key: "not so secret"}}}}
blockstore: {{type: local, local: {{path: "{folder}/objects"}}}}
gateways: {{s3: {{domain_name: s3.example.test}}}}
committed: {{local_cache: {{size_bytes: 1000000}}}}
installation: {{user_name: admin, access_key_id: {KEY}, secret_access_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY}}
""")
    server = Server(folder)
    server.command = lambda: [BINARY, "serve", "--config", folder / "config.yaml"]
    yield server.start()
    assert server.stop() == 0


def test_a_file_written_for_lakefs_starts_varve_unchanged(lakefs_file_server):
    assert lakefs_file_server.rest("GET", "/repositories").json()["results"] == []
    warnings = [line for line in map(json.loads, lakefs_file_server.log_text().splitlines()) if line["level"] == "warning"]
    assert any("committed.local_cache.size_bytes" in line.get("warning", "") for line in warnings)


def test_metrics_keep_the_names_of_dashboards(lakefs_file_server):
    lakefs_file_server.rest("GET", "/repositories")
    text = requests.get(f"{lakefs_file_server.url}/metrics", timeout=10).text
    assert 'api_requests_total{code="200",method="get"}' in text
    assert 'api_request_duration_seconds_count{code="200",operation="listRepositories"}' in text
    assert 'kv_request_duration_seconds_bucket{operation="Get",type="local",le="0.01"}' in text
    assert "process_resident_memory_bytes" in text


def test_every_request_leaves_one_line(lakefs_file_server):
    with requests.Session() as connection:
        connection.auth = (KEY, SECRET)
        answer = connection.get(f"{lakefs_file_server.url}/api/v1/repositories?amount=7", timeout=10)
        # The line follows the answer, and a connection's next request follows the line.
        connection.get(f"{lakefs_file_server.url}/_health", timeout=10)
    lines = [line for line in map(json.loads, lakefs_file_server.log_text().splitlines())
             if line["msg"] == "HTTP call ended" and line["path"] == "/api/v1/repositories?amount=7"]
    assert len(lines) == 1
    line = lines[0]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["status_code"], line["operation_id"]) == ("GET", 200, "listRepositories")
    assert line["user"] == "admin" and line["service_name"] == "rest_api"
    assert line["sent_bytes"] == len(answer.content) and line["took"] > 0


def test_readiness_asks_the_stores(lakefs_file_server):
    answer = requests.get(f"{lakefs_file_server.url}/_ready", timeout=10)
    assert (answer.status_code, answer.text) == (200, "ready\n")
    health = requests.get(f"{lakefs_file_server.url}/_health", timeout=10).text
    assert re.fullmatch(r"alive! [0-9a-f-]{36}", health)
