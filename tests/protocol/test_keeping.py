"""What a client of ours hands over and asks for: the key, settings, models, modes, kept texts, and deleting a session."""

from __future__ import annotations

from pathlib import Path

from postil.core.events import ConfigurationInForce, FileChanged, TurnEnded
from postil.workspace.sandbox.choice import choose
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

KEY = "sk-ant-a-key-that-nobody-may-see-5d41402abc4b"
NO_KEY = {"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": "", "ANTHROPIC_BASE_URL": ""}
EDIT: Json = {"tool": "edit", "input": {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}}


async def test_a_key_is_held_in_memory_alone_and_taken_back(world: World, tmp_path: Path) -> None:
    world.settings("")
    world.env |= {**NO_KEY, "POSTIL_LOG": "DEBUG", "HOME": str(tmp_path)}
    editor = await world.editor()
    assert await editor.request("postil/key", {}) == {"source": None, "problem": ""}
    assert await editor.request("postil/key", {"key": KEY}) == {"source": "editor", "problem": ""}
    assert await editor.request("postil/key", {}) == {"source": "editor", "problem": ""}
    code, message = await editor.fails("postil/key", {"key": "two words"})
    assert code == -32803
    assert "not a key" in message
    assert "two words" not in message
    code, message = await editor.fails("postil/key", {"key": KEY * 200})
    assert code == -32602
    assert KEY not in message
    await editor.request("postil/session/new", {})
    assert await editor.request("postil/key", {"key": ""}) == {"source": None, "problem": ""}
    assert await editor.leave() == 0
    assert KEY not in editor.stderr
    texts = contents(tmp_path)
    assert texts
    assert [it for it in texts if KEY.encode() in it] == []


def contents(folder: Path) -> list[bytes]:
    return [it.read_bytes() for it in folder.rglob("*") if it.is_file()]


async def test_the_environments_key_comes_before_the_editors(world: World) -> None:
    world.env |= {**NO_KEY, "ANTHROPIC_API_KEY": "another"}
    editor = await world.editor()
    assert (await editor.request("postil/key", {"key": KEY}))["source"] == "environment"


async def with_settings(world: World, settings: Json, *, ours: bool = True) -> Editor:
    options: Json = {"initializationOptions": {"postil": {"settings": settings, "trusted": True}}}
    return await world.editor("vscode", ours=ours, **options)


async def test_the_persons_settings_in_the_editor_count_behind_their_file(world: World) -> None:
    world.settings('model = "of-the-file"\nmax_steps = 7\n[limits]\nsession = 3.0\nturn = 1.0\n')
    await world.play("Hello.")
    editor = await with_settings(
        world, {"model": "of-the-editor", "mode": "plan", "limits": {"session": 5.0}, "allow": ["Bash"]}
    )
    session = await editor.request("postil/session/new", {})
    (begun,) = [it for it in world.journal(session["sessionId"]) if isinstance(it, ConfigurationInForce)]
    assert (begun.model, begun.mode, begun.limits.steps) == ("of-the-editor", "plan", 7)
    assert (begun.limits.session.cost, begun.limits.turn.cost) == (5.0, 1.0)
    assert begun.rules == ()


async def test_settings_of_an_editor_that_is_not_ours_are_not_read(world: World) -> None:
    await world.play("Hello.")
    editor = await with_settings(world, {"mode": "accept-edits"}, ours=False)
    session = await editor.command("postil.server.session.new", {})
    (begun,) = [it for it in world.journal(session["sessionId"]) if isinstance(it, ConfigurationInForce)]
    assert begun.mode == "default"


async def test_models_and_modes_are_listed_with_what_new_sessions_have(world: World) -> None:
    await world.play("Hello.")
    editor = await with_settings(world, {"mode": "plan", "model": "claude-opus-5"})
    models = await editor.request("postil/models", {})
    assert models["default"] == "claude-opus-5"
    (row,) = [it for it in models["models"] if it["name"] == "claude-opus-5"]
    assert row["window"] > 0
    assert row["inputPrice"] > 0
    assert all(not it["name"].endswith("-") for it in models["models"])
    modes = await editor.request("postil/modes", {})
    assert modes["default"] == "plan"
    assert {"default", "accept-edits", "plan", "deny-all"} <= {it["name"] for it in modes["modes"]}
    assert all(it["title"] and it["description"] for it in modes["modes"])


async def edited(world: World) -> tuple[Editor, Json, FileChanged]:
    world.file("a.py", "x = 1\n")
    world.trust()
    await world.play({"when": {"after": "prompt"}, "blocks": [EDIT]}, "Done.")
    editor = await with_settings(world, {"mode": "accept-edits"})
    begun = await editor.request("postil/session/prompt", {"text": "Do it."})
    only = {"sessionId": begun["sessionId"]}
    await editor.event("TurnEnded")
    (changed,) = [it for it in world.journal(begun["sessionId"]) if isinstance(it, FileChanged)]
    return editor, only, changed


