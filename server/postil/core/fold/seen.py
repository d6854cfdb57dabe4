"""What results show and changes leave, folded into what the model has seen of files."""

from __future__ import annotations

from postil.core.changes import FileChanged
from postil.core.seen import SeenPart, SeenText


def note_part(showing: dict[str, SeenText], seen: dict[str, SeenText], part: SeenPart) -> None:
    """Keep that a part is shown; of another text than before it starts anew."""
    known = showing.get(part.path) or seen.get(part.path)
    upto = known.upto if known is not None and known.hash == part.hash else 0
    if upto is not None and part.first <= upto + 1:
        upto = None if part.last is None else max(upto, part.last)
    showing[part.path] = SeenText(hash=part.hash, upto=upto)


def note_change(seen: dict[str, SeenText], event: FileChanged) -> None:
    """Keep that the model knows a text only where it knew the one that its change was made on."""
    known = seen.pop(event.renamed_from or event.path, None)
    if event.after is None:
        return
    its_own = event.rewind_id is None and not event.subagent
    if event.before is None and its_own:
        seen[event.path] = SeenText(hash=event.after)
    elif known is not None:
        knew = its_own and known.hash == event.before
        seen[event.path] = _after(known, event.after) if knew else known


def _after(known: SeenText, after: str) -> SeenText:
    # Which lines of the new text were seen of the old one, nobody counts.
    return SeenText(hash=after, upto=None if known.upto is None else 0)
