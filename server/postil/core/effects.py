"""What a call would touch, what it did, and what it asks for, as plain values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue

from postil.core.delegation import Task
from postil.core.finding import Finding
from postil.core.found import FoundTool
from postil.core.messages import Value
from postil.core.origin import Source
from postil.core.outlook import Laid, Outlook
from postil.core.seen import SeenPart
from postil.core.skills import SkillOwner

if TYPE_CHECKING:
    from postil.core.ports.web import Reach

ToolKind = Literal[
    "read", "edit", "delete", "move", "search", "execute", "think", "fetch", "switch_mode", "other"
]
"""The Agent Client Protocol's tool kinds."""

EffectClass = Literal["none", "file_edit", "shell", "network", "agent", "other"]
"""How a call in doubt is settled after a crash; each class has its own recovery."""


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text, as hex; lone surrogates (bytes that are not UTF-8) count as themselves."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class FileForm(Value):
    """What a file is beside its text: enough to make it again as it was."""

    encoding: str = "utf-8"
    mark: bool = False
    """Whether it begins with a byte order mark."""
    mode: int | None = None
    """Its permission bits; None where it has those of any new file."""


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file's way from a known text to another."""

    path: Path
    """Absolute and resolved."""
    before: str | None
    """`text_hash` of the text it was computed on; None where no file was. A deletion and a move are computed
    on what the disk has, everything else on what the person sees."""
    after: str | None
    """The whole text afterwards; None deletes the file."""
    before_text: str | None = None
    """The text it was computed on: for the preview, and kept so that the edit can be taken back."""
    form: FileForm | None = None
    """Of the file that a deletion removes or a creation makes; None creates a plain one. Where a file is there
    before and after under one name, it is made anew in this form."""
    moved_from: Path | None = None
    """Where the file lies before; the text stays as it is."""
    in_editor: bool = False
    """Whether the text it was computed on is that of a document which is open in an editor."""
    follows_typing: bool = False
    """Whether it may be made in a document that was typed in since, where the typing does not touch its places."""

    @property
    def reforms(self) -> bool:
        """Whether a file that stays where it is gets another form."""
        stays = self.before is not None and self.after is not None and self.moved_from is None
        return stays and self.form is not None


@dataclass(frozen=True, slots=True)
class Command:
    """A command line for the shell, as it would run."""

    line: str
    cwd: Path
    timeout: float
    """Seconds after which it is ended."""
    only_reads: bool = False
    """Whether it runs unasked because it only reads: then it gets nothing with which it could do more."""
    outside: str = ""
    """Why it is to run outside of the sandbox, in the words of whoever wants that; empty where it is not."""
    outlook: Outlook = field(default_factory=Outlook)
    background: bool = False
    """Whether it runs on while the session goes on."""
    laid: tuple[Laid, ...] = ()
    """What it sees of files whose documents have unsaved text."""


Tier = Literal["builtin", "plugin", "skill"]
"""Where a tool comes from: with Postil, from a server of tools (MCP), or as a skill that a user installed."""


@dataclass(frozen=True, slots=True)
class Added:
    """A tool that did not come with Postil, as rules name it."""

    tier: Literal["plugin", "skill"]
    name: str
    """`server/tool`, or the skill's name."""
    destructive: bool = False
    """Whether it says of itself that it destroys. What it says to its own credit is not kept."""
    input: str = ""
    """What it is given, as text: what was approved is what runs."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an invocation would touch. Absent means untouched; `open_world` means anything at all."""

    reads: tuple[Path, ...] = ()
    edits: tuple[FileEdit, ...] = ()
    command: Command | None = None
    saves: tuple[Path, ...] = ()
    """Open documents with typing of the user's own that would be saved first."""
    hosts: tuple[str, ...] = ()
    """Hosts, or whole addresses, that it would fetch from."""
    open_world: bool = False
    unsaved: tuple[Path, ...] = ()
    """Open documents that it would see as they were last saved, because the editor saves for nobody."""
    named: tuple[str, ...] = field(default=(), compare=False)
    """The paths above as the call names them: absolute, with links and `..` still in them. What is touched is the same."""
    added: Added | None = None
    """The tool itself, where it did not come with Postil."""
    plan: str = ""
    """A plan that it hands in: a person's yes to it ends plan mode."""
    subagent: tuple[str, ...] = ()
    """The agent type and the task of a sub-agent that it starts. What that does is judged when it does it."""

    @property
    def effect_class(self) -> EffectClass:
        """The class of effect that this access has on the world; doubt is `other`."""
        if self.command is not None:
            return "shell"
        if self.open_world or self.added is not None:
            return "other"
        if self.edits:
            return "file_edit"
        if self.hosts:
            return "network"
        return "agent" if self.subagent else "none"


FactName = Literal[
    "changed", "installs", "deletes", "overwrites", "writes", "sends", "outside the sandbox", "runs", "in",
    "from", "to", "pattern", "file", "changed by", "saves", "waits", "unsaved",
    "restores", "takes out of", "brings back", "moves back", "stays", "files", "cannot undo",
    "mind", "if trusted", "until then", "asked by",
    "why", "no lasting rule",
]  # fmt: skip
"""What a fact is about, in the order in which a question tells them: what may do harm comes first."""


