"""Open documents as the editor has them: a list of lines that edits change in place."""

import logging
from collections.abc import Sequence
from urllib.parse import unquote

from lsprotocol import types
from pygls.workspace import PositionCodec, ServerTextPosition, TextDocument, Workspace

from postil.lsp import positions
from postil.lsp.positions import DEFAULT_ENCODING, ENCODINGS, Encoding, Position

logger = logging.getLogger(__name__)


class DocumentNotOpenError(LookupError):
    """The editor has not opened this document, so it is none of the LSP face's: read it from disk."""


class ClampingCodec(PositionCodec):
    """Converts positions with our line rules and clamps as the specification says; never changes what it is given."""

    def __init__(self, encoding: Encoding) -> None:
        super().__init__(encoding)
        self.units: Encoding = encoding

    def position_from_client_units(
        self, lines: Sequence[str], position: types.Position
    ) -> ServerTextPosition:
        line = position.line
        if line >= len(lines):
            return ServerTextPosition(len(lines) - 1, len(lines[-1]))
        return ServerTextPosition(
            line, positions.units_to_column(lines[line], position.character, self.units)
        )

    def position_to_client_units(
        self, lines: Sequence[str], position: ServerTextPosition | types.Position
    ) -> types.Position:
        line = min(position.line, len(lines) - 1)
        column = position.character if line == position.line else len(lines[line])
        return types.Position(line, positions.column_to_units(lines[line], column, self.units))


class OpenDocument(TextDocument):
    """One open document. `lines` joined are the text; each but the last ends with its line ending."""

    def __init__(
        self, uri: str, text: str, version: int | None, language_id: str | None, codec: ClampingCodec
    ) -> None:
        try:
            super().__init__(uri, source="", version=version, language_id=language_id, position_codec=codec)
        except ValueError:
            # pygls derives a path from it at once. An editor may name a buffer as it likes.
            super().__init__("", source="", version=version, language_id=language_id, position_codec=codec)
            self.uri = uri
        self.encoding: Encoding = codec.units
        self._lines: list[str] = positions.split_lines(text)
        self._text: str | None = text
        self._starts: list[int] | None = None

    @property
    def lines(self) -> Sequence[str]:
        return self._lines

    @property
    def source(self) -> str:
        if self._text is None:
            self._text = "".join(self._lines)
        return self._text

    def as_now(self) -> "OpenDocument":
        """Return the document as it is now, which later changes do not change."""
        same = OpenDocument(self.uri, "", self.version, self.language_id, ClampingCodec(self.encoding))
        same._lines, same._text = list(self._lines), self._text
        return same

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        if isinstance(change, types.TextDocumentContentChangePartial):
            self._replace(change.range, change.text)
            self._text = None
        else:
            self._lines = positions.split_lines(change.text)
            self._text = change.text
        self._starts = None

    def _replace(self, where: types.Range, text: str) -> None:
        start = self.position_from_client_units(where.start)
        end = self.position_from_client_units(where.end)
        if end < start:
            start, end = end, start
        lines = self._lines
        first, last = start.line, end.line
        chunk = lines[first][: start.character] + text + lines[last][end.character :]
        # A line feed that now follows a lone carriage return makes one line ending with it.
        if chunk.startswith("\n") and first > 0 and lines[first - 1].endswith("\r"):
            first -= 1
            chunk = lines[first] + chunk
        replacement = positions.split_lines(chunk)
        # `chunk` holds the ending of its last line, so the empty line after it exists already, except at the very end.
        if last + 1 < len(lines):
            replacement.pop()
        lines[first : last + 1] = replacement

    def offset_at_server_position(self, server_position: ServerTextPosition) -> int:
        line = min(server_position.line, len(self._lines) - 1)
        column = server_position.character if line == server_position.line else len(self._lines[line])
        return self._line_starts()[line] + column

    def server_position_at_offset(self, offset: int) -> ServerTextPosition:
        line, column = positions.position_at(self._lines, offset, "utf-32", self._line_starts())
        return ServerTextPosition(line, column)

    def offset_at(self, position: Position) -> int:
        """The offset in `source` of a position in the client's units."""
        return positions.offset_at(self._lines, position, self.encoding, self._line_starts())

    def position_at(self, offset: int) -> Position:
        """The position in the client's units of an offset in `source`."""
        return positions.position_at(self._lines, offset, self.encoding, self._line_starts())

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = positions.line_starts(self._lines)
        return self._starts


class OpenDocuments(Workspace):
    """The documents that the editor has open, and its folders. It never reads the disk."""

    def __init__(
        self,
        root_uri: str | None,
        folders: Sequence[types.WorkspaceFolder],
        encoding: Encoding,
    ) -> None:
        super().__init__(root_uri, types.TextDocumentSyncKind.Incremental, folders, encoding)
        self._codec = ClampingCodec(encoding)
        self._position_codec: PositionCodec = self._codec
        self.encoding: Encoding = encoding

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> OpenDocument:
        return OpenDocument(doc_uri, source or "", version, language_id, self._codec)

    def open_document(self, uri: str) -> OpenDocument | None:
        """The document if the editor has it open."""
        document = self._text_documents.get(unquote(uri))
        return document if isinstance(document, OpenDocument) else None

    def get_text_document(self, doc_uri: str) -> OpenDocument:
        """The open document; one that is not open is an error here, because reading it would block the loop."""
        document = self.open_document(doc_uri)
        if document is None:
            raise DocumentNotOpenError(doc_uri)
        return document

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        document = self.open_document(text_doc.uri)
        if document is None:
            logger.warning("ignored a change of a document that is not open")
            return
        document.apply_change(change)
        document.version = text_doc.version


def choose_encoding(offered: Sequence[str] | None) -> Encoding:
    """UTF-8 where the client offers it, else the first of its list that we know, else the specification's UTF-16."""
    known: list[Encoding] = [encoding for name in offered or () for encoding in ENCODINGS if encoding == name]
    if "utf-8" in known:
        return "utf-8"
    return known[0] if known else DEFAULT_ENCODING
