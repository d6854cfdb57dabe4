"""Undo and rewind through the real server: from the lightbulb of any editor, and by our own methods."""

import asyncio
from pathlib import Path

from postil.core.changes import Rewound
from tests.support.lsp_client import PATIENCE, Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

SAVED = "x = 1\ny = 2\n"
CALLS: tuple[Json, ...] = (
    {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "x = 1", "new": "x = 3"}]}},
    {"tool": "delete", "input": {"path": "old.txt"}},
    {"tool": "move", "input": {"path": "name.txt", "to": "docs/name.txt"}},
    {"tool": "write", "input": {"path": "new/made.py", "content": "made = True\n"}},
    {"tool": "shell", "input": {"command": "sh -c true"}},
)
AGAIN = (
    "Not everything went back that was to. Once nothing is in the way, go back again. "
    "Until then the conversation stays."
)
UNDO, REWIND = "Postil: Undo change", "Postil: Rewind to before this turn"
UNDO_REWIND = "Postil: Undo rewind"


async def worked(world: World, preset: str, *more: Json, ours: bool) -> tuple[Editor, Buffer, Path]:
    """Let the agent do its work, and answer every question with yes; `app.py` is open and not saved."""
    path = world.file("app.py", SAVED)
    world.file("old.txt", "old\r\n")
    world.file("name.txt", "name\n")
    world.trust()
    await world.play({"when": {"after": "prompt"}, "blocks": [*more, *CALLS]}, "Done.", "Again?")
    editor = await world.editor(preset, ours=ours)
    buffer = editor.open(path)
    editor.type(buffer, len(buffer.text), "# mine\n")
    session = await editor.command("postil.server.session.new", {})
    only = {"sessionId": session["sessionId"]}
    await editor.command("postil.server.session.mode", only | {"mode": "accept-edits"})
    await editor.command("postil.server.session.prompt", only | {"text": "Do it."})
    await editor.answer()
    if not ours:
        await editor.answer("Run without saving")
    await editor.until(lambda: _idle(world, session["sessionId"]))
    assert buffer.text == "x = 3\ny = 2\n# mine\n"
    assert names(world.root) == ["app.py", "docs/name.txt", "new/made.py"]
    return editor, buffer, path


