"""How a program takes its arguments, by its table: which are options, and what each operand is to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.languages import awk, jq, printf, sed, yq
from postil.permissions.shell.programs import Program, Role

_RUNS_GPG = re.compile(r"%G|%\(\*?signature|%\(describe")
_GIT_NAMES = re.compile(
    r"user\.(?:name|email)|init\.defaultbranch|core\.(?:autocrlf|eol|bare|filemode|ignorecase|longpaths|quotepath|precomposeunicode)|"
    r"branch\.[\w./-]+\.(?:remote|merge|rebase)|pull\.(?:rebase|ff)|push\.default|color\.\w+|fetch\.prune|merge\.conflictstyle",
    re.IGNORECASE,
)
_REMOTE = re.compile(r"remote\.[\w-]+\.(?:url|fetch)")
"""What `git remote -v` shows as well."""
_GLUED = re.compile(r"--[a-z-]+=")
_COUNT = re.compile(r"[+-]?[0-9]+[A-Za-z]{0,3}|[0-9]*\.[0-9]+[a-z]?")
_PAUSE = re.compile(r"(?:[0-5]?[0-9](?:\.[0-9]+)?|60)s?|1m")
_COLUMN = (
    r"(?:%?(?:cpu|mem)|args|bsdstart|bsdtime|class|cmd|comm|command|cputimes?|drs|egid|egroup|elapsed|etimes?|euid|euser|fgid|fgroup|flags?|gid|"
    r"group|lstart|lwp|majflt|maj_flt|minflt|min_flt|ni|nice|nlwp|pagein|pcpu|pgid|pgrp|pid|pmem|ppid|pri|priority|psr|rgid|rgroup|rss|rsz|rtprio|"
    r"ruid|ruser|sess|sgi_p|sgroup|sid|size|spid|start|start_time|stat|state|stime|suid|suser|sz|tid|time|tname|trs|tt|tty|ucmd|uid|uname|user|"
    r"vsize|vsz|wchan|[fFsS])(?::[0-9]+)?"
)
_COLUMNS = re.compile(rf"{_COLUMN}(?:,{_COLUMN})*(?:=[A-Za-z0-9_.:+%/-]*)?|(?:{_COLUMN}=,?)+")
"""Of ps: what is known of a process but its environment. Behind `=` all of the word is a heading."""
_WORD = re.compile(r"[A-Za-z0-9_.,:+%/@=^~-]*")


def is_harmless_setting(key: str) -> bool:
    """Whether a setting of git names no program, no file and no secret."""
    return _GIT_NAMES.fullmatch(key) is not None


@dataclass(frozen=True, slots=True)
class Use:
    """One argument and what it is to the program."""

    argument: Argument
    role: Role
    option: str = ""
    """The option whose value it is."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the table does not settle, and the check that says so."""

    check: str
    reason: str


@dataclass
class Usage:
    """What a program would do with its arguments."""

    program: Program
    uses: list[Use] = field(default_factory=list[Use])
    options: set[str] = field(default_factory=set[str])
    doubts: list[Doubt] = field(default_factory=list[Doubt])
    reads_stdin: bool = False

    @property
    def recursive(self) -> bool:
        """Whether a folder stands for all the files below it."""
        return "*" in self.program.recursive or bool(self.options & set(self.program.recursive))

    @property
    def follows(self) -> bool:
        """Whether links on the way into folders are followed."""
        return self.recursive and (
            "*" in self.program.follows or bool(self.options & set(self.program.follows))
        )

    @property
    def skips_hidden(self) -> bool:
        """Whether it leaves out hidden files on its way."""
        return bool(self.program.hidden_with) and not self.options & set(self.program.hidden_with)

    def doubt(self, check: str, reason: str) -> None:
        """Note what is not settled."""
        self.doubts.append(Doubt(check, reason))


def usage_of(program: Program, arguments: Sequence[Argument], *, fed: bool = False) -> Usage:
    """Return how a program takes `arguments`; whatever its table does not name becomes a doubt."""
    usage = Usage(program)
    told = [it.known for it in arguments]
    if not program.builtin and (told == ["--version"] or (told == ["--help"] and program.helps)):
        return usage
    if program.bundle and arguments:
        arguments = _unbundled(program, arguments)
    number = _take_roles(usage, arguments)
    _check_numbers(usage, number)
    _check_values(usage)
    named = any(it.role == "read" and not it.option for it in usage.uses)
    silent = bool(usage.options & set(program.without_input))
    usage.reads_stdin = program.stdin and not named and not fed and not silent
    if any(it.role == "read" and it.argument.text == "-" for it in usage.uses) and not fed:
        usage.reads_stdin = True
    if program.here and usage.recursive and not named:
        usage.uses.append(Use(Argument("."), "read"))
        usage.reads_stdin = False
    return usage


