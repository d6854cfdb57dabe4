"""Access and rules → Decision: pure, total, and the same whatever the order of the rules.

For each thing an access touches, deny beats ask beats allow among the rules that match; where none matches,
the answer is to ask. The strictest thing decides for the whole. What a path or an address is, is judged before any
rule is looked at, by the same code that answers `postil permissions check`. An error in here must never allow: `evaluate` turns it into asking, and a denial of something else
stands all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from postil.core.effects import Access, Added, Command
from postil.permissions.added_tools import decide_added
from postil.permissions.addresses import decide_address
from postil.permissions.closing import closed_by
from postil.permissions.command import decide_judged
from postil.permissions.file_access import decide_file
from postil.permissions.matching import RANK, Ruling
from postil.permissions.places import Operation
from postil.permissions.policy import Policy
from postil.permissions.rule import Verdict
from postil.permissions.shell.guard import Judgement, judge
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.taint import CLEAN


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow, ask or deny, with the rules that decided (one a line, empty where none did) and why."""

    verdict: Verdict
    why: str
    rule: str = ""
    source: str = ""
    only_reads: bool = False
    """Whether it is a command that is allowed because it is known only to read, by nobody's rule."""
    judgement: Judgement | None = field(default=None, compare=False, repr=False)
    """What the guard found in the command that was decided about: it is judged once, and this is passed along."""


def evaluate(access: Access, policy: Policy, judgement: Judgement | None = None) -> Decision:
    """Decide whether `access` may happen under `policy`.

    `judgement` is what is known of its command already, such as from deciding a moment ago under other rules that allow.
    """
    command = (
        _guarded(partial(_command, access.command, policy, judgement)) if access.command is not None else None
    )
    effects = [_guarded(decide) for decide in _effects(access, policy, command)]
    reads = [_guarded(decide) for decide in _reads(access, policy)]
    decision = _strictest_of(effects, reads) or Decision("allow", "touches nothing")
    if decision.verdict == "allow" and policy.taint.reason(access):
        decision = _guarded(partial(_despite_taint, decision, access, policy, command and command.judgement))
    if decision.verdict == "ask" and policy.deny_questions:
        decision = Decision("deny", f"{decision.why}, and this mode asks nothing", decision.rule, "mode")
    return replace(decision, judgement=command.judgement) if command is not None else decision


def _despite_taint(
    decision: Decision, access: Access, policy: Policy, judgement: Judgement | None
) -> Decision:
    """Decide again, by the rules that still count."""
    taint = policy.taint
    less = replace(policy, rules=taint.left(policy.rules), deny_questions=False, taint=CLEAN)
    again = evaluate(access, less, judgement)
    if again.verdict == "allow":
        return again
    reason = taint.reason(access)
    return Decision(
        "ask", f"{reason}; else it would be {decision.why}" if decision.rule else reason, decision.rule
    )


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
        key=lambda it: (RANK[it.verdict], id(it) in told, it.why, it.rule, it.source),
        default=None,
    )


def _effects(access: Access, policy: Policy, command: Decision | None) -> Iterator[Callable[[], Decision]]:
    """Yield what there is to decide, one for each thing that is changed, run or reached."""
    for path in _named(access, _edited(access), policy):
        yield partial(_file, path, "write", policy)
    # What only reads is not worth saving a person's typing for.
    for path in () if command is not None and command.only_reads else access.saves:
        yield partial(Decision, "ask", f"saves what you typed in {path.name}")
    if command is not None:
        yield lambda: command
    if access.added is not None:
        yield partial(_added, access.added, policy)
    elif command is None and access.open_world:
        yield partial(Decision, "ask", "it may do anything")
    for host in access.hosts:
        yield partial(_host, host, policy)
    if access.plan:
        yield partial(_plan, policy)
    if access.subagent:
        yield partial(Decision, "allow", "a sub-agent may do no more than this session", source="built_in")


def _reads(access: Access, policy: Policy) -> Iterator[Callable[[], Decision]]:
    for path in _named(access, access.reads, policy):
        yield partial(_file, path, "read", policy)
    known = {*access.reads, *_edited(access)}
    for words in access.named:
        if _leads_to(words, policy) not in known:
            yield partial(Decision, "ask", f"where {words} leads has changed meanwhile")


def _edited(access: Access) -> tuple[Path, ...]:
    moved = (it.moved_from for it in access.edits if it.moved_from is not None)
    return tuple(dict.fromkeys((*(it.path for it in access.edits), *moved)))


def _named(access: Access, paths: Iterable[Path], policy: Policy) -> tuple[str, ...]:
    """Return the paths, and the words by which the call named them: what they say is judged as well."""
    wanted = tuple(dict.fromkeys(paths))
    words = (it for it in access.named if _leads_to(it, policy) in wanted)
    return tuple(dict.fromkeys((*words, *map(str, wanted))))


def _leads_to(words: str, policy: Policy) -> Path | None:
    place = policy.at_root.place(words, "/")
    return Path(place.physical) if place is not None else None


def _file(path: str, operation: Operation, policy: Policy) -> Decision:
    found = decide_file(path, operation, policy.rules, policy.at_root)
    if found.verdict == "allow" and found.rule is None:
        if policy.only_by_rules:
            return Decision("ask", "no rule allows reading this")
        return Decision("allow", found.reason, "Read(./**)", "built_in")
    return _told(found)


def _added(added: Added, policy: Policy) -> Decision:
    found = _told(decide_added(added, policy.rules))
    if policy.only_reads and found.verdict != "deny":
        return Decision(
            "deny", f"this mode only reads, and what {added.name} does is not known", source="mode"
        )
    return found


def _plan(policy: Policy) -> Decision:
    """Decide about ending plan mode: no rule speaks of that, so it is asked about each time."""
    if not policy.only_reads:
        return Decision("deny", "plan mode is not in force, so there is none to leave", source="built_in")
    return Decision("ask", "what the plan says may be done once plan mode is over")


def _host(host: str, policy: Policy) -> Decision:
    return _told(decide_address(host if "://" in host else f"https://{host}/", policy.rules))


def _told(found: Ruling) -> Decision:
    if found.rule is not None:
        return Decision(found.verdict, found.reason, found.rule.text, found.rule.source)
    return Decision(found.verdict, found.reason, source="built_in" if found.verdict == "deny" else "")


def judgement_of(command: Command, policy: Policy) -> Judgement:
    """Return what the guard finds in a command, rules aside."""
    return judge(command.line, _around_command(command, policy))


def _around_command(command: Command, policy: Policy) -> Surroundings:
    return closed_by(replace(policy.at_root, cwd=str(command.cwd)), policy.rules)


def _command(command: Command, policy: Policy, known: Judgement | None) -> Decision:
    judgement = known or judgement_of(command, policy)
    found = decide_judged(judgement, policy.rules)
    verdict: Verdict = "allow" if found.verdict == "auto" else found.verdict
    reads = verdict == "allow" and not found.rules
    if policy.only_reads and judgement.verdict != "auto" and verdict != "deny":
        why = f"this mode runs only what is known to read; {judgement.reason}"
        return Decision("deny", why, source="mode", judgement=judgement)
    if command.outside and verdict == "allow":
        return Decision("ask", "it would run outside the sandbox", judgement=judgement)
    if found.rule is not None:
        texts = "\n".join(dict.fromkeys(it.text for it in found.rules))
        return Decision(verdict, found.reason, texts, found.rule.source, judgement=judgement)
    return Decision(verdict, found.reason, source="built_in", only_reads=reads, judgement=judgement)
