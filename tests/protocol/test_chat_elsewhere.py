"""A chat document whose session another editor has: it says so, offers to take it over, and then has all that was said meanwhile."""

from __future__ import annotations

import pytest

from postil.core.events import SessionClosed, TurnEnded
from tests.protocol.test_chat_document import begun, ended, lenses, offered, send, write
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

TAKE = "Postil: Take over"


async def titles(editor: Editor, buffer: Buffer) -> list[str]:
    return [it["title"] for it in await editor.actions(buffer)]


async def test_a_second_editor_takes_the_session_of_the_same_document_over(world: World) -> None:
    await world.play(
        "One.",
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "touch made"}},
        {"when": {"after": "results"}, "text": "Three."},
    )
    first, buffer, sent = await begun(world, "First.\n", "neovim")
    await ended(first, buffer)
    buffer.path.write_text(buffer.text)  # the person saves
    second = await world.editor("vscode", ours=False)
    there = second.open(buffer.path)
    found = await lenses(second, there)
    draft = there.text.split("\n").index("## You", there.text.split("\n").index("## Postil"))
    assert [it for it in found if it[1] in ("Take over", "Send")] == [(draft, "Take over")]
    assert TAKE in await titles(second, there)
    assert "Postil: Send" not in await titles(second, there)

    write(first, buffer, "Second.\n")
    await send(first, buffer)
    await first.until(lambda: "- answer: waiting" in buffer.text)
    await second.run(await offered(second, there, TAKE))
    await second.until(lambda: "- answer: waiting" in there.text)
    assert "## You\nSecond.\n" in there.text
    assert [it.reason for it in world.journal(sent["sessionId"]) if isinstance(it, SessionClosed)] == [
        "taken over by another window"
    ]
    assert TAKE in await titles(first, buffer), "it can be taken back"
    await second.run(await offered(second, there, "Postil: Resume"))
    await second.run(await offered(second, there, "Postil: Allow once"))
    await ended(second, there, 2)
    assert "\nThree.\n" in there.text
    assert (world.root / "made").exists()

    await first.run(await offered(first, buffer, TAKE))
    await ended(first, buffer, 2)
    assert buffer.text.count("Second.") == 1
    assert "\nThree.\n" in buffer.text
    assert "Send" in [title for _, title in await lenses(first, buffer)]
    assert len([it for it in world.journal(sent["sessionId"]) if isinstance(it, TurnEnded)]) == 2


async def test_once_the_other_editor_has_left_it_goes_on_with_what_was_said_there(world: World) -> None:
    await world.play("One.", "Two.", "Three.")
    first, buffer, sent = await begun(world, "First.\n", "neovim")
    await ended(first, buffer)
    buffer.path.write_text(buffer.text)
    second = await world.editor("vscode", ours=False)
    there = second.open(buffer.path)
    assert "Take over" in [title for _, title in await lenses(second, there)]
    write(first, buffer, "Second.\n")
    await send(first, buffer)
    await ended(first, buffer, 2)
    await first.leave()
    assert "Send" in [title for _, title in await lenses(second, there)]
    write(second, there, "Third.\n")
    await send(second, there)
    await ended(second, there, 3)
    heads = [
        it for it in there.text.split("\n") if it in ("First.", "One.", "Second.", "Two.", "Third.", "Three.")
    ]
    assert heads == ["First.", "One.", "Second.", "Two.", "Third.", "Three."]
    assert len([it for it in world.journal(sent["sessionId"]) if isinstance(it, TurnEnded)]) == 3


async def test_what_is_refused_because_another_editor_has_it_can_be_taken_over(world: World) -> None:
    await world.play("One.", "Two.")
    first, buffer, sent = await begun(world, "First.\n", "neovim")
    await ended(first, buffer)
    buffer.path.write_text(buffer.text)
    await first.command("postil.server.session.close", {"sessionId": sent["sessionId"]})
    second = await world.editor("vscode", ours=False)
    there = second.open(buffer.path)
    assert "Take over" not in [title for _, title in await lenses(second, there)]
    await first.command("postil.server.session.mode", {"sessionId": sent["sessionId"], "mode": "plan"})
    write(second, there, "Second.\n")
    with pytest.raises(Exception, match="open in another window"):
        await send(second, there)
    assert there.text.endswith("## You\nSecond.\n"), "what was written stays"
    await second.run(await offered(second, there, TAKE))
    await send(second, there)
    await ended(second, there, 2)
    assert "\nTwo.\n" in there.text
