import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

from harness import Server  # noqa: E402  the path must be set first


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the tests of a file."""
    server = Server(tmp_path_factory.mktemp("server")).start()
    yield server
    assert server.stop() == 0, "".join(server.lines)


@pytest.fixture
def make_server(tmp_path):
    """Servers with settings of their own, stopped at the end of the test."""
    made = []

    def make(name="server", **settings):
        made.append(Server(tmp_path / name, **settings))
        return made[-1]

    yield make
    for server in made:
        if server.process is not None and server.process.poll() is None:
            server.kill()
