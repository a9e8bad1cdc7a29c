"""The README's tour, pasted: every `sh` block runs, and every line of the `text` block behind it appears in
what the block printed."""
import os
import re
import signal
import subprocess

import motion
import pytest

from harness import BINARY, ROOT, clean_environment

README = (ROOT / "README.md").read_text()
KEY, SECRET = "AKIAIOSFOLQUICKSTART", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOUR_URL = "http://127.0.0.1:8000"


def tour():
    """(commands, lines they must print) of each step."""
    found = re.findall(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", README, re.S | re.M)
    return [(commands, [line.strip() for line in text.splitlines()]) for commands, text in found]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """What `./dev run` starts, on a port that is free."""
    folder = tmp_path_factory.mktemp("tour")
    process = subprocess.Popen([str(BINARY), "quickstart", "--listen_address", "127.0.0.1:0"], cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=clean_environment())
    url = motion.wait_until_serving(process)
    assert motion.fill(url, KEY, SECRET)
    yield url
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_the_tour_works_when_pasted(url, tmp_path):
    steps = tour()
    assert len(steps) >= 6 and TOUR_URL in steps[0][0]
    script = "set -u\n"
    for number, (commands, _) in enumerate(steps):
        script += f"{commands.replace(TOUR_URL, url)}\necho; echo '== end of step {number}'\n"
    environment = {**clean_environment(), "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                   "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, env=environment)
    outputs = re.split(r"== end of step \d+\n", done.stdout)
    assert len(outputs) == len(steps) + 1, done.stdout + done.stderr
    for (commands, wanted), output in zip(steps, outputs):
        rest = output
        for line in wanted:
            assert line in rest, f"{line!r} is missing after\n{commands}\nin\n{output}\n{done.stderr}"
            rest = rest[rest.index(line) + len(line):]
    assert done.stderr == ""


def test_the_two_commands_exist():
    text = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, check=True).stdout
    for command in re.findall(r"^\./dev (\w+)", README, re.M):
        assert f"./dev {command}" in text or command == "help"


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert link.startswith("http") or (page.parent / link).exists(), f"{page}: {link}"
