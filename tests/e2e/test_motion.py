"""The sample that `./dev run` serves."""
import signal
import subprocess
import sys

import lakefs
import motion
import pytest
import requests

from harness import BINARY, KEY, ROOT, SECRET, clean_environment


def test_a_filling_that_was_cut_short_is_finished(server, monkeypatch):
    land = motion.land_day
    put = []

    def land_until_third_day(repository, s3, day):
        if day == motion.DAYS[2]:
            repository.branch(f"ingest-{day}").create(source_reference="main").object("half").upload(b"x")
            raise KeyboardInterrupt
        put.append(day)
        land(repository, s3, day)

    monkeypatch.setattr(motion, "land_day", land_until_third_day)
    with pytest.raises(KeyboardInterrupt):
        motion.fill(server.url, KEY, SECRET)
    monkeypatch.setattr(motion, "land_day", lambda *arguments: (put.append(arguments[2]), land(*arguments)))
    assert motion.fill(server.url, KEY, SECRET)
    assert put == motion.DAYS, "each day landed once"
    repository = lakefs.Repository(motion.REPOSITORY, client=server.lake())
    paths = [thing.path for thing in repository.ref("first-week").objects()]
    assert paths == sorted(recording.path for recording in motion.recordings())
    assert [branch.id for branch in repository.branches()] == ["main"]
    assert not motion.fill(server.url, KEY, SECRET), "nothing is left to do"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_to_paste_and_stops_its_server(tmp_path, stop):
    process = subprocess.Popen([sys.executable, ROOT / "scripts" / "motion.py", "serve", "--binary", BINARY, "--data",
                                tmp_path, "--listen_address", "127.0.0.1:0"], text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=clean_environment())
    text = ""
    for line in process.stdout:
        text += line
        if "Ctrl-C stops the server" in line:
            break
    url = text.split("AWS_ENDPOINT_URL=")[1].split()[0]
    listing = subprocess.run(["bash", "-c", next(line for line in text.splitlines() if "curl" in line)], text=True,
                             capture_output=True, env={**clean_environment(), "AWS_ACCESS_KEY_ID": motion.KEY,
                                                       "AWS_SECRET_ACCESS_KEY": motion.SECRET})
    assert f"Land {motion.DAYS[-1]}" in listing.stdout, listing.stderr
    process.send_signal(stop)
    process.communicate(timeout=60)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/_health", timeout=10)
