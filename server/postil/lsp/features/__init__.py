"""What the server does for an editor: one file per capability."""

from __future__ import annotations

from postil.lsp.features import (
    agent_types,
    answers,
    asking,
    code_actions,
    compacting,
    completion,
    contents,
    documents,
    findings,
    grants,
    hover,
    instructions,
    keeping,
    lenses,
    memory,
    mentions,
    messages,
    overview,
    progress,
    questions,
    rewind,
    session,
    settings,
    skills,
    slash_commands,
    tool_servers,
    trust,
    warnings,
    watching,
)
from postil.lsp.server import PostilServer

_FEATURES = (
    agent_types,
    answers,
    asking,
    code_actions,
    compacting,
    completion,
    contents,
    documents,
    findings,
    grants,
    hover,
    instructions,
    keeping,
    lenses,
    memory,
    mentions,
    messages,
    overview,
    progress,
    questions,
    rewind,
    session,
    settings,
    skills,
    slash_commands,
    tool_servers,
    trust,
    warnings,
    watching,
)


def register_all(server: PostilServer) -> None:
    """Register every feature, in order of name."""
    for feature in _FEATURES:
        feature.register(server)
