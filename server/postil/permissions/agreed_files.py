"""What the files held that a person's hooks and servers name, when the person last said yes to the workspace: kept across sessions.

Such a file runs outside of any sandbox, and whoever changed it since is not known. So it counts as it was first found after a word
about trust, until that word is said anew. A workspace that is trusted for one run alone has no word that would last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.file_lock import alone
from postil.workspace.files.real_disk import RealDisk

ANEW = "look at it, and say so with `postil trust allow` where it is right"
"""How a person agrees to what such a file holds now."""
Files = Mapping[str, str]
"""Digests of files, by the path as people read it."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    word: str
    files: dict[str, dict[str, str]]
    """By the key of a hook or a server."""


class AgreedFiles:
    """Those of one workspace, in a small private file that is replaced whole. Blocking: call it in a thread."""

    def __init__(self, path: Path, word: Callable[[], str], *, keeps: bool = True) -> None:
        """`word` tells one word of a person about trust from any other; empty where none lasts. Without `keeps` it is only looked at."""
        self._path = path
        self._word = word
        self._keeps = keeps

    def agreed(self, found: Mapping[str, Files]) -> Mapping[str, Files]:
        """Return what was agreed to for each key; what is found now where that was never looked at, which is kept. Raises OSError."""
        word = self._word()
        if not word or not found:
            return found
        known = self._read(word)
        new = {key: dict(it) for key, it in found.items() if key not in known}
        if new and self._keeps:
            with alone(self._path.with_suffix(".lock")):
                known = {**new, **self._read(word)}
                data = json.dumps(_Kept(word=word, files=known).model_dump(), indent=1, sort_keys=True)
                RealDisk().replace(self._path, data.encode("utf-8", "surrogatepass"), PRIVATE_FILE)
        return {key: known.get(key, it) for key, it in found.items()}

    def _read(self, word: str) -> dict[str, dict[str, str]]:
        """Return what was agreed to with this word. Raises OSError where that cannot be told."""
        try:
            kept = _Kept.model_validate(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError, ValidationError) as error:
            raise OSError(f"{self._path} cannot be read ({type(error).__name__})") from error
        return kept.files if kept.word == word else {}
