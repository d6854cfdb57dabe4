"""One line of `postil doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "problem"]


@dataclass(frozen=True, slots=True)
class Row:
    """What was looked for, how it stands, and how to mend it."""

    name: str
    state: State
    found: str
    """What is there, never a secret."""
    mend: str = ""
    """One sentence where something can be done."""
    needed: bool = False
    """Whether Postil cannot work unless this is ok."""

    @property
    def stops(self) -> bool:
        """Whether this keeps Postil from working."""
        return self.needed and self.state != "ok"
