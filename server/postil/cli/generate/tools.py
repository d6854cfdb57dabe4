"""`docs/tools.md`: what the agent can do, from the tools' metadata alone."""

from __future__ import annotations

from postil.cli.generate.markdown import code, document, table
from postil.tools.registry import Registry
from postil.tools.tiers import Effects

_INTRO = """
What the agent can do, and the words it is told about each. A tool is a Markdown file and a Python file in
`server/postil/tools/builtin`; what its front matter leaves out has the most careful value. *asks* means that a person is asked
unless a [rule](configuration.md#rules) allows the call; reading inside the workspace is allowed, and files known to hold
secrets are asked about whatever the tool.
"""


_OFFERED = {
    "always": "in every request",
    "deferred": "found by a search",
    "unreferenced": "in every request to models that take no references to tools",
}


def render() -> str:
    """Return the whole page."""
    listing = Registry.collect().listing()
    rows = [
        (
            code(it["name"]),
            it["title"],
            it["kind"],
            _effects(Effects.model_validate(it["effects"])),
            _OFFERED[it["deferral"]],
        )
        for it in listing
    ]
    told = [f"## `{it['name']}`: {it['title']}\n\n{_quoted(it['description'])}" for it in listing]
    return document("Tools", _INTRO, table(("tool", "title", "kind", "effects", "offered"), rows), *told)


def _effects(effects: Effects) -> str:
    words = [
        "only reads" if effects.read_only else "changes things",
        "runs beside others" if effects.concurrent else "runs alone",
    ]
    if effects.destructive and not effects.read_only:
        words.append("may replace or remove")
    if effects.open_world:
        words.append("may reach beyond the files it names")
    if effects.asks:
        words.append("asks")
    return ", ".join(words)


def _quoted(description: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in description.splitlines())
