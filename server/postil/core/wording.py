"""A question in words, line by line: the same in every face, each of which only sets them in its own way."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import get_args

from postil.core.effects import FactName
from postil.core.question import CommandPart, NamedPath, Question
from postil.core.revealing import exact

_ORDER = {name: place for place, name in enumerate(get_args(FactName))}


def told(question: Question) -> list[str]:
    """Return all that is told below the subject: facts, the lasting rule, and the parts of a longer command."""
    return [*facts(question), *lasting(question), *parts(question)]


def facts(question: Question) -> list[str]:
    """Return the facts, one line each; what only says the subject again is left out."""
    return [
        f"{fact.name}: {_line(fact.text)}" for fact in question.facts if fact.text.strip() != question.subject
    ]


def lasting(question: Question) -> list[str]:
    """Return the rule that a lasting answer would set, what else it would allow, and where one for always is kept."""
    lines: list[str] = []
    for option in question.options:
        if option.kind in ("allow_session", "allow_always") and option.note:
            lines += (f"lasting rule: {_line(rule)}" for rule in option.note.split("\n"))
            lines += [f"also allows: {_line(option.also)}"] if option.also else []
    kept = [it.kept for it in question.options if it.kind == "allow_always" and it.kept]
    lines += [f"always allowed is kept: {it}" for it in kept]
    return list(dict.fromkeys(lines))


def parts(question: Question) -> list[str]:
    """Return the commands of a line of several, the dangerous ones first, and where paths lead that do not say so."""
    several = len(question.parts) > 1
    in_order = sorted(
        question.parts, key=lambda it: _ORDER[it.danger] if it.danger is not None else len(_ORDER)
    )
    lines = [line for part in in_order for line in _part(part, named=several)]
    return ["parts:", *lines] if several else lines


def _part(part: CommandPart, *, named: bool) -> Iterator[str]:
    if named:
        first, *more = part.text.split("\n")
        yield f"  {part.danger}: {first}" if part.danger is not None else f"  {first}"
        yield from (f"    {line}" for line in more)
    for path in part.paths:
        if not path.leads_to:
            yield f"    {path.written} leads where only running it tells"
        elif not _says_so(path):
            yield f"    {path.written} is {path.leads_to}"


def _says_so(path: NamedPath) -> bool:
    """Whether a path leads where its words say."""
    if path.written.startswith("/"):
        return posixpath.normpath(path.written) == path.leads_to
    plain = posixpath.normpath(path.written)
    return ".." not in plain.split("/") and (plain == "." or path.leads_to.endswith(f"/{plain}"))


def _line(text: str) -> str:
    return exact(text.strip()).replace("\n", " ⏎ ")
