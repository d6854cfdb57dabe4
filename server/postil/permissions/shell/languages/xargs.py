"""xargs: what it starts for the words of a pipe, where these are names of files and what it starts shows nothing of their contents."""

from __future__ import annotations

import re

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.part import Part
from postil.permissions.shell.programs import Program, tables
from postil.permissions.shell.sources import prints_names
from postil.permissions.shell.syntax import READING
from postil.permissions.shell.usage import Usage, Use, usage_of

_ALONE = re.compile(
    r"-[0rt]+|--null|--no-run-if-empty|--verbose|-[nLP][0-9]+|--max-(?:args|procs|lines)=[0-9]+|-I\S+"
)
_VALUED = frozenset({"-n", "-L", "-P"})
_ONLY_NAMES = frozenset({"l", "L", "c", "q", "files-with-matches", "files-without-match", "count", "quiet"})


def usage(program: Program, part: Part) -> Usage:
    """Return what xargs does; whatever is not known to tell of files, or to show its own words, is a doubt."""
    found = Usage(program)
    found.reads_stdin = not part.fed
    words = list(part.operands)
    mark = ""
    while words and words[0].known.startswith("-"):
        text = words.pop(0).known
        if text == "-I" and words:
            mark = words.pop(0).known
        elif text in _VALUED and words and words[0].known.isdigit():
            words.pop(0)
        elif not _ALONE.fullmatch(text):
            found.doubt("wrapper", f"xargs {text} is not among the options that are known")
            return found
        elif text.startswith("-I"):
            mark = text[2:]
    _command(found, part, words or [Argument("echo", leading="echo")], mark)
    return found


def _command(found: Usage, part: Part, command: list[Argument], mark: str) -> None:
    name, given = command[0].known, command[1:]
    table = tables().get(name)
    if table is None or any(it.text is None or it.pattern for it in command):
        found.doubt("wrapper", "xargs starts a program for each word")
        return
    if mark and any(mark in it.known and it.known != mark for it in given):
        found.doubt("wrapper", "xargs makes words of a part that is known and one that is not")
        return
    # What stands in for the words that come: no text to a program that reads files, whatever they are.
    others = [it for it in given if it.known != mark] if mark else given
    usage = usage_of(table, [*others, Argument("./a", leading="./a")], fed=True)
    if usage.doubts or usage.recursive or usage.options & set(table.endless):
        found.doubt("wrapper", f"xargs starts {name}")
    elif name in ("echo", "basename", "dirname"):
        return
    elif not _tells(name, table, usage):
        found.doubt("wrapper", f"xargs starts {name}, which may show what is in files")
    elif not _names_come(part):
        found.doubt("wrapper", f"what xargs gives {name} is not known to be names of files")
    found.uses += [Use(it.argument, it.role, it.option) for it in usage.uses if it.argument.known != "./a"]


def _tells(name: str, table: Program, usage: Usage) -> bool:
    return table.shows_no_contents or (
        name in ("grep", "egrep", "fgrep") and bool(usage.options & _ONLY_NAMES)
    )


def _word(argument: Argument, program: str) -> str:
    """Return a word as it is written; of a pattern, only where no file name that it stands for could be an option that matters."""
    if not argument.pattern or argument.text is None:
        return argument.known
    if program == "ls":
        return "./a"
    return argument.known if argument.may_be_option else argument.text


def _names_come(part: Part) -> bool:
    plain = not any(one.operator in READING for one in part.redirections)
    said = [[_word(it, one.name) for it in one.argv] for one in part.feeders]
    return (
        plain and not any(one.assignments or one.redirections for one in part.feeders) and prints_names(said)
    )