async def test_texts_before_and_after_a_change_are_given_while_they_are_kept(world: World) -> None:
    editor, only, changed = await edited(world)
    for key, text in (
        (changed.before, "x = 1\n"),
        (changed.after, "x = 2\n"),
        ("0" * 64, None),
        ("../key", None),
    ):
        assert await editor.request("postil/session/text", only | {"hash": key}) == {"text": text}
    await editor.request("postil/session/close", only)
    assert await editor.request("postil/session/text", only | {"hash": changed.after}) == {"text": "x = 2\n"}


async def test_a_session_is_deleted_for_good_and_files_stay(world: World) -> None:
    editor, only, _ = await edited(world)
    assert await editor.request("postil/session/delete", only) == {}
    assert (await editor.request("postil/session/list", {}))["sessions"] == []
    assert list(world.state.glob("workspaces/*/sessions/*/journal.jsonl")) == []
    code, message = await editor.fails("postil/session/delete", only)
    assert (code, "There is no session" in message) == (-32803, True)
    code, _ = await editor.fails("postil/session/delete", {"sessionId": "../../etc"})
    assert code == -32803


async def test_the_sandbox_is_told_or_why_there_is_none(world: World) -> None:
    editor = await world.editor()
    told = await editor.request("postil/sandbox", {})
    mechanism = choose()
    if mechanism.lets_work:
        assert told == {"name": mechanism.title, "why": "", "network": False}
    else:
        assert (told["name"], told["network"], bool(told["why"])) == ("", False, True)
    assert await editor.leave() == 0

    world.env["HOME"] = str(world.root)
    inside = await world.editor()
    if mechanism.lets_work:
        assert (await inside.request("postil/sandbox", {}))["why"] == "the workspace holds your home"


async def test_what_one_window_keeps_is_kept_in_the_next_and_in_one_that_reads_along(world: World) -> None:
    editor, only, changed = await edited(world)
    reader = await world.editor()
    attach = only | {"after": 0}
    assert (await reader.request("postil/session/attach", attach))["readOnly"]
    keep: Json = {
        "command": "postil.server.session.keep",
        "arguments": [only | {"changeIds": [changed.change_id]}],
    }
    _, refused = await reader.fails("workspace/executeCommand", keep)
    assert refused.startswith("This session is open in another window (process ")
    await editor.request("workspace/executeCommand", keep)
    for window in (editor, reader):
        told = await window.event("ChangesKept")
        assert told["change_ids"] == [changed.change_id]
    assert await editor.leave() == 0

    again = await world.editor()
    events = (await again.request("postil/session/attach", attach))["events"]
    assert [it["event"]["face"] for it in events if it["event"]["type"] == "ChangesKept"] == ["lsp:VS Code"]


async def test_a_change_is_kept_of_a_file_and_never_of_one_that_it_did_not_change(world: World) -> None:
    world.file("a.py", "x = 1\n")
    world.trust()
    await world.play({"when": {"after": "prompt"}, "blocks": [EDIT]}, "Done.")
    editor = await with_settings(world, {"mode": "accept-edits"})
    begun = await editor.request("postil/session/prompt", {"text": "Do it."})
    await editor.event("TurnEnded")
    only = {"sessionId": begun["sessionId"]}
    first, *_ = editor.events("FileChanged")
    ids = [first["change_id"]]
    strange = {
        "command": "postil.server.session.keep",
        "arguments": [only | {"changeIds": ids, "paths": ["/c"]}],
    }
    _, said = await editor.fails("workspace/executeCommand", strange)
    assert said == "None of these changes is of '/c'."
    await editor.command("postil.server.session.keep", only | {"changeIds": ids, "paths": [first["path"]]})
    await editor.command("postil.server.session.keep", only | {"changeIds": ids, "paths": [first["path"]]})
    await editor.command("postil.server.session.keep", only | {"changeIds": ids})
    assert [it["paths"] for it in editor.events("ChangesKept")] == [[first["path"]]]


async def test_a_change_is_kept_while_the_turn_goes_on(world: World) -> None:
    world.file("a.py", "x = 1\n")
    world.trust()
    shell: Json = {"tool": "shell", "input": {"command": "rm a.py"}}
    await world.play({"when": {"after": "prompt"}, "blocks": [EDIT]}, {"blocks": [shell]}, "Done.")
    editor = await with_settings(world, {"mode": "accept-edits"})
    begun = await editor.request("postil/session/prompt", {"text": "Do it."})
    changed = await editor.event("FileChanged")
    await editor.event("PermissionAsked")
    only = {"sessionId": begun["sessionId"]}
    await editor.command("postil.server.session.keep", only | {"changeIds": [changed["change_id"]]})
    await editor.event("ChangesKept")
    assert [it for it in world.journal(begun["sessionId"]) if isinstance(it, TurnEnded)] == []
