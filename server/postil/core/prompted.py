"""A prompt as the model reads it: the words, and what is attached to them."""

from __future__ import annotations

from collections.abc import Sequence

from postil.core.events import PromptReceived
from postil.core.messages import Remark
from postil.core.origin import mark, origins, plain, remarked
from postil.core.question import PromptContext
from postil.core.skills import SkillGiven


def prompt_text(prompt: PromptReceived, remarks: Sequence[Remark] = ()) -> str:
    """Return the prompt as the model reads it: the words, what was attached, each with its place, and what hooks said."""
    parts = [own_words(prompt)]
    if prompt.skill is not None:
        parts.append(_skill(prompt.skill, prompt.turn_id))
    parts += [_attached(it, prompt.turn_id) for it in prompt.context if it.kind != "command"]
    return remarked("\n\n".join(parts), remarks, prompt.turn_id)


def own_words(prompt: PromptReceived) -> str:
    """Return the words of a prompt, with what a slash command in them stands for: that is what was asked for."""
    commands = (_attached(it, prompt.turn_id) for it in prompt.context if it.kind == "command")
    return "\n\n".join((prompt.text, *commands))


def _skill(skill: SkillGiven, key: str) -> str:
    number = mark(skill.text, key)
    said = {"name": f"/{skill.name}", "path": skill.path, "from": origins(skill.sources)}
    about = "".join(f' {name}="{plain(words)}"' for name, words in said.items() if words)
    return f"<skill {number}{about}>\n{skill.text}\n</skill {number}>"


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
