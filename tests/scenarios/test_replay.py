"""Hundreds of files become what they have to be, byte for byte, and again what they were, through the real server.

Some are open in an editor, of these some hold typing that is not saved; the editor saves them in the end.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from postil.tools.builtin.read import LINE_LENGTH
from tests.support.edit_calls import Json, calls, has_no_character
from tests.support.file_pairs import Pair, all_pairs
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World, new_world

CLIENTS = ("vscode", "neovim", "utf-32")
"""They count characters in UTF-16, UTF-8 and UTF-32."""
BATCH = 20
LEAST = 250
DONE = "Done."
WHOLE = 1 << 20


REPOSITORY = Path(__file__).parents[2]
DRAWN = "from tests.support.file_pairs import all_pairs; print(ascii(all_pairs()))"


def test_the_pairs_are_the_same_whatever_is_installed() -> None:
    """A Python without any package draws the same ones."""
    found = subprocess.run(
        [sys.executable, "-S", "-c", DRAWN], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ascii(all_pairs())


@pytest.mark.timeout(180)
async def test_every_pair_ends_in_the_exact_bytes(tmp_path: Path) -> None:
    pairs = all_pairs()
    groups = [pairs[number :: len(CLIENTS)] for number in range(len(CLIENTS))]
    replays = [
        Replay(tmp_path / client, client, pairs) for client, pairs in zip(CLIENTS, groups, strict=True)
    ]
    await asyncio.gather(*(it.run() for it in replays))
    wrong = [line for it in replays for line in it.wrong]
    there, back = (sum(it.right[way] for it in replays) for way in ("there", "back"))
    counts = Counter(pair.kind for pair in pairs) + Counter(pair.place for pair in pairs)
    print(f"replay: {there} of {len(pairs)} pairs end in the exact bytes")
    print(f"replay: {back} of {sum(len(it.back) for it in replays)} come back to the bytes that they were")
    print("of them", ", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    assert not wrong, "\n".join(wrong)
    assert len(pairs) >= LEAST


class Replay:
    """One editor, one server, one session, and a share of the pairs."""

    def __init__(self, folder: Path, client: str, pairs: list[Pair]) -> None:
        folder.mkdir()
        self.folder = folder
        self.client = client
        self.pairs = pairs
        self.back = [pair.back() for pair in pairs if pair.before is not None and pair.after is not None]
        self.buffers: dict[str, Buffer] = {}
        self.right: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def run(self) -> None:
        """Play every pair there and back, each time saving what is open and comparing all."""
        there, back = self._replies(self.pairs), self._replies(self.back)
        async with new_world(self.folder) as world:
            world.trust()
            world.settings('[limits]\nsession = "none"\nday = "none"\n')
            for pair in self.pairs:
                if pair.at_first is not None:
                    put(world.root / pair.name, pair.at_first)
            await world.play(*there, *back)
            editor = await world.editor(self.client)
            session = await editor.request("postil/session/new", {"mode": "accept-edits"})
            prompt = {"sessionId": session["sessionId"], "text": "Go on."}
            for pair in self.pairs:
                if pair.place != "closed":
                    self.buffers[pair.name] = editor.open(world.root / pair.name, pair.before)
            await self._edit(editor, prompt, there.count(DONE))
            self._compare("there", world, self.pairs)
            await self._edit(editor, prompt, back.count(DONE))
            self._compare("back", world, self.back)
            calls = editor.events("CallFinished")
            self.wrong += [it["content"] for it in calls if it["outcome"] != "completed"]
            assert len(editor.heard.edits) >= 2 * len(self.buffers), "what is open is edited by the editor"

    async def _edit(self, editor: Editor, prompt: Json, turns: int) -> None:
        """Let the model make its calls."""
        ended = len(editor.events("TurnEnded"))
        for number in range(turns):
            await editor.request("postil/session/prompt", prompt)
            await editor.event("TurnEnded", ended + number + 1)

    def _replies(self, pairs: Sequence[Pair]) -> list[Json | str]:
        """Return what the model says: it looks, makes the calls of some pairs, says that it is done, and so on."""
        return [
            reply
            for start in range(0, len(pairs), BATCH)
            for reply in self._turn(pairs[start : start + BATCH])
        ]

    def _turn(self, pairs: Sequence[Pair]) -> list[Json | str]:
        wanted = [(pair, call) for pair in pairs for call in self._calls(pair)]
        # What is replaced as a whole was read before, in a reply of its own.
        reads: list[Json] = [
            {"tool": "read", "input": {"path": pair.name}}
            for pair, call in wanted
            if call["tool"] == "write" and pair.before is not None
        ]
        replies = filter(None, (reads, [call for _, call in wanted]))
        return [*({"blocks": blocks, "chunk": WHOLE} for blocks in replies), DONE]

    def _calls(self, pair: Pair) -> list[Json]:
        if pair.after is None:
            return [{"tool": "delete", "input": {"path": pair.name}}]
        name = pair.renamed or pair.name
        if pair.before is None:
            return [{"tool": "write", "input": {"path": name, "content": pair.after}}]
        moves: list[Json] = (
            [{"tool": "move", "input": {"path": pair.name, "to": name}}] if pair.renamed else []
        )
        # Who was shown a part of a line cannot write the whole text again.
        shown = all(len(line) <= LINE_LENGTH for line in pair.before.split("\n"))
        whole = shown and not has_no_character(pair.after)
        return moves + calls(name, pair.before, pair.after, whole=whole)

    def _compare(self, way: str, world: World, pairs: Sequence[Pair]) -> None:
        for pair in pairs:
            fault = self._fault(world.root, pair)
            if fault is None:
                self.right[way] += 1
            else:
                self.wrong.append(f"{self.client}, {way}: {pair.name} ({pair.place}): {fault}")

    def _fault(self, root: Path, pair: Pair) -> str | None:
        """Say what is wrong with how a pair ended; what is open is saved first."""
        path = root / (pair.renamed or pair.name)
        buffer = self.buffers.get(pair.name)
        if buffer is not None:
            if path.read_bytes() != pair.at_first:
                return "it was written below the editor"
            path.write_bytes(pair.form.encode(buffer.text))
        if pair.renamed and (root / pair.name).exists():
            return "it is still there under its old name"
        return _difference(path.read_bytes() if path.exists() else None, pair.expected)


def put(path: Path, data: bytes) -> Path:
    """Write a file; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _difference(data: bytes | None, expected: bytes | None) -> str | None:
    if data == expected:
        return None
    if data is None or expected is None:
        return f"it {'is gone' if data is None else 'is there'}"
    pairs = enumerate(zip(data, expected, strict=False))
    at = next((i for i, (one, other) in pairs if one != other), min(len(data), len(expected)))
    near = slice(max(0, at - 20), at + 20)
    return f"at byte {at}: {data[near]!r} and not {expected[near]!r}"
