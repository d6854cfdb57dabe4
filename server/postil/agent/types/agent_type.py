"""An agent type as data: front matter with tools, mode and limits, and as the body what the model reads.

A type only narrows: it takes tools away, holds a mode beside the one that the person has chosen, and lowers limits. Nothing in
it allows anything. A field that we do not know, or one that is missing, is a fault, and a faulty type is no type at all: who
asks for it gets an error, never another type.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import Field, ValidationError, field_validator

from postil.agent.types.shape_words import shape_faults
from postil.config.front_matter import BadFrontMatter, front_matter
from postil.core.agent_types import AS_CHOSEN, EVERY_TOOL, AgentTypeInForce, TypeLimits, TypeSource, held
from postil.core.errors import UsageError
from postil.core.found import OF_SERVERS
from postil.core.messages import Value
from postil.permissions.modes import mode
from postil.tools.registry import FIND

MOST_BYTES = 64 * 1024
"""Of a file."""
MOST_WORDS = 20_000
"""Characters of what the model reads of a type: they are in every request."""


class TypeSpec(Value):
    """The front matter of an agent type."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    title: Annotated[str, Field(min_length=1, max_length=60)]
    """What people read in lists."""
    when: Annotated[str, Field(min_length=1, max_length=400)]
    """When it is the one to use, in a sentence."""
    tools: tuple[str, ...]
    """Their names; `*` is every tool that there is."""
    mode: str
    """The mode that its sessions are held in, whatever the person chooses beside it; `as-chosen` holds none."""
    limits: TypeLimits = TypeLimits()

    @field_validator("tools", mode="before")
    @classmethod
    def _every(cls, value: object) -> object:
        """Take `"*"` by itself for the list of it."""
        return (EVERY_TOOL,) if value == EVERY_TOOL else value


@dataclass(frozen=True, slots=True)
class AgentType:
    """A type that can be used."""

    spec: TypeSpec
    prompt: str
    source: TypeSource
    file: str = ""
    """Where it was read; empty for one of Postil's own."""

    @property
    def name(self) -> str:
        """What people and settings call it."""
        return self.spec.name

    @property
    def held(self) -> str:
        """The mode that it holds; empty where it holds none."""
        return held(self.spec.mode)

    def on_record(self) -> AgentTypeInForce:
        """Return the type as a session keeps it."""
        return AgentTypeInForce(
            name=self.spec.name,
            title=self.spec.title,
            source=self.source,
            file=self.file,
            tools=self.spec.tools,
            mode=self.spec.mode,
            limits=self.spec.limits,
            prompt=self.prompt,
        )


@dataclass(frozen=True, slots=True)
class TypeFault:
    """Why a file is no agent type."""

    name: str
    """The name that it would have."""
    file: str
    source: TypeSource
    message: str
    """Without a full stop."""
    line: int = 1
    """From 1."""


def read_type(
    text: str, stem: str, file: str, source: TypeSource, tools: Collection[str]
) -> AgentType | list[TypeFault]:
    """Return the type that a text describes, or everything that is wrong with it. `stem` is the file's name without `.md`."""
    try:
        found = front_matter(text)
    except BadFrontMatter as error:
        return [TypeFault(stem, file, source, str(error), error.line)]
    shaped: list[tuple[str, str]] = []
    spec = None
    try:
        spec = TypeSpec.model_validate(found.data)
    except ValidationError as error:
        shaped += shape_faults(error)
    wrong = {field for field, _ in shaped}
    data: Mapping[str, Any] = cast("Mapping[str, Any]", found.data) if isinstance(found.data, dict) else {}
    right = {name: it for name, it in data.items() if name not in wrong}
    faults = [
        TypeFault(stem, file, source, message, _line(field, found.lines))
        for field, message in (*shaped, *_faults(right, found.body, stem, tools))
    ]
    if spec is None or faults:
        return faults
    return AgentType(spec, found.body, source, "" if source == "built_in" else file)


def _line(field: str, lines: Mapping[str, int]) -> int:
    """Return the line where a field stands, or the innermost around it that has one."""
    names = field.split(".")
    return next((lines[at] for n in range(len(names), 0, -1) if (at := ".".join(names[:n])) in lines), 1)


def _faults(
    right: Mapping[str, Any], body: str, stem: str, tools: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the field and what is wrong with it, of the fields that have the right shape."""
    if "name" in right and right["name"] != stem:
        yield "name", f"it is named {right['name']!r} in a file {stem}.md; the two must agree"
    yield from (("tools", it) for it in _wrong_tools(right.get("tools", ()), tools))
    if "mode" in right and (wrong := _wrong_mode(right["mode"])):
        yield "mode", wrong
    if not body:
        yield "name", "there are no words for the model after the front matter"
    if len(body) > MOST_WORDS:
        yield "name", f"what the model reads has {len(body):,} characters, and {MOST_WORDS:,} is the most"


def _wrong_tools(named: object, tools: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the names of tools; those that are no texts have the wrong shape, which is said elsewhere."""
    given = (
        [it for it in cast("list[object]", named) if isinstance(it, str)] if isinstance(named, list) else []
    )
    of_servers = [it for it in given if it.startswith(OF_SERVERS)]
    if of_servers and not {FIND, EVERY_TOOL} & set(given):
        yield f"{of_servers[0]!r} is a tool of a server, and such are found by {FIND!r} alone; name that too"
    own = [it for it in dict.fromkeys(given) if it != EVERY_TOOL and it not in of_servers]
    for unknown in (it for it in own if it not in tools):
        yield f"there is no tool {unknown!r}; `postil tools` lists them"


def _wrong_mode(name: str) -> str:
    if name == AS_CHOSEN:
        return ""
    try:
        found = mode(name)
    except UsageError as error:
        return f"{error.message.rstrip('.')}; {error.mend.rstrip('.')}, and {AS_CHOSEN}"
    if any(it.verdict == "allow" for it in found.rules):
        return f"mode {name} allows, and a type can only narrow; {AS_CHOSEN} leaves the mode to the person"
    return ""
