"""What the editor reports of open documents, as it stands in the changing end of a request: short, and as material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from postil.core.origin import mark
from postil.core.ports import Problem
from postil.core.redaction.redact import redact
from postil.core.revealing import legible, one_line

MOST = 20
"""Problems that are told, errors first; `@diagnostics` attaches more."""
LENGTH = 160
"""Characters of each."""


def problems_now(reported: Mapping[str, Sequence[Problem] | None], key: str) -> str:
    """Return the problems by the names of their documents; nothing where there are none or nobody tells.

    `key` is an id that who writes the documents does not know.
    """
    every = [(name, it) for name, found in reported.items() for it in found or ()]
    if not every:
        return ""
    every.sort(key=lambda one: (one[1].severity != "error", one[0], one[1].line))
    lines = [one_line(f"{name}:{it.line}: {it.severity}: {it.message}", LENGTH) for name, it in every[:MOST]]
    more = f", {MOST} of {len(every)}" if len(every) > MOST else ""
    text = legible(redact("\n".join(lines)).text)
    number = mark(text, key)
    return (
        f"Problems in open documents{more}:\n<material {number} from workspace>\n{text}\n</material {number}>"
    )
