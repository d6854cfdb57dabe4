"""The questions that sub-agents have open when a document comes to show the session that they work for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.agent.sessions import Sessions
    from postil.core.question import Question


def questions_below(session: Session, sessions: Sessions) -> Iterator[Question]:
    """Yield them, of those that work for the session at whatever depth: they are on those sessions' records alone."""
    for below, _ in sessions.working_for(session):
        if below is not session:
            yield from (asked.question for asked in below.state.workflow.questions.values())
