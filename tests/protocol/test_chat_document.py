"""The chat document over the protocol: sending, streaming into it, questions in place, stopping, going on after a crash or an undo."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from postil.workspace.files.uris import path_to_uri, uri_to_path
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

FRESH = "# Chat\n\n## You\n"
ENDED = re.compile(r"^<!-- turn (\d+): [^\n]*-->$", re.MULTILINE)


async def opened(world: World, editor: Editor) -> Buffer:
    """Make a chat document by the command, and open it."""
    result = await editor.command("postil.server.chat.new", {"show": False})
    path = uri_to_path(result["uri"])
    assert path is not None
    return editor.open(path)


def write(editor: Editor, buffer: Buffer, words: str) -> None:
    """Write at the end of a document."""
    editor.type(buffer, len(buffer.text), words)


async def offered(editor: Editor, buffer: Buffer, title: str) -> Json:
    """Wait until something is offered."""
    while True:
        found = [it for it in await editor.actions(buffer) if it["title"] == title]
        if found:
            return found[0]


async def send(editor: Editor, buffer: Buffer, title: str = "Postil: Send") -> Any:
    """Send by the code action, from the first line."""
    return await editor.run(await offered(editor, buffer, title))


async def begun(world: World, words: str, preset: str = "vscode") -> tuple[Editor, Buffer, Any]:
    """Have a new chat document with a first prompt, and send that; returns what the command said, too."""
    editor = await world.editor(preset, ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, words)
    return editor, buffer, await send(editor, buffer)


async def ended(editor: Editor, buffer: Buffer, count: int = 1) -> None:
    """Wait until so many replies are whole in the document."""
    await editor.until(lambda: len(ENDED.findall(buffer.text)) == count and "<!--reply" not in buffer.text)
    await editor.command("postil.server.session.list", {})  # the server knows of it, too


async def lenses(editor: Editor, buffer: Buffer) -> list[tuple[int, str]]:
    found = await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
    return [(it["range"]["start"]["line"], it["command"]["title"]) for it in found]


def heads(buffer: Buffer) -> list[str]:
    return [line for line in buffer.text.split("\n") if line.startswith("#")]


@pytest.mark.parametrize("preset", ["vscode", "neovim", "lsp-mode"])
async def test_a_prompt_written_in_the_document_is_answered_there(world: World, preset: str) -> None:
    await world.play("One.\n\n## You\nTwo words.", "Three.")
    editor = await world.editor(preset, ours=False)
    buffer = await opened(world, editor)
    assert buffer.text == FRESH
    assert (buffer.path.parent / ".gitignore").read_text().splitlines()[-1] == "*"
    write(editor, buffer, "Say something.\n")
    sent = await send(editor, buffer)
    await ended(editor, buffer)
    head, _, rest = buffer.text.partition("\n\n")
    assert head.startswith(f"# Say something.\n<!-- postil {sent['sessionId']} · Ask first · ")
    assert ENDED.sub("<end>", rest) == (
        "## You\nSay something.\n\n## Postil\nOne.\n\n**You**\nTwo words.\n<end>\n\n## You\n"
    )
    write(editor, buffer, "More.")
    assert await send(editor, buffer) != sent
    await ended(editor, buffer, 2)
    assert buffer.text.endswith("## You\n")
    assert "Say something." in str(world.model.requests[-1].body)


async def test_a_question_is_asked_and_answered_in_place(world: World) -> None:
    await world.play(
        {"when": {"after": "prompt"}, "text": "I look.", "tool": "shell", "input": {"command": "touch made"}},
        {"when": {"after": "results"}, "text": "Done."},
    )
    editor, buffer, _ = await begun(world, "Make it.\n")
    await editor.until(lambda: "- answer: waiting\n<!--reply 1 #" in buffer.text)
    line = buffer.text.split("\n").index("### Question 1: run this command?")
    assert "    touch made\n" in buffer.text
    assert "- waits:" not in buffer.text  # for the chat document itself, which nobody has saved
    uri, diagnostic = (await editor.until(editor.questions))[0]
    await editor.until(lambda: any(it["range"]["start"]["line"] == line for _, it in editor.questions()))
    assert uri == buffer.uri
    titles = [title for at, title in await lenses(editor, buffer) if at == line]
    assert titles[:2] == ["Allow once", "Allow for this session"]
    assert "Deny" in titles
    assert diagnostic["code"] == "question"
    found = await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
    (allow,) = [it for it in found if it["command"]["title"] == "Allow once"]
    await editor.run(allow)
    await ended(editor, buffer)
    assert "- answer: allowed once, by you in VS Code, " in buffer.text
    assert "waiting" not in buffer.text
    assert "- ran `touch made`" in buffer.text
    assert (world.root / "made").exists()
    row = next(number for number, it in enumerate(buffer.text.split("\n")) if it.startswith("- ran"))
    place = {"textDocument": {"uri": buffer.uri}, "position": {"line": row, "character": 3}}
    said = (await editor.request("textDocument/hover", place))["contents"]["value"]
    assert "touch made" in said
    assert "**Allowed by you:** allowed once" in said


async def test_words_below_are_the_reason_of_a_denial(world: World) -> None:
    await world.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "touch made"}},
        {"when": {"after": "results"}, "text": "As you say."},
    )
    editor, buffer, _ = await begun(world, "Make it.\n", "neovim")
    await editor.until(lambda: "- answer: waiting" in buffer.text)
    write(editor, buffer, "Use the other folder.\n")
    await send(editor, buffer, "Postil: Deny, and say this")
    await ended(editor, buffer)
    assert "Use the other folder." in str(world.model.requests[-1].body)
    assert buffer.text.rstrip().endswith("## You")
    assert not (world.root / "made").exists()


async def test_changes_are_rows_that_can_be_kept_and_undone(world: World) -> None:
    world.trust()
    path = world.file("src/app.py", "a = 1\nb = 2\n")
    edit: Json = {"path": "src/app.py", "edits": [{"old": "b = 2", "new": "b = 3"}]}
    await world.play(
        {"tool": "read", "input": {"path": "src/app.py"}},
        {"tool": "edit", "input": edit},
        "Done.",
    )
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "/mode accept-edits")
    await send(editor, buffer)
    await editor.until(lambda: "/mode" not in buffer.text)
    write(editor, buffer, "Edit it.\n")
    await send(editor, buffer)
    await ended(editor, buffer)
    assert path.read_text() == "a = 1\nb = 3\n"
    assert "    - read [src/app.py](../../src/app.py)" in buffer.text
    row = "- edited [src/app.py:2](../../src/app.py#L2), +1 −1"  # noqa: RUF001 - the sign for less
    line = buffer.text.split("\n").index(row)
    assert [it for at, it in await lenses(editor, buffer) if at == line] == ["Keep", "Undo"]
    links = await editor.request("textDocument/documentLink", {"textDocument": {"uri": buffer.uri}})
    assert f"{path_to_uri(path)}#L2" in [it["target"] for it in links]
    (undo,) = [it for it in await editor.actions(buffer, line) if it["title"] == "Postil: Undo"]
    await editor.run(undo)
    assert path.read_text() == "a = 1\nb = 2\n"
    assert "Undo" not in [it for at, it in await lenses(editor, buffer) if at == line]


async def test_the_document_folds_and_is_outlined(world: World) -> None:
    await world.play({"when": {"after": "prompt"}, "tool": "read", "input": {"path": "a.py"}}, "Read.")
    world.file("a.py", "a = 1\n")
    editor, buffer, _ = await begun(world, "Read it.\n", "neovim")
    await ended(editor, buffer)
    document = {"textDocument": {"uri": buffer.uri}}
    symbols = await editor.request("textDocument/documentSymbol", document)
    assert [it["name"] for it in symbols] == ["You: Read it.", "Postil, turn 1", "You"]
    folds = await editor.request("textDocument/foldingRange", document)
    lines = buffer.text.split("\n")
    starts: list[str] = [lines[it["startLine"]] for it in folds]
    assert starts[:2] == ["## You", "## Postil"]
    assert starts[2].startswith("- read 1 file, ")
    other = editor.open(world.file("other.md", "## You\ntext\n"))
    assert await editor.request("textDocument/foldingRange", {"textDocument": {"uri": other.uri}}) is None


async def test_stop_ends_the_answer_and_what_was_said_stays(world: World) -> None:
    await world.play({"text": "word " * 400, "chunk": 5, "delay": {"each": 0.02}})
    editor, buffer, _ = await begun(world, "Talk.\n")
    await editor.until(lambda: "word word" in buffer.text)
    await send(editor, buffer, "Postil: Stop")
    await ended(editor, buffer)
    assert "\n- stopped: " in buffer.text
    assert buffer.text.count("word") < 400


@pytest.mark.parametrize("back_to", ["a piece of the answer", "the prompt"])
async def test_an_undo_while_it_streams_pauses_and_continue_writes_it_again(
    world: World, back_to: str
) -> None:
    words = "".join(f"word{number} " for number in range(200))
    await world.play({"text": words, "chunk": 7, "delay": {"each": 0.01}})
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "Talk.\n")
    before = buffer.text
    await send(editor, buffer)
    await editor.until(lambda: "word9 " in buffer.text)
    before = before if back_to == "the prompt" else buffer.text
    await editor.until(lambda: "word30 " in buffer.text)
    undone(editor, buffer, before)
    actions = await offered(editor, buffer, "Postil: Continue")
    assert "word30 " not in buffer.text
    await editor.run(actions)
    await ended(editor, buffer)
    assert re.findall(r"word\d+", buffer.text) == words.split()


async def test_an_undo_after_the_whole_answer_stays_until_somebody_continues(world: World) -> None:
    words = "".join(f"word{number} " for number in range(60))
    await world.play({"text": words, "chunk": 7, "delay": {"each": 0.01}}, "Two.")
    editor, buffer, _ = await begun(world, "Talk.\n")
    await editor.until(lambda: "word9 " in buffer.text)
    before = buffer.text
    await ended(editor, buffer)
    whole = buffer.text
    assert "Postil: Continue" not in [it["title"] for it in await editor.actions(buffer)]
    undone(editor, buffer, before)
    assert "<!--reply 1 #" in buffer.text
    await offered(editor, buffer, "Postil: Continue")
    assert "Postil: Stop" not in [it["title"] for it in await editor.actions(buffer)]
    # A redo leaves nothing to continue.
    undone(editor, buffer, whole)
    assert "Postil: Continue" not in [it["title"] for it in await editor.actions(buffer)]
    undone(editor, buffer, before)
    again = await offered(editor, buffer, "Postil: Continue")
    # The next turn neither writes it again nor is in its way.
    write(editor, buffer, "More.\n")
    await send(editor, buffer)
    await editor.until(lambda: "<!-- turn 2: " in buffer.text)
    assert "word40" not in buffer.text
    await editor.run(again)
    await ended(editor, buffer, 2)
    assert re.findall(r"word\d+", buffer.text) == words.split()
    assert buffer.text.index("word59") < buffer.text.index("More.")


def undone(editor: Editor, buffer: Buffer, text: str) -> None:
    """Have the document be as it was, as an editor's undo does."""
    lines = buffer.text.split("\n")
    end = {"line": len(lines) - 1, "character": len(lines[-1])}
    whole = {"start": {"line": 0, "character": 0}, "end": end}
    editor.change(buffer, [{"range": whole, "newText": text}])()


