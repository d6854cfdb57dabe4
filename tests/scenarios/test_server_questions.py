"""A session asks about servers that the workspace names: once for each definition, without holding up its turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from postil.agent.parts import Parts
from postil.core.effects import Fact
from postil.core.errors import ProtocolError
from postil.core.events import QuestionAnswered, QuestionAsked, TurnEnded
from postil.core.messages import Usage
from postil.core.ports import Begun
from postil.core.ports.servers import AskedServer
from postil.core.submissions import Answer, Prompt
from tests.support.agent_world import World
from tests.support.fake_model import says

BOX = AskedServer("f1", "box: serve --all", (Fact(name="from", text="settings.toml"),))
OTHER = AskedServer("f2", "box: serve --more", ())


class Named:
    """Servers of a workspace, and what was said of them."""

    def __init__(self, *asked: AskedServer) -> None:
        self.asked = list(asked)
        self.said: list[tuple[str, bool]] = []
        self.woken = 0
        self.fails: OSError | None = None

    def wake(self) -> None:
        self.woken += 1

    async def undecided(self) -> Sequence[AskedServer]:
        return tuple(self.asked)

    async def decide(self, fingerprint: str, face: str, *, start: bool) -> None:
        if self.fails is not None:
            raise self.fails
        assert face == "test"
        self.said.append((fingerprint, start))
        self.asked = [it for it in self.asked if it.fingerprint != fingerprint]


class Here(World):
    """A world whose workspace names servers."""

    named: Named

    def parts(self) -> Parts:
        return replace(super().parts(), servers=self.named)


def here(named: Named, *, interactive: bool = True) -> Here:
    world = Here([says(Begun(Usage()), it) for it in ("One.", "Two.", "Three.")], interactive=interactive)
    world.named = named
    return world


async def test_the_turn_goes_on_while_the_question_stands_and_the_answer_is_kept() -> None:
    world = here(Named(BOX))
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    (asked,) = world.events(QuestionAsked)
    assert (asked.turn_id, asked.question.kind) == (None, "server")
    assert (asked.question.title, asked.question.subject) == (
        "Start this server of tools?",
        "box: serve --all",
    )
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]
    assert world.named.woken == 1, "once the reply has begun"
    await session.prompt(Prompt("Again."))
    await session.idle()
    assert len(world.events(QuestionAsked)) == 1
    await session.answer(Answer(asked.question.id, option_id="start", face="test"))
    assert world.named.said == [("f1", True)]
    assert [it.option_id for it in world.events(QuestionAnswered)] == ["start"]
    assert not session.state.workflow.questions


async def test_a_definition_that_changed_is_asked_about_anew_and_the_old_question_taken_back() -> None:
    world = here(Named(BOX))
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    world.named.asked = [OTHER]
    await session.prompt(Prompt("Again."))
    await session.idle()
    assert [it.question.subject for it in world.events(QuestionAsked)] == [
        "box: serve --all",
        "box: serve --more",
    ]
    assert [it.by for it in world.events(QuestionAnswered)] == ["withdrawn"]
    (open_,) = session.state.workflow.questions.values()
    await session.answer(Answer(open_.question.id, option_id="leave", face="test"))
    assert world.named.said == [("f2", False)]


async def test_an_answer_that_cannot_be_kept_leaves_the_question_open() -> None:
    world = here(Named(BOX))
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    (open_,) = session.state.workflow.questions.values()
    world.named.fails = OSError(28, "No space left on device")
    with pytest.raises(ProtocolError, match="could not be kept: No space left on device"):
        await session.answer(Answer(open_.question.id, option_id="start", face="test"))
    assert session.state.workflow.questions
    world.named.fails = None
    await session.answer(Answer(open_.question.id, option_id="start", face="test"))
    assert not session.state.workflow.questions


async def test_where_nobody_is_there_nothing_is_asked() -> None:
    world = here(Named(BOX), interactive=False)
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    assert world.events(QuestionAsked) == []
