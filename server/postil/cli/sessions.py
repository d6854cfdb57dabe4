"""`postil sessions`: lists what there is, shows one, goes on with it, renames, deletes or salvages it, or writes it into one file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from postil.cli.asking import typed
from postil.cli.below import show_below, sub_agents_of
from postil.cli.figures import counted, size_in_words
from postil.cli.finding import Found, find, find_remains, layout, plainly, workspace
from postil.cli.reading import Reading
from postil.cli.salvaging import exported_appendix, save, show_appendix
from postil.cli.transcript import Transcript, when
from postil.core.errors import Locked, UsageError
from postil.core.event_codec import encode
from postil.core.fold import apply
from postil.core.meter import meter
from postil.core.revealing import one_line
from postil.core.state import State
from postil.journal.audit import Report, verify
from postil.journal.damage import forget_damage
from postil.journal.export import export
from postil.journal.layout import INDEX, LOCK
from postil.journal.listing import Summary, list_sessions
from postil.journal.lock import KernelLock, locked
from postil.journal.shortened import cut_short, promised
from postil.memory.recall import remove_now
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk

WORDS = {
    "clean": "clean",
    "stopped": "can be resumed",
    "interrupted": "interrupted",
    "question": "question open",
    "running": "running elsewhere",
    "damaged": "damaged",
    "newer": "of a later version",
}
_TITLE = 60


def sessions(options: argparse.Namespace) -> int:
    """Do what was asked with the sessions."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "show": _show,
        "resume": _resume,
        "rewind": _rewind,
        "compact": _compact,
        "kept": _kept_of,
        "rename": _rename,
        "delete": _delete,
        "export": _export,
        "salvage": _salvage,
    }
    with plainly():
        return actions[options.action](options)


def _list(options: argparse.Namespace) -> int:
    root = None if options.all else workspace(options.workspace)
    found = [it for it in list_sessions(layout(), root) if options.sub_agents or not it.parent]
    if options.json:
        for it in found:
            print(json.dumps(asdict(it)))
    elif not found:
        print(f"There are no sessions of {root}." if root else "There are no sessions.")
    else:
        for it in found:
            print(_row(it, named=options.all))
    return 0


def _row(it: Summary, *, named: bool) -> str:
    turns = "? turns" if it.turns is None else counted(it.turns, "turn")
    title = one_line(it.problem or it.title or "(no prompt)", _TITLE)
    place = f"  {one_line(it.root, 200)}" if named else ""
    title += f"  (sub-agent of {it.parent})" if it.parent else ""
    return f"{it.session_id}  {when(it.updated_at)}  {turns:>8}  {WORDS[it.status]:<17}  {title}{place}"


def _show(options: argparse.Namespace) -> int:
    found = find(options.id, options.workspace)
    reading = Reading(found)
    transcript = None if options.json else Transcript(found.id)
    state = State.empty()
    for record in reading.records():
        apply(state, record)
        if transcript is not None:
            transcript.show(record)
            show_below(record)
        else:
            data = {"sessionId": found.id, "seq": record.seq, "at": record.at, "event": encode(record.event)}
            print(json.dumps(data))
    if transcript is not None and (used := meter(state.workflow)) is not None:
        print(" · ".join(it for it in (*used.used(named=True), used.cache()) if it))
    damaged = reading.tell()
    show_appendix(found, as_json=options.json)
    left = found.summary.status in ("stopped", "interrupted", "question") and not found.summary.parent
    if left and not damaged and not options.json:
        _tell_left_open(found)
    return 1 if damaged else 0


def _tell_left_open(found: Found) -> None:
    """Say what a session that was not closed had begun, what still runs of it, and how to go on."""
    from postil.cli.resuming import left_open  # noqa: PLC0415 - the whole agent, which nothing else here needs

    for line in left_open(found, Path(found.summary.root)):
        print(line)
    print(f"Go on with: postil sessions resume {found.id}")


def _salvage(options: argparse.Namespace) -> int:
    return save(find(options.id, options.workspace))


