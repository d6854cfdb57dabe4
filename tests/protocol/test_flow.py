"""The main job, from a code action to the end of the turn, as each editor goes through it."""

from pathlib import Path
from typing import Any

import pytest

from postil.workspace.files.uris import uri_to_path
from tests.support import text_edits
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

SAVED = (
    "# naïve 🎈 header\r\n"
    "\fdef add(a, b):\r\n"
    "    note = '🎈🎈 sum\u2028of é two'; return a - b  # ü\r\n"
    "\r\n"
    "print(add(2, 3))\r\n"
)
"""A file that has all that goes wrong with lines and positions."""
TYPED = "typed = '🎈 not saved'\r\n"
OLD, NEW = "return a - b  # ü", "return a + b  # ü"
FIXED = (SAVED + TYPED).replace(OLD, NEW)
LINE = 2
"""Where the bug is; the form feed and U+2028 end no line."""

BUG = {
    "range": {"start": {"line": LINE, "character": 4}, "end": {"line": LINE, "character": 8}},
    "severity": 1,
    "source": "checker",
    "code": "E1",
    "message": "add(2, 3) is -1",
}

COMMAND = "sh -c \"grep -c 'a + b' app.py\""
REPLIES: tuple[Json, ...] = (
    {
        "when": {"after": "prompt"},
        "blocks": [
            {"text": "It subtracts."},
            {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": OLD, "new": NEW}]}},
        ],
    },
    {
        "when": {"tool": "edit"},
        "blocks": [{"text": "Now the test."}, {"tool": "shell", "input": {"command": COMMAND}}],
    },
    {"when": {"tool": "shell"}, "blocks": [{"text": "Fixed."}]},
)

EDITORS = [("vscode", True), ("vscode", False), ("neovim", False), ("eglot", False), ("utf-32", True)]
ENCODINGS = {"vscode": "utf-16", "neovim": "utf-8", "eglot": "utf-16", "utf-32": "utf-32"}


async def begin(world: World, preset: str, *, ours: bool) -> tuple[Editor, Buffer]:
    """Open the file with typing that is not saved, and choose *Ask agent to fix*."""
    path = world.file("app.py", SAVED)
    await world.play(*REPLIES)
    editor = await world.editor(preset, ours=ours)
    buffer = editor.open(path)
    editor.type(buffer, len(buffer.text), TYPED)
    actions = await editor.actions(buffer, LINE, [BUG])
    assert [it["title"] for it in actions] == [
        "Ask agent to fix: add(2, 3) is -1",
        "Ask agent…",
        "Explain",
        *(["New agent chat"] if not ours else []),
    ]
    assert actions[0]["diagnostics"] == [BUG]
    assert not any(it.get("isPreferred") for it in actions)
    await editor.run(actions[0])
    return editor, buffer


@pytest.mark.parametrize(("preset", "ours"), EDITORS)
async def test_from_the_code_action_to_the_end_of_the_turn(world: World, preset: str, *, ours: bool) -> None:
    editor, buffer = await begin(world, preset, ours=ours)
    assert editor.encoding == ENCODINGS[preset]

    asked = await editor.answer()
    assert asked["range"]["start"] == asked["range"]["end"] == {"line": LINE, "character": 0}
    assert asked["source"] == "Postil"
    assert asked["severity"] == 3
    assert asked["message"].startswith(f"Postil asks to edit a file: {buffer.path}\nAnswer by Quick Fix.")

    await editor.until(lambda: editor.heard.edits)
    check_edit(editor.heard.edits[0], editor.encoding, preset)

    asked = await editor.answer()
    assert asked["message"].startswith(f"Postil asks to run a command: {COMMAND}\nAnswer by Quick Fix.")
    saves = "saves: app.py" if ours else "waits: until you have saved app.py"
    assert f"\n{saves}\n" in asked["message"]
    assert asked["range"]["start"]["line"] == LINE
    if not ours:
        shown, asked = await editor.question()
        assert (shown, asked["range"]["start"]["line"]) == (buffer, LINE)
        first = asked["message"].splitlines()[0]
        assert first == "Save app.py, then the command runs. Or answer by Quick Fix."
        editor.save(buffer)

    (session_id,) = await turn_ended(editor, ours=ours)
    assert buffer.text == FIXED
    assert not any(editor.diagnostics.values())
    assert [len(it["diagnostics"]) for it in editor.heard.published] == [1, 0] * (2 if ours else 3)
    check_progress(editor, preset)
    await check_saved(editor, buffer, session_id, ours=ours)
    assert world.model.unused == []
    assert "Fix this problem.\\n\\n<diagnostic " in str(world.model.requests[0].body["messages"])


def check_edit(params: Json, encoding: str, preset: str) -> None:
    """One versioned edit of one document, no larger than the change."""
    (change,) = params["edit"]["documentChanges"]
    assert change["textDocument"]["version"] == 2
    assert change["edits"] == [
        {"range": minus_sign(encoding), "newText": "+"},
    ]
    assert params.get("label") == (None if preset == "neovim" else "Postil: Edit app.py")


def minus_sign(encoding: str) -> Json:
    """Return the range of the one character that changes."""
    start = SAVED.index(OLD) + OLD.index("-")
    return {
        "start": text_edits.position_of(SAVED, start, encoding),
        "end": text_edits.position_of(SAVED, start + 1, encoding),
    }


async def turn_ended(editor: Editor, *, ours: bool) -> list[str]:
    """Wait for the end as the person sees it; returns the ids of the sessions there are."""
    if ours:
        ended = await editor.event("TurnEnded")
        assert ended["reason"] == "end_turn"
        assert not editor.client.messages
    else:
        await editor.until(lambda: [it.message for it in editor.client.messages] == ["Postil: Fixed."])
        assert not editor.heard.updates
        replies = ["It subtracts.", "Now the test.", "Fixed."]
        assert [it.message for it in editor.client.log_messages] == [f"Postil: {it}" for it in replies]
    rows = (await editor.command("postil.server.session.list"))["sessions"]
    while any(it["busy"] for it in rows):  # The end is told before all of it is tidied up.
        rows = (await editor.command("postil.server.session.list"))["sessions"]
    assert [(it["open"], it["questions"], it["turns"]) for it in rows] == [(True, 0, 1)]
    return [it["sessionId"] for it in rows]


def check_progress(editor: Editor, preset: str) -> None:
    """Where the client shows progress: one token, begun and ended once, with reports between."""
    kinds = [it["value"]["kind"] for it in editor.heard.progress]
    if preset == "eglot":
        assert (editor.heard.created, kinds) == ([], [])
        return
    (token,) = editor.heard.created
    assert {it["token"] for it in editor.heard.progress} == {token}
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert set(kinds[1:-1]) == {"report"}
    assert editor.heard.progress[0]["value"]["cancellable"] is True
    messages = [it["value"]["message"] for it in editor.heard.progress]
    assert "Waiting for your answer · step 1" in messages
    assert f"Run {COMMAND} · step 2" in messages
    assert messages[-1] == "end turn"


async def check_saved(editor: Editor, buffer: Buffer, session_id: str, *, ours: bool) -> None:
    """The command saw the new text, whoever saved it."""
    attached = await editor.command("postil.server.session.attach", {"sessionId": session_id})
    events = [it["event"] for it in attached["events"]]
    finished: dict[str, Any] = {it["tool"]: it for it in events if it["type"] == "CallFinished"}
    changed = next(it for it in events if it["type"] == "FileChanged")
    assert (changed["where"], changed["added"], changed["removed"]) == ("buffer", 1, 1)
    assert finished["edit"]["outcome"] == "completed"
    assert editor.heard.saves == ([buffer.uri] if ours else [])
    assert buffer.path.read_bytes().decode() == FIXED
    assert finished["shell"]["details"]["exit_code"] == 0


async def test_the_transcript_is_a_file_that_the_editor_is_shown(world: World) -> None:
    path = world.file("app.py", "x = 1\n")
    await world.play("Nothing is wrong.")
    editor = await world.editor()
    buffer = editor.open(path)
    turn = await editor.run((await editor.actions(buffer, 0, [BUG]))[0])
    await editor.event("TurnEnded")
    written = await editor.command("postil.server.session.transcript", {"sessionId": turn["sessionId"]})
    (shown,) = editor.client.shown_documents
    assert shown.uri == written["uri"]
    text = read(written["uri"])
    assert "Fix this problem: add(2, 3) is -1" in text
    assert text.endswith("## Postil\n\nNothing is wrong.\n")


async def test_an_editor_that_shows_no_documents_says_where_the_transcript_is(world: World) -> None:
    path = world.file("app.py", "x = 1\n")
    await world.play("Nothing is wrong.")
    editor = await world.editor("neovim-0.7", ours=False)
    editor.open(path)
    turn = await editor.command("postil.server.session.prompt", {"text": "Look."})
    await editor.until(lambda: len(editor.client.messages) == 1)
    written = await editor.command("postil.server.session.transcript", {"sessionId": turn["sessionId"]})
    await editor.until(lambda: len(editor.client.messages) == 2)
    where = str(uri_to_path(written["uri"]))
    assert editor.client.messages[-1].message == f"Postil: The session is written to {where}."
    assert editor.client.shown_documents == []


def read(uri: str) -> str:
    """Return the text of a file."""
    return Path(uri.removeprefix("file://")).read_text("utf-8")
