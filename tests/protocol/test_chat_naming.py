"""What a chat document's file is called: by its first words where they come with it, else by its title once nobody has it open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from postil.workspace.files.uris import uri_to_path
from tests.protocol.test_chat_document import begun, ended, opened, send, write
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

DAY = r"\d{4}-\d\d-\d\d"


async def made(editor: Editor, **wanted: Any) -> Path:
    """Return where the document that is asked for lies."""
    found = await editor.command("postil.server.chat.new", {"show": False, **wanted})
    path = uri_to_path(found["uri"])
    assert path is not None
    return path


async def test_a_document_that_comes_with_words_is_called_by_them(world: World) -> None:
    await world.play("Here.")
    editor = await world.editor("vscode", ours=False)
    path = await made(editor, text="Mend the parser, all of it.\n## You\nsaid so\n")
    assert re.fullmatch(rf"{DAY}-mend-the-parser-all-of-it\.md", path.name)
    buffer = editor.open(path)
    assert buffer.text == "# Chat\n\n## You\nMend the parser, all of it.\n\\## You\nsaid so\n"
    sent = await send(editor, buffer)
    await ended(editor, buffer)
    assert "said so" in str(world.model.requests[-1].body)
    assert buffer.text.startswith(f"# Mend the parser, all of it.\n<!-- postil {sent['sessionId']} · ")
    argument = {"sessionId": sent["sessionId"], "text": "More."}
    _, message = await editor.fails(
        "workspace/executeCommand", {"command": "postil.server.chat.new", "arguments": [argument]}
    )
    assert message == "The document of a session takes no words. Write them there, and send them."


@pytest.mark.parametrize("restarted", [False, True], ids=["same-server", "restarted"])
async def test_a_document_gets_its_title_when_it_is_asked_for_and_not_open(
    world: World, *, restarted: bool
) -> None:
    await world.play("One.", "Two.")
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    assert re.fullmatch(rf"{DAY}-chat\.md", buffer.path.name)
    write(editor, buffer, "First thing.\n")
    session = (await send(editor, buffer))["sessionId"]
    await ended(editor, buffer)
    assert await made(editor, sessionId=session) == buffer.path, "it is open"
    editor.save(buffer)
    editor.close(buffer)
    if restarted:
        await editor.leave()
        editor = await world.editor("vscode", ours=False)
    path = await made(editor, sessionId=session)
    assert re.fullmatch(rf"{DAY}-first-thing\.md", path.name)
    assert [it.name for it in path.parent.glob("*.md")] == [path.name]
    assert await made(editor, sessionId=session) == path
    again = editor.open(path)
    assert again.text.startswith(f"# First thing.\n<!-- postil {session} · ")
    write(editor, again, "Second thing.\n")
    assert (await send(editor, again))["sessionId"] == session
    await ended(editor, again, 2)
    assert "\n## You\nSecond thing.\n\n## Postil\nTwo.\n" in again.text


async def test_a_document_that_is_written_into_keeps_its_name(world: World) -> None:
    await world.play({"tool": "shell", "input": {"command": "touch made"}}, "Done.")
    editor, buffer, sent = await begun(world, "Make it.\n")
    session = sent["sessionId"]
    await editor.until(lambda: "- answer: waiting\n<!--reply 1 #" in buffer.text)
    editor.save(buffer)
    editor.close(buffer)
    assert await made(editor, sessionId=session) == buffer.path
    await editor.command("postil.server.session.cancel", {"sessionId": session})
    while "<!-- turn 1: " not in buffer.path.read_text():
        await editor.command("postil.server.session.list", {})
    assert [it.name for it in buffer.path.parent.glob("*.md")] == [buffer.path.name]
