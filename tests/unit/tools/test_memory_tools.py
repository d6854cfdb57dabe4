"""`remember` and `recall`: what they refuse, what they touch, and what they hand back."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from postil.core.effects import Invocation, text_hash
from postil.core.errors import InvalidInput, NotFound, PostilError, ToolError
from postil.core.messages import ToolCall
from postil.core.origin import Source
from postil.core.ports import Recalled, Recollection, Search, ToolPorts
from postil.core.seen import SeenPart, SeenText
from tests.unit.tools.calling import Desk, desk, registry

PRIVATE = Path("/state/memory")
WEB = Source(origin="network", name="example.org")
NOTE = "# Deploying\n\nNever on Fridays.\n"


class FakeMemory:
    """Notes in a folder of their own, and whatever a test says of the rest."""

    private = PRIVATE

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.search_result = Search(())
        self.fails: PostilError | None = None
        self.session: Recalled | None = None

    def note(self, note_id: str) -> Path | None:
        kind, _, topic = note_id.partition("/")
        places = {"note": PRIVATE, "team": Path("/project/.postil/memory")}
        return places[kind] / f"{topic}.md" if kind in places else None

    async def search(self, queries: Sequence[str], most: int) -> Search:
        if self.fails is not None:
            raise self.fails
        self.asked.append((*queries, str(most)))
        return self.search_result

    async def load(self, session_id: str, piece: int) -> Recalled | None:
        return self.session


def remembering(files: dict[str, str] | None = None) -> tuple[Desk, ToolPorts, FakeMemory]:
    place = desk(files or {})
    memory = FakeMemory()
    return place, replace(place.ports, memory=memory), memory


async def prepare(ports: ToolPorts, tool: str, **given: Any) -> Invocation:
    return await registry.prepare(ToolCall(id="call", name=tool, input=given), ports)


@pytest.mark.parametrize(
    ("team", "path"), [(False, PRIVATE / "deploy.md"), (True, Path("/project/.postil/memory/deploy.md"))]
)
async def test_a_note_is_an_edit_of_its_file(team: bool, path: Path) -> None:
    _, ports, _ = remembering()
    found = await prepare(
        ports, "remember", topic="deploy", heading="Deploying", text="Never on Fridays.", team=team
    )
    (edit,) = found.access.edits
    assert (edit.path, edit.before, edit.after) == (path, None, NOTE)
    assert (edit.form is not None and edit.form.mode == 0o600) == (not team)
    assert "+Never on Fridays." in found.preview.diff
    assert found.access.effect_class == "file_edit"


async def test_a_note_is_replaced_only_as_it_was_seen() -> None:
    path = "/project/.postil/memory/deploy.md"
    place, ports, _ = remembering({path: NOTE})
    given = {"topic": "deploy", "heading": "Deploying", "text": "Mondays.", "team": True}
    unseen = await prepare(ports, "remember", **given)
    assert not unseen.access.edits
    with pytest.raises(InvalidInput, match="you had not seen its text"):
        await place.run(unseen)
    seen = replace(ports, seen=lambda _: SeenText(hash=text_hash(NOTE)))
    (edit,) = (await prepare(seen, "remember", **given)).access.edits
    assert (edit.before, edit.after) == (text_hash(NOTE), "# Deploying\n\nMondays.\n")
    same = await prepare(seen, "remember", **{**given, "text": "Never on Fridays."})
    with pytest.raises(InvalidInput, match="exactly this already"):
        await place.run(same)


@pytest.mark.parametrize("field", ["heading", "text"])
async def test_a_secret_is_refused_before_anybody_is_asked(field: str) -> None:
    _, ports, _ = remembering()
    given = {
        "topic": "keys",
        "heading": "Keys",
        "text": "In the vault.",
        field: "It is AKIAIOSFODNN7EXAMPLQ.",
    }
    with pytest.raises(InvalidInput, match=r"holds a secret \(.+\), and secrets are never kept in notes"):
        await prepare(ports, "remember", **given)


@pytest.mark.parametrize("topic", ["", "../x", "a/b", ".x", "A", "a.md", "x" * 61])
async def test_a_topic_is_a_plain_name(topic: str) -> None:
    _, ports, _ = remembering()
    with pytest.raises(InvalidInput, match="topic"):
        await prepare(ports, "remember", topic=topic, heading="X", text="X")


async def test_searching_lists_what_was_found_and_where_it_comes_from() -> None:
    place, ports, memory = remembering()
    memory.search_result = Search(
        [
            Recollection("s1", "Mend it", "…the cause was", 3, (WEB,)),
            Recollection("note/x", "X", "Short.", 1, ()),
        ],
        "More is to come.",
    )
    found = await prepare(ports, "recall", queries=["why", "cause"], most=5)
    assert (found.access.reads, found.access.edits) == ((), ())
    result = await place.run(found)
    assert result.content == (
        "s1 (piece 3): Mend it\n    …the cause was\nnote/x: X\n    Short.\n[More is to come.]"
    )
    assert result.sources == (WEB,)
    assert memory.asked == [("why", "cause", "5")]


async def test_nothing_found_and_nothing_to_search_with() -> None:
    place, ports, memory = remembering()
    assert (await place.run(await prepare(ports, "recall", queries=["why"]))).content == (
        "Nothing in memory matches."
    )
    memory.fails = PostilError("The index cannot be opened.", "Look at it.")
    with pytest.raises(ToolError, match=r"Memory cannot be searched\. The index cannot be opened\."):
        await place.run(await prepare(ports, "recall", queries=["why"]))
    for given in ({}, {"queries": ["a"], "load": "b"}):
        with pytest.raises(InvalidInput, match="either `queries` or `load`"):
            await prepare(ports, "recall", **given)
    with pytest.raises(InvalidInput, match="queries"):
        await prepare(ports, "recall", queries=["a"] * 5)


async def test_a_note_is_loaded_from_its_file_and_counts_as_seen() -> None:
    path = Path("/project/.postil/memory/deploy.md")
    place, ports, _ = remembering({str(path): NOTE})
    found = await prepare(ports, "recall", load="team/deploy")
    assert found.access.reads == (path,)
    result = await place.run(found)
    assert result.content == NOTE
    assert result.effects == (SeenPart(path=str(path), hash=text_hash(NOTE), first=1, last=None),)
    with pytest.raises(NotFound, match="Nothing is remembered as team/other"):
        await place.run(await prepare(ports, "recall", load="team/other"))


async def test_a_session_comes_in_pieces() -> None:
    place, ports, memory = remembering()
    with pytest.raises(NotFound, match="Nothing is remembered as s1"):
        await place.run(await prepare(ports, "recall", load="s1"))
    memory.session = Recalled("Mend it", "one\n\ntwo", 1, 2, 3, (WEB,))
    result = await place.run(await prepare(ports, "recall", load="s1"))
    assert result.content == ("Mend it\n\none\n\ntwo\n[Pieces 1 to 2 of 3; to go on, load it with piece=3.]")
    assert result.sources == (WEB,)
    memory.session = Recalled("Mend it", "", 4, 3, 3, ())
    with pytest.raises(InvalidInput, match="s1 has 3 pieces; 4 is past its end"):
        await place.run(await prepare(ports, "recall", load="s1", piece=4))
