"""A question as editors show it: the text of its diagnostic, and the same as Markdown or plain text for a hover."""

from __future__ import annotations

from postil.core.question import Question
from postil.core.wording import told
from postil.lsp.markdown import escaped, fenced

ANSWER = "Answer by Quick Fix."
_ASKS = {
    "Run this command?": "Postil asks to run a command",
    "Edit this file?": "Postil asks to edit a file",
    "Move this file?": "Postil asks to move a file",
    "Delete this file?": "Postil asks to delete a file",
    "Read this file?": "Postil asks to read a file",
    "Search here?": "Postil asks to search",
    "Fetch from this host?": "Postil asks to fetch from a host",
    "Use this tool?": "Postil asks to use a tool",
    "Leave plan mode?": "Postil asks to leave plan mode",
    "Rewind to before this turn?": "Postil asks to go back to before",
    "Undo this change?": "Postil asks to undo a change",
    "Trust this folder?": "Postil asks whether to trust a folder",
    "Start this server of tools?": "Postil asks whether to start a server of tools",
}
_MOST_DIFF = 4_000


def asks(question: Question) -> str:
    """Return what is asked for, in constant words; of a halt, with the amount that it is about."""
    if question.kind == "halt":
        return f"Postil {question.title[:1].lower()}{question.title[1:]}"
    return _ASKS.get(question.title, f"Postil asks: {question.title}")


def diagnostic_text(question: Question, place: str = "") -> str:
    """Return the whole question. `place` says which of several it is; a subject of several lines stands below, set in."""
    if question.kind == "conflict":
        return "The file changed on disk while this buffer has unsaved edits."
    if question.kind == "save":
        first = f"Save {question.subject}, then the command runs. Or answer by Quick Fix."
        return "\n".join([first, *told(question)])
    return "\n".join([f"{asks(question)}{_subject(question)}", f"{place}{ANSWER}", *told(question)])


def plain(question: Question) -> str:
    """Return the question with its difference, as plain text."""
    return f"{diagnostic_text(question)}\n\n{_diff(question)}".rstrip()


def markdown(question: Question) -> str:
    """Return the question as Markdown, in which nothing of what is asked about is taken for Markdown."""
    blocks = [f"**{escaped(asks(question))}**"]
    if question.subject:
        blocks.append(fenced(question.subject, "sh" if question.parts else ""))
    lines = [_item(it) for it in told(question)]
    if lines:
        blocks.append("\n".join(lines))
    if question.diff:
        blocks.append(fenced(_diff(question), "diff"))
    return "\n\n".join(blocks)


def _subject(question: Question) -> str:
    lines = question.subject.split("\n")
    if len(lines) == 1:
        return f": {lines[0]}" if lines[0] else ""
    return ":\n" + "\n".join(f"    {line}" for line in lines)


def _item(line: str) -> str:
    words = line.lstrip(" ")
    return f"{'  ' * min(2, (len(line) - len(words)) // 2)}- {escaped(words)}"


def _diff(question: Question) -> str:
    shown = question.diff[:_MOST_DIFF]
    return shown if len(shown) == len(question.diff) else f"{shown}\n…"
