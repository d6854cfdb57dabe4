"""Folders and files that cannot be worked with: a plain sentence for the model or the person, and the turn goes on."""

import functools
import os
import shutil
from pathlib import Path

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import SERVE, World

HUGE = 2 * 1024**3

WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Starts a program that permissions hold for, although the superuser starts it."""


def forbid(world: World, path: Path, mode: int, request: pytest.FixtureRequest) -> None:
    """Take rights to a path away until the test has ended."""
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("permissions do not hold for the superuser, and setpriv is not installed")
        world.command = (*WITHOUT_RIGHTS, *SERVE)
    before = path.stat().st_mode
    path.chmod(mode)
    request.addfinalizer(functools.partial(path.chmod, before))


async def run(world: World, *calls: Json) -> tuple[Editor, list[tuple[str, str, str]]]:
    """Let the model make calls, one a step, edits unasked; returns tool, outcome and content of each."""
    if world.root.exists():
        world.trust()
    await world.play(*calls, "I have seen it.")
    editor = await world.editor()
    session = await editor.request("postil/session/new", {"mode": "accept-edits"})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Go."})
    await editor.until(lambda: editor.events("TurnEnded") or editor.events("PermissionAsked"))
    if editor.events("PermissionAsked"):  # a pipe is no file that is read unasked
        editor.open(world.root / "a.py")
        await editor.answer("Allow once")
    ended = await editor.event("TurnEnded")
    assert ended["reason"] == "end_turn"
    finished = editor.events("CallFinished")
    assert len(finished) == len(calls)
    return editor, [(it["tool"], it["outcome"], it["content"]) for it in finished]


def read(path: str) -> Json:
    return {"tool": "read", "input": {"path": path}}


def write(path: str) -> Json:
    return {"tool": "write", "input": {"path": path, "content": "new\n"}}


def edit(path: str) -> Json:
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": "a", "new": "b"}]}}


GREP: Json = {"tool": "grep", "input": {"pattern": "needle"}}
LIST: Json = {"tool": "list", "input": {"path": "."}}


async def test_files_that_are_no_text(world: World) -> None:
    """Binary, huge, a folder, a pipe, nothing at all: none is read, none is changed, and a search passes them by."""
    world.file("a.py", "needle\n")
    (world.root / "binary").write_bytes(b"\x7fELF\0\0needle\xff\xfe")
    with (world.root / "huge.txt").open("wb") as huge:
        huge.truncate(HUGE)
    os.mkfifo(world.root / "pipe")
    names = ["binary", "huge.txt", ".", "pipe", "missing.py"]
    calls = [call(name) for name in names for call in (read, edit)]
    _, outcomes = await run(world, *calls, write("huge.txt"), GREP, LIST)
    said = {
        (tool, name): content
        for (tool, _, content), name in zip(outcomes, sorted(names * 2, key=names.index), strict=False)
    }
    assert all(outcome == "failed" for _, outcome, _ in outcomes[: len(calls) + 1])
    for tool in ("read", "edit"):
        assert "binary" in said[tool, "binary"]
        assert "2,147,483,648 bytes; the limit is 10,000,000" in said[tool, "huge.txt"]
        assert "is a folder" in said[tool, "."]
        assert "is a pipe" in said[tool, "pipe"]
        assert "missing.py does not exist" in said[tool, "missing.py"]
    assert not any("Traceback" in content or "inside Postil" in content for _, _, content in outcomes)
    assert outcomes[-2][1] == "completed"
    assert "a.py" in outcomes[-2][2]
    assert (world.root / "huge.txt").stat().st_size == HUGE


async def test_a_workspace_folder_that_is_not_there(world: World) -> None:
    world.root.rmdir()
    _, outcomes = await run(world, read("a.py"), LIST, GREP)
    assert [outcome for _, outcome, _ in outcomes[:2]] == ["failed", "failed"]
    assert not any("Traceback" in content or "inside Postil" in content for _, _, content in outcomes)
    assert not world.root.exists()


async def test_a_command_in_a_workspace_folder_that_is_not_there(world: World) -> None:
    path = world.file("a.py", "x = 1\n")
    await world.play({"tool": "shell", "input": {"command": "sh -c true"}}, "I have seen it.")
    editor = await world.editor()
    editor.open(path)
    path.unlink()
    world.root.rmdir()
    await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.answer()
    assert (await editor.event("TurnEnded"))["reason"] == "end_turn"
    (finished,) = editor.events("CallFinished")
    assert finished["outcome"] == "failed"
    assert f"bash could not be started in {world.root}: No such file or directory." in finished["content"]


async def test_a_folder_that_goes_away(world: World) -> None:
    """Between two turns, as when a branch is switched."""
    path = world.file("sub/a.py", "x = 1\n")
    await world.play("One.", read("sub/a.py"), "Two.")
    editor = await world.editor()
    await editor.request("postil/session/prompt", {"text": "One?"})
    await editor.event("TurnEnded")
    path.unlink()
    path.parent.rmdir()
    await editor.request("postil/session/prompt", {"text": "Two?"})
    assert (await editor.event("TurnEnded", 2))["reason"] == "end_turn"
    (finished,) = editor.events("CallFinished")
    assert (finished["outcome"], "does not exist" in finished["content"]) == ("failed", True)


async def test_a_folder_that_cannot_be_written(world: World, request: pytest.FixtureRequest) -> None:
    path = world.file("a.py", "a = 1\n")
    forbid(world, world.root, 0o500, request)
    _, outcomes = await run(world, read("a.py"), edit("a.py"), write("new.py"))
    assert [outcome for _, outcome, _ in outcomes] == ["completed", "failed", "failed"]
    assert path.read_text("utf-8") == "a = 1\n"


async def test_a_file_that_cannot_be_read(world: World, request: pytest.FixtureRequest) -> None:
    path = world.file("a.py", "needle\n")
    forbid(world, path, 0o000, request)
    _, outcomes = await run(world, read("a.py"), edit("a.py"), GREP)
    assert [outcome for _, outcome, _ in outcomes] == ["failed", "failed", "completed"]
    assert all("a.py cannot be read: permission denied" in content for _, _, content in outcomes[:2])


async def test_a_state_folder_that_cannot_be_made(world: World) -> None:
    """Where nothing can be kept, nothing is done; the person is told."""
    (world.state.parent / "file").write_text("no folder\n")
    world.env["POSTIL_STATE_DIR"] = str(world.state.parent / "file" / "state")
    await world.play("Hello.")
    editor = await world.editor()
    code, message = await editor.fails("postil/session/prompt", {"text": "Hello?"})
    assert code == -32803, message
    assert "state" in message
    assert world.model.received == 0
