"""The server's private environment, made from what the extension brings along: one consent, and it works; gone with the extension."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.editors.vscode.bridge import Bridge
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.conftest import missing
from tests.editors.vscode.desk import Desk, new_desk
from tests.editors.vscode.edition import ROOT
from tests.editors.waiting import wait_for

WHEELS = ROOT / ".cache" / "wheels"
"""What the lock names, as `make test-vscode` fetches it."""
MINUTES = 4
OFFLINE = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(WHEELS), "PIP_NO_INDEX": "1"}
"""The person's pip as it is configured: a folder, and no network."""


@pytest.fixture
def desk(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    extensions: list[Path],
    bridge: Bridge,
    browser: Browser,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:
    """A desk whose extension has to install its server, from a folder that the person's pip knows."""
    if not (WHEELS / ".fetched").exists():
        missing("the folder of wheels")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(sys.executable)
    with new_desk(tmp_path, None, bridge, browser) as desk:
        desk.play({"text": "It is there.", "times": "any"})
        env = {"PATH": f"{programs}{os.pathsep}/usr/bin:/bin", **OFFLINE}
        desk.server = CodeServer(
            tmp_path_factory.mktemp("cs"), bridge.address, extensions, {**desk.world.env, **env}
        )
        desk.has_command = False
        yield desk
        desk.leave(request)
        desk.server.close()


def environments(desk: Desk) -> list[Path]:
    """The private environments that are whole."""
    return [it.parent for it in desk.server.home.rglob("postil-environment.json")]


def started(desk: Desk) -> None:
    """Wait until the server answers; there is no relay to see it through."""
    desk.until(lambda: "postil.server.session.list" in desk.spy("commands"))


@pytest.mark.timeout(MINUTES * 60 + 180)
def test_one_consent_installs_the_server_without_a_network_and_uninstalling_removes_it(desk: Desk) -> None:
    desk.open(desk.world.file("app.py", "a = 1\n"))
    chat = desk.chat().open()
    desk.window.expect(chat.dock, "waits for your consent")
    # A message that asks the same goes by itself; what the chat asks stays.
    desk.window.status.filter(has_text="Postil: not installed yet").wait_for()
    chat.dock.get_by_role("button", name="Install").click()
    desk.window.expect(chat.dock, "Making a private environment")
    desk.window.messages.get_by_role("button", name="Cancel").wait_for()
    # Sixty packages take their time, and how long says nothing: what is waited for is that it is over.
    expect(chat.dock.locator(".bar")).to_have_count(0, timeout=MINUTES * 60_000)
    started(desk)
    (environment,) = environments(desk)
    assert (environment / "users" / str(desk.spy.pid)).exists()
    chat.ask("Is it there?")
    chat.shows("It is there.")
    desk.ended("It is there.")

    desk.reload()
    started(desk)
    assert desk.window.messages.filter(has_text="private environment").count() == 0, "asked once for all"
    assert environments(desk) == [environment]
    desk.quit()
    desk.server.uninstall("postil.postil")
    wait_for(lambda: not environment.exists(), desk.server.said)
