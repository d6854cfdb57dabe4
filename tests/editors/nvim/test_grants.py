"""The page of grants in Neovim: a grant comes, is revoked on its line or by its lens, and is asked about again."""

from pathlib import Path

import pytest

from postil.core.events import GrantAdded, GrantRevoked, PermissionAsked, TurnEnded
from tests.editors.nvim.desk import Desk

COMMAND = "python3 -c pass"
RULE = f"Bash({COMMAND})"
REPLIES = (
    {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": COMMAND}, "times": "any"},
    {"when": {"after": "results", "tool": "shell"}, "text": "Done.", "times": "any"},
)


def page(desk: Desk) -> Path:
    """Open the page of grants; returns its file."""
    nvim = desk.nvim
    nvim.run("PostilGrants")
    name = str(nvim.until(lambda: nvim.lua("return vim.api.nvim_buf_get_name(0):match('.*grants.md$')")))
    desk.attached()
    return Path(name)


def line_of(desk: Desk, path: Path, text: str) -> int:
    """Wait for a line of the page that begins so; returns its number, from 1."""

    def number() -> int:
        found = [number for number, it in enumerate(desk.nvim.lines(path), 1) if it.startswith(text)]
        return found[0] if found else 0

    return desk.nvim.until(number)


def granted(desk: Desk, title: str) -> Path:
    """Let a command be asked about and answered so; returns the file that was open."""
    desk.world.trust()
    path = desk.world.file("app.py", "value = 1\n")
    desk.play(*REPLIES)
    desk.open(path)
    desk.ask_to_fix(1)
    desk.answer("run a command", title)
    desk.ended("Done.")
    return path


@pytest.mark.parametrize("title", ["Postil: Allow for this session", "Postil: Always allow…"])
def test_a_grant_is_revoked_on_its_line_and_asked_about_again(desk: Desk, title: str) -> None:
    source = granted(desk, title)
    nvim = desk.nvim
    path = page(desk)
    titles = desk.choose(line_of(desk, path, f"- `{RULE}`, given "), "Postil: Revoke this grant")
    assert titles[0].startswith("Postil: Revoke this grant")
    nvim.until(lambda: not any(it.startswith(f"- `{RULE}`, given ") for it in nvim.lines(path)))
    assert not nvim.modified(path)
    assert [it.grant_id for it in desk.events(GrantRevoked)] == [
        it.grant_id for it in desk.events(GrantAdded)
    ]
    nvim.run(f"edit {nvim.escaped(source)}")
    desk.ask_to_fix(1)
    desk.answer("run a command", "Postil: Deny")
    nvim.until(lambda: len(desk.events(TurnEnded)) == 2)
    assert len(desk.events(PermissionAsked)) == 2


def test_a_lens_revokes_and_the_page_follows_what_is_given(desk: Desk) -> None:
    source = granted(desk, "Postil: Always allow…")
    nvim = desk.nvim
    path = page(desk)
    line = line_of(desk, path, f"- `{RULE}`, given ")
    lens = "return #vim.lsp.codelens.get(0)"
    nvim.until(lambda: nvim.lua(lens) == 1)
    nvim.run(str(line))
    nvim.run("lua vim.lsp.codelens.run()")
    nvim.until(lambda: not any(it.startswith(f"- `{RULE}`, given ") for it in nvim.lines(path)))
    nvim.until(lambda: nvim.lua(lens) == 0)
    nvim.run(f"edit {nvim.escaped(source)}")
    desk.ask_to_fix(1)
    desk.answer("run a command", "Postil: Allow for this session")
    nvim.until(lambda: len(desk.events(TurnEnded)) == 2)
    line_of(desk, path, f"- `{RULE}`, given ")
    nvim.run(f"edit {nvim.escaped(path)}")
    nvim.run(str(line_of(desk, path, "- 20")))
    nvim.run("lua vim.lsp.buf.hover()")
    nvim.until(lambda: any("won: your answer in Neovim" in it.replace("\\", "") for it in desk.floating()))
