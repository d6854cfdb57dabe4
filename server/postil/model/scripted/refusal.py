"""A request that is answered with an error status."""

from __future__ import annotations


class Refusal(Exception):
    """The request is answered with an error status."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


def bad(message: str) -> Refusal:
    """Return the refusal of a request that is wrong."""
    return Refusal(400, "invalid_request_error", message)
