"""The rule that a lasting answer about a command would make: the very command, and only where that is safe to promise."""

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


def lasting_rule(judgement: Judgement) -> str | None:
    """Return the rule that allows the command that was asked about, or None where no safe one can be written."""
    part = _only_doubtful(judgement)
    if part is None or no_lasting_rule(part) or not part.text or "\n" in part.text:
        return None
    text = part.text
    exact = bash.pattern_of(text)
    if exact.open or not bash.allows(text, part):
        return None
    return f"Bash({text})"


def no_lasting_rule(part: Part) -> str:
    """Return why no rule should last that allows this command; empty where one may."""
    reason = next((why for why, names in _NO_LASTING_RULE.items() if part.base in names), "")
    words = [it.known for it in part.operands]
    if part.base == "git" and any(it in _GIT_CHANGES for it in words[:3]):
        return "changes the repository"
    return reason


def _only_doubtful(judgement: Judgement) -> Part | None:
    """Return the one part that was asked about; None where there are several or something else speaks against the line."""
    if judgement.verdict != "ask" or not all(it.by_rule and it.part is not None for it in judgement.findings):
        return None
    indexes = {it.part for it in judgement.findings}
    parts = {judgement.every[index].text: judgement.every[index] for index in indexes if index is not None}
    return next(iter(parts.values())) if len(parts) == 1 else None
