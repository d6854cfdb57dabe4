"""What a program does with its words: what it writes and takes away, and what it runs as a script. Only used against a command."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from postil.permissions.shell import git_doings
from postil.permissions.shell.argument import Argument
from postil.permissions.shell.doing import Doing, Written
from postil.permissions.shell.option_words import OptionWords, glued, option_words
from postil.permissions.shell.part import Part

_ASSIGNED = re.compile(r"^[A-Za-z_-]*=(.*)$", re.DOTALL)
_SETTING = re.compile(
    r"^\s*(?:proxycommand|localcommand|knownhostscommand|permitlocalcommand|remotecommand)[=\s]+(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SED_RUNS = re.compile(r"(?:^|[;{}\n]|[0-9$/,])\s*e\s+(.+)")
_VIM_RUNS = re.compile(
    r"(?:^|[:|+])\s*(?:silent!?\s+|sil!?\s+|r(?:ead)?\s+|w(?:rite)?\s+|terminal\s+|ter\s+)*!?\s*(.+)",
    re.DOTALL,
)
_STRINGS = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|q[qxw]?\{([^}]*)\}|q[qxw]?\(([^)]*)\)"
)
_REMOVES_ALL = re.compile(
    r"rmtree|remove_tree|removedirs|rm_rf?\b|rmSync|rmdirSync|rimraf|remove_entry|remove_dir_all|delTree"
)
_STARTED = re.compile(
    r"(?:system|popen|exec\w*|spawn\w*|getoutput|check_\w+)\s*\(?\s*[\"']([^\"']+)[\"']|\|&?\s*\"([^\"]+)\"|\"([^\"]+)\"\s*\|"
)
"""What code hands to a shell, where it is one word."""
_STARTS_SHELL = re.compile(r"system|popen|exec|spawn|subprocess|getline|\||`|qx|rmtree|unlink|shell")
_SYMBOLIC = ("s", "symbolic", "symbolic-link")
_FIND_WRITES = frozenset({"-fprint", "-fprint0", "-fprintf", "-fls"})
_SERVER_RUNS = frozenset({"new", "new-session", "new-window", "neww", "split-window", "splitw", "respawn-pane", "respawn-window",
    "run-shell", "run", "if-shell", "if", "display-popup", "popup", "pipe-pane", "send-keys", "send", "-X"})  # fmt: skip


class Table(BaseModel):
    """What one program does with its words; see the head of doings.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: str = ""
    long: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    at_reads: tuple[str, ...] = ()
    """Options whose value names a file behind an at sign."""
    runs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Options whose value is a setting, some of which are a script."""
    assigns: tuple[str, ...] = ()
    """Words such as `of=file`, of which the file is written."""
    code: tuple[str, ...] = ()
    """Options whose value is a text in the program's language."""
    operands: Literal["any", "none", "all", "last", "first", "rest"] = "any"
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
    file = resources.files("postil.permissions.shell").joinpath("doings.toml")
    rows = tomllib.loads(file.read_text("utf-8"))
    return {name: Table.model_validate(row) for key, row in rows.items() for name in _names(key)}


def _names(key: str) -> list[str]:
    return key.split("|")


def doing_of(part: Part) -> Doing:
    """Return what a part does with its words; of a program without a table, any of them may be written."""
    if not part.doings:
        part.doings.append(_worked_out(part))
    return part.doings[0]


def leave_to_next(part: Part, words: int) -> None:
    """Look at no more than the first words of a part: the rest are another part's, of whose program as little is known."""
    part.doings[:] = [Doing(tuple(_any(part.operands[:words], whole=False)))]


def _worked_out(part: Part) -> Doing:
    table = tables().get(part.base)
    if table is None:
        return Doing(tuple(_any(part.operands, whole=False)))
    if table.language == "git":
        return git_doings.doing_of(part)
    words = option_words(part.operands, table.values, table.long)
    if table.language == "find":
        return Doing(tuple(_find(part)))
    scripts = tuple(dict.fromkeys(_scripts(part, table, words)))
    return Doing(
        (*_written(part, table, words),), scripts, linked=_linked(table, words), symbolic=words.has(_SYMBOLIC)
    )


def sed_programs(part: Part) -> list[str]:
    """Return the scripts that sed is given."""
    table = tables()["sed"]
    return _sed_programs(option_words(part.operands, table.values, table.long))


def _sed_programs(words: OptionWords) -> list[str]:
    given = words.values(("e", "expression")) or words.operands[:1]
    return [it.text or "" for it in given]


def lost_in_code(part: Part) -> Iterator[str]:
    """Yield the texts in a program's code that may name a folder which the code removes with all that is in it."""
    table = tables().get(part.base)
    if table is None or table.language != "code":
        return
    for code in option_words(part.operands, table.values, table.long).values(table.code):
        if _REMOVES_ALL.search(code.text or ""):
            yield from (inner for it in _STRINGS.finditer(code.text or "") for inner in it.groups() if inner)


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


def reads_of(part: Part) -> Iterator[Argument]:
    """Yield the words that may name files which a program reads, as `curl -d @file` does."""
    table = tables().get(part.base)
    if table is None or (table.operands == "any" and table.language != "git"):
        found = doing_of(part).written if table is None else _any(part.operands, whole=False)
        yield from (it.argument for it in found)
        return
    words = option_words(part.operands, table.values, table.long)
    yield from words.values(table.reads)
    for text in (it.text or "" for it in words.operands):
        if text.startswith("file:/"):
            path = "/" + text.removeprefix("file:").lstrip("/").removeprefix("localhost/")
            yield Argument(path, leading=path)
    for value in words.values(table.at_reads):
        _, at, name = (value.text or "").partition("@")
        if at:
            yield Argument(name.split(";")[0], leading=name.split(";")[0])
    if table.operands == "last" and not words.has(table.instead):
        yield from words.operands[:-1]
    elif table.operands == "last" or (table.language == "awk"):
        yield from words.operands


