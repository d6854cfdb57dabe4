"""Option tables: what each program may be given so that it only reads, one TOML file a family of programs."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = str
"""What an operand or a value is to a program: `read` (its contents are read), `list` (its name and what the file system
says of it), `text` (shown or compared), `pattern`, `count`, `word` (a plain name), or a language: `sed`, `awk`, `jq`, `find`, `printf`.
`=one|other` is one of these words and nothing else. With `*` at its end it stands for all that follow."""

ROLES = frozenset(
    {
        "read",
        "list",
        "text",
        "pattern",
        "count",
        "word",
        "folder",
        "sed",
        "awk",
        "jq",
        "yq",
        "printf",
        "format",
        "git-format",
        "git-name",
        "local",
        "pause",
        "columns",
    }
)


class Program(BaseModel):
    """What one program, or one sub-command of a program, may be given. What is not named here is asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    builtin: bool = False
    """Whether bash itself is the program."""
    flags: str = ""
    """Single letters without a value; they may be joined."""
    long: tuple[str, ...] = ()
    """Long options without a value."""
    values: dict[str, Role] = {}
    """Options with a value, a letter or a long name, and what the value is."""
    optional: dict[str, Role] = {}
    """Long options whose value may be left out; it is only ever given after `=`."""
    bundle: bool = False
    """Whether the first word may be letters without their dash, such as `tar tzf`."""
    plus: bool = False
    """Whether a word that begins with a plus is an option."""
    helps: bool = True
    """Whether it starts nothing to show its help."""
    single: tuple[str, ...] = ()
    """Whole words with one dash that are no cluster, such as `-version`."""
    counted: str = ""
    """Letters that a number may follow in the same word, such as `-n3` where `-n` alone is a flag."""
    pairs: dict[str, tuple[Role, Role]] = {}
    """Long options with two values."""
    at_files: bool = False
    """Whether `@name` stands for the words in a file."""
    number: bool = False
    """Whether `-5` is a count."""
    operands: tuple[Role, ...] = ()
    """The roles of the operands in order; none means that it takes none."""
    least: int = 0
    """How many operands it has at the least."""
    unless: tuple[str, ...] = ()
    """Options that take the place of the first operand, as -e does for grep's pattern."""
    counts: tuple[int, ...] = ()
    """How many operands it may have, where not every number below their roles will do."""
    first: tuple[str, ...] = ()
    """Words that may stand before the operands and change nothing."""
    without_input: tuple[str, ...] = ()
    """Options with which it does not read its standard input."""
    only_with: tuple[str, ...] = ()
    """One of these options has to be there."""
    stdin: bool = False
    """Whether it reads its standard input where no file is named."""
    recursive: tuple[str, ...] = ()
    """Options with which a folder stands for all the files below it; `*` means always."""
    follows: tuple[str, ...] = ()
    """Options with which links on the way are followed; `*` means always."""
    hidden_with: tuple[str, ...] = ()
    """Options with which it reads hidden files on its way as well; empty where it always does."""
    here: bool = False
    """Whether it reads the current folder where no operand is given and it is recursive."""
    endless: tuple[str, ...] = ()
    """Options with which it does not end."""
    harmless: bool = False
    """Whether no option it has, known or not, writes, runs or sends anything: then a word may turn out to be one."""
    shows: bool = False
    """Whether it only shows where all its options are of this table, whatever its other words turn out to be."""
    shows_no_contents: bool = False
    """Whether it tells of files, but nothing that stands in them, whatever it is given."""
    plain: bool = False
    """Whether its operands are no options whatever they begin with, and it writes nothing else than text."""
    settled_first: bool = False
    """Whether options end at the first operand."""
    language: Literal["", "find", "git", "test", "expr", "printf"] = ""
    """What reads the operands in place of this table."""
    subcommands: dict[str, Program] = {}
    """The forms of git, by their first operand, or by their first two joined with a dash."""

    def knows(self, word: str) -> bool:
        """Whether a word is one of this table's options, or none at all."""
        if self.plain or not word.startswith("-") or word in ("-", "--") or word in self.single:
            return True
        if word.startswith("--"):
            name = word[2:].partition("=")[0]
            return len(name) > 1 and name in {*self.long, *self.optional, *self.values, *self.pairs}
        letters = word[1:].lstrip(self.flags) if self.flags else word[1:]
        return (
            not letters or letters[0] in (*self.values, *self.counted) or (self.number and letters.isdigit())
        )

    def subcommand(self, name: str) -> Program | None:
        """Return the table of a sub-command; its key may name several, with bars between."""
        return next((it for key, it in self.subcommands.items() if name in key.split("|")), None)


@cache
def tables() -> dict[str, Program]:
    """Return every program by name; raises ValueError where one stands in two files."""
    found: dict[str, Program] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda it: it.name):
        if file.name.endswith(".toml"):
            for name, entry in tomllib.loads(file.read_text("utf-8")).items():
                program = Program.model_validate(entry)
                for each in name.split("|"):
                    if each in found:
                        raise ValueError(f"{file.name}: {each} has a table already")
                    found[each] = program
    return found
