"""`symbols`: outlines, definitions and uses, in files as the person sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core.effects import Access
from postil.core.errors import InvalidInput, NotFound
from postil.core.ports import SymbolPlace, SymbolQuery
from tests.unit.tools.calling import desk

FILES = {
    "src/parser.py": "class Parser:\n    def feed(self, text):\n        return text\n\ndef feed(x):\n    return Parser().feed(x)\n",
    "src/use.py": "from src.parser import feed\n\n# feed it\nprint(feed(1))\n",
    "lib.rb": "class Parser\n  def feed(x)\n    x\n  end\nend\n",
    "a.txt": "feed the birds\n",
}


async def told(**arguments: Any) -> str:
    return (await desk(FILES).call("symbols", **arguments)).content


async def test_the_outline_of_a_file() -> None:
    assert await told(path="src/parser.py") == (
        "1-3: class Parser:\n2-3:     def feed(self, text):\n5-6: def feed(x):"
    )
    by_words = await told(path="lib.rb")
    assert by_words.startswith("1-5: class Parser\n2-4:   def feed(x)\n[Told by words")
    assert (await told(path="a.txt")).startswith("Nothing is defined in a.txt")


async def test_the_definitions_of_a_name_the_shortest_paths_first() -> None:
    assert await told(name="feed") == (
        "lib.rb:2-4: Parser.feed: def feed(x)\n"
        "src/parser.py:2-3: function Parser.feed: def feed(self, text):\n"
        "src/parser.py:5-6: function feed: def feed(x):\n"
        "[Those without a kind are told by words and indentation alone.]"
    )
    assert (
        await told(name="Parser.feed", path="src")
        == "src/parser.py:2-3: function Parser.feed: def feed(self, text):"
    )
    assert (await told(name="missing")).startswith("No definition of missing was found.")


async def test_the_uses_of_a_name_leave_definitions_out() -> None:
    assert await told(name="feed", uses=True, path="src") == (
        "src/parser.py:6: return Parser().feed(x)\n"
        "src/use.py:1: from src.parser import feed\n"
        "src/use.py:3: # feed it\n"
        "src/use.py:4: print(feed(1))"
    )
    assert await told(name="nobody", uses=True) == "No line uses nobody, definitions aside."


async def test_what_is_typed_counts_and_what_is_kept_back_does_not() -> None:
    it = desk(FILES)
    it.workspace.type("src/parser.py", "def other(): pass\n")
    it.workspace.ignored.add(Path("/project/lib.rb"))
    assert (await it.call("symbols", path="src/parser.py")).content == "1-1: def other(): pass"
    assert (await it.call("symbols", name="feed")).content.startswith("No definition of feed was found.")


async def test_many_are_cut_and_secrets_taken_out() -> None:
    secret = "ghp_" + "a1B2" * 9
    it = desk(
        {
            "a.py": f'def f(token="{secret}"): pass\n'
            + "".join(f"def f{n}(): {'x' * 200}\n" for n in range(400))
        }
    )
    outline = (await it.call("symbols", path="a.py")).content
    assert "a1B2a1" not in outline
    assert len(outline) < 30_000
    assert "of 401 definitions" in outline
    for uses in (False, True):
        assert "a1B2a1" not in (await it.call("symbols", name="f", uses=uses)).content


@pytest.mark.parametrize(
    "wrong",
    [{}, {"uses": True}, {"path": "a.txt", "uses": True}, {"name": "a b"}, {"name": "1a"}, {"name": ".*"}],
)
async def test_what_makes_no_sense_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await told(**wrong)


async def test_it_is_judged_as_reading() -> None:
    it = desk(FILES)
    assert (await it.prepare("symbols", name="feed")).access == Access(reads=(Path("/project"),))
    assert (await it.prepare("symbols", path="../other.py")).access.reads == (Path("/other.py"),)
    with pytest.raises(NotFound):
        await told(path="nothing.py")


async def test_what_language_servers_tell_chooses_among_the_lines_that_were_found() -> None:
    it = desk(FILES)
    at = it.workspace.at
    it.workspace.told = [
        SymbolPlace(at("src/use.py"), 4), SymbolPlace(at("src/use.py"), 2), SymbolPlace(Path("/etc/passwd"), 1)
    ]  # fmt: skip
    told = (await it.call("symbols", name="Parser.feed", uses=True, path="src")).content
    assert told == "src/use.py:4: print(feed(1))\n[As the editor's language servers tell.]"
    assert it.workspace.asked == [SymbolQuery("feed", SymbolPlace(at("src/parser.py"), 2), uses=True)]
    told = (await it.call("symbols", name="Parser.feed", path="src")).content
    assert told.split("\n")[1:] == ["src/use.py:4: print(feed(1))"], (
        "as a definition it is told beside those found"
    )


@pytest.mark.parametrize("told", [None, (), (SymbolPlace(Path("/etc/passwd"), 1),)])
async def test_without_a_word_of_them_it_is_as_the_texts_tell(told: tuple[SymbolPlace, ...] | None) -> None:
    it = desk(FILES)
    it.workspace.told = told
    with_them = (await it.call("symbols", name="feed", uses=True, path="src")).content
    it.workspace.told = None
    assert with_them == (await it.call("symbols", name="feed", uses=True, path="src")).content
    assert "language servers" not in with_them


async def test_they_are_not_asked_about_a_name_that_may_be_many_things() -> None:
    it = desk({f"{number}.py": "def feed():\n    pass\n" for number in range(6)})
    await it.call("symbols", name="feed", uses=True)
    assert not it.workspace.asked
