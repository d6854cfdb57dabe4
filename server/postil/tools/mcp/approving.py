"""Servers that a workspace names, as a person is asked about them: all that they would be given, in full."""

from __future__ import annotations

from postil.config.server_options import WrittenServer
from postil.core.effects import Fact
from postil.core.ports.servers import AskedServer
from postil.core.revealing import revealed


def asked(written: WrittenServer) -> AskedServer:
    """Return what a person is asked about a definition."""
    options = written.options
    facts: list[tuple[str, str]] = []
    if options.command:
        facts.append(
            ("outside the sandbox", "it runs with your rights, and its tools are asked about by themselves")
        )
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
        written.fingerprint,
        revealed(f"{written.name}: {written.way}"),
        tuple(Fact.model_validate({"name": name, "text": text}) for name, text in facts),
    )
