"""The chat document beside its answers: models, mentions that are links, what was decided, what was taken back, kept or is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from postil.core.events import ChangesKept, ConfigurationInForce
from postil.workspace.files.uris import path_to_uri
from tests.protocol.test_chat_document import begun, ended, heads, lenses, opened, send, write
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

OTHER = "claude-haiku-4-5"
TAKEN_BACK = "- taken back: the conversation goes on before this turn"


async def completed(editor: Editor, buffer: Buffer) -> list[str]:
    """Return what is offered at the document's end."""
    lines = buffer.text.split("\n")
    place = {"line": len(lines) - 1, "character": len(lines[-1])}
    params = {"textDocument": {"uri": buffer.uri}, "position": place}
    return [it["label"] for it in (await editor.request("textDocument/completion", params))["items"]]


async def hover(editor: Editor, buffer: Buffer, line: int) -> str:
    params = {"textDocument": {"uri": buffer.uri}, "position": {"line": line, "character": 4}}
    found: Json | None = await editor.request("textDocument/hover", params)
    return found["contents"]["value"] if found is not None else ""


def line_of(buffer: Buffer, start: str) -> int:
    found = [place for place, it in enumerate(buffer.text.split("\n")) if it.startswith(start)]
    assert found, buffer.text
    return found[0]


def told(editor: Editor, buffer: Buffer, code: str) -> list[Json]:
    return [it for it in editor.diagnostics.get(buffer.uri, []) if it.get("code") == code]


async def test_a_model_is_completed_and_chosen_for_the_turns_that_come(world: World) -> None:
    await world.play("One.", "Two.")
    editor = await world.editor("neovim", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "/mod")
    assert [it for it in await completed(editor, buffer) if it in ("/mode", "/model")] == ["/mode", "/model"]
    write(editor, buffer, "el claude-h")
    assert OTHER in await completed(editor, buffer)
    assert "claude-opus-5-5" not in await completed(editor, buffer)
    write(editor, buffer, OTHER.removeprefix("claude-h"))
    sent = await send(editor, buffer)
    await editor.until(lambda: "/model" not in buffer.text)
    assert sent["turnId"] is None
    write(editor, buffer, "Ask.")
    await send(editor, buffer)
    await ended(editor, buffer)
    assert world.model.requests[-1].body["model"] == OTHER
    assert f" · {OTHER} · " in buffer.text.split("\n")[1]
    last = [it for it in world.journal(sent["sessionId"]) if isinstance(it, ConfigurationInForce)][-1]
    assert (last.model, last.model_chosen, last.cause) == (OTHER, True, "model changed by person in Neovim")


async def test_a_model_does_not_change_within_a_turn(world: World) -> None:
    await world.play({"text": "word " * 400, "chunk": 5, "delay": {"each": 0.02}})
    editor, buffer, sent = await begun(world, "Talk.\n")
    session = sent["sessionId"]
    await editor.until(lambda: "word word" in buffer.text)
    params = {"command": "postil.server.session.model", "arguments": [{"sessionId": session, "model": OTHER}]}
    _, said = await editor.fails("workspace/executeCommand", params)
    assert said == "A turn is in progress. Stop it first."
    await send(editor, buffer, "Postil: Stop")
    await ended(editor, buffer)
    _, said = await editor.fails(
        "workspace/executeCommand",
        {
            "command": "postil.server.session.model",
            "arguments": [{"sessionId": session, "model": "two words"}],
        },
    )
    assert said.startswith("'two words' is no name of a model.")


async def test_mentions_are_links_to_files_and_to_what_was_attached(world: World) -> None:
    path = world.file("src/app.py", "import re\n\n\ndef parse_header(line):\n    return line\n")
    await world.play("Seen.")
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "Look at @src/app.py:4-5 and `@src/app.py`, @gone.py, then @parse_header.\n")

    async def targets() -> list[tuple[str, str]]:
        params = {"textDocument": {"uri": buffer.uri}}
        found = await editor.request("textDocument/documentLink", params)
        lines = buffer.text.split("\n")
        return [
            (
                lines[it["range"]["start"]["line"]][
                    it["range"]["start"]["character"] : it["range"]["end"]["character"]
                ],
                it["target"],
            )
            for it in found
        ]

    file = ("@src/app.py:4-5", f"{path_to_uri(path)}#L4")
    assert await targets() == [file]
    await send(editor, buffer)
    await ended(editor, buffer)
    assert await targets() == [file, ("@parse_header", f"{path_to_uri(path)}#L4")]


