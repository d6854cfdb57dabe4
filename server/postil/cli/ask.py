"""`postil ask`: one prompt, headless, through the same core as every editor."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from postil.agent.runner import TRYING
from postil.app import App, Setting, build
from postil.cli.stopping import Stopping
from postil.config.load import load
from postil.core.ephemeral import StageChanged
from postil.core.errors import ConfigurationError, OtherWorkspace, ProtocolError, UsageError
from postil.core.event_codec import encode
from postil.core.events import (
    AgentTypeInForce,
    ChecksStarted,
    ConfigurationInForce,
    MemoryInForce,
    ModelCalled,
    PermissionDecided,
    PrefixChanged,
    PromptReceived,
    Publication,
    QuestionAsked,
    Routed,
    SessionCreated,
    SkillsInForce,
    TurnEnded,
    VerificationEnded,
)
from postil.core.meter import meter
from postil.core.question import Question
from postil.core.spending import RAISE
from postil.core.submissions import Answer, Prompt, Resume, SetMode
from postil.core.verification import QUIET
from postil.permissions.rule import parse
from postil.permissions.taint import NOT_TRUSTED
from postil.workspace.buffers.overlay import NoEditor

if TYPE_CHECKING:
    from postil.agent.emitter import Subscriber
from postil.agent.session import Session

FACE = "cli"
EXIT_DENIED = 3
EXIT_BUDGET = 4
EXIT_NOT_VERIFIED = 5
_SILENT = (
    PromptReceived,
    Routed,
    PrefixChanged,
    ModelCalled,
    StageChanged,
    SessionCreated,
    AgentTypeInForce,
    ConfigurationInForce,
    SkillsInForce,
    MemoryInForce,
)
"""The events before the first request; a person is shown nothing of them."""
_TO_TRUST = "Less runs unasked there: `--trust` trusts it for one run, `postil trust allow` for good."


def ask(options: argparse.Namespace) -> int:
    """Run the prompt to the end of its turn and return the exit status."""
    root = Path(options.workspace)
    if not root.is_dir():
        raise UsageError(f"There is no folder {options.workspace}.", "Name one with --workspace.")
    text = sys.stdin.read() if options.prompt == "-" else options.prompt
    if not text.strip() and options.resume is None:
        raise UsageError("Nothing was asked.", 'Write it in quotes: postil ask "…".')
    _check_rules(options.allow)
    if options.resume is not None and options.agent is not None:
        raise UsageError(
            "A session keeps the agent type that it was begun with.", "Leave out --agent, or --resume."
        )
    wanted = None if options.resume is None else _to_resume(options)
    roots = (root.resolve(),)
    loaded = load(roots, {"mode": options.mode, "model": options.model, "agent": options.agent})
    for problem in loaded.problems:
        where = f"{problem.path}: {problem.option}".rstrip(": ")
        if problem.path == "the call":
            raise UsageError(f"{problem.option}: {problem.message}.")
        sys.stderr.write(f"postil: {where}: {problem.message}\n")
    setting = Setting(
        roots, NoEditor(), interactive=False, allow=tuple(options.allow), trust=options.trust, tries_changes=True
    )  # fmt: skip
    app = build(loaded, setting)
    return asyncio.run(_ask(app, text, wanted, options))


def _to_resume(options: argparse.Namespace) -> str:
    """Return the session's id, before anything is made in the state directory."""
    from postil.cli.finding import find, plainly  # noqa: PLC0415 - a new session needs none of it

    try:
        with plainly():
            return find(options.resume, options.workspace).id
    except UsageError as error:
        raise UsageError(error.message, "Leave out --resume to start one.") from error


def _check_rules(rules: Sequence[str]) -> None:
    for rule in rules:
        try:
            parse(rule, "allow", "session")
        except ConfigurationError as error:
            raise UsageError(f"--allow {error.message}", error.mend) from error


class Outcome:
    """What the exit status is read from."""

    def __init__(self) -> None:
        self.end: TurnEnded | None = None
        self.denied = False
        self._checks: set[str] = set()
        """Calls that run checks: one that is denied is no denial of what was asked for."""
        self.unverified = False
        """Whether files were edited, checks are there for them, and they do not speak for the edits."""
        self.halt: Question | None = None
        """What the turn stands at, left open at a limit."""
        self.told_of_halt = False
        self.for_want_of_trust = False
        """Whether something was denied because the workspace is not trusted."""
        self.stopping = Stopping()

    def see(self, publication: Publication) -> None:
        """Note how calls were decided and how the turn ended."""
        event = publication.event
        if publication.above and not isinstance(event, PermissionDecided):
            return  # A sub-agent's turn is not the turn.
        if isinstance(event, PermissionDecided) and event.decision == "deny":
            self.denied |= event.call_id not in self._checks
            self.for_want_of_trust |= NOT_TRUSTED in event.why
        elif isinstance(event, QuestionAsked) and event.question.kind == "halt":
            self.told_of_halt = True
        elif isinstance(event, ChecksStarted):
            self._checks |= {it.call_id for it in event.checks}
        elif isinstance(event, VerificationEnded):
            self.unverified = not event.verified and event.reason not in QUIET
        elif isinstance(event, TurnEnded):
            self.end = event

    @property
    def status(self) -> int:
        """0 done, 1 failed, 3 something was denied, 4 a limit was reached, 5 not verified, 128 and its number after a signal.

        Output that nobody reads any more is SIGPIPE, whatever else happened.
        """
        if self.stopping.signal is not None and (self.end is None or self.end.reason == "cancelled"):
            return 128 + self.stopping.signal
        if self.stopping.unread is not None:
            return self.stopping.unread
        if self.halt is not None:
            return EXIT_BUDGET
        if self.end is None or self.end.reason in ("failed", "refusal", "cancelled", "interrupted"):
            return 1
        if self.end.reason in ("max_turn_requests", "budget_exhausted", "max_tokens"):
            return EXIT_BUDGET
        if self.denied:
            return EXIT_DENIED
        return EXIT_NOT_VERIFIED if self.unverified else 0


