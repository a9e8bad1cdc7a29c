"""What lakeFS 1.84 answered to every request of the REST transcripts: Varve answers the same.

`rest/differences.json` names the cases that differ on purpose or because a feature is not built, each with
its reason; a case that has come to agree must leave the list.
"""
import json
import pathlib

import pytest
import replay_rest
from harness import Server

FOLDER = pathlib.Path(__file__).parent / "rest"
DIFFERENCES = json.loads((FOLDER / "differences.json").read_text())


def load_cases():
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        if path.name != "differences.json":
            cases += json.loads(path.read_text())["cases"]
    # Those that need an open setup come first, and the one that sets up is the last of them.
    cases.sort(key=lambda case: (case.get("needs") != "open setup", bool(case.get("sets_up"))))
    return cases


CASES = load_cases()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that nobody has set up, which may read the folder of the transcripts' files."""
    files = pathlib.Path(replay_rest.make_files())
    server = Server(tmp_path_factory.mktemp("rest"), blockstore__local__import_enabled="true",
                    blockstore__local__allowed_external_prefixes=files)
    for key in ("user_name", "access_key_id", "secret_access_key"):
        del server.settings[f"installation.{key}"]
    server.files = str(files)
    yield server.start()
    assert server.stop() == 0


@pytest.fixture(scope="module")
def address(server):
    return ("127.0.0.1", server.port)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_answers_are_those_recorded(server, address, case):
    if case.get("needs") != "open setup" and replay_rest.setup_open(address):
        replay_rest.create_admin(address)
    faults = replay_rest.faults_of(address, case, server.files)
    reason = DIFFERENCES.get(case["name"])
    if reason:
        assert faults, f"agrees now: take it from differences.json ({reason})"
    else:
        assert not faults, "\n".join(faults)


def test_the_list_of_differences_names_cases_that_exist():
    assert not DIFFERENCES.keys() - {case["name"] for case in CASES}
