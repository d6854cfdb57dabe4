"""Slash commands of this face: what other faces have buttons for, and this protocol has no method for.

They come before what a person or a workspace calls by the same name.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from postil.acp.asking import Asking
from postil.core.errors import ProtocolError
from postil.core.submissions import Resume, Target

if TYPE_CHECKING:
    from postil.agent.session import Session

OWN = {
    "resume": "Go on with the turn that was left open, or that ended before its work did",
    "compact": "Put a summary in the place of the conversation so far",
    "undo": "Take back what the last turn changed in files",
}
"""Their names, and what each does."""
_WRITTEN = re.compile(r"\s*/([a-z]+)\s*\Z")


class Told(Protocol):
    """What a command tells its client."""

    @property
    def asking(self) -> Asking:
        """What puts the session's questions to the client."""
        ...

    async def tell(self, text: str) -> None:
        """Tell the client a word of Postil's own."""
        ...


Own = Callable[[Told, "Session"], Awaitable[str | None]]
"""Does it, and returns the turn that it began; None where there is none to wait for."""


def own_command(text: str) -> Own | None:
    """Return what a prompt asks for, where that is one of these commands and nothing else."""
    found = _WRITTEN.match(text)
    return _WORK.get(found[1]) if found is not None else None


async def _resume(client: Told, session: Session) -> str:
    turn_id = await session.resume(Resume(client.asking.face))
    client.asking.ask_open()
    return turn_id


async def _compact(client: Told, session: Session) -> None:
    await session.compact(client.asking.face)
    await session.idle()


async def _undo(client: Told, session: Session) -> None:
    workflow = session.state.workflow
    turns = (
        it.turn_id for it in reversed(workflow.changes) if it.turn_id and it.change_id not in workflow.undone
    )
    turn_id = next(turns, None)
    if turn_id is None:
        raise ProtocolError("There is nothing to take back.")
    rewound = await session.undo(Target(turn_id=turn_id), None, client.asking.face)
    if rewound is not None:
        for line in session.told(rewound, conversation=False):
            await client.tell(line)


_WORK: dict[str, Own] = {"resume": _resume, "compact": _compact, "undo": _undo}
