"""`postil audit`: what became of each call and on whose word, and that no change of the record goes unseen."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from postil.journal.log import Mark
from postil.journal.opening import load
from postil.journal.snapshot import read_header
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden import SESSIONS
from tests.unit.cli.asked import Place, place

EDIT = {"tool": "edit", "input": {"path": "a.txt", "edits": [{"old": "one", "new": "two"}]}}
CALLS = [{"tool": "read", "input": {"path": "a.txt"}}, {"tool": "glob", "input": {"pattern": "*"}}]
SCRIPT = [{"blocks": CALLS}, EDIT, {"tool": "shell", "input": {"command": "sh -c 'echo put'"}},
          {"tool": "shell", "input": {"command": "touch\x1b[2K b.txt"}}, "Done."]  # fmt: skip
BEFORE, AFTER = (hashlib.sha256(text).hexdigest() for text in (b"one\n", b"two\n"))


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return place(tmp_path)


async def changed(here: Place) -> str:
    """Have a session that reads, edits, runs a command and is denied another; return its id."""
    (here.work / "a.txt").write_text("one\n")
    allow = ("--allow", "Edit", "--allow", "Bash(sh -c 'echo put')")
    said = await here.ask(SCRIPT, "ask", *allow, "Change it. " * 6_000)
    assert said.status == 3, said.all
    return here.latest()


async def test_a_block_for_each_call_in_order(here: Place) -> None:
    session_id = await changed(here)
    said = await asyncio.to_thread(here.say, "audit", "show", "latest")
    assert (said.status, said.err) == (0, "")
    *blocks, requests, last = said.out.rstrip("\n").split("\n\n")
    assert requests.startswith("Prefix  step 1: the session's first request (")
    assert last.startswith("5 calls in ")
    assert session_id in last
    titles = [block.split("  ")[1] for block in blocks]
    assert titles == ["read", "glob", "edit", "shell", "shell"]
    for block in blocks:
        names = [line[2:11].strip() for line in block.splitlines()[1:] if line[2:3].strip()]
        assert names[:4] == ["asked", "routed", "tools", "wanted"]
        assert names[-1] == "outcome"
        assert "in cli: Change it." in block
        assert "to build, " in block
    edit, shell, denied = blocks[2:]
    assert edit.count(f"before {BEFORE}") == edit.count(f"after  {AFTER}") == 2, "as intended, and as done"
    assert f"{here.work / 'a.txt'} +1 -1, disk, change c" in edit
    assert "allow by rule" in edit
    assert f"command   sh -c 'echo put'\n{' ' * 12}in {here.work}" in shell
    assert "process   " in shell
    assert "outcome   completed, " in shell
    assert "rule Bash(sh -c 'echo put')" in shell
    assert 'wanted    shell {"command": "touch\\u001b[2K b.txt"}' in denied
    assert "deny as nobody was there to ask: " in denied
    assert "outcome   denied, " in denied
    assert "started" not in denied
    assert "\x1b" not in said.out


async def test_a_call_for_programs(here: Place) -> None:
    await changed(here)
    said = here.say_here("audit", "show", "latest", "--json")
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [it["wanted"]["tool"] for it in rows] == ["read", "glob", "edit", "shell", "shell"]
    assert [it["finished"]["outcome"] for it in rows] == [*["completed"] * 4, "denied"]
    kinds = [[step["type"] for step in it["steps"]] for it in rows]
    assert kinds[2] == ["PermissionDecided", "CallStarted", "FileChanged"]
    assert kinds[3] == ["PermissionDecided", "CallStarted", "ProcessStarted"]
    assert kinds[4] == ["PermissionDecided"]
    assert rows[2]["steps"][2]["after"] == AFTER
    assert all(it["prompted"]["face"] == "cli" and it["routed"]["model"] for it in rows)


async def test_a_rewind_has_a_block_where_it_came(here: Place) -> None:
    session_id = await changed(here)
    went = await asyncio.to_thread(here.say, "sessions", "rewind", session_id, "--yes")
    assert went.status == 0, went.all
    said = here.say_here("audit", "show", session_id)
    *blocks, _, last = said.out.rstrip("\n").split("\n\n")
    assert last.startswith("5 calls and 1 rewind in ")
    assert blocks[-1].startswith("Rewind 1  Rewind to before: Change it.")
    for words in (
        "by a person in cli: files and the conversation",
        "undoes    change c",
        f"edit      {here.work / 'a.txt'}, change c",
        f"changed   {here.work / 'a.txt'} +1 -1, disk, change c",
        "outcome   completed, ",
    ):
        assert words in blocks[-1], blocks[-1]
    assert blocks[-1].count(f"before {AFTER}") == blocks[-1].count(f"after  {BEFORE}") == 2
    rows = [json.loads(it) for it in here.say_here("audit", "show", session_id, "--json").out.splitlines()]
    assert [it["type"] for it in rows[-1]["changes"]] == ["FileChanged"]
    assert rows[-1]["ended"]["outcome"] == "completed"


@pytest.mark.parametrize("name", ["rewound"])
async def test_what_stayed_at_a_rewind_is_on_record(here: Place, name: str) -> None:
    await (await here.keep("s1", *SESSIONS[name])).close()
    out = here.say_here("audit", "show", "s1").out
    assert "Rewind 1  " in out
    assert "stayed    " in out


async def test_a_person_who_decided_is_named(here: Place) -> None:
    await (await here.keep("s1", *SESSIONS["edit_and_shell"])).close()
    await (await here.keep("s2", *SESSIONS["grants_and_todo"])).close()
    said = here.say_here("audit", "show", "s1").out
    assert "question  May this happen? stats.py" in said
    assert "allow by a person in lsp, answer allow_once: you decided" in said
    assert "granted   shell(pytest *) for this session" in said
    other = here.say_here("audit", "show", "s2").out
    assert "matched   'python version' found ask_user, shell  [7]" in other
    assert "answered  by person in lsp 2 or later" in other


async def test_how_long_a_call_in_doubt_ran_is_not_made_up(here: Place) -> None:
    settled = [
        it.model_copy(update={"seconds": 0.0}) if it.type == "CallFinished" else it
        for it in SESSIONS["crash_and_resume"]
    ]
    await (await here.keep("s1", *settled)).close()
    said = here.say_here("audit", "show", "s1").out
    [line] = [it for it in said.splitlines() if "outcome   unknown" in it]
    assert " after " not in line


async def test_each_line_of_a_real_journal_is_guarded(here: Place) -> None:
    session_id = await changed(here)
    path = here.folder(session_id) / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    whole = await asyncio.to_thread(here.say, "audit", "verify", session_id)
    head = json.loads(lines[-1])["sum"]
    assert (whole.status, whole.out) == (0, f"{session_id}: whole, {len(lines)} events. Head: {head}\n")

    def named(new: list[bytes], line: int) -> None:
        path.write_bytes(b"".join(new))
        said = here.say_here("audit", "verify", session_id)
        assert said.status == 1
        assert said.out.startswith(f"{session_id}: bad. Line {line}: "), said.out

    for number, raw in enumerate(lines, 1):
        before, after = lines[: number - 1], lines[number:]
        middle = len(raw) // 2
        named([*before, raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :], *after], number)
        named([*before, *after], number)
        named([*before, raw, raw, *after], number + 1)
        named([*before, raw[:middle]], number)
        if after:
            named([*before, after[0], raw, *after[1:]], number)
            named([*before, raw], number + 1)  # A snapshot was made further on.
    path.write_bytes(b"".join(lines))
    (blob,) = (path.parent / "blobs").iterdir()
    blob.write_bytes(b"Leave it. " * 6_000)
    named(lines, next(number for number, raw in enumerate(lines, 1) if blob.name.encode() in raw))


async def test_a_head_that_was_kept_elsewhere(here: Place) -> None:
    session_id = await changed(here)
    path = here.folder(session_id) / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    head, middle = json.loads(lines[-1])["sum"], json.loads(lines[9])["sum"]
    said = here.say_here("audit", "verify", session_id, "--kept", middle)
    assert (said.status, "event 10's: nothing up to it was changed" in said.out) == (0, True)
    for name in ("conversation.json", "workflow.json"):
        (path.parent / name).unlink()
    path.write_bytes(b"".join(lines[:-3]))
    assert here.say_here("audit", "verify", session_id).status == 0, "without it, a missing end is not seen"
    said = here.say_here("audit", "verify", session_id, "--kept", head)
    assert (said.status, f"Line {len(lines) - 2}: no event has the sum that was kept" in said.out) == (
        1,
        True,
    )


@pytest.mark.parametrize("name", ["conversation.json", "workflow.json"])
async def test_what_a_snapshot_says_is_held_against_the_events(here: Place, name: str) -> None:
    session_id = await changed(here)
    folder = here.folder(session_id)
    good = (folder / name).read_bytes()
    (folder / name).write_bytes(good.replace(b"a.txt", b"b.txt"))
    said = here.say_here("audit", "verify", session_id)
    assert (said.status, f"{name} is not as it was written, and is not used." in said.out) == (1, True)
    (folder / name).unlink()
    assert here.say_here("audit", "verify", session_id).status == 0
    (folder / name).write_bytes(good)
    loaded = load(RealDisk(), folder)
    header = read_header(RealDisk(), folder)
    assert loaded.from_snapshot
    assert header is not None
    if name == "workflow.json":
        loaded.state.workflow.title = "Another title."
    else:
        loaded.state.conversation.messages.cut(len(loaded.state.conversation.messages) - 1)
    assert loaded.snapshots.save(loaded.state, Mark(header.seq, header.sum, header.start, header.end))
    said = here.say_here("audit", "verify", session_id)
    assert (said.status, f"{name} says something else than the events up to {header.seq}." in said.out) == (
        1,
        True,
    )


async def test_all_sessions_of_a_workspace_and_of_all(here: Place, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    await (await here.keep("s1", *SESSIONS["simple"])).close()
    await (await here.keep("s2", *SESSIONS["denied"])).close()
    await (await here.keep("s3", *SESSIONS["queued"], root=other)).close()
    said = here.say_here("audit", "verify", "--all")
    # The golden sessions name another id than they are kept under, which is just what a copied journal does.
    assert said.status == 1
    assert said.out.count("Line 1: it is of session s0001.") == 3
    assert said.out.endswith("3 sessions: 0 whole, 3 bad.\n")
    said = here.say_here("audit", "verify", "--all", "--workspace", str(other), "--json")
    (row,) = [json.loads(line) for line in said.out.splitlines()]
    assert (row["sessionId"], row["whole"], row["faults"][0]["line"]) == ("s3", False, 1)
    assert len(row["sum"]) == 32
    await (await here.keep("s0001", *SESSIONS["simple"])).close()
    said = here.say_here("audit", "verify", "s0001", "--json")
    assert (said.status, json.loads(said.out)["whole"]) == (0, True)


async def test_a_session_that_is_being_written(here: Place) -> None:
    journal = await here.keep("s0001", *SESSIONS["simple"][:4])
    path = here.folder("s0001") / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at":1.0,"dur')
    try:
        said = await asyncio.to_thread(here.say, "audit", "verify", "s0001")
        assert said.status == 0
        assert "whole, 4 events" in said.out
    finally:
        path.write_bytes(whole)
        await journal.close()
    path.write_bytes(whole + b'{"at":1.0,"dur')
    said = here.say_here("audit", "verify", "s0001")
    assert said.status == 1
    assert "Line 5: it is not whole; it was never finished, or cut off: 14 bytes" in said.out


async def test_damage_is_said_after_what_can_be_read(here: Place) -> None:
    session_id = await changed(here)
    path = here.folder(session_id) / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:12], b"\n" * 3, b"#" * 99 + b"\n", *lines[14:]]))
    said = here.say_here("audit", "show", session_id)
    assert said.status == 1
    assert said.out.count("Call ") >= 2
    assert f"`postil audit verify {session_id}` says more." in said.err


async def test_a_path_in_a_tampered_journal_leads_nowhere(here: Place) -> None:
    outside = here.home / "outside"
    outside.write_text("secret")
    edit = next(it for it in SESSIONS["edit_and_shell"] if it.type == "CallStarted" and it.edits)
    assert edit.type == "CallStarted"
    bad = edit.model_copy(update={"edits": (edit.edits[0].model_copy(update={"after": str(outside)}),)})
    events = [bad if it is edit else it for it in SESSIONS["edit_and_shell"]]
    await (await here.keep("s0001", *events)).close()
    said = await asyncio.to_thread(here.say, "sessions", "export", "s0001")
    assert "secret" not in said.out
    assert here.say_here("audit", "verify", "s0001").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("s1", "--all"), ("s1", "--file", "f"), ("--all", "--kept", "0" * 32), ("--file", "missing"),
        ("--file", "."), ("s_unknown",), ("--all", "--workspace", ""),
    ],
)  # fmt: skip
def test_other_arguments_are_refused(here: Place, arguments: tuple[str, ...]) -> None:
    said = here.say_here("audit", "verify", *arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("postil: ")
    assert said.err.count("\n") == 1
