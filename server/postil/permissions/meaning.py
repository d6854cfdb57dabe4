"""A rule in words: what it matches, and what it never covers."""

from __future__ import annotations

from dataclasses import dataclass

from postil.permissions.kinds import bash
from postil.permissions.rule import Rule

_WORDS = {"allow": "runs unasked", "ask": "is asked about", "deny": "never runs"}
_LATER = "files that hold secrets or are run later by other programs, unless the rule is the very path, as in ./name"
_TAILS = {
    "allow": "Rules that ask or deny come before it, and so does what is never done.",
    "ask": "It comes before every rule that allows, and after every rule that denies.",
    "deny": "It comes before every other rule, whatever their order.",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rule says."""

    effect: str
    """In one sentence: what it is about, and what becomes of that."""
    never: tuple[str, ...]
    """What it does not cover, though one might think so."""
    order: str
    """How it stands to other rules."""


def meaning(rule: Rule) -> Meaning:
    """Return what a rule says; total, whatever its pattern."""
    about, never = _KINDS[rule.kind](rule)
    return Meaning(f"{about} {_WORDS[rule.verdict]}.", tuple(never), _TAILS[rule.verdict])


def _bash(rule: Rule) -> tuple[str, list[str]]:
    words = _command(rule)
    if rule.verdict != "allow":
        return (
            f"{words}, wherever it stands in a line, also behind sudo, timeout, sh -c and the like and with options in between,",
            ["a program that does the same under another name"],
        )
    return words, [
        "what stands around it: redirections, substitutions, variables set before it, and every other command of the line",
        "the same behind sudo, sh -c or another program that starts it",
        "files outside the workspace, unless the rule's own words name them (checks outside and paths)",
        "what the line does not show: words or a script from a pipe, patterns that may stand for something protected (check unseen)",
        "what would lose the system or your home, or change what Postil is bound by",
    ]


def _command(rule: Rule) -> str:
    if rule.pattern is None:
        return "Every command"
    found = bash.pattern_of(rule.pattern)
    words = " ".join(it.replace("\0", "*") for it in found.words)
    if not words:
        return "Every command"
    star = ", where a star alone stands for one word or more," if "\0" in found.words else ""
    if found.open and not found.glued:
        return f"The command {words}{star} alone or with any words after it"
    return f"Exactly the command {words}{star}"


def _files(rule: Rule) -> tuple[str, list[str]]:
    what = {"Read": "Reading", "Edit": "Editing"}[rule.kind]
    about = f"{what} {_place(rule.pattern)}"
    if rule.verdict != "allow":
        return f"{about.rstrip(',')}, whatever the case of letters, also by a command whose words say so,", []
    never = [_LATER]
    if rule.kind == "Edit":
        never += [
            "files outside the workspace",
            "what Postil, version control and editors act on by themselves, such as .git and .postil",
            "files that a command writes: commands have rules of their own",
        ]
    return about, never


def _place(pattern: str | None) -> str:
    if pattern is None:
        return "any file"
    if pattern.startswith("//"):
        return f"what {pattern[1:]} matches, from the root of the file system,"
    if pattern.startswith("~/"):
        return f"what {pattern} matches, in your home,"
    plain = pattern.removeprefix("./")
    if plain == pattern and "/" not in pattern.rstrip("/"):
        return f"files and folders called {pattern}, at any depth of the workspace,"
    return f"what {plain.lstrip('/')} matches in a folder of the workspace"


def _hosts(rule: Rule) -> tuple[str, list[str]]:
    host = (rule.pattern or "").strip().removeprefix("domain:").strip()
    about = f"Fetching from {host}" if host else "Fetching from any host"
    if host.startswith("*."):
        about = f"Fetching from any host below {host[2:]}"
    if rule.verdict != "allow":
        return f"{about}, or from a host below it,", []
    return about, [
        "commands that send or fetch: they have rules of their own",
        "addresses with a user, a password or an address in numbers",
    ]


_KINDS = {"Bash": _bash, "Read": _files, "Edit": _files, "WebFetch": _hosts}
