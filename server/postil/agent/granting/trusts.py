"""What a session does about trust: it puts on record what is in force, asks once where it would matter, and never waits for that."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.effects import Fact
from postil.core.errors import JournalError, ProtocolError
from postil.core.events import ConfigurationInForce, QuestionAsked
from postil.core.hooks import Hook
from postil.core.question import Option, Question, in_order
from postil.core.revealing import one_line
from postil.core.submissions import Answer
from postil.permissions.trust import is_broad
from postil.permissions.trusting import InForce

log = logging.getLogger(__name__)

TRUST, RESTRICT = "trust", "restrict"
OPTIONS = (
    Option(id=TRUST, title="Trust this folder", kind="choice"),
    Option(id=RESTRICT, title="Keep it restricted", kind="choice"),
)
TITLE = "Trust this folder?"
_RUNS = "runs:"
"""What stands before the digest of what a question shows that the folder before it would run by itself."""
_LONGEST = 2_000


class Trusts:
    """The trust of one session's workspace."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._trusted = asyncio.Event()
        self._lock = asyncio.Lock()
        self._following: set[asyncio.Task[None]] = set()
        self._stop_listening = parts.trust.listen(self._told)

    async def look(self) -> None:
        """Look at what is in force, as another window may have said, and put it on record where it is something else."""
        await self._parts.trust.look()
        await self.follow()

    async def follow(self) -> None:
        """Put on record what is in force, and take the question back where somebody has answered it elsewhere."""
        async with self._lock:
            await self._follow()

    async def _follow(self) -> None:
        now = self._parts.trust.now
        configuration = self._emitter.state.workflow.configuration
        if configuration is None:
            return
        if (configuration.trusted, configuration.trust) != (now.trusted, now.why):
            await self._emitter.emit(_with_trust(configuration, now), sync=True)
        if not now.undecided:
            for question_id in self._open():
                await self._questions.take_back(question_id)
            self._parts.trust.release(self._emitter.session_id)
        if now.trusted:
            self._trusted.set()
        else:
            self._trusted.clear()

    async def until_trusted(self) -> None:
        """Return when the workspace is trusted and that is on record."""
        await self._trusted.wait()

    async def ask(self) -> None:
        """Ask whether the workspace is trusted, unless somebody was asked or has said so already."""
        now = self._parts.trust.now
        if now.trusted or not now.undecided or not self._parts.interactive or self._open():
            return
        if self._parts.above is not None:
            return  # The session above asks where it matters to itself.
        if self._parts.trust.claim(self._emitter.session_id):
            question = _question(self._parts.ids.new("question"), now)
            await self._emitter.emit(QuestionAsked(turn_id=None, question=question), sync=True)

    async def answer(self, question: Question, answer: Answer) -> None:
        """Keep the answer, then record it. Raises ProtocolError where it cannot be kept; the question stays open then."""
        verdict = "trusted" if answer.option_id == TRUST else "restricted"
        async with self._lock:
            self._questions.check(answer)
            try:
                folders, shown = _about(question)
                await self._parts.trust.decide(verdict, answer.face, folders, shown)
            except OSError as error:
                raise ProtocolError(
                    f"Your answer could not be kept: {error.strerror or error}.",
                    "See to it that Postil's state folder can be written, and answer again.",
                ) from error
            await self._questions.answer(answer)
            await self._follow()

    def close(self) -> None:
        """Follow no more, and let another session ask."""
        self._stop_listening()
        self._parts.trust.release(self._emitter.session_id)

    def _told(self) -> None:
        task = asyncio.ensure_future(self._follow_by_itself())
        self._following.add(task)  # the loop alone would let it go
        task.add_done_callback(self._following.discard)

    async def _follow_by_itself(self) -> None:
        try:
            await self.follow()
        except JournalError as error:
            log.warning("what is in force of trust could not be recorded: %s", error)

    def _open(self) -> list[str]:
        questions = self._emitter.state.workflow.questions
        return [key for key, it in questions.items() if it.question.kind == "trust"]


def _with_trust(configuration: ConfigurationInForce, now: InForce) -> ConfigurationInForce:
    cause = "the workspace is trusted now" if now.trusted else "the workspace is not trusted"
    return configuration.model_copy(update={"trusted": now.trusted, "trust": now.why, "cause": cause})


def _question(question_id: str, now: InForce) -> Question:
    folders = [str(it) for it in now.undecided]
    facts = [
        Fact(name="if trusted", text="git looks at it without asking, and your own rules hold here"),
        Fact(name="until then", text="reading works; git, and what your rules would allow, is asked about"),
    ]
    facts += [Fact(name="runs", text=_hook(it)) for _, found in now.configured for it in found.hooks]
    broad = [words for it in now.undecided if (words := is_broad(it, Path.home()))]
    facts += [Fact(name="mind", text=words) for words in broad]
    return Question(
        id=question_id,
        kind="trust",
        title=TITLE,
        subject="\n".join(folders),
        facts=in_order(facts),
        options=OPTIONS,
        about=tuple(it for folder in now.undecided for it in (str(folder), *_shown(folder, now))),
    )


def _hook(hook: Hook) -> str:
    """Return a hook in one line, as it would run if the folder were trusted."""
    about = f" of {hook.matcher}" if hook.matcher else ""
    return one_line(f"if trusted, at {hook.moment}{about}: {hook.command}", _LONGEST)


def _shown(folder: Path, now: InForce) -> tuple[str, ...]:
    return tuple(f"{_RUNS}{it.digest}" for root, it in now.configured if root == folder)


def _about(question: Question) -> tuple[list[Path], dict[Path, str]]:
    """Return the folders that a question is about, and the digests of what it shows that they would run by themselves."""
    folders: list[Path] = []
    shown: dict[Path, str] = {}
    for it in question.about:
        if it.startswith(_RUNS) and folders:
            shown[folders[-1]] = it.removeprefix(_RUNS)
        else:
            folders.append(Path(it))
    return folders, {it: shown.get(it, "") for it in folders}
