"""Where the mentions of prompts lead: files to themselves, symbols to the definition that was attached when the prompt was sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from postil.agent.mentioning.written import Mention, placed_mentions
from postil.lsp.chat.form import Section, parse
from postil.workspace.files.uris import path_to_uri

if TYPE_CHECKING:
    from postil.lsp.chat.telling import Telling


@dataclass(frozen=True, slots=True)
class MentionLink:
    """One mention, by the characters of the document that it is."""

    start: int
    end: int
    target: str


def mention_links(text: str, telling: Telling, root: Path) -> Iterator[MentionLink]:
    """Yield the mentions of prompts that lead somewhere. It looks at the disk: not for the event loop's thread."""
    chat = parse(text)
    for section, after in zip(chat.sections, (*chat.sections[1:], None), strict=True):
        if section.kind != "you":
            continue
        attached = _attached(after, telling)
        for mention, start, end in placed_mentions(section.text):
            target = attached.get(mention.name) if mention.kind in ("name", "symbol") else None
            target = _file(mention, root) or (_uri(root, *target) if target is not None else None)
            if target is not None:
                yield MentionLink(section.body + start, section.body + end, target)


def _attached(after: Section | None, telling: Telling) -> dict[str, tuple[str, int]]:
    """Return the symbols that came with the prompt before a section, each with the first place where it is defined; with a draft none did."""
    reply = telling.numbered(after.turn) if after is not None and after.kind == "postil" else None
    found: dict[str, tuple[str, int]] = {}
    for it in reply.context if reply is not None else ():
        if it.kind == "symbol" and it.path:
            found.setdefault(it.name, (it.path, it.first_line))
    return found


def _file(mention: Mention, root: Path) -> str | None:
    if mention.kind != "name":
        return None
    path = root / mention.name
    return _uri(root, mention.name, mention.first) if path.exists() else None


def _uri(root: Path, path: str, line: int) -> str:
    return f"{path_to_uri((root / path).resolve(strict=False))}{f'#L{line}' if line else ''}"
