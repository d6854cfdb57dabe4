"""The collector: files in, rows out. It reads texts that it is given, parses them, and runs nothing of them."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from postil.tools.evidence.code import Code, parse
from postil.tools.evidence.facts import Facts, facts_of
from postil.tools.evidence.names import LONGEST, in_code, in_front_matter, in_lines
from postil.tools.evidence.row import Evidence, Row, order
from postil.tools.evidence.rules import (
    budgets,
    closing,
    durability,
    events,
    loop,
    metadata,
    permission,
    prompts,
    types,
    verification,
)
from postil.tools.evidence.rules.finding import Spot
from postil.tools.evidence.simplicity import judge
from postil.tools.evidence.source import Language, Part, is_made, language, part
from postil.tools.evidence.table import Rule, rules

_FINDERS: tuple[Callable[[Code], Iterator[Spot]], ...] = (
    loop.find,
    metadata.find,
    permission.find,
    closing.find,
    durability.find,
    budgets.find,
    events.find,
    types.find,
    prompts.find,
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_OF_TESTS = frozenset({"verification/test", "verification/cannot-fail", "verification/scripted-model"})
_SEVERAL = 3
"""Kinds of agents from which on there are several."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is looked at. What is over a bound is left out and said."""

    files: int = 5_000
    bytes: int = 60_000_000
    file_bytes: int = 1_000_000
    line: int = 1_000
    """Characters of a line that is quoted; what is longer was not written by hand."""
    seconds: float = 60.0
    """Of work of this process, a last resort: what it cuts off depends on the machine, and is said like the rest."""
    rows_of_a_file: int = 4
    """Rows of one rule that show that something is there, for each file."""
    present: int = 12
    """Rows of one rule that show that something is there, in all."""
    faults: int = 60
    """Rows of one rule that show what to look at, in all."""


