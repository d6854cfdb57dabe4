"""A path that a file tool is given: whether it lies in the workspace and is nothing protected, by its words and by its links.

This is the first question about a path, before any rule: what it allows, the rules still decide about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from postil.permissions.shell.files import Place
from postil.permissions.shell.nodes import same_as_protected
from postil.permissions.shell.part import Finding
from postil.permissions.shell.protected import protected
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.workspace.files.paths import is_memory, is_secret, runs_later
from postil.workspace.files.uris import strictly

Operation = Literal["read", "write"]
LONGEST = 4096

_DRIVE = re.compile(r"^[A-Za-z]:")
_SHORT = re.compile(r"~[0-9]+(?:\.|/|$)")
_EXPANDED = re.compile(r"^~|(?:^|/)\$\{?[A-Z_]+\}?(?:/|$)|\$\{|%[A-Za-z_]+%|`|\$\(")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LONGEST_NAME = 255
_HIDDEN = ("Cf", "Cc", "Co", "Cn", "Cs", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class PathDecision:
    """What becomes of a path."""

    verdict: Literal["allow", "ask", "deny"]
    findings: tuple[Finding, ...]
    names: tuple[str, ...] = ()
    """The names of the file that are known, first the one where it lies; none where that is not known."""

    @property
    def physical(self) -> str:
        """Where it leads; empty where that is not known."""
        return self.names[0] if self.names else ""

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that fired."""
        return tuple(dict.fromkeys(it.check for it in self.findings))

    @property
    def reason(self) -> str:
        """Why it is not simply allowed."""
        return self.findings[0].reason if self.findings else "it lies in the workspace"


def judge_path(path: str, operation: Operation, around: Surroundings) -> PathDecision:
    """Judge a path as it is written; whatever fails while judging, the answer is to ask."""
    try:
        findings, names = _judged(path, operation, around)
    except Exception as error:  # noqa: BLE001 - what cannot be judged is not allowed
        findings, names = [Finding("path-text", "ask", f"judging it failed: {type(error).__name__}")], ()
    findings.sort(key=lambda it: it.verdict != "deny")
    return PathDecision(
        findings[0].verdict if findings and findings[0].verdict != "auto" else "allow",
        tuple(findings),
        names,
    )


def _judged(path: str, operation: Operation, around: Surroundings) -> tuple[list[Finding], tuple[str, ...]]:
    written = strictly(path)
    texts = dict.fromkeys(_below(it, around) for it in (path, written or path))
    findings = [Finding("path-text", "ask", reason) for text in texts for reason in _text(text)]
    if written is None:
        return [*findings, Finding("path-text", "ask", "it does not name a file of this machine")], ()
    names: list[str] = []
    for reading in _readings(written, around):
        place = around.place(reading, around.cwd) if reading and "\0" not in reading else None
        if place is None:
            return [*findings, Finding("paths", "ask", "where it leads is not known")], ()
        findings += _place(place, operation, around)
        names += (place.physical, place.lexical, *_aliases(place))
    return findings, tuple(dict.fromkeys(names))


def _readings(path: str, around: Surroundings) -> Iterator[str]:
    """Yield the path, and where it has backslashes, what it says to a system that divides folders by them."""
    yield path
    if "\\" in path and _DRIVE.match(path) is None:
        yield _below(path, around).replace("\\", "/")


def _below(path: str, around: Surroundings) -> str:
    """Return the words below a root: what its own folders are called is nobody's trick."""
    inside = (path[len(it) :].lstrip("/") or "." for it in around.roots if is_below(path, it))
    return next(inside, path)


def _aliases(place: Place) -> tuple[str, ...]:
    identity = place.entry.identity if place.entry is not None else None
    return (identity,) if isinstance(identity, str) else ()


