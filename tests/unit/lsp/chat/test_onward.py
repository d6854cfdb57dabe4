"""What is offered below the newest reply: work that gave up is tried again, and checks by checking."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.events import SHORT_ENDS, PromptQueued, Recorded, TurnEnd
from postil.core.fold import fold
from postil.lsp.chat.onward import onward
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.rows import Places
from tests.support.golden_parts import begin, ended, prompt, routed

RETRY, GO_ON = ("Try again", "session/resume"), ("Go on", "session/resume")
CHECK = ("Check now", "session/check")


@pytest.mark.parametrize(
    ("checks", "end", "can_check", "waits", "offered"),
    [
        (False, "failed", False, False, [RETRY]),
        (False, "max_tokens", True, False, [GO_ON, CHECK]),
        (False, "end_turn", False, False, []),
        (False, "end_turn", True, False, [CHECK]),
        (True, "failed", False, False, [CHECK]),
        (True, "failed", True, False, [CHECK]),
        (True, "end_turn", False, False, []),
        (True, "failed", False, True, [RETRY, CHECK]),
    ],
)
def test_what_goes_on_is_what_ended(
    checks: bool, end: TurnEnd, can_check: bool, waits: bool, offered: list[tuple[str, str]], tmp_path: Path
) -> None:
    asked = prompt("t1", "Go.", checks=checks)
    events = [*begin(), asked, routed("t1"), ended("t1", end)]
    workflow = fold(Recorded(seq, 0.0, it) for seq, it in enumerate(events, 1)).workflow
    if waits:
        workflow.queue = (PromptQueued(prompt=prompt("t2", "And then."), steers=False),)
    reply = Reply(1, asked, Places(tmp_path))
    reply.can_check = can_check
    resumable = waits or end in SHORT_ENDS
    assert list(onward(workflow, reply, resumable=resumable)) == offered
