"""The table of programs: which of their words they read and write, and which they run."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.option_words import option_words
from postil.permissions.shell.part import Part

Operands = Literal["any", "none", "all", "last", "but_last", "first", "rest"]


class Table(BaseModel):
    """What one program does with its words; see the head of programs.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: str = ""
    long: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Options whose value names a file that is read."""
    at_reads: tuple[str, ...] = ()
    """Options whose value names a file behind an at sign."""
    runs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Options whose value is a setting, some of which are a script."""
    assigns: tuple[str, ...] = ()
    """Words such as `of=file`, of which the file is written."""
    code: tuple[str, ...] = ()
    """Options whose value is a text in the program's language."""
    operands: Operands = "any"
    """Which operands are written."""
    read: Operands = "any"
    """Which operands are read. Where either is `any`, the words may name whatever a word may name."""
    texts: tuple[str, ...] = ()
    """Options whose value is a text to show or to look for."""
    script: bool = False
    """Whether the first operand is a script that is read, if no option gives it one; the rest are the script's words."""
    names: bool = False
    """Whether plain words are names of its own, of commands and targets, and no paths."""
    files_behind: tuple[str, ...] = ()
    """Words with which they are paths all the same."""
    instead: tuple[str, ...] = ()
    instead_first: tuple[str, ...] = ()
    """Options that take the place of the first operand."""
    only_with: tuple[str, ...] = ()
    all_with: tuple[str, ...] = ()
    """Options with which every operand is written."""
    links: bool = False
    """Whether the operands that are not written get another name."""
    links_with: tuple[str, ...] = ()
    """Options with which they do."""
    whole: bool = False
    starting: tuple[str, ...] = ()
    """Words behind which it is given a program to start."""
    rules_apart: bool = False
    """Whether a rule for it says nothing of the programs that its options or its script make it start."""
    words_run: bool = False
    """Whether its operands may be a command or a script."""
    language: Literal["", "sed", "awk", "code", "vim", "find", "git"] = ""


@cache
def tables() -> dict[str, Table]:
    """Return every program by name."""
    file = resources.files("postil.permissions.shell.touches").joinpath("programs.toml")
    rows = tomllib.loads(file.read_text("utf-8"))
    return {name: Table.model_validate(row) for key, row in rows.items() for name in _names(key)}


def table_of(part: Part) -> Table | None:
    """Return the table of a part's program, or of it with its first word."""
    first = part.argv[1].known if len(part.argv) > 1 else ""
    return tables().get(f"{part.base} {first}") or tables().get(part.base)


def _names(key: str) -> list[str]:
    return key.split("|")


def is_known(program: str) -> bool:
    """Whether it is told which of the program's words are written."""
    return program in tables()


def starts_by_option(program: str) -> bool:
    """Whether some option of a program makes it start another, or run a text."""
    table = tables().get(program)
    return table is not None and bool(_starting(table) or table.language in ("git", "find"))


def is_option_that_starts(program: str, argument: Argument) -> bool:
    """Whether a word is, or begins with, an option by which the program starts another or runs a text."""
    table = tables().get(program)
    return table is not None and option_words([argument], "", ()).has(_starting(table))


def starting_words(program: str) -> frozenset[str]:
    """Return the words behind which a program is given another to start; none where all its operands may be one, or none is."""
    table = tables().get(program)
    return frozenset(table.starting) if table is not None else frozenset()


def has_rules_apart(program: str) -> bool:
    """Whether a rule for the program says nothing of those that its options or its script make it start."""
    table = tables().get(program)
    return table is not None and table.rules_apart


def _starting(table: Table) -> tuple[str, ...]:
    return (*table.runs, *table.settings, *table.code)
