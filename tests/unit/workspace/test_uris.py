"""`file:` URIs as editors write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.workspace.files.uris import path_text, path_to_uri, uri_to_path

names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0/"), min_size=1)


@given(st.lists(names.filter(lambda name: name not in {".", ".."}), min_size=1, max_size=4))
def test_every_path_survives(parts: list[str]) -> None:
    path = Path("/", *parts)
    assert uri_to_path(path_to_uri(path)) == path


@pytest.mark.parametrize(
    ("uri", "windows", "path"),
    [
        ("file:///home/a%20b/c%23d%25.py", False, "/home/a b/c#d%.py"),
        ("file:///home/a b/ü.py", False, "/home/a b/ü.py"),
        ("file:///x/c#.py", False, "/x/c#.py"),
        ("file:///x/%2525", False, "/x/%25"),
        ("FILE://localhost/x", False, "/x"),
        ("file:/x", False, "/x"),
        ("file://server/x", False, None),
        ("file:x", False, None),
        ("file:///x%00y", False, None),
        ("untitled:Untitled-1", False, None),
        ("file:///c%3A/Users/x.py", True, r"C:\Users\x.py"),
        ("file:///C:/Users/x.py", True, r"C:\Users\x.py"),
        ("file://server/share/x", True, r"\\server\share\x"),
        ("file:///x/%ff", False, "/x/\udcff"),
    ],
)
def test_uris_of_every_client(uri: str, windows: bool, path: str | None) -> None:
    assert path_text(uri, windows=windows) == path
