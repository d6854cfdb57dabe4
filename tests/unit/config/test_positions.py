"""Where the keys and values of a TOML text stand."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.config.positions import Span, Way, positions, syntax_error

TEXT = """\
mode = "default"
allow = ["Bash(é)", 'Edit(x)', \"\"\"
three\"\"\"] # here
a.b = 1
"ä b" = 2
[x.y]
k = {q = 1, "r s" = [1, 2]}
[[test]]
rule = "ü"
"""


def cut(text: str, span: Span) -> str:
    """Return what a span holds."""
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line][span.column : span.end_column]
    inner = lines[span.line + 1 : span.end_line]
    return "\n".join([lines[span.line][span.column :], *inner, lines[span.end_line][: span.end_column]])


@pytest.mark.parametrize(
    ("way", "want"),
    [
        (("mode",), '"default"'),
        (("allow", 0), '"Bash(é)"'),
        (("allow", 1), "'Edit(x)'"),
        (("allow", 2), '"""\nthree"""'),
        (("a", "b"), "1"),
        (("ä b",), "2"),
        (("x", "y", "k", "q"), "1"),
        (("x", "y", "k", "r s", 1), "2"),
        (("x", "y"), "x.y"),
        (("x", "y", "k", "gone", 3), '{q = 1, "r s" = [1, 2]}'),
        (("nothing",), ""),
    ],
)
def test_values(way: Way, want: str) -> None:
    assert cut(TEXT, positions(TEXT).of(way)) == want


def test_keys_and_tables_of_tables() -> None:
    text = '[[test]]\nrule = "a"\nmatch = [\n  "b",\n  # no\n  "ç",\n]\n[test.more]\nx = 1\n[[test]]\nrule = "d"\n'
    found = positions(text)
    assert cut(text, found.of_key(("test", 0, "match"))) == "match"
    assert cut(text, found.of(("test", 0, "match", 1))) == '"ç"'
    assert found.of(("test", 0, "match", 1)) == Span(5, 2, 5, 5)
    assert cut(text, found.of(("test", 0, "more", "x"))) == "1"
    assert cut(text, found.of(("test", 1, "rule"))) == '"d"'


def test_what_is_no_toml_is_left_out_as_far_as_it_goes() -> None:
    text = 'a = "x"\nb = [\n'
    assert cut(text, positions(text).of(("a",))) == '"x"'


@pytest.mark.parametrize(
    ("text", "words", "span"),
    [
        ("a = \n", "Invalid value", Span(0, 4, 0, 5)),
        ("ok = 1\nb = 'ä", "Expected", Span(1, 5, 1, 6)),
        ("a = 1\na = 2\n", "Cannot overwrite", Span(1, 4, 1, 5)),
        ("a = [1,\n\n", "Invalid value", Span(0, 6, 0, 7)),
    ],
)
def test_where_a_text_is_wrong(text: str, words: str, span: Span) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    message, found = syntax_error(caught.value, text)
    assert words in message
    assert "line" not in message
    assert (found.line, found.end_line - found.line) == (span.line, 0)


@given(st.text(alphabet="ab=[]{}\"'.#\n ä1,", max_size=60))
def test_it_is_total(text: str) -> None:
    found = positions(text)
    for span in found.values.values():
        assert cut(text, span) in text
