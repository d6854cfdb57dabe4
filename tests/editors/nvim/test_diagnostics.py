"""What another server finds in an edit of ours: a real one, which the agent hears of by the documented configuration."""

import sys
from pathlib import Path

import pytest

from postil.core.events import CallFinished
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.neovim import Neovim
from tests.support.lsp_client import Json

RUFF = Path(sys.executable).parent / "ruff"
TEXT = "import os\n\n\ndef add(a, b):\n    return a - b\n"
START = """
    local config = { name = 'ruff', cmd = { ..., 'server' }, root_dir = vim.fn.getcwd() }
    vim.lsp.buf_attach_client(0, vim.lsp.start_client(config))
"""


def edit(*replacements: tuple[str, str]) -> Json:
    edits = [{"old": old, "new": new} for old, new in replacements]
    return {"tool": "edit", "input": {"path": "app.py", "edits": edits}}


def look(nvim: Neovim) -> None:
    """Let the other server look at the buffer, and wait until it has said something."""
    nvim.lua(START, str(RUFF))
    nvim.until(lambda: nvim.diagnostics("Ruff"))


@pytest.mark.skipif(not RUFF.exists(), reason="ruff is not installed")
def test_the_agent_is_told_what_another_server_says_to_its_edits(desk: Desk) -> None:
    """Where it takes longer than an edit waits for it, the next edit, of a comment, is told."""
    path = desk.world.file("app.py", TEXT + "# end\n")
    desk.settings('mode = "accept-edits"\n')
    desk.play(
        {"when": {"after": "prompt"}, **edit(("a - b", "a + c"), ("import os\n", ""))},
        {"when": {"result": "reports 1 problem"}, **edit(("a + c", "a + b"))},
        {"when": {"result": "reports no errors"}, "text": "Done."},
        {"when": {"tool": "edit"}, "times": "any", **edit(("# end", "# end, or not"))},
    )
    nvim = desk.open(path)
    look(nvim)
    desk.ask_to_fix(5)
    desk.ended("Done.")
    told = [it.content for it in desk.events(CallFinished) if "reports" in it.content]
    assert "The editor reports 1 problem in it now:\nerror, line 4: Undefined name `c` (Ruff F821)" in told[0]
    assert told[-1].endswith("The editor reports no errors and no warnings in it.")
    assert nvim.lines(path)[3] == "    return a + b"


def test_where_no_other_server_looks_nothing_is_said(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.settings('mode = "accept-edits"\n')
    desk.play(edit(("a - b", "a + b")), "Done.")
    desk.open(path)
    desk.ask_to_fix(5)
    desk.ended("Done.")
    (finished,) = desk.events(CallFinished)
    assert "reports" not in finished.content
