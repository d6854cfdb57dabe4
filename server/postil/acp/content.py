"""A prompt's content blocks as Postil's own prompt: words, mentions of files, and what the client attached.

A link to a file of the workspace becomes a mention, so that it brings what the agent could read unasked and no more. Text that the
client attaches is the person's own choice, as a selection is in other faces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from acp.schema import (
    EmbeddedResourceContentBlock,
    ResourceContentBlock,
    TextContentBlock,
    TextResourceContents,
)

from postil.core.errors import UsageError
from postil.core.origin import Source
from postil.core.question import PromptContext
from postil.core.submissions import Prompt
from postil.workspace.files.uris import uri_to_path

_LINES = re.compile(r"#L?(\d{1,7})(?::\d+)?(?:-L?(\d{1,7})(?::\d+)?)?\Z")
_MENTIONABLE = re.compile(r"[\w.+-]+(?:/[\w.+-]+)*\Z")
_MOST = 40_000
"""Characters of one attached text, as a mention has at most."""
_NAME = 200

Relative = Callable[[Path], str]
"""Gives a path as people read it: relative to the workspace where it lies inside."""


def prompt_of(blocks: Sequence[Any], relative: Relative, face: str) -> Prompt:
    """Return the prompt. Raises UsageError for a block that Postil cannot take, and where there are no words."""
    words: list[str] = []
    context: list[PromptContext] = []
    for block in blocks:
        if isinstance(block, TextContentBlock):
            words.append(block.text)
        elif isinstance(block, ResourceContentBlock):
            words.append(_link(block, relative))
        elif isinstance(block, EmbeddedResourceContentBlock):
            attached = _attached(block, relative)
            context.append(attached)
            words.append(f"`{attached.path or attached.name}`")
        else:
            raise UsageError("Postil takes text and files, and no images or sound.", "Leave them out.")
    text = "".join(_spaced(words))
    if not text.strip():
        raise UsageError("Nothing was asked.", "Write what is to be done.")
    return Prompt(text, tuple(context), face=face)


def _spaced(words: Sequence[str]) -> list[str]:
    """Put a space between blocks that would run into each other; some clients leave it out."""
    spaced: list[str] = []
    for it in words:
        if (
            spaced
            and it
            and not spaced[-1][-1:].isspace()
            and not it[:1].isspace()
            and it[:1] not in ".,;:!?)"
        ):
            spaced.append(" ")
        spaced.append(it)
    return [it for it in spaced if it]


def _place(uri: str) -> tuple[Path | None, int, int]:
    """Return the file that a URI names, and its lines; 0 for all of them."""
    found = _LINES.search(uri)
    path = uri_to_path(uri[: found.start()] if found is not None else uri)
    if found is None or path is None:
        return path, 0, 0
    first, last = int(found[1]), int(found[2] or found[1])
    return path, min(first, last), max(first, last)


def _link(block: ResourceContentBlock, relative: Relative) -> str:
    path, first, last = _place(block.uri)
    if path is None:
        return f"{block.name} ({block.uri})"
    shown = relative(path)
    if _MENTIONABLE.match(shown) is None:
        return f"`{shown}`"  # A mention has no way to write it; the agent can read it all the same.
    lines = f":{first}-{last}" if last > first else f":{first}" if first else ""
    # A word such as `diff` is a mention of its own.
    return f"@{shown}{lines}" if "/" in shown or "." in shown or lines else f"@./{shown}"


def _attached(block: EmbeddedResourceContentBlock, relative: Relative) -> PromptContext:
    resource = block.resource
    if not isinstance(resource, TextResourceContents):
        raise UsageError("Postil takes attached text, and no other bytes.", "Leave the file out, or name it.")
    path, first, last = _place(resource.uri)
    text = resource.text
    note = f"cut: the first {_MOST:,} of {len(text):,} characters" if len(text) > _MOST else ""
    return PromptContext(
        kind="selection" if first or path is None else "file",
        path=relative(path) if path is not None else "",
        name="" if path is not None else resource.uri,
        text=text[:_MOST],
        first_line=first,
        last_line=last,
        note=note,
        sources=(Source(origin="network", name=resource.uri[:_NAME]),) if path is None else (),
    )
