"""From a script to its parts: the folder, the variables and the way in of every simple command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from postil.permissions.shell import tree
from postil.permissions.shell.argument import Argument, arguments
from postil.permissions.shell.naming import is_own
from postil.permissions.shell.part import Note, Part, Redirection
from postil.permissions.shell.surroundings import Surroundings, Work
from postil.permissions.shell.syntax import (
    READING,
    Arithmetic,
    Block,
    Case,
    Chain,
    Command,
    Conditional,
    Coprocess,
    Expansion,
    For,
    Function,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Substitution,
    Text,
    Word,
)

Folders = frozenset[str] | None
"""Folders that may be the current one; None where that is not known."""

MOST_TURNS = 16
"""Values of a loop that are gone through."""
MOST_FOLDERS = 64
"""Folders that may be the current one; each `cd` that may fail doubles them."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a command stands."""

    folders: Folders
    fed: bool = False
    feeds: bool = False
    repeated: bool = False
    settled: bool = True
    """Whether it runs exactly once and in this shell, so that what it assigns holds afterwards."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The folders after a command, if it succeeds and if it fails."""

    success: Folders
    failure: Folders

    @property
    def either(self) -> Folders:
        """The folders whatever came of it."""
        return _union(self.success, self.failure)


@dataclass
class Walker:
    """Collects the parts of one script; raises Refused where it comes to too much."""

    around: Surroundings
    variables: dict[str, Argument] = field(default_factory=dict[str, Argument])
    parts: list[Part] = field(default_factory=list[Part])
    notes: list[Note] = field(default_factory=list[Note])
    bound: set[str] = field(default_factory=set[str])
    """Names that the line itself binds."""

    def __post_init__(self) -> None:
        given = {**self.around.variables, "HOME": self.around.home}
        self.variables |= {name: Argument(text, leading=text) for name, text in given.items()}
        memory = self.around.memory
        self._work = memory.work if memory is not None else Work()

    def script(self, script: Script, way: Way) -> Flow:
        """Go through chains that run one after the other."""
        flow = Flow(way.folders, way.folders)
        for chain in script.chains:
            flow = self._chain(chain, replace(way, folders=flow.either))
        return flow

    def _chain(self, chain: Chain, way: Way) -> Flow:
        if chain.background:
            self.notes.append(Note("liveness", "it leaves something running in the background"))
        single = len(chain.links) == 1 and not chain.background
        flow = Flow(way.folders, way.folders)
        for index, (operator, pipeline) in enumerate(chain.links):
            # The first link of a chain runs whatever becomes of it.
            settled = way.settled and (single or (index == 0 and not chain.background))
            if operator == "||":
                after = self._pipeline(pipeline, replace(way, folders=flow.failure, settled=settled))
                flow = Flow(_union(flow.success, after.success), after.failure)
            elif operator == "&&":
                after = self._pipeline(pipeline, replace(way, folders=flow.success, settled=settled))
                flow = Flow(after.success, _union(flow.failure, after.failure))
            else:
                flow = self._pipeline(pipeline, replace(way, folders=flow.either, settled=settled))
        return Flow(way.folders, way.folders) if chain.background else flow

    def _pipeline(self, pipeline: Pipeline, way: Way) -> Flow:
        last = len(pipeline.commands) - 1
        if last == 0:
            flow = self.command(pipeline.commands[0], way)
            return Flow(flow.failure, flow.success) if pipeline.negated else flow
        for index, command in enumerate(pipeline.commands):
            inside = replace(way, fed=index > 0 or way.fed, feeds=index < last or way.feeds, settled=False)
            self.command(command, inside)
        return Flow(way.folders, way.folders)

    def command(self, command: Command, way: Way) -> Flow:
        """Go through one command; raises Refused where the line comes to too much."""
        self._work.spend(1)
        if isinstance(command, Simple):
            return self._simple(command, way)
        if isinstance(command, Block):
            return self._block(command, self._redirected(command.redirects, way))
        if isinstance(command, For):
            return self._for(command, self._redirected(command.redirects, way))
        if isinstance(command, Case):
            return self._case(command, self._redirected(command.redirects, way))
        if isinstance(command, (Function, Coprocess)):
            return self._defined(command, way)
        if isinstance(command, Conditional):
            return self._conditional(command, self._redirected(command.redirects, way))
        return self._arithmetic(command, self._redirected(command.redirects, way))

    def _block(self, block: Block, way: Way) -> Flow:
        if block.kind == "group":
            return self.script(block.scripts[0], way)
        if block.kind == "subshell":
            self._apart(block.scripts[0], way)
            return Flow(way.folders, way.folders)
        looping = block.kind in ("while", "until")
        if looping:
            self._forget(block.scripts)
        inside = replace(way, settled=False, repeated=way.repeated or looping)
        # Each turn may go on from where the last one went.
        folders = None if looping and _moves(block.scripts) else way.folders
        for script in block.scripts:
            flow = self.script(script, replace(inside, folders=folders))
            folders = _union(folders, flow.either)
        return Flow(folders, folders)

    def _for(self, loop: For, way: Way) -> Flow:
        if loop.select:
            self.notes.append(Note("liveness", "select waits for an answer"))
        if loop.words is None:
            self.notes.append(Note("parameter", "the loop goes through positional parameters"))
        values = self._values(loop.words or (), way)
        self._named(loop.name)
        self._forget((loop.body,))
        if len(values) > MOST_TURNS:
            self.notes.append(Note("size", f"a loop has more than {MOST_TURNS} values"))
            values = (Argument(None, unknown="parameter"),)
        folders = way.folders
        for value in values or (Argument(None, unknown="parameter"),):
            self.variables[loop.name] = value
            flow = self.script(loop.body, replace(way, folders=folders, settled=False))
            folders = _union(folders, flow.either)
        self.variables[loop.name] = Argument(None, unknown="parameter")
        return Flow(folders, folders)

    def _case(self, case: Case, way: Way) -> Flow:
        for word in (case.subject, *case.patterns):
            self._inside(word, way)
            for argument in self._values((word,), way):
                if argument.text is None and not argument.free:
                    self.notes.append(Note(argument.unknown, "what a case compares is not known"))
        folders = way.folders
        for script in case.scripts:
            flow = self.script(script, replace(way, settled=False))
            folders = _union(folders, flow.either)
        return Flow(folders, folders)

    def _defined(self, command: Function | Coprocess, way: Way) -> Flow:
        if isinstance(command, Function):
            self.notes.append(Note("shadowing", f"it defines a function, {command.name}"))
            self._apart_command(command.body, replace(way, folders=None))
        else:
            self.notes.append(Note("liveness", "it starts a coprocess"))
            self._apart_command(command.body, way)
        return Flow(way.folders, way.folders)

    def _conditional(self, condition: Conditional, way: Way) -> Flow:
        for word in condition.words:
            self._inside(word, way)
        self._stand(way)
        argv = tuple(it for word in condition.words for it in self._arguments(word))
        name = Argument("[[", leading="[[")
        self.parts.append(Part((name, *argv), way.folders, fed=True, text="[[ … ]]"))
        return Flow(way.folders, way.folders)

    def _arithmetic(self, command: Arithmetic, way: Way) -> Flow:
        self.notes.append(Note("arithmetic", "it evaluates arithmetic"))
        for script in command.scripts:
            self._apart(script, way)
        if command.body is not None:
            self._forget((command.body,))
            return self.script(command.body, replace(way, settled=False, repeated=True))
        return Flow(way.folders, way.folders)

    def _simple(self, command: Simple, way: Way) -> Flow:
        for word in tree.words(command):
            self._inside(word, way)
        self._stand(way)
        argv = tuple(it for word in command.words for it in self._arguments(word))
        assignments = tuple((it.name, self._assigned(it.value)) for it in command.assignments)
        if not command.words:
            self._assign(assignments, command, way)
        part = Part(
            argv,
            way.folders,
            tuple(map(self._redirection, command.redirects)),
            assignments if command.words or command.redirects else (),
            way.fed or any(it.operator in READING for it in command.redirects),
            way.feeds,
            way.repeated,
            text=command.raw,
        )
        if command.words or command.redirects:
            self.parts.append(part)
        self._printed(part)
        return self._moved(part, way)

    def _assign(self, assignments: Iterable[tuple[str, Argument]], command: Simple, way: Way) -> None:
        """Bind what is assigned for the rest of the script, where that is certain, or where the line is asked about anyway."""
        for (name, value), written in zip(assignments, command.assignments, strict=True):
            own = self._named(name)
            certain = (
                (way.settled or not own)
                and not written.append
                and (value.text is not None or value.unknown == "substitution")
                and not value.pattern
            )
            self.variables[name] = value if certain else Argument(None, unknown="parameter")

    def _named(self, name: str) -> bool:
        """Whether a name that the line binds, by whatever means, is its own; a note says so where it is not."""
        self.bound.add(name)
        own = is_own(name)
        if not own:
            self.notes.append(Note("shadowing", f"it sets {name}, which programs may read"))
        return own

    def _printed(self, part: Part) -> None:
        """Take `printf -v name` for what it is; the other builtins that bind are asked about by their names."""
        words = [it.known for it in part.operands]
        if part.name == "printf" and words and words[0].startswith("-v"):
            name = words[0][2:] or next(iter(words[1:]), "\0")
            self._named(name if name != "\0" else "a variable")
            self.variables[name] = Argument(None, unknown="parameter")

    def _moved(self, part: Part, way: Way) -> Flow:
        """Return the folders after a part: only cd changes them, and what is like it makes them unknown."""
        if part.name == "popd":
            return Flow(None, way.folders)
        if part.name not in ("cd", "pushd"):
            return Flow(way.folders, way.folders)
        operands = [it for it in part.operands if it.text not in ("--", "-P", "-L")]
        if way.folders is None or len(operands) > 1:
            return Flow(None, way.folders)
        target = operands[0] if operands else Argument(self.around.home)
        if target.text is None or target.pattern or target.text in ("-", ""):
            return Flow(None, way.folders)
        places = [self.around.place(target.text, folder) for folder in way.folders]
        found = [it for it in places if it is not None]
        if len(found) < len(places):
            return Flow(None, way.folders)
        if any(it.lexical != it.physical for it in found):
            # What `..` means from there, the shell and the programs it starts do not agree upon.
            self.notes.append(Note("paths", f"cd {target.text} goes through a link"))
        return Flow(frozenset(path for it in found for path in (it.physical, it.lexical)), way.folders)

    def _inside(self, word: Word, way: Way) -> None:
        """Go through the scripts that a word substitutes; each runs in a shell of its own."""
        for piece in word.pieces:
            if isinstance(piece, Substitution):
                self._apart(piece.script, replace(way, feeds=True, fed=way.fed or piece.form == ">("))
            elif isinstance(piece, Expansion):
                for script in piece.scripts:
                    self._apart(script, replace(way, feeds=True))

    def _stand(self, way: Way) -> None:
        """Let `$PWD` be the folder that a command stands in, where there is but one and the line does not set it."""
        one = next(iter(way.folders)) if way.folders is not None and len(way.folders) == 1 else None
        if "PWD" in self.bound:
            return
        unknown = Argument(None, unknown="parameter", free=True)
        self.variables["PWD"] = Argument(one, leading=one) if one is not None else unknown

    def _apart(self, script: Script, way: Way) -> None:
        kept = dict(self.variables)
        self.script(script, way)
        self.variables = kept

    def _apart_command(self, command: Command, way: Way) -> None:
        kept = dict(self.variables)
        self.command(command, replace(way, settled=False))
        self.variables = kept

    def _redirected(self, redirects: tuple[Redirect, ...], way: Way) -> Way:
        """Take the redirections of a compound command as a part of their own; return the way inside it."""
        if not redirects:
            return way
        for word in tree.targets(redirects):
            self._inside(word, way)
        self._stand(way)
        found = tuple(map(self._redirection, redirects))
        self.parts.append(Part((), way.folders, found, fed=True, text="redirection"))
        return replace(way, fed=way.fed or any(not it.writes for it in found))

    def _redirection(self, one: Redirect) -> Redirection:
        if one.here is not None:
            expanded = any(not isinstance(it, Text) for it in one.here.body.pieces)
            text = "".join(it.text for it in one.here.body.pieces if isinstance(it, Text))
            return Redirection(one.operator, one.descriptor, None, expanded, text)
        found = self._arguments(one.target)
        target = found[0] if len(found) == 1 else Argument(None, unknown="brace")
        return Redirection(
            one.operator, one.descriptor, target, text=target.text if one.operator == "<<<" else None
        )

    def _values(self, words: tuple[Word, ...], way: Way) -> tuple[Argument, ...]:
        for word in words:
            self._inside(word, way)
        self._stand(way)
        return tuple(it for word in words for it in self._arguments(word))

    def _arguments(self, word: Word) -> tuple[Argument, ...]:
        found = arguments(word, self.variables, self.around.home)
        self._work.spend(len(found))
        return found

    def _assigned(self, word: Word | None) -> Argument:
        found = self._arguments(word) if word is not None else ()
        return (
            found[0]
            if len(found) == 1
            else Argument("", source=word)
            if not found
            else Argument(None, unknown="brace")
        )

    def _forget(self, scripts: Iterable[Script]) -> None:
        """Make unknown what a loop assigns: in the second turn it may be another value."""
        for name in _assigned_in(scripts):
            self.variables[name] = Argument(None, unknown="parameter")


def _moves(scripts: Iterable[Script]) -> bool:
    return any(
        isinstance(it, Simple) and it.words and it.words[0].bare in ("cd", "pushd", "popd")
        for it in _commands(scripts)
    )


def _union(one: Folders, other: Folders) -> Folders:
    if one is None or other is None:
        return None
    both = one | other
    return both if len(both) <= MOST_FOLDERS else None


def _assigned_in(scripts: Iterable[Script]) -> Iterator[str]:
    for command in _commands(scripts):
        if isinstance(command, Simple):
            yield from (it.name for it in command.assignments)
        elif isinstance(command, For):
            yield command.name


def _commands(scripts: Iterable[Script]) -> Iterator[Command]:
    """Yield every command below the scripts that runs in their shell or may."""
    for script in scripts:
        for command in tree.commands(script):
            yield command
            yield from _commands(tree.bodies(command))
