"""Postil whole in this process: as `app` builds it, over real files, with a scripted model on loopback and somebody who answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from postil.agent.session import Session
from postil.app import App, Setting, build
from postil.config.load import load
from postil.core.event import Event
from postil.core.events import PermissionAsked, Publication, QuestionAsked
from postil.core.question import Question
from postil.core.submissions import Answer, Prompt
from postil.model.scripted import ScriptedModel
from postil.model.scripted.server import Received
from postil.workspace.buffers.overlay import NoEditor

_E = TypeVar("_E", bound=Event)


def no(question: Question) -> str:
    """The answer of somebody who denies, and takes the first choice of what is no permission."""
    return "reject_once" if question.kind == "permission" else question.options[0].id


@dataclass
class House:
    """One process of Postil in a workspace."""

    app: App
    root: Path
    server: ScriptedModel
    answer: Callable[[Question], str] = no
    seen: list[Publication] = field(default_factory=list[Publication])
    _answering: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def begin(self, agent: str | None = None, mode: str | None = None) -> Session:
        """Return a new session, every question of which is answered."""
        session = await self.app.sessions.new("test", self.see, agent=agent, mode=mode)
        return self._attended(session)

    async def reopen(self, session_id: str) -> Session:
        """Return a session that an earlier process has left."""
        return self._attended((await self.app.sessions.open(session_id, "test", self.see)).session)

    async def turn(self, session: Session, text: str = "Go on.") -> None:
        """Run a turn to its end."""
        await session.prompt(Prompt(text, face="test"))
        await session.idle()

    def events(self, kind: type[_E]) -> list[_E]:
        """Return what was published of this kind."""
        return [it.event for it in self.seen if isinstance(it.event, kind)]

    def texts(self) -> dict[str, str]:
        """Return every file of the workspace with its text."""
        return {it.relative_to(self.root).as_posix(): it.read_text() for it in _files(self.root)}

    def see(self, publication: Publication) -> None:
        """Keep what is told."""
        self.seen.append(publication)

    def _attended(self, session: Session) -> Session:
        def look(publication: Publication) -> None:
            if isinstance(publication.event, PermissionAsked | QuestionAsked):
                question = publication.event.question
                answer = Answer(question.id, self.answer(question), face="test")
                asked = self.app.sessions.get(publication.session_id) if publication.above else session
                task = asyncio.ensure_future(asked.answer(answer))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

        session.subscribe(look)
        return session


@asynccontextmanager
async def house(
    folder: Path,
    script: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    *,
    trust: bool = True,
    interactive: bool = True,
    **options: Any,
) -> AsyncGenerator[House]:
    """Give Postil over `folder / "work"`, with settings and state beside it; `options` are those of a call."""
    root = folder / "work"
    root.mkdir(exist_ok=True)
    monkeypatch.setenv("POSTIL_STATE_DIR", str(folder / "state"))
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(folder / "config"))
    async with ScriptedModel.load(script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        app = build(
            load((root,), options), Setting((root,), NoEditor(), interactive=interactive, trust=trust)
        )
        try:
            yield House(app, root, server)
        finally:
            await app.close("the test ended")
            app.workspace.close()


def beginning(request: Received) -> tuple[Any, Any]:
    """Return what the service caches of a request: tools and system prompt, without the tools that are loaded later."""
    tools = [it for it in request.body.get("tools", ()) if not it.get("defer_loading")]
    return tools, request.body.get("system")


def tools_of(request: Received) -> list[str]:
    """Return the names of the tools that the model was shown."""
    return [it["name"] for it in request.body.get("tools", ())]


def _files(folder: Path) -> Iterator[Path]:
    return (it for it in sorted(folder.rglob("*")) if it.is_file())
