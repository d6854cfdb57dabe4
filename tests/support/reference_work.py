"""The reference work: thirty steps on a copy of this repository, and the script with which a model plays them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
ALLOW = ("Bash(echo:*)",)
"""What the commands of the work need; its edits need the mode `accept-edits`."""
ROUNDS = 5
"""The work is so many rounds of read, edit, grep, read, edit, shell."""
STEPS = 6 * ROUNDS
CALLS = {"read": 2 * ROUNDS, "edit": 2 * ROUNDS, "grep": ROUNDS, "shell": ROUNDS}
DONE = "All thirty steps are done."

_MARK = " It was here."


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of the work: a file's text before and after."""

    path: Path
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Work:
    """A copy of the repository and what is done in it."""

    root: Path
    edits: tuple[Edit, ...]
    replies: tuple[dict[str, Any], ...]
    """One reply with one call for each step, in order."""

    @property
    def script(self) -> list[Any]:
        """The replies of one turn: the steps, and a last word."""
        return [*self.replies, {"text": DONE}]

    def restore(self) -> None:
        """Give the edited files their old text, for another round."""
        for edit in self.edits:
            edit.path.write_text(edit.before, "utf-8")


def copy_repository(target: Path) -> Path:
    """Copy every file that git tracks, as it is now."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True
    ).stdout
    for name in listing.decode().split("\0"):
        source = REPOSITORY / name
        if name and source.is_file():
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
    return target


def plan(root: Path) -> Work:
    """Plan the thirty steps on the copy at `root`, from the files that it has."""
    modules = [
        path
        for path in sorted((root / "server/postil").rglob("*.py"))
        if path.read_text("utf-8").startswith('"""')
    ]
    edits = [_edit(path) for path in modules[: 2 * ROUNDS]]
    reads = modules[-2 * ROUNDS :]
    replies: list[dict[str, Any]] = []
    for number in range(ROUNDS):
        first, second = 2 * number, 2 * number + 1
        replies += [
            _call("read", path=_name(reads[first], root)),
            _edit_call(edits[first], root),
            _call("grep", pattern=f"^def .*{'abcde'[number]}", path="server"),
            _call("read", path=_name(reads[second], root)),
            _edit_call(edits[second], root),
            _call("shell", command=f"echo round {number}"),
        ]
    return Work(root, tuple(edits), tuple(replies))


def _edit(path: Path) -> Edit:
    before = path.read_text("utf-8")
    opening, rest = before.split("\n", 1)
    quotes = '"""' if opening.count('"""') == 2 else ""
    return Edit(path, before, f"{opening.removesuffix(quotes)}{_MARK}{quotes}\n{rest}")


def _edit_call(edit: Edit, root: Path) -> dict[str, Any]:
    old, new = edit.before.split("\n", 1)[0], edit.after.split("\n", 1)[0]
    # With its first line's end, the old text is in the file once.
    return _call("edit", path=_name(edit.path, root), edits=[{"old": f"{old}\n", "new": f"{new}\n"}])


def _call(tool: str, **given: Any) -> dict[str, Any]:
    return {"blocks": [{"text": f"Now {tool}."}, {"tool": tool, "input": given}]}


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
