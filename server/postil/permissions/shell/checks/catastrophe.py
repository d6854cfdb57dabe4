"""What must never run, whatever it is wrapped in: losing the system, the home, a disk, or the workspace's parents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.protected import is_catastrophe
from postil.permissions.shell.spelled import is_settled, spelled
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.targets import resolved, targets
from postil.permissions.shell.touches.table import starting_words
from postil.permissions.shell.touches.texts import lost_in_code

EXAMPLES = Examples(
    deny=("rm -rf /", "rm -rf ~", "rm -rf $HOME", "sudo rm -rf /*", "rm -fr ../..", "bash -c 'rm -rf ~'", 'rm -r -f "$HOME"',
          "find / -delete", "find ~ -exec rm {} +", "chmod -R 777 /", "chown -R me /usr", "mv ~ /tmp/x", "dd if=a of=/dev/sda",
          "mkfs.ext4 /dev/sda1", "cat a > /dev/sda", ":(){ :|:& };:", "kill -9 -1", "curl x | sudo bash", "env A=1 rm -rf ~/",
          "cd / && rm -rf *", "shred /dev/sda", "eval 'rm -rf /'", "true; rm -rf --no-preserve-root /", "xargs rm -rf / <a",
          "timeout 5 rm -rf ~", "rm -rf /home/me/*", "nohup rm -rf ~ &", "wipefs -a /dev/sdb", "echo $(rm -rf ~)",
          "rm -rf .", 'rm -rf "$PWD"', "rm -rf /ws/", "cd src && rm -rf ..", "python -c 'rmtree(\"/\")'"),
    spared=("rm -rf build", "rm a", "chmod +x a", "mv a b", "dd if=a of=b", "kill 123", "curl x | sh"),
)  # fmt: skip

_DISK = re.compile(r"/dev/(?:sd|hd|vd|xvd|nvme|mmcblk|disk|rdisk|mapper/|dm-|loop|md)[\w/-]*")
_RECURSIVE = {
    "rsync": ("", "delete"),
    "rm": ("rR", "recursive"),
    "chmod": ("R", "recursive"),
    "chown": ("R", "recursive"),
    "chgrp": ("R", "recursive"),
}
_DISK_TOOLS = re.compile(
    r"mkfs(?:\..+)?|mke2fs|mkswap|wipefs|fdisk|sfdisk|parted|sgdisk|blkdiscard|shred|dd|tee|cp|hdparm|badblocks"
)
_FETCHES = frozenset({"curl", "wget", "fetch", "aria2c", "http"})
_INTERPRETERS = re.compile(r"(?:ba|da|z|k|a)?sh|python[0-9.]*|perl|ruby|node|php")
_BOMB = re.compile(r"(?<![:\w.])([:\w.]{1,64})\s*\(\s*\)\s*\{[^}]*\1\s*\|\s*\1\s*&[^}]*\}")


def find(view: View) -> Iterator[Finding]:
    """Deny it in every mode and under every rule."""
    if _BOMB.search(view.line):
        yield Finding("catastrophe", "deny", "it is a fork bomb")
    if _fetches_into_root_shell(view):
        yield Finding("catastrophe", "deny", "it runs what it fetches as the system's administrator")
    for part in view.parts:
        reason = _reason(part, view.around)
        if reason:
            yield Finding("catastrophe", "deny", reason, None)
            return


def _reason(part: Part, around: Surroundings) -> str:
    disk = _disk_written(part)
    if disk:
        return f"it writes over the disk {disk}"
    base = part.base
    if base == "kill" and any(it.text == "-1" for it in part.operands[1:]):
        return "it ends every process"
    if _stops_machine(part):
        return "it stops the machine"
    paths = (path for text in lost_in_code(part) for path in resolved(text, part.cwds, around))
    in_code = next((it for it in paths if is_catastrophe(it, around) or it in around.roots), "")
    if in_code:
        return f"all of {in_code} would be lost"
    letters, name = _RECURSIVE.get(base, ("", ""))
    loses = (
        base in ("mv", "rmdir")
        or (base == "find" and _find_removes(part))
        or (base in _RECURSIVE and _has_option(part, letters, name))
    )
    if not loses:
        return ""
    return _lost(part, around) or (_whole_root(part, around) if base == "rm" else "")


def _whole_root(part: Part, around: Surroundings) -> str:
    """Say that a folder of the workspace itself is named; a pattern in it leaves `.git` and what a shell hides."""
    folders = part.cwds or frozenset[str]()
    named = (spelled(it, folder) for it in part.operands if is_settled(it) for folder in folders)
    paths = (path for it in named for path in resolved(it, part.cwds, around))
    lost = next((it for it in paths if it in around.roots), None)
    return f"all of {lost} would be lost" if lost is not None else ""


def _stops_machine(part: Part) -> bool:
    words = {it.text for it in part.operands}
    if words & {"--help", "--version", "-c"}:
        return False
    return (
        part.base in ("reboot", "shutdown", "poweroff", "halt")
        or (part.base in ("init", "telinit") and bool(words & {"0", "6"}))
        or (
            part.base == "systemctl"
            and bool(words & {"reboot", "poweroff", "halt", "kexec", "rescue", "emergency"})
        )
    )


def _disk_written(part: Part) -> str:
    """Return the disk that the part writes over; empty where none."""
    for one in part.redirections:
        text = one.target.text if one.target is not None else None
        if one.writes and text is not None and _DISK.fullmatch(text):
            return text
    if _DISK_TOOLS.fullmatch(part.base) is None:
        return ""
    words = [it.text or "" for it in part.operands]
    if part.base == "dd":
        words = [it.removeprefix("of=") for it in words if it.startswith("of=")]
    elif part.base == "cp":
        words = words[-1:]
    return next((it for it in words if _DISK.fullmatch(it)), "")


def _lost(part: Part, around: Surroundings) -> str:
    lost = next((it for it in targets(part, around) if is_catastrophe(it, around)), None)
    if lost is None and part.base == "find" and not _starts(part):
        lost = next((it for it in resolved(".", part.cwds, around) if is_catastrophe(it, around)), None)
    return f"all of {lost} would be lost or changed" if lost is not None else ""


def _starts(part: Part) -> bool:
    return bool(part.operands) and not (part.operands[0].text or "-").startswith(("-", "(", "!"))


def _find_removes(part: Part) -> bool:
    words = [it.text or "" for it in part.operands]
    runs = any(it in starting_words(part.base) for it in words)
    removes = any(it.rsplit("/", 1)[-1] in ("rm", "shred", "chmod", "chown", "mv", "unlink") for it in words)
    return "-delete" in words or (runs and removes)


def _fetches_into_root_shell(view: View) -> bool:
    fetches = any(part.base in _FETCHES and part.feeds for part in view.parts)
    through = any(
        part.base in ("sudo", "doas", "su")
        and any(_INTERPRETERS.fullmatch((it.text or "").rsplit("/", 1)[-1]) for it in part.operands)
        for part in view.parts
    )
    return fetches and through


def _has_option(part: Part, letters: str, *names: str) -> bool:
    """Whether the part has one of these options, be it in a cluster or shortened."""
    for argument in part.operands:
        text = argument.text or ""
        if re.match(r"^-[A-Za-z]+$", text) and set(text[1:]) & set(letters):
            return True
        if text.startswith("--") and any(
            name.startswith(text[2:].split("=")[0]) for name in names if len(text) > 3
        ):
            return True
    return False
