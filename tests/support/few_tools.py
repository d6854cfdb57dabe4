"""What requests of an agent's world begin with: the text of few tools, and the words of the type `build`."""

from __future__ import annotations

from postil.agent.types.collection import BUILTIN
from postil.config.front_matter import front_matter
from postil.tools.registry import Registry

registry = Registry.collect()
FEW = (
    "ask_user", "delete", "edit", "glob", "grep", "list", "move",
    "read", "recall", "remember", "shell", "todo", "write",
)  # fmt: skip
"""Whose text is in a request, so that what is told of sizes does not change with every tool that is added."""
schemas = registry.pool(FEW).schemas()
BUILD_WORDS = front_matter((BUILTIN / "build.md").read_text("utf-8")).body
