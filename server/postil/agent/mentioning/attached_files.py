"""A file that a person attached by its path: read as the tool `read` would read it, or told why it is not."""

from __future__ import annotations

from postil.agent.mentioning.files import excerpt
from postil.agent.mentioning.material import ROOM, Material, NotAttached
from postil.core.errors import NotFound, ToolError
from postil.core.question import PromptContext

ASKS = "It is not attached: reading it is asked about first ({why}). The tool `read` asks."
DENIED = "It is not attached: it may not be read ({why})."
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tiff", ".heic", ".ico")
IMAGE = "It is not attached: it is an image, and the model is given text alone."


async def attached_file(reference: PromptContext, material: Material) -> PromptContext:
    """Return the file with its text, or as much of it as there is room for. Raises NotAttached.

    What is asked about or denied is told so before anybody looks whether it is there.
    """
    workspace = material.parts.workspace
    try:
        path = workspace.locate(reference.path)
        decision = await material.judged(path, workspace.written(reference.path))
        if decision.verdict != "allow":
            words = ASKS if decision.verdict == "ask" else DENIED
            raise NotAttached(words.format(why=decision.why))
        if path.suffix.lower() in _IMAGES:
            raise NotAttached(IMAGE)
        text = await material.text(path)
    except NotFound as error:
        raise NotAttached("There is no such file any more.") from error
    except ToolError as error:
        raise NotAttached(f"It is not attached. {error.message}") from error
    shown, first = workspace.display(path), reference.first_line
    if not first and len(text) <= ROOM:
        return PromptContext(kind="file", path=shown, text=text)
    lines = text.split("\n")
    return excerpt("file", shown, lines, max(1, first), reference.last_line or len(lines))
