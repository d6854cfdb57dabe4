"""Which paths a word may name to a program that nobody has a table for."""

from __future__ import annotations

import pytest

from postil.permissions.shell.nameable import nameable


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("src/a", {"src/a"}),
        ("--out=src/a", {"src/a"}),
        ("-osrc/a", {"src/a"}),
        ("-xzfsrc/a", {"src/a"}),
        ("OUT=src/a", {"src/a"}),
        ("@src/a", {"src/a"}),
        ("f=@src/a", {"src/a"}),
        ("./src:/mnt", {"./src"}),
        ("file:src/a", {"src/a"}),
        ("file:///src/a", {"/src/a"}),
        ("w src/a", {"src/a"}),
        ('{print > "src/a"}', {"src/a"}),
        ("open('a').read()", {"a"}),
        ('BEGIN{while((getline l < ".env")>0)print}', {".env"}),
        ("type=bind,source=/etc,target=/x", {"/etc"}),
    ],
)
def test_a_word_names_what_stands_in_it(word: str, names: set[str]) -> None:
    assert names <= {it.text for it in nameable(word)}


@pytest.mark.parametrize("word", ["-", "--", "--verbose", "8080", "https://x.org/a/../b", "git+ssh://h/x"])
def test_other_words_name_nothing(word: str) -> None:
    assert nameable(word) == ()


def test_pieces_of_a_text_are_marked() -> None:
    found = {it.text: it.piece for it in nameable("see '/etc/x' and src/a")}
    assert found["/etc/x"]
    assert found["src/a"]
    assert not nameable("/etc/x")[0].piece
