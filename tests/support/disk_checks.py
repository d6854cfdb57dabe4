"""What has to hold of a session and its files in every state that a power cut can leave, and after recovering from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.core.changes import FileChanged, RewindStarted, Rewound
from postil.core.events import CallFinished, CallStarted, Durable, JournalRepaired, Recorded, UnknownEvent
from postil.core.fold import fold
from postil.core.state import State
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, CHECKPOINT, JOURNAL
from postil.journal.reader import Reader
from postil.workspace.files.checkpoint import Checkpoint
from postil.workspace.files.disk import is_temporary
from tests.support.agent_checks import check_answers, check_ended
from tests.support.disk_turn import CREATED, LINE, LOG, PROMISED, Change, Files, Life, Work, folder, opened
from tests.support.sim_crashes import Crash
from tests.support.sim_disk import SimDisk, Tree


@dataclass(frozen=True, slots=True)
class Left:
    """What one power cut left, as the next process finds it."""

    tree: Tree
    records: tuple[Recorded, ...]
    files: Files

    @property
    def future(self) -> tuple[object, ...]:
        """All that what comes next depends on."""
        return len(wanted(self.records)), len(self.records), tuple(sorted(self.files.items()))


def wanted(records: Sequence[Recorded]) -> list[Durable | UnknownEvent]:
    """Return the events that somebody wanted to write: all but those about a mended end."""
    return [it.event for it in records if not isinstance(it.event, JournalRepaired)]


def check_opening(life: Life, crash: Crash, before: list[Recorded]) -> Left | None:
    """Open what the cut left; nothing promised is lost, opening again changes nothing, effects follow intents.

    `before` is what the journal would say without the cut. Returns None where there is no session yet.
    """
    disk = SimDisk(crash.tree)
    session = folder(disk)
    if session is None:
        assert CREATED not in crash.notes, f"the session is gone; {crash.story}"
        return None
    loaded, log, _ = opened(disk, session)
    log.close()
    records = _records(disk, session)
    assert loaded.state == fold(records), f"a snapshot was believed that should not be; {crash.story}"
    kept, promised = wanted(records), wanted(before[: crash.notes.get(PROMISED, 0)])
    assert kept == wanted(before)[: len(kept)], crash.story
    assert len(kept) >= len(promised), f"a promised event is lost; {crash.story}"
    _check_twice(disk, session, loaded.state, crash.story)
    files = life.disk.content(crash.tree)
    check_effects(life.work, records, files, crash.story)
    _check_kept(disk, session, records, crash.story)
    return Left(crash.tree, tuple(records), files)


def check_effects(work: Work, records: list[Recorded], files: Files, story: str = "") -> None:
    """Every file is what it was or what the one edit makes of it, and the record and the file agree."""
    begun = {it.event.call_id for it in records if isinstance(it.event, CallStarted)}
    ends = {it.event.call_id: it.event.outcome for it in records if isinstance(it.event, CallFinished)}
    for call_id, change in work.changes.items():
        now = {name: files.get(name) for name in change.after}
        assert now in (change.before, change.after), f"{', '.join(now)} is torn; {story}"
        end = ends.get(call_id)
        assert end in {None, "completed", "not_run", "failed"}, (
            f"an edit is settled by looking: {end}; {story}"
        )
        if end is not None or call_id not in begun:
            back = taken_back(records, change)
            assert back is None or (now == change.after) == (end == "completed" and not back), (
                f"{call_id}: {end}, {back}, {now}; {story}"
            )
    # A command does not sync what it writes; it is never there twice.
    assert (files.get(LOG) or b"").count(LINE) <= 1, story


def taken_back(records: Sequence[Recorded], change: Change) -> bool | None:
    """Whether a change was taken back; None while a rewind has begun and nothing is known of it."""
    result: bool | None = False
    for it in (it.event for it in records):
        if isinstance(it, RewindStarted):
            result = None
        elif isinstance(it, FileChanged) and it.rewind_id is not None and _is_of(it.path, change):
            result = True
        elif isinstance(it, Rewound) and result is None:
            result = not any(_is_of(left.path, change) for left in it.left)
    return result


def _is_of(path: str, change: Change) -> bool:
    return any(path.endswith(f"/{name}") for name in change.after)


def check_future(life: Life, left: Left) -> State:
    """Bring the work to its end: nothing is done twice, and every call in doubt is reported."""
    begun = {it.event.call_id for it in left.records if isinstance(it.event, CallStarted)}
    known = {it.event.call_id: it.event.outcome for it in left.records if isinstance(it.event, CallFinished)}
    state = life.recover()
    records = life.records()
    assert tuple(records[: len(left.records)]) == left.records, "what was on record stays"
    check_ended(records, state)
    check_answers(records)
    files = life.disk.content(life.disk.tree)
    check_effects(life.work, records, files)
    assert not [it for it in files if is_temporary(Path(it).name)], "something is left beside a file"
    ends = {it.event.call_id: it.event.outcome for it in records if isinstance(it.event, CallFinished)}
    assert begun <= set(ends), "every call in doubt is reported"
    if "shell1" in begun:
        assert life.shell.runs_made == 0, "a command is not run again"
        assert ends["shell1"] == known.get("shell1", "unknown")
    assert life.shell.runs_made <= 1
    for name in [name for change in life.work.changes.values() for name in change.after]:
        assert (life.root / name).exists() == (files.get(name) is not None)
    return state


def _check_twice(disk: SimDisk, session: Path, state: State, story: str) -> None:
    once = list(disk.tree.paths())
    again, log, report = opened(disk, session)
    log.close()
    assert again.state == state, story
    assert (report.torn_bytes, report.notes) == (0, ()), story
    assert list(disk.tree.paths()) == once, f"recovering twice is not once; {story}"


def _check_kept(disk: SimDisk, session: Path, records: list[Recorded], story: str) -> None:
    """Every change on record can be taken back: the texts before and after it are kept."""
    checkpoint = Checkpoint(disk, session / CHECKPOINT)
    for record in records:
        for edit in record.event.edits if isinstance(record.event, CallStarted) else ():
            for key in filter(None, (edit.before, edit.after)):
                assert checkpoint.text(key) is not None, f"a text of {edit.path} is not kept; {story}"


def _records(disk: SimDisk, session: Path) -> list[Recorded]:
    reader = Reader(disk, session / JOURNAL, Blobs(disk, session / BLOBS).get)
    records = list(reader.records())
    assert (reader.stop, reader.notes) == (None, [])
    return records
