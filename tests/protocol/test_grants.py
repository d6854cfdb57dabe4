"""Grants in the editor: the page, its lenses and hovers, taking one back from anywhere, at once and for every window."""

import asyncio
import re
from typing import Any

import pytest
from lsprotocol import types

from postil.workspace.files.uris import uri_to_path
from tests.support.asking import run
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World
from tests.support.trusted import trusted


@pytest.fixture(autouse=True)
def _in_a_trusted_folder(world: World) -> None:
    trusted(world.root, world.state)


MAKE = "python3 -c pass"
SHELL: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": MAKE}, "times": "any"}
DONE: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
RAN: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "python3 run.py"}}
RULE = f"Bash({MAKE})"
REVOKE = "Postil: Revoke this grant"


async def granted(world: World, *titles: str, preset: str = "vscode") -> tuple[Editor, str]:
    """An editor in whose first session the same command was asked about and answered so, once for each title."""
    await world.play(SHELL, DONE)
    editor = await world.editor(preset)
    editor.open(world.file("a.py", "x = 1\n"))
    session_id = ""
    for number, title in enumerate(titles, 1):
        turn = await editor.request("postil/session/prompt", {"text": "Build it."})
        session_id = turn["sessionId"]
        await editor.answer(title)
        await editor.event("TurnEnded", number)
    return editor, session_id


async def prompt(editor: Editor, session_id: str, ends: int) -> None:
    await editor.request("postil/session/prompt", {"text": "Again.", "sessionId": session_id})
    await editor.event("TurnEnded", ends)


async def page(editor: Editor) -> tuple[Json, Buffer]:
    """Ask for the page, and open it as the editor does that is asked to show it."""
    opened: list[Buffer] = []

    def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        path = uri_to_path(params.uri)
        assert path is not None
        opened.append(editor.open(path))
        return types.ShowDocumentResult(success=True)

    editor.serve(types.WINDOW_SHOW_DOCUMENT, show)
    listed = await editor.command("postil.server.grants", {})
    (buffer,) = opened
    assert buffer.uri == listed["uri"]
    return listed, buffer


async def lenses(editor: Editor, buffer: Buffer) -> list[Json]:
    return await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})


async def reloaded(editor: Editor, buffer: Buffer, without: str) -> Buffer:
    """Wait until the file says so, and reload it as an editor does."""

    def text() -> str:
        return buffer.path.read_text("utf-8")

    async with asyncio.timeout(40):
        while without in text():
            await editor.command("postil.server.session.list", {})
    editor.close(buffer)
    return editor.open(buffer.path)


async def test_the_page_lists_each_grant_with_where_it_came_from_and_how_it_was_used(world: World) -> None:
    folder = world.root.parent / "settings"
    folder.mkdir()
    (folder / "settings.toml").write_text('allow = ["Edit(notes/**)"]\n')
    world.env["POSTIL_CONFIG_DIR"] = str(folder)
    editor, session_id = await granted(world, "Always allow…")
    await prompt(editor, session_id, 2)
    listed, buffer = await page(editor)
    kept, own = listed["grants"]
    assert (kept["rule"], kept["scope"], kept["uses"], kept["asked"]) == (RULE, "workspace", 1, MAKE)
    assert (kept["sessionId"], kept["sessionTitle"], kept["face"]) == (session_id, "Build it.", "lsp:VS Code")
    assert kept["usedAt"] >= kept["at"] > 0
    assert (own["rule"], own["scope"], own["grantId"], own["uses"]) == ("Edit(notes/**)", "user", "", 0)
    assert own["file"] == str(folder / "settings.toml")
    lines = buffer.text.splitlines()
    (line,) = [it for it in lines if it.startswith(f"- `{RULE}`, given ")]
    assert re.fullmatch(
        rf"- `{re.escape(RULE)}`, given \S+ \S+ \(less than a day ago\) by you in VS Code, used 1 time, last \S+ \S+",
        line,
    )
    assert lines[lines.index(line) + 1] == f"    - when asked about `{MAKE}`, in the session `Build it.`"
    assert any(it.startswith("- `Edit(notes/**)`, in [settings\\.toml](file://") for it in lines)
    (decided, answered) = listed["recent"]
    assert (decided["rules"], decided["by"], answered["by"]) == ([RULE], "rule", "person")
    (lens,) = await lenses(editor, buffer)
    assert lens["range"]["start"]["line"] == lines.index(line)
    assert lens["command"]["title"] == "Revoke"
    assert buffer.path.stat().st_mode & 0o777 == 0o600