def _idle(world: World, session_id: str) -> bool:
    return type(world.journal(session_id)[-1]).__name__ == "TurnEnded"


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def only_action(editor: Editor, buffer: Buffer, title: str) -> Json:
    """Return the one action of that title; it is offered a moment after the turn's end is on record."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [it for it in await editor.actions(buffer, 0) if it["title"] == title]):
            pass
    (action,) = found
    return action


async def test_an_editor_without_our_client_goes_back_by_its_lightbulb(world: World) -> None:
    editor, buffer, _ = await worked(world, "neovim", ours=False)
    await editor.run(await only_action(editor, buffer, REWIND))
    _, asked = await editor.question()
    assert asked["message"].splitlines() == [
        "Postil asks to go back to before: Do it.",
        "Answer by Quick Fix.",
        "restores: app.py",
        "brings back: old.txt",
        "moves back: name.txt",
        "deletes: new/made.py",
        "cannot undo: sh -c true",
    ]
    await editor.answer("Rewind files and conversation")
    await editor.until(lambda: buffer.text == SAVED + "# mine\n")
    await editor.until(lambda: names(world.root) == ["app.py", "name.txt", "old.txt"])
    assert (world.root / "old.txt").read_bytes() == b"old\r\n"
    assert not [it for it in await editor.actions(buffer, 0) if it["title"] == REWIND]


async def test_what_stayed_is_said_to_who_answered_by_quick_fix(world: World) -> None:
    editor, buffer, _ = await worked(world, "neovim", ours=False)
    (world.root / "new/made.py").write_text("mine = True\n")
    await editor.run(await only_action(editor, buffer, REWIND))
    await editor.question()
    said = len(editor.client.messages)
    await editor.answer("Rewind files and conversation")
    await editor.until(lambda: len(editor.client.messages) > said)
    (message,) = editor.client.messages[said:]
    assert (message.type, message.message.splitlines()) == (
        3,
        ["Postil: Done, but for these:", "  new/made.py: It was created here, and edited since."],
    )
    assert names(world.root) == ["app.py", "name.txt", "new/made.py", "old.txt"]


async def test_what_was_promised_and_stayed_is_a_warning(world: World) -> None:
    world.file("deep/gone.txt", "gone\n")
    deletion = {"tool": "delete", "input": {"path": "deep/gone.txt"}}
    editor, buffer, _ = await worked(world, "neovim", deletion, ours=False)
    (world.root / "deep").rmdir()
    (world.root / "deep").write_text("in the way")
    await editor.run(await only_action(editor, buffer, REWIND))
    await editor.question()
    said = len(editor.client.messages)
    await editor.answer("Rewind files and conversation")
    await editor.until(lambda: len(editor.client.messages) > said)
    (message,) = editor.client.messages[said:]
    assert message.type == 2
    assert message.message.splitlines() == [
        "Postil: Done, but for these:",
        f"  deep/gone.txt: deep/gone.txt was not written: not a directory ({world.root / 'deep'}).",
        AGAIN,
    ]


async def test_a_rewind_is_undone_by_the_lightbulb_as_well(world: World) -> None:
    editor, buffer, _ = await worked(world, "neovim", ours=False)
    await editor.run(await only_action(editor, buffer, REWIND))
    await editor.question()
    await editor.answer("Rewind files and conversation")
    await editor.until(lambda: names(world.root) == ["app.py", "name.txt", "old.txt"])
    await editor.run(await only_action(editor, buffer, UNDO_REWIND))
    await editor.until(lambda: buffer.text == "x = 3\ny = 2\n# mine\n")
    await editor.until(lambda: names(world.root) == ["app.py", "docs/name.txt", "new/made.py"])
    assert not [it for it in await editor.actions(buffer, 0) if it["title"] == UNDO_REWIND], "it is undone"


async def test_one_change_is_undone_at_once(world: World) -> None:
    editor, buffer, _ = await worked(world, "eglot", ours=False)
    action = await only_action(editor, buffer, UNDO)
    assert await editor.run(action) == {"asked": False, "left": [], "finished": True, "incomplete": False}
    assert buffer.text == SAVED + "# mine\n"
    assert names(world.root) == ["app.py", "docs/name.txt", "new/made.py"], "the other changes stay"
    assert not [it for it in await editor.actions(buffer, 0) if it["title"] == UNDO], "it is undone"


async def test_a_client_of_ours_looks_first_and_then_goes_back(world: World) -> None:
    editor, buffer, path = await worked(world, "vscode", ours=True)
    (session,) = (await editor.request("postil/session/list", {}))["sessions"]
    await editor.until(lambda: bool(editor.events("TurnEnded")))
    turn_id = editor.events("TurnEnded")[-1]["turn_id"]
    target = {"sessionId": session["sessionId"], "turnId": turn_id}
    plan = await editor.command("postil.server.session.preview", target)
    assert {it["uri"].rpartition("/")[2]: it["doing"] for it in plan["files"]} == {
        "app.py": "restore",
        "old.txt": "bring_back",
        "name.txt": "move_back",
        "made.py": "remove",
    }
    assert (plan["left"], plan["commands"]) == ([], ["sh -c true"])
    (world.root / "new/made.py").write_text("mine = True\n")

    code, message = await editor.fails("postil/session/rewind", target | {"plan": plan["plan"]})
    assert (code, message) == (-32803, "Files have changed since the list was made. Look at the list again.")
    assert buffer.text == "x = 3\ny = 2\n# mine\n"
    plan = await editor.command("postil.server.session.preview", target)
    assert [(it["uri"].rpartition("/")[2], it["why"]) for it in plan["left"]] == [
        ("made.py", "It was created here, and edited since.")
    ]
    result = await editor.request(
        "postil/session/rewind", target | {"plan": plan["plan"], "conversation": True}
    )
    assert result["asked"] is False
    assert [it["uri"] for it in result["left"]] == [it["uri"] for it in plan["left"]]
    assert buffer.text == SAVED + "# mine\n"
    assert path.read_text() == SAVED + "# mine\n", "the document was saved before, so it is saved again"
    assert names(world.root) == ["app.py", "name.txt", "new/made.py", "old.txt"]
    assert isinstance(world.journal(session["sessionId"])[-1], Rewound)


async def test_a_target_is_a_turn_or_a_change(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    session = await editor.request("postil/session/new", {})
    only = {"sessionId": session["sessionId"]}
    for wrong in (only, only | {"turnId": "t", "changeId": "c"}):
        command = {"command": "postil.server.session.preview", "arguments": [wrong]}
        code, message = await editor.fails("workspace/executeCommand", command)
        assert code == -32602
        assert message.endswith("name either a turn or a change")
    code, message = await editor.fails("postil/session/rewind", only | {"turnId": "t", "plan": ""})
    assert (code, message) == (-32803, "There is no such turn to go back to.")
