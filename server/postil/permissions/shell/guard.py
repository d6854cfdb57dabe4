"""The judgement on a command line: it runs unasked, a person is asked, or it never runs; with every check that fired.

Pure but for what `Surroundings` looks up, and total: whatever fails while judging, the answer is to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from postil.permissions.shell import second
from postil.permissions.shell.checks import checks
from postil.permissions.shell.files import RememberedFiles
from postil.permissions.shell.forms import usage_for
from postil.permissions.shell.lookthrough import behind, handed_on, scanned, stripped
from postil.permissions.shell.parser import parse
from postil.permissions.shell.part import Finding, Note, Part, Verdict, View
from postil.permissions.shell.surroundings import Memory, Surroundings
from postil.permissions.shell.syntax import Refused, Script
from postil.permissions.shell.walk import Walker, Way

LONGEST = 8 * 1024
"""Bytes of a line that is parsed; a longer one is only looked through for what must never run."""

_RANK: dict[Verdict, int] = {"auto": 0, "ask": 1, "deny": 2}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a line."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    """The strictest first."""
    every: tuple[Part, ...]
    """What the line itself starts, with plain wrappers stripped, and all that may stand behind; a finding's part is an
    index in it."""

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that fired, each once, the strictest first."""
        return tuple(dict.fromkeys(it.check for it in self.findings))

    @property
    def reason(self) -> str:
        """Why it does not run unasked; empty where it does."""
        return self.findings[0].reason if self.findings else ""


def judge(line: str, around: Surroundings) -> Judgement:
    """Judge a command line."""
    around = replace(around, files=RememberedFiles(around.files), memory=Memory())
    try:
        view = look(line, around)
    except Exception as error:  # noqa: BLE001 - whatever fails while judging, the answer is not to run it unasked
        finding = Finding("syntax", "ask", f"judging it failed: {type(error).__name__}")
        parts = _scanned_safely(line, around)
        nothing = tuple(None for _ in parts)
        view = View(line, around, None, None, parts, (), nothing, nothing)
        return _judgement(view, [finding, *_found(view)])
    return _judgement(view, _found(view))


def look(line: str, around: Surroundings) -> View:
    """Return all that the checks look at."""
    script, refused = _parsed(line)
    parts: list[Part] = []
    notes: list[Note] = []
    if script is not None:
        try:
            parts, notes = _walked(line, script, around)
        except Refused as much:
            script, refused = None, much
    if script is None:
        parts = scanned(line, frozenset({around.cwd}))
    every = _with_hidden(parts, around)
    if not every.complete:
        notes.append(Note("size", "it starts programs by programs too often to be followed"))
    usages = tuple(usage_for(it, around) for it in every.parts)
    return View(line, around, script, refused, tuple(every.parts), tuple(notes), tuple(every.owners), usages)


def _walked(line: str, script: Script, around: Surroundings) -> tuple[list[Part], list[Note]]:
    walker = Walker(around)
    walker.script(script, Way(frozenset({around.cwd})))
    other = second.differs(line, script)
    if other is not None:
        walker.notes.append(Note(other, "a second parser reads it differently"))
    return [_without_wrappers(it) for it in walker.parts], walker.notes


def _parsed(line: str) -> tuple[Script | None, Refused | None]:
    try:
        if len(line.encode("utf-8", "surrogatepass")) > LONGEST:
            return None, Refused("size", f"it is longer than {LONGEST} bytes", LONGEST)
        return parse(line), None
    except Refused as refused:
        return None, refused
    except RecursionError:
        return None, Refused("size", "it is nested too deep", 0)


def _without_wrappers(part: Part) -> Part:
    while (inner := stripped(part)) is not None:
        part = inner
    return part


def _found(view: View) -> list[Finding]:
    found: list[Finding] = []
    for check in checks():
        try:
            found += check.find(view)
        except Exception as error:  # noqa: BLE001 - a check that fails has not shown that anything is safe
            found.append(Finding(check.name, "ask", f"the check failed: {type(error).__name__}"))
    return found


def _judgement(view: View, found: Sequence[Finding]) -> Judgement:
    findings = tuple(sorted(found, key=lambda it: -_RANK[it.verdict]))
    verdict = findings[0].verdict if findings else "auto"
    return Judgement(verdict, findings, view.parts)


def _scanned_safely(line: str, around: Surroundings) -> tuple[Part, ...]:
    try:
        return tuple(_with_hidden(scanned(line, frozenset({around.cwd})), around).parts)
    except Exception:  # noqa: BLE001 - then the answer is to ask, which `judge` has found already
        return ()


@dataclass
class _Every:
    """The parts of a line, and after them all that may stand behind these."""

    parts: list[Part]
    owners: list[int | None]
    complete: bool = True

    def look_behind(self, start: int, end: int, around: Surroundings) -> None:
        """Add what stands behind some of the parts."""
        for index in range(start, end):
            found, complete = behind(self.parts[index], around)
            self.add((index, it) for it in found)
            self.complete &= complete

    def add(self, found: Iterable[tuple[int, Part]]) -> None:
        """Add parts, each with the index of one that it stands behind."""
        for index, part in found:
            self.parts.append(part)
            self.owners.append(self.owners[index])


def _with_hidden(parts: Sequence[Part], around: Surroundings) -> _Every:
    every = _Every([*parts], [None if it.through else at for at, it in enumerate(parts)])
    every.look_behind(0, len(parts), around)
    seen = len(every.parts)
    every.add(handed_on(every.parts, around))
    every.look_behind(seen, len(every.parts), around)
    return every
