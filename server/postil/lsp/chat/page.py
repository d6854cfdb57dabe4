"""A session as a whole chat document, and where a document that is there already goes on."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from postil.core.revealing import one_line
from postil.lsp.chat.form import POSTIL, YOU, marker, written
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.rows import WAITING, plain


def page(session_id: str, title: str, status: str, replies: Sequence[Reply], draft: str = "") -> str:
    """Return the document of a session: its turns, and the heading below which the next prompt is written."""
    parts = [f"# {plain(one_line(title)) or 'Chat'}\n{header(session_id, status)}\n"]
    parts += [f"{asked(it.prompt)}{told(it)}" for it in replies]
    return "\n".join([*parts, f"{YOU}\n{draft}"])


def header(session_id: str, status: str) -> str:
    """Return the line that says which session a document shows."""
    return f"<!-- postil {session_id}{f' · {status}' if status else ''} -->"


def asked(prompt: str) -> str:
    """Return a prompt with its heading."""
    return f"{YOU}\n{written(prompt)}\n\n"


def told(reply: Reply, number: int = 0) -> str:
    """Return a reply with its heading; one that goes on ends with the marker."""
    return f"{POSTIL}\n{reply.text}{filler(reply.text)}{reply.end or reply.pending + marker(reply.number, number)}\n"


def filler(text: str) -> str:
    """Return what parts the marker from a line that is not whole."""
    return "" if not text or text.endswith("\n") else "\n"


def gone_on(there: str, whole: str, pending: str = "") -> tuple[int, str]:
    """Return how much of a reply stands in a document already, above its marker, and the end of that which may still change.

    `pending` is what stands behind it for now: a question that is still open. What a person has changed in it is no obstacle: it goes
    on behind the last line that both have.
    """
    there = there.replace("\r\n", "\n")
    waiting = f"{WAITING}\n"
    changing = waiting if there.endswith(f"\n{waiting}") else ""
    if pending and there.endswith(pending):
        changing = pending
    kept = there.removesuffix(changing)
    for text in (kept, kept.removesuffix("\n")):
        if whole.startswith(text):
            return len(text), changing
    lines = whole.splitlines(keepends=True)
    found = SequenceMatcher(None, kept.splitlines(keepends=True), lines, autojunk=False)
    upto = max((it.b + it.size for it in found.get_matching_blocks() if it.size), default=0)
    return sum(map(len, lines[:upto])), changing
