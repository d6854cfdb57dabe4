"""Questions that the session in view does not ask itself: a sub-agent does, or a session that is out of view."""

from pathlib import Path

import pytest

from postil.core.events import CallFinished, PermissionDecided, TurnEnded
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import run

COMMAND = "python3 -c pass"
MAIN, TASK = "^Do it", "^Your task"


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    desk.world.trust()
    return desk.world.file("app.py", "value = 1\n")


def decided(desk: Desk) -> list[tuple[str, str]]:
    """How each question of any session was decided, and by whom."""
    events = [it for journal in desk.journals() for it in journal]
    return [(it.decision, it.face) for it in events if isinstance(it, PermissionDecided) if it.by == "person"]


def test_what_a_sub_agent_asks_is_counted_shown_with_its_name_and_answered_in_the_chat(
    desk: Desk, path: Path
) -> None:
    task = {"agent": "build", "name": "Run it", "task": "Your task: run it."}
    desk.play(
        {"when": {"user": MAIN, "after": "prompt"}, "tool": "delegate", "input": task},
        {"when": {"user": TASK, "after": "prompt"}, **run(COMMAND)},
        {"when": {"tool": "shell"}, "text": "It ran."},
        {"when": {"tool": "delegate"}, "text": "All done."},
    )
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Do it.")
    desk.window.expect(chat.card, COMMAND)
    item = desk.window.status.filter(has_text="Postil: 1 question")
    item.wait_for()
    assert chat.card.count() == 1
    desk.window.expect(chat.card, "the sub-agent build: Run it")
    chat.answer("Allow once")
    chat.shows("All done.")
    item.wait_for(state="detached")
    assert decided(desk) == [("allow", "lsp:VS Code")]


def test_what_a_session_out_of_view_asks_is_counted_and_said_and_leads_to_where_it_is_answered(
    desk: Desk, path: Path
) -> None:
    desk.play(
        {"when": {"user": "Do it", "after": "prompt"}, **run("until test -e go; do sleep 0.05; done")},
        {"when": {"tool": "shell", "failed": False}, **run(COMMAND), "times": 1},
        {"when": {"tool": "shell", "failed": True}, "text": "Then I use make."},
    )
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Do it.")
    chat.answer("Allow once")
    desk.window.expect(chat.dock, "Running")
    desk.window.command("Postil: New Session")
    chat.frame.get_by_role("heading", name="Ask, or hand over a task").wait_for()
    desk.world.file("go", "")
    item = desk.window.status.filter(has_text="Postil: 1 question")
    item.wait_for()
    desk.window.expect(chat.dock, "Another session asks")
    desk.window.expect(chat.status, "Another session asks")
    assert chat.card.count() == 0
    desk.window.command("Postil: Resume Session…")
    desk.window.rows.filter(has_text="waits for an answer").wait_for()
    desk.window.press("Escape")

    chat.dock.get_by_role("button", name="Go to question").click()
    desk.window.expect(chat.card, COMMAND)
    desk.until(lambda: chat.dock.get_by_text("Another session asks").count() == 0)
    chat.answer_in_words("Deny and say why…", "Use make.")
    chat.shows("Then I use make.")
    item.wait_for(state="detached")
    events = [it for journal in desk.journals() for it in journal]
    decisions = [it for it in events if isinstance(it, PermissionDecided)]
    assert [(it.decision, it.why) for it in decisions][-1] == ("deny", "denied: Use make.")
    assert [it.outcome for it in events if isinstance(it, CallFinished)] == ["completed", "denied"]
    desk.until(lambda: any(isinstance(it, TurnEnded) for journal in desk.journals() for it in journal))