async def test_what_broke_off_is_mended_when_the_document_is_opened_again(world: World) -> None:
    await world.play("First.\n\nSecond.\n\nThird.")
    editor, buffer, _ = await begun(world, "Talk.\n")
    await ended(editor, buffer)
    whole = buffer.text
    path, torn = buffer.path, ENDED.sub("<!--reply 1 #3-->", whole).replace("Second.\n\nThird.\n", "")
    assert torn != whole
    await editor.leave()
    path.write_text(torn)
    again = await world.editor("vscode", ours=False)
    reopened = again.open(path)
    await again.until(lambda: reopened.text == whole)


async def test_a_question_that_was_open_at_the_end_stands_there_once(world: World) -> None:
    await world.play(
        {"when": {"after": "prompt"}, "text": "I look.", "tool": "shell", "input": {"command": "touch made"}},
        {"when": {"after": "results"}, "text": "Done."},
    )
    editor, buffer, _ = await begun(world, "Make it.\n", "neovim")
    await editor.until(lambda: "- answer: waiting\n<!--reply 1 #" in buffer.text)
    editor.save(buffer)
    path = buffer.path
    await editor.leave()
    again = await world.editor("neovim", ours=False)
    reopened = again.open(path)
    resume = await offered(again, reopened, "Postil: Resume")
    resumes = [it["title"] for it in await again.actions(reopened) if "Resume" in it["title"]]
    assert resumes == ["Postil: Resume"], "once, though every document has an action for it"
    await again.run(resume)
    await again.run(await offered(again, reopened, "Postil: Allow once"))
    await ended(again, reopened)
    assert reopened.text.count("### Question 1: ") == reopened.text.count("- answer: allowed once") == 1
    assert "waiting" not in reopened.text
    assert reopened.text.count("I look.") == reopened.text.count("Done.") == 1


