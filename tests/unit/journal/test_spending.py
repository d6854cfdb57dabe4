"""The day's spending: shared by processes, safe from a kill at any moment, and made again from the journals."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from postil.core.errors import WriteFailed
from postil.core.events import PromptReceived, Routed, SessionCreated
from postil.core.spending import Allowance, ModelCalled, Projection, Spent
from postil.journal.layout import Layout
from postil.journal.spending import FOLDER, DayLedger, day_of, key_of
from postil.journal.store import SessionStore
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden_parts import replied

DAY = "2026-11-22"
MOST = Allowance(tokens=1_000, cost=1.0)
WORST = Spent(tokens=300, nano=400_000_000)


def ledger(state: Path) -> DayLedger:
    state.mkdir(exist_ok=True)
    return DayLedger(Layout(RealDisk(), state), lambda: 0.0)


async def test_what_does_not_fit_is_not_set_aside(tmp_path: Path) -> None:
    one, other = ledger(tmp_path), ledger(tmp_path)
    assert await one.reserve(DAY, "a/1", WORST, MOST, priced=True)
    assert await other.reserve(DAY, "b/1", WORST, MOST, priced=True)
    assert not await one.reserve(DAY, "a/2", WORST, MOST, priced=True), "0.8 of 1.0 dollars are set aside"
    assert await one.reserve(DAY, "a/2", WORST, MOST, priced=False), "without a price only tokens count"
    await one.settle(DAY, "a/2", Spent())
    await other.settle(DAY, "b/1", Spent(tokens=10, nano=5))
    assert await one.reserve(DAY, "a/2", WORST, MOST, priced=True)
    balance = await other.balance(DAY, MOST)
    assert balance.spent == Spent(tokens=610, nano=800_000_005)


async def test_setting_aside_again_takes_the_place_of_the_first_time(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    for _ in range(5):
        assert await one.reserve(DAY, "a/1", WORST, MOST, priced=True)
    assert (await one.balance(DAY, MOST)).spent == WORST


async def test_a_raised_day_holds_for_every_session(tmp_path: Path) -> None:
    one, other = ledger(tmp_path), ledger(tmp_path)
    await one.raise_to(DAY, Allowance(cost=4.0))
    await one.raise_to(DAY, Allowance(cost=3.0))
    assert (await other.balance(DAY, MOST)).most == Allowance(tokens=1_000, cost=4.0)
    assert (await other.balance(DAY, Allowance(tokens=5))).most == Allowance(tokens=5)
    assert (await other.balance("2026-11-23", MOST)).most == MOST


@pytest.mark.parametrize("cut", [1, 10, 30])
async def test_a_line_that_a_killed_process_left_half_written_says_nothing(tmp_path: Path, cut: int) -> None:
    one = ledger(tmp_path)
    await one.reserve(DAY, "a/1", WORST, MOST, priced=True)
    await one.settle(DAY, "a/1", Spent(tokens=1, nano=1))
    path = tmp_path / FOLDER / f"{DAY}.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    assert (await one.balance(DAY, MOST)).spent == (Spent(tokens=1, nano=1) if cut == 1 else WORST)
    await one.reserve(DAY, "a/2", Spent(tokens=1, nano=1), MOST, priced=True)
    assert [json.loads(it)["key"] for it in path.read_text().splitlines() if it.endswith("}")][-1] == "a/2"
    assert (await ledger(tmp_path).balance(DAY, MOST)).spent.tokens == (2 if cut == 1 else 301)


PROCESS = """
import asyncio, sys
from pathlib import Path
from postil.core.spending import Allowance, Spent
from postil.journal.layout import Layout
from postil.journal.spending import DayLedger
from postil.workspace.files.real_disk import RealDisk

async def main():
    ledger = DayLedger(Layout(RealDisk(), Path(sys.argv[1])), lambda: 0.0)
    got = 0
    for number in range(40):
        key = f"{sys.argv[2]}/{number}"
        got += None is not await ledger.reserve("2026-11-22", key, Spent(tokens=30), Allowance(tokens=1000), priced=False)
    print(got)

asyncio.run(main())
"""


async def test_a_file_that_took_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    """As when a folder is brought back from a copy: no line of it was seen before, however long it is."""
    one = ledger(tmp_path)
    assert await one.reserve(DAY, "a/1", WORST, MOST, priced=True)
    assert (await one.balance(DAY, MOST)).spent == WORST
    lines = [{"key": f"b/{number}", "tokens": 7, "nano": 0} for number in range(9)]
    path = tmp_path / FOLDER / f"{DAY}.jsonl"
    path.write_text("".join(f"{json.dumps(it)}\n" for it in lines), "utf-8")
    assert (await one.balance(DAY, MOST)).spent == Spent(tokens=63)
    path.write_text(json.dumps(lines[0]) + "\n", "utf-8")
    assert (await one.balance(DAY, MOST)).spent == Spent(tokens=7)


@pytest.mark.parametrize("line", ['{"key":"b/1","tokens":1e400,"nano":0}', "[" * 100_000, "3", "\udcff"])
async def test_a_line_that_is_none_says_nothing(tmp_path: Path, line: str) -> None:
    one = ledger(tmp_path)
    assert await one.reserve(DAY, "a/1", WORST, MOST, priced=True)
    with (tmp_path / FOLDER / f"{DAY}.jsonl").open("ab") as file:
        file.write(line.encode("utf-8", "surrogateescape") + b"\n")
    for it in (one, ledger(tmp_path)):
        assert (await it.balance(DAY, MOST)).spent == WORST


async def test_two_processes_at_once_never_take_more_than_there_is(tmp_path: Path) -> None:
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, str(tmp_path), name, stdout=asyncio.subprocess.PIPE
        )
        for name in ("a", "b")
    ]
    got = [int((await it.communicate())[0]) for it in children]
    assert sum(got) == 1_000 // 30
    assert (await ledger(tmp_path).balance(DAY, MOST)).spent.tokens == 990


async def test_it_comes_back_from_the_journals(tmp_path: Path) -> None:
    day = day_of(SessionStore(tmp_path)._clock())
    store = SessionStore(tmp_path)
    projection = Projection(estimated=1, input=100, most_input=200, output=50, cost=0.5)
    for session_id in ("s1", "s2"):
        journal = await store.create(tmp_path, session_id)
        await journal.append(
            SessionCreated(session_id=session_id, roots=(str(tmp_path),), face="t", postil="0"), sync=False
        )
        await journal.append(PromptReceived(turn_id="t", text="Go.", face="t"), sync=False)
        await journal.append(Routed(turn_id="t", agent_type="b", model="m", pool=(), why=""), sync=False)
        for number in (1, 2):
            called = ModelCalled(
                turn_id="t", step=number, number=number, day=day, model="m", projection=projection
            )
            await journal.append(called, sync=False)
            if number == 1:
                await journal.append(replied("t", 1), sync=False)
        await journal.close()
    used = Spent(tokens=100 + 2_000 + 50 + 41, nano=12_500_000)
    assert (await ledger(tmp_path).balance(day, MOST)).spent == used + used + Spent(
        tokens=500, nano=1_000_000_000
    )
    lines = [json.loads(it) for it in (tmp_path / FOLDER / f"{day}.jsonl").read_text().splitlines()]
    assert {it["key"] for it in lines} == {key_of(name, number) for name in ("s1", "s2") for number in (1, 2)}


async def test_what_cannot_be_kept_is_an_error_and_no_permission(tmp_path: Path) -> None:
    one = ledger(tmp_path)
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(WriteFailed, match="cannot be kept"):
        await one.reserve(DAY, "a/1", WORST, MOST, priced=True)
