"""Folders that are added and removed while a server runs: they count once nothing is at work, and sessions go on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from postil.core.events import SessionClosed, SessionResumed
from tests.support.lsp_client import PATIENCE, Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

CHANGED = "workspace/didChangeWorkspaceFolders"


def folder(path: Path) -> Json:
    return {"uri": path.as_uri(), "name": path.name}


def change(editor: Editor, *added: Path, removed: tuple[Path, ...] = ()) -> None:
    event = {"added": list(map(folder, added)), "removed": list(map(folder, removed))}
    editor.notify(CHANGED, {"event": event})


def library(tmp_path: Path) -> Path:
    """A second folder with a file of the same name as the first has."""
    path = tmp_path / "lib"
    path.mkdir()
    (path / "a.py").write_text("lib = 1\n")
    return path


def edit(path: str, old: str, new: str) -> Json:
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}, "times": 1}


async def prompt(editor: Editor, session_id: str | None = None) -> str:
    params: Json = {"text": "Go."} | ({"sessionId": session_id} if session_id is not None else {})
    return (await editor.request("postil/session/prompt", params))["sessionId"]


async def trusts(editor: Editor) -> Any:
    return await editor.command("postil.server.trust")


async def moved(editor: Editor, world: World, session_id: str, times: int = 1) -> None:
    """Wait until the session was closed and opened again under other folders; it is told with the next event."""
    async with asyncio.timeout(PATIENCE):
        while sum(isinstance(it, SessionResumed) for it in world.journal(session_id)) != times:
            await trusts(editor)


async def test_a_folder_that_is_added_is_worked_in_and_one_that_is_removed_is_not(
    world: World, tmp_path: Path
) -> None:
    lib = library(tmp_path)
    world.trust(lib)
    world.file("a.py", "first = 1\n")
    done: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
    await world.play(
        {"text": "Hello."}, edit("lib/a.py", "lib = 1", "lib = 2"), done | {"times": 1},
        edit("lib/a.py", "lib = 2", "lib = 3"), done,
    )  # fmt: skip
    editor = await world.editor(workspaceFolders=[folder(world.root)])
    session_id = await prompt(editor)
    await editor.event("TurnEnded")

    buffer = editor.open(lib / "a.py")
    change(editor, lib)
    await moved(editor, world, session_id)
    assert await prompt(editor) == session_id, "the session in use is the same"
    await editor.answer()
    await editor.until(lambda: len(editor.events("TurnEnded")) == 2)
    assert buffer.text == "lib = 2\n"
    assert (world.root / "a.py").read_text() == "first = 1\n", "the first folder has a file of that name too"
    assert f"- {lib}" in str(world.model.requests[-1].body), "the model is told of it"

    change(editor, removed=(lib,))
    await moved(editor, world, session_id, 2)
    await prompt(editor, session_id)
    await editor.until(lambda: len(editor.events("TurnEnded")) == 3)
    assert buffer.text == "lib = 2\n", "nothing outside of the workspace is edited"
    events = world.journal(session_id)
    assert [it.clean for it in events if isinstance(it, SessionResumed)] == [True, True]
    reasons = {it.reason for it in events if isinstance(it, SessionClosed)}
    assert reasons == {"the workspace's folders changed"}


async def test_what_is_at_work_ends_before_folders_change(world: World, tmp_path: Path) -> None:
    lib = library(tmp_path)
    world.trust(lib)
    world.file("a.py", "first = 1\n")
    await world.play(edit("a.py", "first = 1", "first = 2"), {"when": {"after": "results"}, "text": "Done."})
    editor = await world.editor(workspaceFolders=[folder(world.root)])
    editor.open(world.root / "a.py")
    session_id = await prompt(editor)
    await editor.question()
    change(editor, lib)
    change(editor, removed=(lib,))
    change(editor, lib)
    assert (await trusts(editor))["trusted"]
    assert not [it for it in world.journal(session_id) if isinstance(it, SessionClosed)]
    await editor.answer()
    assert (await editor.event("TurnEnded"))["reason"] == "end_turn"
    await moved(editor, world, session_id)
    assert not editor.questions()
    told = [it["seq"] for it in editor.heard.updates if it["seq"] is not None]
    assert told == list(range(1, told[-1] + 1)), "each event once, in order, over the change"


async def test_an_added_folder_that_nobody_trusts_restricts_the_workspace(
    world: World, tmp_path: Path
) -> None:
    lib = library(tmp_path)
    world.trust()
    await world.play("Nothing.")
    editor = await world.editor(workspaceFolders=[folder(world.root)])
    assert (await trusts(editor))["trusted"]
    change(editor, lib)

    async def undecided() -> list[str]:
        return (await trusts(editor))["undecided"]

    while (found := await undecided()) != [lib.as_uri()]:
        assert found == []
    assert not (await trusts(editor))["trusted"]


async def test_the_key_and_the_trust_of_the_editor_outlast_a_change(world: World, tmp_path: Path) -> None:
    lib = library(tmp_path)
    world.trust(lib)
    world.env |= {"ANTHROPIC_BASE_URL": "", "ANTHROPIC_API_KEY": ""}
    editor = await world.editor(
        workspaceFolders=[folder(world.root)], initializationOptions={"trusted": False}
    )
    await editor.request("postil/key", {"key": "handed-over"})
    assert (await editor.command("postil.server.trust.client", {"trusted": True}))["trusted"]
    session_id = (await editor.request("postil/session/new", {}))["sessionId"]
    change(editor, lib)
    await moved(editor, world, session_id)
    assert (await trusts(editor))["trusted"]
    assert (await editor.request("postil/key", {}))["source"] == "editor"


async def test_a_server_without_a_folder_works_in_the_first_that_is_added(
    world: World, tmp_path: Path
) -> None:
    await world.play({"text": "Hello.", "times": "any"})
    editor = await world.editor(workspaceFolders=[], rootUri=None, rootPath=None)
    code, message = await editor.fails("postil/session/new", {})
    assert (code, message.startswith("No folder is open.")) == (-32803, True)
    change(editor, world.root)
    session = await editor.request("postil/session/new", {})
    await prompt(editor, session["sessionId"])
    await editor.event("TurnEnded")
    change(editor, removed=(world.root,))
    await editor.event("SessionClosed")
    assert (await editor.fails("postil/session/new", {}))[1].startswith("No folder is open.")
    await editor.fails("postil/session/prompt", {"text": "Go.", "sessionId": session["sessionId"]})
