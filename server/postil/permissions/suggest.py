"""The rules that a lasting answer about a command would make: the very commands, and only where that is safe to promise."""

from __future__ import annotations

from postil.permissions.kinds import bash
from postil.permissions.shell.guard import Judgement
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Part

_NO_LASTING_RULE = {
    "deletes": frozenset({"rm", "rmdir", "shred", "unlink", "trash", "truncate"}),
    "moves or overwrites files": frozenset({"mv", "cp", "dd", "install", "rsync", "ln", "tee", "patch"}),
    "changes who may do what": frozenset({"chmod", "chown", "chgrp", "setfacl", "umask", "usermod", "passwd"}),
    "starts other programs": STARTERS,
    "sends or fetches": frozenset({"curl", "wget", "ssh", "scp", "sftp", "nc", "ncat", "telnet", "ftp", "rclone", "aws", "gcloud", "az", "gh"}),
    "ends processes": frozenset({"kill", "pkill", "killall", "systemctl", "service", "shutdown", "reboot"}),
    "changes the machine": frozenset({"apt", "apt-get", "dnf", "yum", "pacman", "brew", "snap", "mount", "umount", "crontab", "at", "useradd"}),
}  # fmt: skip
_GIT_CHANGES = frozenset(
    {
        "push",
        "reset",
        "clean",
        "checkout",
        "restore",
        "rebase",
        "filter-branch",
        "config",
        "rm",
        "branch",
        "tag",
        "stash",
    }
)


MOST_PARTS = 5
"""How many commands of one line a lasting answer may be about: more of them nobody reads."""


def lasting_rules(judgement: Judgement) -> tuple[str, ...]:
    """Return the rules that allow what was asked about, one for each command that needs one.

    There are none where one of the commands has no safe rule, or something else speaks against the line.
    """
    parts = _doubtful(judgement)
    rules = [_rule(part) for part in parts]
    if len(parts) > MOST_PARTS or None in rules:
        return ()
    return tuple(it for it in rules if it is not None)


def _rule(part: Part) -> str | None:
    """Return the rule that allows this very command; None where no safe one can be written."""
    text = part.text
    if no_lasting_rule(part) or not text or "\n" in text:
        return None
    if bash.pattern_of(text).open or not bash.allows(text, part):
        return None
    return f"Bash({text})"


def no_lasting_rule(part: Part) -> str:
    """Return why no rule should last that allows this command; empty where one may."""
    reason = next((why for why, names in _NO_LASTING_RULE.items() if part.base in names), "")
    words = [it.known for it in part.operands]
    if part.base == "git" and any(it in _GIT_CHANGES for it in words[:3]):
        return "changes the repository"
    return reason


def _doubtful(judgement: Judgement) -> tuple[Part, ...]:
    """Return the parts that were asked about, each text once; none where something else speaks against the line."""
    if judgement.verdict != "ask" or not all(it.by_rule and it.part is not None for it in judgement.findings):
        return ()
    parts: dict[str, Part] = {}
    for index in sorted({it.part for it in judgement.findings if it.part is not None}):
        parts.setdefault(judgement.every[index].text, judgement.every[index])
    return tuple(parts.values())
