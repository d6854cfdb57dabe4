"""A lasting answer in words: what else its rule would allow, or why no rule is safe to keep."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core.effects import Access
from postil.permissions.evaluate import Decision
from postil.permissions.kinds import bash
from postil.permissions.rule import parse
from postil.permissions.shell.guard import Judgement
from postil.permissions.suggest import MOST_PARTS, no_lasting_rule

_NAMED = {
    "Edit": "every other edit of this file",
    "Read": "this file whatever is in it by then",
    "Mcp": "this tool whatever it is given",
    "Skill": "this skill whatever it says by then",
    "WebFetch": "every other address of this host",
}


def also_allows(rule: str) -> str:
    """Return what a rule allows beside what was asked about, in one line; raises ConfigurationError for no rule."""
    parsed = parse(rule, "allow", "session")
    if parsed.kind in _NAMED and parsed.pattern is not None:
        return _NAMED[parsed.kind]
    if parsed.pattern is None:
        return f"everything of its kind: any {_KINDS.get(parsed.kind, 'use of it')}"
    if bash.pattern_of(parsed.pattern).open:
        return "the same with any words after it, also as a part of a longer command"
    return "the same in another folder of the workspace, and as a part of a longer command"


_KINDS = {
    "Bash": "command",
    "Edit": "edit",
    "Read": "file that is read",
    "WebFetch": "host",
    "Mcp": "tool of a plugin",
    "Skill": "skill",
}


IN_SESSION = "for this session, in its record"
IN_WORKSPACE = "for this workspace, in your own list of grants and not in its files"
"""Where a lasting answer is kept."""


def in_words(rule: str) -> str:
    """Return what a rule is about as people write it: the command, the file, the host; raises ConfigurationError for no rule."""
    parsed = parse(rule, "allow", "session")
    if parsed.pattern is None:
        return f"any {_KINDS.get(parsed.kind, 'use of it')}"
    about = parsed.pattern
    if parsed.kind in ("Edit", "Read"):
        path = about.removeprefix("./") if about.startswith("./") else about.removeprefix("/")
        return f"{'edits of' if parsed.kind == 'Edit' else 'reading'} {path}"
    if parsed.kind == "WebFetch":
        return f"fetching from {about.removeprefix('domain:')}"
    return f"the {_ADDED[parsed.kind]} {about}" if parsed.kind in _ADDED else about


_ADDED = {"Mcp": "tool", "Skill": "skill"}


def why_no_rule(access: Access, decision: Decision, judgement: Judgement | None) -> str:
    """Return in a few words why a question has no lasting answer."""
    if decision.rule:
        return f"{decision.rule} asks each time"
    if judgement is not None and not _apart(access):
        return next(_of_command(access, judgement))
    return next(_of_access(access))


def _apart(access: Access) -> bool:
    outside = access.command is not None and bool(access.command.outside)
    return bool(access.plan) or access.added is not None or outside


def _of_access(access: Access) -> Iterator[str]:
    if access.plan:
        yield "each plan is approved by itself"
    if access.added is not None:
        destroys = "it says of itself that it destroys"
        yield destroys if access.added.destructive else "it has no name that a rule can be about"
    if access.command is not None and access.command.outside:
        yield "it runs outside the sandbox"
    if any(it.after is None for it in access.edits):
        yield "it deletes"
    if len(access.hosts) == 1:
        yield "it is no public host by its name"
    if len(access.edits) + len([it for it in access.reads if it not in {e.path for e in access.edits}]) > 1:
        yield "it is about several files"
    yield "it cannot be told as one"


def _of_command(access: Access, judgement: Judgement) -> Iterator[str]:
    about = [(it, judgement.every[it.part]) for it in judgement.findings if it.part is not None]
    for _, part in about:
        if reason := no_lasting_rule(part):
            yield f"{part.base} {reason}"
    if access.saves:
        yield "it saves what you typed"
    for finding in judgement.findings:
        if not finding.by_rule:
            yield finding.reason
    if len({part.text for _, part in about}) > MOST_PARTS:
        yield f"more than {MOST_PARTS} commands of it are asked about"
    yield "not all of its words are known"
