"""The guard answers the whole corpus as it must, and no variant of a command weakens an answer."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from postil.permissions.checking import answer_line
from tests.security.corpus.metamorphic import NOT_WEAKER, STILL_AUTO, Make

CORPUS = Path(__file__).parent / "corpus"
RANK = {"auto": 0, "allow": 0, "ask": 1, "deny": 2}
AUTOMATIC_SHARE = 0.95

Question = dict[str, object]


@dataclass(frozen=True)
class Line:
    """One line of the corpus: what is asked, which answers are right, and why."""

    name: str
    question: Question
    expect: frozenset[str]
    why: str

    @property
    def command(self) -> str:
        return str(self.question["command"])

    @property
    def least(self) -> int:
        """The rank of the mildest right answer."""
        return min(RANK[it] for it in self.expect)


@dataclass(frozen=True)
class Wrong:
    """A line with an answer that is not among the right ones."""

    line: Line
    decision: str
    checks: str
    variant: str = ""

    @property
    def kind(self) -> str:
        want, got = self.line.least, RANK.get(self.decision, -1)
        return "unsafe" if got < want else "too strict"

    def __str__(self) -> str:
        asked = self.variant or {
            key: value for key, value in self.line.question.items() if key not in ("root", "home")
        }
        want = "/".join(sorted(self.line.expect))
        return f"{self.line.name} [{self.kind}] {asked!r}: {self.decision} ({self.checks}), not {want}: {self.line.why}"


@functools.cache
def corpus(name: str) -> tuple[Line, ...]:
    """Read one file of the corpus."""
    lines: list[Line] = []
    for number, text in enumerate((CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(), 1):
        question = cast(Question, json.loads(text))
        expect, why = question.pop("expect"), str(question.pop("why"))
        right = frozenset([expect]) if isinstance(expect, str) else frozenset(cast(list[str], expect))
        assert right <= RANK.keys(), f"{name}:{number}"
        lines.append(Line(f"{name}:{number}", question, right, why))
    return tuple(lines)


def answer(question: Question) -> tuple[str, str]:
    """Ask as the program is asked: the decision, and the checks that fired."""
    text = answer_line(json.dumps(question))
    assert text is not None
    reply = cast(dict[str, object], json.loads(text))
    return str(reply["decision"]), " ".join(str(it) for it in cast(list[object], reply["checks"]))


@functools.cache
def base_answers(name: str) -> tuple[tuple[str, str], ...]:
    """Answer every line of a file once."""
    return tuple(answer(line.question) for line in corpus(name))


def wrong_lines(name: str) -> list[Wrong]:
    """Find the lines of a file that are answered wrongly."""
    answers = zip(corpus(name), base_answers(name), strict=True)
    return [Wrong(line, *given) for line, given in answers if given[0] not in line.expect]


def tell(title: str, asked: int, wrong: Sequence[Wrong]) -> None:
    """Print the figures of one file or one variant."""
    kinds = Counter(it.kind for it in wrong)
    counted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    print(f"\n{title}: {asked} asked, {len(wrong)} wrong{f' ({counted})' if counted else ''}")


def listing(wrong: Iterable[Wrong]) -> str:
    return "\n" + "\n".join(str(it) for it in wrong)


@pytest.mark.parametrize(
    ("name", "least"),
    [("readonly", 330), ("unsafe", 420), ("deny", 120), ("rules", 160), ("paths", 160)],
)
def test_the_corpus_is_large_and_says_nothing_twice(name: str, least: int) -> None:
    lines = corpus(name)
    assert len(lines) >= least
    assert len({json.dumps(line.question, sort_keys=True) for line in lines}) == len(lines)
    assert all(line.why for line in lines)


def test_what_only_reads_runs_unasked() -> None:
    wrong, lines = wrong_lines("readonly"), corpus("readonly")
    tell("readonly", len(lines), wrong)
    share = 1 - len(wrong) / len(lines)
    print(f"automatic: {share:.1%}{listing(wrong) if wrong else ''}")
    assert share >= AUTOMATIC_SHARE, listing(wrong)


@pytest.mark.parametrize("name", ["unsafe", "deny", "rules", "paths"])
def test_every_line_is_answered_as_it_must_be(name: str) -> None:
    wrong = wrong_lines(name)
    tell(name, len(corpus(name)), wrong)
    assert not wrong, listing(wrong)


@pytest.mark.parametrize("name", ["readonly", "unsafe", "deny"])
def test_no_line_is_decided_unsafely(name: str) -> None:
    unsafe = [it for it in wrong_lines(name) if it.kind == "unsafe"]
    assert not unsafe, listing(unsafe)


def weaker(name: str, make: Make) -> tuple[int, list[Wrong]]:
    """Make a variant of every line; return how many there are and which are answered more mildly."""
    asked, found = 0, list[Wrong]()
    for line, (before, _) in zip(corpus(name), base_answers(name), strict=True):
        variant = make(line.command)
        if variant is None:
            continue
        asked += 1
        decision, checks = answer({**line.question, "command": variant})
        if RANK[decision] < max(line.least, RANK[before]):
            found.append(Wrong(line, decision, f"{checks}; {before} before", variant))
    return asked, found


@pytest.mark.parametrize("make", NOT_WEAKER, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["unsafe", "deny"])
def test_no_variant_is_weaker(name: str, make: Make) -> None:
    asked, found = weaker(name, make)
    tell(f"{name}, {make.__name__}", asked, found)
    assert asked > 0
    assert not found, listing(found)


@pytest.mark.parametrize("make", STILL_AUTO, ids=lambda make: make.__name__)
def test_what_runs_unasked_still_does(make: Make) -> None:
    asked, found = 0, list[Wrong]()
    for line, (before, _) in zip(corpus("readonly"), base_answers("readonly"), strict=True):
        variant = make(line.command) if before == "auto" else None
        if variant is None:
            continue
        asked += 1
        decision, checks = answer({**line.question, "command": variant})
        if decision != "auto":
            found.append(Wrong(line, decision, checks, variant))
    tell(f"readonly, {make.__name__}", asked, found)
    assert asked > 0
    assert not found, listing(found)


def test_variants_are_the_same_every_time() -> None:
    commands = [line.command for name in ("readonly", "unsafe", "deny") for line in corpus(name)]
    for make in NOT_WEAKER + STILL_AUTO:
        assert [make(it) for it in commands] == [make(it) for it in commands]


@pytest.mark.parametrize(
    ("make", "want"),
    [
        ("in_single_quotes", "'rm' '-rf' ~ > 'a' && 'ls' \"b c\""),
        ("one_letter_quoted", "r'm' -r'f' ~ > 'a' && l's' \"b c\""),
        ("in_hexadecimal", "$'\\x72\\x6d' $'\\x2d\\x72\\x66' ~ > $'\\x61' && $'\\x6c\\x73' \"b c\""),
        ("more_blanks", 'rm   -rf   ~   >   a   &&   ls   "b c"'),
        ("in_braces", '{ rm -rf ~ > a && ls "b c"; }'),
        ("by_bash", "bash -c 'rm -rf ~ > a && ls \"b c\"'"),
        ("by_sudo", 'sudo rm -rf ~ > a && ls "b c"'),
    ],
)
def test_a_variant_is_what_it_says(make: str, want: str) -> None:
    by_name = {it.__name__: it for it in NOT_WEAKER}
    assert by_name[make]('rm -rf ~ > a && ls "b c"') == want