def _written(part: Part, table: Table, words: OptionWords) -> Iterator[Written]:
    for value in words.values(table.writes):
        yield Written(value, table.whole, certain=True)
    for argument in part.operands:
        name, equals, value = (argument.text or argument.leading).partition("=")
        if equals and name in table.assigns:
            yield Written(Argument(value, argument.pattern, value), table.whole, certain=True)
    if table.only_with and not words.has(table.only_with) and not _in_place(part, table):
        return
    if table.operands == "any":
        yield from _any(part.operands, whole=table.whole)
        return
    for argument in _operands(table, words):
        yield Written(argument, table.whole, certain=True)


def _linked(table: Table, words: OptionWords) -> tuple[Argument, ...]:
    if not table.links and not (table.links_with and words.has(table.links_with)):
        return ()
    alone = words.has(table.instead) or len(words.operands) == 1
    return tuple(words.operands if alone else words.operands[:-1])


def _in_place(part: Part, table: Table) -> bool:
    return "i" in table.only_with and any(
        re.match(r"-[A-Za-hj-z]{0,3}i", it.text or "") for it in part.operands
    )


def _operands(table: Table, words: OptionWords) -> list[Argument]:
    operands = words.operands
    if table.all_with and words.has(table.all_with):
        return operands
    if table.instead and words.has(table.instead):
        return []
    if table.operands == "rest":
        return operands if words.has(table.instead_first) and table.instead_first else operands[1:]
    chosen = {"all": operands, "last": operands[-1:], "first": operands[:1], "none": list[Argument]()}
    return chosen[table.operands]


def _any(words: Sequence[Argument], *, whole: bool) -> Iterator[Written]:
    seen: set[tuple[str, bool]] = set()
    for argument in words:
        text = argument.text if argument.text is not None else argument.leading
        if argument.text is not None and (text, argument.pattern) in seen:
            continue
        seen.add((text, argument.pattern))
        yield Written(argument, whole, certain=False)
        for each in _values_in(text) if "=" in text or text.startswith("-") else ():
            yield Written(Argument(each, argument.pattern, each), whole, certain=False)


@lru_cache(maxsize=4096)
def _values_in(text: str) -> tuple[str, ...]:
    """Return what may be the value of an option in its own word; wrappers name the same words again and again."""
    value = _ASSIGNED.match(text)
    values = glued(text) + ([str(value[1])] if value else [])
    return tuple(it for it in dict.fromkeys(values) if it)


def _find(part: Part) -> Iterator[Written]:
    words = part.operands
    deletes = any(it.text == "-delete" for it in words)
    doubtful = deletes or any(it.text in starting_words(part.base) for it in words)
    for index, argument in enumerate(words):
        if index and words[index - 1].text in _FIND_WRITES:
            yield Written(argument, whole=False, certain=True)
    for argument in words if doubtful else ():
        if (argument.text or "-").startswith(("-", "(", "!")) and argument.text not in ("-H", "-L", "-P"):
            return
        yield Written(argument, whole=True, certain=deletes)


def _scripts(part: Part, table: Table, words: OptionWords) -> Iterator[str]:
    for value in words.values(table.runs):
        yield (value.text or "").removeprefix("exec=")
    for value in words.values(table.settings):
        found = _SETTING.match(value.text or "")
        if found is not None:
            yield found[1]
    texts = [it.text or "" for it in words.values(table.code)]
    operands = [it.text or "" for it in words.operands]
    if table.words_run:
        yield from _behind_words(operands, part)
    elif table.language == "vim":
        for text in (*texts, *(it[1:] for it in operands if it.startswith("+"))):
            yield from (
                it[1]
                for it in _VIM_RUNS.finditer(text.lstrip(": "))
                if "!" in text or "system" in text or "ter" in text
            )
            yield from _strings(text)
    elif table.language in ("sed", "awk", "code"):
        yield from _in_language(part, table, words, texts)


def _behind_words(operands: list[str], part: Part) -> Iterator[str]:
    if part.base in ("tmux", "screen", "byobu"):
        starts = [at + 1 for at, it in enumerate(operands) if it in _SERVER_RUNS] or [0]
    else:
        starts = [0]
    for at in starts:
        yield " ".join(operands[at:])
        yield from (it for it in operands[at:] if " " in it)


def _in_language(part: Part, table: Table, words: OptionWords, texts: list[str]) -> Iterator[str]:
    if table.language == "sed":
        for program in _sed_programs(words):
            yield from (it[1] for it in _SED_RUNS.finditer(program))
        return
    if table.language == "awk":
        texts = [it.text or "" for it in words.operands[:1]]
    for text in texts:
        yield from (it[1] or it[2] or it[3] for it in _STARTED.finditer(text))
        if _STARTS_SHELL.search(text):
            yield from _strings(text)


def _strings(text: str) -> Iterator[str]:
    for found in _STRINGS.finditer(text):
        inner = next((it for it in found.groups() if it), "")
        if " " in inner or "/" in inner:
            yield inner
