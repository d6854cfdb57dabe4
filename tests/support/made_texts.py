"""Texts as people keep them: programs, prose, settings and tables, made up from a seed and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

NOUNS = (
    "reader", "buffer", "line", "token", "path", "entry", "frame", "value", "index", "name", "parser", "queue",
    "message", "request", "answer", "limit", "folder", "journal", "change", "window", "cursor", "offset",
)  # fmt: skip
VERBS = ("read", "write", "find", "open", "close", "parse", "count", "split", "join", "check", "send", "take")
PLAIN = ("the", "a", "of", "and", "when", "it", "is", "not", "there", "each", "before", "after", "one", "no")
MODULES = ("os", "re", "sys", "json", "itertools", "collections", "pathlib", "asyncio", "struct", "typing")

Block = Callable[[Random], str]
"""Makes one piece of a text, which ends in a line's end."""


def program(rng: Random) -> str:
    """Return a module of some thousand characters: imports, constants, functions, classes, comments."""
    return "".join([_head(rng), *(rng.choice(BLOCKS)(rng) for _ in range(rng.randint(4, 14)))])


def prose(rng: Random) -> str:
    """Return a document with headings, paragraphs in long and short lines, and lists."""
    parts = [rng.choice((_paragraph, _paragraph, _listing, _heading))(rng) for _ in range(rng.randint(3, 9))]
    return "\n".join([f"# {_phrase(rng, 3).title()}\n", *parts])


def settings(rng: Random) -> str:
    """Return sections of keys and values, many of them alike."""
    lines: list[str] = []
    for _ in range(rng.randint(3, 10)):
        lines.append(f"[{rng.choice(NOUNS)}.{rng.choice(VERBS)}]")
        for _ in range(rng.randint(1, 8)):
            value = rng.choice(("true", "false", str(rng.randrange(500)), f'"{_phrase(rng, 2)}"'))
            lines.append(f"{rng.choice(NOUNS)} = {value}")
        lines.append("")
    return "\n".join(lines) + "\n"


def table(rng: Random) -> str:
    """Return rows of fields, with a header."""
    rows = ["name,kind,count,note"]
    for number in range(rng.randint(20, 120)):
        note = f'"{_phrase(rng, 4)}"' if rng.random() < 0.3 else ""
        rows.append(f"{rng.choice(NOUNS)}{number % 17},{rng.choice(VERBS)},{rng.randrange(90)},{note}")
    return "\n".join(rows) + "\n"


def text(rng: Random) -> str:
    """Return any of these; programs most often, and now and then without a last line's end."""
    made = rng.choice((program, program, program, prose, settings, table))(rng)
    return made.rstrip("\n") if rng.random() < 0.15 else made


def two_releases(rng: Random) -> tuple[str, str]:
    """Return a program and its next release: some pieces gone, new, elsewhere or renamed, and another version."""
    old = [rng.choice(BLOCKS)(rng) for _ in range(rng.randint(6, 16))]
    new = [it for it in old if rng.random() > 0.15]
    for _ in range(rng.randint(1, 4)):
        new.insert(rng.randint(0, len(new)), rng.choice(BLOCKS)(rng))
    if rng.random() < 0.3:
        new.append(new.pop(0))
    for _ in range(rng.randint(0, 2)):
        noun, other = rng.sample(NOUNS, 2)
        new = [it.replace(noun, f"{other}_{noun}") for it in new]
    head, version = _head(rng), rng.randint(1, 9)
    return (
        "".join([head, f'VERSION = "1.{version}"\n', *old]),
        "".join([head, f'VERSION = "1.{version + 1}"\n', *new]),
    )


def _head(rng: Random) -> str:
    imports = "".join(f"import {it}\n" for it in sorted(rng.sample(MODULES, rng.randint(1, 6))))
    return f'"""{_phrase(rng, 6).capitalize()}."""\n\n{imports}\n'


def _constants(rng: Random) -> str:
    lines = [f"{rng.choice(NOUNS).upper()} = {rng.randrange(1000)}\n" for _ in range(rng.randint(1, 5))]
    return "".join(["\n", *lines])


def _long_list(rng: Random) -> str:
    items = ", ".join(f"'{rng.choice(NOUNS)}{number}'" for number in range(rng.randint(10, 60)))
    return f"\n{rng.choice(NOUNS).upper()}S = [{items}]\n"


def _function(rng: Random, indent: str = "", own: str = "") -> str:
    noun, verb = rng.choice(NOUNS), rng.choice(VERBS)
    lines = [f"def {verb}_{noun}({own}{rng.choice(NOUNS)}, {rng.choice(NOUNS)}=None):"]
    if rng.random() < 0.5:
        lines.append(f'    """{_phrase(rng, 7).capitalize()}."""')
    lines += ["    " + line for line in _body(rng)]
    return "\n\n" + "".join(f"{indent}{line}\n" for line in lines)


def _class(rng: Random) -> str:
    methods = [_function(rng, "    ", "self, ")[1:] for _ in range(rng.randint(1, 4))]
    return f"\n\nclass {rng.choice(NOUNS).title()}{rng.choice(NOUNS).title()}:\n    {_remark(rng)}" + "".join(
        methods
    )


def _remark(rng: Random) -> str:
    return f"# {_phrase(rng, 9)}\n"


def _body(rng: Random) -> list[str]:
    lines: list[str] = []
    for _ in range(rng.randint(1, 6)):
        one, other = rng.sample(NOUNS, 2)
        lines += rng.choice(
            (
                [f"{one} = {rng.choice(VERBS)}_{other}({other}, {rng.randrange(40)})"],
                [f"if not {one}:", "    return None"],
                [f"for {one} in {other}s:", f"    {other}.append({one})  # {_phrase(rng, 3)}"],
                ["try:", f"    self.{one} = {other}[{rng.randrange(9)}:]", "except ValueError:", "    pass"],
                [f'raise ValueError("{_phrase(rng, 5)}: %s" % {one})'],
                ["", f"# {_phrase(rng, 6)}"],
            )
        )
    return [*lines, f"return {rng.choice(NOUNS)}"]


def _paragraph(rng: Random) -> str:
    sentences = [_phrase(rng, rng.randint(4, 14)).capitalize() + "." for _ in range(rng.randint(1, 8))]
    return rng.choice((" ", "\n")).join(sentences) + "\n"


def _listing(rng: Random) -> str:
    return "".join(f"* {_phrase(rng, rng.randint(1, 9))}\n" for _ in range(rng.randint(2, 7)))


def _heading(rng: Random) -> str:
    return f"## {_phrase(rng, 2).title()}\n"


def _phrase(rng: Random, words: int) -> str:
    return " ".join(rng.choice(rng.choice((NOUNS, VERBS, PLAIN))) for _ in range(words))


BLOCKS: tuple[Block, ...] = (_function, _function, _function, _class, _constants, _long_list, _remark)
