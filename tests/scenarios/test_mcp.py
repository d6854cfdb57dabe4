"""`postil ask` with servers of tools: one that somebody else wrote, one of our own with five hundred tools, and bad ones."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from postil.core.events import CallFinished, PrefixChanged
from postil.model.scripted.tokens import estimate
from tests.support.asking import Desk, desk
from tests.support.asking import run as asking
from tests.support.served import SCRIPT, command
from tests.support.trusted import trusted

TIME = [sys.executable, "-m", "mcp_server_time", "--local-timezone", "UTC"]
"""A server of a public package."""
CONVERT = {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"}


def servers(**named: Any) -> str:
    return "".join(f"[mcp.{name}]\ncommand = {json.dumps(list(words))}\n" for name, words in named.items())


def tool(name: str, **given: Any) -> dict[str, Any]:
    return {"tool": name, "input": given}


def find(query: str, most: int = 5) -> dict[str, Any]:
    return tool("find_tools", query=query, most=most)


def found(query: str, most: int = 5) -> list[dict[str, Any]]:
    """Have the model search, and search again while a server is still starting: a search waits a moment and no longer."""
    return [
        {"when": {"result": "is still starting"}, "times": "any", **tool("shell", command="sleep 1")},
        {"when": {"tool": "shell"}, "times": "any", **find(query, most)},
        find(query, most),
    ]


WAITS = ("--allow", "Bash(sleep 1)")


async def results(place: Desk, session_id: str) -> list[CallFinished]:
    record = await place.record(session_id)
    return [it.event for it in record.events if isinstance(it.event, CallFinished)]


def tools_text(place: Desk, number: int) -> str:
    body = place.server.requests[number].body
    return json.dumps([it for it in body["tools"] if not it.get("defer_loading")])


async def test_a_server_of_a_public_package_is_found_used_and_stays_found(tmp_path: Path) -> None:
    script: list[Any] = [
        *found("convert a time between time zones", most=1),
        tool("mcp__time__convert_time", **CONVERT),
        "It is nine in the evening.",
        "As I said.",
    ]
    async with desk(tmp_path, script, trusts=True) as place:
        place.settings(servers(time=TIME))
        first = await place.ask(*WAITS, "--allow", "Mcp(time/*)", "What is noon in Tokyo?")
        assert first.status == 0, first.err
        session_id = first.lines[0]["sessionId"]
        *_, search, used = await results(place, session_id)
        assert "mcp__time__convert_time" in search.content
        assert used.outcome == "completed"
        assert "21:00" in used.content
        assert [(it.origin, it.name) for it in used.sources] == [("mcp", "time")]
        again = await place.ask("--resume", session_id, "Say it again.")
        assert again.status == 0
        bodies = [it.body for it in place.server.requests]
        late = [[it["name"] for it in body["tools"] if it.get("defer_loading")] for body in bodies]
        assert late[0] == []
        assert late == [[]] * (len(late) - 3) + [["mcp__time__convert_time"]] * 3
        record = await place.record(session_id)
        assert len([it for it in record.events if isinstance(it.event, PrefixChanged)]) == 1
        assert len({tools_text(place, number) for number in range(len(bodies))}) == 1


async def test_five_hundred_tools_do_not_show_in_the_prompt_until_they_are_found(tmp_path: Path) -> None:
    script: list[Any] = [
        *found("archive number 321"),
        tool("mcp__big__archive_321", owner="me"),
        "Done.",
    ]  # fmt: skip
    async with desk(tmp_path, script, trusts=True) as place:
        place.settings(servers(big=command(count=500)))
        done = await place.ask(*WAITS, "--allow", "Mcp(big)", "Look.")
        assert done.status == 0, done.err
        *_, search, used = await results(place, done.lines[0]["sessionId"])
        assert search.details == {"found": 5, "of": 507}
        assert used.content == 'archive_321 was given {"owner": "me"}'
        for number, request in enumerate(place.server.requests):
            assert estimate(len(tools_text(place, number))) < 9_000
            assert estimate(len(json.dumps(request.body["tools"]))) < 9_000
        assert "archive_" not in json.dumps(place.server.requests[0].body)


async def test_bad_servers_hold_up_nothing_and_are_told(tmp_path: Path) -> None:
    script: list[Any] = [
        find("say what it was told"),
        {"blocks": [tool("mcp__good__die"), tool("mcp__broken__any")]},
        tool("mcp__good__echo", owner="me"),
        find("say what it was told"),
        "Done.",
    ]  # fmt: skip
    async with desk(tmp_path, script, trusts=True) as place:
        # Whoever waits for it waits until it has failed, and then nothing is "still starting".
        slow = f"[mcp.slow]\nstart_seconds = 90\ncommand = {json.dumps(list(command(slow=600)))}\n"
        broken = ["/bin/sh", "-c", "echo out of order >&2; exit 7"]
        place.settings(servers(good=command(special=True), broken=broken) + slow)
        done = await place.ask("--allow", "Mcp(good/*)", "--allow", "Mcp(broken/*)", "Look.")
        assert done.status == 0, done.err
        found, died, absent, echoed, again = await results(place, done.lines[0]["sessionId"])
        assert "mcp__good__echo" in found.content
        assert "the server slow is still starting" in found.content
        assert "the server slow is still starting" in again.content, "nothing has waited for it to the end"
        assert died.outcome == "unknown"
        assert "it ended with status 3: no more room" in died.content
        assert absent.outcome == "failed"
        assert "the server broken failed" in absent.content
        assert (echoed.outcome, echoed.content) == ("completed", 'echo was given {"owner": "me"}')


async def test_a_tool_that_says_it_destroys_is_asked_about_though_all_are_allowed(tmp_path: Path) -> None:
    script: list[Any] = [
        tool("mcp__box__drop"), tool("mcp__box__look"), "Done.",
    ]  # fmt: skip
    async with desk(tmp_path, script, trusts=True) as place:
        place.settings(servers(box=command(special=True)))
        done = await place.ask("--allow", "Mcp(box/*)", "Look.")
        assert done.status == 3
        drop, look = await results(place, done.lines[0]["sessionId"])
        assert (drop.outcome, look.outcome) == ("denied", "completed")


async def test_a_workspaces_server_is_started_only_as_it_was_allowed(tmp_path: Path) -> None:
    script: list[Any] = [tool("mcp__box__echo"), "Done."] * 4
    async with desk(tmp_path, script) as place:
        own = place.workspace / ".postil"
        own.mkdir()
        settings = own / "settings.toml"
        settings.write_text(servers(box=command(special=True)))

        async def outcome() -> str:
            done = await place.ask("--allow", "Mcp(box/*)", "Look.")
            return (await results(place, done.lines[0]["sessionId"]))[0].content

        def run(*words: str) -> str:
            asked = subprocess.run(
                [sys.executable, "-m", "postil", *words], cwd=place.workspace, env=place.environment,
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            return asked.stdout

        assert "the workspace is not trusted" in await outcome()
        trusted(place.workspace, tmp_path / "state")
        assert "nobody has allowed what this workspace says of it" in await outcome()
        assert "tool_server.py" in await asyncio.to_thread(run, "mcp", "allow", "box")
        assert await outcome() == "echo was given {}"
        settings.write_text(settings.read_text() + 'env = { PATH = "/tmp/evil" }\n')
        assert "has changed since you decided about it" in await outcome()


async def test_a_workspaces_server_is_started_only_with_the_script_that_was_allowed(tmp_path: Path) -> None:
    script: list[Any] = [tool("mcp__box__echo"), "Done."] * 3
    async with desk(tmp_path, script) as place:
        (place.workspace / ".postil").mkdir()
        serve = place.workspace / "serve.py"
        serve.write_text(SCRIPT.read_text())
        words = [sys.executable, "-I", "-S", "serve.py", json.dumps({"special": True})]
        (place.workspace / ".postil/settings.toml").write_text(servers(box=words))
        trusted(place.workspace, tmp_path / "state")

        async def outcome() -> str:
            done = await place.ask("--allow", "Mcp(box/*)", "Look.")
            return (await results(place, done.lines[0]["sessionId"]))[0].content

        async def allow() -> str:
            return (await asking("mcp", "allow", "box", cwd=place.workspace, env=place.environment)).out

        assert "runs: serve.py" in await allow()
        assert await outcome() == "echo was given {}"
        serve.write_text(serve.read_text() + "# changed\n")
        assert "serve.py, which its command names, has changed since you decided about it" in await outcome()
        await allow()
        assert await outcome() == "echo was given {}"


async def test_killed_in_a_call_its_servers_end_with_it_and_what_became_of_the_call_is_unknown(
    tmp_path: Path,
) -> None:
    pids, waits = tmp_path / "pids", tmp_path / "waits"
    script: list[Any] = [find("echo"), tool("mcp__box__wait"), "Done."]
    async with desk(tmp_path, script, trusts=True) as place:
        place.settings(servers(box=command(special=True, pids=str(pids), waits=str(waits))))

        async def kill(process: asyncio.subprocess.Process) -> None:
            while not waits.exists():  # noqa: ASYNC110 - a process of a process makes it
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGKILL)

        await place.ask("--allow", "Mcp(box/*)", "Go.", meanwhile=kill)
        pid = int(pids.read_text().split()[0])
        while alive(pid):  # noqa: ASYNC110 - another process makes it false
            await asyncio.sleep(0.02)
        resumed = await place.ask("--resume", "latest", "Go on.")
        *_, waited = await results(place, resumed.lines[0]["sessionId"])
        assert (waited.tool, waited.outcome) == ("mcp__box__wait", "unknown")
        assert "it was not run again" in waited.content
        assert pids.read_text().split()[0] != str(pid) or not alive(pid)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
