"""Files get their names back in an order in which each name is free, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from postil.agent.rewinding.order import Item, Step, blocked, in_order
from postil.core.effects import FileEdit

NAMES = [Path(f"/p/{name}") for name in "abcdef"]


def back(now: str, was: str) -> Item:
    source, path = Path("/p", now), Path("/p", was)
    return Item("move_back", path, (FileEdit(path, "0", "", "", moved_from=source),), source)


def removed(now: str) -> Item:
    source = Path("/p", now)
    return Item("remove", source, (FileEdit(source, "0", None),), source)


def ordered(items: Sequence[Item]) -> list[Step]:
    async def spare(path: Path) -> Path:
        return path.with_name(f"{path.name}.spare")

    return asyncio.run(in_order(items, spare))


def names(steps: Sequence[Step]) -> list[tuple[str, str]]:
    return [(it.edit.moved_from.name if it.edit.moved_from else "", it.edit.path.name) for it in steps]


def test_a_name_is_free_first() -> None:
    assert names(ordered([back("b", "a"), back("c", "b"), removed("a")])) == [
        ("", "a"),
        ("b", "a"),
        ("c", "b"),
    ]
    assert names(ordered([back("t", "a/x"), back("a", "y")])) == [("a", "y"), ("t", "x")]


def test_one_of_those_that_change_places_gives_way() -> None:
    assert names(ordered([back("b", "a"), back("a", "b")])) == [
        ("b", "b.spare"),
        ("a", "b"),
        ("b.spare", "a"),
    ]
    assert names(ordered([back("a", "a/x")])) == [("a", "a.spare"), ("a.spare", "x")]
    three = [back("b", "a"), back("c", "b"), back("a", "c"), back("y", "x")]
    assert names(ordered(three)) == [("y", "x"), ("b", "b.spare"), ("c", "b"), ("a", "c"), ("b.spare", "a")]


def test_what_stays_keeps_its_name_from_others() -> None:
    first, second, third = back("b", "a"), back("c", "b"), back("d", "c/x")
    assert blocked([first, second, third], {}, {}) == {}
    found = blocked([first, second, third], dict.fromkeys([Path("/p/a"), Path("/p/b")], "taken"), {})
    assert {item.path.name: why for item, why in found.items()} == {
        "a": "taken",
        "b": "taken",
        "x": "A file has the name of its folder, and stays.",
    }
    hindered = blocked([first, second], {Path("/p/b"): "taken"}, {first: "read-only"})
    assert hindered == {first: "read-only", second: "taken"}
    twice = back("e", "a")
    assert blocked([first, twice], {}, {}) == {twice: "Another file goes back to this name."}


@given(st.permutations(NAMES), st.sets(st.sampled_from(NAMES)))
def test_every_step_can_be_made(targets: list[Path], there: set[Path]) -> None:
    """Whoever lies where, nothing is moved over a file, and in the end each is where it was."""
    pairs = [(now, was) for now, was in zip(NAMES, targets, strict=True) if now != was and now in there]
    items = [back(now.name, was.name) for now, was in pairs]
    stuck = blocked(items, dict.fromkeys(there, "taken"), {})
    files = {path: path for path in there}
    for step in ordered([it for it in items if it not in stuck]):
        _make(files, step.edit)
    assert len(files) == len(there)
    for now, was in pairs:
        item = next(it for it in items if it.source == now)
        assert files[now if item in stuck else was] == now


def _make(files: dict[Path, Path], edit: FileEdit) -> None:
    assert edit.moved_from is not None
    assert edit.path not in files
    files[edit.path] = files.pop(edit.moved_from)
