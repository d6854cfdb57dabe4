"""Servers that a workspace names, as a person is asked about them: all that they would be given, in full."""

from __future__ import annotations

from collections.abc import Sequence

from postil.config.server_options import WrittenServer
from postil.core.effects import Fact
from postil.core.ports.servers import AskedServer
from postil.core.revealing import revealed


def asked(
    written: WrittenServer, fingerprint: str, files: Sequence[str] = (), changed: str = ""
) -> AskedServer:
    """Return what a person is asked about a definition and the files of the workspace that it names; `changed` are those that did."""
    options = written.options
    facts: list[tuple[str, str]] = (
        [("changed", f"{revealed(changed)}, since that was agreed to")] if changed else []
    )
    if options.command:
        facts.append(
            ("outside the sandbox", "it runs with your rights, and its tools are asked about by themselves")
        )
        if files:
            facts.append(("runs", revealed(", ".join(files))))
        facts.append(("in", options.cwd or "the workspace"))
    given = [
        *(f"{name}={value}" for name, value in options.env.items()),
        *(f"{it} (yours)" for it in options.pass_env),
    ]
    given += [f"{name}: {value}" for name, value in options.headers.items()]
    if given:
        facts.append(("sends", revealed(", ".join(given))))
    facts.append(("from", revealed(written.file)))
    return AskedServer(
        fingerprint,
        revealed(f"{written.name}: {written.way}"),
        tuple(Fact.model_validate({"name": name, "text": text}) for name, text in facts),
    )
