"""What a program does with its words: what it writes and takes away, and what it runs as a script. Only used against a command."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from postil.permissions.shell import git_doings, programs
from postil.permissions.shell.argument import Argument
from postil.permissions.shell.doing import Doing, Touched
from postil.permissions.shell.nameable import Name, is_bare, nameable, pieces
from postil.permissions.shell.option_words import OptionWords, option_words
from postil.permissions.shell.part import Part

_SETTING = re.compile(
    r"^\s*(?:proxycommand|localcommand|knownhostscommand|permitlocalcommand|remotecommand)[=\s]+(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PLAIN = re.compile(r"[A-Za-z_./][\w./+-]*")
"""A word that names nothing but itself."""
_SED_RUNS = re.compile(r"(?:^|[;{}\n]|[0-9$/,])\s*e\s+(.+)")
_SED_FILES = re.compile(
    r"(?:^|[;{}\n]|[0-9$,!I/]\s+|[0-9$,!]|/)\s*[rRwW](?:\s+|(?=[./~\w]))([^\n;}]+)"
    r"|s([^\w\s])(?:(?!\2).)*\2(?:(?!\2).)*\2[gpiImMe0-9]*w\s*([^\n;}]+)"
)
"""The file that a command of sed, or a flag of its `s`, names."""
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
_MODULE = ("m", "module", "jar")
"""Options with which the first operand is no script any more."""
_FIND_WRITES = frozenset({"-fprint", "-fprint0", "-fprintf", "-fls"})
_FIND_NARROWS = frozenset({"-path", "-ipath", "-wholename", "-iwholename", "-name", "-iname"})
_SERVER_RUNS = frozenset({"new", "new-session", "new-window", "neww", "split-window", "splitw", "respawn-pane", "respawn-window",
    "run-shell", "run", "if-shell", "if", "display-popup", "popup", "pipe-pane", "send-keys", "send", "-X"})  # fmt: skip


Operands = Literal["any", "none", "all", "last", "but_last", "first", "rest"]


class Table(BaseModel):
    """What one program does with its words; see the head of doings.toml."""

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


def _table(part: Part) -> Table | None:
    """Return the table of a part's program, or of it with its first word."""
    first = part.argv[1].known if len(part.argv) > 1 else ""
    return tables().get(f"{part.base} {first}") or tables().get(part.base)


def _names(key: str) -> list[str]:
    return key.split("|")


def doing_of(part: Part) -> Doing:
    """Return what a part does with its words; of a program without a table, any of them may be written."""
    if not part.doings:
        part.doings.append(_worked_out(part))
    return part.doings[0]


def leave_to_next(part: Part, words: int) -> None:
    """Look at no more than the first words of a part: the rest are another part's, of whose program as little is known."""
    found = tuple(_any(part.operands[:words]))
    part.doings[:] = [Doing(found, found)]


def _worked_out(part: Part) -> Doing:
    table = _table(part)
    if (
        table is not None
        and tables().get(part.base) is not table
        and not part.operands[0].known.startswith("-")
    ):
        # The first word has chosen the table.
        part = replace(part, argv=(part.argv[0], *part.argv[2:]))
    if table is None:
        found = (*_any(part.operands), *_in_texts(part))
        return Doing(found, found)
    if table.language == "git":
        return git_doings.doing_of(part)
    words = option_words(part.operands, table.values, table.long)
    if table.language == "find":
        return Doing(*_find(part))
    scripts = tuple(dict.fromkeys(_scripts(part, table, words)))
    named = tuple(_in_program(part, table, words))
    return Doing(
        (*_written(part, table, words), *named),
        (*_read(part, table, words), *named),
        scripts,
        linked=_linked(table, words),
        symbolic=words.has(_SYMBOLIC),
    )


def _in_texts(part: Part) -> Iterator[Touched]:
    """Yield what a text that the line itself hands to a program may name."""
    for one in part.redirections:
        yield from (_possible(it) for it in pieces(one.text or ""))


def _in_program(part: Part, table: Table, words: OptionWords) -> Iterator[Touched]:
    """Yield what the program of a small language may name, where it is no operand that may name anything anyway."""
    if table.language in ("code", "awk", "sed", "vim"):
        yield from _in_texts(part)
    texts = [it.text or it.leading for it in words.values(table.code)] if table.operands != "any" else []
    if table.language == "sed":
        names = dict.fromkeys(it for text in _sed_programs(words) for it in _sed_files(text))
        yield from (_possible(Name(it, piece=True)) for it in names)
        return
    elif table.language == "awk":
        texts = [it.text or it.leading for it in words.operands[:1]]
    elif table.language == "vim":
        texts += [it.text or "" for it in words.operands if (it.text or "").startswith("+")]
    yield from (_possible(it) for text in dict.fromkeys(texts) for it in pieces(text))


def _sed_files(program: str) -> Iterator[str]:
    for found in _SED_FILES.finditer(program):
        yield (found[1] or found[3]).strip()


def _possible(name: Name) -> Touched:
    return Touched(Argument(name.text, leading=name.text), certain=False, piece=name.piece)


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


