"""The values of the command that lists agent types."""

from __future__ import annotations

from typing import Literal

from postil.lsp.wire import Wire


class AgentRow(Wire):
    """An agent type that a new session can have."""

    name: str
    title: str
    when: str
    source: Literal["built_in", "user", "workspace"]
    file: str
    """Empty for one of Postil's own."""
    tools: list[str]
    """As the type names them; `*` is every tool that there is."""
    mode: str
    """The mode that it holds its sessions in, or `as-chosen`."""
    default: bool
    """Whether a session has it where none is named."""


class AgentFaultRow(Wire):
    """A file that is no agent type, and why."""

    file: str
    line: int
    """From 1."""
    message: str


class AgentsResult(Wire):
    """All of them, Postil's own first."""

    types: list[AgentRow]
    faults: list[AgentFaultRow]