async def test_why_a_question_was_answered_as_it_was(world: World) -> None:
    await world.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "touch made"}},
        {"when": {"after": "results"}, "text": "Done."},
    )
    editor, buffer, _ = await begun(world, "Make it.\n")
    await editor.until(lambda: "- answer: waiting\n<!--reply 1 #" in buffer.text)
    line = line_of(buffer, "### Question 1")
    await editor.until(lambda: any(it["range"]["start"]["line"] == line for _, it in editor.questions()))
    asked = await hover(editor, buffer, line)
    assert "touch made" in asked
    assert "why" in asked.lower()
    (deny,) = [
        it
        for it in await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
        if it["command"]["title"] == "Deny"
    ]
    await editor.run(deny)
    await ended(editor, buffer)
    for start in ("### Question 1", "- answer: "):
        said = await hover(editor, buffer, line_of(buffer, start))
        assert "**Denied by you:**" in said


async def edited(world: World) -> tuple[Editor, Buffer, Json]:
    """Have the agent edit a file; returns the editor, the document, and the session and the turn."""
    world.trust()
    world.file("src/app.py", "a = 1\nb = 2\n")
    edit: Json = {"path": "src/app.py", "edits": [{"old": "b = 2", "new": "b = 3"}]}
    await world.play(
        {"tool": "read", "input": {"path": "src/app.py"}}, {"tool": "edit", "input": edit}, "Done.", "Again."
    )
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "/mode accept-edits")
    await send(editor, buffer)
    await editor.until(lambda: "/mode" not in buffer.text)
    write(editor, buffer, "Edit it.\n")
    sent = await send(editor, buffer)
    await ended(editor, buffer)
    return editor, buffer, sent


async def offered(editor: Editor, buffer: Buffer) -> list[str]:
    """Return what can be done with the change."""
    line = line_of(buffer, "- edited")
    return [it for at, it in await lenses(editor, buffer) if at == line]


async def test_what_is_kept_stays_kept_in_the_next_editor(world: World) -> None:
    editor, buffer, sent = await edited(world)
    assert await offered(editor, buffer) == ["Keep", "Undo"]
    (keep,) = [
        it
        for it in await editor.actions(buffer, line_of(buffer, "- edited"))
        if it["title"] == "Postil: Keep"
    ]
    await editor.run(keep)
    assert await offered(editor, buffer) == []
    await editor.run(keep)  # It is kept already.
    editor.save(buffer)
    await editor.leave()
    kept = [it for it in world.journal(sent["sessionId"]) if isinstance(it, ChangesKept)]
    assert [it.face for it in kept] == ["lsp:VS Code"]

    again = await world.editor("neovim", ours=False)
    reopened = again.open(buffer.path)
    await again.command("postil.server.session.attach", {"sessionId": sent["sessionId"]})
    await again.until(lambda: reopened.text == buffer.text)
    titles = [title for _, title in await lenses(again, reopened)]
    assert "Rewind to here" in titles
    assert "Undo" not in titles
    argument: dict[str, Any] = {"sessionId": sent["sessionId"], "changeIds": ["c0"]}
    _, said = await again.fails(
        "workspace/executeCommand", {"command": "postil.server.session.keep", "arguments": [argument]}
    )
    assert said == "There is no change 'c0' in this session."


@pytest.mark.parametrize("shown", [True, False], ids=["open", "closed"])
async def test_turns_that_were_taken_back_say_so(world: World, *, shown: bool) -> None:
    editor, buffer, sent = await edited(world)
    write(editor, buffer, "More.\n")
    await send(editor, buffer)
    await ended(editor, buffer, 2)
    editor.save(buffer)
    if not shown:
        editor.close(buffer)
    target: Json = {"sessionId": sent["sessionId"], "turnId": sent["turnId"]}
    plan = (await editor.command("postil.server.session.preview", target))["plan"]
    params = target | {"plan": plan, "conversation": True}
    await editor.command("postil.server.session.rewind", params)
    if not shown:
        buffer = editor.open(buffer.path)
    await editor.until(lambda: buffer.text.count(f"{TAKEN_BACK}\n<!-- turn ") == 2)
    titles = [title for _, title in await lenses(editor, buffer)]
    assert "Rewind to here" not in titles
    assert "Undo" not in titles
    assert [it for it in heads(buffer) if it.startswith("## ")] == ["## You", "## Postil"] * 2 + ["## You"]
    whole = (await editor.command("postil.server.chat.new", {"sessionId": sent["sessionId"], "show": False}))[
        "uri"
    ]
    assert whole == buffer.uri


