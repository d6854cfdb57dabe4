"""`shell`: one command line, run to its end in the workspace folder."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from postil.core.effects import Access, Command, Conflict, Fact, Invocation, Preview, Result, RunContext
from postil.core.errors import StaleCommand, ToolError
from postil.core.jobs import Job
from postil.core.messages import Value
from postil.core.outlook import Outlook, differences, mark
from postil.core.ports import Overtaken, ShellResult, ToolPorts, Workspace
from postil.core.revealing import exact, one_line, revealed
from postil.tools.output import both_ends, counted
from postil.tools.unsaved import in_roots, lay_over, names_of, overwritten, own_in_roots, save

TIMEOUT = 120.0
LONGEST = 600.0
JOB_LONGEST = 24 * 3600.0
"""Seconds until a job is ended for which no time limit is given."""
CHARACTERS = 28_000
MOST_PROGRAMS = 8


def _says_something(command: str) -> str:
    if not command.strip():
        raise ValueError("should not be empty")
    if "\0" in command:
        raise ValueError("should hold no NUL character")
    return command


class Params(Value):
    """What to run."""

    command: Annotated[str, AfterValidator(_says_something), Field(description="The command line.")]
    timeout: Annotated[
        float | None,
        Field(gt=0, le=LONGEST, description="Seconds until it is ended; 120 by default, 600 at most."),
    ] = None
    background: Annotated[
        bool | None,
        Field(
            description="Whether it runs on while you go on, such as a server; `background` reads and stops it."
        ),
    ] = None
    outside_sandbox: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=500,
            description="Why it has to run outside the sandbox, such as `it installs from the network`. It is asked about.",
        ),
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Say what would run, where, and what it would save first or wait for."""
    workspace = ports.workspace
    if not workspace.roots:
        raise ToolError("There is no workspace folder to run a command in.")
    command = Command(
        params.command,
        workspace.roots[0],
        params.timeout or (JOB_LONGEST if params.background else TIMEOUT),
        outside=(params.outside_sandbox or "").strip(),
        background=bool(params.background),
    )
    command = replace(command, outlook=await _outlook(command, ports))
    saves = await own_in_roots(workspace) if workspace.can_save else ()
    unsaved = () if workspace.can_save else await in_roots(workspace)
    crossed = await workspace.crossed()
    overwrites = tuple(it for it in crossed if it in (*saves, *unsaved))

    async def run(context: RunContext) -> Result:
        # For what only reads nobody was asked, so no typing of a person's own is saved.
        allowed = () if context.only_reads else saves
        lays = command.outlook.lays_over and (context.only_reads or context.as_on_screen)
        laid, notes = await lay_over(workspace) if lays else ((), await save(workspace, allowed, overwrites))
        asked = replace(command, only_reads=context.only_reads, laid=laid)
        if not context.only_reads:
            await _same_as_before(command, ports)
        if command.background:
            job = await ports.jobs.start(asked, context.call_id)
            return _known(_as_job(job, notes), context)
        marks = await workspace.disk_marks()
        try:
            ended = await ports.shell.run(asked, context.progress, context.spawned)
        except (asyncio.CancelledError, ToolError):
            await workspace.overtaken(marks)  # what it wrote till then counts, too
            raise
        conflicts, told = await _changed(workspace, await workspace.overtaken(marks))
        result = replace(_result(ended, command, [*notes, *told, *ended.notes]), effects=conflicts)
        return _known(result, context)

    return Invocation(
        title=one_line(f"Run {'in the background: ' * command.background}{params.command}"),
        kind="execute",
        access=Access(command=command, saves=saves, unsaved=unsaved, open_world=True),
        preview=_preview(command, saves, unsaved, overwritten(crossed, overwrites, workspace), workspace),
        run=run,
    )


def _known(result: Result, context: RunContext) -> Result:
    """Return the result with whether the command was known to change nothing."""
    return replace(result, details={**result.details, "only_reads": True}) if context.only_reads else result


def _as_job(job: Job, notes: Sequence[str]) -> Result:
    said = f"It runs in the background as job {job.id}. `background` lists, reads and stops jobs; it ends with the session."
    return Result("\n".join([*(f"[{note}]" for note in notes), said]), details={"job": job.id})


