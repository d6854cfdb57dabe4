"""The question that a call asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.effects import Access, Fact, Invocation
from postil.core.question import Anchor, Option, OptionKind, Question, in_order
from postil.core.revealing import exact
from postil.permissions import added_tools, suggest
from postil.permissions.addresses import lasting_rule
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.facts import Told, told_of
from postil.permissions.kinds import paths
from postil.permissions.lasting import IN_SESSION, IN_WORKSPACE, also_allows, in_words, why_no_rule
from postil.permissions.policy import Policy
from postil.permissions.rule import parse
from postil.permissions.shell.guard import Judgement
from postil.permissions.shell.surroundings import NOWHERE, Surroundings
from postil.workspace.files.paths import is_memory
from postil.workspace.files.uris import path_to_uri
from postil.workspace.texts.diff import first_difference

titles: dict[str, str] = {
    "edit": "Edit this file?",
    "delete": "Delete this file?",
    "move": "Move this file?",
    "read": "Read this file?",
    "search": "Search here?",
    "execute": "Run this command?",
    "fetch": "Fetch from this host?",
    "switch_mode": "Leave plan mode?",
}
"""Constant titles: what a model or a command says never appears in one."""


def question_for(
    question_id: str,
    invocation: Invocation,
    decision: Decision,
    policy: Policy,
    anchor: Anchor | None,
    changed: str = "",
    *,
    each_time: str = "",
) -> Question:
    """Return the question that asks a person whether `invocation` may run.

    A lasting answer is offered only where it would keep its promise: with its rules, the same is not asked again.
    `changed` says what is not as it was when the same was asked before, `each_time` whose wish it is that it is always asked.
    """
    command, judgement = invocation.access.command, decision.judgement
    told = told_of(command, judgement, policy) if command is not None and judgement is not None else Told()
    rules = lasting_rules(invocation, policy, judgement)
    if each_time or (rules and not _would_allow(rules, invocation, policy, judgement)):
        rules = ()
    facts = [*invocation.preview.facts, *told.facts, Fact(name="why", text=decision.why)]
    if changed:
        facts.append(Fact(name="changed", text=changed))
    if not rules:
        reason = (
            f"it is asked each time: {each_time}"
            if each_time
            else why_no_rule(invocation.access, decision, judgement)
        )
        facts.append(Fact(name="no lasting rule", text=exact(reason)))
    return Question(
        id=question_id,
        kind="permission",
        title=titles.get(invocation.kind, "Use this tool?"),
        subject=invocation.preview.subject or invocation.title,
        short=_short(invocation),
        facts=in_order(facts),
        parts=told.parts,
        options=_options(rules, always=not policy.taint.restricted),
        diff=invocation.preview.diff,
        anchor=_place(invocation, policy.around) or anchor,
    )


def bare_question(question_id: str, invocation: Invocation, why: str, anchor: Anchor | None) -> Question:
    """Return the question about what could not be looked at: without a look, and without an answer that lasts."""
    facts = [*invocation.preview.facts, Fact(name="why", text=why)]
    return Question(
        id=question_id,
        kind="permission",
        title=titles.get(invocation.kind, "Use this tool?"),
        subject=invocation.preview.subject or invocation.title,
        short=_short(invocation),
        facts=in_order(facts),
        options=_options((), always=False),
        diff=invocation.preview.diff,
        anchor=_place(invocation, NOWHERE) or anchor,
    )


def lasting_rules(
    invocation: Invocation, policy: Policy, judgement: Judgement | None = None
) -> tuple[str, ...]:
    """Return the narrowest rules that would allow the same again; none where no safe ones can be written."""
    access = invocation.access
    edited = {edit.path for edit in access.edits}
    read = [path for path in access.reads if path not in edited]
    if access.saves or _touched(access, read, edited) != 1:
        return ()
    if access.hosts:
        rule = lasting_rule(access.hosts[0])
        return (rule,) if rule is not None else ()
    if access.added is not None:
        rule = added_tools.lasting_rule(access.added)
        return (rule,) if rule is not None else ()
    if access.command is not None and access.command.outside:
        return ()
    if access.command is not None:
        return suggest.lasting_rules(judgement) if judgement is not None else ()
    if access.open_world or any(edit.after is None for edit in access.edits):
        return ()
    kind, path = ("Edit", access.edits[0].path) if edited else ("Read", read[0])
    pattern = paths.literal_pattern(path, policy.roots)
    return (f"{kind}({pattern})",) if pattern is not None else ()


def _short(invocation: Invocation) -> str:
    """Return the call in a line, where its subject is no command or address: those are shown as they are."""
    access = invocation.access
    return "" if access.command is not None or access.hosts else invocation.title


def _touched(access: Access, read: Sequence[Path], edited: set[Path]) -> int:
    """Return how many things would have to be allowed."""
    others = (access.command is not None) + (access.added is not None)
    return len(read) + len(edited) + len(access.hosts) + others


def _place(invocation: Invocation, around: Surroundings) -> Anchor | None:
    """Return where an edit begins, or the file that is moved; all else is asked where its prompt was made, and so are notes,
    which nobody has open."""
    if not invocation.access.edits or _is_note(invocation.access.edits[0].path, around):
        return None
    edit = invocation.access.edits[0]
    if edit.moved_from is not None:
        return Anchor(uri=path_to_uri(edit.moved_from))
    line = first_difference(edit.before_text or "", edit.after or "")
    return Anchor(uri=path_to_uri(edit.path), line=line, end_line=line)


def _is_note(path: Path, around: Surroundings) -> bool:
    return around.is_note(str(path)) or is_memory(path)


def _would_allow(
    rules: Sequence[str], invocation: Invocation, policy: Policy, judgement: Judgement | None
) -> bool:
    more = tuple(parse(rule, "allow", "session") for rule in rules)
    taint = policy.taint
    for rule in rules:
        taint = taint.with_confirmed(rule)
    with_them = replace(policy, rules=(*policy.rules, *more), taint=taint)
    return evaluate(invocation.access, with_them, judgement).verdict == "allow"


def _options(rules: Sequence[str], *, always: bool) -> tuple[Option, ...]:
    def option(kind: OptionKind, title: str, kept: str = "") -> Option:
        words = {"note": note, "also": also, "allows": allows} if kept else {}
        return Option(id=kind, title=title, kind=kind, kept=kept, **words)

    note, also = "\n".join(rules), "; ".join(dict.fromkeys(map(also_allows, rules)))
    allows = "\n".join(exact(in_words(it)) for it in rules)
    lasting: list[Option] = []
    if rules:
        lasting = [option("allow_session", "Allow for this session", IN_SESSION)]
        lasting += [option("allow_always", "Always allow…", IN_WORKSPACE)] if always else []
    return (
        option("allow_once", "Allow once"),
        *lasting,
        option("reject_once", "Deny"),
        option("reject_with_reason", "Deny and say why…"),
    )
