"""Every custom method, as a request and as a command: what it does, and the sentence where it cannot."""

from pathlib import Path
from typing import Any

import pytest

from postil.core.events import PromptReceived, SessionCreated
from postil.journal.layout import JOURNAL, Layout
from postil.lsp.methods import METHODS, by_name
from postil.workspace.files.real_disk import RealDisk
from tests.support.journals import result, write_journal
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import SERVE, World
from tests.support.stdio_client import StdioClient

INVALID_PARAMS, METHOD_NOT_FOUND, REQUEST_FAILED = -32602, -32601, -32803
POINT = {"line": 0, "character": 0}
PLACE: Json = {"uri": "file:///nowhere.py", "range": {"start": POINT, "end": POINT}}
NOWHERE = "s0000000000000000"


async def call(editor: Editor, name: str, params: Json, *, command: bool) -> Any:
    """Ask for a row of the table, in one of its two forms."""
    row = by_name[name]
    return await (editor.command(row.command, params) if command else editor.request(row.method, params))


async def test_every_row_is_a_command_and_most_are_requests(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    assert editor.capabilities is not None
    provider = editor.capabilities.execute_command_provider
    assert provider is not None
    assert list(provider.commands) == sorted(row.command for row in METHODS)
    offered: Any = editor.capabilities.experimental
    assert offered["postil"]["protocol"] == 1
    for row in METHODS:
        if not row.request:
            assert (await editor.fails(row.method, {}))[0] == METHOD_NOT_FOUND


@pytest.mark.parametrize("command", [False, True])
async def test_the_life_of_a_session(world: World, *, command: bool) -> None:
    await world.play(
        {"when": {"user": "^Ask"}, "tool": "ask_user", "input": {"question": "Tabs or spaces?"}},
        {"text": "Yes.", "times": "any"},
    )
    editor = await world.editor()
    session = await call(editor, "session/new", {}, command=command)
    only = {"sessionId": session["sessionId"]}
    attached = await call(editor, "session/attach", only | {"after": 1}, command=command)
    assert [it["event"]["type"] for it in attached["events"]] == [
        "AgentTypeInForce",
        "ConfigurationInForce",
        "SkillsInForce",
    ]

    turn = await call(editor, "session/prompt", only | {"text": "Hello?"}, command=command)
    ended = await editor.event("TurnEnded")
    assert (turn["sessionId"], turn["turnId"]) == (session["sessionId"], ended["turn_id"])
    assert await call(editor, "session/cancel", only, command=command) == {"cancelled": False}

    await call(editor, "session/prompt", only | {"text": "Ask me."}, command=command)
    question = (await editor.event("QuestionAsked"))["question"]
    answer = only | {"questionId": question["id"], "text": "Tabs."}
    assert await call(editor, "session/answer", answer, command=command) == {}
    await editor.event("TurnEnded", 2)
    assert "Tabs." in str(world.model.requests[2].body["messages"])

    resumed = await call(editor, "session/resume", only, command=command)
    assert (await editor.event("TurnEnded", 3))["turn_id"] == resumed["turnId"]
    (row,) = (await call(editor, "session/list", {}, command=command))["sessions"]
    assert (row["sessionId"], row["title"], row["turns"]) == (session["sessionId"], "Hello?", 3)
    assert (row["open"], row["busy"], row["questions"]) == (True, False, 0)
    assert await call(editor, "session/close", only, command=command) == {}
    await editor.event("SessionClosed")
    (row,) = (await call(editor, "session/list", {}, command=command))["sessions"]
    assert row["open"] is False


async def test_the_commands_of_a_place(world: World) -> None:
    path = world.file("app.py", "first\nsecond 🎈 line\n")
    await world.play({"text": "Yes.", "times": "any"})
    editor = await world.editor()
    buffer = editor.open(path, "first\nsecond 🎈 typed\n")
    span = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 10}}
    place = {"uri": buffer.uri, "range": span}
    for count, (name, words) in enumerate(
        [
            ("ask", "Do what the selected text asks for"),
            ("fix", "Fix this problem"),
            ("explain", "Change nothing"),
        ],
        start=1,
    ):
        await call(editor, name, place | {"diagnostic": "E1: wrong"}, command=True)
        await editor.event("TurnEnded", count)
        sent = str(world.model.requests[-1].body["messages"][-1])
        assert words in sent
        assert "second 🎈 typed" in sent
    received = editor.events("PromptReceived")[-1]
    assert received["anchor"] == {
        "uri": buffer.uri,
        "line": 1,
        "character": 0,
        "end_line": 1,
        "end_character": 10,
    }


