"""The values of the methods about chat documents."""

from __future__ import annotations

from postil.lsp.wire import SessionId, Wire


class ChatOpenParams(Wire):
    """Which session's document is wanted; without one, a new document of a session that begins with its first prompt."""

    session_id: SessionId | None = None
    text: str = ""
    """What stands in a new document and waits to be sent; its first words name the file."""
    uri: str | None = None
    """A document that is open in the editor and shows no session yet: it is to show that one, unless that has a document."""
    show: bool = True
    """Whether to open it in the editor, where that can be asked of it."""


class ChatParams(Wire):
    """A chat document."""

    uri: str


class ChatSendParams(Wire):
    """A chat document whose last words are to be sent."""

    uri: str
    steer: bool = False
    """Whether it joins the turn in progress before its next call of the model, and does not wait for its end."""


class ChatSent(Wire):
    """What became of it."""

    session_id: SessionId
    turn_id: str | None = None
    """The turn that was begun; None where the words only changed the mode."""


class ChatAnswerParams(Wire):
    """An answer in the words that are written below the last heading of a chat document."""

    uri: str
    question_id: str
    option_id: str = ""
    """The answer that the words belong to, such as a denial; empty where the question takes words alone."""
