"""An installation of Postil in which single files are others: links to the real one, but for what was changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import postil

REAL = Path(postil.__file__).parent


class Installation:
    """A copy by links, in a folder that goes to PYTHONPATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "postil").symlink_to(REAL)

    def write(self, name: str, text: str) -> None:
        """Put a file in the place of the one of that name, or beside the others."""
        place = self._opened(Path("postil", name).parent) / Path(name).name
        place.unlink(missing_ok=True)
        place.write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a piece of text in a file, which has to be there once."""
        text = (REAL / name).read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        self.write(name, text.replace(old, new))

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return variables with which Python finds it."""
        return {**own, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": ""}

    def _opened(self, folder: Path) -> Path:
        """Return a folder that is no link any more, with links to what the real one has."""
        place = self.folder
        for part in folder.parts:
            place /= part
            if place.is_symlink():
                real = Path(os.path.realpath(place))
                place.unlink()
                place.mkdir()
                for it in real.iterdir():
                    if it.name != "__pycache__":
                        (place / it.name).symlink_to(it)
        return place
