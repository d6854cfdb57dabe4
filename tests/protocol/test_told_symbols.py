"""Definitions and references that a client of ours passes on from its language servers, and clients that do it badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.ports import SymbolPlace, SymbolQuery
from postil.lsp.client_requests import ClientTimeoutError
from postil.lsp.told_symbols import MOST, symbols
from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World, initialize_params

FILES = {"a.py": "def feed(x):\n    return x\n", "b.py": "# feed\nfrom a import feed\nprint(feed(1))\n"}
USES: Json = {"tool": "symbols", "input": {"name": "feed", "uses": True}}
ALL = "b.py:1: # feed\nb.py:2: from a import feed\nb.py:3: print(feed(1))"


def location(path: Path, line: int) -> Json:
    place = {"line": line, "character": 6}
    return {"uri": path.as_uri(), "range": {"start": place, "end": place}}


async def told(world: World, answer: object, *, offered: bool = True) -> tuple[Editor, list[Json], str]:
    """Let the agent look for uses in an editor that answers so; returns what it was asked, and the result of the call."""
    for name, text in FILES.items():
        world.file(name, text)
    await world.play(USES, "Done.")
    capabilities = initialize_params("vscode", world.root, ours=False)["capabilities"]
    ours: Json = {"postil": {"protocol": 1, "symbols": offered}}
    editor = await world.editor(capabilities=capabilities | {"experimental": ours})
    asked: list[Json] = []

    def say(params: Json) -> object:
        asked.append(params)
        return answer

    editor.serve("postil/client/symbols", say)
    await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.event("TurnEnded")
    (finished,) = editor.events("CallFinished")
    assert finished["outcome"] == "completed"
    return editor, asked, finished["content"]


async def test_what_the_clients_language_servers_know_is_what_is_told(world: World) -> None:
    places = [location(world.root / "b.py", 2), location(Path("/etc/passwd"), 0)]
    _, asked, content = await told(world, {"places": places})
    assert content == "b.py:3: print(feed(1))\n[As the editor's language servers tell.]"
    assert asked == [{"uri": (world.root / "a.py").as_uri(), "line": 0, "name": "feed", "want": "references"}]


@pytest.mark.parametrize(
    "answer", [None, {"places": []}, {"places": 5}, "nonsense", {"places": [{"uri": "x"}]}]
)
async def test_without_a_usable_answer_the_texts_tell(answer: object, world: World) -> None:
    _, asked, content = await told(world, answer)
    assert (len(asked), content) == (1, ALL)


async def test_a_client_that_does_not_offer_it_is_not_asked(world: World) -> None:
    _, asked, content = await told(world, {"places": []}, offered=False)
    assert (asked, content) == ([], ALL)


class Answers:
    """A client that answers with so many places, or never."""

    def __init__(self, count: int | None) -> None:
        self._count = count

    async def request(self, method: str, params: object = None, timeout: float = 30.0) -> object:
        if self._count is None:
            raise ClientTimeoutError(method)
        return {"places": [location(Path("/p/a.py"), it) for it in range(self._count)]}


async def test_too_many_places_and_an_answer_that_never_comes_count_for_none() -> None:
    query = SymbolQuery("feed", SymbolPlace(Path("/p/a.py"), 1), uses=True)
    uri = path_to_uri(query.at.path)
    found = await symbols(Answers(MOST), uri, query)
    assert found is not None
    assert (len(found), found[-1]) == (MOST, SymbolPlace(Path("/p/a.py"), MOST))
    assert await symbols(Answers(MOST + 1), uri, query) is None
    assert await symbols(Answers(None), uri, query) is None
