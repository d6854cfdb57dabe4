"""What other servers find in an edited document: told with the edit, and only of the very text that it made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World, initialize_params

TEXT = "a = 1\nb = 2\n"
EDIT: Json = {"tool": "edit", "input": {"path": "a.py", "edits": [{"old": "b = 2", "new": "b = c"}]}}
OURS: Json = {"postil": {"protocol": 1, "save": True, "diagnostics": True}}


def found(line: int, message: str, severity: int | None = 1, **more: str) -> Json:
    place = {"line": line, "character": 0}
    diagnostic: Json = {"range": {"start": place, "end": place}, "message": message, **more}
    return diagnostic if severity is None else diagnostic | {"severity": severity}


async def edited(
    world: World, checking: Callable[[Editor, Buffer], Json | None], offered: Json = OURS
) -> tuple[Editor, str]:
    """Let the agent edit an open document in an editor that says this of it; returns the result of the call."""
    path = world.file("a.py", TEXT)
    await world.play(EDIT, "Done.")
    capabilities = initialize_params("vscode", world.root, ours=False)["capabilities"]
    editor = await world.editor(capabilities=capabilities | {"experimental": offered})
    nothing: list[Json] = []
    editor.checking = lambda buffer: (
        checking(editor, buffer) if buffer.version > 1 else {"version": 1, "diagnostics": nothing}
    )
    editor.open(path)
    await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.answer()
    await editor.event("TurnEnded")
    (finished,) = editor.events("CallFinished")
    assert finished["outcome"] == "completed"
    return editor, finished["content"]


def of_the_edit(editor: Editor) -> list[Json]:
    """Return what was asked of the text that the edit made: with the edit, and for the next request."""
    return [it for it in editor.heard.checks if it["version"] == 2]


async def test_problems_of_the_new_text_are_told_with_the_edit(world: World) -> None:
    diagnostics = [
        found(7, "unused", 2, source="checker"),
        found(1, "undefined name `c`", source="checker", code="F821"),
        found(0, "a hint", 4),
        found(0, "Changed by Postil", 2, source="Postil"),
        found(2, "no severity\nat all", None),
    ]

    def check(_: Editor, buffer: Buffer) -> Json:
        return {"version": buffer.version, "diagnostics": diagnostics}

    editor, told = await edited(world, check)
    assert told.endswith(
        "+b = c\nThe editor reports 3 problems in it now:\n"
        "error, line 2: undefined name `c` (checker F821)\n"
        "error, line 3: no severity ⏎ at all\n"
        "warning, line 8: unused (checker)"
    )
    assert of_the_edit(editor) == 2 * [{"uri": next(iter(editor.buffers)), "version": 2}]


async def test_nothing_is_said_where_somebody_types_meanwhile(world: World) -> None:
    """What is found then is about another text, so it is not asked for again."""

    def check(editor: Editor, buffer: Buffer) -> Json:
        editor.type(buffer, 0, "# typed\n")
        return {"version": 1, "diagnostics": [found(0, "old")]}

    editor, told = await edited(world, check)
    assert "reports" not in told
    assert len(of_the_edit(editor)) == 1


@pytest.mark.parametrize(
    "answer", [None, {"version": 2}, {"version": 2, "diagnostics": [{"message": "nowhere"}]}]
)
async def test_nothing_is_said_where_nobody_looks_or_nonsense_comes(
    world: World, answer: Json | None
) -> None:
    def check(*_: object) -> Json | None:
        return answer

    editor, told = await edited(world, check)
    assert "reports" not in told
    assert len(of_the_edit(editor)) == 2


async def test_a_client_that_does_not_offer_them_is_not_asked(world: World) -> None:
    def check(*_: object) -> None:
        raise AssertionError

    editor, told = await edited(world, check, {"postil": {"protocol": 1, "save": True}})
    assert "reports" not in told
    assert editor.heard.checks == []


async def test_problems_of_open_documents_stand_in_each_request(world: World) -> None:
    world.settings('deny = ["Read(hidden.py)"]\n')
    paths = [world.file(name, TEXT) for name in ("a.py", "hidden.py", ".env")]
    await world.play("Done.", "Done.")
    capabilities = initialize_params("vscode", world.root, ours=False)["capabilities"]
    editor = await world.editor(capabilities=capabilities | {"experimental": OURS})
    diagnostics = [found(1, "undefined name `c`"), found(0, "unused", 2)]

    def check(buffer: Buffer) -> Json:
        mine = diagnostics if buffer.uri.endswith("a.py") else [found(0, "not to be told")]
        return {"version": buffer.version, "diagnostics": mine}

    editor.checking = check
    for path in paths:
        editor.open(path)
    await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.event("TurnEnded")
    body = world.model.requests[-1].body
    assert "a.py:2: error: undefined name `c`\\na.py:1: warning: unused\\n</material" in str(
        body["messages"][-1]
    )
    assert "not to be told" not in str(body)
    diagnostics.clear()
    await editor.request("postil/session/prompt", {"text": "Go on."})
    await editor.event("TurnEnded", 2)
    assert "Problems in open documents" not in str(world.model.requests[-1].body)
    assert world.model.requests[-1].body["system"] == body["system"]


async def test_that_a_limit_is_nearly_used_up_is_said_once(world: World) -> None:
    world.settings("[limits]\nsession_tokens = 200_000\nwarn_at = 0.01\n")
    await world.play("One.", "Two.")
    editor = await world.editor("neovim", ours=False)
    begun = await editor.request("postil/session/prompt", {"text": "Go."})

    def said() -> list[str]:
        return [it.message for it in editor.client.messages if "session's" in it.message]

    await editor.until(said)
    assert said()[0].endswith(" of this session's 200k tokens are used.")
    count = len(editor.client.messages)
    await editor.request("postil/session/prompt", {"text": "Again.", "sessionId": begun["sessionId"]})
    await editor.until(lambda: len(editor.client.messages) > count)
    assert len(said()) == 1
