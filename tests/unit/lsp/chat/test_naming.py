"""What files of chat documents are called, before and after their session has a title."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.lsp.chat.naming import called_by, file_name, free_path

DAY = "2026-03-04"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Mend parse_header, please.", "mend-parse-header-please"),
        ("Überprüfe die Größe", "uberprufe-die-grosse"),
        ("../../etc/passwd", "etc-passwd"),
        ("word " * 30, "word-" * 7 + "word"),
        ("日本語", "chat"),
        ("", "chat"),
    ],
)
def test_a_name_is_the_day_and_the_words_of_the_title(title: str, name: str) -> None:
    assert file_name(DAY, title) == f"{DAY}-{name}"


def test_a_document_from_before_its_title_is_called_by_it_and_nothing_is_written_over(tmp_path: Path) -> None:
    there = free_path(tmp_path, f"{DAY}-fix-it", "another one")
    first, second = (free_path(tmp_path, f"{DAY}-chat", words) for words in ("one", "two"))
    assert (first.name, second.name) == (f"{DAY}-chat.md", f"{DAY}-chat-2.md")
    places = [called_by(it, "Fix it") for it in (first, second)]
    assert [it.name for it in places] == [f"{DAY}-fix-it-2.md", f"{DAY}-fix-it-3.md"]
    assert [it.read_text() for it in (there, *places)] == ["another one", "one", "two"]
    assert len([*tmp_path.iterdir()]) == 3


@pytest.mark.parametrize("name", [f"{DAY}-fix-it", "mine", f"{DAY}-chat-about-it"])
def test_a_document_with_a_name_keeps_it(tmp_path: Path, name: str) -> None:
    path = free_path(tmp_path, name, "one")
    assert called_by(path, "Another title") == path
    assert [*tmp_path.iterdir()] == [path]


def test_where_there_is_no_title_or_a_link_the_name_stays(tmp_path: Path) -> None:
    path = free_path(tmp_path, f"{DAY}-chat", "one")
    assert called_by(path, "") == called_by(path, "日本語") == path
    link = tmp_path / f"{DAY}-chat-2.md"
    link.symlink_to(path)
    assert called_by(link, "Fix it") == link
    assert called_by(tmp_path / f"{DAY}-chat-3.md", "Gone") == tmp_path / f"{DAY}-chat-3.md"
    assert {*tmp_path.iterdir()} == {path, link}
