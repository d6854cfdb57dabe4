"""The values of the commands about permissions: trust, grants, taking one back, and why a command would be asked about."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postil.lsp.wire import SessionId, Wire

LONGEST_COMMAND = 64 * 1024


class GrantsParams(Wire):
    """Whether to open the page, or only to write it."""

    show: bool = True


class GrantRow(Wire):
    """A rule that allows because a person said so."""

    grant_id: str
    """Names it for `revoke`; empty for a rule of the user's settings."""
    rule: str
    scope: Literal["session", "workspace", "user"]
    at: float
    """When it was given, in seconds since the epoch; 0 for a rule of the settings."""
    session_id: str
    session_title: str
    face: str
    asked: str
    """What the question was about."""
    file: str
    """The settings file of a rule that is written there."""
    uses: int
    used_at: float
    """When it last decided; 0 where it never did."""


class DecisionRow(Wire):
    """One of the last decisions."""

    at: float
    session_id: str
    verdict: str
    by: str
    """`rule`, `person` or `nobody`."""
    subject: str
    why: str
    rules: list[str]
    """The rules that decided."""
    lost: list[str]
    """Rules that spoke of it and did not count."""
    checks: list[str]


class GrantsResult(Wire):
    """All grants, and the page that shows them."""

    uri: str
    grants: list[GrantRow]
    recent: list[DecisionRow]


class RevokeParams(Wire):
    """Names a grant."""

    grant_id: Annotated[str, Field(max_length=64)]


class RevokeResult(Wire):
    """Whether there was one; somebody else may have been first."""

    revoked: bool


class WhyParams(Wire):
    """A command line, judged in the first folder of the workspace; with a session, under its mode and grants."""

    command: Annotated[str, Field(max_length=LONGEST_COMMAND)]
    session_id: SessionId | None = None


class WhyPart(Wire):
    """One command of the line, and what speaks against it."""

    text: str
    allowed_by: str
    """The rule that allows it by itself; empty where none does."""
    findings: list[str]
    """What speaks against it beside that."""


class WhyResult(Wire):
    """What would become of it."""

    verdict: Literal["allow", "ask", "deny"]
    why: str
    rules: list[str]
    """The rules that decide."""
    lost: list[str]
    """Rules that speak of it and do not count."""
    checks: list[str]
    """The checks that fired, whether or not a rule overrules them."""
    parts: list[WhyPart]
    whole: list[str]
    """What speaks against the line as a whole."""
    lasting_rules: list[str]
    """The rules that a lasting answer would set; none where none is safe."""


class TrustParams(Wire):
    """What is said of every folder of the workspace; without a verdict nothing is, and the answer tells how it stands."""

    verdict: Literal["trusted", "restricted", "undecided"] | None = None


class TrustResult(Wire):
    """Whether the workspace is trusted; its least trusted folder decides."""

    trusted: bool
    why: str
    undecided: list[str]
    """Folders, by their URIs, that a person may be asked about."""


class ClientTrustParams(Wire):
    """Whether the editor itself trusts the workspace. Where it does not, nothing does; where it does, that alone trusts nothing."""

    trusted: bool