@pytest.mark.parametrize(("preset", "units"), [("neovim", 12), ("utf-32", 9), ("vscode", 10)])
async def test_a_place_is_kept_in_utf_16_and_shown_in_the_editors_own_units(
    world: World, preset: str, units: int
) -> None:
    path = world.file("app.py", "second 🎈 line\n")
    await world.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "sh -c true"}}, {"text": "Yes."}
    )
    editor = await world.editor(preset)
    buffer = editor.open(path)
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": units}}
    await editor.command("postil.server.ask", {"uri": buffer.uri, "range": span})
    assert (await editor.event("PromptReceived"))["anchor"]["end_character"] == 10
    _, diagnostic = await editor.question()
    assert diagnostic["range"] == span
    await editor.answer("Deny")
    await editor.event("TurnEnded")


async def test_the_mode_can_be_changed(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    session = await editor.request("postil/session/new", {})
    only = {"sessionId": session["sessionId"]}
    assert await editor.command("postil.server.session.mode", only | {"mode": "plan"}) == {}
    assert (await editor.event("ConfigurationInForce", 2))["mode"] == "plan"


WRONG: list[tuple[str, Any, str]] = [
    ("session/new", {"mode": 5}, "mode"),
    ("session/attach", {}, "sessionId"),
    ("session/attach", {"sessionId": "x" * 5_000}, "sessionId"),
    ("session/attach", {"sessionId": NOWHERE, "after": "one"}, "after"),
    ("session/attach", {"sessionId": NOWHERE, "after": -1}, "after"),
    ("session/prompt", {}, "text"),
    ("session/prompt", {"text": ["a"]}, "text"),
    ("session/prompt", {"text": "a", "context": [{"kind": "sound", "path": "a"}]}, "context.0.kind"),
    ("session/prompt", {"text": "a", "anchor": {"line": 1}}, "anchor.uri"),
    ("session/answer", {"sessionId": NOWHERE}, "questionId"),
    ("session/cancel", {"sessionId": None}, "sessionId"),
    ("session/resume", {}, "sessionId"),
    ("session/close", {"sessionId": 1}, "sessionId"),
    ("session/mode", {"sessionId": NOWHERE}, "mode"),
    ("session/rewind", {"sessionId": NOWHERE, "turnId": "t"}, "plan"),
    ("session/preview", {"sessionId": NOWHERE, "turnId": 5}, "turnId"),
    ("session/undo", {"changeId": "c"}, "sessionId"),
    ("session/transcript", {}, "sessionId"),
    ("ask", PLACE | {"range": {"start": POINT}}, "range.end"),
    ("fix", PLACE | {"uri": 5}, "uri"),
    ("explain", PLACE | {"range": {"start": {"line": -1, "character": 0}, "end": POINT}}, "range.start.line"),
]


async def test_params_that_do_not_fit_are_refused_by_the_name_of_the_field(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    for name, params, field in WRONG:
        row = by_name[name]
        command: Json = {"command": row.command, "arguments": [params]}
        calls: list[tuple[str, Json]] = [("workspace/executeCommand", command)]
        if row.request:
            calls.append((row.method, params))
        for method, whole in calls:
            code, message = await editor.fails(method, whole)
            assert code == INVALID_PARAMS, (name, params, message)
            assert message.startswith(f"{name}: {field}: "), message
    many: list[list[Any]] = [[1], [{}, {}], ["text"]]
    for arguments in many:
        wrong: Json = {"command": "postil.server.session.list", "arguments": arguments}
        code, message = await editor.fails("workspace/executeCommand", wrong)
        assert (code, message) == (INVALID_PARAMS, "postil.server.session.list takes one object")
    code, message = await editor.fails("workspace/executeCommand", {"command": "postil.server.nothing"})
    assert code == INVALID_PARAMS
    assert "no command" in message


async def test_a_session_that_does_not_exist_is_said_so(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    others: dict[str, Json] = {
        "session/prompt": {"text": "Hello?"},
        "session/answer": {"questionId": "q", "optionId": "allow_once"},
        "session/show": {"questionId": "q"},
        "why": {"command": "make"},
        "session/mode": {"mode": "plan"},
        "session/model": {"model": "m"},
        "session/keep": {"changeIds": ["c"]},
        "session/takeBack": {"promptId": "p"},
        "session/rename": {"title": "Another"},
        "session/text": {"hash": "h"},
        "session/rewind": {"turnId": "t", "plan": ""},
        "session/preview": {"changeId": "c"},
        "session/undo": {"changeId": "c"},
        "finding/show": {"findingId": "f"},
        "finding/apply": {"findingId": "f"},
        "finding/ask": {"findingId": "f"},
        "finding/dismiss": {"findingId": "f"},
    }
    opening = [
        row
        for row in METHODS
        if "session_id" in row.params.model_fields and "uri" not in row.params.model_fields
    ]
    for session_id in (NOWHERE, "../../etc", "", "a b"):
        for row in opening:
            params = {"sessionId": session_id} | others.get(row.name, {})
            if row.name == "session/close":  # closing what is closed is no error
                assert await call(editor, row.name, params, command=True) == {}
                continue
            command = {"command": row.command, "arguments": [params]}
            code, message = await editor.fails("workspace/executeCommand", command)
            assert code == REQUEST_FAILED, (row.name, message)
            assert "session" in message.lower()
    assert await editor.request("postil/session/list", {}) == {"sessions": []}


async def test_answers_that_do_not_fit(world: World) -> None:
    await world.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "sh -c true"}, "times": "any"},
        "Done.",
    )
    editor = await world.editor()
    session = await editor.request("postil/session/new", {})
    only = {"sessionId": session["sessionId"]}
    await editor.request("postil/session/prompt", only | {"text": "Run it."})
    question = (await editor.event("PermissionAsked"))["question"]
    answer = only | {"questionId": question["id"]}
    wrong = await editor.fails("postil/session/answer", answer | {"optionId": "maybe"})
    assert wrong[0] == REQUEST_FAILED
    assert wrong[1].startswith("The question has no answer 'maybe'. It offers allow_once, ")
    assert await editor.request("postil/session/answer", answer | {"optionId": "reject_once"}) == {}
    late = await editor.fails("postil/session/answer", answer | {"optionId": "allow_once"})
    assert late == (REQUEST_FAILED, "That question is not open: it was answered, or its turn has ended.")
    await editor.event("TurnEnded")
    assert [it["decision"] for it in editor.events("PermissionDecided")] == ["deny"]
    mode = {"command": "postil.server.session.mode", "arguments": [only | {"mode": "reckless"}]}
    code, message = await editor.fails("workspace/executeCommand", mode)
    assert code == REQUEST_FAILED
    assert "reckless" in message


