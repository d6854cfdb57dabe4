"""Events about files: what is to change, what has changed, and what is taken back."""

from __future__ import annotations

from typing import Literal

from postil.core.effects import FileForm
from postil.core.event import Event
from postil.core.messages import Value


class EditIntent(Value):
    """What an edit is about to do, by hashes; the session's checkpoint keeps both texts under them."""

    path: str
    before: str | None
    after: str | None
    form: FileForm | None = None
    """Of the file that it removes or makes."""
    moved_from: str | None = None
    in_editor: bool = False
    """Whether an editor makes it, in a document that is open there: without the editor nobody can see whether it did."""

    @property
    def reforms(self) -> bool:
        """Whether a file that stays where it is gets another form."""
        stays = self.before is not None and self.after is not None and self.moved_from is None
        return stays and self.form is not None


Landing = Literal["before", "after", "neither", "hidden"]
"""What looking at the world says of an edit in doubt: hidden is what may be in an editor that is not there."""


class FileChanged(Event):
    """A file was really changed: by a call, or by taking changes back."""

    type: Literal["FileChanged"] = "FileChanged"
    turn_id: str | None
    call_id: str | None
    rewind_id: str | None = None
    change_id: str
    label: str
    path: str
    before: str | None
    after: str | None
    added: int
    removed: int
    where: Literal["buffer", "disk"]
    diff: str = ""
    form: FileForm | None = None
    """Of the file that was removed, or made anew in another form."""
    renamed_from: str | None = None
    mode: int | None = None
    """The permission bits that it left; None where they stayed as they were."""
    subagent: str = ""
    """The session of the sub-agent that changed it for the call; its own record has the change, too."""
    doubtful: bool = False
    """Of a sub-agent, whether nobody saw if the change was made."""


class RewindStarted(Event):
    """Changes are about to be taken back, written and synced before the first file is touched."""

    type: Literal["RewindStarted"] = "RewindStarted"
    rewind_id: str
    change_id: str
    """Of the changes that it makes itself; they can be taken back as well."""
    label: str
    turn_id: str | None = None
    """The turn before which the session goes back; None where single changes are taken back."""
    undoes: tuple[str, ...] = ()
    """The changes that are taken back, by their ids."""
    conversation: bool = False
    """Whether the conversation goes back too."""
    edits: tuple[EditIntent, ...] = ()
    face: str = ""


class LeftAlone(Value):
    """A file that was not taken back, and why."""

    path: str
    why: str


class Rewound(Event):
    """The one end of a rewind. `interrupted`: a crash came between; what had been done by then stays done."""

    type: Literal["Rewound"] = "Rewound"
    rewind_id: str
    outcome: Literal["completed", "interrupted"]
    turn_id: str | None = None
    """The turn before which the conversation is now; None where it stayed as it was."""
    note: str = ""
    """What the model is told, where its conversation stayed."""
    left: tuple[LeftAlone, ...] = ()
    undone: tuple[str, ...] | None = None
    """The changes that are taken back whole, by their ids; None where nobody looked: it is all that it was about."""
    finished: bool = True
    """Whether all that was to go back did; where not, the conversation stays, to go back again."""
    incomplete: bool = False
    """Whether changes were missing from the record, of which nothing can go back."""


class ChangesKept(Event):
    """A person has looked at changes and keeps them. They can still be taken back by going back to before their turn."""

    type: Literal["ChangesKept"] = "ChangesKept"
    change_ids: tuple[str, ...]
    paths: tuple[str, ...] = ()
    """The files of which they are kept; empty where they are kept in all that they changed."""
    face: str = ""
