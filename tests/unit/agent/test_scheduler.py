"""Readers together, sub-agents together, a writer alone, doubt means writer."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.agent.calls.scheduler import AT_ONCE, groups, run
from postil.agent.parts import Parts
from postil.config.options import Options
from postil.core.errors import WriteFailed
from postil.core.messages import ToolCall
from postil.core.state import CallState


def calls(names: str) -> list[CallState]:
    """Return a call of each letter's tool; small letters are readers, and digits a tool whose calls run beside each other alone."""
    return [
        CallState(call=ToolCall(id=f"{number}", name=name, input={}), turn_id="t", step=1)
        for number, name in enumerate(names)
    ]


def beside(name: str) -> str:
    return "readers" if name.islower() else name if name.isdigit() else ""


def cut(names: str) -> list[str]:
    return ["".join(it.call.name for it in group) for group in groups(calls(names), beside)]


@pytest.mark.parametrize(
    ("names", "want"),
    [
        ("", []),
        ("r", ["r"]),
        ("rrr", ["rrr"]),
        ("W", ["W"]),
        ("WW", ["W", "W"]),
        ("rrWrr", ["rr", "W", "rr"]),
        ("WrrW", ["W", "rr", "W"]),
        ("rWWr", ["r", "W", "W", "r"]),
        ("r?r", ["r", "?", "r"]),
        ("1111", ["1111"]),
        ("r11r", ["r", "11", "r"]),
        ("1W12", ["1", "W", "1", "2"]),
    ],
)
def test_groups(names: str, want: list[str]) -> None:
    assert cut(names) == want


@given(st.text(alphabet="abAB", max_size=12))
def test_nothing_is_lost_and_no_writer_has_company(names: str) -> None:
    found = cut(names)
    assert "".join(found) == names
    assert all(len(it) == 1 or it.islower() for it in found)
    assert not any(a.islower() and b.islower() for a, b in itertools.pairwise(found))


class Watched:
    """An `invoke` that tells how many run at once."""

    def __init__(self, error: BaseException | None = None, failing: str = "") -> None:
        self.log: list[str] = []
        self.most = 0
        self.cancelled: list[str] = []
        self._now = 0
        self._error = error
        self._failing = failing

    async def invoke(self, call: CallState) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if self._error is not None and call.call.id == self._failing:
                raise self._error
            self.log.append(call.call.name)
        except asyncio.CancelledError:
            self.cancelled.append(call.call.id)
            raise
        finally:
            self._now -= 1


@pytest.mark.parametrize("most", [1, 3, AT_ONCE])
async def test_readers_run_together_but_not_too_many(most: int) -> None:
    watched = Watched()
    await run(calls("r" * 20), beside, watched.invoke, most)
    assert (watched.most, len(watched.log)) == (most, 20)


def test_a_session_runs_as_many_together_as_are_run_where_nobody_says_otherwise() -> None:
    (of_session,) = (it.default for it in fields(Parts) if it.name == "reads_at_once")
    assert of_session == Options().reads_at_once == AT_ONCE


async def test_groups_run_one_after_another() -> None:
    watched = Watched()
    await run(calls("abWcd"), beside, watched.invoke)
    assert watched.log == ["a", "b", "W", "c", "d"]
    assert watched.most == 2


async def test_what_stops_the_turn_cancels_the_rest_and_is_itself_raised() -> None:
    watched = Watched(WriteFailed("Full."), "0")
    with pytest.raises(WriteFailed, match="Full"):
        await run(calls("abcW"), beside, watched.invoke, 2)
    assert "W" not in watched.log
    assert "c" not in watched.log


async def test_a_cancel_reaches_every_reader() -> None:
    watched = Watched()
    task = asyncio.ensure_future(run(calls("abc"), beside, watched.invoke))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert sorted(watched.cancelled) == ["0", "1", "2"]
