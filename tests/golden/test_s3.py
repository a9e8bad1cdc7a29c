"""What lakeFS 1.84 answered to every request of the S3 transcripts: Varve answers the same; and where lakeFS
is known to be wrong (`s3/gaps.json`), what the answer should be.

`s3/differences.json` names the cases that differ, each with its reason; a case that has come to agree must
leave the list.
"""
import json
import pathlib

import pytest
import replay_s3
from harness import Server

FOLDER = pathlib.Path(__file__).parent / "s3"
DIFFERENCES = json.loads((FOLDER / "differences.json").read_text())


def load_cases():
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        if path.name != "differences.json":
            cases += [(path.stem == "gaps", case) for case in json.loads(path.read_text())["cases"]]
    return cases


# A case marked as a gap outside gaps.json is there for information.
CASES = [(is_gap, case) for is_gap, case in load_cases() if is_gap or not case.get("lakefs_gap")]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("s3"), gateways__s3__domain_name=replay_s3.DOMAIN).start()
    yield ("127.0.0.1", server.port)
    assert server.stop() == 0


@pytest.mark.parametrize("is_gap, case", CASES, ids=[("gap: " if gap else "") + case["name"] for gap, case in CASES])
def test_answers_are_those_recorded(address, is_gap, case):
    faults = replay_s3.faults_of(address, case, gaps="should" if is_gap else None)
    reason = DIFFERENCES.get(case["name"])
    if reason:
        assert faults, f"agrees now: take it from differences.json ({reason})"
    else:
        assert not faults, "\n".join(faults)


def test_the_list_of_differences_names_cases_that_exist():
    assert not DIFFERENCES.keys() - {case["name"] for _, case in CASES}


def test_every_difference_is_on_the_page_about_them():
    page = (pathlib.Path(__file__).parents[2] / "docs" / "deviations.md").read_text()
    assert not [name for name in DIFFERENCES if f"`{name}`" not in page]
