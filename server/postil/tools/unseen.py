"""What nobody has looked at is not thrown away: a file's whole text goes only as the model last saw it.

Between a read and a write a person types, and other programs write.
"""

from __future__ import annotations

from pathlib import Path

from postil.core.errors import InvalidInput
from postil.core.ports import FileView, ToolPorts


def changed_since(ports: ToolPorts, path: Path, view: FileView, shown: str) -> InvalidInput | None:
    """Return why a file is not removed: it has another text than the model last saw; None where it saw none."""
    known = ports.seen(path)
    if known is None or known.hash == view.hash:
        return None
    return InvalidInput(
        f"{shown} has changed since you last saw it, by the user or another program; nothing was done.",
        "Read it again, and keep what is new there.",
    )


def not_seen(ports: ToolPorts, path: Path, view: FileView, shown: str) -> InvalidInput | None:
    """Return why a file's text is not replaced: the model has not seen all of it, or not as it is now."""
    known = ports.seen(path)
    if known is None:
        return InvalidInput(
            f"{shown} is there already, and you had not seen its text when you asked for this; nothing was written.",
            "Read it first, or change a part of it with `edit`.",
        )
    if known.hash == view.hash and known.upto is not None:
        upto = f"lines 1 to {known.upto:,}" if known.upto else "a part"
        return InvalidInput(
            f"You have seen only {upto} of {shown} as it is now; nothing was written.",
            "Read the rest, or change a part of it with `edit`. A line that `read` does not show as it is counts as not seen.",
        )
    return changed_since(ports, path, view, shown)
