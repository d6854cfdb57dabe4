"""Names that are hard to write as URIs, several roots, links and odd files, through the real server."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World, new_world

NAMES = (
    "plain.py", "a b.py", "a%20b.py", "a%2520b.py", "100%.py", "#1?.py", "größe.py", "e\u0301.py", "漢字 🎈.py", "+&=;,@'!().py",
    "c:d.py", "back\\slash.py", "-dash.py", "sp  two.py", "[x]{y}~^`|.py", "CON.py", "deep #/f %41/f.py",
)  # fmt: skip
ODD = sum(it in NAMES for it in ("c:d.py", "back\\slash.py", "[x]{y}~^`|.py", "CON.py"))
"""How many of them are asked about in every mode: on some system, or to a shell, they are other files."""
ESCAPES: dict[str, Callable[[Path], str]] = {
    "python": path_to_uri,
    "vscode": lambda path: "file://" + quote(str(path), safe="/-._~"),
    "neovim": lambda path: "file://" + quote(str(path), safe="/-._~!$&'()*+,;=:@"),
    "lower": lambda path: re.sub("%[0-9A-F]{2}", lambda it: it[0].lower(), path_to_uri(path)),
    "careless": lambda path: "file://" + str(path).replace("%", "%25"),
}
"""How clients escape: most, little, in lower case, or nothing but what would be read back wrongly."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A project, no model yet, no editor yet."""
    async with new_world(tmp_path) as world:
        yield world


def edit(path: str, old: str = "old", new: str = "new") -> Json:
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}}


def write(path: str, content: str) -> Json:
    return {"tool": "write", "input": {"path": path, "content": content}}


async def start(world: World, *calls: Json, preset: str = "vscode", **changes: Any) -> Editor:
    """Let the model make these calls when it is asked, those that read in a reply before the others; returns the editor, nothing is open yet."""
    world.trust()
    reads = [it for it in calls if it["tool"] == "read"]
    others = [it for it in calls if it["tool"] != "read"]
    await world.play(*({"blocks": blocks} for blocks in (reads, others) if blocks), "Done.")
    return await world.editor(preset, **changes)


async def ask(editor: Editor, asked: int = 0) -> list[Json]:
    """Ask, and allow what is asked about; returns how each call ended, in the order asked: those that run together end in
    any order."""
    session = await editor.request("postil/session/new", {"mode": "accept-edits"})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Go."})
    for number in range(1, asked + 1):
        question = (await editor.event("PermissionAsked", number))["question"]
        answer = {"sessionId": session["sessionId"], "questionId": question["id"], "optionId": "allow_once"}
        await editor.request("postil/session/answer", answer)
    await editor.event("TurnEnded")
    assert len(editor.events("PermissionAsked")) == asked
    ends = {it["call_id"]: it for it in editor.events("CallFinished")}
    blocks = (block for reply in editor.events("ModelReplied") for block in reply["message"]["content"])
    return [ends.pop(block["id"]) for block in blocks if block["type"] == "tool_call"]


def open_as(editor: Editor, uri: str, path: Path, text: str) -> Buffer:
    """Open a document under a URI of our own spelling."""
    buffer = editor.buffers[uri] = Buffer(uri, path, text)
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    editor.notify("textDocument/didOpen", {"textDocument": item})
    return buffer


@pytest.mark.parametrize("style", ESCAPES)
async def test_a_document_of_any_name_is_edited_in_its_buffer(world: World, style: str) -> None:
    editor = await start(world, *(edit(name) for name in NAMES))
    buffers: dict[str, Buffer] = {}
    for name in NAMES:
        path = world.file(name, f"{name}\nsaved, old\n")
        buffers[name] = open_as(editor, ESCAPES[style](path), path, f"{name}\ntyped, old\n")
    finished = await ask(editor, ODD)
    assert [it["content"] for it in finished if it["outcome"] != "completed"] == []
    assert {name: buffer.text for name, buffer in buffers.items()} == {
        name: f"{name}\ntyped, new\n" for name in NAMES
    }
    assert all(buffer.path.read_text() == f"{name}\nsaved, old\n" for name, buffer in buffers.items())
    changed = [Path(it["path"]) for it in editor.events("FileChanged")]
    assert changed == [buffer.path for buffer in buffers.values()]


