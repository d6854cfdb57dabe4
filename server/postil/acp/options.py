"""What a person can choose for a session: its mode at any time, its model between two turns, its agent type until something was asked in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from acp.schema import (
    SessionConfigOptionSelect,
    SessionConfigSelectOption,
    SessionMode,
    SessionModeState,
)

from postil.core.errors import UsageError
from postil.model.catalog import names
from postil.permissions.modes import choices, mode

if TYPE_CHECKING:
    from postil.app import App
    from postil.core.events import ConfigurationInForce

MODE, AGENT, MODEL = "mode", "agent", "model"
_KEPT = "A session keeps the agent type that it was begun with."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen for a session."""

    mode: str
    agent: str
    model: str
    begun: bool = False
    """Whether something was asked, so that its agent type can be chosen no more."""
    model_chosen: bool = False
    """Whether the model is a person's choice, and not that of the settings."""

    @staticmethod
    def in_force(now: ConfigurationInForce) -> Chosen:
        """Return what is on record of a session that is begun."""
        return Chosen(now.mode, now.agent_type, now.model, begun=True, model_chosen=now.model_chosen)

    def with_option(self, name: str, value: str) -> Chosen:
        """Return what is chosen once an option has another value. Raises UsageError."""
        if name == MODE:
            return replace(self, mode=mode(value).name)
        if name not in (AGENT, MODEL):
            raise UsageError(f"There is no option {name!r}.", f"The options are {MODE}, {AGENT} and {MODEL}.")
        if name == AGENT:
            if self.begun and value != self.agent:
                raise UsageError(_KEPT, "Begin a new session.")
            return replace(self, agent=value)
        return replace(self, model=value, model_chosen=True)


@dataclass(frozen=True, slots=True)
class Offered:
    """The modes and agent types that there are."""

    agents: tuple[tuple[str, str, str], ...]
    """Name, title, and what each is for."""


async def offered(app: App) -> Offered:
    """Look up the agent types that can be had."""
    found = await asyncio.to_thread(app.types.collect)
    return Offered(tuple((it.name, it.spec.title, it.spec.when) for it in found.types))


def mode_state(chosen: Chosen) -> SessionModeState:
    """Return the modes, for clients that know no options."""
    found = [SessionMode(id=name, name=title, description=about) for name, title, about in choices()]
    return SessionModeState(current_mode_id=chosen.mode, available_modes=found)


def options(chosen: Chosen, there: Offered) -> list[SessionConfigOptionSelect]:
    """Return the options with their values; what is kept for good is offered alone."""
    agents = [it for it in there.agents if not chosen.begun or it[0] == chosen.agent]
    models = dict.fromkeys((chosen.model, *names()))
    known = agents or [(chosen.agent, chosen.agent, "")]
    return [
        _select(MODE, "Mode", "What the agent may do unasked", chosen.mode, choices()),
        _select(AGENT, "Agent type", "Fixed once something was asked", chosen.agent, known),
        _select(MODEL, "Model", "From the next turn on", chosen.model, [(it, it, "") for it in models]),
    ]


def _select(
    name: str, title: str, about: str, value: str, values: Iterable[tuple[str, str, str]]
) -> SessionConfigOptionSelect:
    rows = [
        SessionConfigSelectOption(value=it, name=shown or it, description=what or None)
        for it, shown, what in values
    ]
    # The protocol has words of its own for what a mode and a model are.
    category = name if name in (MODE, MODEL) else None
    return SessionConfigOptionSelect(
        type="select",
        id=name,
        name=title,
        description=about,
        category=category,
        current_value=value,
        options=rows,
    )
