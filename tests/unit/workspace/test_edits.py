"""Exact replacements, and changes that lead there and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postil.core.errors import InvalidInput
from postil.workspace.texts.changes import (
    TextChange,
    apart,
    apply_changes,
    carried_over,
    invert_changes,
    minimal_changes,
)
from postil.workspace.texts.diff import line_counts, split_lines, unified_diff
from postil.workspace.texts.edits import NoMatch, Replace, WrongCount, apply_replacements

PIECES = [
    "a",
    "b",
    "foo",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\f",
    "\u2028",
    "é",
    "\U0001f600",
    "\ud83d",
    "\ude00",
    "\udc80",
    "if x:\n",
]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def one(text: str, old: str, new: str, count: int = 1) -> str:
    return apply_replacements(text, [Replace(old, new, count)]).text


def test_several_replacements_apply_one_after_the_other() -> None:
    applied = apply_replacements(
        "a = 1\nb = 2\n", [Replace("a = 1", "a = 3\nc = 4"), Replace("c = 4\nb", "b")]
    )
    assert applied.text == "a = 3\nb = 2\n"
    assert (applied.added, applied.removed) == (1, 1)


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a\r\nb\r\n", "a\nb", "a\nx\nb", "a\r\nx\r\nb\r\n"),
        ("a\r\nb\r\n", "b", "b\nc", "a\r\nb\r\nc\r\n"),
        ("a\r\nb", "b", "b\nc", "a\r\nb\r\nc"),
        ("a\nb\n", "a\r\nb", "x\r\ny", "x\ny\n"),
        ("a\nb\r\nc\n", "b\nc", "b\nc2", "a\nb\r\nc2\n"),
        ("a\nb\r\nc\n", "a\nb", "a\nz\nb", "a\nz\nb\r\nc\n"),
        ("a\r\nb\r\n", "a\r\nb", "a\nb", "a\nb\r\n"),
        ("a\r\nb\r\n", "\nb", "\nc", "a\r\nc\r\n"),
        ("a\r\nb\r\n", "a\n", "", "b\r\n"),
        ("x\rb", "x\rb", "y\rb", "y\rb"),
        ("caf\udce9 1", "1", "2", "caf\udce9 2"),
        ("a\fb\u2028c\n", "b\u2028c", "d", "a\fd\n"),
    ],
)
def test_line_endings_are_those_of_the_place(text: str, old: str, new: str, expected: str) -> None:
    assert one(text, old, new) == expected


def test_all_occurrences_need_their_count() -> None:
    with pytest.raises(WrongCount) as caught:
        one("x\ny\nx\nx\n", "x", "z")
    assert str(caught.value) == (
        "The old text was found 3 times (line 1, 3, 4), not 1. Say count=3 for all of them, or add context."
    )
    assert one("x\ny\nx\nx\n", "x", "z", 3) == "z\ny\nz\nz\n"


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("def  total(a):", "the nearest line is 2: 'def total(a):'"),
        ("def total(a):\n  return a", "line 2 begins like it"),
        ("total(", "nearest"),
        ("zzzzqqqq", "was not found. Read"),
    ],
)
def test_a_miss_names_the_nearest_line(old: str, says: str) -> None:
    text = "import os\ndef total(a):\n    return a\n"
    if old in text:
        assert one(text, old, "x")
        return
    with pytest.raises(NoMatch) as caught:
        one(text, old, "x")
    assert says in str(caught.value)


@pytest.mark.parametrize("replace", [Replace("", "x"), Replace("a", "a"), Replace("a", "b", 0)])
def test_senseless_replacements_are_refused(replace: Replace) -> None:
    with pytest.raises(InvalidInput):
        apply_replacements("a", [replace])


def test_a_failure_says_which_replacement() -> None:
    with pytest.raises(NoMatch, match="Replacement 2 of 2: "):
        apply_replacements("a", [Replace("a", "b"), Replace("a", "c")])
    with pytest.raises(InvalidInput):
        apply_replacements("a", [])
    with pytest.raises(InvalidInput, match="leave the file as it is"):
        apply_replacements("a", [Replace("a", "b"), Replace("b", "a")])


@given(texts, texts)
def test_minimal_changes_lead_there_and_back(before: str, after: str) -> None:
    changes = minimal_changes(before, after)
    assert apply_changes(before, changes) == after
    back = invert_changes(before, changes)
    assert apply_changes(after, back) == before
    assert invert_changes(after, back) == changes


@given(texts, texts)
def test_minimal_changes_are_apart_and_split_nothing(before: str, after: str) -> None:
    last = -1
    for change in minimal_changes(before, after):
        assert last < change.start <= change.end
        assert change.text != before[change.start : change.end]
        last = change.end
        for text, place in ((before, change.start), (before, change.end)):
            assert text[place - 1 : place + 1] != "\r\n" or place == 0
            assert text[place - 1 : place + 1] != "\ud83d\ude00" or place == 0


@given(texts, texts, texts)
def test_what_is_carried_over_has_both_and_no_order_matters(before: str, after: str, now: str) -> None:
    both = carried_over(before, after, now)
    assert both == carried_over(before, now, after)
    if both is None:
        assert not apart(minimal_changes(before, after), minimal_changes(before, now))
    else:
        assert len(both) - len(now) == len(after) - len(before)
    assert carried_over(before, before, now) == now


def test_typing_that_touches_an_edit_is_not_guessed_at() -> None:
    before, after = "one\ntwo\nthree\n", "one\n2\nthree\n"
    assert carried_over(before, after, "one\ntwo\nthree\nfour") == "one\n2\nthree\nfour"
    assert carried_over(before, after, "zero\none\ntwo\nthree\n") == "zero\none\n2\nthree\n"
    assert carried_over(before, after, "one\ntwo!\nthree\n") is None
    assert carried_over(before, after, "one\n!two\nthree\n") is None


def test_minimal_changes_are_small() -> None:
    before = "".join(f"line {i} of the file\n" for i in range(500))
    after = before.replace("line 7 ", "line seven ").replace("line 400 of the file\n", "")
    assert minimal_changes(before, after) == (
        TextChange(before.index("7 of"), before.index("7 of") + 1, "seven"),
        TextChange(before.index("line 400"), before.index("line 401"), ""),
    )


@given(texts, st.lists(st.tuples(texts, texts), min_size=1, max_size=3))
def test_replacements_are_all_or_nothing_and_invert(text: str, wanted: list[tuple[str, str]]) -> None:
    try:
        applied = apply_replacements(text, [Replace(old, new) for old, new in wanted])
    except InvalidInput:
        return
    assert apply_changes(applied.text, invert_changes(text, applied.changes)) == text


@given(st.lists(st.sampled_from(["x = 1", "  y", "", "é"]), min_size=1, max_size=12), st.data())
def test_a_windows_file_edited_with_plain_newlines_stays_one(lines: list[str], data: st.DataObject) -> None:
    plain = "\n".join([*lines, "THE END"]) + "\n"
    first = data.draw(st.integers(0, len(lines)))
    old = "\n".join([*lines, "THE END"][first:])
    applied = one(plain.replace("\n", "\r\n"), old, old + "\nmore\nlines", plain.count(old))
    assert applied == one(plain, old, old + "\nmore\nlines", plain.count(old)).replace("\n", "\r\n")


@given(texts, texts)
@settings(max_examples=300)
def test_a_diff_names_every_changed_line(before: str, after: str) -> None:
    added, removed = line_counts(before, after)
    shown = unified_diff(before, after, "f", cap=10**9).split("\n")
    assert sum(line.startswith("+") for line in shown[2:]) == added
    assert sum(line.startswith("-") for line in shown[2:]) == removed
    assert len(split_lines(after)) - len(split_lines(before)) == added - removed


def test_a_diff_reads_like_any_unified_diff() -> None:
    assert unified_diff("a\nb\nc", "a\nB\nc\n", "x.py") == (
        "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n-b\n-c\n\\ No newline at end of file\n+B\n+c\n"
    )
    assert unified_diff(None, "a\n", "x.py") == "--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+a\n"
    assert unified_diff("a\n", None, "x.py") == "--- a/x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    assert unified_diff("a\n", "a\n", "x.py") == ""


def test_a_diff_shows_endings_where_they_differ() -> None:
    assert "-a␍\n+a\n" in unified_diff("a\r\n", "a\n", "x")
    assert "␍" not in unified_diff("a\r\nb\r\n", "a\r\nc\r\n", "x")


def test_a_long_diff_says_what_is_left_out() -> None:
    diff = unified_diff("", "line\n" * 1000, "x", cap=200)
    assert len(diff) < 300
    assert "more lines of this diff left out]" in diff
