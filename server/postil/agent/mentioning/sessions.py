"""`@session` and `@session:ID`: an earlier session of the workspace, by default the last, as `recall` would show it."""

from __future__ import annotations

from postil.agent.mentioning.material import Material, NotAttached, cut
from postil.core.errors import PostilError
from postil.core.question import PromptContext


async def session(wanted: str, material: Material) -> list[PromptContext]:
    """Return the beginning of the session, and how to see more of it. Raises NotAttached."""
    memory = material.parts.memory
    try:
        earlier = [it.id for it in await memory.sessions() if it.id != material.session_id]
        wanted = wanted or next(iter(earlier), "")
        found = await memory.load(wanted, 1) if wanted else None
    except PostilError as error:
        raise NotAttached(error.message) from error
    if not wanted:
        raise NotAttached("There is no earlier session of this workspace.")
    if found is None or not found.text:
        raise NotAttached("There is no finished session of that id in memory.")
    text, note = cut(found.text)
    if not note and found.last < found.pieces:
        note = f"pieces 1 to {found.last} of {found.pieces}; recall with load={wanted} and piece={found.last + 1} shows more"
    return [
        PromptContext(
            kind="session", name=f"{wanted}: {found.title}", text=text, note=note, sources=found.sources
        )
    ]
