"""`postil permissions`: the rules in force, why a command would be asked about, and the guard as JSON for anybody's tests."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime

from postil.cli.finding import layout, plainly, workspace
from postil.cli.rule_tests import rule_tests
from postil.config.load import Loaded, load, user_config_dir
from postil.core.effects import Access, Command
from postil.core.errors import UsageError
from postil.journal.layout import state_directory
from postil.permissions.checking import answer_line
from postil.permissions.evaluate import Decision, Policy, evaluate
from postil.permissions.grants import GrantStore
from postil.permissions.modes import mode
from postil.permissions.policy import fixed_rules, restricted
from postil.permissions.rule import Rule
from postil.permissions.shell.guard import Judgement
from postil.permissions.shell.programs import tables
from postil.permissions.taint import RESTRICTED
from postil.permissions.trust import TrustStore
from postil.permissions.world import this_machine

_WORDS = {"allow": "runs unasked", "ask": "is asked about", "deny": "never runs"}


def permissions(options: argparse.Namespace) -> int:
    """List, explain, revoke or check."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list, "why": _why, "revoke": _revoke, "check": _check, "test": rule_tests,
    }  # fmt: skip
    with plainly():
        return actions[options.action](options)


def _list(options: argparse.Namespace) -> int:
    for grant in _grants(options).load():
        day = datetime.fromtimestamp(grant.at).astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"allow  {grant.rule}  always in this workspace, since {day}  (revoke: {grant.id})")
    loaded = _loaded(options)
    for rule in (*mode(loaded.options.mode).rules, *fixed_rules(loaded)):
        print(f"{rule.verdict:5}  {rule.text}  {_origin(rule)}")
    return 0


def _origin(rule: Rule) -> str:
    """Say whose rule it is, and in which file it stands."""
    source = rule.source.replace("_", "-")
    return f"{source}, {rule.file}" if rule.file else source


def _why(options: argparse.Namespace) -> int:
    policy, command = _policy(options), Command(options.command_line, workspace(options.workspace), 1.0)
    decision = evaluate(Access(command=command, open_world=True), policy)
    print(f"{_WORDS[decision.verdict]}: {decision.why}" + _by(decision))
    for line in _findings(decision.judgement) if decision.judgement is not None else ():
        print(line)
    return 0


def _by(decision: Decision) -> str:
    rules = [it for it in decision.rule.split("\n") if it and it not in decision.why]
    return f" [{', '.join(rules)}]" if rules else ""


def _findings(judgement: Judgement) -> list[str]:
    lines: list[str] = []
    for index, part in enumerate(judgement.every):
        told = [it for it in judgement.findings if it.part == index]
        if not part.through:
            lines.append(f"  {part.text or ' '.join(it.text or '?' for it in part.argv)}")
            lines += [f"    {it.check}: {it.reason}" for it in told]
    lines += [f"  {it.check}: {it.reason}" for it in judgement.findings if it.part is None]
    return lines


def _revoke(options: argparse.Namespace) -> int:
    grants = _grants(options)
    found = [it for it in grants.load() if options.grant in (it.id, it.rule)]
    if not found:
        raise UsageError(f"There is no grant {options.grant!r}.", "`postil permissions list` names them.")
    for grant in found:
        grants.remove(grant.id)
        print(f"Revoked: {grant.rule}")
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
    for line in sys.stdin:
        answer = answer_line(line)
        if answer is not None:
            print(answer, flush=True)
    return 0


def _loaded(options: argparse.Namespace) -> Loaded:
    loaded = load((workspace(options.workspace),))
    loaded.check()
    return loaded


def _grants(options: argparse.Namespace) -> GrantStore:
    """Return the grants of the workspace; where Postil has never worked there, there are none."""
    folder = layout().workspace(workspace(options.workspace))
    return GrantStore((folder or state_directory() / "workspaces" / "none") / "grants.json")


def _policy(options: argparse.Namespace) -> Policy:
    loaded, root = _loaded(options), workspace(options.workspace)
    in_mode = mode(loaded.options.mode)
    rules = (*in_mode.rules, *fixed_rules(loaded), *_grants(options).rules())
    around = this_machine([root], [state_directory(), user_config_dir()])
    known = (rules, (root,), in_mode.deny_questions)
    if TrustStore(state_directory()).standing(root).trusted:
        return Policy(*known, around, in_mode.only_reads)
    return Policy(*known, restricted(around), in_mode.only_reads, RESTRICTED)
