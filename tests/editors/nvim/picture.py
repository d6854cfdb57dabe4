"""Draws the module at work in Neovim, as a terminal shows it: `python -m tests.editors.nvim.picture docs/images/neovim.svg`.

The sample project and the script of `postil demo`, in real Neovim in tmux, with the lines that the page shows.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.neovim_picture import Terminal, drawn_screen, shown
from tests.editors.nvim.documented import with_module

SIZE = (150, 44)
LOOKS = """
vim.o.termguicolors, vim.o.number = true, true
vim.o.wrap, vim.o.scrolloff = false, 9
vim.o.shortmess = vim.o.shortmess .. 'I'
vim.api.nvim_create_autocmd('WinNew', { callback = function() vim.cmd('wincmd =') end })
"""


async def work(terminal: Terminal) -> None:
    """Ask about a function, allow the edit of it, and stay at the next question."""
    await terminal.until(r"(Postil +\d+,\d+)")
    say(terminal, "4,12Postil ask The last field is lost where the line has no newline. Fix it.")
    await terminal.until(r"(?s)(Question 1: edit this file\?.*answer: waiting)")
    await terminal.until("(Postil: 1 question)")
    say(terminal, "Postil question")
    await asyncio.sleep(1)  # the module answers nothing that has just come
    say(terminal, "Postil allow")
    await terminal.until("(- edited .tidy)")
    await terminal.until("(Postil: 1 question)")
    say(terminal, "Postil question")
    await terminal.until(r"(?s)(Question 2: run this command\? Allow once.*answer: waiting)")
    # What the terminal made of lines that moved in one of two windows is drawn anew.
    terminal.keys("C-l")
    await terminal.until(r"(?m)^ +3 +(│)")


def say(terminal: Terminal, command: str) -> None:
    """Type a command."""
    terminal.keys("-l", f":{command}")
    terminal.keys("Enter")


def main(target: Path) -> int:
    """Draw the picture."""
    folder = (
        Path(tempfile.gettempdir()) / f"picture{os.getpid()}"
    )  # Markdown marks a name with an underline as wrong
    folder.mkdir()
    try:
        screen = asyncio.run(shown(folder, LOOKS + with_module(), "+4", work, SIZE))
    finally:
        shutil.rmtree(folder)
    target.write_text(drawn_screen(screen, SIZE[0]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