async def test_a_document_that_was_deleted_is_written_again(world: World) -> None:
    await world.play("First.\n\nSecond.")
    editor, buffer, sent = await begun(world, "Talk.\n")
    await ended(editor, buffer)
    whole = buffer.text
    editor.close(buffer)
    buffer.path.unlink()
    params = {"sessionId": sent["sessionId"], "show": False}
    uri = (await editor.command("postil.server.chat.new", params))["uri"]
    path = uri_to_path(uri)
    assert path is not None
    assert path.name.endswith("-talk.md")
    text = path.read_text()
    assert text.partition("\n\n")[2] == whole.partition("\n\n")[2]


async def test_a_closed_document_is_written_on_the_disk(world: World) -> None:
    await world.play({"text": "One. " * 50, "chunk": 5, "delay": {"each": 0.01}})
    editor, buffer, _ = await begun(world, "Talk.\n")
    await editor.until(lambda: "One." in buffer.text)
    editor.save(buffer)
    path = buffer.path
    editor.close(buffer)
    await editor.until(lambda: ENDED.search(path.read_text()) or _nudged(editor))
    assert path.read_text().count("One.") == 50


def _nudged(editor: Editor) -> bool:
    """Have the server say something, so that the disk is looked at again."""
    editor.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:nothing"}})
    return False


