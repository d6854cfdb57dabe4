"""The manual: Postil's own documents, listed, searched and read; and that what is shipped is all that there is for users."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.cli.generate.manual import TARGET, WRITTEN, outputs
from postil.core.effects import Access
from postil.core.errors import NotFound
from postil.core.messages import ToolCall
from postil.tools.registry import Registry
from tests.unit.tools.calling import desk

ROOT = Path(__file__).parents[3]


async def look(**given: object) -> str:
    place = desk()
    invocation = await Registry.collect().prepare(
        ToolCall.model_validate({"id": "1", "name": "manual", "input": given}), place.ports
    )
    assert invocation.access == Access(), "nothing of the person's is touched"
    return (await invocation.run(place.context("manual"))).content


async def test_every_page_is_listed_with_its_title() -> None:
    pages = dict(line.split(": ", 1) for line in (await look()).splitlines())
    assert set(pages) == {Path(name).stem for name in outputs(ROOT)}
    assert pages["agents"] == "Agent types"


async def test_words_are_found_with_page_line_and_heading() -> None:
    found = (await look(words="leave PLAN mode?")).splitlines()
    (hit,) = [it for it in found if it.startswith("agents:")]
    page, _, rest = hit.partition(":")
    number = int(rest.split(" ", 1)[0])
    assert "(Plan, then build)" in hit
    text = (ROOT / TARGET / f"{page}.md").read_text("utf-8").splitlines()
    assert "Leave plan mode?" in text[number - 1]
    assert (
        await look(words="zzz nothing has this") == "No line has all of these words. Try fewer or other ones."
    )
    assert "more lines" in await look(words="a")
    only = (await look(words="session", page="trust")).splitlines()
    assert {it.partition(":")[0] for it in only} == {"trust"}


async def test_a_page_is_read_from_a_line_on() -> None:
    text = (ROOT / TARGET / "agents.md").read_text("utf-8").splitlines()
    assert (await look(page="agents")).splitlines() == text
    assert (await look(page="agents", from_line=5)).splitlines() == text[4:]
    assert await look(page="agents", from_line=9_999) == f"The page has {len(text)} lines."


@pytest.mark.parametrize("page", ["nothing", "../../builtin/read", ""])
async def test_there_is_no_other_page(page: str) -> None:
    with pytest.raises(NotFound, match="There is no page"):
        await look(page=page)


def test_everything_for_users_is_in_it() -> None:
    howto = {f"docs/howto/{it.name}" for it in (ROOT / "docs" / "howto").glob("*.md")}
    assert howto <= set(WRITTEN)
    shipped = {it.name for it in (ROOT / TARGET).glob("*.md")}
    assert shipped == {Path(name).name for name in outputs(ROOT)}
