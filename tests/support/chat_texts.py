"""Texts that are hard on chat documents: what looks like their form, every line end, and any character."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

ROOT = Path("/project")
_FORM = (
    "## You", "## Postil", "## Postil (continued)", "\\## You", "\\\\## Postil", "## You ", "# One", "### Question 1: run this command?",
    "- answer: waiting", "<!--reply 1 #0-->", "<!-- turn 1: end turn -->", "<!-- postil s0123 -->", "```", "~~~~", "````python", "---", "===",
    "", " ", "    code", "- row", "1. one", "text", "two words here", "<div>", "a <!--reply 2 #7--> b", "**bold**", "\u202eodd", "αβγ 🎈",
)  # fmt: skip


def lines() -> st.SearchStrategy[str]:
    """Return lines, most of which look like something."""
    free = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)
    return st.sampled_from(_FORM) | free


def texts() -> st.SearchStrategy[str]:
    """Return what a person may write."""
    pieces = st.lists(st.tuples(lines(), st.sampled_from(["\n", "\n", "\r\n", "\r", "\n\n"])), max_size=8)
    return pieces.map(lambda found: "".join(line + end for line, end in found))


def reply_texts() -> st.SearchStrategy[str]:
    """Return what a model may say."""
    return st.lists(lines(), max_size=10).map("\n".join)
