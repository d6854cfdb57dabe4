"""What the model has seen of files, folded from what results show and changes leave."""

from postil.core.events import FileChanged
from postil.core.fold.seen import note_change, note_part
from postil.core.seen import SeenPart, SeenText


def part(first: int, last: int | None, text: str = "1") -> SeenPart:
    return SeenPart(path="/a", hash=text, first=first, last=last)


def seen(*parts: SeenPart, before: SeenText | None = None) -> SeenText:
    showing: dict[str, SeenText] = {}
    for it in parts:
        note_part(showing, {"/a": before} if before is not None else {}, it)
    return showing["/a"]


def test_parts_without_a_gap_grow_together() -> None:
    assert seen(part(1, None)) == SeenText(hash="1")
    assert seen(part(1, 3)).upto == 3
    assert seen(part(1, 3), part(4, 6)).upto == 6
    assert seen(part(1, 3), part(2, None)).upto is None
    assert seen(part(1, 3), part(5, None)).upto == 3
    assert seen(part(1, 3), part(1, 2)).upto == 3
    assert seen(part(2, None)).upto == 0


def test_what_an_earlier_reply_saw_of_the_same_text_counts() -> None:
    assert seen(part(4, None), before=SeenText(hash="1", upto=3)).upto is None
    assert seen(part(4, 5), before=SeenText(hash="1")).upto is None
    assert seen(part(4, None, "2"), before=SeenText(hash="1", upto=3)) == SeenText(hash="2", upto=0)


def changed(before: str | None, after: str | None, rewind_id: str | None = None) -> FileChanged:
    return FileChanged(
        turn_id="t", call_id="c", change_id="x", label="", path="/a", before=before, after=after,
        added=1, removed=1, where="disk", rewind_id=rewind_id,
    )  # fmt: skip


def after(known: SeenText | None, event: FileChanged) -> SeenText | None:
    files = {"/a": known} if known is not None else {}
    note_change(files, event)
    return files.get("/a")


def test_its_own_change_of_a_text_that_it_knew_is_known() -> None:
    assert after(SeenText(hash="1"), changed("1", "2")) == SeenText(hash="2")
    assert after(SeenText(hash="1", upto=7), changed("1", "2")) == SeenText(hash="2", upto=0)
    assert after(None, changed(None, "2")) == SeenText(hash="2")


def test_what_others_changed_is_not() -> None:
    known = SeenText(hash="1")
    assert after(known, changed("other", "2")) == known
    assert after(None, changed("1", "2")) is None
    assert after(known, changed("1", None)) is None
    assert after(known, changed("1", "2", rewind_id="r")) == known
    assert after(None, changed(None, "2", rewind_id="r")) is None
