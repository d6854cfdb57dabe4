"""Protected paths hold: nothing writes them, also where every rule allows it and a person agrees."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from postil.config.load import user_config_dir
from postil.core.effects import Access, FileEdit
from postil.core.state import Workflow
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.tree import changed
from postil.guardrails.trial import Trial, trial
from postil.permissions.evaluate import evaluate
from postil.permissions.policy import policy_for
from postil.permissions.rule import Rule, parse

TITLE = "Protected paths hold"

_BELOW = (
    ".git/config",
    ".git/hooks/pre-commit",
    ".postil/settings.toml",
    ".vscode/settings.json",
    "../beside.txt",
)
"""In the throw-away workspace: these are really tried."""
_MEND = "Install Postil anew: what is protected is fixed in it"


async def check(harness: Harness) -> Sequence[Finding]:
    """Try those of the throw-away workspace, and decide about those of the person without touching them."""
    tries = [calls(call("write", path=it, content="changed\n")) for it in _BELOW]
    tries += [calls(call("shell", command=f"echo changed > {it}")) for it in _BELOW]
    tries += [calls(call("move", path="a.py", to=it)) for it in _BELOW]
    async with trial(harness, tries, allow=("Edit", "Bash")) as place:
        before = place.files()
        await place.turn(await place.begin(mode="accept-edits"))
        written = changed(before, place.files())
        standing = await place.app.why.parts.standing.rules()
        decided = await asyncio.to_thread(lambda: list(_decided(place, standing)))
    found = [Finding("it was written, and it is protected", it, _MEND) for it in written]
    return [*found, *decided]


def _decided(place: Trial, standing: tuple[Rule, ...]) -> Iterator[Finding]:
    """Decide about files that are the person's own."""
    rules = (*standing, parse("Edit", "allow", "session"))
    policy = policy_for(Workflow(), rules, (place.root,), place.app.why.parts.around)
    home = Path.home()
    for path in (
        user_config_dir() / "settings.toml", home / ".bashrc", home / ".ssh" / "authorized_keys", place.folder / "state" / "x",
    ):  # fmt: skip
        decision = evaluate(Access(edits=(FileEdit(path, None, "changed\n"),)), policy)
        if decision.verdict != "deny":
            yield Finding(f"a tool may write it ({decision.verdict}: {decision.why})", str(path), _MEND)
