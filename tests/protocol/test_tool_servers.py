"""A server of tools is started anew by a command of the editor, and the page of what is in force says how it stands."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from tests.support.lsp_world import World
from tests.support.served import command


async def test_one_that_failed_is_started_at_once_when_a_person_says_so(world: World) -> None:
    mended = world.state.parent / "mended"
    serve = shlex.join(command(special=True))
    words = [
        "/bin/sh",
        "-c",
        f"test -e {shlex.quote(str(mended))} || {{ echo no room >&2; exit 7; }}; exec {serve}",
    ]
    world.settings(f"[mcp.box]\ncommand = {json.dumps(words)}\n")
    editor = await world.editor("vscode")
    failed: dict[str, Any] = await editor.command("postil.server.toolServer.restart", {"name": "box"})
    assert failed == {"state": "failed", "why": "it ended with status 7: no room", "tools": 0}
    listed = await editor.request("postil/overview", {"show": False})
    (row,) = [it for it in listed["contributions"] if it["kind"] == "server"]
    assert (row["state"], row["why"]) == (
        "off",
        "it ended with status 7: no room; when that is mended, `postil.server.toolServer.restart` starts it at once",
    )
    mended.touch()
    ready = await editor.command("postil.server.toolServer.restart", {"name": "box"})
    assert ready == {"state": "ready", "why": "", "tools": 12}
    with pytest.raises(Exception, match=r"No settings name a server 'other'\. They name box\."):
        await editor.command("postil.server.toolServer.restart", {"name": "other"})
