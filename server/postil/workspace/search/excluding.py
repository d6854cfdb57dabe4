"""Which files an editor's settings leave out of lists: globs over paths below a folder, which count for what is in a folder too."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from postil.core.errors import InvalidInput
from postil.workspace.search.globs import glob_regex


def excluded(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what says of a path, relative and with `/`, whether a pattern is about it or a folder above it.

    As editors read them, a pattern without a slash is about what lies in the folder itself. One that makes no sense
    is about nothing.
    """
    compiled = [it for it in map(_compiled, dict.fromkeys(patterns)) if it is not None]
    folders: dict[str, bool] = {"": False}

    def left_out(path: str) -> bool:
        return below(path.rpartition("/")[0]) or any(it.match(path) for it in compiled)

    def below(folder: str) -> bool:
        known = folders.get(folder)
        if known is None:
            known = folders[folder] = left_out(folder)
        return known

    return left_out


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return glob_regex(f"/{pattern.lstrip('/')}")
    except InvalidInput:
        return None
