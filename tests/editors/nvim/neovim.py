"""One Neovim without a window, driven as a person drives it: by keys, commands and what it shows.

This is the one place that knows pynvim, which has no types and is not there for `make check`.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from tests.editors.program import Program

SPY = Path(__file__).with_name("spy.lua")


class Neovim(Program):
    """A running editor."""

    def __init__(self, binary: Path, init: Path, folder: Path, env: Mapping[str, str], *files: Path) -> None:
        """Start it with this configuration in `folder`; its socket and its own state lie beside `init`."""
        home = init.parent
        command = [binary, "--headless", "--listen", home / "nvim.sock", "-n", "-i", "NONE", "-u", init]
        command += ["--cmd", f"luafile {SPY}", *files]
        own = {f"XDG_{it}_HOME": str(home / it.lower()) for it in ("CACHE", "CONFIG", "DATA", "STATE")}
        self._nvim: Any = None
        super().__init__("nvim", home, command, folder, {**own, **env})
        try:
            self._nvim = self.until(self._attach)
        except BaseException:
            self.kill()
            raise

    # What a person does

    def keys(self, keys: str) -> None:
        """Press keys, written as in a mapping."""
        self._nvim.input(keys)

    def run(self, command: str) -> None:
        """Run a command."""
        self._nvim.command(command)

    def lua(self, code: str, *arguments: object) -> Any:
        """Run Lua; returns what it returns."""
        return self._nvim.exec_lua(code, *arguments)

    def show(self, columns: int, lines: int) -> None:
        """Give it a screen, without which it never waits for a key to be pressed."""
        self._nvim.ui_attach(columns, lines, rgb=True)

    def spy(self, name: str) -> list[dict[str, Any]]:
        """Return what `spy.lua` saw of a kind."""
        seen = self.lua("return vim.fn.json_encode(spy[...])", name)
        return cast("list[dict[str, Any]]", json.loads(seen) or [])

    def quit(self) -> int:
        """Leave without saving; returns the exit status."""
        self._nvim.command("qa!", async_=True)
        return self.ended()

    def escaped(self, path: Path) -> str:
        """Return a path as commands take it."""
        return str(self._nvim.funcs.fnameescape(str(path)))

    # What there is to see

    @property
    def has_new_start(self) -> bool:
        """Whether it is 0.11 or newer."""
        return self._nvim.funcs.has("nvim-0.11") == 1

    def lines(self, path: Path) -> list[str]:
        """Return the lines of a file's buffer, which has to be loaded."""
        code = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr(...), 0, -1, true)"
        return list(self.lua(code, str(path)))

    def loaded(self, path: Path) -> bool:
        """Whether a file is in a loaded buffer."""
        return self._nvim.funcs.bufloaded(str(path)) == 1

    def modified(self, path: Path) -> bool:
        """Whether its buffer has unsaved changes."""
        return bool(self.lua("return vim.bo[vim.fn.bufnr(...)].modified", str(path)))

    def diagnostics(self, source: str = "Postil") -> list[dict[str, Any]]:
        """Return the diagnostics of a source in all buffers."""
        code = """
            local found = {}
            for _, it in ipairs(vim.diagnostic.get()) do
              if it.source == ... then
                local name = vim.api.nvim_buf_get_name(it.bufnr)
                table.insert(found, { lnum = it.lnum, message = it.message, severity = it.severity, name = name })
              end
            end
            return found
        """
        return list(self.lua(code, source))

    def children(self) -> list[int]:
        """Return the processes that it started: the servers."""
        return list(self.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())"))

    # Its life

    def _attach(self) -> Any:
        if not self.listens():
            return None
        try:
            return importlib.import_module("pynvim").attach("socket", path=str(self.socket))
        except OSError:
            return None

    def ended(self) -> int:
        """Wait for its end, and close the connection; returns the exit status."""
        status = super().ended()
        if self._nvim is not None:
            _let_go(self._nvim)
        return status


def _let_go(nvim: Any) -> None:
    """Close the connection. pynvim closes its loop before the loop has closed the socket, so it gets one more turn."""
    loop = nvim.loop
    nvim._session.loop._transport.abort()
    loop.call_soon(loop.stop)
    loop.run_forever()
    nvim.close()
