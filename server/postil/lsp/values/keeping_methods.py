"""The values of the methods about what a client of ours keeps or shows: its key, the models, texts before and after a change."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from postil.lsp.wire import SessionId, Wire


class KeyParams(Wire):
    """The key that the editor keeps; an empty one takes it back, and without one nothing changes."""

    key: Annotated[SecretStr | None, Field(max_length=4096)] = None


class KeyResult(Wire):
    """Where the key comes from that is used."""

    source: Literal["environment", "local", "sdk", "editor", "keyring", "file"] | None
    """`local`: the server is on this machine and needs none; `sdk`: a profile or a workload identity; null where there is none."""
    problem: str
    """Why a key that is stored cannot be used; empty where nothing is wrong."""


class SandboxResult(Wire):
    """What commands run in here that a person or a rule allows."""

    name: str
    """Empty where they run in none."""
    why: str
    """Why they run in none."""
    network: bool
    """Whether they have a network there."""


class ModelRow(Wire):
    """A model that Postil knows; others can be named all the same."""

    name: str
    window: int
    """Tokens that it can read and write in one call."""
    input_price: float | None
    """US dollars for a million tokens that it reads; null where it is not known."""
    output_price: float | None


class ModelsResult(Wire):
    """The models that Postil knows, and the one that new sessions have."""

    models: list[ModelRow]
    default: str


class ModeRow(Wire):
    """A permission mode."""

    name: str
    title: str
    description: str


class ModesResult(Wire):
    """The permission modes, and the one that new sessions begin in."""

    modes: list[ModeRow]
    default: str


class TextParams(Wire):
    """Names a text of a session's checkpoint, by the hash that a change has before or after it."""

    session_id: SessionId
    hash: Annotated[str, Field(max_length=128)]


class TextResult(Wire):
    """The text as it was; null where it is not kept."""

    text: str | None
