"""`postil demo`: the main job on a small real project, through a real server process, as it happens."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from postil.cli.render import Renderer, shown
from postil.cli.terminal import Terminal
from postil.core.ephemeral import SessionHalted
from postil.core.errors import PostilError
from postil.core.event_codec import decode_any
from postil.core.events import (
    FileChanged,
    PermissionAsked,
    PermissionDecided,
    Publication,
    QuestionAsked,
    TurnEnded,
)
from postil.core.question import Question
from postil.journal.layout import state_directory
from postil.lsp.client import Buffer, HeadlessEditor, ReplyError
from postil.model.scripted import ScriptedModel
from postil.workspace.texts.diff import unified_diff

TYPED = '''

def widths(rows: list[list[str]]) -> list[int]:
    """Return how wide each column is."""
    return [max(map(len, column)) for column in zip(*rows, strict=True)]
'''
"""What the demo's person has typed in the parser and not saved."""

FAILING = {
    "range": {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": 16}},
    "severity": 1,
    "source": "unittest",
    "message": "test_without_newline: ['name', 'size'] != ['name', 'size', 'date']: the last field is lost",
}
"""What a test runner's extension reports at the function."""

ANSWER_SECONDS = 0.6
"""How long the demo's person looks at a question."""

PATIENCE = 120.0
"""Seconds without any event after which the demo gives up; the real service may take longer over a reply."""
LIVE_PATIENCE = 600.0
TEST_SECONDS = 60.0


def demo(options: argparse.Namespace) -> int:
    """Run the demo and return 0 only if the project's own tests pass and the unsaved typing survived."""
    console = Terminal(highlight=False, width=None if sys.stdout.isatty() else 110, force_terminal=_colour())
    folder = Path(tempfile.mkdtemp(prefix="postil-demo-"))
    try:
        with as_file(files("postil.cli").joinpath("sample")) as sample:
            project = shutil.copytree(sample, folder / "tidy", ignore=shutil.ignore_patterns("__pycache__"))
        return asyncio.run(_Demo(console, project, live=options.live).run())
    finally:
        if options.keep:
            console.print(f"The project's copy is in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _colour() -> bool | None:
    return True if os.environ.get("FORCE_COLOR") else None


class _Demo:
    def __init__(self, console: Console, project: Path, *, live: bool) -> None:
        self._console = console
        self._project = project.resolve()
        self._live = live
        self._renderer = Renderer(console, self._display, options=False)
        self._editor: HeadlessEditor | None = None
        self._publications: asyncio.Queue[Publication] = asyncio.Queue()
        self._patience = LIVE_PATIENCE if live else PATIENCE

    async def run(self) -> int:
        since = time.monotonic()
        async with AsyncExitStack() as stack:
            environment = dict(os.environ)
            if self._live:
                self._say("The replies come from the real model service.")
            else:
                with as_file(files("postil.cli").joinpath("demo.yaml")) as script:
                    server = await stack.enter_async_context(ScriptedModel.load(script))
                environment |= {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "scripted"}
                self._say(
                    "No key, no network: the replies come from a scripted model, served over HTTP on loopback"
                )
                self._say(
                    "in the Messages API's own format. All the rest is real: the server, the edits, the tests."
                )
            process = await self._launch(environment)
            try:
                await self._connect(process)
                session_id = await self._work(process)
            except ReplyError as error:
                raise PostilError(
                    f"The server failed: {error.message}.", "Its own words are above."
                ) from error
            finally:
                await self._stop(process)
        return await self._verdict(session_id, time.monotonic() - since)

    async def _launch(self, environment: dict[str, str]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "postil", "serve",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment, cwd=self._project,
        )  # fmt: skip

    async def _connect(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._editor = HeadlessEditor(process.stdout, process.stdin, self._project)
        self._editor.on_edit = self._edited
        self._editor.handle("postil/session/update", self._update)
        answer = await self._in_time(self._editor.initialize())
        info = answer["serverInfo"]
        self._head(
            f"Editor and server are connected over stdio: {info['name']} {info['version']}, process {process.pid}"
        )

    async def _stop(self, process: asyncio.subprocess.Process) -> None:
        if self._editor is not None and process.returncode is None:
            with suppress(ReplyError, TimeoutError):
                await asyncio.wait_for(self._editor.shutdown(), 10)
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _work(self, process: asyncio.subprocess.Process) -> str:
        editor = self._editor
        assert editor is not None
        self._head("You have tidy/parser.py open, and have just typed a function that is not saved yet")
        buffer = editor.open(self._project / "tidy" / "parser.py")
        editor.type(buffer, buffer.text + TYPED)
        for line in TYPED.strip().splitlines():
            self._console.print(Text(f"    {line}", "cyan"))
        self._head("A test fails; the editor shows it at the function. Its quick fixes:")
        actions = await self._in_time(editor.actions(buffer, 3, [FAILING]))
        for action in actions:
            self._say(f"    {action['title']}")
        chosen = next(it for it in actions if it["title"].startswith("Ask agent to fix"))
        self._head(f"You choose: {chosen['title']}")
        session_id = (await self._in_time(editor.run(chosen)))["sessionId"]
        await self._follow(process, session_id, buffer)
        return session_id

    async def _follow(self, process: asyncio.subprocess.Process, session_id: str, buffer: Buffer) -> None:
        while True:
            publication = await self._next(process)
            event = publication.event
            self._renderer.show(_without_diff(publication))
            if isinstance(event, PermissionAsked):
                await self._answer(session_id, event.question, "Postil: Allow once", buffer)
            elif isinstance(event, QuestionAsked):
                await self._answer(session_id, event.question, "Postil: ", buffer)
            elif isinstance(event, TurnEnded | SessionHalted):
                return

    async def _next(self, process: asyncio.subprocess.Process) -> Publication:
        """Return the next event. Raises PostilError where the server ends or says nothing for too long."""
        event = asyncio.ensure_future(self._publications.get())
        ended = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({event, ended}, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
            if event.done():
                return event.result()
            if ended.done():
                raise PostilError(
                    f"The server ended with status {ended.result()}.", "Its own words are above."
                )
            raise self._silence()
        finally:
            event.cancel()
            ended.cancel()

    async def _in_time(self, answer: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(answer, self._patience)
        except TimeoutError:
            raise self._silence() from None

    def _silence(self) -> PostilError:
        return PostilError(
            f"Nothing came from the server for {self._patience:.0f} s.", "Run it again with POSTIL_LOG=DEBUG."
        )

    async def _answer(self, session_id: str, question: Question, wanted: str, buffer: Buffer) -> None:
        """Answer as a person does: by the code action that the editor gets for the question."""
        editor = self._editor
        assert editor is not None
        line = question.anchor.line if question.anchor is not None else 0
        actions = await self._in_time(editor.actions(buffer, line, []))
        own = [it for it in actions if _question_id(it) == question.id]
        self._say("    The editor's quick fixes:")
        for action in own:
            self._say(f"      {action['title']}")
        await asyncio.sleep(ANSWER_SECONDS)
        chosen = next((it for it in own if it["title"].startswith(wanted)), None)
        if chosen is not None:
            await self._in_time(editor.run(chosen))
        else:
            self._say("    None of them is an answer that the demo can give; it stops the turn.")
            await self._in_time(editor.request("postil/session/cancel", {"sessionId": session_id}))

    def _edited(self, label: str, uri: str, before: str, after: str) -> None:
        self._head(f"workspace/applyEdit, one undo step: {label}")
        name = Path(uri).name
        for line in shown(unified_diff(before, after, name)).removesuffix("\n").split("\n"):
            style = "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"
            self._print(f"    {line}", style)

    def _update(self, params: dict[str, Any]) -> None:
        event = decode_any(params["event"])
        if isinstance(event, PermissionDecided) and event.by == "rule":
            return
        self._publications.put_nowait(Publication(params["sessionId"], params["seq"], params["after"], event))

    async def _verdict(self, session_id: str, seconds: float) -> int:
        path = self._project / "tidy" / "parser.py"
        survived = path.is_file() and TYPED in path.read_text("utf-8", "replace")
        passed = await _tests_pass(self._project)
        self._head("Verdict")
        self._mark(passed, "the project's own tests pass (python3 -m unittest, run by the demo)")
        self._mark(survived, "what you had typed and not saved is still there")
        self._say(f"  session {session_id}, kept in {state_directory()}")
        self._say(f"  to read it: postil sessions show {session_id}")
        self._say(f"  to delete it: postil sessions delete {session_id}")
        self._say(f"  {seconds:.1f} s")
        return 0 if passed and survived else 1

    def _display(self, path: Path) -> str:
        return str(path.relative_to(self._project)) if path.is_relative_to(self._project) else str(path)

    def _mark(self, good: bool, text: str) -> None:
        self._print(f"  {'yes' if good else 'NO'}  {text}", "green" if good else "bold red")

    def _head(self, text: str) -> None:
        self._print(f"\n{text}", "bold")

    def _say(self, text: str) -> None:
        self._print(text, "")

    def _print(self, text: str, style: str) -> None:
        self._console.print(Text(shown(text), style), soft_wrap=True)


async def _tests_pass(project: Path) -> bool:
    """Run the project's tests; none at all is not a pass."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "unittest", cwd=project,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), TEST_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0 and b"\nRan 0 tests" not in said


def _question_id(action: dict[str, Any]) -> str | None:
    command: dict[str, Any] = action.get("command") or {}
    arguments: list[dict[str, Any]] = command.get("arguments") or []
    return arguments[0].get("questionId") if arguments else None


def _without_diff(publication: Publication) -> Publication:
    """The edit itself was shown when the editor applied it."""
    if not isinstance(publication.event, FileChanged):
        return publication
    return replace(publication, event=publication.event.model_copy(update={"diff": ""}))
