"""`@selection`: the lines that the person had selected where the prompt was made."""

from __future__ import annotations

from postil.agent.mentioning.files import excerpt
from postil.agent.mentioning.material import UNREADABLE, Material, NotAttached
from postil.core.errors import ToolError
from postil.core.question import PromptContext
from postil.workspace.files.uris import uri_to_path

NOTHING = "Nothing is selected where the prompt was made."


async def selection(material: Material) -> list[PromptContext]:
    """Return the selected lines; nothing where the face has attached them already. Raises NotAttached."""
    if any(it.kind == "selection" for it in material.prompt.context):
        return []
    anchor = material.prompt.anchor
    path = uri_to_path(anchor.uri) if anchor is not None else None
    if anchor is None or path is None:
        raise NotAttached(NOTHING)
    if (anchor.line, anchor.character) == (anchor.end_line, anchor.end_character):
        raise NotAttached(NOTHING)
    workspace = material.parts.workspace
    try:
        path = workspace.resolve(str(path))
        if not await material.may_read(path):
            raise NotAttached(UNREADABLE)
        lines = (await material.text(path)).split("\n")
    except ToolError as error:
        raise NotAttached(error.message) from error
    # One that ends before the first character of a line has nothing of that line.
    last = anchor.end_line + 1 if anchor.end_character or anchor.end_line == anchor.line else anchor.end_line
    return [excerpt("selection", workspace.display(path), lines, anchor.line + 1, last)]
