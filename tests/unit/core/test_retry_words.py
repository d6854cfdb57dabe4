"""Why the model is tried again, in few words."""

from __future__ import annotations

import pytest

from postil.core.errors import ModelErrorKind
from postil.core.retry_words import why


@pytest.mark.parametrize(
    ("kind", "message", "begun", "words"),
    [
        ("rate_limit", "The service limits how much you may send (429): slow.", False, "Rate limited"),
        ("connection", "The service cannot be reached: no route.", False, "Offline"),
        ("connection", "The connection to the service broke: reset.", True, "The connection broke"),
        ("server", "The service had an error (500): oh.", False, "The service had an error (500)"),
        ("server", f"{'x' * 100}.", False, f"{'x' * 59}…"),
    ],
)
def test_words(kind: ModelErrorKind, message: str, *, begun: bool, words: str) -> None:
    assert why(kind, message, begun=begun) == words
