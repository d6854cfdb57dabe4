"""`postil serve`: the language server, put together from its features."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from pydantic import ValidationError
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from postil import __version__
from postil.core.errors import PostilError
from postil.lsp.capabilities import PROTOCOL, read_capabilities
from postil.lsp.editor import LspEditor
from postil.lsp.editor_server import EditorServer
from postil.lsp.face import Face
from postil.lsp.lifetime import StopReason
from postil.lsp.methods import Row, by_name
from postil.lsp.publisher import Publisher
from postil.lsp.text_document import OpenDocument
from postil.lsp.wire import Wire
from postil.workspace.files.uris import uri_to_path

log = logging.getLogger(__name__)

REQUEST_FAILED = -32803
"""LSP's RequestFailed: the request was right and could not be done; the message says why."""

Answering = Callable[..., Awaitable[Wire]]
"""Is given the face and the params of its row, and what a glance saw."""
Glancing = Callable[[Any], Any]
HoverSource = Callable[[Face, types.HoverParams], Awaitable[str]]
CompletionSource = Callable[
    [Face, types.CompletionParams, OpenDocument], Awaitable[Sequence[types.CompletionItem]]
]
"""Is given the document as it was when that was asked: what is asked for meanwhile may change it."""
LensSource = Callable[[Face, str], Awaitable[Sequence[types.CodeLens]]]
ActionSource = Callable[[Face, types.CodeActionParams], Iterable[types.CodeAction]]


class PostilServer(EditorServer):
    """A connection's server. `face` exists from `initialize` on; before that no handler runs."""

    def __init__(self) -> None:
        super().__init__("postil", __version__)
        self._face: Face | None = None
        self.diagnostics = Publisher(self)
        """Where features say what they find in documents."""
        self.on_document: list[Callable[[str], None]] = []
        """Features that look at the text of documents: told when one is opened, changed, saved or closed."""
        self.contents: dict[str, Callable[[], Awaitable[str]]] = {}
        """What makes the text of documents that have no file, by their URIs."""
        self.completions: list[CompletionSource] = []
        """Features that have something to complete at a place."""
        self.hovers: list[HoverSource] = []
        """Features that have something to say of a place, as text of the kind that the client takes."""
        self.lenses: list[LensSource] = []
        """Features that have lenses for a document, by its URI."""
        self.actions: list[ActionSource] = []
        """Features that have code actions for a range."""
        self.on_face: list[Callable[[Face], None]] = []
        """Features that want to know the face when there is one."""
        self.on_capabilities: list[Callable[[types.ServerCapabilities], None]] = []
        """Features that announce otherwise what they can do, told while `initialize` is answered."""
        self.on_ready: list[Callable[[Face], None]] = []
        """Features that have something to ask of the client, once it may be asked."""
        self.on_end: list[Callable[[], None]] = []
        """Features that have something to let go of when every session is closed."""

    @property
    def face(self) -> Face:
        """The connection's state."""
        if self._face is None:
            raise RuntimeError("there is no face before initialize")
        return self._face

    def begin(self, params: types.InitializeParams) -> None:
        """Make the face, from what the client says of itself."""
        capabilities = read_capabilities(params)
        self._face = Face(capabilities, LspEditor(self, capabilities), _roots(params))
        for tell in self.on_face:
            tell(self._face)

    def open_document(self, uri: str) -> OpenDocument | None:
        """Return the document if it is open."""
        return self.documents.open_document(uri)

    def open_documents(self) -> Sequence[OpenDocument]:
        """Return every open document."""
        return [it for it in self.documents.text_documents.values() if isinstance(it, OpenDocument)]

    def tell(
        self, words: str, kind: types.MessageType = types.MessageType.Info, *, session_id: str = ""
    ) -> None:
        """Show a message. One of which the chat document of `session_id` says the same is for the log alone, where that
        is open and a message has to be sent away by a key: what is typed just then would go astray."""
        text = f"Postil: {words}"
        if session_id and self.face.capabilities.messages_wait and self.face.in_a_chat(session_id):
            self.window_log_message(types.LogMessageParams(kind, text))
        else:
            self.window_show_message(types.ShowMessageParams(kind, text))

    def serve_feature(self, method: str, handler: Callable[[Any], Any], options: Any = None) -> None:
        """Let `handler`, plain or async, take a method of the specification. pygls marks what it is given, and a
        bound method cannot be marked, so it gets a function of its own."""

        def plain(params: Any) -> Any:
            return handler(params)

        async def awaiting(params: Any) -> Any:
            return await handler(params)

        self.feature(method, options)(awaiting if inspect.iscoroutinefunction(handler) else plain)

    def serve_row(self, name: str, handler: Answering, glance: Glancing | None = None) -> None:
        """Let `handler` take the table's row `name`, as a request and as a command.

        `glance` looks at once, before anything that the client sends next is heard; what it returns is handed on, as a last argument.
        """
        row = by_name[name]

        def as_request(params: dict[str, Any] | None) -> Awaitable[Any]:
            return self._handle(row, handler, params or {}, glance)

        def as_command(arguments: list[Any]) -> Awaitable[Any]:
            # Lua has one empty table, and clients written in it send {} as [].
            first: Any = (arguments[0] or {}) if arguments else {}
            if len(arguments) > 1 or not isinstance(first, dict):
                raise JsonRpcInvalidParams(f"{row.command} takes one object")
            return self._handle(row, handler, cast("dict[str, Any]", first), glance)

        if row.request:
            self.register(row.method, as_request)
        self.register_command(row.command, as_command)

    def _handle(
        self, row: Row, handler: Answering, params: dict[str, Any], glance: Glancing | None
    ) -> Awaitable[Any]:
        try:
            valid = row.params.model_validate(params)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(it) for it in first["loc"])
            raise JsonRpcInvalidParams(f"{row.name}: {where}: {first['msg']}") from None
        return self._run(handler, valid, *([glance(valid)] if glance is not None else ()))

    async def _run(self, handler: Answering, valid: Any, *seen: Any) -> Any:
        try:
            result = await handler(self.face, valid, *seen)
        except PostilError as error:
            raise JsonRpcException(str(error), REQUEST_FAILED) from error
        return result.model_dump(mode="json", by_alias=True)

    def complete_capabilities(self, capabilities: types.ServerCapabilities) -> None:
        """Say which version of our own methods this server speaks, and what features have to add or leave out."""
        for complete in self.on_capabilities:
            complete(capabilities)
        capabilities.experimental = {"postil": {"protocol": PROTOCOL, "version": __version__}}

    async def on_stop(self, reason: StopReason) -> None:
        """Close every session, so that each can be resumed."""
        if self._face is not None:
            try:
                await self._face.close(f"the server stopped: {reason.replace('_', ' ')}")
            finally:
                for let_go in self.on_end:
                    let_go()


def _roots(params: types.InitializeParams) -> tuple[Path, ...]:
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    paths = [path for uri in uris if (path := uri_to_path(uri)) is not None]
    if not paths and params.root_path:
        paths = [Path(params.root_path)]
    return tuple(path.resolve() for path in paths)
