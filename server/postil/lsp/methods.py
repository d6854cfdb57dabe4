"""Every custom method and command, once: types for clients and `docs/protocol.md` are generated from this table.

A row `session/new` is served as the request `postil/session/new` and as the command
`postil.server.session.new` with its params as the one argument, so that an editor without a client of ours
reaches everything. Rows that are commands alone have no request.
"""

from __future__ import annotations

from dataclasses import dataclass

from postil.lsp.values.agent_methods import AgentsResult
from postil.lsp.values.chat_methods import (
    ChatAnswerParams,
    ChatOpenParams,
    ChatParams,
    ChatSendParams,
    ChatSent,
)
from postil.lsp.values.finding_methods import FindingParams, FindingShown
from postil.lsp.values.keeping_methods import (
    KeyParams,
    KeyResult,
    ModelsResult,
    ModesResult,
    SandboxResult,
    TextParams,
    TextResult,
)
from postil.lsp.values.memory_methods import ForgetParams, ForgetResult, MemoryParams, MemoryResult
from postil.lsp.values.mention_methods import FilesParams, FilesResult, MentionsParams, MentionsResult
from postil.lsp.values.overview_methods import OverviewParams, OverviewResult
from postil.lsp.values.permission_methods import (
    ClientTrustParams,
    GrantsParams,
    GrantsResult,
    RevokeParams,
    RevokeResult,
    TrustParams,
    TrustResult,
    WhyParams,
    WhyResult,
)
from postil.lsp.values.place_methods import DocumentResult, PlaceParams
from postil.lsp.values.rewind_methods import PreviewResult, RewindParams, RewindResult, TargetParams
from postil.lsp.values.session_methods import (
    AnswerParams,
    AttachParams,
    AttachResult,
    CancelResult,
    KeepParams,
    ListResult,
    ModelParams,
    ModeParams,
    NewParams,
    OwnerResult,
    PromptParams,
    QuestionParams,
    RenameParams,
    RenameResult,
    RetryResult,
    SendWaitingParams,
    SessionParams,
    SessionResult,
    TurnResult,
    WaitingParams,
)
from postil.lsp.values.skill_methods import SkillsResult, SlashCommandsResult
from postil.lsp.values.tool_server_methods import RestartParams, RestartResult
from postil.lsp.wire import Nothing, Wire

UPDATE = "postil/session/update"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a client can ask for."""

    name: str
    params: type[Wire]
    result: type[Wire]
    doc: str
    request: bool = True
    """Whether there is a `postil/` request besides the command."""

    @property
    def method(self) -> str:
        """The request's method."""
        return f"postil/{self.name}"

    @property
    def command(self) -> str:
        """The command's name."""
        return "postil.server." + self.name.replace("/", ".")


