"""Verification as editors see it: the check sees the saved text, the verdict is an event, and other editors read it in words."""

from __future__ import annotations

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World, initialize_params

EDIT: Json = {"tool": "edit", "input": {"path": "a.py", "edits": [{"old": "a = 1", "new": "a = 2"}]}}
SETTINGS = 'allow = ["Edit(a.py)"]\n[[check]]\nname = "tests"\ncommand = "./check.sh"\n'
CHECK = "#!/bin/sh\ngrep -q 'a = 2' a.py && echo '1 passed' && exit 0\necho '1 failed'\nexit 1\n"
OFFERED: Json = {"postil": {"protocol": 1, "save": True, "diagnostics": True}}


async def edited(
    world: World, *, ours: bool, check: str = CHECK, problems: list[Json] | None = None
) -> Editor:
    """Let the agent edit an open document, which is checked once that is allowed."""
    world.trust()
    world.settings(SETTINGS)
    world.file("check.sh", check).chmod(0o755)
    path = world.file("a.py", "a = 1\n")
    await world.play(EDIT, "Done.", "It was so before.")
    capabilities = initialize_params("vscode", world.root, ours=ours)["capabilities"]
    if problems is not None:
        capabilities |= {"experimental": OFFERED}
    editor = await world.editor(ours=ours, capabilities=capabilities)

    def checking(buffer: Buffer) -> Json:
        return {"version": buffer.version, "diagnostics": problems if buffer.version > 1 else []}

    editor.checking = checking
    editor.open(path)
    await editor.request("postil/session/prompt", {"text": "Go."})
    return editor


async def test_the_check_sees_the_saved_text_and_the_verdict_is_told(world: World) -> None:
    editor = await edited(world, ours=True)
    asked = await editor.answer()
    assert asked["message"].startswith("Postil asks to run a command: ./check.sh")
    await editor.event("TurnEnded")
    (evidence,) = editor.events("EvidenceRecorded")
    assert (evidence["outcome"], evidence["summary"], evidence["changed"]) == ("passed", "1 passed", [])
    assert evidence["edit"] > 0
    (verdict,) = editor.events("VerificationEnded")
    assert (verdict["verified"], verdict["words"]) == (True, "verified: tests (1 passed)")
    assert verdict["evidence"] == ["tests (1 passed)"]
    await editor.until(lambda: [it for it in editor.heard.progress if it["value"]["kind"] == "end"])
    ends = [it["value"]["message"] for it in editor.heard.progress if it["value"]["kind"] == "end"]
    assert ends == ["end turn · verified: tests (1 passed)"]


async def test_what_was_denied_is_checked_now(world: World) -> None:
    editor = await edited(world, ours=True)
    await editor.answer("Deny")
    await editor.event("TurnEnded")
    (verdict,) = editor.events("VerificationEnded")
    assert (verdict["reason"], verdict["words"]) == ("not_run", "not verified: tests was denied")
    (session,) = (await editor.request("postil/session/list", {}))["sessions"]
    turn = await editor.request("postil/session/check", {"sessionId": session["sessionId"]})
    await editor.answer()
    await editor.until(lambda: len(editor.events("TurnEnded")) == 2)
    assert editor.events("VerificationEnded")[-1]["turn_id"] == turn["turnId"]
    assert editor.events("VerificationEnded")[-1]["words"] == "verified: tests (1 passed)"


async def test_an_editor_without_a_view_of_ours_reads_it_in_the_message(world: World) -> None:
    editor = await edited(world, ours=False, check=CHECK.replace("a = 2", "a = 3"))
    await editor.question()
    for buffer in editor.buffers.values():
        editor.save(buffer)
    await editor.answer()
    await editor.until(lambda: any("verified" in it.message for it in editor.client.messages))
    (told,) = [it.message for it in editor.client.messages if "verified" in it.message]
    assert told == "Postil: It was so before.\nNot verified: tests failed (1 failed)."


@pytest.mark.parametrize(
    ("severity", "words"),
    [
        (2, "verified: tests (1 passed), editor (no errors in 1 edited file)"),
        (1, "not verified: editor failed (1 error in 1 edited file)"),
    ],
)
async def test_what_the_editor_reports_of_the_edited_text_is_evidence(
    severity: int, words: str, world: World
) -> None:
    place = {"line": 0, "character": 0}
    problem: Json = {"range": {"start": place, "end": place}, "message": "odd", "severity": severity}
    editor = await edited(world, ours=True, problems=[problem])
    await editor.answer()
    await editor.event("TurnEnded")
    (verdict,) = editor.events("VerificationEnded")
    assert verdict["words"] == words
    (evidence,) = [it for it in editor.events("EvidenceRecorded") if it["by"] == "editor"]
    assert evidence["output"] == ("a.py:1: error: odd" if severity == 1 else "")
