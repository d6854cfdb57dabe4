"""A tool as data: front matter and a description that can be read without importing what does the work.

`<name>.md` opens with YAML front matter (`ToolSpec`); its body is what the model reads. `<name>.py` beside it
holds `Params`, a pydantic model whose field descriptions the model reads too, and `async def prepare`, which
turns valid parameters into an `Invocation`. Every field that the front matter leaves out has its most
restrictive value, and a field that we do not know is an error.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field, ValidationError

from postil.config.front_matter import BadFrontMatter, front_matter
from postil.core.effects import Added, Invocation, Tier, ToolKind
from postil.core.errors import ConfigurationError
from postil.core.messages import Value
from postil.core.ports import ToolPorts, ToolSchema
from postil.tools.schema import model_schema
from postil.tools.tiers import Effects, held_to

Prepare = Callable[[Any, ToolPorts], Awaitable[Invocation]]
"""Says what a call would touch; reads at most."""


Need = Literal["person", "trust", "sub-agents"]
"""What a session may be without: somebody who answers questions, a workspace that is trusted, and sub-agents of its own."""


class ToolLimits(Value):
    """The bounds of one call."""

    output: Annotated[int, Field(ge=1_000, le=100_000)] = 30_000
    """Characters of the result that the model reads."""


class ToolSpec(Value):
    """The front matter of a tool."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    title: Annotated[str, Field(min_length=1, max_length=60)]
    """What people read in lists."""
    icon: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] = "tools"
    """The codicon by which clients show it and its rows."""
    kind: ToolKind = "other"
    effects: Effects = Effects()
    deferral: Literal["always", "deferred", "unreferenced"] = "deferred"
    """`always`: in every request. `deferred`: found by a search for tools, unless the agent type names it.
    `unreferenced`: in every request to a model that takes no references to tools."""
    needs: tuple[Need, ...] = ()
    """Without which it is in no pool. This narrows a list; what a call may do is decided for each call all the same."""
    limits: ToolLimits = ToolLimits()


@dataclass(frozen=True, slots=True)
class Implementation:
    """What a tool's module holds."""

    params: type[BaseModel]
    prepare: Prepare


class Tool:
    """One tool: metadata, what the model reads, and where the work is done."""

    def __init__(
        self, spec: ToolSpec, description: str, source: Path, module: str, added: Added | None = None
    ) -> None:
        """`added` is the tool as rules name it, where it does not come with Postil. A file cannot say that of itself."""
        self.spec = spec
        self.added = added
        self.effects = held_to(added.tier if added is not None else "builtin", spec.effects)
        """What it is taken for, whatever its metadata claims."""
        self.description = description
        self.source = source
        """The Markdown file."""
        self.module = module
        """The module with the implementation, imported when it is first needed."""
        self._implementation: Implementation | None = None

    @property
    def tier(self) -> Tier:
        """Where it comes from, as a kind."""
        return self.added.tier if self.added is not None else "builtin"

    @property
    def origin(self) -> str:
        """Whose it is: Postil's, or the server's that has it."""
        return self.added.name.partition("/")[0] if self.added is not None else "Postil"

    @property
    def loaded(self) -> bool:
        """Whether the implementation has been imported."""
        return self._implementation is not None

    def implementation(self) -> Implementation:
        """Return the implementation; the first call imports it, which reads the disk."""
        if self._implementation is None:
            self._implementation = _import(self.module)
        return self._implementation

    def schema(self) -> ToolSchema:
        """Return the tool as the model sees it."""
        return ToolSchema(self.spec.name, self.description, model_schema(self.implementation().params))


def read_tool(source: Path, package: str) -> Tool:
    """Return the tool that a Markdown file describes; raises ConfigurationError.

    `package` is the dotted name of the file's folder.
    """
    front, body = _split(source)
    try:
        spec = ToolSpec.model_validate(front)
    except ValidationError as fault:
        lines = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'all'}: {e['msg']}" for e in fault.errors())
        raise ConfigurationError(f"{source.name}: the front matter does not fit: {lines}.") from None
    if spec.name != source.stem:
        raise ConfigurationError(f"{source.name}: the tool is named {spec.name!r}; file and name must agree.")
    if not body:
        raise ConfigurationError(f"{source.name}: there is no description after the front matter.")
    if not source.with_suffix(".py").is_file():
        raise ConfigurationError(f"{source.name}: {source.stem}.py is missing beside it.")
    return Tool(spec, body, source, f"{package}.{source.stem}")


def _split(source: Path) -> tuple[object, str]:
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigurationError(f"{source.name} cannot be read: {fault}.") from fault
    try:
        found = front_matter(text)
    except BadFrontMatter as fault:
        raise ConfigurationError(f"{source.name}: {fault}.") from fault
    return found.data, found.body


def _import(module: str) -> Implementation:
    loaded = import_module(module)
    params: object = getattr(loaded, "Params", None)
    prepare: object = getattr(loaded, "prepare", None)
    if not (isinstance(params, type) and issubclass(params, BaseModel)):
        raise ConfigurationError(f"{module} has no pydantic model `Params`.")
    if not inspect.iscoroutinefunction(prepare):
        raise ConfigurationError(f"{module} has no `async def prepare(params, ports)`.")
    return Implementation(params, cast("Prepare", prepare))