def _resume(options: argparse.Namespace) -> int:
    from postil.cli.resuming import resume  # noqa: PLC0415 - the whole agent, which nothing else here needs

    return resume(find(options.id, options.workspace), options)


def _rewind(options: argparse.Namespace) -> int:
    from postil.cli.rewinding import rewind  # noqa: PLC0415 - the whole agent, which nothing else here needs

    return rewind(find(options.id, options.workspace), options)


def _rename(options: argparse.Namespace) -> int:
    from postil.cli.renaming import rename  # noqa: PLC0415 - the whole agent, which nothing else here needs

    return rename(find(options.id, options.workspace), options.title)


def _compact(options: argparse.Namespace) -> int:
    from postil.cli.compacting import compact  # noqa: PLC0415 - the whole agent, which nothing else here needs

    return compact(find(options.id, options.workspace))


def _kept_of(options: argparse.Namespace) -> int:
    from postil.cli.compacting import show_kept  # noqa: PLC0415 - the whole agent, which nothing else here needs

    return show_kept(find(options.id, options.workspace))


def _delete(options: argparse.Namespace) -> int:
    found = find_remains(options.id, options.workspace)
    if found.summary.status == "running":
        raise _kept(found, locked(found.folder / LOCK))
    below = sub_agents_of(found)
    size = size_in_words(sum(layout().session_size(it.folder) for it in (found, *below)))
    if not options.yes and not _agreed(found, size):
        print("Nothing was deleted.")
        return 1
    # First those of its sub-agents: without it nothing would lead to them.
    for it in (*below, found):
        _remove(it)
    more = f" and {counted(len(below), 'sub-agent')}" if below else ""
    print(f"Deleted session {found.id}{more}, {size}.")
    return 0


def _remove(found: Found) -> None:
    try:
        lock = KernelLock(found.folder / LOCK)
    except Locked as error:
        raise _kept(found, error) from error
    try:
        disk = RealDisk()
        # First: an index can be made again, and a session that is gone could not be taken out of it by its name.
        remove_now(found.folder.parents[1] / INDEX, [found.id])
        disk.remove_tree(found.folder)
        forget_damage(disk, found.folder)
        disk.clear_temporaries(found.folder.parent)
    finally:
        lock.release()


def _kept(found: Found, error: Locked) -> Locked:
    return Locked(f"Session {found.id} was not deleted. {error.message}", "Close it there and try again.")


def _agreed(found: Found, size: str) -> bool:
    """Ask the person at the terminal. Raises UsageError where there is none."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("Nobody is here to ask whether to delete.", "Say so with --yes.")
    print(f"This deletes session {found.id}, {size}: {one_line(found.summary.title, _TITLE)}")
    print("Files that it changed stay as they are. It cannot be undone.")
    return typed("Type yes to delete: ") == "yes"


def _export(options: argparse.Namespace) -> int:
    found = find(options.id, options.workspace)
    had = promised(RealDisk(), found.folder)
    # Read once: what is checked is what is written, whoever goes on writing the session.
    lines = found.journal.read_bytes().splitlines(keepends=True)
    report = verify(lines, found.blob)
    data = b"".join((*export(lines, found.blob, found.id, report), exported_appendix(found)))
    if options.to is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write_new(Path(options.to), data)
        print(
            f"{counted(report.seq, 'event')}, {size_in_words(len(data))} in {options.to}; sum {report.sum}."
        )
    gone = cut_short(report.seq, had) if report.whole else _first_fault(report)
    if not gone:
        return 0
    sys.stderr.write(f"postil: {gone} ")
    sys.stderr.write(f"What the chain holds, {counted(report.seq, 'event')}, was exported.\n")
    return 1


def _first_fault(report: Report) -> str:
    first = report.faults[0]
    return f"Line {first.line} of the journal is bad: {first.what}."


def _write_new(path: Path, data: bytes) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE_FILE)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"There is already a file {path}.", "Name another.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error
