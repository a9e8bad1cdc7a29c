"""What lakeFS 1.84 answered to every request of the REST transcripts: Varve answers the same.

`rest/differences.json` names the cases that differ on purpose or because a feature is not built, each with
its reason; a case that has come to agree must leave the list.
"""
import json
import pathlib

import pytest
import rest_replay
from harness import Server

FOLDER = pathlib.Path(__file__).parent / "rest"
DIFFERENCES = json.loads((FOLDER / "differences.json").read_text())
CASES = rest_replay.cases_of(path for path in sorted(FOLDER.glob("*.json")) if path.name != "differences.json")


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    """A server that nobody has set up, which may read the folder of the transcripts' files."""
    player = rest_replay.Replay()
    server = Server(tmp_path_factory.mktemp("rest"), blockstore__local__import_enabled="true",
                    blockstore__local__allowed_external_prefixes=player.outside.name)
    for key in ("user_name", "access_key_id", "secret_access_key"):
        del server.settings[f"installation.{key}"]
    player.port = server.start().port
    yield player
    assert server.stop() == 0


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_answers_are_those_recorded(replay, case):
    if not case.get("needs"):
        replay.set_up()
    fault = replay.fault_of(case)
    reason = DIFFERENCES.get(case["name"])
    if reason:
        assert fault, f"agrees now: take it from differences.json ({reason})"
    else:
        assert not fault, fault


def test_the_list_of_differences_names_cases_that_exist():
    assert not DIFFERENCES.keys() - {case["name"] for case in CASES}


def test_every_difference_is_on_the_page_about_them():
    page = (pathlib.Path(__file__).parents[2] / "docs" / "deviations.md").read_text()
    assert not [name for name in DIFFERENCES if f"`{name}`" not in page]
