"""The skills of a user and a workspace: where they are looked for, which of several of one name counts, and what each says.

Order, the first counts: the user's (`~/.agents/skills`), Postil's own, then of each root of a trusted workspace `.agents/skills` and `.claude/skills`.
So nothing that comes with a workspace can take the place of what a person knows, and has maybe allowed, by its name. What a workspace's skill says is
held against what it said when the session began: nobody has seen another one.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from postil.core.effects import text_hash
from postil.core.errors import InvalidInput, NotFound, ToolError
from postil.core.ports.skills import SkillText
from postil.core.redaction.redact import redact
from postil.core.revealing import legible, one_line
from postil.core.skills import SkillOwner, SkillRow, SkillsInForce
from postil.tools.skills.front_matter import FILE, Flaw, Written, read
from postil.tools.skills.listing import listed
from postil.workspace.files.opening import read_regular
from postil.workspace.files.paths import is_secret

BUILTIN = Path(__file__).with_name("builtin")
PLACES = (Path(".agents", "skills"), Path(".claude", "skills"))
"""Within each root of a workspace; the first of them also within the user's home."""
MOST = 200
"""Folders of one place that are looked at."""
LARGEST = 1_000_000
"""Bytes of a SKILL.md, or of a file beside one."""
ALL = 10_000_000
"""Bytes of a workspace's skill with all that lies beside it."""
_MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A folder with a SKILL.md, and whether it counts."""

    row: SkillRow
    flaws: tuple[Flaw, ...] = ()
    allowed: tuple[str, ...] | None = None
    state: str = ""
    """Why it does not count; empty where it does."""


class Library:
    """Finds and reads skills."""

    def __init__(
        self,
        roots: Sequence[Path],
        home: Path,
        key: str,
        keeps_back: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        """`key` is an id that who writes the workspace's files does not know, `keeps_back` says which files rules keep from the agent."""
        self._roots = tuple(roots)
        self._home = home
        self._key = key
        self._keeps_back = keeps_back

    async def begin(self, *, trusted: bool) -> SkillsInForce | None:
        """Return what a session has that begins now; None where there is nothing. Never raises."""
        rows = [it.row for it in await asyncio.to_thread(self.inventory, trusted=trusted) if not it.state]
        text = listed(rows, self._key)
        return SkillsInForce(text=text, hash=text_hash(text), skills=tuple(rows)) if rows else None

    async def load(self, row: SkillRow) -> SkillText:
        """Return a skill as it is now. Raises ToolError."""
        return await asyncio.to_thread(self._load, row)

    async def resource(self, row: SkillRow, name: str) -> str:
        """Return the text of a file beside a skill. Raises ToolError."""
        return await asyncio.to_thread(self._resource, row, name)

    def inventory(self, *, trusted: bool) -> list[Found]:
        """Return every skill there is, also those that do not count, with why. Blocking. Never raises."""
        found: list[Found] = []
        counting: dict[str, str] = {}
        for owner, folder in self._places():
            for path in _files(folder):
                one = self._found(owner, path)
                if not one.state and owner == "workspace" and not trusted:
                    one = _off(one, "the workspace is not trusted")
                first = counting.setdefault(one.row.name, one.row.path) if not one.state else ""
                if first and first != one.row.path:
                    one = _off(one, f"{first} has the same name and counts before it")
                found.append(one)
        return found

    def _places(self) -> Iterator[tuple[SkillOwner, Path]]:
        yield "user", self._home / PLACES[0]
        yield "built-in", BUILTIN
        for root in self._roots:
            for it in PLACES:
                yield "workspace", root / it

    def _found(self, owner: SkillOwner, path: Path) -> Found:
        try:
            text = self._text(path, owner)
        except ToolError as error:
            row = SkillRow(name=path.parent.name, description="", owner=owner, path=str(path))
            return Found(row, state=error.message.removesuffix("."))
        written = read(text, path.parent.name)
        said = one_line(redact(written.description).text, 1_200)
        row = SkillRow(name=written.name, description=said, owner=owner, path=os.path.realpath(path))
        why = next((it.message for it in written.flaws if it.severity == "error"), "")
        if owner == "workspace" and not why:
            try:
                row = row.model_copy(update={"digest": digest(text, self._contents(Path(row.path).parent))})
            except ToolError as error:
                why = error.message
        return Found(row, tuple(written.flaws), written.allowed, why.removesuffix("."))

    def _text(self, path: Path, owner: SkillOwner) -> str:
        """Return the text of a skill's own file. Raises ToolError."""
        real = Path(os.path.realpath(path))
        if owner == "workspace":
            if not any(real.is_relative_to(root) for root in self._roots):
                raise InvalidInput(f"{path} leads out of the workspace.")
            if self._keeps_back(real):
                raise InvalidInput("A rule keeps it from the agent.")
        data, _ = read_regular(real, LARGEST)
        return data.decode("utf-8", "replace")

    def _load(self, row: SkillRow) -> SkillText:
        path = Path(row.path)
        text = self._text(path, row.owner)
        if row.owner == "workspace":
            self._check(row, text, self._contents(path.parent))
        written: Written = read(text, row.name)
        if not written.usable:
            raise InvalidInput(f"The skill {row.name} cannot be used: {written.flaws[0].message}")
        return SkillText(
            legible(redact(written.body).text), text_hash(text), written.allowed, tuple(_beside(path.parent))
        )

    def _resource(self, row: SkillRow, name: str) -> str:
        folder = Path(os.path.realpath(Path(row.path).parent))
        if not name or "\0" in name:
            raise InvalidInput("No file is named.", "Name one beside the skill, such as `references/api.md`.")
        path = Path(os.path.realpath(folder / name))
        if not path.is_relative_to(folder) or path == folder:
            raise InvalidInput(
                f"{one_line(name)} does not lie in the folder of {row.name}.", "Use `read` for other files."
            )
        if is_secret(PurePosixPath(path.relative_to(folder).as_posix())):
            raise InvalidInput(f"{one_line(name)} is known to hold secrets.")
        if row.owner == "workspace" and self._keeps_back(path):
            raise InvalidInput("A rule keeps it from the agent.")
        try:
            data = (
                self._held(row, path, folder) if row.owner == "workspace" else read_regular(path, LARGEST)[0]
            )
        except NotFound as error:
            there = ", ".join(_beside(folder)) or "none"
            raise NotFound(f"{row.name} has no file {one_line(name)}.", f"Its files are {there}.") from error
        try:
            return legible(redact(data.decode("utf-8")).text)
        except UnicodeDecodeError as error:
            raise InvalidInput(f"{one_line(name)} is no text.") from error

    def _held(self, row: SkillRow, path: Path, folder: Path) -> bytes:
        """Return the file of a workspace's skill that is as it was when the session began. Raises ToolError."""
        contents = self._contents(folder)
        self._check(row, self._text(Path(row.path), row.owner), contents)
        data = contents.get(path.relative_to(folder).as_posix())
        if data is None:
            raise NotFound(f"{path.name} is not there, or is no file of at most {LARGEST:,} bytes.")
        return data

    def _check(self, row: SkillRow, text: str, contents: Mapping[str, bytes | None]) -> None:
        if digest(text, contents) != row.digest:
            raise InvalidInput(
                f"The skill {row.name} is not as it was when this session began.",
                "Go on without it, or have the person begin a new session, which has it as it is now.",
            )

    def _contents(self, folder: Path) -> dict[str, bytes | None]:
        """Return what can be read beside a SKILL.md of a workspace; None for what cannot be. Raises InvalidInput for too much."""
        found: dict[str, bytes | None] = {}
        room = ALL
        for name in _beside(folder):
            path = Path(os.path.realpath(folder / name))
            try:
                found[name] = read_regular(path, LARGEST)[0] if path.is_relative_to(folder) else None
            except ToolError:
                found[name] = None
            room -= len(found[name] or b"")
            if room < 0:
                raise InvalidInput(f"What lies beside it is over {ALL:,} bytes.")
        return found


def digest(text: str, contents: Mapping[str, bytes | None]) -> str:
    """Return the hash of a skill with all that lies beside it."""
    parts = [text_hash(text), *(f"{name}\0{_hash(data)}" for name, data in contents.items())]
    return text_hash("\n".join(parts))


def _hash(data: bytes | None) -> str:
    return hashlib.sha256(data).hexdigest() if data is not None else ""


def _files(folder: Path) -> list[Path]:
    try:
        names = sorted(it.name for it in folder.iterdir() if it.name[0] != ".")
    except OSError:
        return []
    return [path for name in names[:MOST] if os.path.lexists(path := folder / name / FILE)]


def _beside(folder: Path) -> Iterator[str]:
    """Yield the files beside a SKILL.md, a hundred at most, in order of their paths."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(it for it in folders if it[0] != ".")
        found += (Path(place, it).relative_to(folder).as_posix() for it in sorted(names) if it[0] != ".")
        if len(found) > _MOST_FILES:
            break
    yield from (one_line(it, 200) for it in found[:_MOST_FILES] if it != FILE)


def _off(found: Found, why: str) -> Found:
    return Found(found.row, found.flaws, found.allowed, why)