@dataclass(slots=True)
class Collector:
    """Takes files one by one, in whatever order, and says in the end what was seen. Not for two threads at once."""

    bounds: Bounds = field(default_factory=Bounds)
    clock: Callable[[], float] = time.process_time
    _rows: list[Row] = field(default_factory=list[Row])
    _ranks: dict[Row, int] = field(default_factory=dict[Row, int])
    _facts: list[Facts] = field(default_factory=list[Facts])
    _others: set[str] = field(default_factory=set[str])
    _beside: set[str] = field(default_factory=set[str])
    _left: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _counts: Counter[str] = field(default_factory=Counter[str])
    _began: float | None = None

    def add(self, path: str, text: str) -> None:
        """Look at a file; `path` is relative, with `/`."""
        how = language(path)
        if how is None:
            return
        if why := self._over(text):
            self._leave(why, path)
            return
        self._counts["bytes"] += len(text)
        if how == "packaging":
            self._others.update(_WORD.findall(text))
            return
        lines = text.removeprefix("\ufeff").split("\n")
        if is_made(lines):
            self._leave("written by a program, as they say themselves", path)
            return
        self._look(path, text.removeprefix("\ufeff"), [it.removesuffix("\r") for it in lines], how)

    def leave_out(self, path: str, why: str) -> None:
        """Note a file that could not be read."""
        self._leave(why, path)

    def finish(self) -> Evidence:
        """Return what was seen."""
        spared = frozenset(self._beside)
        for rule, facts, place in judge(
            sorted(self._facts, key=lambda it: it.path), frozenset(self._others), spared
        ):
            self._rows.append(rules()[rule].row(facts.path, place.line, place.quote))
        self._rows += self._over_engineered()
        self._rows += list(_missing(self._rows))
        found = Counter(it.rule for it in self._rows)
        kept = tuple(self._kept(self._fitting()))
        left = tuple(_sentence(why, paths) for why, paths in sorted(self._left.items()))
        return Evidence(
            kept, found, self._counts["files"], self._counts["tests"], self._counts["lines"], left
        )

    def closed(self) -> str:
        """Return why no further file is looked at; empty where one is."""
        if self._began is None:
            self._began = self.clock()
        if self.clock() - self._began > self.bounds.seconds:
            return f"left when {self.bounds.seconds:g} seconds of work were over (look at a smaller folder)"
        if self._counts["files"] >= self.bounds.files:
            return f"over the bound of {self.bounds.files:,} files (look at a smaller folder)"
        return ""

    def _over(self, text: str) -> str:
        bounds = self.bounds
        if why := self.closed():
            return why
        if len(text) > bounds.file_bytes:
            return f"longer than {bounds.file_bytes:,} characters"
        return (
            ""
            if self._counts["bytes"] + len(text) <= bounds.bytes
            else f"over the bound of {bounds.bytes:,} characters in all"
        )

    def _leave(self, why: str, path: str) -> None:
        self._left.setdefault(why, []).append(path)

    def _look(self, path: str, text: str, lines: list[str], how: Language) -> None:
        what: Part = part(path)
        self._counts.update(files=1, tests=what == "test", lines=text.count("\n"))
        if how == "front-matter":
            self._beside.add(path.removesuffix(".md"))
            spots = ((*it, 0) for it in in_front_matter(lines))
        elif how == "python":
            code = parse(text)
            if code is None:
                self._leave("no Python that this version reads, and so looked at by their lines", path)
                spots = ((*it, 1) for it in in_lines(lines))
            else:
                self._facts.append(facts_of(path, what, code, lines))
                spots = _spots(code, what)
        else:
            self._others.update(_WORD.findall(text))
            spots = ((*it, 1) for it in (*in_lines(lines), *_by_pattern(lines, how)))
        if what != "aside":
            self._take(path, lines, (it for it in spots if what == "code" or it[0] in _OF_TESTS))

    def _take(self, path: str, lines: list[str], spots: Iterable[tuple[str, int, int]]) -> None:
        each: Counter[str] = Counter()
        known: set[tuple[str, int]] = set()
        for rule, line, rank in sorted(spots, key=lambda it: (it[2], it[1], it[0])):
            if (rule, line) in known or not 0 < line <= len(lines):
                continue
            known.add((rule, line))
            it = rules()[rule]
            each[rule] += 1
            if it.kind != "present" or each[rule] <= self.bounds.rows_of_a_file:
                row = it.row(path, line, lines[line - 1])
                self._rows.append(row)
                self._ranks[row] = rank

    def _over_engineered(self) -> list[Row]:
        """Return a row where several agents come before one that survives a crash."""
        met = {it.rule for it in self._rows}
        agents = sorted((it for it in self._rows if it.rule == "agent-types/declared"), key=order)
        durable = met & {"durability/record", "durability/synced"}
        if durable or len({it.quote for it in agents}) < _SEVERAL or "agent-types/sub-agent" not in met:
            return []
        return [
            rules()["over-engineering/agents-before-durability"].row(
                agents[0].file, agents[0].line, agents[0].quote
            )
        ]

    def _fitting(self) -> list[Row]:
        fitting = [it for it in self._rows if len(it.quote) <= self.bounds.line]
        for it in self._rows:
            if len(it.quote) > self.bounds.line:
                self._leave(
                    f"with rows on lines longer than {self.bounds.line:,} characters, which are not quoted",
                    it.file,
                )
        return sorted(fitting, key=order)

    def _kept(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield as many rows of each rule as the bounds allow: of what is there, one for each file first."""
        by_rule: dict[str, list[Row]] = {}
        for it in rows:
            by_rule.setdefault(it.rule, []).append(it)
        kept: list[Row] = []
        for found in by_rule.values():
            if found[0].kind == "present":
                found = self._spread(found)[: self.bounds.present]
            kept += found[: self.bounds.faults]
        yield from sorted(kept, key=order)

    def _spread(self, rows: list[Row]) -> list[Row]:
        """Return the rows with what defines before what uses, and the first of each file before all others."""
        rows = sorted(rows, key=lambda it: (self._ranks.get(it, 0), order(it)))
        firsts = list({it.file: it for it in reversed(rows)}.values())[::-1]
        chosen = set(firsts)
        return [*(it for it in rows if it in chosen), *(it for it in rows if it not in chosen)]


def _spots(code: Code, what: Part) -> Iterator[tuple[str, int, int]]:
    if what == "aside":
        return
    for find in (verification.find,) if what == "test" else _FINDERS:
        yield from ((rule, _line(node), 0) for rule, node in find(code))
    yield from ((rule, _line(node), rank) for rule, node, rank in in_code(code))


def _line(node: object) -> int:
    return getattr(node, "lineno", 0)


def _by_pattern(lines: list[str], how: Language) -> Iterator[tuple[str, int]]:
    patterns = [(it.id, it.lines[how]) for it in rules().values() if how in it.lines]
    for number, line in enumerate(lines, 1):
        if len(line) <= LONGEST:
            yield from ((rule, number) for rule, pattern in patterns if pattern.search(line))


def _missing(rows: list[Row]) -> Iterator[Row]:
    """Yield a row for each gap, at the place that lacks what is missing."""
    met: dict[str, Row] = {}
    for it in sorted(rows, key=order):
        met.setdefault(it.rule, it)
    for rule in rules().values():
        if rule.kind == "missing" and not any(it in met for it in rule.unless):
            place = next((met[it] for it in rule.when if it in met), None)
            if place is not None:
                yield _at(rule, place)


def _at(rule: Rule, place: Row) -> Row:
    return rule.row(place.file, place.line, place.quote)


def _sentence(why: str, paths: list[str]) -> str:
    shown = sorted(set(paths))
    more = f" and {len(shown) - 3:,} more" if len(shown) > 3 else ""
    return f"{len(shown):,} {'file' if len(shown) == 1 else 'files'} {why}: {', '.join(shown[:3])}{more}."


def collect(files: Iterable[tuple[str, str]], bounds: Bounds | None = None) -> Evidence:
    """Return what is seen in files, each a relative path and a text. The same for the same files, whatever their order."""
    collector = Collector(bounds or Bounds())
    for path, text in sorted(files):
        collector.add(path, text)
    return collector.finish()
