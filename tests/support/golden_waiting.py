"""The golden sessions of a person who does not wait: one is named otherwise, in another prompts wait."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.messages import Text
from postil.core.question import PromptContext
from tests.support.golden_parts import begin, call, decided, ended, finished, prompt, replied, routed, started


def renamed() -> list[ev.Durable]:
    """A session is named before its first prompt, and once more after it."""
    return [
        *begin(), ev.SessionRenamed(title="The header", face="lsp"),
        prompt("t0001", "Look at the header."), routed("t0001"), replied("t0001", 1, Text(text="Seen.")), ended("t0001"),
        ev.SessionRenamed(title="The header \u00b7 2", face="cli"),
    ]  # fmt: skip


def waited() -> list[ev.Durable]:
    """Of the prompts that wait one joins the turn, one is taken back, one is sent, and one waits until the end."""
    shown = PromptContext(kind="file", path="stats.py", text="x = 1", first_line=1, last_line=1)
    return [
        *begin(), prompt("t0001", "Mend it."), routed("t0001"),
        replied("t0001", 1, call("call_1", "read", path="stats.py"), stop="tool_use"), decided("t0001", "call_1"),
        started("t0001", "call_1", "read", "read", "Read stats.py"),
        ev.PromptQueued(prompt=prompt("t0002", "Then document it.")),
        ev.PromptQueued(prompt=prompt("t0003", "And the change log.")),
        ev.PromptQueued(prompt=prompt("t0004", "Only the header, as in @stats.py."), steers=True),
        ev.PromptQueued(prompt=prompt("t0005", "In tabs.")),
        finished("t0001", "call_1", "read", "x = 1\n"),
        ev.PromptSteered(turn_id="t0001", step=2, prompt=prompt("t0004", "Only the header, as in @stats.py.", context=(shown,))),
        ev.PromptTakenBack(prompt_id="t0003", face="lsp"),
        ev.PromptQueued(prompt=prompt("t0005", "In tabs."), steers=True),
        ev.PromptTakenBack(prompt_id="t0005", why="This is not done: a hook of yours said no: spaces"),
        replied("t0001", 2, Text(text="Mended.")), ended("t0001", steps=2),
        prompt("t0002", "Then document it."), routed("t0002"), ev.PromptQueued(prompt=prompt("t0006", "Push it.")),
        ended("t0002", "cancelled", 0, message="Stopped."),
    ]  # fmt: skip
