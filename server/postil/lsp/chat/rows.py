"""The rows of a chat document: what each call, change, question and verdict is in words, one line a piece."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from postil.core.effects import TodoItem, ToolKind
from postil.core.events import (
    CallFinished,
    EvidenceRecorded,
    FileChanged,
    PermissionDecided,
    QuestionAnswered,
    TurnEnded,
    VerificationEnded,
)
from postil.core.faces import acted_in
from postil.core.question import Question
from postil.core.revealing import exact, one_line
from postil.core.wording import told
from postil.lsp.chat.form import QUESTION
from postil.lsp.markdown import code
from postil.workspace.files.uris import path_to_uri

WAITING = "- answer: waiting"
TAKEN_BACK = "- taken back: the conversation goes on before this turn"
FOLDED: frozenset[ToolKind] = frozenset({"read", "search", "think"})
"""Kinds of calls that stand together in one row."""
_PAST = {
    "Read": "read", "Search": "searched", "List": "listed", "Find": "found", "Run": "ran", "Edit": "edited", "Fetch": "fetched",
    "Move": "moved", "Delete": "deleted", "Write": "wrote", "Look": "looked", "Use": "used", "Update": "updated", "Ask": "asked",
    "Propose": "proposed", "Remember": "remembered", "Report": "reported",
}  # fmt: skip
_PLAN = {"pending": "[ ]", "in_progress": "[ ]", "completed": "[x]", "cancelled": "[-]"}
_ENDS = {"cancelled": "stopped", "failed": "failed", "interrupted": "interrupted"}
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)", re.MULTILINE)
_MOST_DIFF = 60
_MARKS = re.compile(r"([\\\[\]<])")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has ended."""

    title: str
    kind: ToolKind
    command: str | None
    event: CallFinished


