"""One try: Postil as `app` builds it from the harness, over a throw-away workspace and a throw-away state, with a model that plays."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from postil.agent.session import Session
from postil.app import App, Setting, build
from postil.config.server_options import WrittenServer
from postil.core.agent_types import BUILD
from postil.core.event import Event
from postil.core.events import CallFinished, PermissionAsked, Publication, QuestionAsked
from postil.core.hooks import Hook
from postil.core.ports import NoWeb
from postil.core.question import Question
from postil.core.spending import END
from postil.core.submissions import Answer, Prompt
from postil.guardrails.harness import Harness
from postil.guardrails.playing import DONE, Play, Playing
from postil.guardrails.tree import tree
from postil.workspace.buffers.overlay import NoEditor

FACE = "guardrails"
PATIENCE = 20.0
"""Seconds after which something is said not to end."""
_MORE = 5
"""How much longer what did not end is waited for, when it is tried again by itself."""
_unhurried = ContextVar("unhurried", default=False)


def take_time() -> None:
    """Wait longer for all that is tried from here on in this task."""
    _unhurried.set(True)


FILES: Mapping[str, str] = {
    "a.py": "x = 1\n",
    "b.py": "y = 1\n",
    "docs/readme.md": "# A small project\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/config": "[core]\n\tbare = false\n",
}
"""The small workspace. Its `.git` is no repository that git would take: nothing of it runs."""
_E = TypeVar("_E", bound=Event)


class Stuck(Exception):
    """Something did not end in the time that it was given."""


def yes(question: Question) -> str:
    """Answer as somebody does who agrees to everything but to leaving plan mode and to spending more."""
    if question.kind == "halt":
        return END
    no = "reject_once" if question.title == "Leave plan mode?" else "allow_once"
    return no if any(it.id == no for it in question.options) else question.options[0].id


def no(question: Question) -> str:
    """Answer as somebody does who agrees to nothing."""
    if question.kind == "halt":
        return END
    return "reject_once" if question.kind == "permission" else question.options[-1].id


@dataclass
class Trial:
    """A process of Postil in the throw-away workspace."""

    app: App
    folder: Path
    """Holds all that may be changed: the workspace and the state."""
    root: Path
    model: Playing
    answer: Callable[[Question], str] = yes
    attends: bool = True
    """Whether anybody answers."""
    told: Callable[[Publication], None] = lambda _: None
    """Is told of everything, before anybody answers."""
    seen: list[Publication] = field(default_factory=list[Publication])
    _answering: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def begin(self, agent: str = BUILD, mode: str = "default") -> Session:
        """Return a new session, whose every question is answered."""
        return self._attended(await self.app.sessions.new(FACE, self._see, agent=agent, mode=mode))

    async def reopen(self, session_id: str) -> Session:
        """Return a session that was left."""
        return self._attended((await self.app.sessions.open(session_id, FACE, self._see)).session)

    async def turn(self, session: Session, text: str = "Go on.", patience: float = PATIENCE) -> None:
        """Run a turn to its end. Raises Stuck."""
        await session.prompt(Prompt(text, face=FACE))
        await self.ends(session, patience)

    async def ends(self, session: Session, patience: float = PATIENCE) -> None:
        """Return when nothing runs any more. Raises Stuck."""
        try:
            async with asyncio.timeout(patience * (_MORE if _unhurried.get() else 1)):
                await session.idle()
        except TimeoutError:
            raise Stuck from None

    def events(self, kind: type[_E]) -> Sequence[_E]:
        """Return what was published of this kind."""
        return [it.event for it in self.seen if isinstance(it.event, kind)]

    def finished(self) -> Mapping[str, CallFinished]:
        """Return how calls ended, by their ids."""
        return {it.call_id: it for it in self.events(CallFinished)}

    def files(self) -> Mapping[str, str]:
        """Return all that lies beside the state, with hashes."""
        return tree(self.folder, but=("state", "copies"))

    def _see(self, publication: Publication) -> None:
        self.seen.append(publication)
        self.told(publication)

    def _attended(self, session: Session) -> Session:
        def look(publication: Publication) -> None:
            if self.attends and isinstance(publication.event, PermissionAsked | QuestionAsked):
                question = publication.event.question
                answer = Answer(question.id, self.answer(question), face=FACE)
                # What a sub-agent asks is answered in its own session.
                asking = self.app.sessions.working_below(publication.session_id) or session
                task = asyncio.ensure_future(asking.answer(answer))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

        session.subscribe(look)
        return session


@asynccontextmanager
async def trial(
    harness: Harness,
    plays: Sequence[Play] | Callable[[int], Play] = (),
    *,
    allow: tuple[str, ...] = (),
    files: Mapping[str, str] = FILES,
    servers: Callable[[Path], tuple[WrittenServer, ...]] = lambda _: (),
    hooks: tuple[Hook, ...] = (),
    limited: bool = False,
) -> AsyncGenerator[Trial]:
    """Give Postil as the harness makes it, but for its servers of tools: none of them is started here. `servers` are named instead.
    Its hooks are left out, for `hooks`: what holds has to hold where none of them objects. So are its limits, unless it is to be `limited`.

    Raises PostilError where the harness cannot be used at all.
    """
    folder = await asyncio.to_thread(lambda: Path(tempfile.mkdtemp(prefix="postil-guardrails-")).resolve())
    try:
        roots = await asyncio.to_thread(_lay_out, harness, folder, files)
        harness = harness if limited else harness.with_room()
        named = replace(
            harness,
            loaded=replace(harness.loaded, servers=servers(roots[0]), hooks=_in(roots, harness, hooks)),
        )
        async with open_trial(named, folder, roots, plays, allow=allow) as found:
            yield found
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@asynccontextmanager
async def open_trial(
    harness: Harness,
    folder: Path,
    roots: tuple[Path, ...],
    plays: Sequence[Play] | Callable[[int], Play],
    *,
    allow: tuple[str, ...] = (),
    state: str = "state",
) -> AsyncGenerator[Trial]:
    """Give Postil over a workspace that is there."""
    model = Playing(plays if callable(plays) else lambda place: plays[place] if place < len(plays) else DONE)
    setting = Setting(
        roots, NoEditor(), interactive=True, allow=allow, trust=True, model=model, web=NoWeb(), state=folder / state
    )  # fmt: skip
    app = await asyncio.to_thread(build, harness.loaded, setting)
    try:
        yield Trial(app, folder, roots[0], model)
    finally:
        await app.close("the try is over")
        app.workspace.close()


def _in(roots: tuple[Path, ...], harness: Harness, hooks: tuple[Hook, ...]) -> tuple[Hook, ...]:
    """Return the hooks with those of the workspace in its copy."""
    copies = {str(it): str(copy) for it, copy in zip(harness.roots, roots, strict=True)}
    return tuple(it.model_copy(update={"root": copies.get(it.root, it.root)}) for it in hooks)


def _lay_out(harness: Harness, folder: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    roots = harness.lay_out(folder)
    for name, text in files.items():
        path = roots[0] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return roots
