"""A SKILL.md read leniently and judged strictly: what can be loaded is, and everything that is wrong is said with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from postil.core.revealing import one_line

FILE = "SKILL.md"
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1_024
LONGEST_COMPATIBILITY = 500
MOST_LINES = 500
"""Lines of instructions after which the format wants the rest in files beside it."""
_FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
_NOT_LETTERS = re.compile(r"[^a-z]")
_MEANT = ("allowedtools", "allowedtool", "allowtools", "allowtool")
"""Wrong spellings of `allowed-tools`, without what is between the words."""
_FIELD = re.compile(r"([A-Za-z][\w-]*):[ \t]*(.*)\Z")
_ENTRY = re.compile(r"[A-Za-z_][\w-]*(?:\([^()]*\))?")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong with a SKILL.md."""

    line: int
    """From 1."""
    message: str
    severity: Literal["error", "warning"] = "warning"
    """An error keeps the skill from being used."""


@dataclass(slots=True)
class Written:
    """A SKILL.md as it is written."""

    name: str = ""
    description: str = ""
    body: str = ""
    allowed: tuple[str, ...] | None = None
    """What alone it wants used; nothing at all where that cannot be read."""
    flaws: list[Flaw] = field(default_factory=list[Flaw])

    @property
    def usable(self) -> bool:
        """Whether it can be used, whatever else is wrong."""
        return all(it.severity != "error" for it in self.flaws)


def read(text: str, folder: str) -> Written:
    """Return what a SKILL.md in a folder of this name says. Never raises."""
    found = Written()
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    front, closing, body = text.removeprefix("---\n").partition("\n---\n")
    if not closing and front.endswith("\n---"):
        front, closing = front.removesuffix("\n---"), "---"
    if not text.startswith("---\n") or not closing:
        found.flaws.append(Flaw(1, "It does not open with front matter between two lines of `---`.", "error"))
        return found
    lines = _lines(front)
    fields = _fields(front, found)
    found.body = body.strip()
    found.flaws += _flaws(fields, lines, folder, found)
    if not found.body:
        found.flaws.append(
            Flaw(front.count("\n") + 3, "There are no instructions after the front matter.", "error")
        )
    if found.body.count("\n") >= MOST_LINES:
        over = f"The instructions are longer than {MOST_LINES} lines; put what is needed seldom into files beside it."
        found.flaws.append(Flaw(front.count("\n") + 4 + MOST_LINES, over))
    return found


def _lines(front: str) -> dict[str, int]:
    """Return the lines on which fields begin."""
    rows = enumerate(front.split("\n"), 2)
    return {match[1]: number for number, row in rows if (match := _FIELD.match(row)) is not None}


def _fields(front: str, found: Written) -> Mapping[str, Any]:
    """Return the front matter; of one that is not YAML, such as for a colon in a description, what its lines say."""
    import yaml  # noqa: PLC0415 - with the first skill

    try:
        data: object = yaml.safe_load(front)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        line = int(mark.line) + 2 if mark is not None else 2
        found.flaws.append(
            Flaw(line, "The front matter is not YAML; put text with a colon in it into quotes.")
        )
        rows = (_FIELD.match(row) for row in front.split("\n"))
        return {
            match[1]: match[2].strip().strip("\"'")
            for match in rows
            if match is not None and match[2].strip()
        }
    if isinstance(data, dict):
        return {str(key): value for key, value in cast("dict[Any, Any]", data).items()}
    found.flaws.append(Flaw(2, "The front matter is no list of fields.", "error"))
    return {}


def _flaws(
    fields: Mapping[str, Any], lines: Mapping[str, int], folder: str, found: Written
) -> Iterator[Flaw]:
    def at(name: str) -> int:
        return lines.get(name, 1)

    name, description = fields.get("name"), fields.get("description")
    found.name = name.strip() if isinstance(name, str) else ""
    found.description = " ".join(description.split()) if isinstance(description, str) else ""
    if not found.name:
        yield Flaw(at("name"), "`name` is missing: it is the folder's.", "warning")
        found.name = folder
    elif found.name != folder:
        yield Flaw(
            at("name"), f"`name` is {found.name!r}, but the folder is called {folder!r}; they have to agree."
        )
        found.name = folder
    if not NAME.match(folder) or len(folder) > LONGEST_NAME:
        what = f"A name has lower-case letters, digits and single hyphens, {LONGEST_NAME} at most."
        yield Flaw(at("name"), what, "error")
    if not found.description:
        why = "by it the agent knows when to use the skill"
        is_text = description is None or isinstance(description, str)
        said = (
            "is missing"
            if is_text
            else f"is {one_line(repr(description), 60)}, and must be a text (in quotes)"
        )
        yield Flaw(at("description"), f"`description` {said}: {why}.", "error")
    if len(found.description) > LONGEST_DESCRIPTION:
        yield Flaw(
            at("description"),
            f"`description` is longer than {LONGEST_DESCRIPTION:,} characters; the rest is left out.",
        )
        found.description = found.description[:LONGEST_DESCRIPTION]
    compatibility = fields.get("compatibility")
    if isinstance(compatibility, str) and len(compatibility) > LONGEST_COMPATIBILITY:
        yield Flaw(at("compatibility"), f"`compatibility` is longer than {LONGEST_COMPATIBILITY} characters.")
    if "allowed-tools" in fields:
        found.allowed = _allowed(fields["allowed-tools"])
        if not found.allowed:
            said = "`allowed-tools` cannot be read: while the skill is active, nothing but what every skill may use is allowed."
            yield Flaw(at("allowed-tools"), said)
            found.allowed = ()
    for other in (it for it in fields if it not in _FIELDS):
        if _NOT_LETTERS.sub("", other.lower()) in _MEANT:
            # Left out, it would narrow nothing, and whoever wrote it meant it to.
            said = f"`{other}` is no field of a skill: it is written `allowed-tools`, and leaves nothing out like this."
            yield Flaw(at(other), said, "error")
        else:
            yield Flaw(at(other), f"`{other}` is no field of a skill, and means nothing here.")


def _allowed(value: object) -> tuple[str, ...]:
    """Return the entries of `allowed-tools`: names of tools, with a rule's pattern where they have one; none where one is neither."""
    if isinstance(value, list):
        entries = [it for it in cast("list[object]", value) if isinstance(it, str)]
        if len(entries) != len(cast("list[object]", value)):
            return ()
    elif isinstance(value, str):
        entries = re.findall(r"[^\s,()]+(?:\([^()]*\))?", value)
        if sum(map(len, entries)) != len(re.sub(r"[\s,](?![^()]*\))", "", value)):
            return ()
    else:
        return ()
    stripped = tuple(it.strip() for it in entries)
    return stripped if all(_ENTRY.fullmatch(it) for it in stripped) else ()
