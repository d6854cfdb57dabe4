"""What editors answer to an edit, and when they announce it: the text alone says whether the edit is in."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from tests.support.lsp_client import Json
from tests.support.lsp_editor import ApplyHabit, Buffer, Editor, fits, make, reply_then_change
from tests.support.lsp_world import World

TEXT = "def add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a * b\n"
FIXED = TEXT.replace("a - b", "a + b")
EDIT: Json = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}
MODE: Json = {"mode": "accept-edits"}


async def edit(
    world: World, habit: ApplyHabit, preset: str = "vscode", version: int = 1
) -> tuple[Editor, Buffer, Json]:
    """Let the agent edit, in an editor of such habits; returns how the call of `edit` ended."""
    path = world.file("app.py", TEXT)
    await world.play(
        {"when": {"after": "prompt"}, "tool": "edit", "input": EDIT},
        {"when": {"after": "results"}, "text": "Done."},
    )
    editor = await world.editor(preset)
    editor.habit = habit
    buffer = editor.open(path, version=version)
    session = await editor.request("postil/session/new", MODE)
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Fix it."})
    await editor.event("TurnEnded")
    (finished,) = editor.events("CallFinished")
    return editor, buffer, finished


async def change_then_reply(editor: Editor, params: Json) -> Json:
    """Neovim, mostly: announce first, then answer."""
    if fits(editor, params):
        make(editor, params)()
    return {"applied": True}


async def answers_null(editor: Editor, params: Json) -> Json:
    """lsp-mode where something is stale; here it does apply."""
    make(editor, params)()
    return {"applied": None}


async def answers_nothing(editor: Editor, params: Json) -> None:
    """Null for a result, as Emacs answers what it does not know."""
    make(editor, params)()


async def lies_with_an_error(editor: Editor, params: Json) -> Json:
    """An error although the edit is in."""
    make(editor, params)()
    raise JsonRpcException("something else went wrong", -32603)


async def announces_late(editor: Editor, params: Json) -> Json:
    """Emacs: `didChange` from an idle timer; here after the server has answered something else meanwhile."""
    tell = make(editor, params)

    async def later() -> None:
        await editor.request("postil/session/list", {})
        await editor.request("postil/session/list", {})
        tell()

    keep(asyncio.ensure_future(later()))
    return {"applied": True}


_kept: set["asyncio.Future[Any]"] = set()


def keep(task: "asyncio.Future[Any]") -> None:
    """Hold on to a task until it is done."""
    _kept.add(task)
    task.add_done_callback(_kept.discard)


@pytest.mark.parametrize(
    "habit",
    [
        reply_then_change,
        change_then_reply,
        answers_null,
        answers_nothing,
        lies_with_an_error,
        announces_late,
    ],
)
async def test_an_edit_that_is_made_counts_as_made_whatever_is_answered(
    world: World, habit: ApplyHabit
) -> None:
    editor, buffer, finished = await edit(world, habit)
    assert buffer.text == FIXED
    assert len(editor.heard.edits) == 1
    assert finished["outcome"] == "completed"
    (changed,) = editor.events("FileChanged")
    assert (changed["where"], changed["path"]) == ("buffer", str(buffer.path))


def first(lie: ApplyHabit, then: ApplyHabit = reply_then_change) -> ApplyHabit:
    """Do the one the first time and the other after that."""

    async def habit(editor: Editor, params: Json) -> Any:
        return await (lie if len(editor.heard.edits) == 1 else then)(editor, params)

    return habit


def typing(answer: Callable[[], Any]) -> ApplyHabit:
    """The person has typed what the server does not know of yet, so the editor leaves the edit alone, and says this."""

    async def habit(editor: Editor, params: Json) -> Any:
        (buffer,) = editor.buffers.values()
        editor.type(buffer, len(buffer.text), "# typed\n")
        assert not fits(editor, params)
        return answer()

    return habit


def fail(text: str) -> Any:
    raise JsonRpcException(text, -32603)


STALE: dict[str, Callable[[], Any]] = {
    "vscode": lambda: {"applied": False},
    "neovim": lambda: {"applied": True},
    "eglot": lambda: fail("require version 1, you have 2"),
    "lsp-mode": lambda: {"applied": None},
}


@pytest.mark.parametrize("preset", STALE)
async def test_typing_that_crossed_the_edit_is_kept_and_the_edit_made_again(
    world: World, preset: str
) -> None:
    editor, buffer, finished = await edit(world, first(typing(STALE[preset])), preset)
    assert buffer.text == FIXED + "# typed\n"
    assert [it["edit"]["documentChanges"][0]["textDocument"]["version"] for it in editor.heard.edits] == [
        1,
        2,
    ]
    assert finished["outcome"] == "completed"
    assert len(editor.events("FileChanged")) == 1


async def test_typing_right_after_the_edit_in_the_same_announcement(world: World) -> None:
    """Neovim announces at most every 150 ms, so that what was typed meanwhile comes in one piece with the edit."""

    async def habit(editor: Editor, params: Json) -> Json:
        (buffer,) = editor.buffers.values()
        make(editor, params)
        buffer.text += "# typed\n"
        buffer.version += 1
        whole = {"textDocument": {"uri": buffer.uri, "version": buffer.version}}
        editor.notify("textDocument/didChange", whole | {"contentChanges": [{"text": buffer.text}]})
        return {"applied": True}

    editor, buffer, finished = await edit(world, habit, "neovim")
    assert buffer.text == FIXED + "# typed\n"
    assert len(editor.heard.edits) == 1
    assert finished["outcome"] == "completed"


async def test_a_version_that_moved_on_without_the_text(world: World) -> None:
    """Typed and taken back: the text is the same, the version is not."""

    async def habit(editor: Editor, params: Json) -> Json:
        (buffer,) = editor.buffers.values()
        buffer.version += 1
        same = {"textDocument": {"uri": buffer.uri, "version": buffer.version}}
        editor.notify("textDocument/didChange", same | {"contentChanges": [{"text": buffer.text}]})
        return {"applied": False}

    editor, buffer, finished = await edit(world, first(habit))
    assert buffer.text == FIXED
    assert len(editor.heard.edits) == 2
    assert finished["outcome"] == "completed"


async def test_an_edit_that_the_editor_never_makes_is_told_to_the_model(world: World) -> None:
    async def habit(editor: Editor, params: Json) -> Json:
        del editor, params
        return {"applied": False, "failureReason": "the person said no"}

    editor, buffer, finished = await edit(world, habit)
    assert buffer.text == TEXT
    assert len(editor.heard.edits) == 1  # asking again would ask the person again
    assert finished["outcome"] == "failed"
    assert "the person said no" in finished["content"]


async def test_an_edit_that_the_editor_takes_for_made_and_never_announces(world: World) -> None:
    async def habit(editor: Editor, params: Json) -> Json:
        make(editor, params)
        return {"applied": True}

    editor, buffer, finished = await edit(world, habit)
    assert buffer.text == FIXED  # made once: a second edit might be made twice
    assert len(editor.heard.edits) == 1
    assert finished["outcome"] == "failed"
    assert "app.py" in finished["content"]


@pytest.mark.parametrize(("preset", "sent"), [("neovim", 1), ("eglot", 0), ("lsp-mode", 0)])
async def test_documents_that_start_at_version_0(world: World, preset: str, sent: int) -> None:
    """Neovim takes 0 for no version at all; its real ones are larger, so 1 makes it look."""

    async def habit(editor: Editor, params: Json) -> Json:
        make(editor, params)()
        return {"applied": True}

    editor, buffer, finished = await edit(world, habit, preset, version=0)
    assert editor.heard.edits[0]["edit"]["documentChanges"][0]["textDocument"]["version"] == sent
    assert buffer.text == FIXED
    assert finished["outcome"] == "completed"


async def test_a_document_that_is_opened_twice(world: World) -> None:
    """eglot opens a closed file twice; the second time it is the same document, and the edit goes on."""

    async def habit(editor: Editor, params: Json) -> Json:
        (buffer,) = editor.buffers.values()
        make(editor, params)
        editor.open(buffer.path, buffer.text)
        return {"applied": True}

    editor, _, finished = await edit(world, habit)
    assert len(editor.heard.edits) == 1
    assert finished["outcome"] == "completed"


async def test_a_document_that_is_closed_while_it_is_edited(world: World) -> None:
    """What the editor let go of is on the disk, and edited there."""

    async def habit(editor: Editor, params: Json) -> Json:
        del params
        (buffer,) = editor.buffers.values()
        editor.close(buffer)
        return {"applied": False}

    _, buffer, finished = await edit(world, habit)
    assert finished["outcome"] == "completed"
    assert buffer.path.read_text("utf-8") == FIXED


async def test_an_editor_that_takes_no_edits_says_so_at_once(world: World) -> None:
    async def habit(editor: Editor, params: Json) -> Json:
        raise AssertionError

    editor, buffer, finished = await edit(world, habit, "bare")
    assert buffer.text == TEXT
    assert editor.heard.edits == []
    assert finished["outcome"] == "failed"
    assert "takes no edits" in finished["content"]
