"""The main job in acpx, a headless ACP client from npm: prompt, stream, permission both ways, edits, modes, and a second prompt."""

from __future__ import annotations

import pytest

from postil.core.events import CallFinished, FileChanged, PermissionDecided, PromptReceived
from tests.editors.acp.acpx import acpx, session_of
from tests.editors.acp.desk import AcpDesk

EDIT = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}}
READ = {"tool": "read", "input": {"path": "app.py"}}


pytestmark = pytest.mark.usefixtures("client")


async def test_an_edit_is_asked_about_and_made(desk: AcpDesk) -> None:
    await desk.play({"blocks": [{"text": "I mend it."}, READ, EDIT]}, "Fixed.")
    ran = await acpx(desk, "--approve-all", "exec", "Mend add.")
    assert ran.status == 0, ran.err
    assert ran.says == "I mend it.Fixed."
    assert (desk.root / "app.py").read_text() == "def add(a, b):\n    return a + b\n"
    kinds = [it["sessionUpdate"] for it in ran.updates]
    assert {"available_commands_update", "tool_call", "tool_call_update", "usage_update"} <= set(kinds)
    session_id = session_of(desk)
    (decided,) = [it for it in desk.events(session_id, PermissionDecided) if it.by == "person"]
    assert (decided.decision, decided.face) == ("allow", "acp")
    (changed,) = desk.events(session_id, FileChanged)
    assert changed.where == "buffer", "it was written through the client"


async def test_what_it_denies_is_not_done(desk: AcpDesk) -> None:
    await desk.play(EDIT, {"when": {"tool": "edit"}, "text": "As you wish."})
    ran = await acpx(desk, "--approve-reads", "exec", "Mend add.")
    assert ran.says == "As you wish.", ran.err
    assert (desk.root / "app.py").read_text() == "def add(a, b):\n    return a - b\n"
    decided = desk.events(session_of(desk), PermissionDecided)[-1]
    assert (decided.decision, decided.by) == ("deny", "person")


async def test_what_it_does_not_show_is_not_edited_on_the_disk(desk: AcpDesk) -> None:
    """It denies to read, too: nobody knows what is unsaved there."""
    await desk.play(EDIT, {"when": {"tool": "edit"}, "text": "As you wish."})
    ran = await acpx(desk, "--deny-all", "exec", "Mend add.")
    assert ran.says == "As you wish.", ran.err
    assert (desk.root / "app.py").read_text() == "def add(a, b):\n    return a - b\n"
    (edit,) = desk.events(session_of(desk), CallFinished)
    assert edit.outcome == "failed"
    assert "The editor does not say what it has of app.py" in edit.content


async def test_a_session_goes_on_in_its_next_prompt_in_another_mode(desk: AcpDesk) -> None:
    await desk.play("One.", EDIT, "Two.")
    try:
        assert (await acpx(desk, "sessions", "new")).status == 0
        assert (await acpx(desk, "prompt", "First.")).says == "One."
        assert (await acpx(desk, "set-mode", "accept-edits")).status == 0
        second = await acpx(desk, "--approve-all", "prompt", "Second.")
        assert second.says.endswith("Two."), second.err
    finally:
        await acpx(desk, "sessions", "close")
    assert (desk.root / "app.py").read_text() == "def add(a, b):\n    return a + b\n"
    prompts = [it.text for it in desk.events(session_of(desk), PromptReceived)]
    assert prompts == ["First.", "Second."]
    assert not [it for it in desk.events(session_of(desk), PermissionDecided) if it.by == "person"]
