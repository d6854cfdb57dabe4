"""One call or one rewind as a block of lines: who asked, how it was routed, what was wanted, decided and done, and what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

from postil.cli.requests import projected
from postil.core import events as ev
from postil.core.changes import EditIntent
from postil.core.question import Question
from postil.core.revealing import one_line, revealed
from postil.journal.account import Account, WentBack

_NAME = 9
"""Columns of the names at the left."""
_WANTED = 2_000
_WORDS = 300


def block(account: Account) -> str:
    """Return the call's block; each line names the event that says so."""
    call = account.call
    title = f"Call {account.number}  {call.name}  {one_line(call.id)}"
    rows = [
        *_asked(account), *_wanted(account),
        *(row for record in account.steps for row in _step(record)),
        *_outcome(account),
    ]  # fmt: skip
    return "\n".join([title, *(_row(*row) for row in rows)])


def rewind_block(rewind: WentBack) -> str:
    """Return the rewind's block: what was to go back, what became of each file, and what stayed."""
    event = rewind.started.event
    label = one_line(event.label, _WORDS) if isinstance(event, ev.RewindStarted) else ""
    rows = [*_meant(rewind), *(row for it in rewind.changes for row in _step(it)), *_went(rewind)]
    return "\n".join([f"Rewind {rewind.number}  {label}", *(_row(*row) for row in rows)])


_Row = tuple[str, str, int]


def _row(name: str, text: str, seq: int) -> str:
    first, *more = text.split("\n")
    lines = [f"  {name:<{_NAME}} {first}  [{seq}]" if seq else f"  {name:<{_NAME}} {first}"]
    return "\n".join([*lines, *(f"  {'':<{_NAME}} {line}" for line in more)])


def _asked(account: Account) -> Iterator[_Row]:
    prompted, routed = account.prompted, account.routed
    if isinstance(prompted.event, ev.PromptReceived):
        text = one_line(prompted.event.text, _WORDS)
        yield "asked", f"{_time(prompted.at)} in {prompted.event.face}: {text}", prompted.seq
    if routed is not None and isinstance(routed.event, ev.Routed):
        event = routed.event
        trusted = "trusted" if account.trusted else "not trusted"
        words = f"to {event.agent_type}, {event.model}: {event.why}; mode {account.mode}, workspace {trusted}"
        yield "routed", one_line(words, _WORDS), routed.seq
        yield "tools", f"{len(event.pool)} in the pool: {one_line(', '.join(event.pool), _WORDS)}", routed.seq
    for it in account.matched:
        if isinstance(it.event, ev.ToolsMatched):
            hits = ", ".join(it.event.hits)
            yield "matched", one_line(f"{it.event.query!r} found {hits}", _WORDS), it.seq


def _wanted(account: Account) -> Iterator[_Row]:
    call, reply = account.call, account.replied
    given = call.malformed or json.dumps(call.input, ensure_ascii=False)
    step = reply.event.step if isinstance(reply.event, ev.ModelReplied) else 0
    yield "wanted", f"{call.name} {one_line(given, _WANTED)}", reply.seq
    yield "", f"{_time(reply.at)}, step {step}", 0
    if account.called is not None and isinstance(account.called.event, ev.ModelCalled):
        yield "projected", projected(account.called.event, reply.event), account.called.seq


def _step(record: ev.Recorded) -> Iterator[_Row]:
    event, seq = record.event, record.seq
    match event:
        case ev.PermissionAsked() | ev.QuestionAsked():
            yield "question", _question(event.question), seq
        case ev.PermissionDecided():
            yield "decided", _decided(event), seq
        case ev.GrantAdded():
            yield "granted", f"{one_line(event.rule, _WORDS)} for this {event.scope}", seq
        case ev.QuestionAnswered():
            words = " ".join(it for it in (event.option_id, event.text) if it)
            yield "answered", one_line(f"by {event.by}{_in(event.face)} {words}", _WORDS), seq
        case ev.HookStarted():
            command = one_line(event.command, _WORDS)
            yield "hook", f"{event.moment} of the {event.owner}: {command}\nfrom {revealed(event.file)}", seq
        case ev.HookEnded():
            yield "hook", _of_hook(event), seq
        case ev.CallStarted():
            yield "started", f"{_time(record.at)} {one_line(event.title)} ({event.effect_class})", seq
            yield from _intent(event)
        case ev.ProcessStarted():
            yield "process", f"{event.pid}, started {event.started:.2f} s after boot", seq
        case ev.SubagentStarted():
            words = f"{event.agent_type}, session {event.session_id}: {event.title}"
            yield "sub-agent", one_line(words, _WORDS), seq
        case ev.SubagentFinished():
            yield "returned", one_line(_returned(event), _WORDS), seq
        case ev.FileChanged():
            yield "changed", _changed(event), seq
        case _:
            pass


