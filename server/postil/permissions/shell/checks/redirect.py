"""Redirections that write, or read from where nothing may be read."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, Redirection, View

EXAMPLES = Examples(
    ask=("ls > a", "ls >> a", "> a", "ls &> a", "ls >| a", "cat <> a", "ls 2> a", "ls > /dev/nullx",
         "ls {x}> a", "ls >& a", "echo > /dev/tcp/1.2.3.4/1", "[ a > b ]", "ls 3>&1", "ls > $X"),
    auto=("ls > /dev/null", "ls 2>/dev/null", "ls 2>&1", "ls >&2", "wc -l < a", "ls &> /dev/null", "cat <<< x"),
)  # fmt: skip

_STANDARD = (None, 0, 1, 2)


def find(view: View) -> Iterator[Finding]:
    """Ask about every redirection but to /dev/null, between the standard streams, and from a file of the workspace."""
    for index, part, _ in view.direct:
        for one in part.redirections:
            reason = _reason(one)
            if reason:
                yield Finding("redirect", "ask", reason, index)


def _reason(one: Redirection) -> str:
    if one.operator in ("<<", "<<-"):
        return "" if one.descriptor in (None, 0) else "it fills another stream than its input"
    target = one.target
    if target is None or target.text is None or target.pattern:
        return "where it redirects to is not known"
    if one.descriptor not in _STANDARD:
        return "it opens another stream than the standard ones"
    if one.operator == "<<<":
        return ""
    if one.operator in (">&", "<&"):
        return (
            ""
            if target.text in ("1", "2", "-") or (one.operator == "<&" and target.text == "0")
            else "it redirects to a stream that is not known"
        )
    if one.operator == "<":
        return "it reads from the network" if target.text.startswith(("/dev/tcp", "/dev/udp")) else ""
    if target.text == "/dev/null" and one.operator in (">", ">>", "&>", "&>>"):
        return ""
    return f"it writes to {target.text}"
