"""What every test gets: a home of its own, no keys, and no network beyond loopback."""

import ipaddress
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import settings

from tests.support.counts import Counts

# Random tests are the same on every run; `make soak` looks further.
settings.register_profile("default", derandomize=True, deadline=None, database=None)
settings.register_profile("soak", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

COUNTED_SECONDS = 480
"""The time limit of a test that is marked `counted`, where `--timeout` gives none."""

FOREIGN_PREFIXES = ("ANTHROPIC_", "AWS_", "GIT_", "GOOGLE_", "POSTIL_", "SSH_")
FOREIGN_NAMES = {"ALL_PROXY", "EDITOR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PAGER", "VISUAL"}


def is_loopback(host: object) -> bool:
    """Tell whether connecting to this host stays on the machine."""
    if host in (None, "", "localhost", b"", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: raise before a socket or a name lookup leaves the machine."""
    if event == "socket.getaddrinfo":
        host: object = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and not isinstance(arguments[1], str | bytes):
        host = arguments[1][0]  # a path is a Unix socket
    else:
        return
    if not is_loopback(host):
        raise PermissionError(f"tests have no network: {event} to {host!r}")


sys.addaudithook(refuse_network)


def stay(_number: int, _frame: object) -> None:
    """Go on at a signal."""


def heed_signals() -> None:
    """Let what tests start heed Ctrl+C and a hangup also where this run was started to ignore them, as by nohup or `&`.

    A signal that is ignored stays so in every program that is started; one that is handled does not.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stay)


heed_signals()


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> Counts:
    """How much to try."""
    return Counts.of(pytestconfig)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give this run, and every process it starts, a home that is empty and thrown away."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(FOREIGN_PREFIXES) or name.upper() in FOREIGN_NAMES:
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name, folder in {
            "XDG_CACHE_HOME": ".cache",
            "XDG_CONFIG_HOME": ".config",
            "XDG_DATA_HOME": ".local/share",
            "XDG_RUNTIME_DIR": ".run",
            "XDG_STATE_HOME": ".local/state",
        }.items():
            (home / folder).mkdir(mode=0o700, parents=True)
            patch.setenv(name, str(home / folder))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        (home / ".gitconfig").write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
        )
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setenv("TZ", "UTC")
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        # Many tests have settings of their own, and few are about trying them first.
        patch.setenv("POSTIL_GUARDRAILS", "off")
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say how much to try."""
    Counts.add_options(parser)
    what = "how often a test of the protocol is tried again that failed (0)"
    parser.addoption("--protocol-reruns", type=int, default=0, metavar="N", help=what)


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Give tests that count the time for it, unless `--timeout` has its say."""
    if config.getoption("timeout") is None:
        for item in items:
            if item.get_closest_marker("counted"):
                item.add_marker(pytest.mark.timeout(COUNTED_SECONDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sums of what tests counted and reported as a property."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            sums[name] += value
    if sums:
        terminalreporter.write_line("tried: " + ", ".join(f"{it} {name}" for name, it in sums.items()))
