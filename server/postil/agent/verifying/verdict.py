"""What is said of a turn's edits at its end: verified, or not and why; and what the model is told of checks that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postil.core.events import VerificationEnded
from postil.core.origin import Source, material
from postil.core.state import State, TurnState
from postil.core.verification import EDITOR, Check, Evidence, NotVerified, is_plain

_MOST_NAMED = 3
_COMMANDS = "commands may have changed files"
_NO_NEWER = "no check is newer"
_CALL_WORDS = {
    "denied": "was denied",
    "unknown": "was interrupted, and was not run again",
    "cancelled": "was stopped",
    "not_run": "was not run",
    "failed": "could not be run",
    "completed": "has left no evidence",
}
"""What is said of a check by the end of its call, where no evidence came of that."""


@dataclass(frozen=True, slots=True)
class Known:
    """The checks of the workspace for one turn."""

    every: tuple[Check, ...] = ()
    concerned: tuple[Check, ...] = ()
    """Those that are about a file that the turn has edited; all of them where commands may have changed files."""
    edited: tuple[str, ...] = ()
    """The files, as people read them."""
    paths: tuple[str, ...] = ()
    """The same in the same order, absolute, as evidence of the editor names them."""


def judged(state: State, turn: TurnState, known: Known, moved_on: Sequence[str] = ()) -> VerificationEnded:
    """Return what is said: verified only where every check that is concerned has passed since the last edit.

    `moved_on` are files with other texts than the evidence saw.
    """
    found = [state.workflow.verifying.fresh(it.name) for it in known.concerned]
    editor = state.workflow.verifying.fresh(EDITOR)
    kept = [it for it in (*found, editor) if it is not None]
    evidence = tuple(it.words for it in kept)
    against = [it for it in kept if it.event.outcome != "passed"]
    reason: NotVerified | None = None
    if not known.concerned:
        reason, why = _no_check(turn, known)
    elif against:
        reason = "failed" if any(it.event.outcome in ("failed", "changed") for it in against) else "not_run"
        why = "; ".join(map(_against, against))
    elif any(it is None for it in found):
        reason, why = _without(state, known) if turn.edited else ("commands", f"{_COMMANDS}; {_NO_NEWER}")
    elif moved_on:
        reason = "stale"
        why = f"{_named(moved_on)} changed after the checks, or {'is' if len(moved_on) == 1 else 'are'} not saved"
    else:
        reason, why = _passed(known, kept)
    words = f"{'not verified' if reason else 'verified'}: {why}"
    return VerificationEnded(
        turn_id=turn.id, verified=reason is None, reason=reason, words=words, evidence=evidence
    )


def stopped(state: State, turn: TurnState) -> VerificationEnded:
    """Return what is said of a turn that ends before its checks: nothing was looked at, so nothing is verified."""
    fresh = [
        it
        for it in state.workflow.verifying.evidence
        if it.seq > max(state.workflow.verifying.touched, turn.edited, turn.commanded)
    ]
    against = [it for it in fresh if it.event.outcome in ("failed", "changed")]
    ended = "the turn ended before its checks" if turn.edited else f"{_COMMANDS}; {_NO_NEWER}"
    why = "; ".join(map(_against, against)) or ended
    return VerificationEnded(
        turn_id=turn.id,
        verified=False,
        reason="failed" if against else "stopped" if turn.edited else "commands",
        words=f"not verified: {why}",
        evidence=tuple(it.words for it in fresh),
    )


def failed_text(failed: Sequence[Evidence], root: str, key: str) -> tuple[str, tuple[Source, ...]]:
    """Return what the model is told of checks that failed, and where their output comes from."""
    sources = (Source(origin="workspace", name=root),)
    words = (
        "Postil ran the project's checks on what you edited, and not all of them passed. Mend what your edits broke. What was broken "
        "before, or is not yours to change, leave as it is, and say so to the user. The checks are run again when you have finished."
    )
    parts = [words]
    for it in failed:
        event = it.event
        parts.append(f"{_against(it)} (`{event.command}`):\n{material(event.output, sources, key)}")
    return "\n\n".join(parts), sources


def _no_check(turn: TurnState, known: Known) -> tuple[NotVerified, str]:
    if not known.every:
        return "no_check", "no check is known" if turn.edited else f"{_COMMANDS}; no check is known"
    # Of prose nothing could have told, so that is nobody's fault.
    reason = "no_check" if all(map(is_plain, known.edited)) else "not_covered"
    return reason, _no_check_about(known.edited)


def _passed(known: Known, kept: Sequence[Evidence]) -> tuple[NotVerified | None, str]:
    """Return what is said where nothing speaks against the edits: files that no check is about are named in any case, and
    speak against them unless they are such as hardly any check is about."""
    said = ", ".join(it.words for it in kept)
    reported = {path for it in kept if it.event.check == EDITOR for path in it.event.versions}
    paths = known.paths or known.edited
    left = [
        name
        for name, path in zip(known.edited, paths, strict=True)
        if path not in reported and not any(it.is_about(name) for it in known.every)
    ]
    code = [it for it in left if not is_plain(it)]
    if code:
        return "not_covered", f"{_no_check_about(code)}; of the rest: {said}"
    return None, f"{said}; {_no_check_about(left)}" if left else said


def _no_check_about(names: Sequence[str]) -> str:
    return f"no check is about {_named(names)}"


def _without(state: State, known: Known) -> tuple[NotVerified, str]:
    """Return why some of the checks have told nothing since the last edit."""
    configuration = state.workflow.configuration
    if configuration is None or "shell" not in configuration.tools:
        return "no_shell", "this session has no shell to run checks in"
    verifying = state.workflow.verifying
    calls = {it.check: it for it in state.workflow.calls.values() if it.check}
    words: list[str] = []
    for check in known.concerned:
        if verifying.fresh(check.name) is not None:
            continue
        call = calls.get(check.name)
        if check.command in verifying.declined:
            words.append(f"{check.name} was denied")
        elif call is not None:
            words.append(f"{check.name} {_CALL_WORDS.get(call.outcome or '', 'was not run')}")
        else:
            words.append(f"{check.name} was not run after the last edit")
    return "not_run", "; ".join(words)


def _against(evidence: Evidence) -> str:
    event = evidence.event
    if event.outcome == "changed":
        return f"{event.check} changed {_named([it.rpartition('/')[2] for it in event.changed])} itself, which is no evidence"
    if event.outcome == "not_run":
        return f"{event.check} is not there to be run"
    said = f" ({event.summary})" if event.summary else ""
    return f"{event.check} failed{said}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])
