"""The main way through Postil in a chat document, from a prompt to taking all back, walked by a client that can more or less.

A prompt, reads, an edit of an open file and of a closed one, questions that are answered where they stand, a command that needs what
is unsaved, the end, what can be looked at, a second prompt, and the rewind. What was seen on the way is kept; `fallbacks.py` judges it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postil.core.events import CallFinished, Durable, Rewound, TurnEnded
from postil.workspace.files.uris import uri_to_path
from tests.support.able_client import AbleEditor
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer
from tests.support.lsp_world import World

APP, CLOSED, TYPED = "a = 1\nb = 2\n", "c = 1\n", "print('saved')\n"
SCRIPT: tuple[Json | str, ...] = (
    {"tool": "symbols", "input": {"name": "feed", "uses": True}},
    {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "b = 2", "new": "b = c"}]}},
    {"tool": "edit", "input": {"path": "closed.py", "edits": [{"old": "c = 1", "new": "c = 2"}]}},
    {"tool": "shell", "input": {"command": "sh -c 'cat typed.py'"}},
    "All done.",
    "Second.",
)


@dataclass
class Walk:
    """One walk, and what was seen."""

    world: World
    editor: AbleEditor
    chat: Buffer
    app: Buffer
    typed: Buffer
    session_id: str = ""
    turn_id: str = ""
    actions: list[Json] = field(default_factory=list[Json])
    """What was offered in the chat document before anything was sent."""
    answers: list[str] = field(default_factory=list[str])
    """The titles of what the last question could be answered with."""
    asked_to_save: list[str] = field(default_factory=list[str])
    """What the person was asked to save."""
    working: list[str] = field(default_factory=list[str])
    """The lenses at the last heading while a question was open, and after the end."""
    idle: list[str] = field(default_factory=list[str])
    outline: list[Json] = field(default_factory=list[Json])
    hover: Json = field(default_factory=dict[str, Any])
    """What was told where that question stood."""
    page: str = ""

    @property
    def said(self) -> list[str]:
        """The messages."""
        return [it.message for it in self.editor.client.messages]

    @property
    def journal(self) -> list[Durable]:
        """What is on record."""
        return self.world.journal(self.session_id)

    def finished(self, tool: str) -> list[CallFinished]:
        """Return what became of the calls of a tool."""
        return [it for it in self.journal if isinstance(it, CallFinished) and it.tool == tool]

    @property
    def beside(self) -> Path | None:
        """The file beside the chat document that a message names."""
        start = "Postil: This editor takes no edits, so the answers are written to "
        names = [it.removeprefix(start).removesuffix(".") for it in self.said if it.startswith(start)]
        return Path(names[0]) if names else None


async def walk(world: World, capabilities: Json) -> Walk:
    """Go the whole way; each step of it is waited for."""
    it = await _begun(world, capabilities)
    await _sent(it)
    await _worked(it)
    await _looked(it)
    await _gone_back(it)
    return it


async def _begun(world: World, capabilities: Json) -> Walk:
    world.trust()
    world.file("AGENTS.md", "Short.\n")
    world.file("lib.py", "def feed(x):\n    return x\n")
    world.file("use.py", "from lib import feed\nprint(feed(1))\n")
    world.file("closed.py", CLOSED)
    app, typed = world.file("app.py", APP), world.file("typed.py", "")
    await world.play(*SCRIPT)
    editor = AbleEditor(world.root)
    world.editors.append(editor)
    await world.start(editor, "bare", ours=False, capabilities=capabilities)
    path = uri_to_path((await editor.command("postil.server.chat.new", {}))["uri"])
    assert path is not None
    it = Walk(world, editor, editor.open(path), editor.open(app), editor.open(typed))
    editor.type(it.typed, 0, TYPED)
    return it


async def _sent(it: Walk) -> None:
    it.editor.type(it.chat, len(it.chat.text), "Mend it.\n")
    it.actions = await it.editor.actions(it.chat)
    (send,) = [one for one in it.actions if one["title"] == "Postil: Send"]
    sent = await it.editor.run(send)
    it.session_id, it.turn_id = sent["sessionId"], sent["turnId"]


async def _worked(it: Walk) -> None:
    """Answer each question where it stands, and save what is to be saved, until the turn ends."""
    editor = it.editor

    def ended() -> bool:
        return isinstance(it.journal[-1], TurnEnded)

    while await editor.until(lambda: len(editor.questions()) == 1 or ended()) and not ended():
        ((uri, diagnostic),) = editor.questions()
        line = diagnostic["range"]["start"]["line"]
        there = Buffer(uri, Path(), "")  # A question about a file that is closed is shown there, too.
        actions = {one["title"]: one for one in await editor.actions(there, line, [diagnostic])}
        if "Postil: Allow once" in actions:
            it.answers = [one.removeprefix("Postil: ") for one in actions]
            it.working = await _lenses(it)
            it.hover = await _told(it)
            await editor.run(actions["Postil: Allow once"])
        elif diagnostic["message"].startswith("Save "):
            it.asked_to_save.append(diagnostic["message"])
            editor.save(it.typed)
            editor.save(it.app)
        await editor.until(
            lambda gone=diagnostic: gone not in [one for _, one in editor.questions()] or ended()
        )
    await _rested(it)


async def _rested(it: Walk) -> None:
    """Return when the session is at rest: what is on record is on the disk a moment before the server goes on from it."""
    busy = True
    while busy:
        found = await it.editor.command("postil.server.session.list", {})
        busy = any(one["busy"] for one in found["sessions"])


async def _looked(it: Walk) -> None:
    """Look at what there is to be seen, and ask once more after something else has changed a file."""
    editor, document = it.editor, {"textDocument": {"uri": it.chat.uri}}
    it.idle = await _lenses(it)
    it.outline = await editor.request("textDocument/documentSymbol", document)
    it.page = (await editor.command("postil.server.overview", {}))["uri"]
    (it.world.root / "AGENTS.md").write_text("Use tabs.\n")
    before = len(it.world.model.requests)
    again = {"sessionId": it.session_id, "text": "More."}
    await editor.command("postil.server.session.prompt", again)
    await editor.until(lambda: sum(isinstance(one, TurnEnded) for one in it.journal) == 2)
    await _rested(it)
    assert len(it.world.model.requests) == before + 1


async def _told(it: Walk) -> Json:
    """Return what a hover says where the question stands, as soon as the server, too, knows that it has moved there."""
    while True:
        ((uri, diagnostic),) = it.editor.questions()
        place = {"textDocument": {"uri": uri}, "position": diagnostic["range"]["start"]}
        found = await it.editor.request("textDocument/hover", place)
        if found is not None:
            return found["contents"]


async def _gone_back(it: Walk) -> None:
    """Take everything back; each file is as it was."""
    target: Json = {"sessionId": it.session_id, "turnId": it.turn_id}
    plan = (await it.editor.command("postil.server.session.preview", target))["plan"]
    await it.editor.command("postil.server.session.rewind", target | {"plan": plan, "conversation": True})
    assert any(isinstance(one, Rewound) for one in it.journal)
    assert it.app.text == APP
    assert (it.world.root / "closed.py").read_text() == CLOSED


async def _lenses(it: Walk) -> list[str]:
    found = await it.editor.request("textDocument/codeLens", {"textDocument": {"uri": it.chat.uri}})
    last = max(one["range"]["start"]["line"] for one in found)
    return [one["command"]["title"] for one in found if one["range"]["start"]["line"] == last]