async def test_a_lens_revokes_at_once_and_the_page_says_so(world: World) -> None:
    editor, session_id = await granted(world, "Allow for this session")
    _, buffer = await page(editor)
    (lens,) = await lenses(editor, buffer)
    assert await editor.run(lens) == {"revoked": True}
    assert RULE + "`, given" not in buffer.path.read_text("utf-8"), "before it is answered"
    assert await lenses(editor, await reloaded(editor, buffer, RULE + "`, given")) == []
    assert [it["grant_id"] for it in editor.events("GrantRevoked")] == [
        lens["command"]["arguments"][0]["grantId"]
    ]
    await editor.request("postil/session/prompt", {"text": "Again.", "sessionId": session_id})
    await editor.answer("Deny")
    await editor.event("TurnEnded", 2)


async def test_a_code_action_revokes_what_holds_for_the_workspace(world: World) -> None:
    editor, session_id = await granted(world, "Always allow…")
    _, buffer = await page(editor)
    line = next(number for number, it in enumerate(buffer.text.splitlines()) if it.startswith(f"- `{RULE}`"))
    (action,) = [it for it in await editor.actions(buffer, line) if it["title"] == REVOKE]
    assert not [it for it in await editor.actions(buffer, 0) if it["title"] == REVOKE]
    assert await editor.run(action) == {"revoked": True}
    assert await editor.run(action) == {"revoked": False}
    await editor.request("postil/session/prompt", {"text": "Again.", "sessionId": session_id})
    await editor.answer("Deny")
    await editor.event("TurnEnded", 2)


async def test_it_is_revoked_in_the_terminal_while_the_session_runs(world: World) -> None:
    """The page follows, and so does the next decision."""
    editor, session_id = await granted(world, "Always allow…")
    _, buffer = await page(editor)
    done = await cli(world, "permissions", "revoke", RULE)
    assert done.out == f"Revoked: {RULE}\n"
    await reloaded(editor, buffer, RULE + "`, given")
    await editor.request("postil/session/prompt", {"text": "Again.", "sessionId": session_id})
    await editor.answer("Deny")
    await editor.event("TurnEnded", 2)


async def test_what_one_window_gives_and_takes_counts_in_the_other(world: World) -> None:
    first, _ = await granted(world, "Always allow…")
    second = await world.editor()
    second.open(world.root / "a.py")
    turn = await second.request("postil/session/prompt", {"text": "Build it."})
    await second.event("TurnEnded")
    assert not second.events("PermissionAsked")
    (grant,) = (await first.command("postil.server.grants", {"show": False}))["grants"]
    assert grant["uses"] == 1
    revoked = await asyncio.gather(
        *(it.command("postil.server.revoke", {"grantId": grant["grantId"]}) for it in (first, second))
    )
    assert sorted(it["revoked"] for it in revoked) == [False, True], "from two places at once, one was first"
    await second.request("postil/session/prompt", {"text": "Again.", "sessionId": turn["sessionId"]})
    await second.answer("Deny")
    await second.event("TurnEnded", 2)


async def test_a_grant_of_a_session_is_revoked_while_that_is_closed_and_not_while_another_has_it(
    world: World,
) -> None:
    first, session_id = await granted(world, "Allow for this session")
    second = await world.editor()
    (grant,) = (await second.command("postil.server.grants", {"show": False}))["grants"]
    assert (grant["scope"], grant["sessionId"]) == ("session", session_id)
    command = {"command": "postil.server.revoke", "arguments": [{"grantId": grant["grantId"]}]}
    _, message = await second.fails("workspace/executeCommand", command)
    assert f"(process {first.process.pid} since" in message
    assert await first.leave() == 0
    assert await second.command("postil.server.revoke", {"grantId": grant["grantId"]}) == {"revoked": True}
    assert [it.type for it in world.journal(session_id)][-2:] == ["GrantRevoked", "SessionClosed"]
    assert (await second.command("postil.server.grants", {"show": False}))["grants"] == []


async def test_a_hover_says_which_rule_won_and_which_lost(world: World) -> None:
    folder = world.root.parent / "settings"
    folder.mkdir()
    (folder / "settings.toml").write_text('ask = ["Bash(python3:*)"]\nallow = ["Bash(python3 -c pass)"]\n')
    world.env["POSTIL_CONFIG_DIR"] = str(folder)
    editor, _ = await granted(world, "Deny")
    _, buffer = await page(editor)
    lines = buffer.text.splitlines()
    row = next(number for number, it in enumerate(lines) if " denied " in it)
    said = (await hover(editor, buffer, row))["contents"]["value"].replace("\\", "")
    assert said.split("\n") == [
        "- won: your answer in VS Code",
        f"- lost: allow {RULE} (user)",
        "- why: denied",
        "- checks that fired: operand-roles, options, tool-config",
    ]
    own = next(number for number, it in enumerate(lines) if it.startswith(f"- `{RULE}`, in "))
    said = (await hover(editor, buffer, own))["contents"]["value"].replace("\\", "")
    assert f"lost: Run {MAKE}" in said or f"lost: {MAKE}" in said
    assert await hover(editor, buffer, 0) is None


