"""Postil itself: its Python, its version, its settings, and where it keeps its state."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from postil import __version__
from postil.cli.agents import types_of
from postil.cli.checks.row import Row
from postil.cli.figures import size_in_words
from postil.config.load import Loaded, user_config_dir
from postil.core.errors import ConfigurationError, UsageError
from postil.journal.layout import state_directory
from postil.permissions.modes import mode
from postil.permissions.rule import parse
from postil.permissions.trust import TrustStore
from postil.tools.registry import Registry

OLDEST = (3, 11)
LEAST_SPACE = 100_000_000
"""Bytes; with less, a session may end in the middle."""


def rows(loaded: Loaded) -> Iterator[Row]:
    """Yield the rows; reads the disk."""
    yield _python()
    yield Row("Postil", "ok", __version__)
    yield from settings(loaded)
    yield from agent_types(loaded, Path.cwd())
    yield state(state_directory())
    yield trust(TrustStore(state_directory()), Path.cwd())


def _python() -> Row:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info < OLDEST:
        return Row("Python", "problem", found, "Install Python 3.11 or newer.", needed=True)
    return Row("Python", "ok", found, needed=True)


def settings(loaded: Loaded) -> Iterator[Row]:
    """Yield a row for each thing in the settings that is not used, or one that says that all is well."""
    found = [
        Row("settings", "problem", f"{it.path}: {f'{it.option}: ' if it.option else ''}{it.message}", "Mend or remove it.")
        for it in loaded.problems
    ]  # fmt: skip
    found += _unusable(loaded)
    own = user_config_dir() / "settings.toml"
    yield from found or [Row("settings", "ok", str(own) if own.is_file() else "the defaults")]


def _unusable(loaded: Loaded) -> Iterator[Row]:
    """Yield what keeps a session from starting."""
    try:
        mode(loaded.options.mode)
    except UsageError as error:
        yield Row("settings", "problem", error.message, error.mend, needed=True)
    for rule in loaded.rules:
        try:
            parse(rule.text, rule.verdict, "user")
        except ConfigurationError as error:
            yield Row("settings", "problem", f"{rule.file}: {error.message}", error.mend, needed=True)


def agent_types(loaded: Loaded, root: Path) -> Iterator[Row]:
    """Yield a row for each file of an agent type that is wrong, or one that names the types."""
    trusted = TrustStore(state_directory()).standing(root).trusted
    collected = types_of(root, Registry.collect(), trusted=trusted).collect()
    for it in collected.faults:
        yield Row("agent types", "problem", f"{it.file}:{it.line}: {it.message}", "Mend or remove it.")
    names = [it.name for it in collected.types]
    wanted = loaded.options.agent
    if wanted not in names or any(it.name == wanted and it.source == "user" for it in collected.faults):
        mend = "Name another in `agent` of your settings; `postil agents` lists them."
        yield Row("agent types", "problem", f"{wanted} cannot be used", mend, needed=True)
    elif not collected.faults:
        yield Row("agent types", "ok", ", ".join(names))


def state(folder: Path) -> Row:
    """Return whether sessions can be kept in `folder`, which need not exist."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    problem = _not_writable(place)
    if problem:
        mend = f"Make {place} a folder that you can write to, or name another in POSTIL_STATE_DIR."
        return Row("state directory", "problem", f"{folder}: {problem}", mend, needed=True)
    free = shutil.disk_usage(place).free
    found = f"{folder}, {size_in_words(free)} free"
    if free < LEAST_SPACE:
        return Row("state directory", "problem", found, "Make room: a session needs some to be kept.")
    return Row("state directory", "ok", found, needed=True)


def trust(store: TrustStore, folder: Path) -> Row:
    """Return whether the folder is trusted."""
    standing = store.standing(folder)
    found = f"{folder} {standing.why}"
    if standing.trusted:
        return Row("trust", "ok", found)
    return Row("trust", "missing", found, "`postil trust allow` trusts it; until then less runs unasked.")


def _not_writable(place: Path) -> str:
    """Return why nothing can be made in `place`, found by trying."""
    if not place.is_dir():
        return "not a folder"
    if not os.access(place, os.W_OK | os.X_OK):
        return "not writable"
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return error.strerror or str(error)