async def test_files_of_any_name_are_written_and_found(world: World) -> None:
    editor = await start(
        world,
        *(write(name, f"{name} old\n") for name in NAMES),
        *(edit(name) for name in NAMES),
        {"tool": "glob", "input": {"pattern": "**/*.py"}},
        {"tool": "grep", "input": {"pattern": "new$"}},
    )
    finished = await ask(editor, 2 * ODD)
    assert [it["content"] for it in finished if it["outcome"] != "completed"] == []
    assert {name: (world.root / name).read_text() for name in NAMES} == {
        name: f"{name} new\n" for name in NAMES
    }
    listed, lines = finished[-2]["content"].split("\n"), finished[-1]["content"].split("\n")
    assert set(NAMES) == set(listed)
    assert set(NAMES) <= set(lines)


async def test_a_root_of_an_odd_name_that_is_reached_through_a_link(tmp_path: Path) -> None:
    real = tmp_path / "größe #1 %41 🎈"
    real.mkdir()
    async with new_world(tmp_path) as world:
        link = tmp_path / "link"
        link.symlink_to(real)
        (real / "a.py").write_text("saved, old\n")
        (real / "b.py").write_text("saved, old\n")
        world.trust(real)
        folders = [{"uri": path_to_uri(link), "name": "link"}]
        editor = await start(
            world, edit("a.py"), edit("b.py"), rootUri=folders[0]["uri"], workspaceFolders=folders
        )
        buffer = editor.open(link / "a.py", "typed, old\n")
        finished = await ask(editor)
        assert [it["outcome"] for it in finished] == ["completed", "completed"]
        assert buffer.text == "typed, new\n", "the editor's name of the file is not the resolved one"
        assert (real / "a.py").read_text() == "saved, old\n"
        assert (real / "b.py").read_text() == "saved, new\n"


async def test_the_second_root_is_read_searched_and_edited(world: World, tmp_path: Path) -> None:
    second = tmp_path / "lib"
    for name in ("src/closed.py", "src/open.py"):
        (second / name).parent.mkdir(parents=True, exist_ok=True)
        (second / name).write_text("saved, old\n")
    world.trust(second)
    world.file("src/closed.py", "the first root's, old\n")
    folders = [{"uri": path_to_uri(root), "name": root.name} for root in (world.root, second)]
    editor = await start(
        world,
        {"tool": "read", "input": {"path": "lib/src/closed.py"}},
        {"tool": "list", "input": {"path": "lib/src"}},
        {"tool": "glob", "input": {"pattern": "**/*.py", "path": "lib"}},
        {"tool": "grep", "input": {"pattern": "old", "path": "lib"}},
        {"tool": "glob", "input": {"pattern": "**/*.py"}},
        {"tool": "grep", "input": {"pattern": "old"}},
        edit("lib/src/closed.py"),
        edit("lib/src/open.py"),
        write("lib/made/new.py", "made\n"),
        edit("src/closed.py", "old", "still first"),
        workspaceFolders=folders,
    )
    buffer = editor.open(second / "src/open.py", "typed, old\n")
    finished = await ask(editor)
    assert [it["outcome"] for it in finished] == ["completed"] * len(finished)
    read, listed, globbed, grepped, every_path, every_line = (it["content"] for it in finished[:6])
    assert "saved, old" in read
    assert listed == "closed.py  11\nopen.py  11"
    assert globbed == "lib/src/closed.py\nlib/src/open.py"
    assert grepped == "lib/src/closed.py\n1: saved, old\n\nlib/src/open.py\n1: typed, old"
    assert every_path == "src/closed.py\nlib/src/closed.py\nlib/src/open.py"
    assert every_line == f"src/closed.py\n1: the first root's, old\n\n{grepped}"
    assert finished[6]["content"].startswith("Edited lib/src/closed.py: +1 -1 lines.")
    assert (second / "src/closed.py").read_text() == "saved, new\n"
    assert buffer.text == "typed, new\n"
    assert (second / "made/new.py").read_text() == "made\n"
    assert (world.root / "src/closed.py").read_text() == "the first root's, still first\n"


