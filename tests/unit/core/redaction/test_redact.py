"""Whatever the text: it never fails, keeps its lines, is the same when done twice, and passes each part once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from postil.core.redaction.kinds import KINDS
from postil.core.redaction.marks import KEY, OPENS, mark, marks, new_mark
from postil.core.redaction.redact import redact
from postil.core.redaction.stream import Stream
from postil.core.redaction.values import NAMES
from tests.support.secrets import filled, key_lines, secret

LINES = key_lines(4)
FRAGMENTS = (
    *(filled(example) for kind in KINDS for example in (*kind.examples, *kind.spared)),
    *(hint for kind in KINDS for hint in kind.hints),
    *(name.upper() for name in NAMES), *NAMES, *marks(), *LINES, OPENS, "=", ":", ": ", " = ", "=>", '"', "'", "`", "\\n", "\\", "\n", "\n+",
    "\r\n", " ", "\t", "<", ">", "/", "@", "://", "-", "_", ".", "]", "[", "$", "&x=", "a", "Z9", "k7Q2x", "\u0130", "\ud800", "x" * 70,
    "[…]", "[1,000 characters left out here]", "machine ", " login ", " password ", "Authorization: Bearer ", "é", "\u2028",
)  # fmt: skip
texts = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join))


@given(texts)
def test_it_keeps_lines_and_is_the_same_when_done_twice(text: str) -> None:
    once = redact(text)
    assert once.text.count("\n") == text.count("\n")
    assert redact(once.text).text == once.text
    assert bool(once.count) == (once.text != text)


@given(st.lists(texts, max_size=6))
def test_pieces_keep_lines_too(pieces: list[str]) -> None:
    stream = Stream()
    shown = "".join([*map(stream.feed, pieces), stream.rest()])
    assert shown.count("\n") == "".join(pieces).count("\n")


def test_what_stands_beside_a_secret_keeps_its_place() -> None:
    text = f"one\n  url = {secret()}  # two\nthree\n"
    assert redact(text).text == f"one\n  url = {mark('GitHub token')}  # two\nthree\n"


def test_a_text_without_secrets_is_the_very_same() -> None:
    text = "token = next(tokens)\n" * 100
    assert redact(text).text is text


def test_a_mark_is_new_where_there_are_more_of_it_than_before() -> None:
    one, other = mark(KEY), mark("GitHub token")
    assert not new_mark("plain", "")
    assert not new_mark(f"{one} moved", f"was {one}")
    assert new_mark(f"{one} {other}", one) == other
    assert new_mark(f"{one} {one}", one) == one
    assert not new_mark("[redacted: nothing that is known]")
