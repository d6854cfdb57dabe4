"""Which names of variables are a line's own, so that no program and not the shell itself reads what it binds to them."""

from __future__ import annotations

import re

_OWN = re.compile(r"_|[A-Za-z0-9_]*[a-z][A-Za-z0-9_]*")
"""Everything with a small letter, and what the shell itself keeps writing to."""
_READ = re.compile(r"\w*_proxy|npm_\w*|histchars|auto_resume|yarn_\w*|pnpm_\w*")
"""Names in small letters that programs and the shell read nevertheless."""


def is_own(name: str) -> bool:
    """Whether nobody but the line itself reads a variable of this name."""
    return _OWN.fullmatch(name) is not None and _READ.fullmatch(name) is None
