"""`postil permissions test`: mistakes in files of settings, and the examples beside their rules."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from postil.cli.finding import workspace
from postil.config.load import settings_files
from postil.config.options import Layer
from postil.core.errors import UsageError
from postil.permissions.policy_file import look, look_together
from postil.tools.output import counted


def rule_tests(options: argparse.Namespace) -> int:
    """Look at files of settings: those that are named, each by itself, or those in force together.

    The status is 1 where something does not count, or an example is not as it says.
    """
    written: list[tuple[Layer, str, str]] = []
    unread = 0
    for layer, path in _places(options):
        try:
            written.append((layer, str(path), path.read_text("utf-8")))
        except FileNotFoundError as error:
            if options.files:
                raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
        except (OSError, ValueError) as error:
            # The others are looked at all the same.
            print(f"{path}: error: {_why(error)}")
            unread += 1
    if options.files:
        looked_at = tuple(look(text, layer, file) for layer, file, text in written)
    else:
        looked_at = look_together(written)
    for (_, file, _), looked in zip(written, looked_at, strict=True):
        for it in looked.problems:
            print(f"{file}:{it.span.line + 1}:{it.span.column + 1}: {it.severity}: {it.message}")
    problems = [it for looked in looked_at for it in looked.problems]
    tried = counted(sum(it.tried for it in looked_at), "example")
    number = counted(len(problems) + unread, "problem")
    print(f"{tried} tried in {counted(len(written) + unread, 'file')}: {number}.")
    return 1 if unread or any(it.severity == "error" for it in problems) else 0


def _places(options: argparse.Namespace) -> Sequence[tuple[Layer, Path]]:
    if not options.files:
        return settings_files((workspace(options.workspace),))
    return [(_whose(Path(it)), Path(it)) for it in options.files]


def _whose(path: Path) -> Layer:
    return "workspace" if path.resolve().parent.name == ".postil" else "user"


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8, from byte {error.start + 1} on; nothing of it counts"
    return (
        f"it cannot be read: {error.strerror if isinstance(error, OSError) else error}; nothing of it counts"
    )
