"""`postil trust`: which folders are trusted, and saying so or taking it back."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from postil.cli.finding import plainly
from postil.core.errors import UsageError
from postil.core.revealing import revealed
from postil.journal.layout import state_directory
from postil.permissions.configures import configured_by
from postil.permissions.trust import Record, TrustStore, is_broad

FACE = "cli"
_RESTRICTED = "git and what your rules would allow are asked about, and nothing that it configures runs."


def trust(options: argparse.Namespace) -> int:
    """Say, decide, forget or list."""
    actions: dict[str, Callable[[TrustStore, argparse.Namespace], int]] = {
        "status": _status, "allow": _allow, "deny": _deny, "forget": _forget, "list": _list,
    }  # fmt: skip
    with plainly():
        return actions[options.action](TrustStore(state_directory()), options)


def _status(store: TrustStore, options: argparse.Namespace) -> int:
    folder = _folder(options.path)
    standing = store.standing(folder)
    print(f"{revealed(str(folder))} {standing.why}.")
    if standing.trusted:
        return 0
    print(f"Restricted: reading works; {_RESTRICTED}")
    if not standing.decided:
        print("To trust it: postil trust allow, or postil ask --trust for one run.")
    return 1


def _allow(store: TrustStore, options: argparse.Namespace) -> int:
    folder = _folder(options.path)
    broad = is_broad(folder, Path.home())
    if broad and not options.yes:
        raise UsageError(
            f"{folder} was not trusted. {broad}", "Trust the project's own folder, or say --yes."
        )
    if broad:
        sys.stderr.write(f"postil: {broad}\n")
    shown = configured_by(folder)
    if shown.why_not:
        raise UsageError(f"{folder} was not trusted. {shown.why_not}", "Mend it first.")
    store.decide(folder, "trusted", time.time(), FACE, below=options.below, runs=shown.digest)
    for hook in shown.hooks:
        print(
            f"Runs at {hook.moment}{f' of {hook.matcher}' if hook.matcher else ''}: {revealed(hook.command)}"
        )
    print(f"Trusted: {revealed(str(folder))}{', and every folder below it' if options.below else ''}.")
    if not options.below:
        print("A folder below it that is opened by itself is asked about on its own; --below covers them.")
    return 0


def _deny(store: TrustStore, options: argparse.Namespace) -> int:
    folder = _folder(options.path)
    store.decide(folder, "restricted", time.time(), FACE)
    print(f"Restricted: {revealed(str(folder))}, and every folder below it. You are not asked again.")
    return 0


def _forget(store: TrustStore, options: argparse.Namespace) -> int:
    folder = Path(options.path or ".")
    if not store.forget(folder):
        raise UsageError(f"Nothing is kept of {folder.resolve()}.", "`postil trust list` names what is.")
    print(f"Forgotten: {revealed(str(folder.resolve()))}.")
    return 0


def _list(store: TrustStore, options: argparse.Namespace) -> int:
    records = list(store.records())
    for it in records:
        print(json.dumps(_as_data(it, store)) if options.json else _row(it, store))
    if not records and not options.json:
        print("No folder is trusted or restricted yet.")
    return 0


def _row(record: Record, store: TrustStore) -> str:
    day = datetime.fromtimestamp(record.at).astimezone().strftime("%Y-%m-%d %H:%M")
    below = ", with all below" if record.below or record.verdict == "restricted" else ""
    stale = "" if _holds(record, store) else "  (no longer that folder, so it does not count)"
    return f"{record.verdict:<10}  {revealed(record.folder.path)}{below}, since {day}{stale}"


def _as_data(record: Record, store: TrustStore) -> dict[str, object]:
    return {
        "path": record.folder.path,
        "verdict": record.verdict,
        "below": record.below,
        "at": record.at,
        "face": record.face,
        "holds": _holds(record, store),
    }


def _holds(record: Record, store: TrustStore) -> bool:
    standing = store.standing(Path(record.folder.path))
    return standing.decided and standing.trusted == (record.verdict == "trusted")


def _folder(named: str | None) -> Path:
    """Return the folder by its real path. Raises UsageError where there is none."""
    if named == "":
        raise UsageError("No folder was named.", "Leave it out for this folder.")
    folder = Path(named or ".")
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    return folder.resolve()