class Places:
    """Paths as links from a document below `.postil/chat` of a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def shown(self, path: str) -> str:
        """Return a path as people read it."""
        place = Path(path)
        return str(place.relative_to(self._root)) if place.is_relative_to(self._root) else path

    def link(self, path: str, line: int | None = None) -> str:
        """Return a link to a file, or to a line of it."""
        place = Path(path)
        if place.is_relative_to(self._root):
            target = f"../../{quote(place.relative_to(self._root).as_posix())}"
        else:
            target = path_to_uri(place) if place.is_absolute() else quote(path)
        at = f":{line}" if line is not None else ""
        return f"[{plain(self.shown(path))}{at}]({target}{f'#L{line}' if line is not None else ''})"


def plain(text: str) -> str:
    """Return a line of text from outside, in which nothing is a link, a tag or a comment. It stays legible as it is."""
    return _MARKS.sub(r"\\\1", exact(text).replace("\n", " ⏎ "))


def call_row(call: Call) -> str:
    """Return the row of one call."""
    event = call.event
    if event.outcome in ("completed", "failed"):
        status = event.details.get("exit_code")
        how = [f"exit {status}"] if status not in (None, 0) else []
        if event.outcome == "failed" and not how:
            how = [f"failed: {plain(one_line(event.content))}"]
    else:
        why = f": {plain(one_line(event.content))}" if event.outcome == "denied" else ""
        how = [f"{event.outcome.replace('_', ' ')}{why}"]
    return ", ".join([f"- {_what(call)}", *how, *([_took(event.seconds)] if event.seconds else [])])


def group_rows(calls: Sequence[Call], places: Places) -> list[str]:
    """Return one row for calls that only looked, with a row below it for each."""
    reads = [it for it in calls if it.event.tool == "read"]
    lists = sum(it.event.tool == "list" for it in calls)
    searches = sum(it.kind == "search" for it in calls)
    notes = sum(it.kind == "think" for it in calls)
    others = len(calls) - len(reads) - lists - searches - notes
    files = {part.path for it in reads for part in it.event.seen}
    counts = [
        f"read {_counted(len(files) or len(reads), 'file')}" if reads else "",
        f"listed {_counted(lists, 'folder')}" if lists else "",
        f"searched {_counted(searches, 'time')}" if searches else "",
        f"made {_counted(notes, 'note')}" if notes else "",
        f"looked {_counted(others, 'thing')} up" if others else "",
    ]
    seconds = sum(it.event.seconds for it in calls)
    return [
        f"- {', '.join([*filter(None, counts), _took(seconds)])}",
        *(f"    {_looked(it, places)}" for it in calls),
    ]


def change_row(event: FileChanged, places: Places) -> str:
    """Return the row of one change of a file."""
    sides = [f"+{event.added}"] if event.added else []
    sides += [f"−{event.removed}"] if event.removed else []  # noqa: RUF001 - the sign for less
    line = _first_changed(event.diff) if event.after is not None else None
    if event.renamed_from is not None:
        words = f"moved {plain(places.shown(event.renamed_from))} to {places.link(event.path)}"
    elif event.before is None:
        words = f"created {places.link(event.path, 1)}"
    elif event.after is None:
        words = f"deleted {plain(places.shown(event.path))}"
    else:
        words = f"edited {places.link(event.path, line)}"
    return ", ".join([f"- {words}", *([" ".join(sides)] if sides else [])])


def question_block(question: Question, number: int) -> list[str]:
    """Return a question with all that is told of it; its answer follows as the last line."""
    title = question.title[:1].lower() + question.title[1:]
    lines = [f"{QUESTION} {number}: {title}"]
    lines += [f"    {exact(it)}" for it in question.subject.split("\n")] if question.subject else []
    lines.append("")
    if question.diff:
        diff = question.diff.rstrip("\n").split("\n")
        lines += [f"    {exact(it)}" for it in diff[:_MOST_DIFF]]
        lines += [f"    … {len(diff) - _MOST_DIFF} more lines"] if len(diff) > _MOST_DIFF else []
        lines.append("")
    for it in told(question):
        words = it.lstrip(" ")
        lines.append(f"{'    ' if it != words else ''}- {plain(words)}")
    choices = [it.title for it in question.options if it.kind == "choice"]
    lines += [f"- choice {place}: {plain(it)}" for place, it in enumerate(choices, 1)]
    return lines


def joined_block(words: str) -> list[str]:
    """Return a prompt that joined the turn: all of it, as a quotation."""
    return [f"> {plain(it)}".rstrip() for it in f"**You, meanwhile:** {words}".splitlines()]


def decided(event: PermissionDecided, at: float) -> str:
    """Return the last line of a permission that was asked about."""
    if event.by != "person":
        return f"- answer: {'denied' if event.decision == 'deny' else 'allowed'}: {plain(event.why)}"
    return f"- answer: {plain(_lower(event.why))}, by you{acted_in(event.face)}, {_clock(at)}"


def answered(question: Question, event: QuestionAnswered, at: float) -> str:
    """Return the last line of any other question."""
    if event.by != "person":
        return "- answer: withdrawn" if event.by == "withdrawn" else "- answer: nobody was there to ask"
    title = next((it.title for it in question.options if it.id == event.option_id), "")
    words = ": ".join(plain(one_line(it, 200)) for it in (_lower(title), event.text) if it)
    return f"- answer: {words}, by you{acted_in(event.face)}, {_clock(at)}"


def plan_block(items: Sequence[TodoItem]) -> list[str]:
    """Return the plan, with what stands behind what is done."""
    done = sum(it.status == "completed" for it in items)
    return [
        f"### Plan, {done} of {len(items)}",
        *(
            f"- {_PLAN[it.status]} {plain(it.text)}{f' ({plain(it.evidence)})' if it.evidence else ''}"
            for it in items
        ),
    ]


def verdict_block(event: VerificationEnded, evidence: Iterable[EvidenceRecorded]) -> list[str]:
    """Return whether the turn's edits are verified, with the checks."""
    words = "verified after the last edit" if event.verified else plain(event.words)
    lines = [f"### Verdict: {words}"]
    for it in evidence:
        said = it.summary or it.outcome.replace("_", " ")
        lines.append(f"- {code(it.command) if it.command else plain(it.check)}: {plain(said)}")
    return lines


def end_rows(event: TurnEnded) -> list[str]:
    """Return what is to be said of a turn's end; nothing where the work was done."""
    if event.reason == "end_turn":
        return []
    words = f"{event.message} {event.mend}".strip()
    how = _ENDS.get(event.reason, event.reason.replace("_", " "))
    return [f"- {how}: {plain(words)}" if words else f"- {how}"]


def end_line(number: int, event: TurnEnded) -> str:
    """Return the last line of a turn's reply."""
    cost = f" · ${event.cost:.2f}" if event.cost is not None else ""
    how = event.reason.replace("_", " ")
    return f"<!-- turn {number}: {how} · {_counted(event.steps, 'step')}{cost} -->"


def _what(call: Call) -> str:
    if call.command is not None:
        return f"ran {code(one_line(call.command, 120))}"
    verb, _, rest = call.title.partition(" ")
    return plain(f"{_PAST.get(verb, _lower(verb))} {rest}".rstrip())


def _first_changed(diff: str) -> int | None:
    """Return the first line that a difference adds, or before which it takes away."""
    found = _HUNK.search(diff)
    if found is None:
        return None
    lines = diff[found.end() :].split("\n")[1:]
    same = next((place for place, it in enumerate(lines) if it[:1] in ("+", "-")), 0)
    return int(found[1]) + same


def _looked(call: Call, places: Places) -> str:
    seen = call.event.seen
    if call.kind != "read" or not seen or call.event.outcome != "completed":
        return call_row(call)
    first, last = seen[0], seen[-1]
    lines = f", lines {first.first}-{last.last}" if last.last is not None else ""
    if not lines and first.first > 1:
        lines = f", from line {first.first}"
    return f"- read {places.link(first.path)}{lines}"


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M}"