def _take_roles(usage: Usage, arguments: Sequence[Argument]) -> int:
    """Give every operand the role that it has by its place; return how many there are."""
    program = usage.program
    operands = list(_operands(usage, arguments))
    if operands and operands[0].known in program.first:
        operands = operands[1:]
    roles = list(program.operands)
    if roles and usage.options & set(program.unless):
        roles = roles[1:]
    for argument in operands:
        role = roles[0] if roles else None
        if role is None:
            usage.doubt("operand-roles", _surplus(program, argument))
            break
        if role.endswith("*"):
            role = role[:-1]
        else:
            roles = roles[1:]
            if argument.pattern:
                usage.doubt("operand-roles", "a pattern may stand for more names than its reading form takes")
        usage.uses.append(Use(argument, role))
    return len(operands)


def _check_numbers(usage: Usage, number: int) -> None:
    """Doubt where operands or options are missing without which it is another form."""
    program = usage.program
    if number < program.least - bool(usage.options & set(program.unless)):
        usage.doubt("operand-roles", "it is given less than its reading form takes")
    if program.counts and number not in program.counts:
        usage.doubt("liveness", "with so few words it may not end")
    if program.only_with and not usage.options & set(program.only_with):
        usage.doubt("options", f"only with {' or '.join(map(_dashed, program.only_with))} does it just tell")


def _surplus(program: Program, argument: Argument) -> str:
    word = repr(argument.text) if argument.text is not None else "a word that is not known"
    if not program.operands:
        return f"{word} may make it do more than tell"
    return f"it is known only to read without the further word {word}"


def _operands(usage: Usage, arguments: Sequence[Argument]) -> Iterator[Argument]:
    """Yield the operands; options and their values are noted."""
    waiting = list(reversed(arguments))
    program = usage.program
    if program.plain:
        yield from arguments
        return
    while waiting:
        argument = waiting.pop()
        if program.plus and argument.known.startswith("+"):
            usage.doubt("options", f"{argument.known} is an option to it")
        if argument.text == "--" and not argument.pattern:
            yield from reversed(waiting)
            return
        glued = argument.text is not None and argument.text.startswith("--") and _GLUED.match(argument.text)
        if argument.text is None or (argument.pattern and not glued):
            if argument.may_be_option and not _cannot_harm(program, argument):
                check = argument.unknown if argument.text is None and argument.unknown else "glob-injection"
                usage.doubt(check, _could_be_option(argument))
            yield argument
        elif argument.text.startswith("--"):
            _long(usage, argument.text[2:], waiting)
        elif argument.text.startswith("-") and argument.text != "-":
            _short(usage, argument.text[1:], waiting)
        else:
            yield argument
            if program.settled_first:
                yield from reversed(waiting)
                return


def _cannot_harm(program: Program, argument: Argument) -> bool:
    """Whether it does not matter that a word may turn out to be an option."""
    if program.plain or argument.stands_for:
        return True
    said = argument.unknown == "substitution" and _only_texts(program)
    return program.harmless and (argument.pattern or said)


def _only_texts(program: Program) -> bool:
    """Whether its operands are texts to show and nothing else, so that more of them do not matter."""
    return bool(program.operands) and all(it in ("text", "text*") for it in program.operands)


def _unbundled(program: Program, arguments: Sequence[Argument]) -> list[Argument]:
    """Return the words with each letter of the first one as an option of its own, and its value behind it."""
    first, *rest = arguments
    if not re.fullmatch(r"[A-Za-z]+", first.known):
        return [*arguments]
    words: list[Argument] = []
    for letter in first.known:
        words.append(Argument(f"-{letter}", leading=f"-{letter}"))
        if letter in program.values and rest:
            words.append(rest.pop(0))
    return words + rest


def _could_be_option(argument: Argument) -> str:
    if argument.pattern:
        return f"a file whose name {argument.text} stands for could begin with a dash and be taken for an option; ./ before it helps"
    return "what a variable or another command puts there could begin with a dash and be taken for an option"


def _long(usage: Usage, text: str, waiting: list[Argument]) -> None:
    name, equals, value = text.partition("=")
    program = usage.program
    usage.options.add(name)
    if name in program.long and not equals:
        return
    if name in program.optional:
        if equals:
            usage.uses.append(Use(Argument(value, leading=value), program.optional[name], name))
    elif name in program.pairs and not equals and len(waiting) > 1:
        usage.uses += [Use(waiting.pop(), role, name) for role in program.pairs[name]]
    elif name in program.values and len(name) > 1:
        _value(usage, name, Argument(value, leading=value) if equals else None, waiting)
    else:
        usage.doubt("options", f"--{name} is not among the options that are known only to read")


