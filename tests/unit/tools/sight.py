"""What a tool's calls have shown, as the session keeps it from one reply to the next."""

from pathlib import Path

from postil.core.effects import Result
from postil.core.fold.seen import note_part
from postil.core.seen import SeenPart, SeenText


class Sight:
    """Each call is a reply of its own."""

    def __init__(self) -> None:
        self._seen: dict[str, SeenText] = {}

    def get(self, path: Path) -> SeenText | None:
        return self._seen.get(str(path))

    def note(self, result: Result) -> None:
        for effect in result.effects:
            if isinstance(effect, SeenPart):
                note_part(self._seen, {}, effect)
