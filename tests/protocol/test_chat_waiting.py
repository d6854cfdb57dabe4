"""A wait for the next try of the model in a chat document: a diagnostic at its reply and *Try now* above it, and not a character of its text."""

from __future__ import annotations

from postil.workspace.files.uris import uri_to_path
from tests.protocol.test_chat_document import begun, ended, lenses, send
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World
from tests.support.sub_agents import MAIN, TASK, delegate, does

SLOW: Json = {"status": 429, "type": "rate_limit_error", "message": "slow", "retry_after": 50}


def waits(editor: Editor, buffer: Buffer) -> list[tuple[int, str]]:
    """Return what is said of waits, each with its line."""
    said = [it for it in editor.diagnostics.get(buffer.uri, []) if it.get("code") == "wait"]
    return [(it["range"]["start"]["line"], it["message"]) for it in said]


def heading(buffer: Buffer) -> int:
    return buffer.text.split("\n").index("## Postil")


async def lens(editor: Editor, buffer: Buffer, title: str) -> Json:
    found = await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
    (wanted,) = [it for it in found if it["command"]["title"] == title]
    return wanted


async def test_a_wait_is_said_at_the_reply_and_ends_without_a_trace(world: World) -> None:
    await world.play({"error": SLOW}, "Here.")
    editor, buffer, sent = await begun(world, "Hello.\n", "neovim")
    await editor.until(lambda: waits(editor, buffer) and "<!--reply 1 #" in buffer.text)
    before, edits = buffer.text, len(editor.heard.edits)
    ((line, words),) = waits(editor, buffer)
    assert line == heading(buffer)
    assert words.startswith("Rate limited. Next try at ")
    assert words.endswith(" (1 of 6).")
    assert (line, "Try now") in await lenses(editor, buffer)
    actions = [it["title"] for it in await editor.actions(buffer)]
    assert actions.count("Postil: Try now") == 1
    # It moves with its reply, is nothing to undo, and says the same all the while.
    editor.type(buffer, 0, "Mine.\n\n")
    await editor.until(lambda: waits(editor, buffer) == [(line + 2, words)])
    assert (buffer.text, len(editor.heard.edits)) == (f"Mine.\n\n{before}", edits)
    await editor.run(await lens(editor, buffer, "Try now"))
    await ended(editor, buffer)
    await editor.until(lambda: not waits(editor, buffer))
    assert "Try now" not in [title for _, title in await lenses(editor, buffer)]
    assert "limited" not in buffer.text

    # As the record has it: written again it is the same.
    editor.close(buffer)
    buffer.path.unlink()
    again = await editor.command("postil.server.chat.new", {"sessionId": sent["sessionId"], "show": False})
    path = uri_to_path(again["uri"])
    assert path is not None
    below = buffer.text.partition("## You")[2]
    assert path.read_text().partition("## You")[2] == below


async def test_a_document_that_is_opened_meanwhile_says_so_too(world: World) -> None:
    await world.play({"error": SLOW}, "Here.")
    editor, buffer, _ = await begun(world, "Hello.\n")
    await editor.until(lambda: waits(editor, buffer) and "<!--reply 1 #" in buffer.text)
    editor.save(buffer)
    editor.close(buffer)
    await editor.until(lambda: not waits(editor, buffer))
    buffer = editor.open(buffer.path)
    await editor.until(lambda: [it for it, _ in waits(editor, buffer)] == [heading(buffer)])
    await send(editor, buffer, "Postil: Stop")
    await editor.until(lambda: not waits(editor, buffer))


async def test_a_sub_agent_that_waits_is_named(world: World) -> None:
    await world.play(
        does(MAIN, delegate("d1", "explore")),
        {"when": {"user": TASK}, "error": SLOW},
        does(TASK, "Found."),
        does(MAIN, "Done."),
    )
    editor, buffer, _ = await begun(world, "Do it.\n")
    await editor.until(lambda: waits(editor, buffer))
    ((_, words),) = waits(editor, buffer)
    assert words.startswith("explore: Rate limited. Next try at ")
    await editor.until(lambda: "<!--reply 1 #" in buffer.text)
    await editor.run(await lens(editor, buffer, "Try now: explore"))
    await ended(editor, buffer)
    assert not waits(editor, buffer)
