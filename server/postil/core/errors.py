"""Everything that can go wrong, as one tree.

    PostilError                 message (what happened), mend (what to do)
    ├── UsageError              a person's input; exit code 2
    ├── ConfigurationError      an option or file that cannot be used
    ├── ToolError               told to the model as the result of its call, so that it can act on it
    │   ├── InvalidInput        the call's arguments do not fit the tool
    │   ├── UnknownTool         no tool of that name
    │   │   └── OutsidePool     there is one, and the session's agent type does not have it
    │   ├── BrokenPromise       the call would do what its tool's metadata rules out
    │   ├── NotFound            no such file or folder
    │   ├── NotText             binary, or in an encoding that cannot be edited safely
    │   ├── TooLarge            over a stated limit
    │   ├── OutsideWorkspace    the path leaves every root after resolution
    │   ├── Ignored             kept from the agent by .postilignore
    │   ├── StaleDocument       the text moved on since the edit was computed
    │   │   └── StaleCommand    what a command would run moved on since it was approved
    │   ├── EditRefused         the editor or the disk did not take the edit
    │   ├── CommandFailed       the command could not be started
    │   └── OutcomeUnknown      the call was begun, and nobody will know what became of it
    ├── ModelError              kind says which; retryable says whether another try may help
    ├── JournalError            the record could not be written or read
    │   ├── WriteFailed         disk full, read-only, I/O error: the turn stops before its next effect
    │   ├── Damaged             a bad line with good lines after it
    │   ├── NewerFormat         written by a later version
    │   └── Locked              another process writes this session
    ├── IndexUnusable           a memory index that is spoilt, or of another program or version
    └── ProtocolError           a face's request that does not fit: unknown session, wrong state
        └── OtherWorkspace      the session is of another folder

A ToolError's text is written for the model; every other error's text is written for a person.
"""

from __future__ import annotations

from typing import Literal

ModelErrorKind = Literal[
    "missing_key", "authentication", "permission", "billing", "invalid_request", "context_overflow",
    "not_found", "rate_limit", "overloaded", "server", "connection", "timeout", "truncated", "malformed",
]  # fmt: skip


class PostilError(Exception):
    """A fault with a sentence that names it and, where there is one, a sentence that mends it."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class UsageError(PostilError):
    """A person asked for something that cannot be done as asked."""


class IndexUnusable(PostilError):
    """A file that is no memory index which this version can use; it can be made again."""


class ConfigurationError(PostilError):
    """An option or a settings file that cannot be used."""


class ToolError(PostilError):
    """A call that failed in a way the model can act on."""


class InvalidInput(ToolError):
    """The call's arguments do not fit the tool's parameters."""


class UnknownTool(ToolError):
    """There is no tool of that name."""


class OutsidePool(UnknownTool):
    """There is a tool of that name, and the session's agent type does not have it."""


class BrokenPromise(ToolError):
    """The call would do what its tool's metadata rules out."""


class NotFound(ToolError):
    """No such file or folder."""


class CannotBeNamed(ToolError):
    """There is such a file, under a name that no text can spell."""


class NotText(ToolError):
    """The file is binary, or in an encoding that cannot be read or edited without loss."""


class TooLarge(ToolError):
    """The file or the output is over a stated limit."""


class OutsideWorkspace(ToolError):
    """The path leaves every root of the workspace after resolution."""


class Ignored(ToolError):
    """The path is kept from the agent by .postilignore."""


class StaleDocument(ToolError):
    """The text moved on since the edit was computed; read it again."""


class StaleCommand(StaleDocument):
    """What a command would run has changed since it was approved; it is asked about again."""


class EditRefused(ToolError):
    """The editor or the disk did not take the edit."""


class CommandFailed(ToolError):
    """The command could not be started at all."""


class OutcomeUnknown(ToolError):
    """The call was begun and nobody will know what became of it; the message opens a sentence about that."""


class ModelError(PostilError):
    """The model's service failed; `kind` says how."""

    def __init__(
        self,
        kind: ModelErrorKind,
        message: str,
        mend: str = "",
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        attempts: int = 1,
        begun: bool = False,
    ) -> None:
        super().__init__(message, mend)
        self.kind: ModelErrorKind = kind
        self.retryable = retryable
        self.retry_after = retry_after
        """Seconds the service asked us to wait, or None."""
        self.attempts = attempts
        self.begun = begun
        """Whether the service may have begun to answer, so that the try may have to be paid for."""


class JournalError(PostilError):
    """The record of a session could not be written or read."""


class WriteFailed(JournalError):
    """The record could not be made durable; nothing may be done that it does not hold."""


class Damaged(JournalError):
    """A line cannot be read although later lines can."""


class NewerFormat(JournalError):
    """The journal was written by a later version of Postil."""


class Locked(JournalError):
    """Another process writes this session."""


class ProtocolError(PostilError):
    """A request that does not fit: an unknown session, an answered question, a wrong state."""


class OfSubAgent(JournalError):
    """The session is a sub-agent's: it does one task, and is only read once that is done."""

    def __init__(self, above: str) -> None:
        super().__init__(
            f"This session is a sub-agent's; it worked for session {above}.",
            f"Go on there: `postil sessions resume {above}`.",
        )


class OtherWorkspace(ProtocolError):
    """A session of another folder: its grants were given for that one."""

    def __init__(self, home: str) -> None:
        super().__init__(f"This session belongs to {home}.", "Open it there.")
        self.home = home
