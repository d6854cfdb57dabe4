"""What a hook answers: its exit status and its output, read strictly. What cannot be read is a failure, and never consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from postil.core.hooks import HookOutcome, HookOutput, Moment
from postil.core.revealing import one_line

BLOCKS = 2
"""The exit status that says no, with the reason on standard error."""
_TELLING: frozenset[Moment] = frozenset({"UserPromptSubmit", "SessionStart", "SubagentStart"})
"""Moments at which output that is no JSON is told to the model."""
_STOPPABLE: frozenset[Moment] = frozenset(
    {"PreToolUse", "PostToolUse", "UserPromptSubmit", "Stop", "SubagentStop", "PreCompact"}
)
_LONGEST_WHY = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hook wants."""

    outcome: HookOutcome
    why: str = ""
    said: str = ""
    """What the model is told."""
    input: dict[str, JsonValue] | None = None
    ends_turn: bool = False
    message: str = ""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Specific(_Strict):
    hookEventName: Moment  # noqa: N815 - the names are the format's
    permissionDecision: Literal["allow", "deny", "ask"] | None = None  # noqa: N815
    permissionDecisionReason: str = ""  # noqa: N815
    updatedInput: dict[str, JsonValue] | None = None  # noqa: N815
    additionalContext: str = ""  # noqa: N815


class _Said(_Strict):
    """The object that a hook prints. A field that is not known is a mistake: it may have been meant to forbid."""

    goes_on: bool = Field(default=True, alias="continue")
    stopReason: str = ""  # noqa: N815
    suppressOutput: bool = False  # noqa: N815
    systemMessage: str = ""  # noqa: N815
    decision: Literal["approve", "block"] | None = None
    reason: str = ""
    hookSpecificOutput: _Specific | None = None  # noqa: N815


def answer_of(output: HookOutput, moment: Moment) -> Answer:
    """Return what a hook wants by how it ended and what it printed."""
    if output.ended_for:
        return Answer("failed", f"it was ended: {output.ended_for}")
    if output.exit_code == BLOCKS:
        why = _short(output.stderr) or "it gave no reason"
        return Answer("blocks", why) if moment in _STOPPABLE else Answer("failed", why)
    if output.exit_code != 0:
        said = _short(output.stderr)
        return Answer("failed", f"it failed with status {output.exit_code}{f': {said}' if said else ''}")
    text = output.stdout.strip()
    if not text:
        return Answer("nothing")
    if not text.startswith("{") and moment in _TELLING:
        return Answer("said", said=text)
    try:
        return _read(_said(text), moment)
    except (ValueError, RecursionError) as error:
        return Answer("failed", f"what it printed cannot be read: {_fault(error)}")


def _said(text: str) -> _Said:
    import json  # noqa: PLC0415 - with the first hook

    return _Said.model_validate(json.loads(text, object_pairs_hook=_once))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _read(said: _Said, moment: Moment) -> Answer:
    own = said.hookSpecificOutput or _Specific(hookEventName=moment)
    if own.hookEventName != moment:
        raise ValueError(f"it answers for {own.hookEventName}")
    if moment != "PreToolUse" and (own.permissionDecision or own.updatedInput is not None):
        raise ValueError("only PreToolUse decides about a call")
    ends = not said.goes_on
    if ends and moment not in _STOPPABLE:
        raise ValueError(f"nothing can be stopped at {moment}")
    blocks = ends or said.decision == "block" or own.permissionDecision == "deny"
    if blocks and moment not in _STOPPABLE:
        raise ValueError(f"nothing can be blocked at {moment}")
    reasons = (said.stopReason if ends else "", own.permissionDecisionReason, said.reason)
    why = _short(next((it for it in reasons if it), ""))
    outcome: HookOutcome = "said" if own.additionalContext else "nothing"
    if own.updatedInput is not None:
        outcome = "changed"
    if own.permissionDecision == "ask":
        outcome = "asks"
    if blocks:
        outcome = "blocks"
    changed = own.updatedInput if not blocks else None
    return Answer(outcome, why, own.additionalContext, changed, ends, one_line(said.systemMessage, 500))


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _LONGEST_WHY else text[: _LONGEST_WHY - 1] + "…"


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        return f"{name}: {first['msg']}".removeprefix(": ")
    return one_line(str(error), 300) or type(error).__name__
