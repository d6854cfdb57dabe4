"""`postil audit`: what became of each call and on whose word, and whether the record of it is as it was written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from postil.cli.accounts import block, rewind_block
from postil.cli.figures import counted
from postil.cli.finding import Found, find, find_remains, layout, plainly, workspace
from postil.cli.reading import Reading
from postil.cli.requests import request_lines
from postil.core.errors import UsageError
from postil.journal.account import Account, ledger
from postil.journal.audit import Fault, Outside, Report, verify
from postil.journal.blobs import Blobs
from postil.journal.codec import LINE_LIMIT, BadLine
from postil.journal.export import read_export
from postil.journal.layout import BLOBS, LOCK
from postil.journal.listing import list_sessions
from postil.journal.lock import is_held
from postil.journal.reader import Reader
from postil.journal.snapshot_audit import SnapshotAudit
from postil.workspace.files.real_disk import RealDisk

_SHOWN = 5
"""Bad places that are named; the first is what matters."""


def audit(options: argparse.Namespace) -> int:
    """Show or verify."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {"show": _show, "verify": _verify}
    with plainly():
        return actions[options.action](options)


def _show(options: argparse.Namespace) -> int:
    found = find(options.id, options.workspace)
    reading = Reading(found)
    records = list(reading.records())
    kept = ledger(records)
    for it in kept.everything:
        text = block(it) if isinstance(it, Account) else rewind_block(it)
        print(json.dumps(it.as_data()) if options.json else f"{text}\n")
    if not options.json:
        if lines := list(request_lines(records)):
            print("\n".join(lines), end="\n\n")
        back = f" and {counted(len(kept.rewinds), 'rewind')}" if kept.rewinds else ""
        calls = counted(len(kept.accounts), "call")
        print(f"{calls}{back} in {counted(len(records), 'event')} of session {found.id}.")
    if not reading.tell():
        return 0
    sys.stderr.write(f"postil: `postil audit verify {found.id}` says more.\n")
    return 1


@dataclass(frozen=True, slots=True)
class _Checked:
    name: str
    report: Report


def _verify(options: argparse.Namespace) -> int:
    one = options.id is not None
    if one + options.all + (options.file is not None) != 1:
        raise UsageError("Name one session, or --all, or --file FILE.")
    if options.kept and options.all:
        raise UsageError("--kept is the sum of one session.", "Name its id.")
    if one:
        checks = iter([_check(find(options.id, options.workspace), options.kept)])
    elif options.all:
        checks = _check_all(options.workspace)
    else:
        checks = iter([_check_file(Path(options.file), options.kept)])
    count = bad = 0
    for check in checks:
        count, bad = count + 1, bad + (not check.report.whole)
        print(_as_json(check) if options.json else _in_words(check, options.kept))
    if options.all and not options.json:
        print(f"{counted(count, 'session')}: {count - bad:,} whole, {bad:,} bad.")
    return 1 if bad else 0


def _check_all(named: str | None) -> Iterator[_Checked]:
    root = workspace(named) if named is not None else None
    for summary in list_sessions(layout(), root):
        found = find_remains(summary.session_id, None)
        gone = Report(faults=[Fault(0, "its journal is gone")])
        yield _check(found, "") if found.journal.exists() else _Checked(found.id, gone)


def _check(found: Found, kept: str) -> _Checked:
    disk = RealDisk()
    # In this order: a session that is being written may grow in between, and must not seem to have shrunk.
    growing = is_held(found.folder / LOCK)
    beside = SnapshotAudit(disk, found.folder)
    outside = Outside(found.id, beside.heads, kept, growing=growing)
    with found.journal.open("rb") as file:
        report = verify(iter(lambda: file.readline(LINE_LIMIT + 1), b""), found.blob, outside)
    reader = Reader(disk, found.journal, Blobs(disk, found.folder / BLOBS).get)
    if report.whole:
        beside.compare(reader.records())
    else:
        # What is a fault here may be forgiven there: only a reader says whether it can be written to.
        for _ in reader.records():
            pass
        found.note(reader.stop)
    report.faults += (Fault(0, what) for what in beside.faults)
    return _Checked(found.id, report)


def _check_file(path: Path, kept: str) -> _Checked:
    try:
        with path.open("rb") as file:
            held = read_export(file)
    except (OSError, BadLine) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path} cannot be checked: {reason}.") from error
    outside = Outside(held.session_id, {"the file's first line": (held.seq, held.sum)}, kept)
    return _Checked(held.session_id, verify(held.lines, held.blobs.get, outside))


def _as_json(check: _Checked) -> str:
    report = check.report
    return json.dumps({"sessionId": check.name, "whole": report.whole, **asdict(report)})


def _in_words(check: _Checked, kept: str) -> str:
    report = check.report
    lines: list[str] = []
    if report.whole:
        lines.append(f"{check.name}: whole, {counted(report.seq, 'event')}. Head: {report.sum}")
    else:
        first, *others = report.faults
        lines.append(f"{check.name}: bad. {first.sentence}")
        lines += [f"  {it.sentence}" for it in others[:_SHOWN]]
        if len(others) > _SHOWN:
            lines.append(f"  {counted(len(others) - _SHOWN, 'more fault')}.")
        if report.unread:
            lines.append(f"  {counted(report.unread, 'line')} after it cannot be judged.")
        lines.append(f"  The chain holds up to event {report.seq}, sum {report.sum or 'none'}.")
    if kept and report.kept_seq:
        lines.append(f"  The sum that was kept is event {report.kept_seq}'s: nothing up to it was changed.")
    return "\n".join([*lines, *(f"  {note}" for note in report.notes)])
