"""A decision that takes too long ends as a question that says so, and never as a turn that hangs or a call that runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest

from postil.agent.calls import permit
from postil.core.events import CallFinished, PermissionAsked, PermissionDecided, TurnEnded
from postil.core.submissions import Answer, Prompt
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call, says


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Make deciding wait for a disk that does not answer before the test has ended."""
    answers = threading.Event()

    def explain(*_: object) -> NoReturn:
        # The loop waits for its threads when it is closed, which is before this fixture is taken down.
        answers.wait(2)
        raise OSError("the disk is gone")

    monkeypatch.setattr(permit, "explain", explain)
    monkeypatch.setattr(permit, "LONGEST", 0.05)
    yield answers
    answers.set()


@pytest.mark.usefixtures("stuck")
async def test_what_is_not_decided_in_time_is_asked() -> None:
    world = World([says(*[call("shell", "s1", command="ls")]), says("Done.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(PermissionAsked)
    facts = {it.name: it.text for it in asked.question.facts}
    assert facts["why"].startswith("deciding took longer than 0.05 seconds")
    assert [it.id for it in asked.question.options] == ["allow_once", "reject_once", "reject_with_reason"]
    await session.answer(Answer(asked.question.id, "reject_once"))
    await session.idle()
    assert len(world.events(TurnEnded)) == 1
    assert [it.outcome for it in world.events(CallFinished)] == ["denied"]


@pytest.mark.usefixtures("stuck")
async def test_where_nobody_can_be_asked_it_is_denied() -> None:
    world = World([says(*[call("shell", "s1", command="ls")]), says("Done.")], interactive=False)
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    (decided,) = world.events(PermissionDecided)
    assert (decided.decision, decided.by) == ("deny", "nobody")
    assert "deciding took longer" in decided.why
