"""Hooks, in the order in which they run, with those of a workspace that do not count and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postil.agent.contributions.contribution import Contribution, Here, Ruled, without_trust
from postil.agent.hooking.inventory import HookRow
from postil.config.load import ADMINISTRATOR_FILE
from postil.core.hooks import Owner

_TIERS: dict[Owner, str] = {"administrator": "administrator", "user": "user", "workspace": "workspace"}


def hooks(here: Here) -> Sequence[Contribution]:
    """Return every hook, and the files whose hooks cannot be read."""
    told = {file for file, _ in here.unread_hooks}
    wrong = [it for it in here.faults if it.option == "hooks" and it.file not in told]
    return [
        *(_told(it, here) for it in here.hooks),
        *(_unread("workspace", "", file, why) for file, why in here.unread_hooks),
        *(_unread(_tier(it.file, here), it.name, it.place, it.why) for it in wrong),
    ]


def _tier(file: str, here: Here) -> str:
    if file == str(ADMINISTRATOR_FILE):
        return "administrator"
    return "workspace" if Path(file).is_relative_to(here.root) else "user"


def _told(it: HookRow, here: Here) -> Contribution:
    return Contribution(
        kind="hook",
        name=f"{it.moment} {it.matcher}".rstrip(),
        title=it.command,
        tier=_TIERS[it.owner],
        source=it.file,
        effects=_effects(it),
        rule=_ruled(it),
        state="off" if it.why else "loaded",
        why=_why(it, here) or f"it has {it.seconds:g} s to answer",
    )


def _why(it: HookRow, here: Here) -> str:
    """Return why it is off; where it is for want of trust, in the words that all kinds have for it."""
    return without_trust("the workspace is not trusted", here) if it.why and it.why == here.trust else it.why


def _effects(it: HookRow) -> str:
    if it.why:
        return "nothing"
    how = "in the sandbox of commands" if it.confined else "as its owner wrote it, in no sandbox"
    return f"runs a command, {how}"


def _ruled(it: HookRow) -> Ruled:
    if it.why:
        return Ruled("deny", "it does not run")
    if it.moment == "PreToolUse":
        return Ruled("narrows", "it can have a call asked about, denied or changed, and allows nothing")
    return Ruled("narrows", "it allows nothing")


def _unread(tier: str, name: str, file: str, why: str) -> Contribution:
    return Contribution(
        kind="hook",
        name=name,
        title="",
        tier=tier,
        source=file,
        effects="nothing",
        rule=Ruled("deny", "it does not run"),
        state="off",
        why=why,
    )
