"""What a question shows: the command in full, what it would do, its parts, the rule that would last; as diagnostic and hover."""

from typing import Any

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

DONE: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
HIDDEN = "sh -c 'true' \u202e\u200b\U000e0041\u00a0x\x1b[2J"
LONG = "sh -c ': " + " ".join(f"word{number}" for number in range(200)) + "'"


def shell(command: str) -> Json:
    return {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": command}}


async def asked(world: World, command: str, preset: str = "neovim") -> tuple[Editor, Buffer, list[str]]:
    """A question about a command, and the lines of its diagnostic."""
    await world.play(shell(command), DONE)
    editor = await world.editor(preset, ours=False)
    buffer = editor.open(world.file("a.py", "first\\n"))
    point = {"line": 0, "character": 0}
    place: Json = {"uri": buffer.uri, "range": {"start": point, "end": point}}
    await editor.command("postil.server.ask", place | {"text": "Do it."})
    _, diagnostic = await editor.question()
    lines = diagnostic["message"].split("\n")
    # What it runs, and in which sandbox, differs from machine to machine.
    return editor, buffer, [it for it in lines if not it.startswith(("runs: ", "outside the sandbox: "))]


async def hover(editor: Editor, buffer: Buffer, line: int = 0) -> Any:
    position = {"line": line, "character": 0}
    return await editor.request(
        "textDocument/hover", {"textDocument": {"uri": buffer.uri}, "position": position}
    )


async def done(editor: Editor) -> None:
    await editor.answer("Deny")
    await editor.until(lambda: editor.client.messages)


async def test_a_longer_command_with_its_parts_and_the_dangerous_one_first(world: World) -> None:
    (world.root / "old").symlink_to(world.root.parent)
    editor, _, lines = await asked(world, "make && rm -rf old/x && git push origin main > out.txt")
    assert lines == [
        "Postil asks to run a command: make && rm -rf old/x && git push origin main > out.txt",
        "Answer by Quick Fix.",
        f"deletes: {world.root.parent}/x, by rm",
        "writes: out.txt",
        "sends: to origin, by git push",
        f"in: {world.root}",
        "why: no rule allows rm",
        "no lasting rule: rm deletes",
        "parts:",
        "  deletes: rm -rf old/x",
        f"    old/x is {world.root.parent}/x",
        "  writes: git push origin main > out.txt",
        "  make",
    ]
    await done(editor)


async def test_the_rule_that_would_last_and_what_else_it_allows(world: World) -> None:
    editor, buffer, lines = await asked(world, "make check")
    assert lines[-2:] == [
        "lasting rule: Bash(make check)",
        "also allows: the same in another folder of the workspace, and as a part of a longer command",
    ]
    actions = [it for it in await editor.actions(buffer) if it["title"].startswith("Postil: ")]
    assert not any("make" in str(it["title"]) for it in actions), "titles are constant"
    assert not any("isPreferred" in it for it in await editor.actions(buffer)), "nothing has a default"
    await done(editor)


async def test_nothing_of_a_command_hides_or_is_left_out(world: World) -> None:
    editor, _, lines = await asked(world, HIDDEN)
    shown = r"sh -c 'true' \u202e\u200b\U000e0041\u00a0x\x1b[2J"
    assert lines[0] == f"Postil asks to run a command: {shown}"
    assert not set("\u202e\u200b\U000e0041\u00a0\x1b") & set("\n".join(lines))
    await done(editor)


async def test_a_long_command_is_shown_to_its_end(world: World) -> None:
    editor, _, lines = await asked(world, LONG)
    assert lines[0] == f"Postil asks to run a command: {LONG}"
    await done(editor)


async def test_a_command_of_several_lines_cannot_pass_for_what_postil_says(world: World) -> None:
    command = "sh -c true\nwhy: you allowed it"
    editor, _, lines = await asked(world, command)
    assert lines[:4] == [
        "Postil asks to run a command:",
        "    sh -c true",
        "    why: you allowed it",
        "Answer by Quick Fix.",
    ]
    assert [it for it in lines if it.startswith("why: ")] == ["why: no rule allows sh"]
    await done(editor)


@pytest.mark.parametrize(("preset", "kind"), [("neovim", "markdown"), ("eglot", "plaintext")])
async def test_a_hover_shows_the_whole_and_takes_nothing_of_it_for_markdown(
    world: World, preset: str, kind: str
) -> None:
    command = "sh -c 'echo ``` **bold** [x](command:y) <img src=z>'"
    editor, buffer, _ = await asked(world, command, preset)
    contents = (await hover(editor, buffer))["contents"]
    assert contents["kind"] == kind
    if kind == "markdown":
        assert f"````sh\n{command}\n````" in contents["value"]
        rest = contents["value"].replace(command, "")
        assert "[x]" not in rest
        assert "<img" not in rest
    else:
        assert f"Postil asks to run a command: {command}" in contents["value"]
    await done(editor)
    assert await hover(editor, buffer) is None


async def test_a_hover_on_an_edit_shows_its_difference(world: World) -> None:
    edit = {"path": "a.py", "edits": [{"old": "first", "new": "1st"}]}
    await world.play({"when": {"after": "prompt"}, "tool": "edit", "input": edit}, DONE)
    editor = await world.editor("neovim", ours=False)
    buffer = editor.open(world.file("a.py", "first\n"))
    await editor.command("postil.server.session.prompt", {"text": "Do it."})
    _, diagnostic = await editor.question()
    assert diagnostic["message"].split("\n")[-2:] == [
        "lasting rule: Edit(./a.py)",
        "also allows: every other edit of this file",
    ]
    value = (await hover(editor, buffer))["contents"]["value"]
    assert "```diff\n" in value
    assert "\n-first\n+1st\n" in value
    await done(editor)
