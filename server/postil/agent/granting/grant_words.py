"""Grants and decisions in words, the same in every face; `mark` sets what comes from outside in the face's own way."""

from __future__ import annotations

import time
from collections.abc import Callable

from postil.agent.granting.grants import Grant
from postil.core.faces import acted_in
from postil.core.revealing import exact, one_line
from postil.journal.rulings import Ruling

_DAY = 86_400
_SHOWN = 120
SCOPES = (
    ("workspace", "Always in this workspace"),
    ("session", "For one session"),
    ("user", "In your own settings"),
)
"""The kinds of grants, in the order in which they are told."""

Mark = Callable[[str], str]


def given(grant: Grant, now: float) -> str:
    """Return when and where it was given."""
    return f"given {when(grant.at)} ({_age(now - grant.at)}) by you{acted_in(grant.face)}"


def used(grant: Grant) -> str:
    """Return how often it decided, and when last."""
    if not grant.uses:
        return "never used"
    return f"used {grant.uses} time{'' if grant.uses == 1 else 's'}, last {when(grant.used_at)}"


def asked(grant: Grant, mark: Mark = exact) -> str:
    """Return what the question was about and in which session; empty where neither is known."""
    session = f"in the session {mark(one_line(grant.session_title))}" if grant.session_title else ""
    about = f"when asked about {mark(one_line(grant.asked, _SHOWN))}" if grant.asked else ""
    return ", ".join(filter(None, (about, session)))


def ruled(ruling: Ruling, mark: Mark = exact) -> str:
    """Return what was decided about what, and by whom."""
    verdict = {"allow": "allowed", "deny": "denied"}.get(ruling.verdict, ruling.verdict)
    by = f"by you{acted_in(ruling.face)}" if ruling.by == "person" else "as nobody was there to ask"
    if ruling.by == "rule":
        by = f"by {', '.join(map(mark, ruling.rules))}" if ruling.rules else "by Postil itself"
    return f"{when(ruling.at)} {verdict} {mark(subject(ruling))}, {by}"


def subject(ruling: Ruling) -> str:
    """Return what was decided about, in one line."""
    return one_line(ruling.subject, _SHOWN) or "a call"


def when(at: float) -> str:
    """Return a time as people here write it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _age(seconds: float) -> str:
    days = int(seconds // _DAY)
    if days < 1:
        return "less than a day ago"
    if days < 60:
        return f"{days} day{'' if days == 1 else 's'} ago"
    return f"{days // 30} months ago"
