"""In whose name the client is asked: the session whose work it is, however many are open.

A context variable, so that it goes where the work goes: each request of the protocol is a task of its own, and the turns,
calls, questions and sub-agents that come of it are tasks begun from there.
"""

from __future__ import annotations

from contextvars import ContextVar

_session: ContextVar[str | None] = ContextVar("postil_acp_session", default=None)


def work_for(session_id: str) -> None:
    """Do what is left of this task, and whatever it begins, in the session's name."""
    _session.set(session_id)


def works_for() -> str | None:
    """Return the session whose work this is; None where it is no session's."""
    return _session.get()
