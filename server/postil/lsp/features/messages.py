"""For editors without a client of ours: the reply's end and failures as messages, the whole in the log. Kind: inline."""

from __future__ import annotations

from lsprotocol import types

from postil.core.changes import RewindStarted, Rewound
from postil.core.ephemeral import SessionHalted
from postil.core.events import ModelReplied, PromptReceived, Publication, TurnEnded, VerificationEnded
from postil.core.verification import QUIET
from postil.lsp.server import PostilServer

_SHOWN = 600
_IN_THE_CHAT = {"end_turn": "The answer is in the chat.", "failed": "The turn failed; the chat says why."}
"""Where all of it stands in a document that is open: a line that leads there is enough."""
_ENDED_IN_THE_CHAT = "The turn has ended; the chat says how."


def register(server: PostilServer) -> None:
    """Say in messages what a client of ours would show in its view."""
    messages = Messages(server)
    server.on_face.append(lambda face: face.listen(messages.publish))


class Messages:
    """The last words of each session's turn."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._words: dict[str, str] = {}
        self._verified: dict[str, str] = {}
        """What is said of the edits of turns that are about to end."""
        self._conversation: set[str] = set()
        """The rewinds with which the conversation is to go back."""

    def publish(self, publication: Publication) -> None:
        """Log every reply, and show the last one when its turn ends."""
        if self._server.face.capabilities.takes_updates:
            return
        event = publication.event
        if isinstance(event, SessionHalted):
            words = f"Postil: {event.message} {event.mend}".strip()
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Error, words))
        elif isinstance(event, ModelReplied) and event.message.text.strip():
            self._words[event.turn_id] = event.message.text.strip()
            self._server.window_log_message(
                types.LogMessageParams(types.MessageType.Info, f"Postil: {event.message.text.strip()}")
            )
        elif isinstance(event, PromptReceived):
            self._prompted(publication.session_id, event)
        elif isinstance(event, VerificationEnded) and event.reason not in QUIET:
            self._verified[event.turn_id] = f"{event.words[:1].upper()}{event.words[1:]}."
        elif isinstance(event, TurnEnded):
            self._ended(publication.session_id, event)
        elif isinstance(event, RewindStarted) and event.conversation:
            self._conversation.add(event.rewind_id)
        elif isinstance(event, Rewound):
            self._rewound(publication.session_id, event)

    def _prompted(self, session_id: str, event: PromptReceived) -> None:
        """Say what was mentioned and is not attached."""
        if self._server.face.in_a_chat(session_id):
            return
        words = "\n".join(f"{it.name}: {it.note}" for it in event.context if it.kind == "mention")
        if words:
            self._server.window_show_message(
                types.ShowMessageParams(types.MessageType.Info, f"Postil: {words}")
            )

    def _ended(self, session_id: str, event: TurnEnded) -> None:
        words = self._words.pop(event.turn_id, "")
        verified = self._verified.pop(event.turn_id, "")
        if self._server.face.in_a_chat(session_id):
            kind = types.MessageType.Error if event.reason == "failed" else types.MessageType.Info
            text, verified = _IN_THE_CHAT.get(event.reason, _ENDED_IN_THE_CHAT), ""
        elif event.reason == "failed":
            kind, text = types.MessageType.Error, f"{event.message} {event.mend}".strip()
        elif event.reason == "end_turn":
            kind, text = types.MessageType.Info, words if len(words) <= _SHOWN else words[:_SHOWN] + "…"
        else:
            kind, text = (
                types.MessageType.Info,
                f"{event.message or event.reason.replace('_', ' ')} {event.mend}".strip(),
            )
        text = "\n".join(it for it in (text, verified) if it)
        if text:
            self._server.tell(text, kind, session_id=session_id)

    def _rewound(self, session_id: str, event: Rewound) -> None:
        """Name what was left alone; where all went back, the files show it."""
        conversation = event.rewind_id in self._conversation
        self._conversation.discard(event.rewind_id)
        session = next((it for it in self._server.face.open_sessions if it.id == session_id), None)
        if session is None or (event.finished and not event.left and not event.incomplete):
            return
        kind = types.MessageType.Info if event.finished else types.MessageType.Warning
        words = "\n".join(session.told(event, conversation=conversation))
        self._server.window_show_message(types.ShowMessageParams(kind, f"Postil: {words}"))
