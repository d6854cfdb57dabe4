"""How an open document stands to its file: what of it is unsaved, and whether something else has written the file. Blocking.

Texts alone do not tell typing from a `git pull`: both leave a document that differs from its file. So it is
remembered, of each document, what the file was when the two last agreed. A document that still has the text of that
time holds nothing of anybody's, and the file has moved on; one whose file is as it was has been typed in.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from postil.core.effects import text_hash
from postil.core.errors import ToolError
from postil.core.ports import OpenDocument
from postil.workspace.files.opening import read_regular
from postil.workspace.texts.decode import decode, same_text

Standing = Literal["saved", "behind", "ours", "typed", "crossed", "strange"]
"""`saved`: it shows the file. `behind`: nothing in it is unsaved, and the file has moved on. `ours`: edits of ours
are unsaved, and nothing else. `typed`: a person's typing is unsaved. `crossed`: it has unsaved text, and
something else has written the file since. `strange`: it has never shown its file, and so nobody knows which of the two
has moved on: it was unsaved already when it was opened here."""
UNSAVED: frozenset[Standing] = frozenset({"ours", "typed", "crossed", "strange"})
"""Those with text that is nowhere but in the document."""


@dataclass(frozen=True, slots=True)
class Base:
    """A file at one moment, and what its document may hold without holding anything of a person's."""

    disk: str
    """A fingerprint of the file; empty where there was none."""
    clean: frozenset[str]
    """Hashes of texts that show this file."""
    ours: frozenset[str] = frozenset()
    """Hashes of what the document held after each edit of ours."""
    agreed: bool = True
    """Whether the document has shown the file; False where it differed when it was first looked at."""

    def with_edit(self, before: str, after: str) -> Base:
        """Return the base with an edit of ours, by hashes. What is made of typing is typing as well."""
        known = before in self.clean or before in self.ours
        return replace(self, ours=self.ours | {after}) if known else self


@dataclass(frozen=True, slots=True)
class Seen:
    """A document that was looked at."""

    document: OpenDocument
    standing: Standing
    base: Base
    disk: str
    """A fingerprint of the file as it is now; empty where there is none."""


def look(document: OpenDocument, base: Base | None) -> Seen:
    """Look at a document's file; `base` is what was known of the two."""
    disk, data = _disk(document.path)
    text = text_hash(document.text)
    if data is not None and same_text(document.text, data):
        ours = base.ours if base is not None and base.disk == disk else frozenset[str]()
        return Seen(document, "saved", Base(disk, frozenset({text}) | _shown(data), ours), disk)
    if base is None:
        return Seen(document, "strange" if disk else "typed", Base(disk, _shown(data), agreed=False), disk)
    return Seen(document, _differing(text, disk, base), base, disk)


def _differing(text: str, disk: str, base: Base) -> Standing:
    if text in base.clean:
        return "behind"
    if disk != base.disk:
        return "crossed"
    if disk and not base.agreed:
        return "strange"
    return "ours" if text in base.ours else "typed"


def _shown(data: bytes | None) -> frozenset[str]:
    """Return the hash of the text that an editor would show."""
    if data is not None:
        with suppress(ToolError):
            return frozenset({text_hash(decode(data).text)})
    return frozenset()


def _disk(path: Path) -> tuple[str, bytes | None]:
    """Return a fingerprint of the file, and its bytes where they can be read."""
    try:
        data, _ = read_regular(path)
    except ToolError:
        try:
            status = path.lstat()
        except OSError:
            return "", None
        return f"{status.st_mode} {status.st_ino} {status.st_size} {status.st_mtime_ns}", None
    return hashlib.sha256(data).hexdigest(), data