async def test_without_a_folder_the_person_is_told_to_open_one(world: World) -> None:
    editor = await world.editor("bare", rootUri=None)
    sentence = "No folder is open. Open a folder: Postil works on the files of a workspace."
    for row in METHODS:
        if row.request:
            params = {"sessionId": NOWHERE, "text": "Hello?", "questionId": "q", "optionId": "o"}
            params |= {
                "turnId": "t",
                "plan": "",
                "hash": "h",
                "promptId": "p",
                "title": "Another",
                "uri": "file:///w",
            }
            assert await editor.fails(row.method, params) == (REQUEST_FAILED, sentence)


async def test_without_a_key_the_turn_says_what_to_do(world: World) -> None:
    path = world.file("app.py", "x = 1\n")
    editor = await world.editor()
    buffer = editor.open(path)
    await editor.request("postil/session/prompt", {"text": "Hello?"})
    ended = await editor.event("TurnEnded")
    assert ended["reason"] == "failed"
    assert "key" in ended["message"].lower()
    assert ended["mend"]
    (diagnostic,) = await editor.until(lambda: editor.diagnostics.get(buffer.uri))
    assert (diagnostic["code"], diagnostic["severity"], diagnostic["source"]) == ("no-key", 1, "Postil")
    assert diagnostic["message"] == f"{ended['message']} {ended['mend']}"


def test_requests_before_initialize_and_after_shutdown(tmp_path: Path) -> None:
    with StdioClient(SERVE, {"POSTIL_STATE_DIR": str(tmp_path)}) as client:
        rows = [row for row in METHODS if row.request]
        for row in rows:
            assert client.request(row.method, {})["error"]["code"] == -32002
        client.initialize()
        client.request("shutdown")
        for row in rows:
            assert client.request(row.method, {})["error"]["code"] == -32600
        client.notify("exit")
        assert client.wait_exit() == 0


async def test_turns_that_nobody_has_counted_are_not_none_at_all(world: World) -> None:
    folder = Layout(RealDisk(), world.state).new_session(world.root, "s0001")
    events = [
        SessionCreated(session_id="s0001", roots=(str(world.root),), face="test", postil="0.1.0"),
        PromptReceived(turn_id="t0001", text="Hello?", face="test"),
        *(result("x" * 60_000) for _ in range(10)),
    ]
    write_journal(folder / JOURNAL, events)
    await world.play("Hello.")
    editor = await world.editor()
    (row,) = (await editor.request("postil/session/list", {}))["sessions"]
    assert (row["title"], row["turns"], row["status"]) == ("Hello?", None, "interrupted")
