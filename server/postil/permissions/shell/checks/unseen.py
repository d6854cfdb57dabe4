"""What a program would write or run and the line does not show: patterns that may stand for protected names, words from a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell import programs
from postil.permissions.shell.checks import Examples
from postil.permissions.shell.lookthrough import SHELLS, STARTERS, argument_command
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.spelled import is_settled, may_be_protected, spelled
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.targets import resolved
from postil.permissions.shell.touches.find import folders, only_reads, removes_all
from postil.permissions.shell.touches.table import is_known, tables
from postil.permissions.shell.touches.texts import sed_programs
from postil.permissions.shell.touches.words import doing_of

EXAMPLES = Examples(
    ask=("tee .g?t/config", "find . -delete", "find . -type f -exec rm {} +", "rm -rf .g*", "rm -rf .*", "cp a .po*/x", "find . | xargs rm", "cat a | sh", "curl x | bash",
         'tee "$OLDPWD/a"', "cat a | sudo sh", "cat a | crontab", "cat a | python3", "find . -exec l* {} +", "ls | xargs -n 1 sh -c"),
    spared=("rm *.pyc", "find . -name '*.pyc' -delete", "find build -delete", "find . -empty -delete", "ls | xargs wc -l", "rm -rf build/*", "ls .g*", "sh a.sh", "cat a | python x.py", "sh < a", "rm .*.swp"),
)  # fmt: skip

_RUNS_LINES = re.compile(
    r"(?:^|[;{}\n0-9$/,]\s*)(?:s([^\w\s])(?:(?!\1).)*\1(?:(?!\1).)*\1[gipmIM0-9]*e|e\s*(?:$|[;}\n]))"
)
"""A substitution whose result sed runs, and a bare `e`."""
_GIVES_SCRIPT = re.compile(r"-[A-Za-z]*c")
_INTERPRETERS = re.compile(
    r"python[0-9.]*|pypy3?|node|nodejs|bun|deno|perl|ruby|php|lua[0-9.]*|Rscript|osascript|tclsh"
)
"""Programs that take what they run from their input where no word of theirs says otherwise."""
_READS_SCRIPT = frozenset({"crontab", "at", "batch"})
_HANDED = frozenset({"xargs", "parallel"})


def find(view: View) -> Iterator[Finding]:
    """Ask about it, whatever broad rule allows the program; a line that is not recognised is asked about anyway."""
    if view.script is None:
        return
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        owner = view.owners[index]
        program = _handed(part)
        if program:
            reason = f"what {program} gets as its words comes from a pipe"
            yield Finding("unseen", "ask", reason, owner, by_rule=True, named=program)
        elif (closed := _handed_anything(part, view.around)) != "":
            reason = f"{closed} may be meant by the words that it gets from a pipe"
            yield Finding("unseen", "ask", reason, owner)
        elif owner is not None and part.through and _is_unknown(part):
            yield Finding("unseen", "ask", f"which program {part.through[-1]} starts is not known", owner)
        elif _hides_script(part):
            yield Finding("unseen", "ask", f"what {part.base} runs is not known", owner)
        elif _reads_script(part):
            yield Finding("unseen", "ask", f"what {part.base} runs comes from a pipe", owner)
        elif part.base in ("sed", "gsed") and any(map(_RUNS_LINES.search, sed_programs(part))):
            yield Finding("unseen", "ask", "sed runs what it reads as commands", owner)
        elif part.base == "find" and (root := _root_emptied(part, view.around)):
            yield Finding("unseen", "ask", f"it would remove all that is in {root}, its history too", owner)
        if usage is None or usage.doubts:
            yield from _words(part, owner, view.around)


def _is_unknown(part: Part) -> bool:
    """Whether it is not known which program it is."""
    hidden = part.base in STARTERS and any(it.text is None and not it.free for it in part.operands)
    return hidden or (bool(part.argv) and (part.argv[0].text is None or part.argv[0].pattern))


def _hides_script(part: Part) -> bool:
    """Whether a text that it runs as a script is not known."""
    if part.base not in SHELLS:
        return doing_of(part).hides
    texts = (
        it
        for at, it in enumerate(part.operands)
        if at and _GIVES_SCRIPT.fullmatch(part.operands[at - 1].known)
    )
    return any(it.text is None for it in texts)


def _root_emptied(part: Part, around: Surroundings) -> str:
    """Return the folder of the workspace in which find removes whatever it meets; empty where there is none."""
    if not removes_all(part):
        return ""
    named = (
        path
        for word in folders(part)
        for it in part.cwds or ()
        for path in resolved(spelled(word, it), part.cwds, around)
    )
    return next((it for it in named if it in around.roots), "")


def _handed(part: Part) -> str:
    """Return the program that writes or runs what xargs hands it; empty where there is none."""
    command = argument_command(part)
    if command is None:
        return ""
    base = command.base
    table = tables().get(base)
    writes = table is not None and any(it.certain for it in doing_of(_with_a_word(command)).written)
    return base if writes or base in STARTERS or base == "" else ""


def _handed_anything(part: Part, around: Surroundings) -> str:
    """Return a rule that keeps files from being read or written, where a program gets names from a pipe and may do either."""
    command = argument_command(part)
    if command is None:
        return ""
    form = programs.tables().get(command.base)
    if form is not None and (form.shows_no_contents or command.base in ("echo", "basename", "dirname")):
        return ""
    rules = around.kept_below if only_reads(command.base) else (*around.kept_below, *around.closed_below)
    return next((rule for _, rule in rules), "")


def _with_a_word(command: Part) -> Part:
    """Return the command with a word more, as a program gets it that writes what it is handed."""
    (first, *_) = command.argv
    return Part((*command.argv, type(first)("x", leading="x"), type(first)("x", leading="x")), command.cwds)


def _reads_script(part: Part) -> bool:
    """Whether the part is a shell, or what keeps commands for later, that reads them from a pipe."""
    if part.base in _READS_SCRIPT:
        words = [it.text for it in part.operands]
        return "-" in words or (part.fed and not words) or (part.fed and part.base != "crontab")
    if _INTERPRETERS.fullmatch(part.base) and part.fed:
        said = any(one.text is not None or one.operator == "<" for one in part.redirections)
        return not said and all(
            (it.text or "-") in ("-", "-u", "-i", "-B", "-s", "-q") for it in part.operands
        )
    if part.base not in SHELLS or not part.fed or (part.through and part.through[-1] in _HANDED):
        return False
    if any(one.operator in ("<", "<<<", "<<", "<<-") for one in part.redirections):
        return False
    words = [it.text or "" for it in part.operands]
    return "-s" in words or not any(it == "-c" or not it.startswith("-") for it in words)


def _words(part: Part, owner: int | None, around: Surroundings) -> Iterator[Finding]:
    for one in doing_of(part).written:
        word = one.argument
        told = word.text or word.leading
        if word.pattern and any(
            may_be_protected(told, it, around, whole=one.whole) for it in part.cwds or ()
        ):
            reason = f"{told} may stand for something protected"
            yield Finding("unseen", "ask", reason, owner)
        elif one.certain and word.text is None and not is_settled(word) and is_known(part.base):
            yield Finding("unseen", "ask", "what it writes is not known", owner)