def _question(question: Question) -> str:
    answers = ", ".join(f"{it.id}: {it.note}" if it.note else it.id for it in question.options)
    return f"{question.title} {one_line(question.subject, _WORDS)}\nanswers {one_line(answers, _WORDS)}"


def _returned(event: ev.SubagentFinished) -> str:
    cost = "cost unknown" if event.cost is None else f"${event.cost:.4f}"
    why = f": {event.message}" if event.message else ""
    return (
        f"{event.reason.replace('_', ' ')}{why}; {event.steps} steps, {event.calls} calls, "
        f"{event.spent.tokens:,} tokens, {cost}; `postil audit show {event.session_id}` has its calls"
    )


def _decided(event: ev.PermissionDecided) -> str:
    by = {"rule": "by rule", "person": "by a person", "nobody": "as nobody was there to ask"}[event.by]
    option = f", answer {event.option_id}" if event.option_id else ""
    rule = f", rule {one_line(event.rule, _WORDS)}" if event.rule else ""
    what = f"{event.decision} {by}{_in(event.face)}{option}{rule}: {one_line(event.why, _WORDS)}"
    return f"{what}\nof exactly this: {event.fingerprint}"


def _of_hook(event: ev.HookEnded) -> str:
    status = f", status {event.exit_code}" if event.exit_code is not None else ""
    why = f": {one_line(event.why, _WORDS)}" if event.why else ""
    given = (
        f"\ninput {one_line(json.dumps(event.input, ensure_ascii=False), _WANTED)}"
        if event.input is not None
        else ""
    )
    told = f"\ntold the model {len(event.remark.text):,} characters" if event.remark is not None else ""
    return f"{event.outcome} after {event.seconds:.1f} s{status}{why}{given}{told}"


def _intent(event: ev.CallStarted) -> Iterator[_Row]:
    if event.command is not None:
        where = f"\nin {revealed(event.cwd)}" if event.cwd else ""
        yield "command", revealed(event.command) + where, 0
    yield from _edits(event.edits, event.change_id or "")


def _edits(edits: Iterable[EditIntent], change_id: str) -> Iterator[_Row]:
    for edit in edits:
        hashes = f"before {edit.before or 'no file'}\nafter  {edit.after or 'no file'}"
        yield "edit", f"{revealed(edit.path)}, change {change_id}\n{hashes}", 0


def _changed(event: ev.FileChanged) -> str:
    moved = f" from {revealed(event.renamed_from)}" if event.renamed_from else ""
    what = f"{revealed(event.path)}{moved} +{event.added} -{event.removed}, {event.where}, change {event.change_id}"
    return f"{what}\nbefore {event.before or 'no file'}\nafter  {event.after or 'no file'}"


def _outcome(account: Account) -> Iterator[_Row]:
    record = account.finished
    if record is None or not isinstance(record.event, ev.CallFinished):
        yield "outcome", "none is on record", 0
        return
    event = record.event
    details = ", ".join(f"{key} {_detail(value)}" for key, value in sorted(event.details.items()))
    more = f", {one_line(details, _WORDS)}" if details else ""
    # Who settles a call that another process began has not seen how long it ran.
    took = f" after {event.seconds:.1f} s" if event.seconds else ""
    yield "outcome", f"{event.outcome}, {_time(record.at)}{took}{more}", record.seq
    yield "", f"told the model {len(event.content):,} characters: {one_line(event.content)}", 0


def _meant(rewind: WentBack) -> Iterator[_Row]:
    event, seq = rewind.started.event, rewind.started.seq
    if not isinstance(event, ev.RewindStarted):
        return
    talk = "files and the conversation" if event.conversation else "files"
    yield "asked", f"{_time(rewind.started.at)} by a person{_in(event.face)}: {talk}", seq
    if event.undoes:
        yield "undoes", one_line(f"change {', '.join(event.undoes)}", _WORDS), seq
    yield from _edits(event.edits, event.change_id)


def _went(rewind: WentBack) -> Iterator[_Row]:
    record = rewind.ended
    if record is None or not isinstance(record.event, ev.Rewound):
        yield "outcome", "none is on record", 0
        return
    event = record.event
    for it in event.left:
        yield "stayed", f"{revealed(it.path)}: {one_line(it.why, _WORDS)}", record.seq
    part = "" if event.finished else ", not all of it"
    yield "outcome", f"{event.outcome}{part}, {_time(record.at)}", record.seq


def _detail(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _in(face: str) -> str:
    return f" in {one_line(face)}" if face else ""


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
