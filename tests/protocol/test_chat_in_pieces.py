"""An editor that announces one edit of several pieces in several changes: what is written into a chat document is never for a version between them."""

from __future__ import annotations

import asyncio

from tests.protocol.test_chat_document import ended, send, write
from tests.protocol.test_chat_sending import lens, prose, waits_in_a_turn
from tests.protocol.test_client_habits import keep
from tests.support.lsp_client import Json
from tests.support.lsp_editor import ApplyHabit, Editor, fits
from tests.support.lsp_world import World


def in_pieces(stale: list[Json], counts: list[int]) -> ApplyHabit:
    """Neovim: makes the pieces from the last to the first, answers, and tells of each by itself, with other things between them."""

    async def habit(editor: Editor, params: Json) -> Json:
        if not fits(editor, params):
            stale.append(params)
            return {"applied": True}
        (change,) = params["edit"]["documentChanges"]
        buffer = editor.buffers[change["textDocument"]["uri"]]
        tells = [editor.change(buffer, [it]) for it in reversed(change["edits"])]
        counts.append(len(tells))

        async def later() -> None:
            for tell in tells:
                tell()
                for _ in range(5):
                    await editor.request("postil/session/list", {})

        keep(asyncio.ensure_future(later()))
        return {"applied": True}

    return habit


async def test_nothing_is_written_for_a_text_between_two_pieces(world: World) -> None:
    """The end of a turn brings the header up to date as well, and the prompt that waited is put in right behind."""
    stale, counts = list[Json](), list[int]()
    editor, buffer, _ = await waits_in_a_turn(world, "Second.")
    write(editor, buffer, "And then?\n")
    await send(editor, buffer, "Postil: Queue")
    await editor.until(lambda: not buffer.text.rpartition("## You\n")[2].strip() and editor.has_told)
    editor.habit = in_pieces(stale, counts)
    await editor.run(await lens(editor, buffer, "Allow once"))
    await ended(editor, buffer, 2)
    assert max(counts) > 1, "an edit was of several pieces"
    assert "## You\nAnd then?\n\n## Postil\nSecond.\n<end>\n\n## You\n" in prose(buffer)
    assert not stale