def _short(usage: Usage, letters: str, waiting: list[Argument]) -> None:
    program = usage.program
    if f"-{letters}" in program.single:
        usage.options.add(letters)
        return
    if program.number and letters.isdigit():
        return
    if letters[0] in program.counted and letters[1:].rstrip("%").isdigit():
        usage.options.add(letters[0])
        return
    for index, letter in enumerate(letters):
        usage.options.add(letter)
        if letter in program.flags:
            continue
        if letter in program.values:
            rest = letters[index + 1 :]
            _value(usage, letter, Argument(rest, leading=rest) if rest else None, waiting)
            return
        usage.doubt("options", f"-{letter} is not among the options that are known only to read")
        return


def _value(usage: Usage, option: str, glued: Argument | None, waiting: list[Argument]) -> None:
    if glued is None and not waiting:
        usage.doubt("options", f"{_dashed(option)} has no value")
        return
    value = glued if glued is not None else waiting.pop()
    usage.uses.append(Use(value, usage.program.values[option], option))


def _check_values(usage: Usage) -> None:
    """Doubt what is not of the form that its role has."""
    for use in usage.uses:
        doubt = _unknown(usage, use) if use.argument.text is None else _unfit(usage, use, use.argument.text)
        if doubt is not None:
            usage.doubts.append(doubt)


def _unknown(usage: Usage, use: Use) -> Doubt | None:
    """Return what is to be said of a word that is not worked out; None where it may be anything."""
    argument = use.argument
    if not use.option and use.role in _STANDING.get(argument.stands_for, ()):
        return None
    if use.role in ("text", "pattern"):
        texts = usage.program.harmless and _only_texts(usage.program) and not use.option
        settled = usage.program.plain or usage.program.settled_first or texts
        if argument.free or (argument.unknown == "substitution" and settled) or _quoted_pattern(use):
            return None
    return Doubt(argument.unknown or "parameter", "a word of it is not known")


def _unfit(usage: Usage, use: Use, text: str) -> Doubt | None:
    """Return what is to be said of a word that is not what its role asks for."""
    if usage.program.at_files and text.startswith("@"):
        return Doubt("options", f"{text} stands for options in a file")
    if use.role in ("text", "pattern"):
        return None
    if use.argument.pattern and (use.option or use.role not in ("read", "list", "folder", "local")):
        return Doubt("glob-injection", "file names take the place of a word that is no file")
    if use.role.startswith("="):
        chosen = text in use.role[1:].split("|")
        return None if chosen else Doubt("options", f"{text!r} is none of the words with which it only tells")
    check, fault = _FAULTS.get(use.role, ("", None))
    reason = fault(text) if fault is not None else ""
    return Doubt(check, reason) if reason else None


def _unless(form: re.Pattern[str], what: str) -> Callable[[str], str]:
    return lambda text: "" if form.fullmatch(text) else f"{text!r} is not {what}"


_STANDING: dict[str, tuple[Role, ...]] = {
    "stream": ("read",),
    "commit": ("read", "text"),
}
"""As what a program may take a word that is not worked out, by what is known of it all the same."""
_FAULTS: dict[Role, tuple[str, Callable[[str], str]]] = {
    "count": ("options", _unless(_COUNT, "a number")),
    "pause": ("options", _unless(_PAUSE, "a pause of a minute at the most")),
    "word": ("options", _unless(_WORD, "a plain word")),
    "columns": ("options", _unless(_COLUMNS, "a list of columns that are known to hold no secret")),
    "format": (
        "operand-roles",
        lambda text: "" if text.startswith("+") else f"{text!r} is not a format to show",
    ),
    "local": ("operand-roles", lambda text: "a colon names another machine" if ":" in text else ""),
    "git-format": (
        "git",
        lambda text: "the format shows signatures, which runs a program" if _RUNS_GPG.search(text) else "",
    ),
    "git-name": (
        "git",
        lambda text: (
            "" if is_harmless_setting(text) or _REMOTE.fullmatch(text) else f"{text} may hold a secret"
        ),
    ),
    "sed": ("mini-languages", sed.faults),
    "awk": ("mini-languages", awk.faults),
    "jq": ("mini-languages", jq.faults),
    "yq": ("mini-languages", yq.faults),
    "printf": ("mini-languages", printf.faults),
    "none": ("operand-roles", lambda _: "it is given more than its reading form takes"),
}
"""What is said of a text by its role, and the check that says it; an empty reason where it is fit."""


def _quoted_pattern(use: Use) -> bool:
    """Whether it is the value of an option and one word, whatever it is."""
    unknown = use.argument.unknown == "substitution" and not use.argument.several
    return bool(use.option) and use.role == "pattern" and unknown


def _dashed(option: str) -> str:
    return f"-{option}" if len(option) == 1 else f"--{option}"
