"""The built-in methods: start, shutdown and exit, document sync, commands and progress, as the specification has them."""

import logging
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, Protocol, cast

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcInvalidParams
from pygls.progress import Progress
from pygls.protocol import lsp_method
from pygls.uris import from_fs_path

from postil.lsp.dispatch import Dispatch, Phase
from postil.lsp.handlers import Step
from postil.lsp.text_document import OpenDocuments, choose_encoding

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)

CommandHandler = Callable[[list[Any]], Any | Awaitable[Any]]
Steps = Generator[Step, Any, Any]


class Host(Protocol):
    """What the built-in methods need of the server process."""

    process_id: int | None

    def complete_capabilities(self, capabilities: types.ServerCapabilities) -> None: ...
    def watch_client(self, process_id: int) -> None: ...
    def stop_after_exit(self) -> None: ...


class WorkProgress(Progress):
    """pygls' progress, but a token ends with its work: it can be used again, and is not kept for ever."""

    @property
    def running(self) -> "dict[types.ProgressToken, Future[Any]]":
        """The tokens in use; the future of each is cancelled when the client cancels that work."""
        return cast("dict[types.ProgressToken, Future[Any]]", cast("Any", self).tokens)

    async def create_async(self, token: types.ProgressToken) -> Any:
        """Ask the client to show some work. Raises ClientRequestError when it will not."""
        return await cast("Any", super()).create_async(token)

    def end(self, token: types.ProgressToken, value: types.WorkDoneProgressEnd) -> None:
        """Say that the work is done, and forget the token."""
        self.running.pop(token, None)
        super().end(token, value)


class EditorProtocol(Dispatch):
    """The methods that every server answers in the same way; the rest is registered."""

    def __init__(self, server: "LanguageServer", converter: "Converter") -> None:
        super().__init__(server, converter)
        self._host: Host = cast("Any", server)
        self.work_progress = WorkProgress(self)
        self.progress: Progress = self.work_progress
        self.initialize_params: types.InitializeParams | None = None
        self._commands: dict[str, CommandHandler] = {}

    def register_command(self, name: str, handler: CommandHandler) -> None:
        """Let a handler take a command with the list of its plain arguments."""
        if name in self._commands or name in self.registered.commands:
            raise ValueError(f"the command {name} has a handler already")
        self._commands[name] = handler

    @property
    def documents(self) -> OpenDocuments | None:
        """What the editor has open; None before `initialize`."""
        return self._workspace if isinstance(self._workspace, OpenDocuments) else None

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Steps:
        """Take what the client says about itself, and tell it what the server can do."""
        host = self._host
        self.initialize_params = params
        self.client_capabilities = params.capabilities
        host.process_id = params.process_id
        general = params.capabilities.general
        encoding = choose_encoding(general.position_encodings if general is not None else None)
        root_uri = params.root_uri
        if root_uri is None and params.root_path is not None:
            root_uri = from_fs_path(params.root_path)
        self._workspace = OpenDocuments(root_uri, params.workspace_folders or (), encoding)
        yield from self._then_user(types.INITIALIZE, params)
        self.server_capabilities = ServerCapabilitiesBuilder(
            params.capabilities,
            {*self.registered.features, *self.registered.builtin_features},
            self.registered.feature_options,
            sorted({*self.registered.commands, *self._commands}),
            types.TextDocumentSyncKind.Incremental,
            None,
            encoding,
        ).build()
        host.complete_capabilities(self.server_capabilities)
        if params.process_id is not None:
            host.watch_client(params.process_id)
        return types.InitializeResult(self.server_capabilities, self.server_info)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Steps:
        """End what is running; after this only `exit` is served."""
        yield from self._then_user(types.SHUTDOWN, *args)
        self.phase = Phase.SHUT_DOWN
        self.cancel_running(but=self.msg_id)
        self.client_requests.close()
        return None

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Steps:
        """Leave: with exit status 0 after `shutdown`, else 1."""
        yield from self._then_user(types.EXIT, *args)
        self._host.stop_after_exit()

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Any:
        """Apply the changes; those of a document that is not open go no further."""
        document = self.documents.open_document(params.text_document.uri) if self.documents else None
        if document is None:
            logger.warning("dropped a change of a document that is not open")
            return
        for change in params.content_changes:
            document.apply_change(change)
        document.version = params.text_document.version
        yield from self._then_user(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Steps:
        """Run a command of ours with its plain arguments, or one that was registered with pygls."""
        handler = self._commands.get(params.command)
        if handler is not None:
            return (yield handler, (list(params.arguments or ()),), None)
        if params.command not in self.registered.commands:
            raise JsonRpcInvalidParams(f"workspace/executeCommand: there is no command {params.command!r}")
        return (yield from cast("Steps", super().lsp_workspace__execute_command(params)))

    def _then_user(self, method: str, *args: Any) -> Steps:
        handler = self.registered.features.get(method)
        if handler is not None:
            yield handler, args, None
