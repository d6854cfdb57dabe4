"""`postil sessions salvage`, and what it kept apart wherever the new session is shown or written into a file."""

from __future__ import annotations

import json
import sys
from typing import TextIO, cast

from postil.cli.figures import counted
from postil.cli.finding import Found
from postil.cli.terminal import Marked, Terminal
from postil.cli.transcript import Transcript
from postil.core.event_codec import encode
from postil.core.ids import RandomIds
from postil.journal.appendix import APPENDIX, Appendix, read_appendix
from postil.journal.layout import LOCK
from postil.journal.lock import is_held, locked
from postil.journal.salvage import salvage
from postil.workspace.files.real_disk import RealDisk

_MARK = "unverified | "


def save(found: Found) -> int:
    """Make a new session of a damaged one, and say what is in it."""
    if is_held(found.folder / LOCK):
        raise locked(found.folder / LOCK)
    session_id = RandomIds().new("session")
    kept = salvage(RealDisk(), found.folder, session_id)
    print(kept.damage)
    print(f"Session {session_id} has what came before: {counted(kept.after, 'event')}.")
    if kept.lines:
        print(
            f"{counted(len(kept.lines), 'line')} from there on look{'s' * (len(kept.lines) == 1)} whole, which nothing "
            f"shows: kept beside it in {APPENDIX}. `postil sessions show {session_id}` prints them last."
        )
    print(f"Session {found.id} stays as it is. Go on with: postil sessions resume {session_id}")
    return 0


def show_appendix(found: Found, *, as_json: bool) -> None:
    """Print what was kept apart, with a warning, each line marked; nothing where nothing was."""
    appendix = read_appendix(RealDisk(), found.folder)
    if appendix is None or not appendix.lines:
        return
    if as_json:
        _print_json(found, appendix)
        return
    marked = Marked(_MARK, sys.stdout)
    print(f"\n{appendix.warning}", file=marked)
    # What they say was said and done in the session that they are of.
    console = Terminal(highlight=False, file=cast("TextIO", cast("object", marked)))
    transcript = Transcript(appendix.session_id, (found.summary.root,), console)
    for record in appendix.records(found.blob):
        transcript.show(record)


def _print_json(found: Found, appendix: Appendix) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"postil: {appendix.warning}\n")
    for record in appendix.records(found.blob):
        data = {"sessionId": found.id, "unverified": True, "seq": record.seq, "at": record.at}
        print(json.dumps({**data, "event": encode(record.event)}))


def exported_appendix(found: Found) -> bytes:
    """Return the lines of an export that hold what was kept apart, each marked; a check passes over them."""
    appendix = read_appendix(RealDisk(), found.folder)
    if appendix is None or not appendix.lines:
        return b""
    lines = (appendix.warning, *(raw.decode("utf-8", "replace") for raw in appendix.lines))
    return b"".join(json.dumps({"appendix": line}).encode("ascii") + b"\n" for line in lines)
