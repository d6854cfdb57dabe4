"""Why rules that were made before no longer allow by themselves: the workspace is not trusted, or what was read is not.

Pure: it is read from the record, and never from what the model says. A rule that a person gives while the reason stands
counts again, as it was given in sight of it. Files that the turn is about may be edited as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from postil.core.effects import Access, FileEdit
from postil.core.state import Workflow
from postil.core.trail import ReadMark
from postil.permissions.rule import Rule
from postil.permissions.scope import asked_for, is_asked_for

NOT_TRUSTED = "this workspace is not trusted"


@dataclass(frozen=True, slots=True)
class Taint:
    """What a rule that allows has to stand up to. Without reasons there is nothing."""

    runs: str = ""
    """Why commands ask that a rule would allow."""
    edits: str = ""
    """Why edits do."""
    restricted: bool = False
    """Whether the workspace is not trusted, so that nothing is allowed for always."""
    confirmed: frozenset[str] = frozenset()
    """Rules that a person gave since, by their text."""
    scope: frozenset[str] = frozenset()
    """What the turn is about; see `asked_for`."""
    roots: tuple[Path, ...] = ()
    server: str = ""
    """The one server of tools that all of it is from; empty where it is not from one."""

    def reason(self, access: Access) -> str:
        """Return why rules from before do not allow this; empty where they do.

        What a server of tools said leads nowhere new where it leads to that server's own tools.
        """
        if access.added is not None and not self.restricted and self._is_of_server(access):
            return ""
        if access.command is not None or access.open_world:
            return self.runs
        return self.edits if any(not self._is_asked_for(it) for it in access.edits) else ""

    def left(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """Return the rules that still count for what may be asked about: those that tighten, read, reach or were confirmed."""
        return tuple(
            it
            for it in rules
            if it.verdict != "allow" or it.kind in ("Read", "WebFetch") or it.text in self.confirmed
        )

    def with_confirmed(self, rule: str) -> Taint:
        """Return it as it is once a person has given this rule."""
        return replace(self, confirmed=self.confirmed | {rule})

    def _is_of_server(self, access: Access) -> bool:
        """Whether a call only uses the tools of the very server that all of it is from."""
        added = access.added
        if added is None or added.tier != "plugin" or not self.server:
            return False
        touches = access.command or access.edits or access.hosts or access.reads or access.saves
        return added.name.partition("/")[0] == self.server and not touches

    def _is_asked_for(self, edit: FileEdit) -> bool:
        """Whether the turn is about the file and its text; to remove or move it is more than that."""
        plain = edit.after is not None and edit.moved_from is None
        return plain and is_asked_for(edit.path, self.scope, self.roots)


CLEAN = Taint()
RESTRICTED = Taint(runs=NOT_TRUSTED, restricted=True)
"""Of a workspace that is not trusted, before anything was read there and anybody has given a rule."""


def taint_of(workflow: Workflow, roots: tuple[Path, ...]) -> Taint:
    """Return what a session's rules have to stand up to by now."""
    restricted = workflow.restricted_since is not None
    foreign = [it for it in workflow.read if it.source.origin in ("network", "mcp")]
    own = next((it for it in workflow.read if it.source.origin == "workspace"), None) if restricted else None
    if not restricted and not foreign:
        return CLEAN
    edits = _reason(foreign[0]) if foreign else _reason(own) if own is not None else ""
    since = max([workflow.restricted_since or 0, *(it.seq for it in foreign)])
    return Taint(
        runs=NOT_TRUSTED if restricted else edits,
        edits=edits,
        restricted=restricted,
        confirmed=frozenset(it.rule for it in workflow.grants if it.seq > since),
        scope=asked_for(workflow, roots),
        roots=roots,
        server=_one_server(foreign),
    )


def _one_server(foreign: Iterable[ReadMark]) -> str:
    names = {it.source.name if it.source.origin == "mcp" else "" for it in foreign}
    return names.pop() if len(names) == 1 else ""


def _reason(read: ReadMark) -> str:
    source = read.source
    if source.origin == "network":
        return f"it read {source.name} from the network before"
    if source.origin == "mcp":
        return f"it read what {source.name} gave before"
    return f"it read files here before, and {NOT_TRUSTED}"