async def test_prompts_from_elsewhere_are_in_the_document_too(world: World) -> None:
    await world.play("First.", "Second.")
    editor, buffer, sent = await begun(world, "Talk.\n")
    await ended(editor, buffer)
    write(editor, buffer, "my draft")
    params = {"sessionId": sent["sessionId"], "text": "From the side\n## You\nbar"}
    await editor.command("postil.server.session.prompt", params)
    await ended(editor, buffer, 2)
    assert "## You\nFrom the side\n\\## You\nbar\n\n## Postil\nSecond.\n" in buffer.text
    assert buffer.text.endswith("## You\nmy draft")
    assert heads(buffer)[1:] == ["## You", "## Postil", "## You", "## Postil", "## You"]


async def test_modes_are_completed_and_nothing_to_send_is_said(world: World) -> None:
    await world.play("One.")
    world.file("chat.txt", "")
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    code, message = await editor.fails(
        "workspace/executeCommand", {"command": "postil.server.chat.send", "arguments": [{"uri": buffer.uri}]}
    )
    assert (code, message) == (-32803, "Nothing is written below the last “## You”. Write there, then send.")
    write(editor, buffer, "/mode ac")
    place = {"line": 3, "character": 8}
    params = {"textDocument": {"uri": buffer.uri}, "position": place}
    items = (await editor.request("textDocument/completion", params))["items"]
    assert "accept-edits" in [it["label"] for it in items]
    # Older Neovims show no item that has a filter text and begins with `/` or `@`.
    assert all("filterText" not in it for it in items)
    for typed in ("/mo", "See @chat"):
        write(editor, buffer, f"\n\n{typed}")
        place = {"line": buffer.text.count("\n"), "character": len(typed)}
        params = {"textDocument": {"uri": buffer.uri}, "position": place}
        found = (await editor.request("textDocument/completion", params))["items"]
        assert found, typed
        assert all("filterText" not in it for it in found)
    elsewhere = world.file("chat.md", FRESH)
    _, said = await editor.fails(
        "workspace/executeCommand",
        {"command": "postil.server.chat.send", "arguments": [{"uri": path_to_uri(elsewhere)}]},
    )
    assert said.startswith("That is no chat document of this workspace.")


async def test_a_link_in_place_of_the_folder_is_refused(world: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (world.root / ".postil").symlink_to(outside)
    editor = await world.editor("vscode", ours=False)
    _, message = await editor.fails(
        "workspace/executeCommand", {"command": "postil.server.chat.new", "arguments": [{}]}
    )
    assert message.startswith(".postil/chat is a link.")
    assert list(outside.iterdir()) == []
