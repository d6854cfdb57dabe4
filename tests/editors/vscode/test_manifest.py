"""The extension as VS Code knows it once it is installed: what it says it has is there, and nothing starts before it is needed."""

from typing import Any

import pytest

from tests.editors.vscode.desk import EXTENSION, Desk
from tests.editors.vscode.edition import EDITION, OLDEST

OURS = "postil."


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.play("Nothing.")
    desk.open(desk.world.file("app.py", "a = 1\n"))
    return desk


@pytest.mark.oldest
def test_what_the_manifest_says_is_there(desk: Desk) -> None:
    spy = desk.spy
    manifest: dict[str, Any] = spy("extension", EXTENSION)["manifest"]
    contributes = manifest["contributes"]
    said = {it["command"] for it in contributes["commands"]}
    there = {it for it in spy("commands") if it.startswith(OURS)}
    assert said <= there, said - there
    keys = {it["command"] for it in contributes["keybindings"]}
    menus = {it["command"] for rows in contributes["menus"].values() for it in rows}
    assert keys | menus <= said
    palette = [it["when"] for it in contributes["menus"]["commandPalette"]]
    assert not [it for it in palette if "TextFocus" in it], "what has the focus then is the palette"
    assert manifest["extensionKind"] == ["workspace"]
    assert manifest["capabilities"]["untrustedWorkspaces"]["supported"] == "limited"


@pytest.mark.oldest
def test_it_is_a_version_that_the_manifest_names(desk: Desk) -> None:
    """The oldest is the very version that the range begins with: nothing that is promised is untried."""
    stated = desk.spy("extension", EXTENSION)["manifest"]["engines"]["vscode"]
    least = [int(it) for it in stated.removeprefix("^").split(".")[:2]]
    here = [int(it) for it in desk.spy.version.split(".")[:2]]
    assert here == least if EDITION == OLDEST else here > least


def test_no_setting_that_starts_something_can_be_a_folders_own(desk: Desk) -> None:
    """They count for the machine alone, whatever `.vscode/settings.json` says."""
    contributes = desk.spy("extension", EXTENSION)["manifest"]["contributes"]
    properties = {key: it for part in contributes["configuration"] for key, it in part["properties"].items()}
    for key in ("postil.server.command", "postil.python.interpreter", "postil.baseUrl", "postil.mode"):
        assert properties[key]["scope"] == "machine"
    assert len(desk.servers()) == 1
    evil = desk.world.root / "evil"
    desk.world.file(".vscode/settings.json", f'{{"postil.server.command": ["touch", "{evil}"]}}')
    desk.reload()
    assert len(desk.servers()) == 2
    assert not evil.exists()
