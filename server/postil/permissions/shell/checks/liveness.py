"""What may never end, or waits for somebody who is not there."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("ls &", "tail -f a", "cat", "cat /dev/zero", "while true; do ls; done", "yes", "sort", "cat -", "head -c 5 /dev/random",
         "wc -l", "until false; do :; done"),
    auto=("ls | sort", "tail a", "cat < a", "cat <<< x"),
)  # fmt: skip

_NEVER_END = frozenset({
    "yes", "top", "htop", "watch", "less", "more", "most", "man", "vi", "vim", "nano", "emacs", "ssh", "nc", "telnet", "tmux", "screen", "ed",
})  # fmt: skip
_ENDLESS = frozenset(
    {
        "/dev/zero",
        "/dev/random",
        "/dev/urandom",
        "/dev/full",
        "/dev/tty",
        "/dev/console",
        "/dev/stdin",
        "/dev/ptmx",
    }
)


def find(view: View) -> Iterator[Finding]:
    """Ask about the background, endless loops and devices, and programs that wait for input."""
    yield from told(view, "liveness")
    for index, part, usage in view.direct:
        if part.repeated:
            yield Finding("liveness", "ask", "it runs in a loop that may not end", index)
        waits = part.base in _NEVER_END and (usage is None or bool(usage.doubts))
        if waits or (usage is not None and usage.options & set(usage.program.endless)):
            yield Finding("liveness", "ask", f"{part.base} does not end by itself", index, by_rule=True)
        if usage is not None and usage.reads_stdin:
            yield Finding("liveness", "ask", f"{part.base} waits for input", index, by_rule=True)
        if usage is not None and any(it.argument.text in _ENDLESS for it in usage.uses):
            yield Finding("liveness", "ask", "it reads from a device that has no end", index, by_rule=True)
        if usage is not None and any(
            _waits(view, it.argument.text) for it in usage.uses if it.role == "read"
        ):
            yield Finding("liveness", "ask", "it reads from a pipe that may stay empty", index, by_rule=True)


def _waits(view: View, text: str | None) -> bool:
    place = view.around.place(text, view.around.cwd) if text else None
    return place is not None and place.entry is not None and place.entry.kind in ("fifo", "socket")
