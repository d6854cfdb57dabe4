"""The process ends just before and just after every durable event of a turn with sub-agents, in whichever journal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postil.core import events as ev
from postil.core.state import State
from postil.core.submissions import Prompt
from postil.journal.invariants import Structure
from tests.support.agent_checks import check_ended
from tests.support.agent_reference import Effects, live, next_life, to_the_end
from tests.support.delegated_world import Conversations, DelegatedWorld
from tests.support.fake_model import call, says
from tests.support.memory_shell import ended

Report = Callable[[str, object], None]
COMMAND = "pytest -q"
FILES = {"src/a.py": "x = 1\n"}
PLAYS = {
    "Mend it.": [
        says(
            call("delegate", "d1", agent="build", name="Edit", task="Task one."),
            call("delegate", "d2", agent="build", name="Check", task="Task two."),
        ),
        says("All done."),
    ],
    "Task one.": [
        says(call("read", "r1", path="src/a.py")),
        says("Now.", call("edit", "e1", path="src/a.py", edits=[{"old": "1", "new": "2"}])),
        says("Edited."),
    ],
    "Task two.": [says("I check.", call("shell", "s1", command=COMMAND)), says("Checked.")],
}


def world() -> DelegatedWorld:
    made = DelegatedWorld([], FILES, rules=("Edit(**)", "Bash(pytest:*)"))
    made.use_model(lambda: Conversations(PLAYS))
    made.shell.answers[COMMAND] = ended("1 passed\n")
    return made


async def first_life(place: DelegatedWorld) -> State:
    session = await place.start()
    await session.prompt(Prompt("Mend it.", face="test"))
    return await to_the_end(place, session)


def finish(place: DelegatedWorld) -> State:
    """Let the next process bring the turn to its end."""
    journal = place.reborn()
    state = live(place, lambda: next_life(place, place.open(journal, journal.state())))
    assert state is not None
    return state


def check(place: DelegatedWorld, state: State) -> dict[str, str]:
    """Hold what must be true at the end, whatever happened on the way; return how the calls ended."""
    check_ended(place.journal.records, state)
    for name, journal in place.journals.items():
        structure = Structure(name)
        breaches = [it for record in journal.records for it in structure.take(record.event)]  # pyright: ignore[reportArgumentType] - no event of a later version
        assert not breaches, (name, breaches)
        if name != place.session_id:
            check_ended(journal.records, journal.state())
            assert journal.state().workflow.closed
    outcomes = {it.call_id: it.outcome for it in place.events(ev.CallFinished)}
    assert set(outcomes) == {"d1", "d2"}
    effects = Effects.of(place)
    assert effects.edits.total() <= 1, "no edit is made twice"
    assert effects.shells.total() <= 1, "no command is run twice"
    began = place.events(ev.SubagentStarted)
    assert len({it.call_id for it in began}) == len(began), "none is begun again by itself"
    assert len(place.events(ev.SubagentFinished)) == len(began), "each has one end"
    check_each(place, outcomes, effects)
    check_spending(place, state)
    return outcomes


def check_each(place: DelegatedWorld, outcomes: dict[str, str], effects: Effects) -> None:
    contents = {it.call_id: it.content for it in place.events(ev.CallFinished)}
    if outcomes["d1"] == "completed":
        assert contents["d1"].startswith("Edited.")
        assert effects.edits.total() == 1
    if effects.edits.total() and outcomes["d1"] != "completed":
        assert "Files that it changed: src/a.py" in contents["d1"]
    if outcomes["d2"] == "completed":
        assert contents["d2"] == "Checked."
        assert effects.shells.total() == 1
    if effects.shells.total() and outcomes["d2"] != "completed":
        assert f"Commands that it began: {COMMAND}" in contents["d2"]
    for it in place.events(ev.SubagentFinished):
        journal = place.store.journals.get(it.session_id)
        ends = (
            [r.event.reason for r in journal.records if isinstance(r.event, ev.TurnEnded)] if journal else []
        )
        assert [it.reason] == (ends or ["not_begun"]), "its own journal is the truth"


def check_spending(place: DelegatedWorld, state: State) -> None:
    below = [it.state().workflow.spent for key, it in place.journals.items() if key != place.session_id]
    own = sum(it.usage.total_input + it.usage.output for it in place.events(ev.ModelReplied))
    left = state.workflow.spent.tokens - sum(it.tokens for it in below)
    last = state.workflow.last_call
    assert last is not None
    assert left >= own, "what they spent counts above, once"
    unseen = len(place.events(ev.ModelCalled)) - len(place.events(ev.ModelReplied))
    assert (left == own) == (unseen == 0)


def test_nothing_goes_wrong_where_nothing_does() -> None:
    place = world()
    state = live(place, lambda: first_life(place))
    assert state is not None
    assert check(place, state) == {"d1": "completed", "d2": "completed"}


def points() -> int:
    place = world()
    assert live(place, lambda: first_life(place)) is not None
    return place.appends


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_every_event_of_every_journal(when: str, record_property: Report) -> None:
    outcomes: dict[str, set[str]] = {"d1": set(), "d2": set()}
    every = points()
    for number in range(2, every + 1):
        place = world()
        place.crash = (number, when)
        assert live(place, lambda place=place: first_life(place)) is None, number
        for call_id, outcome in check(place, finish(place)).items():
            outcomes[call_id].add(outcome)
    # Both work at the same time, so which of the rare outcomes comes up is not the same in every run.
    assert {"completed", "failed"} <= outcomes["d1"] <= {"completed", "failed", "not_run"}
    assert {"completed", "failed"} <= outcomes["d2"] <= {"completed", "failed", "not_run", "unknown"}
    assert when == "before" or "unknown" in outcomes["d2"], "its command had begun, and that was on record"
    record_property("crash points", every - 1)
    assert every >= 50


@pytest.mark.parametrize("first", range(10, 50, 7))
def test_a_second_crash_while_they_are_settled(first: int) -> None:
    second = 1
    while True:
        place = world()
        place.crash = (first, "after")
        assert live(place, lambda place=place: first_life(place)) is None
        journal = place.reborn()
        place.crash = (second, "before")
        life = place.open(journal, journal.state())
        done = live(place, lambda place=place, life=life: next_life(place, life))
        if done is not None:
            check(place, done)
            break
        check(place, finish(place))
        second += 1
    assert second >= 3
