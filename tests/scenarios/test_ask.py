"""`postil ask` where something is not as it should be: what it says, and with which exit status it ends."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import SessionClosed
from tests.support.asking import desk, run

EDIT = {"tool": "edit", "input": {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]}}


async def test_a_question_with_nobody_to_answer_is_a_denial_and_is_said(tmp_path: Path) -> None:
    async with desk(
        tmp_path, [EDIT, {"tool": "shell", "input": {"command": "touch b.txt"}}, "I could not."]
    ) as place:
        file = place.workspace / "a.txt"
        file.write_text("one\n")
        asked = await place.ask("Change it.")
        assert asked.status == 3
        assert [it["by"] for it in asked.events("PermissionDecided")] == ["nobody", "nobody"]
        finished = asked.events("CallFinished")
        assert [it["outcome"] for it in finished] == ["denied", "denied"]
        assert all("nobody is there to ask" in it["content"] for it in finished)
        assert asked.end.reason == "end_turn"
        assert file.read_text() == "one\n"
        assert sorted(it.name for it in place.workspace.iterdir()) == ["a.txt"]


async def test_a_session_of_another_folder_names_the_folder(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."]) as place:
        begun = await place.ask("Hi.")
        session_id = begun.lines[0]["sessionId"]
        other = tmp_path / "other"
        other.mkdir()
        asked = await place.ask("--workspace", str(other), "--resume", session_id, "More.")
        assert asked.status == 2
        assert asked.err == (
            f"postil: This session belongs to {place.workspace}. Go on there: --workspace {place.workspace}\n"
        )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mode", "bold", "Go."], "mode"),
        (["--allow", "Everything(*)", "Go."], "--allow 'Everything(*)': no rules of kind 'Everything'"),
        (["--allow", "rm -rf", "Go."], "--allow 'rm -rf' is not a rule"),
        (["--workspace", "nowhere", "Go."], "There is no folder nowhere"),
        (["--resume", "latest", "Go."], "There is no session of "),
        (["--resume", "s_unknown", "Go."], "s_unknown"),
        ([""], "Nothing was asked"),
    ],
)
async def test_a_usage_error_is_one_sentence_and_status_2(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    async with desk(tmp_path, ["Never."]) as place:
        asked = await place.ask(*arguments)
        assert (asked.status, asked.out) == (2, "")
        assert says in asked.err
        assert asked.err.startswith("postil: ")
        assert asked.err.count("\n") == 1
        assert place.server.received == 0
        if "--resume" in arguments:
            assert not list(place.state.glob("workspaces/*")), (
                "nothing is made for a session that is not there"
            )


async def test_garbage_from_the_model_is_an_error_that_it_can_act_on(tmp_path: Path) -> None:
    garbage: list[dict[str, Any]] = [
        {"blocks": [{"tool": "edit", "malformed": '{"path": "a.txt", "edits": ['}]},
        {"tool": "read", "input": {"path": 7}},
        {"tool": "fly", "input": {}},
        {"tool": "read", "input": {"path": "a.txt\0"}},
        {"tool": "read", "input": {"path": "../../etc/shadow"}},
    ]
    async with desk(tmp_path, [*garbage, "Sorry."]) as place:
        asked = await place.ask("--allow", "Read", "Go.")
        finished = asked.events("CallFinished")
        assert [it["outcome"] for it in finished] == ["failed"] * len(garbage)
        assert all(it["content"] for it in finished)
        assert asked.end.reason == "end_turn"
        assert asked.status == 0


async def test_a_stream_that_breaks_is_tried_again(tmp_path: Path) -> None:
    script = [{"text": "Half of", "truncate": 1}, {"text": "Half", "malformed": "frame"}, "Whole."]
    async with desk(tmp_path, script) as place:
        asked = await place.ask("Go.")
        assert asked.status == 0
        assert [it["attempts"] for it in asked.events("ModelReplied")] == [3]
        assert len(asked.events("ModelRetrying")) == 2


async def test_a_model_that_refuses_the_request_ends_the_turn(tmp_path: Path) -> None:
    fault = {"status": 400, "type": "invalid_request_error", "message": "No such thing."}
    async with desk(tmp_path, [{"error": fault}]) as place:
        asked = await place.ask("Go.")
        assert asked.status == 1
        assert asked.end.reason == "failed"
        assert "No such thing." in asked.end.message
        assert len(asked.events("ModelFailed")) == 1
        said = await run("sessions", "list", cwd=place.workspace, env=place.environment)
        assert "can be resumed" in said.out
        said = await run("sessions", "show", "latest", cwd=place.workspace, env=place.environment)
        assert said.out.splitlines()[-1].startswith("Go on with: postil sessions resume s")


async def test_a_missing_key_is_one_sentence_with_its_mend(tmp_path: Path) -> None:
    env = {"POSTIL_STATE_DIR": str(tmp_path / "state"), "POSTIL_CONFIG_DIR": str(tmp_path / "config")}
    work = tmp_path / "work"
    work.mkdir()
    # No key and no address: it must not come to a connection.
    said = await run("ask", "Go.", cwd=work, env={**env, "NO_COLOR": "1", "COLUMNS": "200"})
    assert said.status == 1
    text = said.out + said.err
    assert text.count("There is no key for the model's service.") == 1
    assert text.count('Run "postil key set", or set ANTHROPIC_API_KEY.') == 1
    as_json = await run("ask", "--json", "Go.", cwd=work, env=env)
    assert as_json.status == 1
    assert as_json.end.reason == "failed"
    assert as_json.end.mend == 'Run "postil key set", or set ANTHROPIC_API_KEY.'


async def test_a_repeated_call_is_refused_and_then_ends_the_turn(tmp_path: Path) -> None:
    script = [{"tool": "read", "input": {"path": "a.txt"}, "times": "any"}]
    async with desk(tmp_path, script) as place:
        (place.workspace / "a.txt").write_text("one\n")
        asked = await place.ask("Go.")
        assert asked.status == 1
        assert asked.end.reason == "failed"
        assert len(asked.events("CallFinished")) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_turn_closes_the_session_and_is_the_status(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = {"tool": "shell", "input": {"command": "touch begun; sleep 600"}}
    async with desk(tmp_path, [command, "Never."], trusts=True) as place:

        async def signalled(process: asyncio.subprocess.Process) -> None:
            while not (place.workspace / "begun").exists():  # noqa: ASYNC110 (another process makes it)
                await asyncio.sleep(0.01)
            process.send_signal(number)

        asked = await place.ask("--allow", "Bash", "Go.", meanwhile=signalled)
        assert asked.status == 128 + number
        assert asked.end.reason == "cancelled"
        record = await place.record(asked.lines[0]["sessionId"])
        assert isinstance(record.events[-1].event, SessionClosed)


async def test_what_is_mentioned_in_vain_is_said(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Done."]) as place:
        (place.workspace / "a.py").write_text("A = 1\n")
        words = "See @a.py, @nowhere.py and @diagnostics."
        asked = await run("ask", words, cwd=place.workspace, env=place.environment)
        assert asked.status == 0
        assert "@nowhere.py: It names no file and no symbol here." in asked.out
        assert "@diagnostics: No document is open" in asked.out
        assert "A = 1" in str(place.server.requests[-1].body)


async def test_instructions_that_the_agent_does_not_have_are_said(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."]) as place:
        (place.workspace / "AGENTS.md").write_text("Use tabs.\n" * 300 + "@nowhere/../../out.md\n")
        done = await run("ask", "Go.", cwd=place.workspace, env=place.environment)
    assert done.status == 0
    assert "AGENTS.md:201: From this line on the agent does not have this" in done.out