async def _outlook(command: Command, ports: ToolPorts) -> Outlook:
    """Return how it would run, with the texts of the files that it runs as code: as they are on the screen."""
    found = await ports.shell.outlook(command)
    marks: dict[str, str] = {}
    for path in found.files:
        try:
            text = (await ports.workspace.read(path)).hash
        except ToolError:
            text = await asyncio.to_thread(_mark_of, path)
        marks[f"the file {ports.workspace.display(path)}"] = mark(text)
    return found.marked(marks)


def _mark_of(path: Path) -> str:
    """Return what is known of a file that is no text."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns}"


async def _same_as_before(command: Command, ports: ToolPorts) -> None:
    """Raise StaleCommand where it would not run as it was looked up and perhaps approved."""
    changed = differences(command.outlook.marks, (await _outlook(command, ports)).marks)
    if changed:
        raise StaleCommand(f"What it would run has changed: {', '.join(changed)}.")


def _preview(
    command: Command,
    saves: Sequence[Path],
    unsaved: Sequence[Path],
    overwrites: Sequence[Fact],
    workspace: Workspace,
) -> Preview:
    line = exact(command.line)
    outside = (
        command.outside and f"because the agent says: {command.outside}"
    ) or command.outlook.why_outside
    facts = [Fact(name="outside the sandbox", text=revealed(outside))] if outside else []
    on = ", on and on in the background until it is stopped or the session ends" * command.background
    facts += [
        Fact(name="runs", text=_programs(command.outlook) + on),
        Fact(name="in", text=revealed(str(command.cwd))),
    ]
    if saves:
        facts.append(Fact(name="saves", text=names_of(saves, workspace)))
    if unsaved:
        facts.append(Fact(name="waits", text=f"until you have saved {names_of(unsaved, workspace)}"))
    return Preview(subject=line, facts=(*facts, *overwrites))


def _programs(outlook: Outlook) -> str:
    """Return which files its words mean, and what they run in."""
    named = [path or f"{name} (not found)" for name, path in outlook.programs]
    more = len(named) - MOST_PROGRAMS
    told = [*named[:MOST_PROGRAMS], *([f"{more} more"] if more > 0 else [])] or ["the shell alone"]
    where = f", in the sandbox {'with' if outlook.network else 'without'} network" if outlook.sandbox else ""
    return revealed(", ".join(told)) + where


async def _changed(workspace: Workspace, files: Overtaken) -> tuple[tuple[Conflict, ...], list[str]]:
    """Return what a person has to decide about open documents whose files were changed, and sentences about all."""
    notes: list[str] = []
    conflicts: list[Conflict] = []
    for path in files.dirty:
        try:
            await workspace.read_saved(path)
        except ToolError:
            notes.append(
                f"Removed on disk or no text there any more: {names_of([path], workspace)}; "
                "it is open in the editor with unsaved text, which was kept."
            )
        else:
            conflicts.append(Conflict(path))
    if files.clean:
        notes.append(
            f"Changed on disk: {names_of(files.clean, workspace)}. It is open; `read` gives the new text."
        )
    if conflicts:
        names = names_of([it.path for it in conflicts], workspace)
        notes.append(f"Changed on disk while it is open with unsaved text: {names}.")
    return tuple(conflicts), notes


def _result(ended: ShellResult, command: Command, notes: list[str]) -> Result:
    output, cut = both_ends(ended.output.rstrip("\n"), CHARACTERS)
    left_out = cut + ended.left_out
    if left_out:
        count = counted(left_out, "character")
        notes = [*notes, f"{count} of output left out; run it again with its output in a file to see them."]
    lines = [output or "(no output)", *(f"[{note}]" for note in notes), _ending(ended, command)]
    return Result(
        "\n".join(lines),
        is_error=ended.exit_code is None,
        details={
            "exit_code": ended.exit_code,
            "seconds": round(ended.seconds, 3),
            "left_out": left_out,
            "timed_out": ended.exit_code is None,
        },
    )


def _ending(ended: ShellResult, command: Command) -> str:
    if ended.exit_code is None:
        return f"Ended after {command.timeout:g} seconds, its time limit; it had not finished."
    if ended.exit_code < 0:
        return f"exit code {ended.exit_code} ({_signal_name(-ended.exit_code)})"
    return f"exit code {ended.exit_code}"


def _signal_name(number: int) -> str:
    try:
        return f"ended by {signal.Signals(number).name}"
    except ValueError:
        return f"ended by signal {number}"
