"""Questions about commands and paths, as JSON: for people who test their rules, and for anyone who wants to test the guard."""

from __future__ import annotations

import json
import os
import posixpath
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from postil.core.errors import ConfigurationError
from postil.permissions.matching import Ruling
from postil.permissions.places import Operation, judge_path
from postil.permissions.rule import Rule, Verdict, parse
from postil.permissions.shell.files import Entry, FileSystem, GivenFiles, Kind
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.permissions.things import decide_thing
from postil.permissions.world import this_machine

GIVEN_HOME = "/home/me"
"""The home where a question gives a file system and no home."""


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError("it is no absolute path")
    return path


Absolute = Annotated[str, AfterValidator(_absolute)]


class GivenRules(BaseModel):
    """Rules by what they say, as the user's own file would have them."""

    model_config = ConfigDict(extra="forbid")

    allow: list[str] = []
    ask: list[str] = []
    deny: list[str] = []


class GivenFileSystem(BaseModel):
    """A file system that is told instead of looked at."""

    model_config = ConfigDict(extra="forbid")

    symlinks: dict[str, str] = {}
    hardlinks: dict[str, str] = {}
    exists: dict[str, str] = {}
    case: Literal["sensitive", "insensitive"] = "sensitive"
    platform: Literal["linux", "macos", "windows"] = "linux"


class Question(BaseModel):
    """What is common to both questions."""

    model_config = ConfigDict(extra="forbid")

    root: Absolute | None = None
    home: Absolute | None = None
    cwd: str | None = None
    fs: GivenFileSystem | None = None


class CommandQuestion(Question):
    """May this command run, or this tool be used?"""

    command: str
    tool: Literal["Bash", "Read", "Edit", "WebFetch", "Mcp", "Skill"] = "Bash"
    rules: GivenRules = Field(default_factory=GivenRules)


class PathQuestion(Question):
    """May a file tool go on with this path?"""

    path: str
    op: Operation


class Answer(BaseModel):
    """What is decided, the checks that fired, and why."""

    decision: Literal["auto", "allow", "ask", "deny"]
    checks: list[str]
    reason: str


def answer_line(line: str) -> str | None:
    """Return the answer to one line of JSON, as one line of ASCII; None for a blank line. Never raises."""
    if not line.strip(" \t\r\n"):
        return None
    try:
        answer = _answered(_parsed(line))
    except Exception as error:  # noqa: BLE001 - whatever comes, there is one answer, and it is to ask
        answer = Answer(decision="ask", checks=["input"], reason=_told_safely(error))
    return json.dumps(answer.model_dump(), separators=(",", ":"))


def _parsed(line: str) -> JsonValue:
    if _SURROGATE.search(line):
        raise ConfigurationError("The line is not UTF-8.", "Write it as UTF-8.")
    return json.loads(line, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return an object whose keys are named once: of two values, readers take either."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ConfigurationError("A key is there twice.", "Name each key once.")
    return found


def _answered(data: JsonValue) -> Answer:
    if isinstance(data, dict) and "path" in data and "command" not in data:
        return check_path(PathQuestion.model_validate(data))
    return check_command(CommandQuestion.model_validate(data))


def check_path(question: PathQuestion) -> Answer:
    """Answer a question about a path."""
    decision = judge_path(question.path, question.op, surroundings(question))
    return Answer(decision=decision.verdict, checks=list(decision.checks), reason=decision.reason)


def check_command(question: CommandQuestion) -> Answer:
    """Answer a question about a command, or about another tool; raises ConfigurationError for a rule that is none."""
    rules = _rules(question.rules)
    around = surroundings(question)
    return _told_of(decide_thing(question.tool, question.command, rules, around))


def _told_of(ruling: Ruling) -> Answer:
    decision: Literal["auto", "ask", "deny"] = "auto" if ruling.verdict == "allow" else ruling.verdict
    return Answer(decision=decision, checks=list(ruling.checks), reason=ruling.reason)


def _rules(given: GivenRules) -> tuple[Rule, ...]:
    texts: list[tuple[Verdict, list[str]]] = [
        ("allow", given.allow),
        ("ask", given.ask),
        ("deny", given.deny),
    ]
    return tuple(parse(text, verdict, "user") for verdict, each in texts for text in each)


def surroundings(question: Question) -> Surroundings:
    """Return the world that a question is about: the one it gives, or this machine."""
    if question.root is None and question.fs is None:
        return _here(question)
    root = posixpath.normpath(question.root or "/ws")
    home = question.home or GIVEN_HOME
    cwd = posixpath.join(root, question.cwd or ".")
    own = tuple(posixpath.join(home, it) for it in _OWN)
    return Surroundings(
        (root,),
        posixpath.normpath(cwd),
        home,
        _given(question.fs or GivenFileSystem(), root),
        own=own,
        hides_settings=lambda: True,
        tracked=lambda _: _named_below(question.fs or GivenFileSystem(), root),
    )


def _here(question: Question) -> Surroundings:
    home = question.home or str(Path.home())
    here = this_machine([Path.cwd()], [Path(home, it) for it in _OWN])
    return replace(here, home=home, cwd=os.path.realpath(posixpath.join(here.cwd, question.cwd or ".")))


_OWN = ("/etc/postil", ".config/postil", ".local/state/postil", ".local/share/postil", ".cache/postil")


def _named_below(fs: GivenFileSystem, root: str) -> tuple[str, ...]:
    """Return the files that were given and that a repository at the root may track."""
    paths = (posixpath.normpath(posixpath.join(root, it)) for it in (*fs.exists, *fs.hardlinks))
    return tuple(it for it in paths if is_below(it, root))


def _given(fs: GivenFileSystem, root: str) -> FileSystem:
    """Return the file system that was given; its relative names are meant from the root."""

    def named(path: str) -> str:
        return posixpath.normpath(posixpath.join(root, path))

    exists = {named(path): _entry(text) for path, text in fs.exists.items()}
    links = {named(path): target for path, target in fs.symlinks.items()}
    twins = {named(path): named(target) for path, target in fs.hardlinks.items()}
    fold = fs.case == "insensitive" or fs.platform in ("macos", "windows")
    return GivenFiles(links, twins, exists, fold)


def _entry(text: str) -> Entry:
    word, _, size = text.partition(":")
    kinds: dict[str, Kind] = {
        "file": "file",
        "dir": "dir",
        "fifo": "fifo",
        "socket": "socket",
        "device": "device",
    }
    if word not in kinds or (size and not size.isdigit()):
        raise ConfigurationError(f"{text!r} is no kind of file.", "Write file:SIZE, dir, fifo or socket.")
    return Entry(kinds[word], int(size or 0))


def _told_safely(error: Exception) -> str:
    try:
        return _told(error)
    except Exception:  # noqa: BLE001 - an error that cannot be told is still answered
        return f"It could not be read: {type(error).__name__}."


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}" if place else f"Not a JSON object: {first['msg']}"
    if isinstance(error, json.JSONDecodeError):
        return f"Not JSON: {error.msg}, at character {error.colno}."
    return str(error)
