"""Builtins that evaluate a text later, or change what later words mean."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("eval ls", ". ./x", "source x", "trap ls EXIT", "read x", "export A=1", "set -x", "shopt -s extglob",
         "unset x", "mapfile a", "builtin cd /", "declare -i x", "enable -f x y", "alias ls=rm", "exec ls", "hash -p /x ls"),
    auto=("cd src", "pwd", "true", "test -f a", "set -euo pipefail; ls", "umask", "ulimit -a", "jobs"),
)  # fmt: skip

LATE = frozenset({
    ".", "alias", "bind", "builtin", "caller", "complete", "compgen", "compopt", "coproc", "declare", "dirs", "disown", "enable",
    "eval", "exec", "export", "fc", "fg", "bg", "getopts", "hash", "history", "jobs", "let", "local", "logout", "mapfile", "popd",
    "pushd", "read", "readarray", "readonly", "set", "shift", "shopt", "source", "suspend", "times", "trap", "typeset", "ulimit",
    "umask", "unalias", "unset", "wait", "kill",
})  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    """Ask about builtins by name, but for the few forms in which their tables say that they only tell, or end a script early."""
    for index, part, usage in view.direct:
        if part.name in LATE and (usage is None or usage.doubts):
            yield Finding(
                "builtins",
                "ask",
                f"{part.name} changes what the shell does later",
                index,
                by_rule=part.name == "kill",
            )