class Fact(Value):
    """One line under a question: a word such as `runs` or `why`, and what it says."""

    name: FactName
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before deciding: facts, the subject in full, and a diff where there is one."""

    subject: str = ""
    """The command line or the path, in full."""
    facts: tuple[Fact, ...] = ()
    diff: str = ""


class TodoItem(Value):
    """One line of the plan."""

    text: str
    status: Literal["pending", "in_progress", "completed", "cancelled"] = "pending"
    evidence: str = ""
    """What stands behind it, where it is done and the edits of its turn were verified: `pytest (12 passed)`."""


@dataclass(frozen=True, slots=True)
class TodoChanged:
    """The whole plan after a change."""

    items: tuple[TodoItem, ...]


@dataclass(frozen=True, slots=True)
class UserQuestion:
    """The model's question to the person; the answer becomes the call's result."""

    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """An open document with unsaved text whose file a command has changed: a person says which text stays."""

    path: Path


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that was really changed, with hashes of the text before and after."""

    path: Path
    before: str | None
    after: str | None
    added: int
    removed: int
    where: Literal["buffer", "disk"]
    diff: str = ""
    form: FileForm | None = None
    """Of the file that was removed, or made anew in another form."""
    renamed_from: Path | None = None
    mode: int | None = None
    """The permission bits that it left; None where they stayed as they were."""
    doubt: str = ""
    """What is not sure of it although it was made, one or two sentences."""


@dataclass(frozen=True, slots=True)
class ToolsFound:
    """What a search for tools found."""

    query: str
    hits: tuple[str, ...]
    """Names, best first."""
    tools: tuple[FoundTool, ...]
    """Those of them that are not in every request."""


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """A person has approved a plan: plan mode is over."""


@dataclass(frozen=True, slots=True)
class SkillOpened:
    """A skill that was loaded, as the model is shown it."""

    name: str
    owner: SkillOwner
    path: str
    text: str
    allowed: tuple[str, ...] | None
    """What alone may be used while it is active; None where it leaves out nothing."""
    sources: tuple[Source, ...] = ()


ToolEffect = (
    TodoChanged
    | UserQuestion
    | Conflict
    | FileChange
    | SeenPart
    | ToolsFound
    | PlanApproved
    | SkillOpened
    | Finding
)
"""What a tool may hand back for the session to turn into events."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool returns: text for the model, effects for the session, details for the person."""

    content: str
    is_error: bool = False
    effects: tuple[ToolEffect, ...] = ()
    details: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """Small facts for the person: `exit_code`, `matches`, `left_out`."""
    sources: tuple[Source, ...] = ()
    """Where the content comes from, of a tool that alone knows; else it is read from what the call touched."""


class Returned(Value):
    """What a tool has returned, kept while a question about it is open: it would not be run again."""

    content: str
    is_error: bool = False
    details: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a running invocation is given: its identity and two ways to be heard."""

    call_id: str
    change_id: str
    label: str
    progress: Callable[[str], None]
    """Shows a piece of output at once; ephemeral."""
    spawned: Callable[[int, float], Awaitable[None]]
    """Records a child's process id and start time (seconds since boot) before its output is read."""
    only_reads: bool = False
    """Whether it runs unasked because it only reads: then it may write nothing, and no typing is saved for it."""
    as_on_screen: bool = False
    """Whether a person wants a command to see unsaved text as it is on the screen."""
    reach: Reach | None = None
    """Says where a fetch may go beyond what was decided about; None where that is nowhere."""
    delegate: Callable[[Task], Awaitable[Result]] | None = None
    """Has a sub-agent do a task; None where there is none to be had."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call after `prepare`: everything is known, nothing has happened yet."""

    title: str
    kind: ToolKind
    access: Access
    run: Callable[[RunContext], Awaitable[Result]]
    preview: Preview = Preview()

    @property
    def fingerprint(self) -> str:
        """A hash of what would be done. What was approved is what runs: a new fingerprint is asked again."""
        access = self.access
        edits = [
            [str(e.path), e.before, text_hash(e.after) if e.after is not None else None, str(e.moved_from)]
            for e in access.edits
        ]
        command = access.command and [
            access.command.line, str(access.command.cwd), access.command.timeout, access.command.outside,
            sorted(access.command.outlook.marks.items()),
        ]  # fmt: skip
        parts = [
            self.kind, edits, command, sorted(map(str, access.reads)), sorted(map(str, access.saves)),
            sorted(access.hosts), access.open_world,
        ]  # fmt: skip
        if access.command is not None and access.command.background:
            parts.append(["background"])
        if access.plan:
            parts.append(["plan", access.plan])
        if access.subagent:
            parts.append(["subagent", *access.subagent])
        if access.added is not None:
            parts.append([access.added.tier, access.added.name, access.added.destructive, access.added.input])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