def _read(part: Part, table: Table, words: OptionWords) -> Iterator[Touched]:
    """Yield the words that name files which a program reads, as `curl -d @file` does."""
    yield from map(Touched, words.values(table.reads))
    for text in (it.text or "" for it in words.operands):
        if text.startswith("file:/"):
            path = "/" + text.removeprefix("file:").lstrip("/").removeprefix("localhost/")
            yield Touched(Argument(path, leading=path))
    for value in words.values(table.at_reads):
        _, at, name = (value.text or "").replace("=<", "=@").partition("@")
        if at:
            yield Touched(Argument(name.split(";")[0], leading=name.split(";")[0]))
    operands = words.operands
    if table.read == "any":
        yield from map(Touched, _script(table, words))
        yield from _any(_left(part, table, words), names=table.names)
        return
    if table.links and words.has(_SYMBOLIC):
        # What such a link says counts from where it lies, and is told by `linked`.
        return
    alone = words.has(table.instead) or len(operands) == 1
    chosen = operands if table.read == "but_last" and alone else _chosen(operands, table.read)
    yield from map(Touched, operands if table.read == "rest" and words.has(table.instead_first) else chosen)


def _written(part: Part, table: Table, words: OptionWords) -> Iterator[Touched]:
    for value in words.values(table.writes):
        yield Touched(value, table.whole)
    for argument in part.operands:
        name, equals, value = (argument.text or argument.leading).partition("=")
        if equals and name in table.assigns:
            yield Touched(Argument(value, argument.pattern, value), table.whole)
    if table.only_with and not words.has(table.only_with) and not _in_place(part, table):
        # What the code of such a program does with its words is not known.
        yield from _any(_left(part, table, words)) if table.language == "code" else ()
        return
    if table.operands == "any":
        yield from _any(_left(part, table, words), whole=table.whole, names=table.names)
        return
    for argument in _operands(table, words):
        yield Touched(argument, table.whole)


def _script(table: Table, words: OptionWords) -> list[Argument]:
    """Return the word that names a script to run, if one does."""
    given = not table.script or words.has(table.code) or words.has(table.runs) or words.has(_MODULE)
    return [] if given else words.operands[:1]


def _left(part: Part, table: Table, words: OptionWords) -> list[Argument]:
    """Return the words but for a script that is run: what that does is seen elsewhere, or nowhere."""
    aside = set(map(id, (*_script(table, words), *words.values((*table.runs, *table.texts)))))
    return [it for it in part.operands if id(it) not in aside]


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
    if table.operands == "rest" and table.instead_first and words.has(table.instead_first):
        return operands
    return _chosen(operands, table.operands)


def _chosen(operands: list[Argument], which: Operands) -> list[Argument]:
    chosen = {
        "all": operands,
        "last": operands[-1:],
        "but_last": operands[:-1],
        "first": operands[:1],
        "rest": operands[1:],
    }
    return chosen.get(which, [])


def _any(words: Sequence[Argument], *, whole: bool = False, names: bool = False) -> Iterator[Touched]:
    """Yield every path that one of the words could name; with `names`, a plain word is none."""
    seen: set[tuple[str, bool]] = set()
    for before, argument in zip(("", *(it.leading for it in words)), words, strict=False):
        known = argument.text is not None
        text = argument.text if argument.text is not None else argument.leading
        if known and (text, argument.pattern) in seen:
            continue
        seen.add((text, argument.pattern))
        counts = not (names and is_bare(text) and before[:1] != "-")
        plain = _PLAIN.fullmatch(text) is not None
        if not known or (plain and counts):
            yield Touched(argument, whole, certain=False)
        for name in nameable(text) if not plain else ():
            if name.text != text:
                each = Argument(name.text, argument.pattern, name.text)
                yield Touched(each, whole, certain=False, piece=name.piece)
            elif known and counts:
                yield Touched(argument, whole, certain=False, piece=name.piece)


def _find(part: Part) -> tuple[tuple[Touched, ...], tuple[Touched, ...]]:
    """Return what find writes, with what it removes or hands to what may write it, and what it hands to others to read."""
    words = part.operands
    deletes = any(it.text == "-delete" for it in words)
    written = tuple(Touched(it) for at, it in enumerate(words) if at and words[at - 1].text in _FIND_WRITES)
    met = tuple(_found_by(words, deletes=deletes))
    started = _started_by(words)
    writes = deletes or not all(map(_only_reads, started))
    return written + (met if writes else ()), met if started else ()


def _found_by(words: Sequence[Argument], *, deletes: bool) -> Iterator[Touched]:
    """Yield where find looks, and what its expression narrows that to."""
    for argument in words:
        if (argument.text or "-").startswith(("-", "(", "!")) and argument.text not in ("-H", "-L", "-P"):
            break
        yield Touched(argument, whole=True, certain=deletes)
    for at, argument in enumerate(words[:-1]):
        if argument.text in _FIND_NARROWS and not _is_left_out(words, at):
            value = words[at + 1].text or words[at + 1].leading
            yield Touched(Argument(value, pattern=True, leading=value), certain=False)


def _started_by(words: Sequence[Argument]) -> list[str]:
    """Return the programs that find starts, without their folders."""
    starts = starting_words("find")
    return [
        (words[at + 1].text or "").rsplit("/", 1)[-1] for at, it in enumerate(words[:-1]) if it.text in starts
    ]


def _only_reads(program: str) -> bool:
    """Whether a program writes none of the files that it is handed."""
    table = tables().get(program)
    return program in programs.tables() and (
        table is None or table.operands == "none" or bool(table.only_with)
    )


def _is_left_out(words: Sequence[Argument], at: int) -> bool:
    """Whether what a test of find fits is passed over: it is negated, or find goes no deeper there."""
    before = words[at - 1].text if at else ""
    after = next((it.text for it in words[at + 2 :] if it.text in ("-prune", "-o", "-or", ",")), "")
    return before in ("!", "-not") or after == "-prune"


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
        rest = option_words(part.operands, table.values, table.long, operands_end=True).operands
        yield from _behind_words([it.text or "" for it in rest], part)
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
