"""`postil permissions`: the rules in force, why a command would be asked about, and the guard as JSON for anybody's tests."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from postil.agent.granting.grant_words import SCOPES, asked, given, used
from postil.agent.granting.grants import Grant, overview, own_rules
from postil.app import Setting, build
from postil.cli.finding import layout, plainly, workspace
from postil.cli.policies import grants_here, loaded_here, policy_here
from postil.cli.rule_tests import rule_tests
from postil.config.load import load
from postil.core.effects import Access, Command
from postil.core.errors import UsageError
from postil.core.revealing import exact
from postil.journal.rulings import RulingLog
from postil.permissions.checking import answer_line
from postil.permissions.explain import Explanation, explain
from postil.permissions.modes import mode
from postil.permissions.policy import readable_rules
from postil.permissions.rule import Rule
from postil.permissions.shell.programs import tables
from postil.workspace.buffers.overlay import NoEditor

FACE = "cli"
_WORDS = {"allow": "runs unasked", "ask": "is asked about", "deny": "never runs"}


def permissions(options: argparse.Namespace) -> int:
    """List, explain, revoke or check."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list, "why": _why, "revoke": _revoke, "check": _check, "test": rule_tests,
    }  # fmt: skip
    with plainly():
        return actions[options.action](options)


def _list(options: argparse.Namespace) -> int:
    loaded = loaded_here(workspace(options.workspace))
    root = workspace(options.workspace)
    readable, faults = readable_rules(loaded)
    broken = {it.text for it, _ in faults}
    own = [it for it in own_rules(loaded) if it.rule not in broken]
    found = overview(grants_here(workspace(options.workspace)), RulingLog(layout(), root), own)
    for scope, title in SCOPES:
        print(title)
        for line in _told(it for it in found.grants if it.scope == scope):
            print(line)
    print("Other rules")
    rules = (*mode(loaded.options.mode).rules, *readable)
    others = [it for it in rules if it.verdict != "allow" or it.source != "user"]
    for rule in others:
        print(f"  {rule.verdict:5} {exact(rule.text)}  {_origin(rule)}")
    if not others:
        print("  none")
    if faults:
        print("These do not count, and Postil does not start until they are mended")
    for written, fault in faults:
        print(f"  {written.verdict:5} {exact(written.text)}")
        print(f"    {exact(fault)}")
    return 1 if faults else 0


def _told(grants: Iterable[Grant]) -> Iterator[str]:
    now, none = time.time(), True
    for grant in grants:
        none = False
        origin = f"in {exact(grant.file)}" if grant.file else given(grant, now)
        yield f"  allow {exact(grant.rule)}"
        yield f"    {origin}, {used(grant)}" + (f"  (revoke: {grant.id})" if grant.id else "")
        if words := asked(grant):
            yield f"    {words}"
    if none:
        yield "  none"


def _origin(rule: Rule) -> str:
    """Say whose rule it is, and in which file it stands."""
    source = rule.source.replace("_", "-")
    return f"{source}, {exact(rule.file)}" if rule.file else source


def _why(options: argparse.Namespace) -> int:
    policy, command = (
        policy_here(workspace(options.workspace)),
        Command(options.command_line, workspace(options.workspace), 1.0),
    )
    found = explain(Access(command=command, open_world=True), policy)
    decision = found.decision
    words = f"{_WORDS[decision.verdict]}: {decision.why}".replace(
        "asked about: asked about by", "asked about by"
    )
    rules = [it for it in found.rules if it not in decision.why]
    print(exact(words) + (f" [{', '.join(rules)}]" if rules else ""))
    for line in _reasons(found):
        print(exact(line))
    return 0


def _reasons(found: Explanation) -> Iterator[str]:
    every = found.judgement.every if found.judgement is not None else ()
    findings = found.judgement.findings if found.judgement is not None else ()
    for index, part in enumerate(every):
        if part.through:
            continue
        yield f"  {part.text or ' '.join(it.text or '?' for it in part.argv)}"
        if index in found.allowing:
            yield f"    allowed by {found.allowing[index]}"
        yield from (f"    {it.check}: {it.reason}" for it in found.against(index))
    yield from (f"  {it.check}: {it.reason}" for it in findings if it.part is None)
    yield from (f"  does not count: {rule}" for rule in found.lost)


def _revoke(options: argparse.Namespace) -> int:
    root = workspace(options.workspace)
    found = overview(grants_here(workspace(options.workspace)), RulingLog(layout(), root)).grants
    wanted = [it for it in found if options.grant in (it.id, it.rule)]
    if not wanted:
        raise UsageError(f"There is no grant {options.grant!r}.", "`postil permissions list` names them.")
    return asyncio.run(_revoke_all(wanted, root))


async def _revoke_all(wanted: Sequence[Grant], root: Path) -> int:
    """Take them back. A session's own is on its record, so the session is opened for that."""
    app = await asyncio.to_thread(
        lambda: build(load((root,)), Setting((root,), NoEditor(), interactive=False))
    )
    try:
        for grant in wanted:
            done = await app.grants.revoke(grant.id, FACE)
            print(exact(f"Revoked: {grant.rule}" if done else f"Somebody else was first: {grant.rule}"))
    finally:
        await app.close("the command ended")
    return 0


def _check(options: argparse.Namespace) -> int:
    if options.programs:
        shown = {name: program.model_dump(exclude_defaults=True) for name, program in tables().items()}
        print(json.dumps(shown, indent=1))
        return 0
    if not options.jsonl:
        raise UsageError(
            "Nothing says what to check.", "Give --jsonl and one JSON object a line, or --programs."
        )
    for line in sys.stdin.buffer:
        # Bytes that are no text are one line's fault and not the next one's.
        answer = answer_line(line.decode("utf-8", "surrogateescape"))
        if answer is not None:
            print(answer, flush=True)
    return 0