METHODS: tuple[Row, ...] = (
    Row("session/new", NewParams, SessionResult, "Create a session."),
    Row("session/list", Nothing, ListResult, "List the workspace's sessions, newest first."),
    Row("session/attach", AttachParams, AttachResult, "Open a session and get its events, from `after` on."),
    Row(
        "session/prompt",
        PromptParams,
        TurnResult,
        "Ask the agent. Answered as soon as the prompt is safe on disk; while a turn runs it waits, or with `steer` joins it.",
    ),
    Row("session/takeBack", WaitingParams, Nothing, "Take back a prompt that waits."),
    Row(
        "session/sendWaiting",
        SendWaitingParams,
        TurnResult,
        "Send a prompt that waits: it joins the turn in progress, or begins one.",
    ),
    Row("session/answer", AnswerParams, Nothing, "Answer an open question. The first answer wins."),
    Row(
        "session/show",
        QuestionParams,
        Nothing,
        "Show the place of an open question; it is no answer.",
        request=False,
    ),
    Row(
        "session/cancel",
        SessionParams,
        CancelResult,
        "Stop the turn in progress. Prompts that wait stay, and are not sent by themselves.",
    ),
    Row(
        "session/owner",
        SessionParams,
        OwnerResult,
        "Say which process writes a session, such as another window's.",
    ),
    Row(
        "session/retry",
        SessionParams,
        RetryResult,
        "Try the model at once, where the next try is waited for.",
    ),
    Row(
        "session/resume",
        SessionParams,
        TurnResult,
        "Go on with the turn that a crash or a restart left open.",
    ),
    Row(
        "session/check",
        SessionParams,
        TurnResult,
        "Run the checks that are about what the session has edited, and say how the edits stand. The model is not asked.",
    ),
    Row(
        "session/close", SessionParams, Nothing, "Close a session; a turn in progress is left to be resumed."
    ),
    Row(
        "session/takeOver",
        SessionParams,
        SessionResult,
        "Have a session here that another window has open: that one stops what runs, and reads along from then on.",
    ),
    Row(
        "session/rewind",
        RewindParams,
        RewindResult,
        "Take back changes, and the conversation, as `session/preview` said.",
    ),
    Row(
        "session/preview",
        TargetParams,
        PreviewResult,
        "Say what going back would do, and what it cannot do. Nothing is touched.",
        request=False,
    ),
    Row(
        "session/undo",
        TargetParams,
        RewindResult,
        "Undo one change, asking first where somebody edited since; or ask about a turn.",
        request=False,
    ),
    Row(
        "mentions",
        MentionsParams,
        MentionsResult,
        "Say what could be mentioned with an @ at the end of a prompt that is being written.",
    ),
    Row(
        "files",
        FilesParams,
        FilesResult,
        "List the files of a folder of the workspace that could be attached, by the rules of the tool `glob`.",
    ),
    Row("session/mode", ModeParams, Nothing, "Change the permission mode.", request=False),
    Row(
        "session/model",
        ModelParams,
        Nothing,
        "Change the model, from the next turn on. Not while a turn is in progress.",
        request=False,
    ),
    Row(
        "session/keep",
        KeepParams,
        Nothing,
        "Keep changes as they are: they count as looked at from now on, in every editor.",
        request=False,
    ),
    Row(
        "session/compact",
        SessionParams,
        Nothing,
        "Compact the conversation, at once or before the next call of the model.",
        request=False,
    ),
    Row(
        "session/kept",
        SessionParams,
        DocumentResult,
        "Write what the agent is shown in place of a compacted beginning, and what it is not, and open it.",
        request=False,
    ),
    Row(
        "session/transcript",
        SessionParams,
        DocumentResult,
        "Write the session as Markdown and open it.",
        request=False,
    ),
    Row("session/rename", RenameParams, RenameResult, "Call a session otherwise, open or not."),
    Row(
        "chat/new",
        ChatOpenParams,
        DocumentResult,
        "Make a chat document for a new session, or write that of a session from its record, and open it.",
        request=False,
    ),
    Row(
        "chat/send",
        ChatSendParams,
        ChatSent,
        "Send what is written below the last heading of a chat document.",
        request=False,
    ),
    Row(
        "chat/answer",
        ChatAnswerParams,
        Nothing,
        "Answer a question in the words below the last heading of a chat document.",
        request=False,
    ),
    Row(
        "chat/continue",
        ChatParams,
        Nothing,
        "Write into a chat document again what was undone or deleted of an answer that goes on.",
        request=False,
    ),
    Row("session/delete", SessionParams, Nothing, "Delete a session, its sub-agents' with it, for good."),
    Row(
        "session/text",
        TextParams,
        TextResult,
        "Get a text from before or after a change, as the checkpoint keeps it.",
    ),
    Row(
        "key",
        KeyParams,
        KeyResult,
        "Hand over the key that the editor keeps, to be held in memory alone; or say where the key comes from.",
    ),
    Row("sandbox", Nothing, SandboxResult, "Say which sandbox commands run in here, or why in none."),
    Row("models", Nothing, ModelsResult, "List the models that Postil knows."),
    Row("modes", Nothing, ModesResult, "List the permission modes."),
    Row(
        "trust",
        TrustParams,
        TrustResult,
        "Trust the workspace, keep it restricted, or say how it stands.",
        request=False,
    ),
    Row(
        "trust/client",
        ClientTrustParams,
        TrustResult,
        "Say whether the editor itself trusts the workspace, when that changes.",
        request=False,
    ),
    Row(
        "grants",
        GrantsParams,
        GrantsResult,
        "List the grants and the last decisions, and open them as a page.",
        request=False,
    ),
    Row("revoke", RevokeParams, RevokeResult, "Take a grant back, from the next decision on.", request=False),
    Row("why", WhyParams, WhyResult, "Say what would become of a command, and why.", request=False),
    Row(
        "memory",
        MemoryParams,
        MemoryResult,
        "List the notes and sessions that are remembered, and open them as a page.",
        request=False,
    ),
    Row(
        "forget",
        ForgetParams,
        ForgetResult,
        "Delete a note, or take a session out of memory; the session itself stays.",
        request=False,
    ),
    Row(
        "overview",
        OverviewParams,
        OverviewResult,
        "List everything in force with what decides about it, and open that as a page.",
    ),
    Row("agents", Nothing, AgentsResult, "List the agent types, and the files that are none.", request=False),
    Row("skills", Nothing, SkillsResult, "List the skills, whether each counts and why not.", request=False),
    Row(
        "slashCommands",
        Nothing,
        SlashCommandsResult,
        "List what a prompt may begin with: prompt files and skills, as `/name`.",
    ),
    Row(
        "toolServer/restart",
        RestartParams,
        RestartResult,
        "Start a server of tools anew, however often it failed.",
        request=False,
    ),
    Row(
        "finding/show",
        FindingParams,
        FindingShown,
        "Open the whole change that a finding proposes, as a page.",
        request=False,
    ),
    Row(
        "finding/apply",
        FindingParams,
        Nothing,
        "Put in what mends a finding, as edits are made; a change that is too long for its diagnostic only after it was shown.",
        request=False,
    ),
    Row("finding/ask", FindingParams, TurnResult, "Ask the agent to mend a finding.", request=False),
    Row("finding/dismiss", FindingParams, Nothing, "Drop a finding.", request=False),
    Row("ask", PlaceParams, TurnResult, "Ask the agent about a place in a document.", request=False),
    Row("fix", PlaceParams, TurnResult, "Ask the agent to fix what a diagnostic says.", request=False),
    Row(
        "explain",
        PlaceParams,
        TurnResult,
        "Ask the agent to explain a place; it changes nothing.",
        request=False,
    ),
)
"""All of them, in the order of the documentation."""

by_name = {row.name: row for row in METHODS}
