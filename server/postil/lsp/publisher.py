"""Diagnostics of several features in one list a document, as the protocol wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from lsprotocol import types


class Line(Protocol):
    """What is needed of the server."""

    def text_document_publish_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        """Tell the client."""
        ...


class Publisher:
    """What each feature says of each document."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._said: dict[str, dict[str, list[types.Diagnostic]]] = {}

    def say(self, feature: str, found: Mapping[str, Sequence[types.Diagnostic]]) -> None:
        """Say all that a feature has to say now, by document; what it said of others before is taken back."""
        before = {uri for uri, said in self._said.items() if feature in said}
        for uri in found.keys() | before:
            self.say_of(feature, uri, found.get(uri, ()))

    def say_of(self, feature: str, uri: str, found: Sequence[types.Diagnostic]) -> None:
        """Say what a feature has to say of one document."""
        said = self._said.setdefault(uri, {})
        if said.get(feature, []) == list(found):
            return
        if found:
            said[feature] = list(found)
        else:
            said.pop(feature, None)
        every = [it for name in sorted(said) for it in said[name]]
        self._line.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, every))
        if not said:
            del self._said[uri]
