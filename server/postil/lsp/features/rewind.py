"""*Undo change*, *Rewind to before this turn* and *Undo rewind*: what an editor's own undo cannot do. Kind: submitting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.changes import Rewound
from postil.core.question import Anchor
from postil.core.submissions import Rewind, Target
from postil.lsp.face import Face
from postil.lsp.methods import by_name
from postil.lsp.server import PostilServer
from postil.lsp.values.rewind_methods import (
    LeftRow,
    PlanRow,
    PreviewResult,
    RewindParams,
    RewindResult,
    TargetParams,
)
from postil.workspace.files.uris import path_to_uri, uri_to_path

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.core.trail import Change

UNDO = "Undo change"
UNDO_REWIND = "Undo rewind"
REWIND = "Rewind to before this turn"


def register(server: PostilServer) -> None:
    """Serve the methods."""
    server.serve_row("session/preview", preview)
    server.serve_row("session/rewind", rewind)
    server.serve_row("session/undo", undo)


async def preview(face: Face, params: TargetParams) -> PreviewResult:
    """Say what going back would do; nothing is touched."""
    session = await face.session(params.session_id)
    plan = await session.plan(_target(params))
    return PreviewResult(
        plan=plan.fingerprint,
        files=[PlanRow(uri=path_to_uri(it.path), doing=it.doing) for it in plan.items],
        left=[LeftRow(uri=path_to_uri(Path(it.path)), why=it.why) for it in plan.left],
        commands=list(session.commands_since(params.turn_id)) if params.turn_id is not None else [],
        incomplete=plan.incomplete,
    )


async def rewind(face: Face, params: RewindParams) -> RewindResult:
    """Go back as the preview said."""
    session = await face.session(params.session_id)
    wanted = Rewind(_target(params), params.plan, params.files, params.conversation, face.name)
    return _result(await session.rewind(wanted))


async def undo(face: Face, params: TargetParams) -> RewindResult:
    """Take a change back where nothing of the person's is near it; else, and before a whole turn, ask first."""
    session = await face.session(params.session_id)
    target = _target(params)
    anchor = Anchor(uri=face.active_uri) if face.active_uri is not None else None
    if target.turn_id is not None:
        await session.ask_rewind(target, anchor)
        return RewindResult(asked=True)
    rewound = await session.undo(target, anchor, face.name)
    return RewindResult(asked=True) if rewound is None else _result(rewound)


def rewind_actions(face: Face, uri: str) -> Iterator[types.CodeAction]:
    """Return what can be taken back in a document that the agent has changed."""
    path = uri_to_path(uri)
    for session in face.open_sessions:
        going_on = session.working
        changes = [] if going_on or path is None else _changes(session, path)
        if not changes:
            continue
        workflow = session.state.workflow
        last = next((it for it in reversed(changes) if it.change_id not in workflow.undone), None)
        if last is not None:
            yield _action(UNDO, {"sessionId": session.id, "changeId": last.change_id})
        from postil.agent.rewinding.last import last_rewind  # noqa: PLC0415 - loaded with the first session

        rewound = last_rewind(session.state)
        if rewound is not None:
            yield _action(UNDO_REWIND, {"sessionId": session.id, "changeId": rewound.change_id})
        turns = {mark.turn_id for mark in workflow.marks}
        turn_id = next((it.turn_id for it in reversed(changes) if it.turn_id in turns), None)
        if turn_id is not None:
            yield _action(REWIND, {"sessionId": session.id, "turnId": turn_id})


def _changes(session: Session, path: Path) -> list[Change]:
    """Return the agent's own changes of a file, under the name that it has or had."""
    names = {str(path), str(path.resolve())}
    return [
        it
        for it in session.state.workflow.changes
        if it.rewind_id is None and (it.path in names or it.renamed_from in names)
    ]


def _action(title: str, argument: dict[str, str]) -> types.CodeAction:
    row = by_name["session/undo"]
    command = types.Command(title=title, command=row.command, arguments=[argument])
    return types.CodeAction(title=f"Postil: {title}", kind=types.CodeActionKind.Refactor, command=command)


def _target(params: TargetParams) -> Target:
    return Target(params.turn_id, params.change_id)


def _result(rewound: Rewound) -> RewindResult:
    left = [LeftRow(uri=path_to_uri(Path(it.path)), why=it.why) for it in rewound.left]
    return RewindResult(left=left, finished=rewound.finished, incomplete=rewound.incomplete)
