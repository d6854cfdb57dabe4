"""The parser and the guard answer whatever they are given, and a wrapping never weakens an answer."""

from __future__ import annotations

import random
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pytest

from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.guard import judge
from postil.permissions.shell.parser import parse
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.syntax import Refused
from tests.support.counts import Counts
from tests.support.shell_changes import changed, corpus_commands
from tests.support.shell_lines import Maker

AROUND = Surroundings(("/ws",), "/ws", "/home/me", GivenFiles({}, {}, {}), own=("/home/me/.config/postil",))
JUDGED = 5_000
WRAPPED = 400
RANK = {"auto": 0, "ask": 1, "deny": 2}
TOKENS = (
    *"'\"\\$`(){}[]<>|&;#!*?~= \n\t\r\0ax01-+,:/%^@_", "$(", "$((", "${", "<(", "<<", "<<-", "<<<", "&&", "||", ";;", ";&", "|&", "&>", "))",
    "((", "[[", "]]", "$'", '$"', "if ", "then ", "fi ", "for ", "in ", "do ", "done ", "while ", "case ", "esac ", "time ", "function ",
    "coproc ", "select ", "{ ", "} ", "! ", "\\\n", "rm -rf / ", "sudo ", "bash -c ", "git ", "E\n", "x=", "x+=", "a[", "\u00a0", "é", "\ud800",
    "\U0001f600", "\x1b", "..", "{a,b}", "2>", ">&",
)  # fmt: skip
WRAPPINGS: dict[str, Callable[[str], str]] = {
    "in brackets": lambda it: f"(\n{it}\n)",
    "in braces": lambda it: f"{{\n{it}\n}}",
    "in a condition": lambda it: f"if true; then\n{it}\nfi",
    "in a loop": lambda it: f"for turn in 1; do\n{it}\ndone",
    "behind another": lambda it: f"pwd\n{it}",
    "before another": lambda it: f"{it}\npwd",
    "in a substitution": lambda it: f"echo $(\n{it}\n)",
    "by bash": lambda it: f"bash -c {shlex.quote(it)}",
    "by sudo and bash": lambda it: f"sudo bash -c {shlex.quote(it)}",
}
Report = Callable[[str, object], None]


def noise(seed: int) -> Iterator[str]:
    """Yield without end texts that are scripts, nearly scripts, or none at all."""
    chance = random.Random(seed)
    corpus = corpus_commands()
    number = 0
    while True:
        number += 1
        kind = number % 8
        if kind == 0:
            text = Maker(f"{seed}:{number}").make()
            yield text[: chance.randint(0, len(text))]
        elif kind == 1:
            yield "".join(
                chr(chance.choice((chance.randint(0, 255), chance.randint(0, 0x10FFFF)))) for _ in range(8)
            )
        elif kind < 5:
            yield changed(changed(chance.choice(corpus), chance), chance)
        else:
            yield "".join(chance.choices(TOKENS, k=chance.randint(1, 24)))


@pytest.mark.counted
def test_the_parser_never_fails(counts: Counts, record_property: Report) -> None:
    answers: Counter[str] = Counter()
    for text in islice(noise(counts.seed), counts.shell_noise):
        try:
            parse(text)
        except Refused:
            answers["refused"] += 1
        else:
            answers["read"] += 1
    record_property("texts given to the parser", answers.total())
    assert min(answers["read"], answers["refused"]) > counts.shell_noise // 20, answers


@pytest.mark.parametrize(
    "opening",
    ["(", "{ ", "$(", "`", '"$(', "if ", "${x:-", "$((", "[[ (", "<(", "case x in x) ", "! ", "f() { "],
)
def test_no_depth_is_too_deep(opening: str) -> None:
    with pytest.raises(Refused):
        parse(opening * 4_000)


@pytest.mark.parametrize("line", ["a{\U000c61a4", "{\U000c61a4", "echo ${\U000c61a4}", "ls \ud800"])
def test_no_character_ends_the_process(line: str) -> None:
    assert judge(line, AROUND).verdict == "ask"


def test_the_guard_never_fails() -> None:
    verdicts: Counter[str] = Counter()
    for text in islice(noise(2), JUDGED):
        found = judge(text, AROUND)
        failed = [it.reason for it in found.findings if "failed:" in it.reason]
        assert not failed, (text, failed)
        verdicts[found.verdict] += 1
    print(f"\n{JUDGED} texts: {dict(verdicts)}")
    assert verdicts.keys() == RANK.keys()


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_a_wrapping_weakens_no_random_line(wrapping: Callable[[str], str]) -> None:
    weaker = [it for it in readable(WRAPPED) if rank(wrapping(it)) < rank(it)]
    assert not weaker, weaker[:5]


def readable(most: int) -> Sequence[str]:
    """Return changed commands and scripts of the grammar that the parser reads."""
    return [*islice((it for it in noise(3) if _reads(it)), most)]


def rank(line: str) -> int:
    return RANK[judge(line, AROUND).verdict]


def _reads(line: str) -> bool:
    try:
        parse(line)
    except Refused:
        return False
    # A line that starts nothing is asked about because there is nothing to run, which a wrapping adds to.
    return any(not it.through for it in judge(line, AROUND).every)
