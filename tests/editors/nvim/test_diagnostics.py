"""What another server finds in an edit of ours: a real one, which the agent hears of by the documented configuration."""

import sys
from pathlib import Path

import pytest

from postil.core.events import CallFinished
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.neovim import Neovim

RUFF = Path(sys.executable).parent / "ruff"
TEXT = "import os\n\n\ndef add(a, b):\n    return a - b\n"
START = """
    local config = { name = 'ruff', cmd = { ..., 'server' }, root_dir = vim.fn.getcwd() }
    vim.lsp.buf_attach_client(0, vim.lsp.start_client(config))
"""


def look(nvim: Neovim) -> None:
    """Let the other server look at the buffer, and wait until it has said something."""
    nvim.lua(START, str(RUFF))
    nvim.until(lambda: nvim.diagnostics("Ruff"))


@pytest.mark.skipif(not RUFF.exists(), reason="ruff is not installed")
def test_the_agent_is_told_what_another_server_says_to_its_edits(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.settings('mode = "accept-edits"\n')
    first = [{"old": "a - b", "new": "a + c"}, {"old": "import os\n", "new": ""}]
    desk.play(
        {"tool": "edit", "input": {"path": "app.py", "edits": first}},
        {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a + c", "new": "a + b"}]}},
        "Done.",
    )
    nvim = desk.open(path)
    look(nvim)
    desk.ask_to_fix(5)
    desk.ended("Done.")
    wrong, right = (it.content for it in desk.events(CallFinished))
    assert "The editor reports 1 problem in it now:\nerror, line 4: Undefined name `c` (Ruff F821)" in wrong
    assert right.endswith("The editor reports no errors and no warnings in it.")


def test_where_no_other_server_looks_nothing_is_said(desk: Desk) -> None:
    path = desk.world.file("app.py", TEXT)
    desk.settings('mode = "accept-edits"\n')
    desk.play(
        {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}}, "Done."
    )
    desk.open(path)
    desk.ask_to_fix(5)
    desk.ended("Done.")
    (edit,) = desk.events(CallFinished)
    assert "reports" not in edit.content
