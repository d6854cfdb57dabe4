"""Mentions as an editor has them: completed while they are typed, attached to the prompt, and said where they bring nothing."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from postil.core.events import PromptReceived
from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World


async def completed(editor: Editor, buffer: Buffer, line: int, character: int) -> list[Any]:
    place = {"line": line, "character": character}
    params = {"textDocument": {"uri": buffer.uri}, "position": place}
    return (await editor.request("textDocument/completion", params))["items"]


async def test_mentions_are_completed_for_a_view_and_in_documents_alike(world: World) -> None:
    world.file("src/parse.py", "def parse():\n    return 1\n")
    page = world.file(".postil/chat/one.md", "## You\nMend @src/pa\n@decorator\n")
    code = world.file("a.py", "# Mend 😀 this as in @src/pa\n@src\n# @src/pa\nx = 1  # see @par\n")
    editor = await world.editor()
    found = await editor.request("postil/mentions", {"text": "Mend @src/pa"})
    assert found == {
        "typed": 7,
        "mentions": [{"kind": "file", "text": "@src/parse.py", "detail": ""}],
    }
    by_command = await editor.command("postil.server.mentions", {"text": "No mention here"})
    assert by_command == {"typed": 0, "mentions": []}
    chat, source = editor.open(page), editor.open(code)
    (item,) = await completed(editor, chat, 1, 12)
    assert item["textEdit"] == {
        "newText": "@src/parse.py",
        "range": {"start": {"line": 1, "character": 5}, "end": {"line": 1, "character": 12}},
    }
    (item,) = await completed(editor, source, 0, 28)
    assert item["textEdit"]["range"]["start"]["character"] == 21
    assert [it["label"] for it in await completed(editor, source, 3, 17)] == ["@src/parse.py", "@parse"]
    # Decorators and tags of documentation are another server's.
    assert await completed(editor, source, 1, 4) == []
    assert await completed(editor, source, 2, 9) == []


async def test_what_is_mentioned_is_attached_and_what_is_not_is_said(world: World) -> None:
    run_git(world, "init", "-q")
    world.trust()
    path = world.file("a.py", "def one():\n    return 1\n")
    world.file(".env", "A=1\n")
    run_git(world, "add", "-A")
    run_git(world, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "One")
    path.write_text("def one():\n    return 2\n")
    world.file(".env", "A=hidden\n")
    await world.play("Done.", "Done.", "Done.")
    editor = await world.editor()
    begun = await editor.request(
        "postil/session/prompt", {"text": "Look: @diff @one @selection @.env @nobody"}
    )
    await editor.event("TurnEnded")
    (prompt,) = [it for it in world.journal(begun["sessionId"]) if isinstance(it, PromptReceived)]
    difference, symbol, *rest = prompt.context
    assert "-    return 1\n+    return 2" in difference.text
    assert difference.note == "1 changed file left out, which may not be read unasked"
    assert (symbol.name, symbol.text) == ("one", "def one():\n    return 2")
    assert [(it.kind, it.name) for it in rest] == [
        ("mention", it) for it in ("@selection", "@.env", "@nobody")
    ]
    assert "hidden" not in str(world.model.requests[-1].body)
    again = await editor.request("postil/session/prompt", {"text": "Go on from @session."})
    await editor.event("TurnEnded", 2)
    assert again["sessionId"] == begun["sessionId"]
    (last,) = [it for it in world.journal(again["sessionId"]) if isinstance(it, PromptReceived)][1:]
    assert [it.kind for it in last.context] == ["mention"]
    fresh = await editor.request("postil/session/new", {})
    await editor.request("postil/session/close", {"sessionId": begun["sessionId"]})
    await editor.request(
        "postil/session/prompt", {"text": "Go on from @session.", "sessionId": fresh["sessionId"]}
    )
    await editor.event("TurnEnded", 3)
    (there,) = [it for it in world.journal(fresh["sessionId"]) if isinstance(it, PromptReceived)]
    assert there.context[0].name.startswith(begun["sessionId"])
    assert "Done." in there.context[0].text


async def test_mentions_in_a_selected_comment_are_attached(world: World) -> None:
    world.file("b.py", "B = 1\n")
    path = world.file("a.py", "# Make this like @b.py does.\nx = 1\n")
    await world.play("Done.")
    editor = await world.editor()
    editor.open(path)
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 5}}
    await editor.command("postil.server.ask", {"uri": path_to_uri(path), "range": place})
    await editor.event("TurnEnded")
    body = str(world.model.requests[-1].body)
    assert "Mentioned there: @b.py" in body
    assert "B = 1" in body


async def test_files_to_attach_are_those_that_tools_find_without_what_the_person_leaves_out(
    world: World,
) -> None:
    run_git(world, "init", "-q")
    world.file(".gitignore", "/build/\n*.log\n")
    world.file(".postilignore", "private/\n")
    for name in (
        "build/made.py",
        "src/parse.py",
        "src/parse.log",
        "src/parse.map",
        "lib/out/x.py",
        "out/x.py",
        "private/p.py",
        ".hidden",
        "a b.py",
    ):
        world.file(name, "x = 1\n")
    editor = await world.editor()
    uri = path_to_uri(world.root)
    found = await editor.request("postil/files", {"uri": uri})
    names = [it["path"] for it in found["files"]]
    assert names == ["a b.py", "lib/out/x.py", "out/x.py", "src/parse.map", "src/parse.py"]
    assert found["complete"]
    assert [it["uri"] for it in found["files"]] == [path_to_uri(world.root / it) for it in names]
    exclude = ["out", "**/*.{map,min.js}", "**/.git", "[", ""]
    found = await editor.request("postil/files", {"uri": uri, "exclude": exclude})
    assert [it["path"] for it in found["files"]] == ["a b.py", "lib/out/x.py", "src/parse.py"]
    below = await editor.request("postil/files", {"uri": path_to_uri(world.root / "lib"), "exclude": ["out"]})
    assert below["files"] == []
    with pytest.raises(JsonRpcException, match="outside the workspace"):
        await editor.request("postil/files", {"uri": path_to_uri(world.root.parent)})


async def test_what_git_ignores_is_offered_to_who_types_its_folder_alone(world: World) -> None:
    run_git(world, "init", "-q")
    world.file(".gitignore", "/build/\n*.log\n")
    for name in ("build/made.py", "build/made.log", "bus.py", "bus.log"):
        world.file(name, "x = 1\n")
    editor = await world.editor()

    async def offered(text: str) -> list[str]:
        found = await editor.request("postil/mentions", {"text": text})
        return [it["text"] for it in found["mentions"]]

    assert await offered("@bu") == ["@bus.py"]
    assert await offered("@build/") == ["@build/made.py"]


def run_git(world: World, *words: str) -> None:
    subprocess.run(["git", *words], cwd=world.root, check=True)
