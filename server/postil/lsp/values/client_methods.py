"""What Postil asks of a client that offers it, once: types for clients and `docs/protocol.md` have it from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from postil.lsp.values.place_methods import Span
from postil.lsp.wire import Wire

CLIENT_SAVE = "postil/client/save"
CLIENT_DIAGNOSTICS = "postil/client/diagnostics"
CLIENT_SYMBOLS = "postil/client/symbols"


class SaveParams(Wire):
    """An open document."""

    uri: str


class SaveResult(Wire):
    """Whether it is on the disk as the editor shows it. A client that would have to overwrite what something else wrote
    since it read the file, and was not asked to, says no."""

    saved: bool


class DiagnosticsParams(Wire):
    """An open document, and the version that is asked about."""

    uri: str
    version: int


class ClientDiagnostic(Wire):
    """A diagnostic as LSP has it, as far as it is read."""

    range: Span
    message: str
    severity: Annotated[int | None, Field(ge=1, le=4)] = None
    source: str | None = None
    code: int | str | None = None


class DiagnosticsResult(Wire):
    """What other servers find in a document."""

    version: int
    """The version that all of them have looked at. An older one is asked about again, for two seconds at most."""
    diagnostics: list[ClientDiagnostic]


class SymbolsParams(Wire):
    """A line on which a name stands, and what is asked about that symbol. The document need not be open."""

    uri: str
    line: int
    """Counted from 0. Of several places of the name on it the first counts."""
    name: str
    want: Literal["definitions", "references"]


class ClientLocation(Wire):
    """A location as LSP has it."""

    uri: str
    range: Span


class SymbolsResult(Wire):
    """Where language servers say that the symbol is; the name stands on the first line of each range."""

    places: list[ClientLocation]


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One thing that is asked of a client."""

    method: str
    offered: str
    """The field of `experimental.postil` that offers it."""
    params: type[Wire]
    result: type[Wire]
    doc: str


CLIENT_METHODS: tuple[ClientRow, ...] = (
    ClientRow(CLIENT_SAVE, "save", SaveParams, SaveResult, "Save a document."),
    ClientRow(
        CLIENT_DIAGNOSTICS,
        "diagnostics",
        DiagnosticsParams,
        DiagnosticsResult,
        "Say what other servers find in a document, or null where nobody looks at it.",
    ),
    ClientRow(
        CLIENT_SYMBOLS,
        "symbols",
        SymbolsParams,
        SymbolsResult,
        "Say where a symbol is defined or used, or null where nobody knows. After five seconds nobody waits any more.",
    ),
)
"""All of them."""
