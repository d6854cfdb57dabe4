"""What a session hands down to a sub-agent: the sources that it has read, the files that its prompt is about, its grants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postil.core.delegation import Parent, SubagentStarted
from postil.core.errors import ConfigurationError
from postil.core.state import Grant, Workflow
from postil.permissions.rule import Rule, parse
from postil.permissions.scope import asked_for
from postil.permissions.taint import CLEAN, taint_of


def parent_of(
    started: SubagentStarted,
    workflow: Workflow,
    session_id: str,
    grants: Sequence[Grant],
    roots: tuple[Path, ...],
) -> Parent:
    """Return what stands on a sub-agent's record of the session that it works for."""
    return Parent(
        session_id=session_id,
        turn_id=started.turn_id,
        call_id=started.call_id,
        depth=started.depth,
        read=tuple(it.source for it in workflow.read),
        scope=tuple(sorted(asked_for(workflow, roots))),
        grants=tuple(it.id for it in grants),
    )


def grants_of(workflow: Workflow, roots: tuple[Path, ...]) -> tuple[Grant, ...]:
    """Return the grants that hold below: what no longer allows by itself above does not begin to below."""
    taint = taint_of(workflow, roots)
    if taint == CLEAN:
        return tuple(it for it in workflow.grants if it.scope == "session")
    kept = {it.text for it in taint.left(filter(None, map(_rule, workflow.grants)))}
    return tuple(
        it for it in workflow.grants if (rule := _rule(it)) is not None and rule.text in kept
        and (it.scope == "session" or rule.text in taint.confirmed)
    )  # fmt: skip


def _rule(grant: Grant) -> Rule | None:
    try:
        return parse(grant.rule, "allow", "session")
    except ConfigurationError:
        return None
