"""A prompt as the model reads it: the words, and what is attached to them."""

from __future__ import annotations

from collections.abc import Sequence

from postil.core.events import PromptReceived
from postil.core.messages import Remark
from postil.core.origin import mark, origins, plain, remarked
from postil.core.question import PromptContext


def prompt_text(prompt: PromptReceived, remarks: Sequence[Remark] = ()) -> str:
    """Return the prompt as the model reads it: the words, what was attached, each with its place, and what hooks said."""
    parts = [prompt.text]
    parts += [_attached(it, prompt.turn_id) for it in prompt.context]
    return remarked("\n\n".join(parts), remarks, prompt.turn_id)


def _attached(context: PromptContext, key: str) -> str:
    if context.kind == "mention":
        return f"[{plain(context.name)}: {plain(context.note)}]"
    place = context.path
    if context.first_line:
        place += f":{context.first_line}-{context.last_line}"
    said = {"path": place, "name": context.name, "from": origins(context.sources), "note": context.note}
    about = "".join(f' {name}="{plain(words)}"' for name, words in said.items() if words)
    number = mark(context.text, key)
    return f"<{context.kind} {number}{about}>\n{context.text}\n</{context.kind} {number}>"
