"""Taking changes back: the person's own edits stay, ours go, and what cannot be told apart is left alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.effects import FileForm
from postil.workspace.texts.changes import apart, minimal_changes
from postil.workspace.texts.revert import Conflict, Passage, merged, taken_back, trails

A, B, C = Path("/p/a"), Path("/p/b"), Path("/p/c")
LINES = st.lists(st.sampled_from(["one\n", "two\n", "three\r\n", "\f\n", "数\n", "last"]), max_size=8).map(
    "".join
)


def trail(*passages: Passage) -> list[tuple[Path, Path, list[tuple[str | None, str | None]]]]:
    return [(it.was, it.now, it.runs) for it in trails(passages)]


def test_what_follows_on_is_one_run() -> None:
    assert trail(Passage(A, "0", "1"), Passage(B, "x", "y"), Passage(A, "1", "2")) == [
        (A, A, [("0", "2")]),
        (B, B, [("x", "y")]),
    ]


def test_the_persons_edit_parts_two_runs() -> None:
    assert trail(Passage(A, "0", "1"), Passage(A, "mine", "2")) == [(A, A, [("0", "1"), ("mine", "2")])]


def test_a_file_is_followed_through_its_names() -> None:
    assert trail(
        Passage(A, "0", "1"),
        Passage(B, "1", "1", moved_from=A),
        Passage(A, None, "new"),
        Passage(B, "1", "2"),
        Passage(C, "2", "2", moved_from=B),
    ) == [(A, C, [("0", "2")]), (A, A, [(None, "new")])]


def test_a_file_that_was_deleted_and_made_again_is_one() -> None:
    form = FileForm(mode=0o755)
    (found,) = trails([Passage(A, "0", None, form), Passage(A, None, "1")])
    assert (found.runs, found.form) == ([("0", "1")], form)


def test_a_name_that_was_given_away_and_freed_again_is_the_first_files() -> None:
    """What was removed there goes on where it comes back, not with what lay there in between."""
    assert trail(
        Passage(A, "0", None),
        Passage(A, "x", "x", moved_from=B),
        Passage(C, "x", "x", moved_from=A),
        Passage(A, None, "new"),
        Passage(A, "new", None),
        Passage(A, None, "0"),
    ) == [(A, A, [("0", "0")]), (B, C, [("x", "x")]), (A, A, [(None, None)])]


def test_a_file_whose_name_another_got_is_lost() -> None:
    first, second = trails([Passage(A, "0", "1"), Passage(A, "x", "x", moved_from=B)])
    assert (first.lost, second.lost) == (True, False)


@pytest.mark.parametrize(
    ("now", "runs", "result"),
    [
        ("b", [("a", "b")], "a"),
        (None, [("a", None)], "a"),
        ("b", [(None, "b")], None),
        ("a", [("a", "b")], "a"),
        (None, [(None, "b")], None),
        ("other", [("a", "a")], "other"),
        ("1\n2\n3\nmine\n", [("one\n2\n3\n", "1\n2\n3\n")], "one\n2\n3\nmine\n"),
        ("1\nmine\n3\nsaid\n", [("one\n2\n3\n", "1\n2\n3\n"), ("1\nmine\n3\n", "1\nmine\n3\nsaid\n")], "one\nmine\n3\n"),
    ],
)  # fmt: skip
def test_taken_back(now: str | None, runs: list[tuple[str | None, str | None]], result: str | None) -> None:
    assert taken_back(now, runs) == result


@pytest.mark.parametrize(
    ("now", "runs", "why"),
    [
        ("2\n", [("0\n", "1\n")], "The same lines were edited since."),
        ("back", [("a", None)], "There is a file again."),
        (None, [("a", "b")], "It is not there any more: deleted or renamed since."),
        ("b and more", [(None, "b")], "It was created here, and edited since."),
    ],
)
def test_left_alone(now: str | None, runs: list[tuple[str | None, str | None]], why: str) -> None:
    assert taken_back(now, runs) == Conflict(why)


@given(st.lists(LINES, min_size=2, max_size=6))
def test_without_the_person_the_first_text_comes_back(texts: list[str]) -> None:
    passages = [Passage(A, before, after) for before, after in itertools.pairwise(texts)]
    (found,) = trails(passages)
    assert taken_back(texts[-1], [(a, b) for a, b in found.runs]) == texts[0]


@given(LINES, LINES, LINES)
def test_a_merge_has_both_changes_or_is_none(base: str, ours: str, theirs: str) -> None:
    """Both sides agree on the result, and each side's change leads from the other's text to it."""
    result = merged(base, ours, theirs)
    assert result == merged(base, theirs, ours)
    if result is None:
        assert not apart(minimal_changes(base, ours), minimal_changes(base, theirs))
        return
    assert len(result) == len(ours) + len(theirs) - len(base)
    if base == ours:
        assert result == theirs
    if base == theirs:
        assert result == ours


@given(LINES, LINES, LINES, LINES)
def test_the_persons_lines_survive_in_any_place(before: str, first: str, last: str, mine: str) -> None:
    """What the person writes apart from our change is there in full after it is taken back."""
    head, tail = "head of the person\n" + mine + "\n-- apart --\n", "\n-- apart --\n" + mine + "\nend"
    result = taken_back(
        head + last + tail,
        [(f"\n-- apart --\n{first}\n-- apart --\n", f"\n-- apart --\n{last}\n-- apart --\n")],
    )
    if not isinstance(result, Conflict):
        assert result is not None
        assert result.startswith("head of the person\n" + mine)
        assert result.endswith(mine + "\nend")
        assert first in result
