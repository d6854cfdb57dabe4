"""From a key to what it can go on with, in the chat document, beside a bare server: `python -m tests.bench completion`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from postil.workspace.files.uris import uri_to_path
from tests.bench.chat_client import ChatClient
from tests.bench.figures import TIMES, Figure, ms, p50, p95
from tests.bench.paced_model import paced_model
from tests.bench.starts import SERVE

BARE = (sys.executable, str(Path(__file__).with_name("bare_completion.py")))
FILES = 1_000
TYPED = {
    "a command": ("/", "m", "o", "d"),
    "a mode": ("/mode a", "c", "c"),
    "a file": ("@", "m", "o", "d", "_", "7"),
}
"""What is completed, and the keys; what comes first may be several and counts as one."""
BOUNDS = {"a command": 4.0, "a mode": 3.0, "a file": 12.0}
"""Times the bare server's: commands are read from their folders, and of files what they define is looked through as well."""
ROUNDS = 15
BETWEEN = 0.05
"""Seconds between a key's answer and the next key: a person who types fast."""
WORDS = 6_000
"""Of one answer: half a minute of two hundred deltas a second."""


@dataclass
class Taken:
    """Seconds for a key, by what it completed."""

    ours: list[float] = field(default_factory=list[float])
    bare: list[float] = field(default_factory=list[float])

    def figure(self, what: str, bound: float) -> Figure:
        """Return the ratio of the medians."""
        behind = "; ".join(
            f"{whose} p50 {ms(p50(it)):g}, p95 {ms(p95(it)):g} ms" for whose, it in (("ours", self.ours), ("bare", self.bare))
        )  # fmt: skip
        return Figure(what, round(p50(self.ours) / p50(self.bare), 2), TIMES, bound, None, behind)


async def completion() -> list[Figure]:
    """Measure in a quiet document, and then in one that an answer streams into."""
    return await asyncio.to_thread(_measure)


def _measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="postil-bench-") as name, paced_model(WORDS) as model:
        folder = Path(name).resolve() / "work"
        for number in range(FILES):
            path = folder / f"package_{number % 20}" / f"mod_{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"value = {number}\n")
        with ChatClient(SERVE, {"ANTHROPIC_BASE_URL": model.url}) as ours, ChatClient(BARE) as bare:
            for client in (ours, bare):
                client.begin(folder)
            quiet = _rounds(*_opened(ours, bare), ROUNDS)
            busy = _streamed(*_opened(ours, bare))
            for client in (ours, bare):
                client.request("shutdown")
                client.notify("exit")
                client.wait_exit()
    return [
        *(it.figure(f"a key to the completion of {what}, beside a bare server's", BOUNDS[what]) for what, it in quiet.items()),
        *(it.figure(f"the same of {what}, at 200 deltas a second", BOUNDS[what]) for what, it in busy.items()),
    ]  # fmt: skip


def _opened(ours: ChatClient, bare: ChatClient) -> tuple[ChatClient, ChatClient]:
    """Open a new chat document in both."""
    chat = ours.command("chat.new", {"show": False})["uri"]
    path = uri_to_path(chat)
    assert path is not None
    for client in (ours, bare):
        client.open(chat, path.read_text("utf-8"))
    return ours, bare


def _streamed(ours: ChatClient, bare: ChatClient) -> dict[str, Taken]:
    """Measure while an answer comes into the document above."""
    ours.type("Talk.")
    ours.command("chat.send", {"uri": ours.uri})
    ours.until(lambda: ours.edits >= 5)
    before = ours.edits
    found = _rounds(ours, bare, ROUNDS)
    assert ours.edits > before, "the answer had ended already"
    assert "<!--reply" in ours.text, "the answer ended while it was measured"
    sessions = ours.command("session.list", {})["sessions"]
    ours.command("session.cancel", {"sessionId": sessions[0]["sessionId"]})
    return found


def _rounds(ours: ChatClient, bare: ChatClient, rounds: int) -> dict[str, Taken]:
    """Type the same in both, key by key, and each time on a new line."""
    taken = {what: Taken() for what in TYPED}
    for number in range(rounds + 1):
        for what, keys in TYPED.items():
            pairs = _typed(ours, bare, keys)
            if number:  # the first round loads what is needed once
                taken[what].ours += [it for it, _ in pairs]
                taken[what].bare += [it for _, it in pairs]
    return taken


def _typed(ours: ChatClient, bare: ChatClient, keys: Sequence[str]) -> list[tuple[float, float]]:
    for client in (ours, bare):
        client.type("\n\n")
    pairs: list[tuple[float, float]] = []
    for key in keys:
        (mine, found), (theirs, there) = ours.completed(key), bare.completed(key)
        assert found, f"nothing completes {keys}"
        assert there
        pairs.append((mine, theirs))
        ours.rest(BETWEEN)
    return pairs
