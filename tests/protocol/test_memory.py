"""Memory across sessions, as an editor sees it."""

from __future__ import annotations

from typing import Any

from postil.core.events import MemoryInForce
from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World


async def turn(editor: Editor, text: str, session_id: str | None = None) -> str:
    """Ask, and return the session once the turn has ended."""
    ends = len(editor.events("TurnEnded"))
    begun = await editor.request("postil/session/prompt", {"text": text, "sessionId": session_id})
    await editor.event("TurnEnded", ends + 1)
    return begun["sessionId"]


def system(world: World, at: int = -1) -> str:
    """Return the stable part of one of the requests that the model got."""
    return "\n\n".join(it["text"] for it in world.model.requests[at].body["system"])


async def test_instructions_are_in_every_request_as_the_session_began_with_them(world: World) -> None:
    world.file("AGENTS.md", "Use tabs.\nSee @docs/style.md.\n")
    world.file("docs/style.md", "Short names.\n")
    await world.play("One.", "Two.", "Three.", "Four.")
    editor = await world.editor()
    session_id = await turn(editor, "First.")
    began = world.model.requests[-1].body["system"]
    assert "Use tabs." in system(world)
    assert "Short names." in system(world)
    (kept,) = [it for it in world.journal(session_id) if isinstance(it, MemoryInForce)]
    assert kept.text in system(world)
    world.file("AGENTS.md", "Use blanks.\n")
    await turn(editor, "Second.", session_id)
    assert world.model.requests[-1].body["system"] == began
    assert await editor.leave() == 0

    again = await world.editor()
    await turn(again, "Third.", session_id)
    assert world.model.requests[-1].body["system"] == began
    fresh = await again.request("postil/session/new", {})
    await turn(again, "Fourth.", fresh["sessionId"])
    assert "Use blanks." in system(world)
    assert "Use tabs." not in system(world)


async def test_what_there_is_no_room_for_is_said_where_it_begins(world: World) -> None:
    path = world.file("AGENTS.md", "A line.\n" * 210 + "@../elsewhere.md\n")
    world.root.parent.joinpath("elsewhere.md").write_text("Elsewhere.")
    await world.play("One.")
    editor = await world.editor()
    buffer = editor.open(path)

    def said() -> list[tuple[int, Any]]:
        found = editor.diagnostics.get(path_to_uri(path), [])
        return [(it["range"]["start"]["line"], it["code"]) for it in found]

    await editor.until(lambda: said() == [(200, "instructions-over"), (210, "instructions-import")])
    editor.type(buffer, 0, "Another line.\n")
    await editor.until(lambda: said() == [(200, "instructions-over"), (211, "instructions-import")])
    editor.close(buffer)
    path.write_text("Short.\n")
    editor.open(path)
    await editor.until(lambda: said() == [])
