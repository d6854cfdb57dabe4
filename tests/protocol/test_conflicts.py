"""A command changes files that are open: what each editor is asked, and what the answers do."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.support.lsp_client import PATIENCE, Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

OLD = "a = 1\nb = 2\n"
NEW = "a = 1\nb = 3\n"
TYPED = "# typed\n"
DIAGNOSTIC = "The file changed on disk while this buffer has unsaved edits."
DONE: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}


def shell(command: str) -> Json:
    return {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": command}}


async def asked(world: World, preset: str, *, ours: bool) -> tuple[Editor, list[Buffer]]:
    """Two documents that were saved when the command began, and typed in while it ran."""
    paths = [world.file("a.py", OLD), world.file("b.py", OLD)]
    command = "touch begun; until [ -e typed ]; do sleep 0.02; done; sed -i 's/2/3/' a.py b.py"
    await world.play(shell(command), DONE)
    editor = await world.editor(preset, ours=ours)
    buffers = [editor.open(path) for path in paths]
    await editor.command("postil.server.ask", {"uri": buffers[0].uri, "range": point(0), "text": "Go."})
    await editor.answer()
    await there(world.root / "begun")
    for buffer in buffers:
        editor.type(buffer, 0, TYPED)
        await editor.actions(buffer)  # by its answer the typing has arrived
    world.file("typed", "")
    await editor.until(lambda: len(conflicts(editor)) == 2)
    return editor, buffers


async def there(path: Path) -> None:
    """Return when a command has made a file."""

    def wait() -> None:
        until = time.monotonic() + PATIENCE
        while not path.exists():
            assert time.monotonic() < until, f"never there: {path}"
            time.sleep(0.02)

    await asyncio.to_thread(wait)


def point(line: int) -> Json:
    place = {"line": line, "character": 0}
    return {"start": place, "end": place}


def conflicts(editor: Editor) -> list[tuple[str, Json]]:
    return [
        (uri, it) for uri, found in editor.diagnostics.items() for it in found if it["code"] == "conflict"
    ]


async def choose(editor: Editor, buffer: Buffer, title: str) -> None:
    """Answer the question of a document by its lightbulb."""
    (diagnostic,) = editor.diagnostics[buffer.uri]
    actions = await editor.actions(buffer, diagnostic["range"]["start"]["line"], [diagnostic])
    titles = [it["title"] for it in actions]
    assert [it for it in titles if it in ("Keep mine", "Take disk", "Merge…")] == ["Keep mine", "Take disk"]
    await editor.run(actions[titles.index(title)])
    await editor.until(lambda: not editor.diagnostics[buffer.uri])


@pytest.mark.parametrize(("preset", "ours"), [("vscode", True), ("neovim", False), ("bare", False)])
async def test_each_dirty_document_is_a_warning_of_its_own(world: World, preset: str, *, ours: bool) -> None:
    editor, (first, second) = await asked(world, preset, ours=ours)
    found = dict(conflicts(editor))
    assert set(found) == {first.uri, second.uri}
    for diagnostic in found.values():
        assert (diagnostic["message"], diagnostic["severity"]) == (DIAGNOSTIC, 2)
        assert diagnostic["source"] == "Postil"
    await choose(editor, second, "Keep mine")
    assert second.text == TYPED + OLD
    await choose(editor, first, "Take disk")
    await editor.until(lambda: len(world.model.requests) > 1)
    if preset == "bare":  # it takes no edits, which is told
        assert first.text == TYPED + OLD
        assert "it is not in the editor" in str(world.model.requests[1].body["messages"])
        return
    assert first.text == NEW
    (edit,) = editor.heard.edits
    label = None if preset == "neovim" else "Postil: Take the disk's text of a.py"
    assert edit.get("label") == label
    told = str(world.model.requests[1].body["messages"])
    assert "a.py: the user took the disk" in told
    assert "b.py: the user kept the unsaved text" in told
    assert second.path.read_text() == NEW
    if ours:
        await editor.event("TurnEnded")
        [change] = editor.events("FileChanged")
        undo = {"sessionId": editor.heard.updates[-1]["sessionId"], "changeId": change["change_id"]}
        await editor.command("postil.server.session.undo", undo)
        assert first.text == TYPED + OLD, "what was given up comes back"


async def test_a_document_that_is_reloaded_or_closed_is_asked_about_no_longer(world: World) -> None:
    editor, (first, second) = await asked(world, "vscode", ours=True)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}}
    editor.change(first, [{"range": whole, "newText": NEW}])()
    await editor.until(lambda: not editor.diagnostics[first.uri])
    editor.close(second)
    await editor.event("TurnEnded")
    assert not conflicts(editor)
    answered = editor.events("QuestionAnswered")
    assert [it["by"] for it in answered] == ["withdrawn", "withdrawn"]


async def test_a_clean_document_is_left_to_the_editor_and_read_from_the_disk(world: World) -> None:
    """This editor reloads nothing by itself: it shows the old text to the end."""
    path = world.file("a.py", OLD)
    await world.play(
        shell("sed -i s/2/3/ a.py"),
        {"when": {"tool": "shell"}, "tool": "read", "input": {"path": "a.py"}},
        {
            "when": {"tool": "read"},
            "tool": "edit",
            "input": {"path": "a.py", "edits": [{"old": "b = 3", "new": "b = 4"}]},
        },
        {"when": {"tool": "edit"}, "tool": "shell", "input": {"command": "sh -c 'cat a.py'"}},
        {"when": {"tool": "shell"}, "text": "Done."},
    )
    editor = await world.editor()
    buffer = editor.open(path)
    await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.answer("Allow for this session")
    await editor.answer("Allow once")
    await editor.answer("Allow once")
    await editor.event("TurnEnded")
    shell_result, read, edit, cat = (it["content"] for it in editor.events("CallFinished"))
    assert "Changed on disk: a.py. It is open; `read` gives the new text." in shell_result
    assert "b = 3" in read
    assert "not saved" not in edit
    assert "b = 4" in cat
    assert path.read_text() == "a = 1\nb = 4\n"
    assert (buffer.text, editor.heard.edits, editor.heard.saves) == (OLD, [], [])


@pytest.mark.parametrize("typed", [False, True], ids=["clean", "typed in"])
async def test_what_was_written_elsewhere_is_not_called_typing(world: World, typed: bool) -> None:
    """As by `git pull` in another window, and this editor reloads nothing by itself."""
    path = world.file("a.py", OLD)
    cat = {"tool": "shell", "input": {"command": "sh -c 'cat a.py'"}}
    await world.play("Hello.", {"tool": "read", "input": {"path": "a.py"}}, cat, "Done.")
    editor = await world.editor()
    buffer = editor.open(path)
    await editor.request("postil/session/prompt", {"text": "Hello."})
    await editor.event("TurnEnded")
    if typed:
        editor.type(buffer, 0, TYPED)
        await editor.actions(buffer)  # by its answer the typing has arrived
    world.file("a.py", NEW)
    await editor.request("postil/session/prompt", {"text": "Go."})
    asked = await editor.event("PermissionAsked")
    facts = {it["name"]: it["text"] for it in asked["question"]["facts"]}
    assert facts.get("saves") == ("a.py" if typed else None)
    assert facts.get("overwrites") == ("what something else wrote to a.py" if typed else None)
    await editor.answer("Allow once")
    await editor.until(lambda: len(editor.events("TurnEnded")) == 2)
    read, ran = (it["content"] for it in editor.events("CallFinished"))
    kept = TYPED + OLD if typed else NEW
    assert ("b = 2" in read, "b = 2" in ran) == (typed, typed)
    assert path.read_text() == kept
    assert editor.heard.saves == ([buffer.uri] if typed else [])


async def test_what_was_unsaved_before_the_server_came_is_said_to_hide_what_the_disk_has(
    world: World,
) -> None:
    """As after a restart: something else may have written the file while nobody looked."""
    path, seen = world.file("a.py", NEW), world.file("b.py", OLD)
    await world.play("Hello.", {"tool": "shell", "input": {"command": "sh -c 'cat a.py'"}}, "Done.")
    editor = await world.editor()
    await editor.request("postil/session/prompt", {"text": "Hello."})
    await editor.event("TurnEnded")
    shown = editor.open(seen)
    await editor.actions(editor.open(path, text=TYPED))
    editor.type(shown, 0, TYPED)
    await editor.request("postil/session/prompt", {"text": "Go."})
    asked = await editor.event("PermissionAsked")
    facts = {it["name"]: it["text"] for it in asked["question"]["facts"]}
    assert facts["saves"] == "a.py, b.py"
    told = "what something else may have written to a.py, whose text was unsaved when it was opened here"
    assert facts["overwrites"] == told
    await editor.answer("Deny")
    await editor.until(lambda: len(editor.events("TurnEnded")) == 2)
    assert path.read_text() == NEW


async def test_what_was_typed_while_postil_was_loading_is_typing(world: World) -> None:
    """A document that showed its file when it was opened hides nothing of the disk, however soon it was typed in."""
    seen = world.file("b.py", OLD)
    await world.play({"tool": "shell", "input": {"command": "sh -c 'cat b.py'"}}, "Done.")
    editor = await world.editor()
    buffer = editor.open(seen)
    editor.type(buffer, 0, TYPED)
    await editor.request("postil/session/prompt", {"text": "Go."})
    asked = await editor.event("PermissionAsked")
    facts = {it["name"]: it["text"] for it in asked["question"]["facts"]}
    assert (facts["saves"], facts.get("overwrites")) == ("b.py", None)
    await editor.answer("Deny")
    await editor.event("TurnEnded")