async def _ask(app: App, text: str, wanted: str | None, options: argparse.Namespace) -> int:
    outcome = Outcome()
    warm = asyncio.ensure_future(app.model.warm())
    try:
        show = _print_json if options.json else _printer(app)
        stopping = outcome.stopping
        session = await _session(
            app, wanted, outcome.see, stopping.printing(show), agent=await _type_wanted(app, text, options)
        )
        if options.mode is not None and wanted is not None:
            await session.set_mode(SetMode(options.mode, FACE))
        stopping.watch(session)
        if stopping.unread is None:
            await _work(session, text, raises=options.raise_limit)
            outcome.halt = _halt(session)
            if not options.json and stopping.unread is None:
                _tell_spending(session, outcome, app.loaded.options.limits.warn_at)
    finally:
        await app.close("the command ended")
        warm.cancel()
    if (halted := session.halted) is not None:
        begun = f"Resume it with: postil ask --resume {session.id}"
        how = begun if session.state.workflow.turns else "Nothing was begun: ask again then."
        sys.stderr.write(f"postil: {halted.message} {halted.mend} {how}\n")
    if outcome.for_want_of_trust and outcome.stopping.unread is None:
        sys.stderr.write(f"postil: {app.trust.now.why}. {_TO_TRUST}\n")
    return outcome.status


def _halt(session: Session) -> Question | None:
    """Return the open question at a limit."""
    questions = (it.question for it in session.state.workflow.questions.values())
    return next((it for it in questions if it.kind == "halt"), None)


def _tell_spending(session: Session, outcome: Outcome, warn_at: float | str) -> None:
    """Write what was used of the limits, which are nearly used up, and how to go on where one halted the turn."""
    found = meter(session.state.workflow)
    words = [*found.used(named=True), found.cache()] if found is not None else []
    if words := [it for it in words if it]:
        print(" · ".join(words), flush=True)
    if found is not None and isinstance(warn_at, float) and outcome.halt is None:
        for warning in found.warnings(warn_at).values():
            print(warning, flush=True)
    if outcome.halt is not None:
        if not outcome.told_of_halt:
            print(f"{outcome.halt.title}. {outcome.halt.subject}")
        print(f"Go on with: postil ask --resume {session.id} --raise", flush=True)


async def _work(session: Session, text: str, *, raises: bool) -> None:
    if raises:
        halt = _halt(session)
        if halt is None or text.strip():
            raise UsageError(
                "--raise goes on with a session that halted at a limit.", "Leave out --raise, or the prompt."
            )
        if all(it.id != RAISE for it in halt.options):
            raise UsageError("That limit is set for everybody; it cannot be raised.", "Ask whoever sets it.")
        await session.answer(Answer(halt.id, RAISE, face=FACE))
    elif text.strip():
        await session.prompt(Prompt(text, face=FACE))
    else:
        await session.resume(Resume(FACE))
    await session.idle()


async def _type_wanted(app: App, text: str, options: argparse.Namespace) -> str | None:
    """Return the agent type that a new session has for its slash command's sake; None where that is for any, or the person names one."""
    if options.agent is not None or text.lstrip()[:1] != "/":
        return None
    from postil.agent.commanding.giving import type_wanted  # noqa: PLC0415 - loaded with the first

    return await asyncio.to_thread(type_wanted, text, app.commands, trusted=app.trust.now.trusted)


async def _session(
    app: App, wanted: str | None, *subscribers: Subscriber, agent: str | None = None
) -> Session:
    """Return a new session, or the one to resume; `subscribers` hear of what opening it brings to light."""
    if wanted is None:
        return await app.sessions.new(FACE, *subscribers, agent=agent)
    try:
        session = (await app.sessions.open(wanted, FACE, *subscribers)).session
        session.hold()  # What was left waiting in an editor is sent from there.
        return session
    except OtherWorkspace as error:
        from postil.cli.finding import moved  # noqa: PLC0415 - a new session needs none of it

        there = moved(error.home, wanted) or f"Go on there: --workspace {shlex.quote(error.home)}"
        raise UsageError(error.message, there) from error
    except ProtocolError as error:
        raise UsageError(error.message, "Leave out --resume to start one.") from error


def _print_json(publication: Publication) -> None:
    line = {
        "sessionId": publication.session_id,
        "seq": publication.seq,
        "after": publication.after,
        "event": encode(publication.event),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _notes(event: object) -> bool:
    """Whether there is something to say of what a prompt mentions, or of instructions."""
    if isinstance(event, MemoryInForce):
        return any(it.cut or it.left_out for it in event.files)
    return isinstance(event, PromptReceived) and any(it.note for it in event.context)


def _printer(app: App) -> Callable[[Publication], None]:
    """Return what writes events for a person. The terminal library is loaded at the first of them that has something
    to show: by then the model's first request is on its way, and JSON needs none."""
    show: Callable[[Publication], None] | None = None

    def late(publication: Publication) -> None:
        nonlocal show
        if isinstance(publication.event, StageChanged) and publication.event.detail == TRYING:
            sys.stderr.write("Trying your changed configuration first…\n")
            sys.stderr.flush()
        if show is None:
            if publication.above or (
                isinstance(publication.event, _SILENT) and not _notes(publication.event)
            ):
                return
            from postil.cli.render import Renderer  # noqa: PLC0415

            show = Renderer(display=app.workspace.display).show
        show(publication)

    return late
