"""Memory across sessions, as an editor sees it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from lsprotocol import types

from postil.core.events import MemoryInForce
from postil.workspace.files.uris import path_to_uri, uri_to_path
from tests.support.asking import Answered, run
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
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


async def test_instructions_that_changed_since_are_told_of_behind_the_boundary(world: World) -> None:
    world.file("AGENTS.md", "Use tabs.\nSee @style.md.\n")
    style = world.file("style.md", "Short names.\n")
    await world.play("One.", "Two.", "Three.")
    editor = await world.editor()
    session_id = await turn(editor, "First.")
    before = system(world)
    assert "Instructions since" not in str(world.model.requests[-1].body)
    world.file("AGENTS.md", "Use blanks.\nSee @more.md.\n")
    world.file("more.md", "Long names.\n")
    style.unlink()
    await turn(editor, "Second.", session_id)
    assert system(world) == before
    told = str(world.model.requests[-1].body["messages"][-1])
    for words in ("- AGENTS.md: changed", "- more.md: new", "- style.md: removed, or no longer imported"):
        assert words in told
    world.file("AGENTS.md", "Use tabs.\nSee @style.md.\n")
    style.write_text("Short names.\n")
    await turn(editor, "Third.", session_id)
    assert "Instructions since" not in str(world.model.requests[-1].body["messages"][-1])


async def test_what_something_else_writes_is_looked_at_again(world: World) -> None:
    path = world.file("AGENTS.md", "Short.\n")
    editor = await world.editor()
    await editor.until(lambda: "workspace/didChangeWatchedFiles" in [it.method for it in editor.registered])
    path.write_text("A line.\n" * 210)
    changed = [{"uri": path_to_uri(path), "type": 2}]
    editor.notify("workspace/didChangeWatchedFiles", {"changes": changed})
    await editor.until(lambda: [it["code"] for it in editor.diagnostics.get(path_to_uri(path), [])])


async def test_what_there_is_no_room_for_is_said_where_it_begins(world: World) -> None:
    path = world.file("AGENTS.md", "A line.\n" * 210 + "@../elsewhere.md\n")
    world.root.parent.joinpath("elsewhere.md").write_text("Elsewhere.")
    await world.play("One.")
    editor = await world.editor()
    buffer = editor.open(path)

    def said() -> list[tuple[int, str]]:
        found = editor.diagnostics.get(path_to_uri(path), [])
        return [(it["range"]["start"]["line"], it["code"]) for it in found]

    await editor.until(lambda: said() == [(200, "instructions-over"), (210, "instructions-import")])
    editor.type(buffer, 0, "Another line.\n")
    await editor.until(lambda: said() == [(200, "instructions-over"), (211, "instructions-import")])
    editor.close(buffer)
    path.write_text("Short.\n")
    editor.open(path)
    await editor.until(lambda: said() == [])


def noted(text: str, *, team: bool = False, topic: str = "deploy") -> Json:
    given = {"topic": topic, "heading": "Deploying", "text": text, "team": team}
    return {"tool": "remember", "input": given}


async def postil(world: World, *arguments: str) -> Answered:
    """Run a command of the terminal in the project."""
    return await run(*arguments, cwd=world.root, env={**os.environ, **world.env})


def index_bytes(world: World) -> bytes:
    """Return all that the index holds on disk, in whatever state it is."""
    files = list(world.state.glob("workspaces/*/memory.db*"))
    assert files, "there is an index"
    return b"".join(it.read_bytes() for it in files)


@pytest.mark.parametrize("team", [False, True])
async def test_a_note_is_there_in_the_next_session_and_in_none_after_it_was_deleted(
    world: World, team: bool
) -> None:
    fact = "Fridays are for quokkas, never for releases."
    search = {"tool": "recall", "input": {"queries": ["when to release", "release day"]}}
    await world.play(noted(fact, team=team), "Kept.", search, "Found.", "Gone.", search, "Nothing.")
    first = await world.editor()
    first.open(world.file("a.py", "x = 1\n"))
    begun = asyncio.ensure_future(turn(first, "What did we agree on?"))
    question = (await first.event("PermissionAsked"))["question"]
    assert f"+{fact}" in question["diff"]
    await first.answer()
    await begun
    assert fact in world.model.requests[-1].body["messages"][-1]["content"][-1]["text"]  # the changing end
    assert fact not in system(world)
    assert await first.leave() == 0

    second = await world.editor()
    await turn(second, "When do we release?")
    assert fact in system(world)
    (result,) = world.model.requests[-1].body["messages"][-1]["content"][:1]
    note_id = "team/deploy" if team else "note/deploy"
    assert f"{note_id}: Deploying" in str(result)
    assert b"quokkas" in index_bytes(world)
    assert await second.leave() == 0

    by_topic = await postil(world, "memory", "forget", note_id.partition("/")[2])
    assert by_topic.status == 2
    assert f"There is {note_id}." in by_topic.err
    forgotten = await postil(world, "memory", "forget", note_id)
    assert forgotten.out == f"Deleted the note {note_id}. What sessions said of it stays with them.\n"
    assert b"quokkas" not in index_bytes(world)
    third = await world.editor()
    await turn(third, "Again.")
    assert "quokkas" not in str(world.model.requests[-1].body)
    await turn(third, "Search.")
    searched = str(world.model.requests[-1].body)
    assert "When do we release?" in searched, "sessions are still found"
    assert "quokkas" not in searched
    assert f"{note_id}:" not in searched
    assert b"quokkas" not in index_bytes(world)


async def page(editor: Editor) -> tuple[Json, Buffer]:
    """Ask for the page, and open it as the editor does that is asked to show it."""
    opened: list[Buffer] = []

    def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        path = uri_to_path(params.uri)
        assert path is not None
        opened.append(editor.open(path))
        return types.ShowDocumentResult(success=True)

    editor.serve(types.WINDOW_SHOW_DOCUMENT, show)
    listed = await editor.command("postil.server.memory", {})
    (buffer,) = opened
    assert buffer.uri == listed["uri"]
    return listed, buffer


async def test_the_page_lists_what_is_remembered_and_each_can_be_forgotten(world: World) -> None:
    world.file("AGENTS.md", "Use tabs.\n")
    note = world.file(".postil/memory/style.md", "# Style\n\nShort *names*.\n")
    await world.play("Done.")
    editor = await world.editor()
    session_id = await turn(editor, "Look at it.")
    listed, buffer = await page(editor)
    assert [it["id"] for it in listed["remembered"]] == ["team/style", session_id]
    lines = buffer.text.splitlines()
    assert "AGENTS.md" in buffer.text
    (row,) = [number for number, line in enumerate(lines) if line.startswith("- `team/style`")]
    found = await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
    assert next((it["range"]["start"]["line"], it["command"]["title"]) for it in found) == (row, "Forget")
    assert len(found) == 2
    (action,) = [it for it in await editor.actions(buffer, row) if it["title"] == "Postil: Forget this"]
    assert await editor.run(action) == {"forgotten": True}
    assert not note.exists()
    assert "team/style" not in buffer.path.read_text("utf-8")
    assert await editor.command("postil.server.forget", {"id": "team/style"}) == {"forgotten": False}

    assert await editor.command("postil.server.forget", {"id": session_id}) == {"forgotten": True}
    assert session_id not in buffer.path.read_text("utf-8")
    rows = await editor.command("postil.server.session.list", {})
    assert [it["sessionId"] for it in rows["sessions"]] == [session_id], "the session itself stays"


async def test_a_note_is_taken_back_as_every_edit_is(world: World) -> None:
    await world.play(noted("Never on Fridays."), "Kept.")
    editor = await world.editor()
    editor.open(world.file("a.py", "x = 1\n"))
    begun = asyncio.ensure_future(turn(editor, "Keep it."))
    await editor.answer()
    session_id = await begun
    changed = await editor.event("FileChanged")
    assert kept(changed) == ("# Deploying\n\nNever on Fridays.\n", 0o600)
    undo = {"sessionId": session_id, "changeId": changed["change_id"]}
    assert (await editor.command("postil.server.session.undo", undo))["left"] == []
    assert kept(changed) is None


def kept(changed: Json) -> tuple[str, int] | None:
    """Return the text and the permission bits of a file that was changed; None where it is gone."""
    path = Path(changed["path"])
    return (path.read_text("utf-8"), path.stat().st_mode & 0o777) if path.exists() else None


async def test_plan_mode_keeps_no_note_and_no_rule_lets_one_pass_unasked(world: World) -> None:
    world.trust()
    await world.play(noted("Never on Fridays."), "Kept.", noted("Never on Fridays."), "Denied.")
    editor = await world.editor()
    editor.open(world.file("a.py", "x = 1\n"))
    session = await editor.request("postil/session/new", {})
    only = {"sessionId": session["sessionId"]}
    await editor.command("postil.server.session.mode", only | {"mode": "accept-edits"})
    begun = asyncio.ensure_future(turn(editor, "Keep it.", only["sessionId"]))
    asked = (await editor.event("PermissionAsked"))["question"]
    assert [it["id"] for it in asked["options"]] == ["allow_once", "reject_once", "reject_with_reason"]
    await editor.answer("Deny")
    await begun
    await editor.command("postil.server.session.mode", only | {"mode": "plan"})
    await turn(editor, "Keep it.", only["sessionId"])
    assert [it["outcome"] for it in editor.events("CallFinished")] == ["denied", "denied"]
    assert not list(world.state.glob("workspaces/*/memory/*"))
