"""Mentions of files: what is one, what it attaches, and what nobody gets by mentioning it."""

from __future__ import annotations

import pytest

from postil.agent.mentions import ROOM, Mention, mentions
from postil.core.events import PromptReceived
from postil.core.question import PromptContext
from postil.core.submissions import Prompt
from postil.permissions.rule import parse
from tests.support.agent_world import World
from tests.support.fake_model import says


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Look at @src/app.py.", [Mention("src/app.py")]),
        ("@a.py:10-40, and @a.py:7", [Mention("a.py", 10, 40), Mention("a.py", 7, 7)]),
        ("(@./a.py) @a.py:9-3", [Mention("./a.py"), Mention("a.py", 9, 9)]),
        ("@a @a", [Mention("a")]),
        ("me@example.org, `@dataclass`, @@x, @ y, @...", []),
    ],
)
def test_what_a_mention_is(text: str, want: list[Mention]) -> None:
    assert list(mentions(text)) == want


FILES = {
    "a.py": "one\ntwo\nthree\nfour\n",
    ".env": "TOKEN=x\n",
    "long.txt": "word word\n" * (ROOM // 5),
    "private/b.py": "hidden\n",
}


async def attached(text: str, world: World | None = None) -> tuple[PromptContext, ...]:
    world = world or World([says("Done.")], files=FILES)
    session = await world.start()
    await session.prompt(Prompt(text))
    await session.idle()
    return world.events(PromptReceived)[0].context


async def test_a_file_and_lines_of_it_are_attached() -> None:
    assert await attached("See @a.py and @a.py:2-3.") == (
        PromptContext(kind="file", path="a.py", text=FILES["a.py"]),
        PromptContext(kind="file", path="a.py", text="two\nthree", first_line=2, last_line=3),
    )


async def test_what_is_typed_is_what_is_attached() -> None:
    world = World([says("Done.")], files=FILES)
    world.workspace.type("a.py", "typed\n")
    assert [it.text for it in await attached("See @a.py.", world)] == ["typed\n"]


async def test_of_a_long_file_the_first_lines_are_attached_and_their_numbers_tell() -> None:
    (found,) = await attached("See @long.txt.")
    assert (found.first_line, found.last_line) == (1, ROOM // 10)
    assert len(found.text) < ROOM


async def test_what_is_not_read_unasked_is_not_attached() -> None:
    world = World([says("Done.")], files=FILES)
    world.standing.fixed.append(parse("Read(private/**)", "deny", "user"))
    text = "@.env @private/b.py @/etc/passwd @../x @nowhere.py @ada @a.py:99"
    assert await attached(text, world) == ()
