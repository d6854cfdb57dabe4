"""Which documents are chat documents, told by where they lie."""

from __future__ import annotations

import re
from urllib.parse import unquote

_CHAT = re.compile(r"/\.postil/chat/[^/]+\.md\Z")


def is_chat(uri: str) -> bool:
    """Whether a document is a chat document, however an editor writes its URI."""
    return _CHAT.search(unquote(uri)) is not None
