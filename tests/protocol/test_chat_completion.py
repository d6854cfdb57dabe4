"""Completion in a chat document while an answer comes into it: what is asked about is the text as it was then."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

CHAT = ".postil/chat/one.md"
ABOVE = "# Chat\n\n## You\nTalk.\n\n## Postil\n"


def asked(editor: Editor, buffer: Buffer) -> Json:
    """Return the params that ask for completion at the end."""
    lines = buffer.text.split("\n")
    place = {"line": len(lines) - 1, "character": len(lines[-1])}
    return {"textDocument": {"uri": buffer.uri}, "position": place}


@pytest.mark.parametrize(
    ("typed", "wanted"), [("@not", "@notes.txt"), ("/comp", "/compact"), ("/mode acc", "accept-edits")]
)
async def test_what_is_written_above_meanwhile_moves_nothing(world: World, typed: str, wanted: str) -> None:
    world.settings("")
    world.file("notes.txt", "")
    command = world.state.parent / "config" / "commands" / "compact.md"
    command.parent.mkdir()
    command.write_text("---\ndescription: Says it in fewer words.\n---\nSay it in fewer words.\n")
    editor = await world.editor("neovim", ours=False)
    buffer = editor.open(world.file(CHAT, f"{ABOVE}\n## You\n"))
    editor.type(buffer, len(buffer.text), typed)
    params = asked(editor, buffer)
    first: list[Json] = (await editor.request("textDocument/completion", params))["items"]
    assert wanted in [it["label"] for it in first]
    # Both are on their way before the server has read either.
    waiting = asyncio.create_task(editor.request("textDocument/completion", params))
    await asyncio.sleep(0)
    editor.type(buffer, len(ABOVE), "One line.\nAnother one.\n\n")
    later: list[Json] = (await waiting)["items"]
    assert later == first
    assert all(it["textEdit"]["range"]["start"]["line"] == params["position"]["line"] for it in later)
