"""Whatever the parser accepts, bash accepts too, and shfmt reads it in the same way, word for word."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import cast

import pytest

from postil.permissions.shell.guard import judge
from postil.permissions.shell.parser import parse
from postil.permissions.shell.surroundings import NOWHERE
from postil.permissions.shell.syntax import Refused
from tests.support import shfmt_readings
from tests.support.bash_answers import unreadable
from tests.support.counts import Counts
from tests.support.shell_changes import changed, corpus_commands
from tests.support.shell_lines import Maker
from tests.support.shell_readings import Tree, reading

ROUND = 1_000
"""Scripts that are kept at a time."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What is asked about whatever it stands in, so that the parser's reading of it does not matter."""
_TWICE = re.compile(r"!\s+!|!\s*\\\n\s*!")
"""A command that is negated twice, which bash takes and shfmt does not."""

Report = Callable[[str, object], None]

MISREAD = {
    # Known of others, and confirmed.
    "shfmt takes the next line for words of ls": "ls # x\\\nrm -r a",
    "the same with a carriage return": "ls # x\\\r\nrm -r a",
    "a backslash before a carriage return continues nothing": "ls \\\r\nrm -r a",
    "tree-sitter sees two words": "git log --outp\\\nut=x",
    "tree-sitter sees two words in quotes": 'cat "a\\\nb"',
    "a case ends outside of a case": "ls ;; rm -r a",
    "bash 5.3 runs what stands in there": "echo ${ rm -r a; }",
    "the same with its answer": "echo ${| rm -r a; }",
    "extended patterns": "ls !(a|b)",
    # Found by the tests of this file.
    "`;&` is one mark": "ls;&> a rm",
    "`;&` is one mark before a descriptor": "ls ;&>> a",
    "shfmt takes it for a quoted word only in part": "cat <<E'O'F\n$x\nEOF",
    "shfmt looks for the text behind the bracket": "cat <<E | ( ls\na\nE\n)",
    "shfmt looks for the text behind the condition": "cat <<E && [[ a ]]\n'\nE",
    "shfmt takes E for the end": "{ cat <<E\n`ls`E\nE\n}",
    "shfmt takes E behind a parameter for the end": "cat <<E\n${x}E\nE",
    "two brackets in a substitution": "cat >((ls); (ls))",
    "no special parameter has an index": "echo ${#*[@]}",
    "shfmt knows no negation behind time": "time ! ls",
    "shfmt reads an index behind +=": "+=/[",
    "bash takes E) for the end": "echo $(cat <<E\nE)\nE\n)",
    "shfmt reads an index": "-=[ log",
    "shfmt reads an extended pattern": "!(cd ..; ls)",
    "shfmt reads a comment": 'echo "$(echo ${b}#)"',
    "shfmt reads a comment after quotes": "echo $(echo ''#)",
    "shfmt reads the rest into the function": "f() { ls; } && rm a",
    "shfmt reads the pipe into the function": "f() { ls; } | rm a",
    "shfmt reads the pipe into the coprocess": "coproc ls | rm a",
    "bash wants a group behind the name": "coproc a {",
    "shfmt takes the assignment for the program": "coproc a=b x",
    "shfmt wants a program": "coproc <<< a",
    "shfmt knows no compound behind a redirection": "> a if ls; then ls; fi",
    "shfmt knows no condition behind a redirection": "> a [[ x ]]",
    "shfmt knows no negation behind a redirection": "> a ! ls",
    "shfmt wants a condition before ]]": "]] a",
    "bash takes in for a word of its own": "ls | in a",
    "bash takes 0 for a descriptor": "cat <0<EOF\na\nEOF",
    "bash takes } for the end of the group": "{ case a in (}) ls;; esac; }",
    "time is a program there in some releases": "echo $(time { ls; })",
    "bash takes -- for an option of time": "time -p -- | ls",
    "no length has an operator": "echo ${#x%.*}",
    "an index that is no sum": 'echo "${a[&]}"',
    "an index of two kinds": 'echo "${a[@0]}"',
    "a process substitution in a parameter": 'echo "${x:-<(touch x)}"',
    "an empty sum": "echo $(())",
    "a sum without its second half": "echo $((1 +))",
    "two sums": "echo $((1 2))",
    "a condition with a bracket too many": "[[ 'a' )]]",
    "a condition with two words": "[[ a b ]]",
    "a condition that ends too early": "[[ a && ]]",
    "shfmt does not see its end": '"`[[ a ]]`"',
    "shells count backslashes there in different ways": "echo `echo \\\\$x`",
    "let has a grammar of its own": "let a",
    "what is declared is no name": "export %=1",
    "a backslash makes it no name": "declare -x P\\ATH=.",
    "an index that is declared has no end": "readonly x[1",
    "shfmt wants nothing to follow a redirection of what is declared": "export A=1 < a b",
    "shfmt takes a declaration behind a redirection for a compound": "> a export b",
    "shfmt takes the program for the name of the coprocess": "coproc a > b",
    "shfmt reads an index behind the name of the coprocess": "coproc a b[ c",
    "bash wants a condition of one word on one line": "[[ a\n]]",
    "shfmt takes what follows the program for an assignment": "coproc a b=",
    "shfmt reads an index behind a backslash": "a\\$b:=[c}",
    "the first bracket that closes ends a parameter": "echo ${x-{} ; rm a}",
    "what is substituted is no name to set": "((A$TH=1))",
    "a sum is nothing to set": "((a + b = 1))",
    "bash wants no ; on a line of its own there": "for a\n; do ls; done",
    "bash wants no coprocess in a coprocess": "coproc coproc a",
    "bash wants no negation there": "coproc ! a",
    "shfmt takes the descriptor for the name of the coprocess": "coproc 12>| a b",
}


