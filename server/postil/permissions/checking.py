"""Questions about commands and paths, as JSON: for people who test their rules, and for anyone who wants to test the guard."""

from __future__ import annotations

import json
import os
import posixpath
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from postil.core.errors import ConfigurationError
from postil.permissions.closing import closed_by, covers
from postil.permissions.command import decide
from postil.permissions.kinds import hosts, paths
from postil.permissions.places import Operation, PathDecision, judge_path
from postil.permissions.rule import Rule, Verdict, parse
from postil.permissions.shell.files import Entry, FileSystem, GivenFiles, Kind
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.world import this_machine

GIVEN_HOME = "/home/me"
"""The home where a question gives a file system and no home."""


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

    root: str | None = None
    home: str | None = None
    cwd: str | None = None
    fs: GivenFileSystem | None = None


class CommandQuestion(Question):
    """May this command run, or this tool be used?"""

    command: str
    tool: Literal["Bash", "Read", "Edit", "WebFetch"] = "Bash"
    rules: GivenRules = Field(default_factory=GivenRules)


class PathQuestion(Question):
    """May a file tool go on with this path?"""

    path: str
    op: Operation = "read"


class Answer(BaseModel):
    """What is decided, the checks that fired, and why."""

    decision: Literal["auto", "allow", "ask", "deny"]
    checks: list[str]
    reason: str


def answer_line(line: str) -> str | None:
    """Return the answer to one line of JSON, as one line; None for a blank line. Never raises."""
    if not line.strip():
        return None
    try:
        answer = _answered(json.loads(line))
    except (ValueError, ConfigurationError, RecursionError) as error:
        answer = Answer(decision="ask", checks=["input"], reason=_told(error))
    return answer.model_dump_json()


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
    if question.tool == "Bash":
        decision = decide(question.command, rules, closed_by(around, rules))
        return Answer(decision=decision.verdict, checks=list(decision.checks), reason=decision.reason)
    if question.tool == "WebFetch":
        return _check_host(question.command, rules)
    return _check_file(question, rules, around)


def _check_file(question: CommandQuestion, rules: tuple[Rule, ...], around: Surroundings) -> Answer:
    kind = question.tool
    judged = judge_path(question.command, "read" if kind == "Read" else "write", around)
    rule = _strictest(kind, judged.physical, rules, around)
    if judged.verdict == "deny" or (rule is not None and rule.verdict == "deny"):
        return _by(judged, rule, "deny") if judged.verdict == "deny" else _by(None, rule, "deny")
    if rule is not None and rule.verdict == "ask":
        return _by(None, rule, "ask")
    if rule is not None and all(
        _overruled(it.check, rule, judged.physical, around) for it in judged.findings
    ):
        return _by(None, rule, "auto")
    if judged.verdict == "allow" and kind == "Read":
        return _by(judged, None, "auto")
    return _by(judged, None, "ask")


def _overruled(check: str, rule: Rule, path: str, around: Surroundings) -> bool:
    """Whether a rule that allows may overrule the check: of secrets, only one that names the very file."""
    if check == "secrets":
        return rule.pattern is not None and paths.names(
            rule.pattern, Path(path), _roots(around), Path(around.home)
        )
    return check in ("paths", "executes-later")


def _by(judged: PathDecision | None, rule: Rule | None, decision: Literal["auto", "ask", "deny"]) -> Answer:
    if judged is not None:
        reason = judged.reason if judged.findings or decision == "auto" else "no rule allows it"
        return Answer(
            decision=decision, checks=list(judged.checks) or ["rules"] * (decision != "auto"), reason=reason
        )
    text = rule.text if rule is not None else "no rule"
    return Answer(decision=decision, checks=["rules"] if decision != "auto" else [], reason=f"by {text}")


def _check_host(url: str, rules: tuple[Rule, ...]) -> Answer:
    host, plain = hosts.host_of(url)
    matching = [
        it
        for it in rules
        if it.kind == "WebFetch" and hosts.matches(it.pattern, host, allowing=it.verdict == "allow")
    ]
    rule = max(matching, key=lambda it: (_RANK[it.verdict], it.text), default=None)
    if rule is not None and rule.verdict != "allow":
        return _by(None, rule, rule.verdict)
    if not plain:
        return Answer(
            decision="ask", checks=["host"], reason="it is not a plain http or https address of a named host"
        )
    if rule is None:
        return Answer(decision="ask", checks=["rules"], reason=f"no rule allows the host {host}")
    return _by(None, rule, "auto")


_RANK: dict[Verdict, int] = {"allow": 0, "ask": 1, "deny": 2}


def _strictest(kind: str, path: str, rules: tuple[Rule, ...], around: Surroundings) -> Rule | None:
    matching = [it for it in rules if it.kind == kind and covers(it, path, around)]
    return max(matching, key=lambda it: (_RANK[it.verdict], it.text), default=None)


def _rules(given: GivenRules) -> tuple[Rule, ...]:
    texts: list[tuple[Verdict, list[str]]] = [
        ("allow", given.allow),
        ("ask", given.ask),
        ("deny", given.deny),
    ]
    return tuple(parse(text, verdict, "user") for verdict, each in texts for text in each)


def _roots(around: Surroundings) -> tuple[Path, ...]:
    return tuple(map(Path, around.roots))


def surroundings(question: Question) -> Surroundings:
    """Return the world that a question is about: the one it gives, or this machine."""
    if question.root is None and question.fs is None:
        return _here(question)
    root = posixpath.normpath(question.root or "/ws")
    home = question.home or GIVEN_HOME
    cwd = posixpath.join(root, question.cwd or ".")
    own = tuple(posixpath.join(home, it) for it in _OWN)
    return Surroundings(
        (root,), posixpath.normpath(cwd), home, _given(question.fs or GivenFileSystem()), own=own
    )


def _here(question: Question) -> Surroundings:
    home = question.home or str(Path.home())
    here = this_machine([Path.cwd()], [Path(home, it) for it in _OWN])
    return replace(here, home=home, cwd=os.path.realpath(posixpath.join(here.cwd, question.cwd or ".")))


_OWN = ("/etc/postil", ".config/postil", ".local/state/postil", ".local/share/postil", ".cache/postil")


def _given(fs: GivenFileSystem) -> FileSystem:
    exists = {path: _entry(text) for path, text in fs.exists.items()}
    fold = fs.case == "insensitive" or fs.platform in ("macos", "windows")
    return GivenFiles(fs.symlinks, fs.hardlinks, exists, fold)


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


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
