"""Secrets that a turn comes across are in no record, no request and no event, and files keep theirs to the byte."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from postil.core.changes import FileChanged
from postil.core.effects import Command
from postil.core.ephemeral import CallProgress
from postil.core.event_codec import encode
from postil.core.events import CallFinished, PermissionAsked
from postil.core.fold import fold
from postil.core.ports import ShellResult
from postil.core.question import PromptContext
from postil.core.redaction.marks import KEY, VALUE, mark
from postil.core.submissions import Answer, Cancel, Close, Prompt, Rewind, Target
from postil.journal.store import SessionStore
from postil.model.wire import Wire
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.local import LocalWorkspace
from tests.support.agent_world import SESSION, Watch, World
from tests.support.fake_model import Play, call, says
from tests.support.memory_shell import MemoryShell
from tests.support.secrets import filled, key_lines, secret
from tests.unit.workspace.buffers import Buffers

TOKEN, OTHER = secret(1), secret(2)
PASSWORD = filled("<20>")
KEY_LINES = key_lines()
SECRETS = [TOKEN, OTHER, PASSWORD, *KEY_LINES[1:-1]]
MARK = mark("GitHub token")
SETTINGS = f'url = "example.org"\r\ntoken = "{TOKEN}"\r\ncolour = "red"\r\n'
FILES = {
    "settings.ini": SETTINGS.encode(),
    "notes.pem.txt": "\n".join([*KEY_LINES, "after"]).encode(),
    "long.txt": f"token {'y' * 367} {TOKEN} and more\n".encode(),
    "show.sh": f"echo 'the token is {OTHER}'\nprintf 'password=%s\\n' '{PASSWORD}'\ncat notes.pem.txt\n".encode(),
}


def edit(old: str, new: str) -> Play:
    return says(call("edit", path="settings.ini", edits=[{"old": old, "new": new}]))


def laid_out(root: Path) -> LocalWorkspace:
    for name, data in FILES.items():
        (root / name).write_bytes(data)
    return LocalWorkspace([root], Buffers())


def told(watch: Watch, made: World) -> str:
    """Return all that faces and the model were told."""
    events = [str(encode(it.event)) for it in watch.seen]
    return "\n".join([*events, *(Wire().encode(it).decode() for it in made.model.requests)])


def leaks(text: str) -> list[str]:
    """Return the secrets of which a text holds any half."""
    parts = [part for it in SECRETS for part in (it[: len(it) // 2], it[len(it) // 2 :])]
    return [it for it in parts if it in text]


async def test_a_turn_beside_secrets(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    plays = [
        says(call("shell", "printed", command="sh show.sh")),
        says(
            call("read", "settings", path="settings.ini"),
            call("read", "key", path="notes.pem.txt"),
            call("grep", "found", pattern="token|after"),
        ),
        edit('colour = "red"', 'colour = "blue"'),
        says("Done."),
    ]
    made = World(plays, mode="accept-edits", rules=("Bash(sh show.sh)",), real=(laid_out(root), LocalShell()))
    store = SessionStore(tmp_path / "state")
    session = await made.start(await store.create(root, SESSION))
    watch = Watch(session)
    context = PromptContext(kind="file", path="settings.ini", text=SETTINGS)
    await session.prompt(Prompt("Make it blue.", (context,)))
    await session.idle()
    replayed, viewer, _ = await store.view(SESSION)
    await viewer.close()
    assert replayed == session.state

    assert [it.outcome for it in watch.all(CallFinished)] == ["completed"] * 5
    assert (root / "settings.ini").read_bytes() == FILES["settings.ini"].replace(b"red", b"blue")
    ends = {it.call_id: it.content for it in watch.all(CallFinished)}
    assert ends["printed"].startswith(
        f"the token is {MARK}\npassword={mark(VALUE)}\n{KEY_LINES[0]}\n{mark(KEY)}\n"
    )
    assert f'    2\ttoken = "{MARK}"' in ends["settings"]
    assert "secrets are shown as marks" in ends["settings"].lower()
    assert ends["key"].count(mark(KEY)) == len(KEY_LINES) - 2
    assert f'2: token = "{MARK}"' in ends["found"]
    (change,) = watch.all(FileChanged)
    assert f' token = "{MARK}"' in change.diff
    assert not leaks(told(watch, made))

    target = Target(turn_id=session.state.workflow.marks[-1].turn_id)
    plan = await session.plan(target)
    await session.rewind(Rewind(target, plan.fingerprint, True, True, "test"))
    assert {it.name: it.read_bytes() for it in root.iterdir()} == FILES
    assert not leaks(told(watch, made))
    await session.close(Close("done"))
    journals = [it for it in (tmp_path / "state").rglob("*journal*") if it.is_file()]
    assert journals
    assert not leaks("\n".join(it.read_bytes().decode("utf-8", "replace") for it in journals))
    state, journal, _ = await store.open(SESSION)
    await journal.close()
    assert state == session.state


class InPieces(MemoryShell):
    """Prints a text in pieces of one size, and then waits or ends."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__()
        self.pieces = [text[at : at + size] for at in range(0, len(text), size)]
        self.printed = asyncio.Event()
        self.go = asyncio.Event()

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        await spawned(1, 1.0)
        for piece in self.pieces:
            output(piece)
        self.printed.set()
        await self.go.wait()
        return ShellResult(exit_code=0, output="".join(self.pieces), left_out=0, seconds=0.1)


