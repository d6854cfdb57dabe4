"""Files of settings in Neovim: problems while one types, a hover, completion, and taking out a dead rule; a project needs no more."""

from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.desk import Desk

TEXT = 'deny = [\n  "Edit(docs/**)",\n  "Edit(docs/**)",\n]\n'


@pytest.fixture
def path(desk: Desk) -> Path:
    """A workspace's own file of settings."""
    desk.play("Nothing.")
    return desk.world.file(".postil/settings.toml", TEXT)


def codes(desk: Desk) -> list[str]:
    code = "return vim.tbl_map(function(it) return it.code end, vim.diagnostic.get(0))"
    return [str(it) for it in desk.nvim.lua(code)]


def test_problems_while_one_types_and_a_dead_rule_taken_out(desk: Desk, path: Path) -> None:
    nvim = desk.open(path)
    nvim.until(lambda: codes(desk) == ["duplicate"])
    (found,) = nvim.diagnostics()
    assert (found["lnum"], found["message"]) == (2, "Edit(docs/**) stands here twice.")
    titles = desk.choose(3, "Postil: Remove this rule")
    assert titles[0].startswith("Postil: Remove this rule")
    nvim.until(lambda: nvim.lines(path) == ["deny = [", '  "Edit(docs/**)",', "]"])
    nvim.until(lambda: codes(desk) == [])
    nvim.keys('Goallow = ["Bash(make)"]<Esc>')
    nvim.until(lambda: codes(desk) == ["not-here"])
    nvim.keys("u")
    nvim.until(lambda: codes(desk) == [])
    nvim.run("2")
    nvim.keys("5l")
    nvim.run("lua vim.lsp.buf.hover()")
    nvim.until(lambda: any("never runs" in it for it in desk.floating()))


def test_the_users_own_file_is_attached_to_and_completed(desk: Desk) -> None:
    """It lies outside the project: the server that runs takes it."""
    source = desk.world.file("app.py", "value = 1\n")
    desk.play("Nothing.")
    desk.settings('mode = ""\n')
    nvim = desk.open(source)
    own = desk.home / "settings" / "settings.toml"
    nvim.run(f"edit {nvim.escaped(own)}")
    desk.attached()
    nvim.until(lambda: codes(desk) == ["bad-value"])
    assert len(nvim.children()) == 1, "one server for both"

    def completed() -> list[Any]:
        code = """
            local params = vim.lsp.util.make_position_params(0, 'utf-8')
            params.position = { line = 0, character = 8 }
            for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/completion', params, 20000)) do
              return vim.tbl_map(function(it) return it.label end, answer.result.items)
            end
        """
        return list(nvim.lua(code))

    assert sorted(completed()) == ["accept-edits", "default", "deny-all", "no-edits", "plan"]
