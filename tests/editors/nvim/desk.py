"""A desk: one project, one scripted model, one Neovim at a time, and a person who works with them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.editors.desk import ProgramDesk, kept
from tests.editors.nvim.documented import configuration, short, with_module
from tests.editors.nvim.neovim import Neovim
from tests.editors.waiting import wait_for
from tests.editors.workplace import Workplace
from tests.support.lsp_client import Json


class Desk(ProgramDesk[Neovim]):
    """What a test works with."""

    @property
    def nvim(self) -> Neovim:
        """The editor."""
        assert self.program is not None
        return self.program

    def settings(self, text: str) -> None:
        """Write the user's own settings, and trust the project, so that their rules hold there."""
        self.world.trust()
        folder = self.home / "settings"
        folder.mkdir()
        (folder / "settings.toml").write_text(text, "utf-8")
        self.world.env |= {"POSTIL_CONFIG_DIR": str(folder)}

    # The editor

    def open(self, *files: Path, without: tuple[str, ...] = (), more: str = "") -> Neovim:
        """Start Neovim on files, with the documented configuration, and wait for the server."""
        return self.start(configuration(new=is_new(self.binary), without=without) + more, *files)

    def open_short(self, *files: Path) -> Neovim:
        """Start Neovim on files, with the few lines that are enough, and wait for the server."""
        return self.start(short(new=is_new(self.binary)), *files)

    def open_module(self, *files: Path) -> Neovim:
        """Start Neovim on files, with the module, and wait for the server."""
        return self.start(with_module(), *files)

    def start(self, configured: str, *files: Path) -> Neovim:
        """Start Neovim on files, with a configuration, and wait for the server."""
        self.begin(configured, *files)
        assert self.nvim.has_new_start is is_new(self.binary)
        self.attached()
        return self.nvim

    def begin(self, configured: str, *files: Path) -> Neovim:
        """Start Neovim on files, with a configuration that may start no server."""
        init = self.home / "init.lua"
        init.write_text(configured, "utf-8")
        self.program = Neovim(self.binary, init, self.world.root, self.world.env, *files)
        return self.nvim

    def attached(self) -> int:
        """Wait until the buffer has the server; returns its process id."""
        code = "return #vim.tbl_filter(function(it) return it.name == 'postil' end, vim.lsp.buf_get_clients(0)) > 0"
        if self.nvim.has_new_start:
            code = "return #vim.lsp.get_clients({ bufnr = 0, name = 'postil' }) > 0"
        self.nvim.until(lambda: self.nvim.lua(code))
        (server,) = self.nvim.until(self.nvim.children)
        self.servers.add(server)
        return server

    def choose(self, line: int, title: str, *, chosen: bool = True) -> list[str]:
        """Press `gra` on a line (from 1) and choose, or leave the menu; returns the titles that there were."""
        nvim = self.nvim
        before = len(nvim.spy("menus"))
        nvim.lua("spy.choice = ...", title)
        nvim.run(str(line))
        nvim.keys("gra")
        nvim.until(lambda: len(nvim.spy("menus")) > before)
        (menu,) = nvim.spy("menus")[before:]
        assert any(it.startswith(title) for it in menu["titles"]) is chosen, menu
        return menu["titles"]

    def ask_to_fix(self, line: int, message: str = "It is wrong.", source: str = "checker") -> list[str]:
        """Let another source find something on a line (from 1), and ask the agent to fix it."""
        code = """
            local line, message, source = ...
            local found = { lnum = line - 1, col = 0, end_lnum = line - 1, end_col = 1, severity = 1, source = source,
              code = 'E1', message = message }
            vim.diagnostic.set(vim.api.nvim_create_namespace(source), 0, { found })
        """
        self.nvim.lua(code, line, message, source)
        return self.choose(line, "Ask agent to fix")

    def command(self, name: str, argument: Json) -> Json:
        """Run a command of the server's, as any client can; returns its result."""
        code = """
            local params = { command = 'postil.server.' .. select(1, ...), arguments = { select(2, ...) } }
            local answers = vim.lsp.buf_request_sync(0, 'workspace/executeCommand', params, 20000)
            for _, answer in pairs(answers) do return answer.error or answer.result end
        """
        return self.nvim.lua(code, name, argument)

    def question(self, words: str) -> dict[str, Any]:
        """Wait for the one question, which has to have these words."""
        nvim = self.nvim
        nvim.until(lambda: [it for it in nvim.diagnostics() if words in it["message"]])
        (question,) = nvim.diagnostics()
        return question

    def answer(self, words: str, title: str = "Postil: Allow once") -> list[str]:
        """Answer the one open question at its place; returns the menu."""
        question = self.question(words)
        titles = self.choose(question["lnum"] + 1, title)
        self.nvim.until(lambda: question not in self.nvim.diagnostics())
        return titles

    def floating(self) -> list[str]:
        """Return the lines of windows that float over the text."""
        code = """
            local lines = {}
            for _, window in ipairs(vim.api.nvim_list_wins()) do
              if vim.api.nvim_win_get_config(window).relative ~= '' then
                vim.list_extend(lines, vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true))
              end
            end
            return lines
        """
        return list(self.nvim.lua(code))

    def ended(self, words: str) -> None:
        """Wait until the turn has ended with these words, as the person is told."""
        nvim = self.nvim
        nvim.until(lambda: [it for it in nvim.spy("messages") if words in it["text"]])
        wait_for(lambda: self.journal()[-1].type == "TurnEnded", self._where)

    def _where(self) -> str:
        return f"{[it.type for it in self.journal()]} {self.nvim.said()}"


@contextmanager
def new_desk(folder: Path, home: Path, binary: Path, other: Workplace | None = None) -> Generator[Desk]:
    """Make a desk, and see to it that nothing of it is left."""
    with kept(Desk(folder, home, binary, other)) as desk:
        yield desk


def is_new(binary: Path) -> bool:
    """Whether a Neovim is 0.11 or newer, by what it says of itself."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"NVIM v(\d+)\.(\d+)", said)
    assert found is not None, said
    return (int(found[1]), int(found[2])) >= (0, 11)