@pytest.mark.parametrize("size", [1, 7, 50, 10_000])
async def test_a_secret_that_comes_in_pieces(tmp_path: Path, size: int) -> None:
    text = f"one {TOKEN} two\n" + "\n".join(KEY_LINES) + f"\nlast {OTHER}"
    shell = InPieces(text, size)
    made = World(
        [says(call("shell", command="make")), says("Ok.")],
        rules=("Bash(make)",),
        real=(laid_out(tmp_path), shell),
    )
    session = await made.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    await shell.printed.wait()
    so_far = "".join(it.text for it in watch.all(CallProgress))
    assert so_far.startswith(f"one {MARK} two\n")
    assert not leaks(so_far)
    (kept,) = made.journal.outputs.values()
    assert kept == so_far
    await session.cancel(Cancel())
    await session.idle()
    (end,) = made.events(CallFinished)
    assert end.outcome == "cancelled"
    assert end.content.endswith(f"\nlast {MARK}")
    assert fold(made.journal.records) == session.state
    assert not leaks(told(watch, made))


async def test_a_mark_is_no_text_of_a_file(tmp_path: Path) -> None:
    line = f'token = "{MARK}"'
    plays = [
        says(call("edit", path="settings.ini", edits=[{"old": line, "new": 'token = "mine"'}])),
        edit('url = "example.org"', f'url = "{MARK}"'),
        says(call("read", path="settings.ini")),
        says(call("write", path="other.ini", content=f"{line}\n")),
        says(call("shell", command=f"echo '{MARK}' > settings.ini")),
        says(call("write", path="doc.md", content="Marks look like `[redacted: …]`.\n")),
        says("Done."),
    ]
    made = World(
        plays, mode="accept-edits", rules=("Bash(echo:*)",), real=(laid_out(tmp_path), MemoryShell())
    )
    session = await made.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    ends = made.events(CallFinished)
    assert [it.outcome for it in ends] == ["failed", "failed", "completed", "failed", "failed", "completed"]
    assert "the mark of a secret" in ends[0].content
    assert all("stands in the place of a secret" in it.content for it in (ends[1], *ends[3:5]))
    assert made.events(PermissionAsked) == []
    assert fold(made.journal.records) == session.state
    assert (tmp_path / "settings.ini").read_bytes() == FILES["settings.ini"]


async def test_a_question_shows_a_difference_without_secrets(tmp_path: Path) -> None:
    made = World([edit('"red"', '"blue"'), says("Ok.")], real=(laid_out(tmp_path), MemoryShell()))
    session = await made.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(PermissionAsked)
    assert f' token = "{MARK}"' in asked.question.diff
    await session.answer(Answer(asked.question.id, "allow_once", face="test"))
    await session.idle()
    assert (tmp_path / "settings.ini").read_bytes() == FILES["settings.ini"].replace(b"red", b"blue")
    assert not leaks(told(watch, made))
