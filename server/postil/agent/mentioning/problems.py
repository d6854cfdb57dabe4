"""`@diagnostics`: the errors and warnings that the editor's other servers report of the documents that are open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from postil.agent.mentioning.material import Material, NotAttached, cut
from postil.core.ports import Problem
from postil.core.question import PromptContext
from postil.core.revealing import one_line

MOST = 200
"""Problems that are attached, errors first."""
LENGTH = 400
"""Characters of each."""
NO_EDITOR = "No document is open in an editor, so nobody reports problems."
UNKNOWN = "The editor does not tell what it finds in the open documents."
NONE = "The editor reports no errors and no warnings in the open documents."


async def diagnostics(material: Material) -> list[PromptContext]:
    """Return what is reported, by file. Raises NotAttached where there is nothing, or nobody says so."""
    workspace = material.parts.workspace
    reported = await workspace.open_problems()
    allowed = await material.readable(list(reported))
    if not allowed:
        raise NotAttached(NO_EDITOR)
    known = {path: found for path in allowed if (found := reported[path]) is not None}
    if not known:
        raise NotAttached(UNKNOWN)
    lines = list(_lines({workspace.display(path): found for path, found in known.items()}))
    if not lines:
        raise NotAttached(NONE)
    silent = len(allowed) - len(known)
    notes = [f"{MOST} of {len(lines)} problems"] * (len(lines) > MOST)
    notes += [f"of {silent} open {'document' if silent == 1 else 'documents'} nothing is known"] * bool(
        silent
    )
    text, note = cut("\n".join(lines[:MOST]))
    return [PromptContext(kind="diagnostics", text=text, note="; ".join([*notes, *([note] if note else [])]))]


def _lines(known: Mapping[str, Sequence[Problem]]) -> Iterator[str]:
    every = ((path, problem) for path, found in known.items() for problem in found)
    for path, it in sorted(every, key=lambda one: (one[1].severity != "error", one[0], one[1].line)):
        source = f" ({it.source})" if it.source else ""
        yield one_line(f"{path}:{it.line}: {it.severity}: {it.message}{source}", LENGTH)
