"""Denied stays denied: by every way there is, in the freest mode, whatever else allows, and when a person has said no."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from postil.config.load import WrittenRule
from postil.core.events import CallStarted, PermissionDecided
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.trial import FILES, no, trial
from postil.permissions.policy import readable_rules
from postil.permissions.rule import parse
from postil.permissions.things import EXAMPLE_WORLD, decide_thing
from postil.permissions.unreachable import examples

TITLE = "Denied stays denied"

_KEPT = "kept.txt"
_EVERYTHING = ("Edit", "Read", "Bash", "WebFetch", "Skill")


async def check(harness: Harness) -> Sequence[Finding]:
    """Try the deny rules of the settings, one of our own by every way, and a person's no."""
    ruled = await asyncio.to_thread(lambda: list(_ruled(harness)))
    return [*ruled, *await _ways(harness), *await _persons(harness)]


def _ruled(harness: Harness) -> Iterator[Finding]:
    """Decide about what each rule forbids, beside rules that allow everything."""
    rules, _ = readable_rules(harness.loaded)
    rules += tuple(parse(it, "allow", "session") for it in _EVERYTHING)
    for rule in (it for it in rules if it.verdict == "deny"):
        for thing in examples(rule):
            found = decide_thing(rule.kind, thing, rules, EXAMPLE_WORLD)
            if found.verdict != "deny":
                said = f"{rule.text} denies, and yet {thing} would be {found.verdict}: {found.reason}"
                yield Finding(said, rule.file, "Install Postil anew; a rule that denies has to win")
                break


async def _ways(harness: Harness) -> Sequence[Finding]:
    """Deny edits of one file, allow everything else, and try every tool that could change it."""
    denying = WrittenRule("deny", f"Edit(./{_KEPT})", "user", "")
    strict = replace(harness, loaded=replace(harness.loaded, rules=(*harness.loaded.rules, denying)))
    tries = (
        call("write", path=_KEPT, content="other\n"),
        call("edit", path=_KEPT, edits=[{"old": "kept", "new": "other"}]),
        call("move", path=_KEPT, to="gone.txt"),
        call("delete", path=_KEPT),
        call("shell", command=f"echo other > {_KEPT}"),
        call("shell", command=f"sed -i s/kept/other/ {_KEPT}"),
        call("shell", command=f"rm {_KEPT}"),
    )
    plays = [calls(call("read", path=_KEPT)), *(calls(it) for it in tries)]
    async with trial(strict, plays, allow=("Edit", "Bash"), files={**FILES, _KEPT: "kept\n"}) as place:
        before = place.files()
        session = await place.begin(mode="accept-edits")
        await place.turn(session)
        if before == place.files():
            return ()
        done = [
            it.name for it in tries if (end := place.finished().get(it.id)) and end.outcome == "completed"
        ]
        said = f"a file whose edits are denied was changed all the same, by {', '.join(done) or 'some tool'}"
        return [Finding(said, f"Edit(./{_KEPT})", "Install Postil anew; a rule that denies has to win")]


async def _persons(harness: Harness) -> Sequence[Finding]:
    """Say no, and have the same asked for once more."""
    tries = [call("write", path="new.txt", content="new\n"), call("shell", command="touch new.txt")]
    tries += [it.model_copy(update={"id": f"{it.id}_again"}) for it in tries]
    async with trial(harness, [calls(it) for it in tries]) as place:
        place.answer = no
        await place.turn(await place.begin())
        denied = {it.call_id for it in place.events(PermissionDecided) if it.decision == "deny"}
        begun = {it.call_id for it in place.events(CallStarted)}
        if denied & begun:
            mend = "Install Postil anew; what a person denies must not run"
            return [Finding("a call that a person had denied was run", "", mend)]
    return ()
