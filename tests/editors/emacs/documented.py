"""The configuration that `docs/howto/emacs.md` shows, so that what people copy is what is tested."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "emacs.md"


def configuration() -> str:
    """Return what goes into `init.el` for eglot."""
    part = PAGE.read_text("utf-8").partition("## eglot\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^```elisp\n(.*?)^```$", part, re.MULTILINE | re.DOTALL))
