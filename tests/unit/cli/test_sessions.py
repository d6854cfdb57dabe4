"""`postil sessions`: what it lists, shows, resumes, deletes and exports, of sessions that were really had."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from postil.core.events import SessionClosed, SessionCreated
from postil.model.scripted import ScriptedModel
from tests.support.golden import SESSIONS
from tests.support.golden_parts import asked, begin, call, prompt, replied, routed
from tests.support.processes import long_sleep, running
from tests.unit.cli.asked import Place, model, place
from tests.unit.cli.command import environment, postil

EDIT = {"tool": "edit", "input": {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]}}
TURN = "t0001"


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return place(tmp_path)


async def changed(here: Place) -> str:
    """Have a session that reads, edits, runs a command and is denied another; return its id."""
    (here.work / "a.txt").write_text("one\n")
    script = [
        {"blocks": [{"text": "I look."}, {"tool": "read", "input": {"path": "a.txt"}}]},
        EDIT,
        {"tool": "shell", "input": {"command": "echo put"}},
        {"tool": "shell", "input": {"command": "touch b.txt"}},
        "Done. \x1b[31mred\u202e",
    ]
    said = await here.ask(script, "ask", "--allow", "Edit", "--allow", "Bash(echo put)", "Change it.")
    assert said.status == 3, said.all
    return here.latest()


async def test_what_is_listed(here: Place, tmp_path: Path) -> None:
    assert (
        await asyncio.to_thread(here.say, "sessions", "list")
    ).out == f"There are no sessions of {here.work}.\n"
    assert (here.say_here("sessions", "list", "--json")).out == ""
    other = tmp_path / "other"
    other.mkdir()
    waiting = [
        *begin(), prompt(TURN, "Wait\x1b[2J."), routed(TURN),
        replied(TURN, 1, call("c1", "shell", command="make"), stop="tool_use"), asked(TURN, "c1", "q1", "make"),
    ]  # fmt: skip
    await (await here.keep("s_clean", *SESSIONS["simple"])).close()
    await (await here.keep("s_cut", *SESSIONS["simple"][:-2])).close()
    await (await here.keep("s_asks", *waiting)).close()
    await (await here.keep("s_other", *begin(), SessionClosed(reason="done"), root=other)).close()
    await (await here.keep("s_bad", *SESSIONS["queued"])).close()
    path = here.folder("s_bad") / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"First.", b"Fist.."))
    running = await here.keep("s_open", *SESSIONS["simple"][:-1])
    try:
        listed = await asyncio.to_thread(here.say, "sessions", "list")
        everything = await asyncio.to_thread(here.say, "sessions", "list", "--all")
        elsewhere = await asyncio.to_thread(here.say, "sessions", "list", "--workspace", str(other), "--json")
    finally:
        await running.close()
    assert listed.status == 0
    rows = [line.split("  ") for line in listed.out.splitlines()]
    assert [row[0] for row in rows] == ["s_open", "s_bad", "s_asks", "s_cut", "s_clean"], "newest first"
    words = {row[0]: " ".join(row[2:]) for row in rows}
    assert "running elsewhere" in words["s_open"]
    assert "damaged" in words["s_bad"]
    assert "question open" in words["s_asks"]
    assert "Wait\\x1b[2J." in words["s_asks"]
    assert "interrupted" in words["s_cut"]
    assert "clean" in words["s_clean"]
    assert "1 turn" in words["s_clean"]
    assert f"  {other}" in everything.out
    (only,) = elsewhere.out.splitlines()
    assert {**json.loads(only), "created_at": 0, "updated_at": 0, "size": 0} == {
        "session_id": "s_other", "root": str(other), "title": "", "parent": "", "created_at": 0, "updated_at": 0, "seq": 3,
        "turns": 0, "clean": True, "size": 0, "problem": "", "status": "clean", "questions": 0,
    }  # fmt: skip


async def test_a_session_is_shown_as_it_was(here: Place) -> None:
    session_id = await changed(here)
    said = await asyncio.to_thread(here.say, "sessions", "show", "latest")
    assert said.status == 0
    lines = [re.sub(r"  [0-9.]+ s$", "  … s", line.rstrip()) for line in said.out.splitlines()]
    assert lines[0] == f"Session {session_id} of {here.work}"
    expected = [
        "> Change it.", "I look.", "  Read a.txt  … s", "  edited a.txt  +1 -1  (disk)", "    -one", "    +two",
        "    put",
        '  shell {"command": "touch b.txt"} denied: no rule allows touch; nobody is here to ask, which is a denial',
        "Done. \\x1b[31mred\\u202e",
    ]  # fmt: skip
    places = [lines.index(line) for line in expected]
    assert places == sorted(places)
    assert "\x1b" not in said.out
    assert lines[-2].endswith(": the command ended")
    assert lines[-1].endswith(" %"), "what was used of the limits"
    by_id = here.say_here("sessions", "show", session_id)
    assert by_id.out == said.out
    as_json = await asyncio.to_thread(here.say, "sessions", "show", session_id, "--json")
    events = [json.loads(line) for line in as_json.out.splitlines()]
    assert [it["seq"] for it in events] == list(range(1, len(events) + 1))
    assert {it["sessionId"] for it in events} == {session_id}
    assert events[0]["event"]["type"] == "SessionCreated"


@pytest.mark.parametrize("name", SESSIONS)
async def test_every_kind_of_event_can_be_shown(here: Place, name: str) -> None:
    await (await here.keep("s1", *SESSIONS[name])).close()
    said = await asyncio.to_thread(here.say_here, "sessions", "show", "s1")
    assert (said.status, said.err) == (0, "")
    assert here.say_here("audit", "show", "s1").status == 0


async def test_of_a_damaged_session_what_can_be_read_is_shown(here: Place) -> None:
    await (await here.keep("s1", *SESSIONS["simple"])).close()
    path = here.folder("s1") / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], b"#\n", *lines[5:]]))
    said = await asyncio.to_thread(here.say_here, "sessions", "show", "s1")
    assert said.status == 1
    assert "> What does this project do?" in said.out
    assert said.err.startswith("postil: Event 5 of this session cannot be read")
    path.write_bytes(b"".join(lines)[:-5])
    said = await asyncio.to_thread(here.say_here, "sessions", "show", "s1")
    assert said.status == 0
    assert "never finished" in said.err


@pytest.mark.parametrize("command", ["sessions show", "sessions resume", "sessions delete", "sessions export", "audit show", "audit verify"])  # fmt: skip
@pytest.mark.parametrize("wanted", ["s_unknown", "latest", "../../etc", ""])
def test_an_unknown_id_is_one_sentence(here: Place, command: str, wanted: str) -> None:
    said = here.say_here(*command.split(), wanted)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("postil: ")
    assert said.err.count("\n") == 1


SLEEP = long_sleep()
STEP = f"echo line >> log; echo begun > fifo; exec {SLEEP}\n"
"""A command that has its effect, says so, and goes on."""


async def said_through(fifo: Path, process: asyncio.subprocess.Process) -> bytes:
    """Return what is written into the fifo, nothing where the process ends before."""
    loop = asyncio.get_running_loop()
    fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    written: asyncio.Future[None] = loop.create_future()
    loop.add_reader(fd, lambda: written.done() or written.set_result(None))
    ended = asyncio.ensure_future(process.wait())
    try:
        await asyncio.wait({written, ended}, return_when=asyncio.FIRST_COMPLETED)
        return os.read(fd, 100) if written.done() else b""
    finally:
        ended.cancel()
        loop.remove_reader(fd)
        os.close(fd)


@pytest.mark.skipif(sys.platform == "win32", reason="it kills as POSIX does")
async def test_a_killed_session_is_resumed_and_nothing_runs_twice(here: Place) -> None:
    """The process dies inside a command that has had its effect; a sibling of the same reply had ended."""
    (here.work / "a.txt").write_text("one\n")
    (here.work / "step.sh").write_text(STEP)
    os.mkfifo(here.work / "fifo")
    calls = [
        {"tool": "read", "input": {"path": "a.txt"}},
        {"tool": "shell", "input": {"command": "sh step.sh"}},
    ]
    async with ScriptedModel.load([{"blocks": calls}, "I see."]) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "postil", "ask", "--allow", "Bash(sh step.sh)", "Do it.",
            cwd=here.work, env={**os.environ, **environment(here.home), **model(server)},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await said_through(here.work / "fifo", process) == b"begun\n"
        try:
            listed = here.say_here("sessions", "list")
            refused = here.say_here("sessions", "resume", "latest")
            growing = here.say_here("audit", "verify", "latest")
            process.kill()
            await process.wait()
            cut = here.say_here("sessions", "list")
            again = await asyncio.to_thread(
                postil, "sessions", "resume", "latest", home=here.home, cwd=here.work, env=model(server)
            )
        finally:
            for number, _ in running(SLEEP):
                os.kill(number, signal.SIGKILL)
    assert "running elsewhere" in listed.out
    assert refused.status == 1
    assert f"open in another window (process {process.pid} since" in refused.err
    assert growing.status == 0
    assert "interrupted" in cut.out
    assert again.status == 0, again.all
    assert f"Process {process.pid} ended without closing the session." in again.out
    assert "  sh step.sh: still running. Interrupted while" in again.out
    assert re.search(r"It is still running \(process \d+\)\.", again.out)
    assert "outcome unknown" not in again.out.split("I see.")[0].splitlines()[1]
    assert "  1 finished call of the same step kept.\n" in again.out
    assert "I see." in again.out
    assert (here.work / "log").read_text() == "line\n"
    assert here.say_here("audit", "verify", "latest").status == 0


async def test_a_question_that_waits_is_told_before_it_goes_on(here: Place) -> None:
    created, *begun = begin()
    waiting = [
        created.model_copy(update={"roots": (str(here.work),)}), *begun, prompt(TURN, "Build it."), routed(TURN),
        replied(TURN, 1, call("c1", "shell", command="make"), call("c2", "read", path="a"), stop="tool_use"),
        asked(TURN, "c1", "q1", "make"),
    ]  # fmt: skip
    await (await here.keep("s1", *waiting)).close()
    said = await here.ask(["I may not."], "sessions", "resume", "s1")
    assert said.status == 3, said.all
    assert "  shell: waits for its answer\n  read: not begun\n" in said.out
    assert "Unanswered: May this happen? make Nobody is here to ask, which is a denial." in said.out
    as_json = await here.ask(["Again."], "sessions", "resume", "s1", "--json")
    assert all(json.loads(line) for line in as_json.out.splitlines())


async def test_a_session_is_resumed_where_it_was_had(here: Place, tmp_path: Path) -> None:
    await changed(here)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    session_id = here.latest()
    (here.work / "c.txt").write_text("three\n")
    script = [{"tool": "read", "input": {"path": "c.txt"}}, "Seen."]
    async with ScriptedModel.load(script) as server:
        said = await asyncio.to_thread(
            postil, "sessions", "resume", session_id, home=here.home, cwd=elsewhere, env=model(server)
        )
    assert said.status == 0, said.all
    assert "Read c.txt" in said.out


async def test_a_session_whose_folder_was_moved_says_where_it_has_to_lie(here: Place, tmp_path: Path) -> None:
    session_id = await changed(here)
    new = tmp_path / "moved"
    here.work.rename(new)
    for why in ("There is no such folder any more", f"That is a link to {new} now"):
        if why.startswith("That"):
            here.work.symlink_to(new)
        for more in ([], ["--workspace", str(new)]):
            said = await asyncio.to_thread(
                postil, "sessions", "resume", session_id, *more, home=here.home, cwd=tmp_path
            )
            assert said.status == 2
            assert said.err.startswith(f"postil: This session belongs to {here.work}. {why}: ")
        shown = await asyncio.to_thread(postil, "sessions", "show", session_id, home=here.home, cwd=tmp_path)
        assert shown.status == 0, shown.all


async def test_a_rewind_is_shown(here: Place) -> None:
    session_id = await changed(here)
    went = await asyncio.to_thread(here.say, "sessions", "rewind", session_id, "--yes")
    assert went.status == 0, went.all
    lines = here.say_here("sessions", "show", session_id).out.splitlines()
    told = ["Rewind to before: Change it.: 1 file, and the conversation, in cli", "    +one"]
    told.append("  The conversation is as it was before that turn.")
    places = [lines.index(it) for it in told]
    assert places == sorted(places)


async def test_delete(here: Place) -> None:
    await (await here.keep("s1", *SESSIONS["simple"])).close()
    await (await here.keep("s2", *SESSIONS["simple"])).close()
    folder, other = here.folder("s1"), here.folder("s2")
    said = await asyncio.to_thread(here.say, "sessions", "delete", "s1", data=b"yes\n")
    assert (said.status, "--yes" in said.err, folder.exists()) == (2, True, True)
    said = await asyncio.to_thread(
        lambda: here.say_on_terminal("sessions", "delete", "s1", at="Type yes to delete:", typed="no")
    )
    assert (said.status, "Nothing was deleted." in said.out, folder.exists()) == (1, True, True)
    said = await asyncio.to_thread(
        lambda: here.say_on_terminal("sessions", "delete", "s1", at="Type yes to delete:", typed="yes")
    )
    assert (said.status, folder.exists(), other.exists()) == (0, False, True)
    said = await asyncio.to_thread(here.say, "sessions", "delete", "latest", "--yes")
    assert (said.status, said.out.startswith("Deleted session s2, "), other.exists()) == (0, True, False)
    assert (here.say_here("sessions", "delete", "s2", "--yes")).status == 2


@pytest.mark.parametrize("arguments", [["sessions", "delete", "s1", "--yes"], ["data", "delete", "--yes"]])
async def test_where_nothing_can_be_written_nothing_is_deleted_and_it_is_said_plainly(
    here: Place, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    await (await here.keep("s1", *SESSIONS["simple"])).close()
    lock = here.folder("s1") / "lock"

    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(f"postil.cli.{arguments[0]}.KernelLock", refuse)
    said = here.say_here(*arguments)
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        f"postil: Postil's data cannot be used: the file system is read-only ({lock}). "
        "Make the state directory writable, then try again.\n"
    )
    assert here.folder("s1").is_dir()


@pytest.mark.parametrize("events", [SESSIONS["simple"], SESSIONS["simple"][:-1]])
async def test_what_a_process_has_open_is_not_deleted(
    here: Place, events: list[SessionCreated | SessionClosed]
) -> None:
    journal = await here.keep("s1", *events)
    try:
        said = await asyncio.to_thread(here.say, "sessions", "delete", "s1", "--yes")
    finally:
        await journal.close()
    assert said.status == 1
    assert said.err.startswith(
        f"postil: Session s1 was not deleted. This session is open in another window "
        f"(process {os.getpid()} since "
    )
    assert here.folder("s1").is_dir()


async def test_export(here: Place, tmp_path: Path) -> None:
    long = "A long prompt. " * 6_000
    said = await here.ask(["Read."], "ask", "-", data=long.encode())
    assert said.status == 0
    file = tmp_path / "one.jsonl"
    to = str(file)
    said = await asyncio.to_thread(here.say, "sessions", "export", "latest", "--to", to)
    assert said.status == 0
    again = await asyncio.to_thread(here.say, "sessions", "export", "latest")
    assert again.out == file.read_text()
    lines = [json.loads(line) for line in again.out.splitlines()]
    assert long in [it.get("text") for it in lines]
    assert lines[0]["sum"] in said.out
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    whole = await asyncio.to_thread(here.say, "audit", "verify", "--file", to, "--kept", lines[0]["sum"])
    assert (whole.status, "whole" in whole.out, "nothing up to it was changed" in whole.out) == (
        0,
        True,
        True,
    )
    refused = here.say_here("sessions", "export", "latest", "--to", to)
    assert (refused.status, "already a file" in refused.err) == (2, True)
    refused = here.say_here("sessions", "export", "latest", "--to", "no/such/file")
    assert (refused.status, "cannot be written" in refused.err) == (2, True)
    file.write_text(again.out.replace("A long prompt. A", "A long prompt, A"))
    bad = here.say_here("audit", "verify", "--file", to)
    assert (bad.status, "was changed" in bad.out or "is missing" in bad.out) == (1, True)
    file.write_text("\n".join(again.out.splitlines()[:-1]) + "\n")
    bad = here.say_here("audit", "verify", "--file", to)
    assert (bad.status, "the end is missing" in bad.out) == (1, True)
    path = here.folder(here.latest()) / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    cut = await asyncio.to_thread(here.say, "sessions", "export", "latest")
    assert cut.status == 1
    assert "is bad: it is not whole" in cut.err


async def test_a_session_is_renamed_where_nobody_has_it_open(here: Place) -> None:
    assert (await here.ask(["Hello."], "ask", "Say hello.")).status == 0
    session_id = here.latest()
    said = await asyncio.to_thread(here.say, "sessions", "rename", session_id, "The \x1b[31m project")
    assert (said.status, said.err) == (0, "")
    assert said.out == f"Session {session_id} is called: The \\x1b[31m project\n"
    assert "The \\x1b[31m project" in here.say_here("sessions", "list").out
    assert "called: The" in here.say_here("sessions", "show", session_id).out
    assert here.say_here("audit", "verify", session_id).status == 0
    said = await asyncio.to_thread(here.say, "sessions", "rename", session_id, " ")
    assert (said.status, "needs a word" in said.err) == (2, True), said.all
    running = await here.keep("s2", *SESSIONS["simple"])
    try:
        said = await asyncio.to_thread(here.say, "sessions", "rename", "s2", "Mine")
    finally:
        await running.close()
    assert (said.status != 0, "open" in said.err) == (True, True), said.all