async def hover(editor: Editor, buffer: Buffer, line: int) -> Any:
    position = {"line": line, "character": 2}
    return await editor.request(
        "textDocument/hover", {"textDocument": {"uri": buffer.uri}, "position": position}
    )


async def test_a_client_that_shows_virtual_documents_gets_no_file(world: World) -> None:
    await world.play(SHELL, DONE)
    editor = await world.editor(capabilities=virtual(world))
    editor.open(world.file("a.py", "x = 1\n"))
    await editor.request("postil/session/prompt", {"text": "Build it."})
    await editor.answer("Always allow…")
    await editor.event("TurnEnded")
    listed = await editor.command("postil.server.grants", {"show": False})
    assert listed["uri"] == "postil:/grants.md"
    content = await editor.request("workspace/textDocumentContent", {"uri": listed["uri"]})
    assert content["text"].startswith("# Grants\n")
    assert RULE in content["text"]
    assert (await editor.request("workspace/textDocumentContent", {"uri": "postil:/other"}))["text"] == ""
    assert not list(world.state.rglob("grants.md"))


def virtual(world: World) -> Json:
    """What a client says that shows documents without files."""
    del world
    return {
        "workspace": {"textDocumentContent": {}},
        "window": {"showDocument": {"support": True}},
        "experimental": {"postil": {"protocol": 1, "documents": True}},
    }


@pytest.mark.parametrize(
    ("command", "want"),
    [
        ("git status", {"verdict": "allow", "rules": [], "lost": [], "lastingRules": []}),
        ("make check", {"verdict": "ask", "lastingRules": ["Bash(make check)"]}),
        (MAKE, {"verdict": "allow", "rules": [RULE], "why": f"allowed by {RULE} (user)"}),
        ("rm -rf ~", {"verdict": "deny", "rules": [], "lastingRules": []}),
    ],
)
async def test_why_a_command_would_be_asked_about(world: World, command: str, want: Json) -> None:
    editor, _ = await granted(world, "Always allow…")
    found = await editor.command("postil.server.why", {"command": command})
    assert {key: found[key] for key in want} == want
    assert found["parts"][0]["text"] == command


async def test_why_in_a_session_is_under_its_mode_and_grants(world: World) -> None:
    editor, session_id = await granted(world, "Allow for this session")
    found = await editor.command("postil.server.why", {"command": MAKE, "sessionId": session_id})
    assert (found["verdict"], found["rules"]) == ("allow", [RULE])
    assert (await editor.command("postil.server.why", {"command": MAKE}))["verdict"] == "ask"
    await editor.command("postil.server.session.mode", {"sessionId": session_id, "mode": "plan"})
    found = await editor.command("postil.server.why", {"command": MAKE, "sessionId": session_id})
    assert (found["verdict"], found["lost"]) == ("deny", [f"allow {RULE} (session)"])
    assert found["why"].startswith("this mode runs only what is known to read; ")


async def test_a_lasting_answer_to_a_question_that_outlived_its_server(world: World) -> None:
    """It is given to the next server, sets the grant there, and what was asked about runs once."""
    await world.play(*(it | {"times": "any"} for it in (RAN, DONE)))
    first = await world.editor()
    first.open(world.file("a.py", "x = 1\n"))
    world.file("run.py", "open('ran', 'a').write('ran\\n')\n")
    session_id = (await first.request("postil/session/prompt", {"text": "Run it."}))["sessionId"]
    await first.question()
    await first.kill()
    second = await world.editor()
    second.open(world.root / "a.py")
    await second.request("postil/session/attach", {"sessionId": session_id, "after": 0})
    assert (await second.command("postil.server.grants", {"show": False}))["grants"] == []
    await second.answer("Always allow…")
    await second.event("TurnEnded")
    assert (world.root / "ran").read_text() == "ran\n"
    (grant,) = (await second.command("postil.server.grants", {"show": False}))["grants"]
    assert (grant["scope"], grant["uses"]) == ("workspace", 0)
    await prompt(second, session_id, 2)
    assert (world.root / "ran").read_text() == "ran\nran\n"
    assert len(second.events("PermissionAsked")) <= 1


async def cli(world: World, *arguments: str) -> Any:
    done = await run(*arguments, cwd=world.root, env=world.env)
    assert done.status == 0, done
    return done
