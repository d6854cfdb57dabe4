"""What is being written in a file of settings, wherever the cursor stands, and how a rule is taken out of a list."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.config.positions import Span, positions
from postil.lsp.settings_text import Here, here, offers, said_at, without

PLACES = {
    "": Here("", "", "", in_string=False),
    "mo": Here("", "", "mo", in_string=False),
    'mode = "': Here("", "mode", "", in_string=True),
    'mode = "pl': Here("", "mode", "pl", in_string=True),
    'mode = "plan"': Here("", "mode", "", in_string=False),
    'mode = "plan"\n': Here("", "", "", in_string=False),
    "mode = pl": Here("", "mode", "pl", in_string=False),
    'allow = ["Bash(make)", "B': Here("", "allow", "B", in_string=True),
    'allow = [\n  "Bash(make)",\n  ': Here("", "allow", "", in_string=False),
    'allow = [\n  "a[",  # ["\n  "': Here("", "allow", "", in_string=True),
    'allow = ["a"]\nde': Here("", "", "de", in_string=False),
    "allow = ['": Here("", "allow", "", in_string=True),
    '[[test]]\nrule = "': Here("test", "rule", "", in_string=True),
    "[[test]]\nma": Here("test", "", "ma", in_string=False),
    "[other]\nx": Here("other", "", "x", in_string=False),
    "# mode": Here("", "#", "", in_string=False),
    'mode = "plan" # ': Here("", "#", "", in_string=False),
}


@pytest.mark.parametrize(("before", "want"), PLACES.items())
def test_what_is_being_written(before: str, want: Here) -> None:
    assert here(before) == want


@given(st.text(alphabet="ab\"'[]=#\n\\ ,x", max_size=60))
def test_whatever_is_written_something_is_said(before: str) -> None:
    place = here(before)
    assert before.endswith(place.typed)
    assert all(it.label for it in offers(place, "user", {}, ["Bash(make)"]))


def cut(text: str, span: Span) -> str:
    lines = text.split("\n")
    before = "\n".join([*lines[: span.line], lines[span.line][: span.column]])
    after = "\n".join([lines[span.end_line][span.end_column :], *lines[span.end_line + 1 :]])
    return before + after


def test_whichever_rule_is_taken_out_a_list_of_the_others_is_left() -> None:
    layouts = (
        'allow = ["a", "b", "c"]',
        'allow = ["a","b" , "c",]',
        'allow = [\n  "a",\n  "b",  # about b\n  "c"\n]',
        'allow = [\n  "a", "b",\n  "c",\n]',
        'allow = ["a",\n  "b",\n  "c"]',
        'allow = [\n  "a",\n  # about b\n  "b",\n  "c", ]',
    )
    for text in layouts:
        for rule in "abc":
            number, line = next((at, it) for at, it in enumerate(text.split("\n")) if f'"{rule}"' in it)
            column = line.index(f'"{rule}"')
            left = cut(text, without(text, Span(number, column, number, column + 3)))
            assert tomllib.loads(left) == {"allow": [it for it in "abc" if it != rule]}, (text, rule, left)


def test_the_table_of_limits_is_known() -> None:
    at_top = {it.label for it in offers(here(""), "user", {}, [])}
    assert "[limits]" in at_top
    assert "limits" not in at_top
    assert "[limits]" not in {it.label for it in offers(here(""), "workspace", {}, [])}
    inside = {it.label: it for it in offers(here("[limits]\n"), "user", {"limits": {"day": 3}}, [])}
    assert {"turn", "session", "day_tokens"} <= set(inside)
    assert "day" not in inside
    assert inside["session"].text == "session = "
    assert [it.text for it in offers(here("[limits]\nday = "), "user", {}, [])] == ['"none"']
    text = "[limits]\nday = 3\n"
    said = said_at(1, 1, positions(text), {"limits": {"day": 3}}, "user")
    assert said[0].startswith("limits.day: US dollars in one day")
    assert said[1].endswith("Default: 10.0.")
