"""The promises that `conftest.py` makes to every test are kept."""

import os
import socket
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.conftest import is_loopback


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("2001:db8::1", 9, 0, 0)])
def test_a_connection_out_of_the_machine_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as connection, pytest.raises(PermissionError, match="no network"):
        connection.connect(address)


def test_a_name_out_of_the_machine_is_not_looked_up() -> None:
    with pytest.raises(PermissionError, match="no network"):
        socket.getaddrinfo("postil.invalid", 443)


def test_loopback_and_unix_sockets_work(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "", None, b"127.0.0.1"])
def test_what_counts_as_loopback(host: object) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "example.org", "0.0.0.1", "fe80::1%lo", b"example.org"])
def test_what_does_not_count_as_loopback(host: object) -> None:
    assert not is_loopback(host)


def test_home_is_a_throwaway_and_no_key_is_left() -> None:
    assert not Path.home().is_relative_to(ROOT)
    assert (Path.home() / ".gitconfig").is_file()
    assert os.environ["XDG_STATE_HOME"].startswith(os.environ["HOME"])
    ours = [name for name in os.environ if name.startswith(("ANTHROPIC_", "POSTIL_"))]
    assert ours == ["POSTIL_GUARDRAILS"], "settings of tests are not tried before each of their first turns"
