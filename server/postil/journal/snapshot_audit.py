"""Holds snapshots against what the events of their journal fold to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from postil.core.events import Recorded
from postil.core.fold import apply
from postil.core.state import Conversation, State, Workflow
from postil.journal.layout import JOURNAL
from postil.journal.snapshot import CONVERSATION, WORKFLOW, Header, Missing, OtherVersion, Snapshots, Unusable
from postil.workspace.files.disk import Disk

_MEND = "Postil does not need it: delete it, and it is made anew"


class SnapshotAudit:
    """The snapshots of one session as they are now. They are read first: their journal may grow meanwhile."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.faults: list[str] = []
        """What is wrong, one sentence each without its full stop."""
        self._parts: dict[str, tuple[Header, Conversation | Workflow]] = {}
        snapshots = Snapshots(disk, folder, folder / JOURNAL)
        for name, model in ((CONVERSATION, Conversation), (WORKFLOW, Workflow)):
            try:
                header, part = snapshots.part(model)
                if isinstance(part, Conversation):
                    part.messages.read()
                self._parts[name] = header, part
            except (Missing, OtherVersion):
                continue  # It is not there, or it is not used.
            except (Unusable, ValueError):
                self.faults.append(f"{name} is not as it was written, and is not used. {_MEND}")

    @property
    def heads(self) -> dict[str, tuple[int, str]]:
        """The number and sum of the event that each is of."""
        return {name: (header.seq, header.sum) for name, (header, _) in self._parts.items()}

    def compare(self, records: Iterable[Recorded]) -> None:
        """Fold the journal's events, from the first, and find what a snapshot says otherwise."""
        wanted = {header.seq for header, _ in self._parts.values()}
        state = State.empty()
        for record in records:
            if record.seq > max(wanted, default=0):
                return
            apply(state, record)
            if record.seq in wanted:
                self._hold_against(state)

    def _hold_against(self, state: State) -> None:
        for name, (header, part) in self._parts.items():
            truth = state.conversation if isinstance(part, Conversation) else state.workflow
            if header.seq == state.seq and part != truth:
                self.faults.append(f"{name} says something else than the events up to {state.seq}. {_MEND}")
