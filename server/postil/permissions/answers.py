"""What an answer to a question for permission means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postil.core.errors import ProtocolError
from postil.core.question import Option, Question


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer comes to: a decision for this call and, where the person gave more, rules and their scope."""

    decision: Literal["allow", "deny"]
    why: str
    rules: tuple[str, ...] = ()
    scope: Literal["session", "workspace"] | None = None


def read_answer(question: Question, option_id: str, text: str) -> Answered:
    """Return what the answer means; raises ProtocolError where the question has no such option."""
    option = next((it for it in question.options if it.id == option_id), None)
    if option is None:
        offered = ", ".join(it.id for it in question.options)
        raise ProtocolError(f"The question has no answer {option_id!r}.", f"It offers {offered}.")
    if option.kind == "allow_once":
        return Answered("allow", "allowed once")
    if option.kind == "allow_session":
        return Answered("allow", "allowed for this session", _rules(option), "session")
    if option.kind == "allow_always":
        return Answered("allow", "always allowed in this workspace", _rules(option), "workspace")
    return Answered("deny", f"denied: {text.strip()}" if text.strip() else "denied")


def _rules(option: Option) -> tuple[str, ...]:
    return tuple(option.note.split("\n")) if option.note else ()
