"""Programs of small languages that stand in words, such as those of sed and awk: the files that they name, what they run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.nameable import Name, pieces
from postil.permissions.shell.option_words import OptionWords, option_words
from postil.permissions.shell.part import Part
from postil.permissions.shell.touches.table import Table, tables
from postil.permissions.shell.touches.touched import Touched

_SETTING = re.compile(
    r"^\s*(?:proxycommand|localcommand|knownhostscommand|permitlocalcommand|remotecommand)[=\s]+(.*)$",
    re.IGNORECASE | re.DOTALL,
)
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
_SERVER_RUNS = frozenset({"new", "new-session", "new-window", "neww", "split-window", "splitw", "respawn-pane", "respawn-window",
    "run-shell", "run", "if-shell", "if", "display-popup", "popup", "pipe-pane", "send-keys", "send", "-X"})  # fmt: skip


def handed_texts(part: Part) -> Iterator[Touched]:
    """Yield what a text that the line itself hands to a program may name."""
    for one in part.redirections:
        yield from (_possible(it) for it in pieces(one.text or ""))


def named_in_program(part: Part, table: Table, words: OptionWords) -> Iterator[Touched]:
    """Yield what the program of a small language may name, where it is no operand that may name anything anyway."""
    if table.language in ("code", "awk", "sed", "vim"):
        yield from handed_texts(part)
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


def scripts(part: Part, table: Table, words: OptionWords) -> Iterator[str]:
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