async def test_a_key_that_is_missing_is_said_on_the_header_before_anything_is_asked(world: World) -> None:
    await world.play("One.")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        world.env[name] = ""
    world.env["ANTHROPIC_BASE_URL"] = "https://nowhere.invalid"
    editor = await world.editor("neovim", ours=False)
    buffer = await opened(world, editor)
    await editor.until(lambda: told(editor, buffer, "no-key"))
    (said,) = told(editor, buffer, "no-key")
    assert said["message"].startswith("There is no key for the model's service.")
    assert said["range"]["start"]["line"] == 0
    assert said["severity"] == 1


async def test_a_limit_that_is_reached_is_said_on_the_header(world: World) -> None:
    world.settings("[limits]\nsession_tokens = 400\n")
    await world.play({"text": "One.", "times": "any"})
    editor, buffer, _ = await begun(world, "Ask.\n", "neovim")
    await editor.until(lambda: told(editor, buffer, "over-budget") and "- answer: waiting" in buffer.text)
    (said,) = told(editor, buffer, "over-budget")
    assert said["message"].endswith("Answer the question below, and the turn goes on or ends.")
    line: int = said["range"]["start"]["line"]
    assert line <= 1


async def test_what_a_fault_ended_is_tried_again_from_the_document(world: World) -> None:
    fault = {"status": 400, "type": "invalid_request_error", "message": "no"}
    await world.play({"error": fault}, "Here.")
    editor = await world.editor("neovim", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "Hello.")
    await send(editor, buffer)
    await ended(editor, buffer)
    offered = [title for _, title in await lenses(editor, buffer)]
    assert "Try again" in offered
    assert "Check now" not in offered
    await chosen(editor, buffer, "Try again")
    await ended(editor, buffer, 2)
    assert "Here." in buffer.text
    assert not {"Try again", "Go on"} & {title for _, title in await lenses(editor, buffer)}


async def test_edits_that_are_not_verified_are_checked_from_the_document(world: World) -> None:
    world.trust()
    world.settings('allow = ["Edit(a.py)"]\n[[check]]\nname = "tests"\ncommand = "./check.sh"\n')
    world.file("check.sh", "#!/bin/sh\necho '1 passed'\n").chmod(0o755)
    world.file("a.py", "a = 1\n")
    change: Json = {"tool": "edit", "input": {"path": "a.py", "edits": [{"old": "a = 1", "new": "a = 2"}]}}
    await world.play({"tool": "read", "input": {"path": "a.py"}}, change, "Done.")
    editor = await world.editor("neovim", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "Go.")
    await send(editor, buffer)
    await answered(editor, buffer, "Deny")
    await ended(editor, buffer)
    assert "not verified: tests was denied" in buffer.text
    await chosen(editor, buffer, "Check now")
    await answered(editor, buffer, "Allow once")
    await ended(editor, buffer, 2)
    assert buffer.text.count("## You") == 3
    assert "Check what was edited." in buffer.text
    assert "Check now" not in [title for _, title in await lenses(editor, buffer)]


async def raw_lenses(editor: Editor, buffer: Buffer) -> list[Json]:
    params = {"textDocument": {"uri": buffer.uri}}
    found: list[Json] = await editor.request("textDocument/codeLens", params)
    return found


async def chosen(editor: Editor, buffer: Buffer, title: str) -> None:
    """Choose a lens by its title."""
    (found,) = [it for it in await raw_lenses(editor, buffer) if it["command"]["title"] == title]
    await editor.run({"command": found["command"]})


async def answered(editor: Editor, buffer: Buffer, title: str) -> None:
    """Answer the question of the document by its lens, once it stands there."""
    await editor.until(lambda: "- answer: waiting\n<!--reply " in buffer.text)
    await editor.until(
        lambda: any(_heads(buffer, it["range"]["start"]["line"]) for _, it in editor.questions())
    )
    await chosen(editor, buffer, title)


def _heads(buffer: Buffer, line: int) -> bool:
    return buffer.text.split("\n")[line].startswith("### Question ")
