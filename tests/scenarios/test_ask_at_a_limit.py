"""`postil ask` at a limit: it halts before the call, says how to go on, and goes on from there with nothing done twice."""

from __future__ import annotations

import json
from pathlib import Path

from postil.core.events import ModelCalled, TurnEnded
from postil.journal.spending import FOLDER
from tests.support.asking import Desk, desk, run

WRITE = {"tool": "write", "input": {"path": "made.txt", "content": "made\n"}}


def limit(place: Desk, text: str) -> None:
    folder = place.state / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(f"[limits]\n{text}\n", "utf-8")


async def test_it_halts_and_goes_on_where_the_limit_is_raised(tmp_path: Path) -> None:
    async with desk(tmp_path, [WRITE, "Done."], trusts=True) as place:
        limit(place, "session = 0.01")
        first = await place.ask("--mode", "accept-edits", "Write it.")
        assert first.status == 4
        assert place.server.received == 0
        (asked,) = first.events("QuestionAsked")
        question = asked["question"]
        title = "Halted before the next call, at $0.00 of this session's $0.0100"
        assert (question["kind"], question["title"]) == ("halt", title)
        assert "of this session's $0.0100 is left" in question["subject"]
        assert not first.events("TurnEnded")
        runs = 0
        status = 4
        while status == 4 and runs < 4:
            runs += 1
            status = (await place.ask("--resume", "latest", "--raise")).status
        assert status == 0
        assert (place.workspace / "made.txt").read_text() == "made\n"
        assert place.server.received == 2
        record = await place.record(first.lines[0]["sessionId"])
        calls = [it.event for it in record.events if isinstance(it.event, ModelCalled)]
        assert [it.number for it in calls] == [1, 2]
        assert [it.event.reason for it in record.events if isinstance(it.event, TurnEnded)] == ["end_turn"]
        lines = [
            json.loads(it) for it in next((place.state / FOLDER).glob("*.jsonl")).read_text().splitlines()
        ]
        assert {it["key"].rpartition("/")[2] for it in lines} == {"1", "2"}


async def test_a_person_reads_how_to_go_on_and_what_was_used(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Done."]) as place:
        limit(place, "day = 0.01\nsession_tokens = 900_000")
        said = await run("ask", "Hello.", cwd=place.workspace, env=place.environment)
        assert said.status == 4
        assert "? Halted before the next call, at $0.00 of today's $0.0100\n" in said.out
        assert "of today's $0.0100 is left. Nothing is lost; the turn goes on from here." in said.out
        assert "1 Raise the limit and continue  (today's to $" in said.out
        assert "2 End turn" in said.out
        hint = said.out.strip().splitlines()[-1]
        assert hint.startswith("Go on with: postil ask --resume ")
        assert hint.endswith(" --raise")
        shown = await run(*hint.split()[4:], cwd=place.workspace, env=place.environment)
        assert (shown.status, shown.err) == (0, "")
        last = shown.out.strip().splitlines()[-1]
        assert " of this session's 900k tokens · " in last
        assert " of today's $" in last
        listed = await run("sessions", "show", "latest", cwd=place.workspace, env=place.environment)
        assert last in listed.out
        audited = await run("audit", "show", "latest", cwd=place.workspace, env=place.environment)
        assert "Calls   claude-sonnet-5-5: 1 call, " in audited.out


async def test_raising_what_did_not_halt_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Done."]) as place:
        assert (await place.ask("Hello.")).status == 0
        refused = await place.ask("--resume", "latest", "--raise")
        assert refused.status == 2
        assert "--raise goes on with a session that halted at a limit" in refused.err


async def test_more_is_left_the_next_day_or_with_other_settings(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Done."]) as place:
        limit(place, "turn = 0.01")
        assert (await place.ask("Hello.")).status == 4
        still = await place.ask("--resume", "latest")
        assert (still.status, still.err, place.server.received) == (4, "", 0)
        assert not still.events("QuestionAsked"), "it is asked already"
        limit(place, 'turn = "none"')
        again = await place.ask("--resume", "latest")
        assert again.status == 0
        (taken_back,) = again.events("QuestionAnswered")
        assert taken_back["by"] == "withdrawn"
