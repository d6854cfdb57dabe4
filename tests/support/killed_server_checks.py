"""What has to hold of a record, of files and of documents once a server that was killed has done its work in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from postil.core.changes import FileChanged, RewindStarted, Rewound
from postil.core.event_codec import decode_any
from postil.core.events import (
    CallFinished,
    CallStarted,
    PermissionAsked,
    PermissionDecided,
    PromptReceived,
    QuestionAnswered,
    QuestionAsked,
    Recorded,
    TurnEnded,
)  # fmt: skip
from postil.workspace.files.uris import path_to_uri
from tests.support.agent_checks import check_answers, check_calls
from tests.support.killed_editor import Person

Files = dict[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Step:
    """What one call makes of the files that it names."""

    before: Files
    after: Files


def check_record(records: list[Recorded], person: Person) -> None:
    """Nothing that was told or promised is lost; every call, turn, question and rewind has one end."""
    for seq, told in person.told.items():
        assert records[seq - 1].event == decode_any(told), "an event that was told is lost"
    events = [it.event for it in records]
    turns = [it.turn_id for it in events if isinstance(it, PromptReceived)]
    assert set(person.prompts) <= set(turns), "a prompt that was taken is lost"
    assert [it.turn_id for it in events if isinstance(it, TurnEnded)] == turns
    check_calls(records)
    check_answers(records)
    asked = [it.question.id for it in events if isinstance(it, PermissionAsked | QuestionAsked)]
    closed = [it.question_id for it in events if isinstance(it, PermissionDecided | QuestionAnswered)]
    assert Counter(asked) == Counter(it for it in closed if it is not None), "every question is settled once"
    assert set(person.answers) <= set(closed), "an answer that was taken is lost"
    begun = [it.rewind_id for it in events if isinstance(it, RewindStarted)]
    assert [it.rewind_id for it in events if isinstance(it, Rewound)] == begun, "every rewind ends once"


def check_files(root: Path, records: list[Recorded], steps: Mapping[str, Step]) -> None:
    """Each file is what it was or what its one call makes of it, and the record and the files agree."""
    ends = outcomes(root, records)
    taken_back = goes_back(records)
    left = left_alone(records, root)
    for name, step in steps.items():
        end = ends.get(name)
        assert end in {None, "completed", "not_run"}, (
            f"{name}: an edit of a file is settled by looking: {end}"
        )
        names = {*step.before}
        wanted = step.after if end == "completed" and not (taken_back and not names & left) else step.before
        found = {it: _content(root / it) for it in names}
        assert found == wanted, (name, end, taken_back, left)


def check_documents(
    root: Path, records: list[Recorded], person: Person, texts: Mapping[str, tuple[str, str]], *, behind: bool
) -> None:
    """Each document has all that was typed, once, below its first line as it was or as its one edit makes it.

    `behind` says that a server went on before it knew what was open: then it wrote the file on the disk, and which
    text stays was for the person to say.
    """
    ends = outcomes(root, records)
    for name, (before, after) in texts.items():
        uri = path_to_uri(root / name)
        typed = person.typed.get(uri, [])
        text = person.buffers[uri].text
        assert text in {it + "".join(typed) for it in (before, after)}, (name, text)
        saved = (root / name).read_bytes().decode()
        ways = {it + "".join(typed[:count]) for it in (before, after) for count in range(len(typed) + 1)}
        assert saved in ways, (name, saved)
        if behind:
            continue
        end = ends.get(name)
        # Who typed right after an edit of which nobody lived to tell left a text that is neither the old nor the new.
        assert end in {None, "completed", "not_run", "unknown"}, (name, end)
        if end != "unknown":
            made = end == "completed" and not (goes_back(records) and name not in left_alone(records, root))
            assert text.startswith(after if made else before), (name, end, text)


def check_lines(root: Path, records: list[Recorded]) -> int:
    """Return how many lines the command left: one for each run that is known, and none twice."""
    log = root / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    ends = [it.event for it in records if isinstance(it.event, CallFinished)]
    ran = Counter(it.outcome for it in ends if it.tool == "shell")
    assert set(lines) <= {"line"}
    assert ran["completed"] <= len(lines) <= ran["completed"] + ran["unknown"], (ran, lines)
    return len(lines)


def outcomes(root: Path, records: list[Recorded]) -> dict[str, str]:
    """Return how the call ended that was to change each file, by the file's name afterwards."""
    found: dict[str, str] = {}
    intents = {it.event.call_id: it.event for it in records if isinstance(it.event, CallStarted)}
    for it in records:
        intent = intents.get(it.event.call_id) if isinstance(it.event, CallFinished) else None
        if isinstance(it.event, CallFinished) and intent is not None:
            found |= {str(Path(edit.path).relative_to(root)): it.event.outcome for edit in intent.edits}
    return found


def goes_back(records: list[Recorded]) -> bool:
    """Whether the files were taken back in the end: a rewind that is cut short is followed by another."""
    return any(isinstance(it.event, Rewound) for it in records)


def left_alone(records: list[Recorded], root: Path) -> set[str]:
    """Return the files that the last rewind left as they are: it also names one that it took back and could not save."""
    ends = [it.event for it in records if isinstance(it.event, Rewound)]
    if not ends:
        return set()
    changes = [it.event for it in records if isinstance(it.event, FileChanged)]
    taken_back = {it.path for it in changes if it.rewind_id == ends[-1].rewind_id}
    return {str(Path(it.path).relative_to(root)) for it in ends[-1].left if it.path not in taken_back}


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
