"""The head of a chunk: the words in it that name things, which count for more than the rest.

Names are the document's own, the first line (a title, a question, the subject of a commit), headings, and what code defines.
"""

from __future__ import annotations

import re

FIRST_LINE = 120
"""Characters of the first line that count as a name."""

_named = re.compile(
    r"""
    \n[ \t]*(?:@\w+[ ]+)?(?:(?:export|public|private|protected|static|async|default|local|pub|final|abstract)[ ]+)*
      (?:def|class|func|function|fn|type|interface|struct|enum|trait|module|package|impl)[ ]+(\w+)
    | \n\#{1,6}[ ](.{1,120})
    | \n([A-Z_][A-Z0-9_]*)[ ]?[:=]
    """,
    re.VERBOSE,
)
"""Of a line that begins after a line feed, and not wherever a line may begin: that is looked for twice as fast."""


def head(name: str, text: str) -> str:
    """Return the words that name the chunk and what is in it."""
    first = text.lstrip()[:FIRST_LINE].partition("\n")[0]
    return "\n".join([name, first, *map("".join, _named.findall(f"\n{text}"))])
