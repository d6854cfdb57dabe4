"""How a chat document stands is told to who has no lenses: prompts that wait and replies that were undone are diagnostics at their lines."""

from __future__ import annotations

from tests.protocol.test_chat_document import begun, ended, offered, send, undone, write
from tests.protocol.test_chat_sending import waits_in_a_turn
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World


def told(editor: Editor, buffer: Buffer, code: str) -> list[tuple[int, str]]:
    """Return what is said of one kind, each with its line."""
    said = [it for it in editor.diagnostics.get(buffer.uri, []) if it.get("code") == code]
    return [(it["range"]["start"]["line"], it["message"]) for it in said]


def last_heading(buffer: Buffer, heading: str) -> int:
    return buffer.text[: buffer.text.rindex(f"\n{heading}\n") + 1].count("\n")


async def test_prompts_that_wait_are_told_below_the_last_heading(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world)
    assert not told(editor, buffer, "queued")
    for words, said in (
        ("In blue.", "1 prompt waits: “In blue.”"),
        ("Twice.", "2 prompts wait: “In blue.”, “Twice.”"),
    ):
        write(editor, buffer, f"{words}\n")
        await send(editor, buffer, "Postil: Queue")
        await editor.until(
            lambda said=said: (
                told(editor, buffer, "queued")
                == [(last_heading(buffer, "## You"), f"{said}. Code actions take back what waits.")]
            )
        )
    for action in [it for it in await editor.actions(buffer) if it["title"].startswith("Postil: Take back")]:
        await editor.run(action)
    await editor.until(lambda: not told(editor, buffer, "queued"))
    await editor.command("postil.server.session.cancel", {"sessionId": session})
    await ended(editor, buffer)


async def test_a_reply_that_was_undone_is_told_at_its_heading_until_it_goes_on(world: World) -> None:
    words = "".join(f"word{number} " for number in range(120))
    await world.play({"text": words, "chunk": 7, "delay": {"each": 0.01}})
    editor, buffer, _ = await begun(world, "Talk.\n")
    await editor.until(lambda: "word9 " in buffer.text)
    before = buffer.text
    await editor.until(lambda: "word30 " in buffer.text)
    assert not told(editor, buffer, "undone")
    undone(editor, buffer, before)
    words = "Undone: nothing more is written here. The code action “Continue” writes it again, and the rest."
    await editor.until(lambda: told(editor, buffer, "undone") == [(last_heading(buffer, "## Postil"), words)])
    await editor.run(await offered(editor, buffer, "Postil: Continue"))
    await ended(editor, buffer)
    await editor.until(lambda: not told(editor, buffer, "undone"))
