"""A prompt file: Markdown, with front matter or without, whose words stand for a slash command. It permits nothing.

What is wrong with one is said with its line; an error keeps it from being used, for nobody should be asked other than they meant.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from postil.config.front_matter import BadFrontMatter, FrontMatter, front_matter
from postil.core.revealing import one_line
from postil.tools.skills.front_matter import Flaw

MOST_WORDS = 40_000
"""Characters of what the model reads."""
LONGEST = 400
"""Characters of a description."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_FIELDS = ("description", "argument-hint", "agent")
_PLACE = re.compile(r"(\\?)\$(ARGUMENTS\b|[1-9](?!\d))")


@dataclass(slots=True)
class PromptFile:
    """What a prompt file says."""

    name: str
    description: str = ""
    hint: str = ""
    """What to write behind the name, for people."""
    agent: str = ""
    """The agent type of the sessions that it is for; empty for all."""
    agent_line: int = 1
    """Where that is said."""
    body: str = ""
    flaws: list[Flaw] = field(default_factory=list[Flaw])

    @property
    def fault(self) -> Flaw | None:
        """What keeps it from being used; None where nothing does."""
        return next((it for it in self.flaws if it.severity == "error"), None)


def read_prompt(text: str, stem: str) -> PromptFile:
    """Return what a file of this name, `.md` left out, says. Never raises."""
    found = PromptFile(stem)
    try:
        written = _split(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except BadFrontMatter as error:
        found.flaws.append(Flaw(error.line, f"{_sentence(str(error))}.", "error"))
        return found
    found.body = written.body.strip()
    found.flaws += _flaws(written, found)
    return found


def expanded(body: str, arguments: str) -> str:
    """Return the words with what was written behind the name in its places: `$ARGUMENTS` all of it, `$1` to `$9` a word each.

    A place that nothing was written for is empty; `\\$1` stays `$1`.
    """
    words = _words(arguments)

    def put(place: re.Match[str]) -> str:
        escaped, name = place.groups()
        if escaped:
            return f"${name}"
        if name == "ARGUMENTS":
            return arguments
        return words[int(name) - 1] if int(name) <= len(words) else ""

    return _PLACE.sub(put, body)


def _split(text: str) -> FrontMatter:
    return front_matter(text) if text.startswith("---\n") else FrontMatter({}, text)


def _flaws(written: FrontMatter, found: PromptFile) -> Iterator[Flaw]:
    if not NAME.match(found.name):
        yield Flaw(1, "The file's name is not one of letters, digits, hyphens and underscores.", "error")
    if written.data is not None and not isinstance(written.data, dict):
        yield Flaw(2, "The front matter is no list of fields.", "error")
        return
    data = cast("Mapping[Any, Any]", written.data or {})
    fields = {str(key): value for key, value in data.items()}

    def at(name: str) -> int:
        return written.lines.get(name, 1)

    for name in _FIELDS:
        value = fields.get(name)
        if value is not None and not isinstance(value, str | int | float | list):
            yield Flaw(at(name), f"`{name}` is no text.", "error")
    found.description = _text(fields.get("description")) or _first_line(found.body)
    found.hint = _text(fields.get("argument-hint"))
    agent = fields.get("agent")
    if agent is not None and not (isinstance(agent, str) and _TYPE.match(agent)):
        yield Flaw(at("agent"), "`agent` is no name of an agent type; `postil agents` lists them.", "error")
    elif isinstance(agent, str):
        found.agent, found.agent_line = agent, at("agent")
    for other in fields:
        if other not in _FIELDS:
            yield Flaw(at(other), f"`{other}` is no field of a prompt file, and means nothing here.")
    if not found.body:
        yield Flaw(1, "There are no words to ask with.", "error")
    if len(found.body) > MOST_WORDS:
        yield Flaw(1, f"It has {len(found.body):,} characters, and {MOST_WORDS:,} is the most.", "error")


def _text(value: object) -> str:
    """Return a field as one line; `[file]` without quotes is a list to YAML, and people write hints so."""
    if isinstance(value, list):
        return one_line(" ".join(f"[{it}]" for it in cast("list[object]", value)), LONGEST)
    return one_line(str(value), LONGEST) if value is not None else ""


def _first_line(body: str) -> str:
    return one_line(next((it.strip("# \t") for it in body.split("\n") if it.strip("# \t")), ""), LONGEST)


def _words(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError:
        return arguments.split()


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].removesuffix(".")
