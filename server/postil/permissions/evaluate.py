"""Access and rules → Decision: pure, total, and the same whatever the order of the rules.

For each thing an access touches, deny beats ask beats allow among the rules that match; where none matches,
the answer is to ask. The strictest thing decides for the whole. Protected paths are denied before any rule is
looked at. An error in here must never allow: `evaluate` turns it into asking, and a denial of something else
stands all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from postil.core.effects import Access, Command
from postil.permissions.closing import closed_by
from postil.permissions.command import decide
from postil.permissions.kinds import paths
from postil.permissions.rule import Rule, Verdict, loosening_sources
from postil.permissions.shell.guard import Judgement, judge
from postil.permissions.shell.surroundings import NOWHERE, Surroundings
from postil.permissions.taint import CLEAN, Taint
from postil.workspace.paths import is_protected, is_secret


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force, where the workspace is, and what a mode makes of a question."""

    rules: tuple[Rule, ...]
    roots: tuple[Path, ...]
    deny_questions: bool = False
    """A mode may answer every question with no."""
    around: Surroundings = NOWHERE
    """The world that commands would run in."""
    taint: Taint = CLEAN
    """What rules that allow have to stand up to."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow, ask or deny, with the rule that decided (empty where none did) and why."""

    verdict: Verdict
    why: str
    rule: str = ""
    source: str = ""
    only_reads: bool = False
    """Whether it is a command that is allowed because it is known only to read, by nobody's rule."""


_RANK: dict[Verdict, int] = {"allow": 0, "ask": 1, "deny": 2}


def evaluate(access: Access, policy: Policy) -> Decision:
    """Decide whether `access` may happen under `policy`."""
    effects = [_guarded(decide) for decide in _effects(access, policy)]
    reads = [_guarded(partial(_read, path, policy)) for path in access.reads]
    decision = _strictest_of(effects, reads) or Decision("allow", "touches nothing")
    if decision.verdict == "allow" and policy.taint.reason(access):
        decision = _guarded(partial(_despite_taint, decision, access, policy))
    if decision.verdict == "ask" and policy.deny_questions:
        return Decision("deny", f"{decision.why}, and this mode asks nothing", decision.rule, "mode")
    return decision


def _despite_taint(decision: Decision, access: Access, policy: Policy) -> Decision:
    """Decide again, by the rules that still count."""
    taint = policy.taint
    again = evaluate(
        access, replace(policy, rules=taint.left(policy.rules), deny_questions=False, taint=CLEAN)
    )
    if again.verdict == "allow":
        return again
    reason = taint.reason(access)
    return Decision(
        "ask", f"{reason}; else it would be {decision.why}" if decision.rule else reason, decision.rule
    )


def kept_back(start: Path, policy: Policy) -> Callable[[Path], bool] | None:
    """Return what judges whether `Read` rules keep a path out of a search below `start`; None where none could.

    A rule that asks about `start` itself keeps nothing back there: the search was asked about.
    """

    def applies(rule: Rule, path: Path) -> bool:
        return _applies(rule, lambda it: _covers(it, path, policy))

    keeping = [
        rule
        for rule in policy.rules
        if rule.kind == "Read"
        and (rule.verdict == "deny" or (rule.verdict == "ask" and not applies(rule, start)))
    ]
    return (lambda path: any(applies(rule, path) for rule in keeping)) if keeping else None


def _guarded(decide: Callable[[], Decision]) -> Decision:
    try:
        return decide()
    except Exception as error:  # noqa: BLE001 - whatever fails while deciding, the answer is not allow
        return Decision("ask", f"deciding failed: {type(error).__name__}")


def _strictest_of(effects: Sequence[Decision], reads: Sequence[Decision]) -> Decision | None:
    """Return the decision that counts. Of equally strict ones an effect is told rather than a read, and among
    those the words decide: never the order of what is touched."""
    told = {id(it) for it in effects}
    return max(
        (*effects, *reads),
        key=lambda it: (_RANK[it.verdict], id(it) in told, it.why, it.rule, it.source),
        default=None,
    )


def _effects(access: Access, policy: Policy) -> Iterator[Callable[[], Decision]]:
    """Yield what there is to decide, one for each thing that is changed, run or reached."""
    for edit in access.edits:
        yield partial(_edit, edit.path, policy)
        if edit.moved_from is not None:
            yield partial(_edit, edit.moved_from, policy)
    command = _guarded(partial(_command, access.command, policy)) if access.command is not None else None
    # What only reads is not worth saving a person's typing for.
    for path in () if command is not None and command.only_reads else access.saves:
        yield partial(Decision, "ask", f"saves what you typed in {path.name}")
    if command is not None:
        yield lambda: command
    elif access.open_world:
        yield partial(Decision, "ask", "it may do anything")
    for host in access.hosts:
        yield partial(Decision, "ask", f"no rule allows the host {host}")


