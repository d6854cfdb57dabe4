"""What a text defines: by parsers for the languages that have one, else by words; every text has an outline."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.workspace.texts import outline as outlines
from postil.workspace.texts.outline import Definition, outline

TEXTS: dict[str, tuple[str, list[tuple[str, str, int, int, tuple[str, ...]]]]] = {
    "a.py": (
        "x = 1\n@wraps\nclass Größe:\n    '''def no(): pass'''\n    async def feed(self):\n        def inner(): ...\n        return 1\n",
        [("Größe", "class", 3, 7, ()), ("feed", "function", 5, 7, ("Größe",)), ("inner", "function", 6, 6, ("Größe", "feed"))],
    ),
    "a.js": (
        "// function no() {}\nexport class A {\n  run() { const local = 1 }\n}\nconst f = () => {\n  return 1\n}\nfunction* g() {}\n",
        [("A", "class", 2, 4, ()), ("run", "method", 3, 3, ("A",)), ("f", "variable", 5, 7, ()), ("g", "function", 8, 8, ())],
    ),
    "a.ts": (
        "export interface Shape { area(): number }\ntype Id = string\nenum Color { Red }\nabstract class B { x(): void {} }\n",
        [("Shape", "interface", 1, 1, ()), ("Id", "type", 2, 2, ()), ("Color", "enum", 3, 3, ()), ("B", "class", 4, 4, ()),
         ("x", "method", 4, 4, ("B",))],
    ),
    "a.tsx": ("const App = () => <div>hi</div>\n", [("App", "variable", 1, 1, ())]),
    "a.go": (
        "package p\ntype T struct{}\nfunc (t *T) Run() {\n}\nfunc main() {}\n",
        [("T", "type", 2, 2, ()), ("Run", "method", 3, 4, ()), ("main", "function", 5, 5, ())],
    ),
    "a.rs": (
        "pub struct P;\nimpl P {\n    pub fn new() -> P { P }\n}\nmod inner { const N: u8 = 1; }\nmacro_rules! m { () => {} }\n",
        [("P", "struct", 1, 1, ()), ("P", "impl", 2, 4, ()), ("new", "function", 3, 3, ("P",)), ("inner", "module", 5, 5, ()),
         ("N", "constant", 5, 5, ("inner",)), ("m", "macro", 6, 6, ())],
    ),
    "A.java": (
        "class A {\n  A() {}\n  int f() { return 1; }\n  enum E { X }\n}\n",
        [("A", "class", 1, 5, ()), ("A", "constructor", 2, 2, ("A",)), ("f", "method", 3, 3, ("A",)), ("E", "enum", 4, 4, ("A",))],
    ),
    "a.rb": (
        "class Parser\n  def feed(x)\n    x\n  end\nend\nreturn foo(1\n",
        [("Parser", "", 1, 5, ()), ("feed", "", 2, 4, ("Parser",))],
    ),
    "notes.txt": ("A plain text.\n\nWith lines.\n", []),
    "empty.py": ("", []),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_text_defines(name: str) -> None:
    text, expected = TEXTS[name]
    found = outline(PurePath(name), text)
    assert [(it.name, it.kind, it.first, it.last, it.within) for it in found.definitions] == expected
    assert found.parsed is not name.endswith((".rb", ".txt"))
    assert found.complete


def test_code_that_is_broken_or_being_typed_has_what_can_be_seen_of_it() -> None:
    found = outline(PurePath("a.py"), "def one():\n    return (\n\ndef two():\n    pass\n")
    assert "one" in [it.name for it in found.definitions]


def test_a_large_text_is_not_parsed_and_many_definitions_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "LARGEST", 50)
    monkeypatch.setattr(outlines, "MOST", 3)
    found = outline(PurePath("a.py"), "".join(f"def f{n}(): pass\n" for n in range(10)))
    assert (found.parsed, found.complete) == (False, False)
    assert found.definitions[0] == Definition("f0", "", 1, 1)
    assert len(found.definitions) == 3


@given(st.text(max_size=300), st.sampled_from(sorted(TEXTS)))
def test_any_text_has_an_outline(text: str, name: str) -> None:
    count = text.count("\n") + 1
    for it in outline(PurePath(name), text).definitions:
        assert 1 <= it.first <= it.last <= count
