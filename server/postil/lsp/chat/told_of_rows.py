"""What a hover says of a row: what the call was given, what came of it, and who decided by which rule."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core.revealing import cut, revealed
from postil.lsp.chat.reply import CallDetails
from postil.lsp.markdown import escaped, fenced

_LAST_LINES = 12
_MOST_INPUT = 2_000
_MOST_LINE = 400


def told(details: CallDetails, *, markdown: bool) -> str:
    """Return it as Markdown, in which nothing of the call is taken for Markdown, or as plain text."""
    write = _markdown if markdown else _plain
    return "\n\n".join(write(name, text) for name, text in _parts(details) if text)


def _parts(details: CallDetails) -> Iterator[tuple[str, str]]:
    yield "Input", cut(revealed(details.input), _MOST_INPUT)
    lines = revealed(details.output).rstrip("\n").split("\n")
    shown = "\n".join(cut(it, _MOST_LINE) for it in lines[-_LAST_LINES:])
    yield f"Output, last {_LAST_LINES} of {len(lines)} lines" if len(lines) > _LAST_LINES else "Output", shown
    decision = details.decision
    if decision is None:
        return
    who = {"person": "you", "rule": "a rule", "nobody": "nobody was there to ask"}[decision.by]
    how = "Allowed" if decision.decision == "allow" else "Denied"
    yield f"{how} by {who}", revealed(decision.why)
    yield (
        "Rule",
        revealed(" · ".join(it for it in (decision.rule.replace("\n", ", "), decision.source) if it)),
    )


def _markdown(name: str, text: str) -> str:
    if "\n" in text or name == "Input" or name.startswith("Output"):
        return f"**{name}**\n\n{fenced(text)}"
    return f"**{name}:** {escaped(text)}"


def _plain(name: str, text: str) -> str:
    return f"{name}:\n{text}" if "\n" in text else f"{name}: {text}"
