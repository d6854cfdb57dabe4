"""A person writes at random in the chat document and in a source file while the agent streams into the one and edits the other.

References say after each edit and at the end what is to be read, byte for byte: `tests/support/typed_chat.py` and `typed_source.py`.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator

import pytest

from postil.core.effects import text_hash
from postil.core.events import CallFinished, PromptReceived, TurnEnded
from postil.lsp.chat.rows import Places
from postil.lsp.chat.telling import Telling
from tests.support.counts import Counts
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World
from tests.support.typed_chat import FRESH, ChatModel
from tests.support.typed_source import SLOTS, SourceModel, new, old, original
from tests.support.typist import NEXT, PROMPT, Typist

pytestmark = [pytest.mark.counted, pytest.mark.timeout(0)]

MOST = 1000
"""Edits of one round, of which there are about a hundred."""
CHAT = ".postil/chat/one.md"
SEND = "postil.server.chat.send"
WORDS = "".join(f"word{number} " + "\n\n" * (number % 11 == 10) for number in range(90))
SAY = "Deny, and say this"
ANSWERS = ("Allow once", "Deny", SAY, "Run without saving", "Cancel the command")
ENDED = re.compile(r"^<!-- turn \d+: ", re.MULTILINE)


def script() -> Iterator[Json | str]:
    """One round: two turns of words, edits and a question; then another session's, which reads both documents."""
    for turn in range(2):
        for slot in range(turn * SLOTS // 2, (turn + 1) * SLOTS // 2):
            change = {"old": old(slot), "new": new(slot)}
            yield {
                "text": WORDS, "chunk": 9, "delay": {"each": 0.003},
                "tool": "edit", "input": {"path": "src/app.py", "edits": [change]},
            }  # fmt: skip
        yield {"text": "I make it.", "tool": "shell", "input": {"command": f"touch made{turn}"}}
        yield {"text": f"Last {WORDS}", "chunk": 9}
    yield from ({"tool": "read", "input": {"path": it}} for it in (CHAT, "src/app.py"))
    yield "Read."


@pytest.mark.parametrize(("preset", "lies"), [("vscode", False), ("neovim", True)])
async def test_nothing_is_lost_and_everything_stands_in_its_place(
    world: World, counts: Counts, preset: str, *, lies: bool
) -> None:
    world.trust()
    path = world.file("src/app.py", original())
    await world.play(*(step for _ in range(2 + counts.typing_rounds // 4) for step in script()))
    editor = await world.editor(preset, ours=False)
    typist = Typist(editor, random.Random(counts.seed), lies=lies)
    typist.source = editor.open(path)
    answers: dict[str, int] = {}
    while typist.bursts < counts.typing_rounds:
        fresh(typist, world)
        session_id = await Round(typist, answers).play()
        typist.open = []
        await editor.command("postil.server.session.list", {})  # the server knows of the last edit, too
        check_chat(typist, world, session_id)
        for way in typist.chat_model.ways.values():
            how = "turn above the draft" if way == "elsewhere" else "turn behind its prompt"
            answers[how] = answers.get(how, 0) + 1
        check_source(typist, world, session_id)
        await check_server(editor, world, [typist.chat, typist.source])
        editor.close(typist.chat)
    print(f"{preset}, seed {counts.seed}: {typist.bursts} rounds, {typist.done}, {answers}")


def fresh(typist: Typist, world: World) -> None:
    """Begin a new document, and have the source file be as it was."""
    typist.chat = typist.editor.open(world.file(CHAT, FRESH))
    typist.chat_model = ChatModel()
    typist.write(typist.source, 0, len(typist.source.text), original())
    typist.source_model = SourceModel()


class Round:
    """Two turns in one document: the second is sent while the first one goes on."""

    def __init__(self, typist: Typist, answers: dict[str, int]) -> None:
        self.typist, self.editor, self.dice = typist, typist.editor, typist.dice
        self.answers = answers
        self.target: Json = {"uri": typist.chat.uri}

    async def play(self) -> str:
        """Return the session's id once both turns have ended."""
        typist = self.typist
        typist.draft("/mode accept-edits")
        typist.uses()
        await self.editor.command(SEND, self.target)
        typist.draft(self.dice.choice((PROMPT, f"{PROMPT}\nAll of them.", f"  {PROMPT}\n\nword1 word2")))
        typist.open = [typist.chat, typist.source]
        typist.uses()
        sending = asyncio.create_task(self.editor.command(SEND, self.target))
        await asyncio.sleep(0)
        typist.burst()
        sent = await sending
        await self.seen(self.dice.randrange(5, 40), 1)
        if not self.is_draft() or self.dice.random() < 0.5:
            typist.draft(NEXT)
        typist.uses()
        sending = asyncio.create_task(self.editor.command(SEND, self.target))
        await asyncio.sleep(0)
        typist.burst()
        await sending
        await self.seen(MOST, 2)
        return sent["sessionId"]

    def is_draft(self) -> bool:
        """Whether something that was not used yet stands below the last heading."""
        words = self.typist.chat.text.rpartition("## You\n")[2].strip()
        return bool(words) and all(it.words != words for it in self.typist.chat_model.used)

    async def seen(self, count: int, turns: int) -> None:
        """Go on until so many edits have come, or so many turns have ended; how fast is the machine's."""
        editor, chat = self.editor, self.typist.chat
        first = len(editor.heard.edits)

        def is_over() -> bool:
            return len(ENDED.findall(chat.text)) == turns and "<!--reply" not in chat.text

        while not is_over() and (before := len(editor.heard.edits)) - first < count:
            if self.question():
                await self.answer()
            else:
                await self.typist.until(
                    lambda before=before: is_over() or self.question() or len(editor.heard.edits) > before
                )
        assert count < MOST or is_over(), "the same is tried again and again"

    def question(self) -> list[tuple[str, Json]]:
        """Return the question that stands in the document, if there is one."""
        return [it for it in self.editor.questions() if it[0] == self.typist.chat.uri]

    async def answer(self) -> None:
        """Answer the question by a lens, by a code action, or in the words below the last heading."""
        if self.dice.random() < 0.4 and not self.is_draft():
            self.typist.draft(f"not that {self.dice.randrange(100)}")
        offered = await self.offered(form := self.dice.choice(("lens", "action")))
        title = self.dice.choice([it for it in ANSWERS if it in offered] or [""])
        if not title or (title == SAY and not self.is_draft()):
            return  # It moved on meanwhile.
        if title == SAY:
            self.typist.uses()
        self.answers[f"{title} ({form})"] = self.answers.get(f"{title} ({form})", 0) + 1
        question = self.question()
        await self.editor.command(offered[title]["command"], *offered[title]["arguments"])
        await self.typist.until(lambda: self.question() != question)

    async def offered(self, form: str) -> dict[str, Json]:
        """Return what is offered, by its title."""
        chat = self.typist.chat
        if form == "lens":
            found = await self.editor.request("textDocument/codeLens", {"textDocument": self.target})
            return {it["command"]["title"]: it["command"] for it in found}
        ((_, diagnostic), *_) = self.question() or [("", {"range": {"start": {"line": 0}}})]
        actions = await self.editor.actions(chat, diagnostic["range"]["start"]["line"])
        return {it["title"].removeprefix("Postil: "): it["command"] for it in actions}


def check_chat(typist: Typist, world: World, session_id: str) -> None:
    """Hold the chat document against the record, and the prompts against what stood there."""
    telling = Telling(Places(world.root))
    events = world.journal(session_id)
    for seq, (at, event) in enumerate(zip(times(world, session_id), events, strict=True), 1):
        telling.apply(event, at, seq)
    typist.chat_model.check(typist.chat.text, telling.replies, PROMPT)
    prompts = [it.text.strip() for it in events if isinstance(it, PromptReceived)]
    used = [it.words for it in typist.chat_model.used]
    assert prompts == [it for it in used if it in prompts], (prompts, used)


def times(world: World, session_id: str) -> list[float]:
    """Return when each event of a session was."""
    (path,) = world.state.glob(f"workspaces/*/sessions/{session_id}/journal.jsonl")
    return [json.loads(it)["at"] for it in path.read_text("utf-8").splitlines()]


def check_source(typist: Typist, world: World, session_id: str) -> None:
    """Hold the source file against the reference, and that against what became of each edit."""
    model = typist.source_model
    edits = [it for it in world.journal(session_id) if isinstance(it, CallFinished) and it.tool == "edit"]
    assert len(edits) == SLOTS
    assert typist.source.text == model.text
    for slot, it in enumerate(edits):
        assert model.made[slot] == (it.outcome == "completed"), (slot, it.outcome, it.content)
        assert it.outcome == "completed" or slot in model.touched, (slot, it.outcome, it.content)


async def check_server(editor: Editor, world: World, buffers: list[Buffer]) -> None:
    """Let an agent of another session read the documents: the hash of what it saw is that of the server's text."""
    created = await editor.command("postil.server.session.new", {})
    await editor.command(
        "postil.server.session.prompt", {"sessionId": created["sessionId"], "text": "Read them."}
    )
    journal = lambda: world.journal(created["sessionId"])  # noqa: E731
    await editor.until(lambda: isinstance(journal()[-1], TurnEnded))
    seen = [it.seen[0].hash for it in journal() if isinstance(it, CallFinished)]
    assert seen == [text_hash(it.text) for it in buffers]
