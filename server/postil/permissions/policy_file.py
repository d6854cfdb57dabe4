"""What is wrong with a file of settings, each with its place: syntax, options, rules, rules that never decide, examples that fail.

Pure, and total: an editor asks with every key that is typed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from postil.config.layer import Fault, accepted
from postil.config.options import RULES, Layer, RuleTest
from postil.config.positions import Positions, Span, Way, positions, syntax_error
from postil.core.errors import ConfigurationError
from postil.permissions.kinds import bash
from postil.permissions.modes import modes
from postil.permissions.rule import Rule, Source, parse
from postil.permissions.rule_tests import fails
from postil.permissions.unreachable import unreachable

Code = Literal[
    "syntax", "unknown-option", "not-here", "bad-value", "bad-rule", "never-decides", "duplicate", "test-without-rule", "failing-test"
]  # fmt: skip
"""What kind of problem it is; the words stay the same."""

_CODES: Mapping[str, Code] = {"unknown": "unknown-option", "not_here": "not-here", "invalid": "bad-value"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in a file of settings."""

    span: Span
    severity: Literal["error", "warning"]
    """An error is something that does not count, or that stops Postil; a warning is about what counts and says nothing."""
    code: Code
    message: str
    """One sentence, without a full stop."""
    about: Span | None = None
    """The rule of the same file that it has to do with."""


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule and where it stands."""

    rule: Rule
    span: Span


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file of settings, looked at."""

    problems: tuple[Problem, ...]
    """In the order of their places."""
    rules: tuple[PlacedRule, ...]
    """The rules that count."""
    tried: int
    """How many examples were tried."""


def look(text: str, layer: Layer, file: str = "", beyond: Sequence[Rule] = ()) -> PolicyFile:
    """Return what is wrong with the text of a file of settings, and its rules.

    `beyond` are the rules of other files that are in force with it: they too may be stricter than one of these.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, span = syntax_error(error, text)
        return PolicyFile((Problem(span, "error", "syntax", message),), (), 0)
    except RecursionError:
        span = Span(0, 0, 0, 0)
        return PolicyFile((Problem(span, "error", "syntax", "It is nested too deep"),), (), 0)
    places = positions(text)
    kept, faults = accepted(table, layer)
    problems = [_of_fault(it, places) for it in faults]
    problems += _mode(kept, places)
    rules: list[PlacedRule] = []
    problems += _rules(table if kept else {}, kept, (layer, file), places, rules)
    problems += _duplicates(rules)
    problems += _unreachable(rules, beyond)
    tests: Sequence[RuleTest] = kept.get("test", ())
    problems += (
        it for number, test in enumerate(tests) for it in _test(test, ("test", number), places, rules)
    )
    tried = sum(len(it.match) + len(it.not_match) for it in tests)
    problems.sort(key=lambda it: (it.span.line, it.span.column, it.code))
    return PolicyFile(tuple(problems), tuple(rules), tried)


def look_together(files: Sequence[tuple[Layer, str, str]]) -> tuple[PolicyFile, ...]:
    """Look at files that are in force together, each as its layer, name and text."""
    alone = [tuple(it.rule for it in look(text, layer, file).rules) for layer, file, text in files]
    return tuple(
        look(text, layer, file, [rule for other in (*alone[:number], *alone[number + 1 :]) for rule in other])
        for number, (layer, file, text) in enumerate(files)
    )


def _of_fault(fault: Fault, places: Positions) -> Problem:
    message = f"{fault.where[0]}: {fault.message}"
    if fault.kind == "invalid":
        return Problem(places.of(fault.where), "error", "bad-value", message)
    return Problem(places.of_key(fault.where), "error", _CODES[fault.kind], message)


def _mode(kept: Mapping[str, Any], places: Positions) -> Iterator[Problem]:
    if kept.get("mode", "default") not in modes():
        message = f"mode: there is no mode {kept['mode']!r}, only {', '.join(modes())}"
        yield Problem(places.of(("mode",)), "error", "bad-value", message)


def _rules(
    table: Mapping[str, Any],
    kept: Mapping[str, Any],
    whose: tuple[Layer, str],
    places: Positions,
    rules: list[PlacedRule],
) -> Iterator[Problem]:
    """Yield what is no rule, and what is one and means nothing; put what is one into `rules`."""
    layer, file = whose
    source: Source = "user" if layer in ("editor", "environment", "call") else layer
    for verdict in RULES:
        written: list[object] = list(table[verdict]) if verdict in kept else []
        for number, text in enumerate(written):
            # What is no text is told already, and has a place of its own.
            if not isinstance(text, str):
                continue
            span = places.of((verdict, number))
            try:
                rules.append(PlacedRule(parse(text, verdict, source, file), span))
            except ConfigurationError as error:
                yield Problem(span, "error", "bad-rule", f"{error.message} {error.mend}".rstrip(". "))
                continue
            odd = bash.doubt(rules[-1].rule.pattern) if rules[-1].rule.kind == "Bash" else ""
            if odd:
                yield Problem(span, "warning", "never-decides", odd)


def _duplicates(rules: Sequence[PlacedRule]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Span] = {}
    for it in rules:
        key = (it.rule.verdict, it.rule.text)
        if key in first:
            yield Problem(it.span, "warning", "duplicate", f"{it.rule.text} stands here twice", first[key])
        first.setdefault(key, it.span)


def _unreachable(rules: Sequence[PlacedRule], beyond: Sequence[Rule]) -> Iterator[Problem]:
    together = (*(it.rule for it in rules), *beyond)
    for it in rules:
        found = unreachable(it.rule, together)
        if found is None:
            continue
        about = next((other.span for other in rules if other.rule is found.by), None)
        where = f" of {found.by.file}" if found.by is not None and about is None and found.by.file else ""
        yield Problem(
            it.span, "warning", "never-decides", f"{it.rule.text} never decides: {found.reason}{where}", about
        )


def _test(test: RuleTest, way: Way, places: Positions, rules: Sequence[PlacedRule]) -> Iterator[Problem]:
    about = [it for it in rules if it.rule.text == test.rule.strip()]
    if not about:
        message = f"{test.rule!r} is no rule of this file, so nothing is tested"
        yield Problem(places.of((*way, "rule")), "error", "test-without-rule", message)
    for key, examples, matches in (("match", test.match, True), ("not_match", test.not_match, False)):
        for number, example in enumerate(examples):
            failed = next((it for it in about if fails(it.rule, example, matches=matches)), None)
            if failed is not None:
                message = fails(failed.rule, example, matches=matches)
                yield Problem(places.of((*way, key, number)), "error", "failing-test", message, failed.span)
