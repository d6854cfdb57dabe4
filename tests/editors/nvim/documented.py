"""The configuration that `docs/howto/neovim.md` shows, so that what people copy is what is tested."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "howto" / "neovim.md"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_LUA = re.compile(r"^```lua\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SHORT_NEW = "Five lines: 0.11 and newer"
SHORT_OLD = "Few lines: 0.7 to 0.10"
CHAT = "The chat"
MODULE = "With the module: 0.11 and newer"
SETTINGS = "Settings"
NEW_START = "Start: 0.11 and newer"
OLD_START = "Start: 0.7 to 0.10"
COMMANDS = "Stop, resume, look at grants"


def section(title: str) -> str:
    """Return the Lua of one section."""
    parts = _SECTION.split(PAGE.read_text("utf-8"))
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return "\n".join(_LUA.findall(found[title]))


def configuration(*, new: bool, without: tuple[str, ...] = ()) -> str:
    """Return the whole, as it goes into `init.lua`, without the lines that begin with one of `without`."""
    text = "\n".join(section(it) for it in (SETTINGS, NEW_START if new else OLD_START, COMMANDS))
    kept = [line for line in text.splitlines() if not line.strip().startswith(without or ("\0",))]
    for start in without:
        assert start in text, f"the documented configuration has no {start}"
    return "\n".join(kept) + "\n"


def short(*, new: bool) -> str:
    """Return the few lines that are enough, and for a newer Neovim those that fold."""
    return f"{section(SHORT_NEW)}\n{section(CHAT)}" if new else section(SHORT_OLD)


def shortest() -> str:
    """Return what the README has for a newer Neovim, in one row of its table."""
    (row,) = [it for it in (ROOT / "README.md").read_text("utf-8").splitlines() if it.startswith("| Neovim")]
    return "\n".join(it for it in re.findall(r"`([^`]+)`", row) if it.startswith("vim."))


def with_module() -> str:
    """Return what has the module loaded and the server started, with the folder where it is here."""
    text, folder = section(MODULE), ROOT / "clients" / "neovim"
    assert "/path/to/postil/clients/neovim" in text
    return text.replace("/path/to/postil/clients/neovim", str(folder))