def _read(path: Path, policy: Policy) -> Decision:
    relative = _relative(path, policy.roots)
    secret = is_secret(relative if relative is not None else path)
    found = _strictest_for_path("Read", path, policy)
    if found is not None and not (secret and found.verdict == "allow" and not _names(found, path, policy)):
        return _by_rule(found)
    if secret:
        return Decision("ask", f"{path.name} is known to hold secrets")
    if relative is None:
        return Decision("ask", "it lies outside the workspace")
    return Decision("allow", "reading inside the workspace", "Read(./**)", "built_in")


def _edit(path: Path, policy: Policy) -> Decision:
    relative = _relative(path, policy.roots)
    if relative is None:
        return Decision("deny", "it lies outside the workspace", source="built_in")
    if is_protected(relative):
        return Decision(
            "deny", f"{relative.as_posix()} is protected: no tool may write it", source="built_in"
        )
    secret = is_secret(relative)
    found = _strictest_for_path("Edit", path, policy)
    if found is not None and not (secret and found.verdict == "allow" and not _names(found, path, policy)):
        return _by_rule(found)
    return Decision("ask", f"{path.name} is known to hold secrets" if secret else "no rule allows this edit")


def judgement_of(command: Command, policy: Policy) -> Judgement:
    """Return what the guard finds in a command, rules aside."""
    return judge(command.line, _around(command, policy))


def _around(command: Command, policy: Policy) -> Surroundings:
    here = replace(policy.around, roots=tuple(map(str, policy.roots)), cwd=str(command.cwd))
    return closed_by(here, policy.rules)


def _command(command: Command, policy: Policy) -> Decision:
    found = decide(command.line, policy.rules, _around(command, policy))
    verdict: Verdict = "allow" if found.verdict == "auto" else found.verdict
    if found.rule is not None:
        return Decision(verdict, found.reason, found.rule.text, found.rule.source)
    return Decision(verdict, found.reason, source="built_in", only_reads=verdict == "allow")


def _strictest_for_path(kind: str, path: Path, policy: Policy) -> Rule | None:
    return _strictest(
        policy.rules,
        kind,
        lambda rule: _covers(rule, path, policy),
        lambda rule: _names(rule, path, policy),
    )


def _covers(rule: Rule, path: Path, policy: Policy) -> bool:
    """Whether the rule is about the path. What keeps back all that lies in a folder keeps back the folder."""
    pattern = rule.pattern or ""
    return paths.matches(pattern, path, policy.roots) or (
        rule.kind == "Read" and rule.verdict != "allow" and paths.covers_inside(pattern, path, policy.roots)
    )


def _strictest(
    rules: Iterable[Rule],
    kind: str,
    covers: Callable[[Rule], bool],
    names: Callable[[Rule], bool] = lambda _: False,
) -> Rule | None:
    matching = [
        rule
        for rule in rules
        if rule.kind == kind
        and (rule.verdict != "allow" or rule.source in loosening_sources)
        and _applies(rule, covers)
    ]
    # Among equals a rule that names the very thing is preferred, then the text decides: never the order.
    return max(matching, key=lambda it: (_RANK[it.verdict], names(it), it.text, it.source), default=None)


def _applies(rule: Rule, covers: Callable[[Rule], bool]) -> bool:
    try:
        return rule.pattern is None or covers(rule)
    except Exception:  # noqa: BLE001 - a pattern that cannot be matched loosens nothing, and tightens everything
        return rule.verdict != "allow"


def _names(rule: Rule, path: Path, policy: Policy) -> bool:
    """Whether the rule names exactly this file, as the answer to a question about it does."""
    return rule.pattern is not None and paths.names(rule.pattern, path, policy.roots)


def _by_rule(rule: Rule) -> Decision:
    words = {"allow": "allowed", "ask": "asked about", "deny": "denied"}[rule.verdict]
    return Decision(rule.verdict, f"{words} by {rule.text} ({rule.source})", rule.text, rule.source)


def _relative(path: Path, roots: tuple[Path, ...]) -> Path | None:
    """Return the path below its root; None outside, and for a path that was not resolved and may lead there."""
    if ".." in path.parts:
        return None
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root)
    return None