def _text(path: str) -> Iterator[str]:
    """Yield what is odd about the words themselves, on every platform alike."""
    if not path.strip():
        yield "it is empty"
    if len(path) > LONGEST:
        yield f"it is longer than {LONGEST} characters"
    if any(unicodedata.category(it) in _HIDDEN for it in path):
        yield "it has a character in it that is not seen"
    if _EXPANDED.search(path):
        yield "it looks as if a shell should expand it, and nothing does"
    if "\\" in path:
        yield "a backslash divides folders on some systems"
    rest = path[5:] if path[:5].lower() == "file:" else path
    if ":" in rest:
        yield "a colon names a drive or a stream on some systems"
    names = [it for it in path.split("/") if it not in ("", ".", "..")]
    if any(_DEVICE.fullmatch(it) for it in names):
        yield "it is the name of a device on some systems"
    if any(len(it.encode("utf-8", "surrogatepass")) > _LONGEST_NAME for it in names):
        yield f"a name is longer than {_LONGEST_NAME} bytes"
    if any(_SHORT.search(it) for it in names):
        yield "it could be a short name for another file"
    if any(it != it.rstrip(" .") or it != it.lstrip(" ") for it in names):
        yield "a name begins or ends with a blank or a dot, which some systems leave out"


def _place(place: Place, operation: Operation, around: Surroundings) -> Iterator[Finding]:
    if around.is_note(place.physical) and around.is_note(place.lexical):
        yield from _private_note(place, operation)
        return
    for path in dict.fromkeys((place.physical, place.lexical)):
        if operation == "write" and _protected(path, place, around):
            shown = around.relative(path) or path
            yield Finding("protected", "deny", f"{shown} is protected: no tool may write it")
            return
    if not around.inside(place.physical):
        verdict = "deny" if operation == "write" else "ask"
        yield Finding("paths", verdict, "it lies outside the workspace", by_rule=True)
    elif not around.inside(place.lexical) or (place.through_link and ".." in place.written.split("/")):
        yield Finding("paths", "ask", "its words and its links lead to different places")
    aliases = _aliases(place)
    for path in (place.physical, place.lexical, *aliases):
        relative = around.relative(path)
        if path in aliases and relative is None:
            yield Finding("paths", "ask", "the file has another name outside the workspace")
            break
        if is_secret(PurePosixPath(relative if relative is not None else path)):
            yield Finding("secrets", "ask", f"{PurePosixPath(path).name} is known to hold secrets")
            break
        if operation == "write" and relative is not None and is_memory(PurePosixPath(relative)):
            yield _REMEMBERED
            break
        if operation == "write" and path in around.started():
            reason = (
                f"{PurePosixPath(path).name} is named by a hook or a server of tools, which Postil starts"
            )
            yield Finding("executes-later", "ask", reason)
            break
        if operation == "write" and relative is not None and runs_later(PurePosixPath(relative)):
            yield Finding(
                "executes-later", "ask", f"{PurePosixPath(path).name} is run by other programs later"
            )
            break
    yield from _kind(place, operation)


_REMEMBERED = Finding("memory", "ask", "it is what Postil remembers of this workspace")


def _private_note(place: Place, operation: Operation) -> Iterator[Finding]:
    """Of all that is Postil's own, notes alone are for the agent to read, and to change when a person has seen how."""
    if operation == "write":
        yield _REMEMBERED
    yield from _kind(place, operation)


def _kind(place: Place, operation: Operation) -> Iterator[Finding]:
    if place.entry is None:
        return
    if place.entry.kind in ("fifo", "socket", "device"):
        yield Finding("file-kind", "ask", f"it is no plain file but a {place.entry.kind}")
    if operation == "write" and place.entry.identity is not None:
        yield Finding("file-kind", "ask", "the file has another name as well, which may lie elsewhere")


def _protected(path: str, place: Place, around: Surroundings) -> bool:
    if protected(path, around) or any(protected(it, around) for it in _aliases(place)):
        return True
    return same_as_protected(place.physical, around)
