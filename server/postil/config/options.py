"""Every option of Postil, once, with its meaning and who may set it; documentation and editor settings are generated from here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from postil.config.server_options import NAME, ServerOptions
from postil.core.hooks import Moment
from postil.core.verification import EDITOR

Layer = Literal["administrator", "user", "editor", "workspace", "environment", "call"]
"""Who sets an option: the machine's file, the user's own file, the user's settings in an editor, a file that came with the workspace, a
variable, a flag."""


@dataclass(frozen=True, slots=True)
class By:
    """Who may set an option besides the user's own file."""

    layers: tuple[Layer, ...]

    def __init__(self, *layers: Layer) -> None:
        object.__setattr__(self, "layers", layers)


class RuleTest(BaseModel):
    """Examples of what a rule of this file means, and of what it does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    """The rule, as it stands in `allow`, `ask` or `deny`."""

    match: tuple[str, ...] = ()
    """Commands, paths or addresses that it is about."""

    not_match: tuple[str, ...] = ()
    """Those that it is not about."""


class HookCommand(BaseModel):
    """A command that runs as a hook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["command"] = "command"
    command: Annotated[str, Field(min_length=1)]
    """A line for the shell. It gets one JSON object on its standard input."""

    timeout: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Seconds after which it is ended."""


class HookGroup(BaseModel):
    """Hooks of one moment that run about the same things."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    matcher: str = ""
    """A regular expression that a tool's whole name has to match; empty or `*` for every one."""

    hooks: tuple[HookCommand, ...]

    @field_validator("matcher")
    @classmethod
    def _is_expression(cls, matcher: str) -> str:
        try:
            re.compile("" if matcher == "*" else matcher)
        except re.error as error:
            raise ValueError(f"{matcher!r} is no regular expression: {error}") from error
        return matcher


class CheckOptions(BaseModel):
    """A check of the project, in a table `[[check]]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
    """What it is called where its outcome is told."""

    command: Annotated[
        str,
        Field(
            min_length=1, max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
        ),
    ]
    """The command line, run at the top of the workspace; what is no success ends with another status than 0."""

    covers: tuple[str, ...] = ()
    """Files that it is about, such as `"*.py"` or `"src/*"`; without it, all. It is run where one of them was edited."""

    @field_validator("name")
    @classmethod
    def _not_the_editors(cls, name: str) -> str:
        if name.strip().casefold() == EDITOR:
            raise ValueError(
                f"{name!r} is what the editor's own report is called; give the check another name"
            )
        return name


_Money = Annotated[float, Field(gt=0, allow_inf_nan=False)] | Literal["none"]
_Tokens = Annotated[int, Field(gt=0)] | Literal["none"]


class LimitOptions(BaseModel):
    """How much may be spent: US dollars, and tokens read and written, cached ones included; `"none"` is without limit.

    What a call may use in the worst case is set aside before it is made; one that does not fit is not made, and you are asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    turn: _Money = "none"
    """US dollars in one turn."""

    session: _Money = 2.0
    """US dollars in one session."""

    day: _Money = 10.0
    """US dollars in one day, all of your sessions together."""

    turn_tokens: _Tokens = "none"
    """Tokens in one turn."""

    session_tokens: _Tokens = "none"
    """Tokens in one session."""

    day_tokens: _Tokens = "none"
    """Tokens in one day, all of your sessions together."""

    warn_at: Annotated[float, Field(gt=0, le=1)] | Literal["never"] = 0.8
    """From what part of a limit, or of the model's window, on you are told how much of it is used; `"never"` tells nothing."""


_ServerName = Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]


class Options(BaseModel):
    """What a user can set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Annotated[str, By("editor", "administrator", "environment", "call")] = "claude-sonnet-5-5"
    """The model that answers."""

    base_url: Annotated[str | None, By("editor", "administrator", "environment")] = None
    """Where the model's service is, if not at its usual address; any server that speaks the Messages API."""

    mode: Annotated[str, By("editor", "call")] = "default"
    """The permission mode a session starts in: `default`, `accept-edits`, `no-edits`, `plan` or `deny-all`."""

    agent: Annotated[str, By("editor", "call")] = "build"
    """The agent type that a session has where none is named; `postil agents` lists them."""

    max_steps: Annotated[int, Field(ge=1, le=10_000), By("editor", "administrator")] = 100
    """Model calls in one turn; at the limit the turn ends and can be continued."""

    max_seconds: Annotated[float, Field(gt=0), By("editor", "administrator")] = 3600.0
    """Seconds of work in one turn; waiting for a person is not counted."""

    sub_agents: Annotated[int, Field(ge=0, le=2), By("editor", "administrator")] = 1
    """How many sub-agents may stand one below the other: 0 is none, 2 lets a sub-agent have its own."""

    max_tokens: Annotated[int, Field(ge=1024), By("editor", "administrator")] = 16_000
    """Output tokens asked for in one model call."""

    compact_at: Annotated[Annotated[float, Field(ge=0.1, le=0.9)] | Literal["never"], By("editor")] = 0.8
    """What part of the model's window a request may fill before the conversation is compacted; `"never"` leaves that to you."""

    reads_at_once: Annotated[int, Field(ge=1, le=64), By("editor")] = 8
    """How many calls that only read may run at the same time, when the agent asks for several in one message."""

    compact_between_turns: Annotated[bool, By("editor")] = False
    """Whether a conversation that is close to that is compacted as soon as a turn has ended, while you think."""

    limits: Annotated[LimitOptions, By("editor", "administrator")] = LimitOptions()
    """A table `[limits]` with what may be spent in a turn, a session and a day; see below."""

    questions_notify: Literal["badge", "message", "request"] = "badge"
    """How an editor without a view of Postil's is told of a question besides its diagnostic: not at all, by a message, or by a
    message with buttons. Closing that one denies."""

    chat_streaming: Annotated[Literal["auto", "live", "paragraph", "final"], By("editor")] = "auto"
    """How an answer gets into a chat document: word by word, a paragraph at a time, or all of it at its end, which is one step to undo.
    `"auto"` is `live` in VS Code, `paragraph` in editors that look whether an edit still fits their text, as Neovim and Emacs do, and `final`
    in all others, as Vim and Kakoune."""

    sandbox_network: Annotated[bool, By("editor", "administrator")] = False
    """Whether commands that were allowed have the machine's network in their sandbox, services on this machine included."""

    verify: Annotated[Literal["ask", "off"], By("editor", "administrator")] = "ask"
    """Whether a turn that has edited files ends with the project's checks, where rules allow them or you say yes; `"off"` runs none and says nothing."""

    verify_rounds: Annotated[int, Field(ge=0, le=10), By("editor", "administrator")] = 2
    """How often in a turn the agent is told of checks that failed, to mend what it did."""
    guardrails: Annotated[Literal["changes", "off"], By("editor", "administrator", "environment")] = "changes"
    """Whether a configuration that changed is tried before the first turn that would use it, as `postil guardrails` does."""

    mcp: Annotated[dict[_ServerName, ServerOptions], By("administrator", "workspace")] = {}
    """Tables `[mcp.NAME]`, one for each server of tools; see below. One that a workspace names is started only where you trust
    the workspace and have said yes to that very definition."""

    allow: Annotated[tuple[str, ...], By("administrator")] = ()
    """Rules that allow, such as `Edit(src/**)` or `Bash(pytest:*)`."""

    ask: Annotated[tuple[str, ...], By("administrator", "workspace")] = ()
    """Rules that always ask."""

    deny: Annotated[tuple[str, ...], By("administrator", "workspace")] = ()
    """Rules that deny, whatever else allows."""

    hooks: Annotated[dict[Moment, tuple[HookGroup, ...]], By("administrator", "workspace")] = {}
    """Tables `[[hooks.PreToolUse]]` and the like with commands that run at moments of a session; see below."""

    check: Annotated[tuple[CheckOptions, ...], By("administrator", "workspace")] = ()
    """Tables `[[check]]` with the project's checks, in place of those that its files tell of; see below. A workspace's count where you trust it."""

    test: Annotated[tuple[RuleTest, ...], By("administrator", "workspace")] = ()
    """Tables `[[test]]` with examples of what a rule of the same file means and what it does not; `postil permissions test` tries them."""


def setters(option: str) -> frozenset[Layer]:
    """Return who may set an option: the user's own file, and whom its field names."""
    named = (it.layers for it in Options.model_fields[option].metadata if isinstance(it, By))
    return frozenset({"user", *(layer for layers in named for layer in layers)})


RULES: tuple[Literal["allow", "ask", "deny"], ...] = ("allow", "ask", "deny")
"""The options that are lists of rules; those of all files count together."""

RESTRAINING = frozenset({"ask", "deny", "mode", "agent", "limits", "hooks"})
"""The options that hold the agent back: one that cannot be read is not as if it had not been set."""
