"""What the client can do, each with what Postil does where it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from acp.schema import ClientCapabilities

from postil.core.faces import called

FACE = "acp"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The client's abilities that Postil makes use of. What is absent is not offered."""

    can_read: bool = False
    """`fs/read_text_file`; else files are what the disk has, and unsaved text is unknown."""
    can_write: bool = False
    """`fs/write_text_file`; else a file with unsaved text cannot be edited, and every other is written on the disk."""
    face: str = FACE
    """What goes on record of what a person does there."""
    has_terminal: bool = False
    """It can run `postil key set` in a terminal of its own; else a person does that themselves."""


def read_capabilities(offered: ClientCapabilities | None, client: str = "") -> Capabilities:
    """Return what an `initialize` request offers, of a client that calls itself so."""
    face = called(FACE, client)
    if offered is None:
        return Capabilities(face=face)
    files, login = offered.fs, offered.auth
    reads = files is not None and files.read_text_file is True
    return Capabilities(
        face=face,
        can_read=reads,
        # Whoever cannot be asked what a buffer holds cannot be trusted with the whole of its text.
        can_write=reads and files is not None and files.write_text_file is True,
        has_terminal=login is not None and login.terminal is True,
    )
