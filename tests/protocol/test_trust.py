"""Trust in the editor: one quiet question, a command, and an editor's own trust, which only tightens."""

from __future__ import annotations

from pathlib import Path

from postil.core.events import ConfigurationInForce
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import OURS, World, initialize_params
from tests.support.trusted import trusted

GIT: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "git status"}}
LS: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "ls"}}
DONE: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
COMMAND = "postil.server.trust"


async def asked(world: World, preset: str = "vscode", *, ours: bool = True) -> Editor:
    """An editor with a document open, whose agent wants to run git in a workspace that nobody knows."""
    await world.play(GIT | {"times": "any"}, DONE)
    editor = await world.editor(preset, ours=ours)
    buffer = editor.open(world.file("a.py", "x = 1\n"))
    point = {"line": 0, "character": 0}
    await editor.command(
        "postil.server.ask", {"uri": buffer.uri, "range": {"start": point, "end": point}, "text": "Look."}
    )
    await editor.until(lambda: len(editor.questions()) == 2)
    return editor


def about_trust(editor: Editor) -> Json:
    (found,) = [it for _, it in editor.questions() if "trust a folder" in it["message"]]
    return found


async def answer(editor: Editor, title: str) -> None:
    buffer = next(iter(editor.buffers.values()))
    actions = await editor.actions(buffer, 0, [about_trust(editor)])
    (action,) = [it for it in actions if it["title"] == f"Postil: {title}"]
    await editor.run(action)


def trust_in_force(world: World, session_id: str) -> list[bool]:
    return [it.trusted for it in world.journal(session_id) if isinstance(it, ConfigurationInForce)]


async def test_trusting_by_a_quick_fix_lets_git_run_and_is_remembered(world: World) -> None:
    editor = await asked(world, "neovim", ours=False)
    message = about_trust(editor)["message"]
    assert message.startswith(f"Postil asks whether to trust a folder: {world.root}. Answer by Quick Fix.")
    assert "until then: reading works" in message
    await answer(editor, "Trust this folder")
    await editor.until(lambda: not editor.questions())
    (row,) = (await editor.command("postil.server.session.list"))["sessions"]
    assert trust_in_force(world, row["sessionId"]) == [False, True]
    await editor.leave()
    await world.play(GIT, DONE)
    again = await world.editor()
    again.open(world.root / "a.py")
    await again.request("postil/session/prompt", {"text": "Look."})
    await again.event("TurnEnded")
    assert not again.events("PermissionAsked")


async def test_kept_restricted_it_still_asks_about_git_and_never_about_trust(world: World) -> None:
    editor = await asked(world)
    await answer(editor, "Keep it restricted")
    await editor.until(lambda: len(editor.questions()) == 1)
    await editor.answer("Deny")
    await editor.event("TurnEnded")
    session = await editor.request("postil/session/new", {})
    await editor.request("postil/session/prompt", {"text": "Look.", "sessionId": session["sessionId"]})
    await editor.until(lambda: len(editor.questions()) == 1)
    assert not [it for _, it in editor.questions() if "trust a folder" in it["message"]]


async def test_reading_asks_nothing(world: World) -> None:
    await world.play(LS, DONE)
    editor = await world.editor()
    editor.open(world.file("a.py", "x = 1\n"))
    await editor.request("postil/session/prompt", {"text": "Look."})
    await editor.event("TurnEnded")
    assert not editor.events("QuestionAsked")
    assert not editor.events("PermissionAsked")


async def test_the_command_says_decides_and_takes_back(world: World) -> None:
    editor = await asked(world)
    told = await editor.command(COMMAND)
    assert (told["trusted"], told["undecided"]) == (False, [world.root.as_uri()])
    assert (await editor.command(COMMAND, {"verdict": "trusted"}))["trusted"]
    await editor.until(lambda: not editor.questions())
    await editor.event("TurnEnded")
    told = await editor.command(COMMAND, {"verdict": "restricted"})
    assert told == {"trusted": False, "why": f"{world.root} is restricted, as you said", "undecided": []}
    told = await editor.command(COMMAND, {"verdict": "undecided"})
    assert (told["trusted"], told["undecided"]) == (False, [world.root.as_uri()])


async def test_two_sessions_ask_once(world: World) -> None:
    editor = await asked(world)
    session = await editor.request("postil/session/new", {})
    await editor.request("postil/session/prompt", {"text": "Look.", "sessionId": session["sessionId"]})
    await editor.until(lambda: len(editor.questions()) == 3)
    await answer(editor, "Trust this folder")
    await editor.until(lambda: not editor.questions())
    await editor.event("TurnEnded", 2)


async def test_an_editor_that_does_not_trust_it_has_the_last_word(world: World) -> None:
    trusted(world.root, world.state)
    await world.play(GIT, DONE)
    capabilities = initialize_params("vscode", world.root, ours=True)["capabilities"]
    capabilities["experimental"] = {"postil": OURS["postil"] | {"trusted": False}}
    editor = await world.editor(capabilities=capabilities)
    editor.open(world.file("a.py", "x = 1\n"))
    await editor.request("postil/session/prompt", {"text": "Look."})
    await editor.until(lambda: len(editor.questions()) == 1)
    assert not editor.events("QuestionAsked"), "the editor is where that is changed"
    told = await editor.command("postil.server.trust.client", {"trusted": True})
    assert told["trusted"]
    await editor.event("TurnEnded")


async def test_options_at_the_start_only_tighten(world: World) -> None:
    trusted(world.root, world.state)
    for options, expected in (
        ({"trusted": False}, False),
        ({"postil": {"trusted": False}}, False),
        ({"trusted": True}, True),
        ({"postil": {"trusted": "no"}}, True),
        ({"postil": 1}, True),
    ):
        editor = await world.editor(initializationOptions=options)
        assert (await editor.command(COMMAND))["trusted"] is expected, options
        await editor.leave()


async def test_the_least_trusted_folder_of_several_decides(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    trusted(world.root, world.state)
    folders = [{"uri": it.as_uri(), "name": it.name} for it in (world.root, other)]
    editor = await world.editor(workspaceFolders=folders)
    told = await editor.command(COMMAND)
    assert (told["trusted"], told["undecided"]) == (False, [other.as_uri()])
    trusted(other, world.state)
    assert (await editor.command(COMMAND))["trusted"]
