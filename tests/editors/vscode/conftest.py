"""The VS Code that the tests run in: one server and one browser for all, a project and a window for each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.editors.vscode.bridge import Bridge
from tests.editors.vscode.codeserver import ENTRY, CodeServer
from tests.editors.vscode.desk import FAILED, Desk, new_desk
from tests.editors.vscode.edition import ROOT
from tests.editors.vscode.packed import packed
from tests.editors.vscode.seat import Seats

HERE = Path(__file__).parent
EXTENSION = ROOT / ".cache" / "vsix" / "postil.vsix"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
SECONDS = 300
"""The time limit of a test, on a machine with other work. Nothing is waited for by time, so what passes is never slower for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests with a window the time for it."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the desk of a test know whether it failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def missing(what: str) -> NoReturn:
    """Skip; where everything has to be there, fail."""
    reason = f"{what} is not there; run: make test-vscode"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of the system, without a screen."""
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """Where extension hosts call."""
    bridge = Bridge(tmp_path_factory.mktemp("br") / "s")
    yield bridge
    bridge.close()


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What is tested, and the spy."""
    if not EXTENSION.exists():
        missing("the extension")
    return [EXTENSION, packed(HERE / "spy", tmp_path_factory.mktemp("vsix") / "spy.vsix")]


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, bridge: Bridge, extensions: list[Path]
) -> Iterator[CodeServer]:
    """A code-server with them."""
    if not ENTRY.exists():
        missing("code-server")
    server = CodeServer(tmp_path_factory.mktemp("cs"), bridge.address, extensions, {})
    yield server
    server.close()


@pytest.fixture(scope="session")
def seats(tmp_path_factory: pytest.TempPathFactory, server: CodeServer, browser: Browser) -> Iterator[Seats]:
    """The window that tests use one after the other; it is closed before the browser is."""
    del browser
    seats = Seats(tmp_path_factory.mktemp("seat"), server)
    yield seats
    seats.leave()


@pytest.fixture
def desk(
    tmp_path: Path,
    server: CodeServer,
    seats: Seats,
    bridge: Bridge,
    browser: Browser,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:
    """An empty project; no model yet, no window yet."""
    with new_desk(tmp_path, server, bridge, browser, seats) as desk:
        yield desk
        desk.leave(request)
