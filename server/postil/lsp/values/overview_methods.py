"""The values of the command that says what the agent can do here."""

from __future__ import annotations

from postil.lsp.wire import SessionId, Wire


class OverviewParams(Wire):
    """Whether to open the page, or only to write it; with a session, what is in force in that one."""

    show: bool = True
    session_id: SessionId | None = None


class RuleRow(Wire):
    """What decides about something now."""

    verdict: str
    why: str
    rules: list[str]
    """Rules that speak of some of its uses."""


class ContributionRow(Wire):
    """A tool, an agent type, a skill, a slash command, a hook, a server, or whatever else adds to what the agent can do."""

    kind: str
    name: str
    title: str
    tier: str
    source: str
    effects: str
    rule: RuleRow
    state: str
    """`loaded`, `deferred` or `off`."""
    why: str
    icon: str
    """The codicon by which to show it, and the calls of a tool; empty where it has none of its own."""


class OverviewResult(Wire):
    """Everything in force, and the page that shows it."""

    uri: str
    contributions: list[ContributionRow]
