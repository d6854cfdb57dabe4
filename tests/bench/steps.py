"""Harness time: what a step and a turn cost beside the model's own time, which a bare client measures."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.bench.bare_client import replay
from tests.bench.deltas import serving
from tests.bench.figures import TIMES, Figure, ms, p50, p90
from tests.bench.sessions import Bench, session
from tests.support.reference_work import ALLOW, copy_repository, plan

READS = 20


async def steps(rounds: int = 10) -> list[Figure]:
    """Thirty steps of reads, edits, searches and commands, every one journaled and synced."""
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        work = plan(copy_repository(Path(folder) / "copy"))
        script = script_of(work.script * (rounds + 1))
        by_tool: dict[str, list[float]] = defaultdict(list)
        bare: list[float] = []
        processor: list[float] = []
        each_round: list[float] = []
        async with serving(script) as ours, serving(script) as theirs:
            for number in range(rounds + 1):
                async with session(ours, work.root, ALLOW) as bench:
                    harness, alone, spent = await _harness(bench, theirs)
                work.restore()
                if number:  # the first round loads what is loaded once
                    bare += alone
                    each_round.append(p50(harness))
                    processor.append(spent / len(work.script))
                    for reply, seconds in zip(work.replies, harness, strict=True):
                        by_tool[_tool(reply)].append(seconds)
    every = [seconds for times in by_tool.values() for seconds in times]
    detail = ", ".join(f"{tool} {ms(p50(times)):g}" for tool, times in sorted(by_tool.items()))
    behind = (
        f"quietest round {ms(min(each_round)):g}; by tool: {detail}; processor {ms(p50(processor)):g}; "
        f"a bare model call beside it {ms(p50(bare)):g}"
    )
    return [
        Figure("harness time per step, p50", ms(p50(every)), "ms", 10, 8, behind),
        Figure("harness time per step, p90", ms(p90(every)), "ms"),
    ]


async def turns(rounds: int = 4, early: int = 10, late: int = 100, around: int = 5) -> list[Figure]:
    """Turns of a read and an answer: of one session at its beginning and of a long one, in turns."""
    wall: dict[int, list[float]] = {early: [], late: []}
    processor: dict[int, list[float]] = {early: [], late: []}
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        (Path(folder) / "notes.txt").write_text("One line of text among others.\n" * 100)
        async with serving(_TURNS) as ours, serving(_TURNS) as theirs:
            for _ in range(rounds):
                async with session(ours, Path(folder)) as young, session(ours, Path(folder)) as old:
                    benches = {early: young, late: old}
                    for place, bench in benches.items():
                        for _ in range(place - around):
                            replay(theirs, (await bench.turn()).bodies)
                    for _ in range(2 * around):
                        for place, bench in benches.items():
                            turn = await bench.turn()
                            wall[place].append(turn.wall - sum(replay(theirs, turn.bodies)))
                            processor[place].append(turn.processor)
    return [
        Figure(
            f"{kind} per turn, at {late} turns beside {early}",
            round(p50([after / before for before, after in zip(*taken.values(), strict=True)]), 2),
            TIMES,
            1.2,
            None,
            f"{ms(p50(taken[early])):g} → {ms(p50(taken[late])):g} ms a turn of two steps",
        )
        for kind, taken in (("harness time", wall), ("processor time", processor))
    ]


async def reads(rounds: int = 8) -> list[Figure]:
    """Twenty reads asked for in one message, beside twenty in a row."""
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as folder:
        root = copy_repository(Path(folder) / "copy")
        names = [
            it.relative_to(root).as_posix() for it in sorted((root / "server/postil").rglob("*.py"))[-READS:]
        ]
        calls = [{"tool": "read", "input": {"path": name}} for name in names]
        together, in_a_row = [{"blocks": calls}, "Done."], [*calls, "Done."]
        script = script_of([*together, *in_a_row] * (rounds + 1))
        at_once: list[float] = []
        one_by_one: list[float] = []
        async with serving(script) as ours, serving(script) as theirs:
            for number in range(rounds + 1):
                for taken in (at_once, one_by_one):
                    async with session(ours, root) as bench:
                        seconds = sum((await _harness(bench, theirs))[0])
                    if number:
                        taken.append(seconds)
    behind = f"p90 {ms(p90(at_once)):g}; {READS} in a row {ms(p50(one_by_one)):g}"
    beside = round(p50(at_once) / p50(one_by_one), 2)
    return [
        Figure(f"{READS} reads in one message", ms(p50(at_once)), "ms", 40, None, behind),
        Figure(f"{READS} reads in one message, beside {READS} in a row", beside, TIMES, 1, 0.5),
    ]


async def _harness(bench: Bench, theirs: str) -> tuple[list[float], list[float], float]:
    """Run a turn; return each step's time without the model's, the model's, and the turn's processor time."""
    turn = await bench.turn()
    alone = replay(theirs, turn.bodies)[1:]
    return [whole - model for whole, model in zip(turn.steps, alone, strict=True)], alone, turn.processor


def _tool(reply: dict[str, Any]) -> str:
    return reply["blocks"][-1]["tool"]


def script_of(replies: list[Any]) -> str:
    """Return a script for `serving` that plays these replies in order."""
    return json.dumps({"replies": replies}) + "\n"


_TURNS = script_of(
    [
        {"when": {"after": "prompt"}, "tool": "read", "input": {"path": "notes.txt"}, "times": "any"},
        {"text": "Well. " * 20, "times": "any"},
    ]
)