def tree(line: str) -> Tree | None:
    """Read a line with our parser; None where it refuses, or where the line is asked about in any case."""
    if _CONTROL.search(line) or _TWICE.search(line):
        return None
    try:
        return reading(parse(line))
    except Refused:
        return None


def compare(lines: Iterator[str], most: int) -> tuple[int, list[str]]:
    """Read the first `most` lines that our parser accepts by the others too; return how many, and what differs."""
    read = ((line, ours) for line in lines if (ours := tree(line)) is not None)
    tried, different = 0, list[str]()
    while some := [*islice(read, min(ROUND, most - tried))]:
        tried += len(some)
        scripts = [line for line, _ in some]
        different += [f"bash does not accept {it!r}" for it in unreadable(scripts)]
        theirs = shfmt_readings.readings(scripts)
        for (line, ours), other in zip(some, theirs, strict=True):
            if ours != other:
                different.append(f"{line!r}\n  ours   {ours}\n  theirs {other}")
    return tried, different


def made(seed: int) -> Iterator[str]:
    """Yield scripts from the grammar without end."""
    number = 0
    while True:
        yield Maker(f"{seed}:{number}").make()
        number += 1


def spoilt(seed: int) -> Iterator[str]:
    """Yield commands of the corpus with a character or more changed, without end."""
    chance = random.Random(seed)
    commands = corpus_commands()
    while True:
        yield changed(chance.choice(commands), chance)


@pytest.mark.counted
@pytest.mark.parametrize("lines", [made, spoilt], ids=["made from a grammar", "corpus with changes"])
def test_what_is_accepted_is_read_as_others_read_it(
    lines: Callable[[int], Iterator[str]], counts: Counts, record_property: Report
) -> None:
    tried, different = compare(lines(counts.seed), counts.shell_lines)
    record_property("scripts read by three parsers", tried)
    assert tried == counts.shell_lines
    assert not different, f"{len(different)} differ, such as\n" + "\n".join(sorted(different, key=len)[:5])


def test_the_grammar_makes_everything_that_the_parser_knows() -> None:
    found: set[object] = set()
    for line in islice(made(1), 3_000):
        found |= set(_heads(tree(line) or []))
    assert found >= {
        "simple", "group", "subshell", "if", "while", "until", "for", "select", "case", "[[", "((", "function", "text", "variable",
        "expansion", "arithmetic", "$(", "`", "<(", ">(", "&&", "||", ">", ">>", ">|", "<", "<>", "&>", "&>>", "<<", "<<-", "<<<",
        ">&", "<&",
    }  # fmt: skip


def test_a_difference_is_found() -> None:
    lines = ["ls", "ls 'a' b", "ls |", "echo $(ls; pwd)", "cat <<E\nE", "! ls"]
    others = ["ls", "ls a b", "ls", "echo $(ls; pw)", "cat <<F\nF", "ls"]
    same = [
        ours == other for ours, other in zip(map(tree, others), shfmt_readings.readings(lines), strict=True)
    ]
    assert same == [True, False, False, False, False, False]
    assert unreadable(["ls", "ls |", "cat <<E\na", "(ls", "ls)", "ls 'a", "pwd"]) == [
        "ls |", "cat <<E\na", "(ls", "ls)", "ls 'a",
    ]  # fmt: skip


@pytest.mark.parametrize("line", MISREAD.values(), ids=MISREAD.keys())
def test_what_others_misread_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        parse(line)


@pytest.mark.parametrize("line", ["ls\rrm", "ls\x0brm", "ls\x0crm", "ls \\\r\nrm", "ls\0rm", "ls # \\\r\nrm"])
def test_control_characters_are_asked_about(line: str) -> None:
    assert "raw-bytes" in judge(line, NOWHERE).checks


def _heads(node: object) -> Iterator[object]:
    if isinstance(node, list):
        below = cast("list[object]", node)
        yield from (it for it in below[:1] if isinstance(it, str))
        for one in below:
            yield from _heads(one)