async def test_a_name_that_changes_only_in_case(world: World) -> None:
    """What is open under the old name stays what the editor has; the new name is the file on the disk."""
    path = world.file("readme.md", "old\n")
    command = {"tool": "shell", "input": {"command": "mv readme.md README.md"}}
    world.trust()
    await world.play({"blocks": [command]}, "Done.", {"blocks": [edit("README.md")]}, "Done.")
    editor = await world.editor()
    buffer = editor.open(path)
    session = await editor.request("postil/session/new", {"mode": "accept-edits"})
    prompt = {"sessionId": session["sessionId"], "text": "Go."}
    await editor.request("postil/session/prompt", prompt)
    await editor.answer()
    await editor.event("TurnEnded")
    editor.close(buffer)
    renamed = editor.open(path.with_name("README.md"))
    await editor.request("postil/session/prompt", prompt)
    await editor.event("TurnEnded", 2)
    assert [it["outcome"] for it in editor.events("CallFinished")] == ["completed", "completed"]
    assert renamed.text == "new\n"
    assert [it.name for it in world.root.iterdir()] == ["README.md"]


async def test_links_are_followed_inside_and_nothing_odd_is_written(world: World, tmp_path: Path) -> None:
    target, open_target = world.file("target.py", "old\n"), world.file("open.py", "old\n")
    (world.root / "link.py").symlink_to("target.py")
    (world.root / "open-link.py").symlink_to("open.py")
    (tmp_path / "secret.py").write_text("old\n")
    (world.root / "out.py").symlink_to(tmp_path / "secret.py")
    (world.root / "nowhere.py").symlink_to("missing.py")
    os.link(world.file("hard.py", "old\n"), tmp_path / "other-name")
    world.file("fixed.py", "old\n").chmod(0o444)
    os.mkfifo(world.root / "pipe")
    (world.root / "folder").mkdir()
    world.file("bytes\udce9.py", "old\n")
    refused = {
        "out.py": "outside the workspace",
        "hard.py": "1 other hard link",
        "fixed.py": "read-only",
        "pipe": "is a pipe",
        "folder": "is a folder",
        "nowhere.py": "does not exist",
        "target.py/below": "does not exist",
    }
    writes = {
        "pipe": "is a pipe",
        "folder": "is a folder",
        "out.py": "outside",
        "target.py/below": "is a file",
    }
    editor = await start(
        world,
        edit("link.py"),
        edit("open-link.py"),
        {"tool": "list", "input": {}},
        *(edit(name) for name in refused),
        *(write(name, "x\n") for name in writes),
    )
    buffer = editor.open(world.root / "open-link.py", "typed, old\n")
    finished = await ask(editor, asked=1)  # hard.py
    told = {f"edit {name}": words for name, words in refused.items()} | {
        f"write {name}": words for name, words in writes.items()
    }
    assert [it["outcome"] for it in finished[:3]] == ["completed"] * 3
    for (name, words), end in zip(told.items(), finished[3:], strict=True):
        assert end["outcome"] == "failed", name
        assert words in end["content"], (name, end["content"])
    assert (target.read_text(), (world.root / "link.py").is_symlink()) == ("new\n", True)
    assert (buffer.text, open_target.read_text()) == ("typed, new\n", "old\n"), (
        "it is open under its link's name"
    )
    assert (tmp_path / "secret.py").read_text() == (tmp_path / "other-name").read_text() == "old\n"
    assert "bytes\ufffd.py" in finished[2]["content"]


async def test_a_written_mark_is_the_files_own(world: World) -> None:
    marked, plain = world.root / "marked.py", world.root / "plain.py"
    marked.write_bytes(b"\xef\xbb\xbfold\r\n")
    plain.write_bytes(b"old\n")
    editor = await start(
        world, *({"tool": "read", "input": {"path": name}} for name in ("marked.py", "plain.py", "open.py")), write("marked.py", "\ufeffnew\n"), write("plain.py", "\ufeffnew\n"), write("made.py", "\ufeffnew\n"),
        write("open.py", "\ufeffnew\n"),
    )  # fmt: skip
    buffer = editor.open(world.file("open.py", "\ufeffold\n"), "old\n")
    finished = await ask(editor)
    assert [it["outcome"] for it in finished] == ["completed"] * 7
    assert marked.read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert plain.read_bytes() == b"new\n"
    assert (world.root / "made.py").read_bytes() == b"\xef\xbb\xbfnew\n"
    assert buffer.text == "new\n"
