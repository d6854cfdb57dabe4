"""Findings in an editor: diagnostics at their lines, quick fixes that apply, hand on and dismiss, and what is left after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from postil.workspace.files.uris import uri_to_path
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

TEXT = "def mean(xs):\n    return sum(xs) / len(xs)\n"
BETTER = "    return sum(xs) / len(xs) if xs else 0.0"
GIVEN: Json = {
    "path": "a.py", "line": 2, "quote": "    return sum(xs) / len(xs)", "severity": "error",
    "message": "Division by zero.", "replacement": BETTER,
}  # fmt: skip
TITLES = [f"Postil: {it}: Division by zero." for it in ("Apply", "Ask agent", "Dismiss")]
TITLES_OF_WORDS = ["Postil: Ask agent: Only words.", "Postil: Dismiss: Only words."]


def report(**other: Any) -> Json:
    return {"tool": "report_finding", "input": {**GIVEN, **other}}


async def reviewed(
    world: World, *then: Json | str, reports: tuple[Json, ...] = (report(),)
) -> tuple[Editor, Buffer, str]:
    path = world.file("a.py", TEXT)
    await world.play({"blocks": list(reports)}, "Reviewed.", *then)
    editor = await world.editor("neovim", ours=False)
    buffer = editor.open(path)
    begun = await editor.command("postil.server.session.prompt", {"text": "Review.", "agent": "review"})
    await editor.until(lambda: len(shown(editor, buffer)) == len(reports))
    await editor.until(lambda: editor.client.messages)
    return editor, buffer, begun["sessionId"]


def shown(editor: Editor, buffer: Buffer) -> list[Json]:
    return [it for it in editor.diagnostics.get(buffer.uri, []) if it.get("code") == "finding"]


async def offered(editor: Editor, buffer: Buffer, line: int = 1) -> dict[str, Json]:
    found = await editor.actions(buffer, line, shown(editor, buffer), only=["quickfix"])
    return {it["title"]: it for it in found}


async def test_a_finding_is_a_diagnostic_and_apply_edits_through_the_editor(world: World) -> None:
    editor, buffer, session_id = await reviewed(world)
    (diagnostic,) = shown(editor, buffer)
    assert (diagnostic["severity"], diagnostic["source"]) == (1, "Postil")
    assert diagnostic["message"] == f"Division by zero.\nApply puts in:\n{BETTER}"
    assert diagnostic["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}
    assert list(await offered(editor, buffer)) == TITLES
    assert list(await offered(editor, buffer, 0)) == []
    editor.type(buffer, 0, "import os\n")
    await editor.until(lambda: shown(editor, buffer)[0]["range"]["start"]["line"] == 2)
    await editor.run((await offered(editor, buffer, 2))[TITLES[0]])
    assert buffer.text == f"import os\ndef mean(xs):\n{BETTER}\n"
    assert len(editor.heard.edits) == 1
    await editor.until(lambda: not shown(editor, buffer))
    assert [it.type for it in world.journal(session_id)][-3:] == [
        "FindingApplying",
        "FileChanged",
        "FindingSettled",
    ]
    undo = [it for it in await editor.actions(buffer, 0) if it["title"] == "Postil: Undo change"]
    await editor.run(undo[0])
    assert buffer.text == f"import os\n{TEXT}"


async def test_dismissed_is_gone_and_what_is_left_comes_back_after_a_restart(world: World) -> None:
    reports = (report(), report(message="Only words.", replacement=None, severity="info"))
    editor, buffer, session_id = await reviewed(world, reports=reports)
    assert [it["severity"] for it in shown(editor, buffer)] == [1, 3]
    actions = await offered(editor, buffer)
    assert list(actions) == [*TITLES, *TITLES_OF_WORDS]
    await editor.run(actions[TITLES[2]])
    await editor.until(lambda: [it["message"] for it in shown(editor, buffer)] == ["Only words."])
    await editor.kill()
    again = await world.editor("neovim", ours=False)
    buffer = again.open(buffer.path)
    await again.command("postil.server.session.attach", {"sessionId": session_id})
    await again.until(lambda: shown(again, buffer))
    assert [it["message"] for it in shown(again, buffer)] == ["Only words."]
    with pytest.raises(Exception, match="not open"):
        await again.run(actions[TITLES[2]])


async def test_a_finding_whose_lines_are_gone_says_so_and_is_not_applied(world: World) -> None:
    editor, buffer, _ = await reviewed(world)
    apply = (await offered(editor, buffer))[TITLES[0]]
    editor.type(buffer, TEXT.index("return"), "# ")
    await editor.until(lambda: "The text has changed since." in shown(editor, buffer)[0]["message"])
    assert list(await offered(editor, buffer)) == TITLES[1:]
    with pytest.raises(Exception, match="not there any more"):
        await editor.run(apply)
    assert editor.heard.edits == []


async def test_ask_agent_hands_it_to_a_session_that_may_edit_as_material(world: World) -> None:
    editor, buffer, session_id = await reviewed(world, "Mended.")
    asked = await editor.run((await offered(editor, buffer))[TITLES[1]])
    assert asked["sessionId"] != session_id
    await editor.until(lambda: len(editor.client.messages) > 1)
    (begun,) = [it for it in world.journal(asked["sessionId"]) if it.type == "ConfigurationInForce"]
    assert begun.agent_type == "build"
    (prompted,) = [it for it in world.journal(asked["sessionId"]) if it.type == "PromptReceived"]
    (context,) = prompted.context
    assert (context.kind, context.path, context.first_line) == ("diagnostic", "a.py", 2)
    assert "Division by zero." in context.text
    assert "Division by zero." not in prompted.text


LONG = (
    "    total = 0.0\n"
    + "".join(f"    total += {it}  # a line of it\n" for it in range(60))
    + "    return total"
)
SHOW = "Postil: Show change: Division by zero."


async def test_a_change_that_a_diagnostic_cuts_is_applied_only_once_it_was_shown_whole(world: World) -> None:
    editor, buffer, session_id = await reviewed(world, reports=(report(replacement=LONG),))
    (diagnostic,) = shown(editor, buffer)
    more = len(LONG) - 1_000
    assert diagnostic["message"].endswith(
        f"\n[{more:,} more characters. Show change shows all; then Apply is offered.]"
    )
    actions = await offered(editor, buffer)
    assert list(actions) == [SHOW, *TITLES[1:]]
    given = actions[SHOW]["command"]["arguments"][0]
    with pytest.raises(Exception, match="longer than its diagnostic shows"):
        await editor.command("postil.server.finding.apply", given)
    assert editor.heard.edits == []
    page = await editor.run(actions[SHOW])
    text = text_of(page["uri"])
    for line in (*GIVEN["quote"].split("\n"), *LONG.split("\n")):
        assert f"\n{'-' if line == GIVEN['quote'] else '+'}{line}\n" in text
    assert "In `a.py`, line 2" in text
    actions = await offered(editor, buffer)
    assert list(actions) == [TITLES[0], SHOW, *TITLES[1:]]
    await editor.run(actions[TITLES[0]])
    assert buffer.text == f"def mean(xs):\n{LONG}\n"
    assert "FindingSettled" in [it.type for it in world.journal(session_id)]


async def test_the_page_of_a_change_applies_it_and_says_when_it_is_settled(world: World) -> None:
    editor, buffer, _ = await reviewed(world, reports=(report(replacement=LONG),))
    page = await editor.run((await offered(editor, buffer))[SHOW])
    path = uri_to_path(page["uri"])
    assert path is not None
    opened = editor.open(path)
    lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": opened.uri}})
    assert [it["command"]["title"] for it in lenses] == ["Apply", "Dismiss"]
    given = lenses[0]["command"]["arguments"][0]
    await editor.run(lenses[0])
    assert buffer.text == f"def mean(xs):\n{LONG}\n"
    lenses = await editor.request("textDocument/codeLens", {"textDocument": {"uri": opened.uri}})
    assert lenses == []
    with pytest.raises(Exception, match="no open finding"):
        await editor.command("postil.server.finding.show", given)


def text_of(uri: str) -> str:
    path = uri_to_path(uri)
    assert path is not None
    return path.read_text()
