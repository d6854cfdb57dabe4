"""What is missing of a session whose record was cut, and what its model is told of that."""

from __future__ import annotations

from postil.core.messages import Value

WORDS = (
    "The record of this session was damaged, and what came after this point is lost. Commands may have run and files may "
    "have changed since. Look at what is there before you do anything again."
)
NOTE = f"[{WORDS}]"
"""The words as a message of their own, where no call was open."""


class Lost(Value):
    """What later lines that are proven by nothing tell of the time after the cut; it need not be all."""

    paths: tuple[str, ...] = ()
    """Files that were changed, or were about to be."""
    commands: tuple[str, ...] = ()
    """What was run, or was about to be."""

    def and_also(self, other: Lost) -> Lost:
        """Return what both tell, each thing once."""
        paths, commands = (*self.paths, *other.paths), (*self.commands, *other.commands)
        return Lost(paths=tuple(dict.fromkeys(paths)), commands=tuple(dict.fromkeys(commands)))
