"""Slash commands over the protocol: listed, completed where a prompt begins, and begun in a session of the type that they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from postil.core.events import AgentTypeInForce, PromptReceived
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World


def own(world: World, name: str, text: str) -> Path:
    """A prompt file of the user's."""
    folder = world.root.parent / "config"
    path = folder / "commands" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    world.env["POSTIL_CONFIG_DIR"] = str(folder)
    return path


async def completed(editor: Editor, buffer: Buffer, line: int, character: int) -> list[Any]:
    params = {
        "textDocument": {"uri": buffer.uri},
        "position": {"line": line, "character": character},
    }
    return (await editor.request("textDocument/completion", params))["items"]


async def test_they_are_listed_and_completed_where_a_prompt_begins(world: World) -> None:
    file = own(world, "review", "---\ndescription: Reviews.\nargument-hint: <file>\n---\nReview $1.\n")
    own(world, "bad", "---\nagent: 3\n---\nBad.\n")
    world.file(".postil/commands/release.md", "Release it.\n")
    page = world.file(
        ".postil/chat/one.md", "## You\n/re\nand /re\n\n/re\nThanks.\n/re\n\n/review a\n/write\n"
    )
    code = world.file("a.py", "/re\n")
    editor = await world.editor()
    rows = {it["name"]: it for it in (await editor.request("postil/slashCommands", {}))["commands"]}
    assert rows["review"] == {
        "name": "review", "kind": "prompt", "description": "Reviews.", "hint": "<file>", "agent": "", "source": "user",
        "file": str(file), "state": "in force", "why": "",
    }  # fmt: skip
    assert rows["release"]["why"] == "the workspace is not trusted"
    assert rows["write-skill"]["kind"] == "skill"
    assert rows["bad"]["why"].startswith("line 2: `agent` is no name")
    chat, source = editor.open(page), editor.open(code)
    for line in (1, 4):
        (item,) = await completed(editor, chat, line, 3)
        assert (item["label"], item["detail"], item["documentation"]) == ("/review", "<file>", "Reviews.")
        assert item["textEdit"] == {
            "newText": "/review ",
            "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 3}},
        }
    assert [it["label"] for it in await completed(editor, chat, 1, 1)] == [
        "/mode",
        "/model",
        "/review",
        "/agent-architecture",
        "/write-skill",
    ]
    for line, character in ((2, 7), (6, 3), (8, 9), (9, 6)):
        assert await completed(editor, chat, line, character) == []
    assert await completed(editor, source, 0, 3) == []


async def test_one_for_a_type_begins_a_session_of_it(world: World) -> None:
    own(world, "look", "---\nagent: explore\n---\nLook at $ARGUMENTS.\n")
    await world.play("One.", "Two.", "Three.", "Four.")
    editor = await world.editor()
    plain = await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.event("TurnEnded")
    look = {"text": "/look a.py"}
    first = await editor.request("postil/session/prompt", look)
    await editor.event("TurnEnded", 2)
    assert first["sessionId"] != plain["sessionId"]
    again = await editor.request("postil/session/prompt", look)
    assert again["sessionId"] == first["sessionId"], "the one in use will do"
    events = world.journal(first["sessionId"])
    assert [it.name for it in events if isinstance(it, AgentTypeInForce)] == ["explore"]
    prompt = next(it for it in events if isinstance(it, PromptReceived))
    assert (prompt.text, prompt.context[0].text) == ("/look a.py", "Look at a.py.")
    _, message = await editor.fails("postil/session/prompt", {**look, "sessionId": plain["sessionId"]})
    assert "agent type explore, and this one is of build" in message
