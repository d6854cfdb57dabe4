"""`@diff`: what is changed in the workspace since its last commit, as git tells it, file by file.

Each file is judged as the tool `read` judges it, for git would show all of them; and git runs as it runs unasked, or not at all.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from postil.agent.mentioning.material import Material, NotAttached, cut
from postil.core.errors import ToolError
from postil.core.question import PromptContext
from postil.core.redaction.redact import redact
from postil.tools.output import counted
from postil.tools.texts import computed

SECONDS = 10.0
MOST_FILES = 200
NAMES = "git diff --name-only --no-renames --relative HEAD"
DIFFERENCE = "git diff --no-color --no-renames --relative HEAD -- "
UNTRACKED = "git ls-files --others --exclude-standard"
NOTHING = "Nothing is changed since the last commit."
_MAGIC = re.compile(r"[*?\[\\\x00-\x1f]|^:")
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


async def difference(material: Material) -> list[PromptContext]:
    """Return the changes of every folder of the workspace. Raises NotAttached."""
    found = [await _of_folder(root, material) for root in material.parts.workspace.roots]
    attached = [it for it in found if it is not None]
    if not attached:
        raise NotAttached(NOTHING)
    return attached


async def _of_folder(root: Path, material: Material) -> PromptContext | None:
    changed = _names(await material.output(NAMES, root, SECONDS))
    fresh = _names(await material.output(UNTRACKED, root, SECONDS))
    shown = await _shown(changed, root, material)
    new = await _shown(fresh, root, material)
    left_out = len(changed) - len(shown)
    notes = [f"{counted(left_out, 'changed file')} left out, which may not be read unasked"] * bool(left_out)
    notes += [
        f"not in git yet: {', '.join(new[:20])}{f' and {len(new) - 20} more' if len(new) > 20 else ''}"
    ] * bool(new)
    if await material.parts.workspace.unsaved():
        notes.append("as the disk has it, without what is not saved")
    if len(shown) > MOST_FILES:
        notes.append(f"{MOST_FILES} of {len(shown)} files")
    text = ""
    if shown:
        line = DIFFERENCE + " ".join(map(shlex.quote, shown[:MOST_FILES]))
        text = await material.output(line, root, SECONDS)
    if not (text.strip() or new or left_out):
        return None
    safe = await computed(len(text), lambda: redact(text).text)
    text, note = cut(safe)
    name = "" if root == material.parts.workspace.roots[0] else str(root)
    return PromptContext(kind="diff", name=name, text=text, note="; ".join([note, *notes] if note else notes))


async def _shown(names: Iterable[str], root: Path, material: Material) -> list[str]:
    """Return those that could be read unasked; a name that git would take for a pattern could mean others as well."""
    paths = {
        name: path for name in names if not _MAGIC.search(name) and (path := _path(name, root, material))
    }
    allowed = set(await material.readable([*paths.values(), *(root / it for it in paths)]))
    return [name for name, path in paths.items() if path in allowed and root / name in allowed]


def _path(name: str, root: Path, material: Material) -> Path | None:
    try:
        return material.parts.workspace.resolve(str(root / name))
    except ToolError:
        return None


def _names(output: str) -> list[str]:
    return [_unquoted(line) for line in output.split("\n") if line and line != "[…]"]


def _unquoted(line: str) -> str:
    """Return a name as it is, which git quotes where it holds other letters than those of ASCII."""
    if not (line.startswith('"') and line.endswith('"')):
        return line

    def letter(found: re.Match[bytes]) -> bytes:
        said = found[1]
        return bytes([int(said, 8) & 0xFF]) if len(said) == 3 else _LETTERS.get(said, said)

    return _ESCAPED.sub(letter, line[1:-1].encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )
