"""The events after which something else can be done in a chat document, or can be wrong with it."""

from __future__ import annotations

from postil.core.events import (
    ChangesKept,
    ModelFailed,
    ModelReplied,
    PermissionAsked,
    PermissionDecided,
    PromptQueued,
    PromptReceived,
    PromptSteered,
    PromptTakenBack,
    QuestionAnswered,
    QuestionAsked,
    Rewound,
    Routed,
    TurnEnded,
)

OTHERWISE = (
    PermissionAsked, PermissionDecided, QuestionAsked, QuestionAnswered, PromptReceived, Routed, TurnEnded, Rewound,
    ChangesKept, PromptQueued, PromptSteered, PromptTakenBack,
)  # fmt: skip
"""Events after which something else can be done."""
FAULTS = (*OTHERWISE, ModelReplied, ModelFailed)
"""Events after which something else can be wrong."""
