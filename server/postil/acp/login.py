"""Whether there is a key for the model's service, and how a person gives one. The protocol never carries it."""

from __future__ import annotations

import asyncio

from acp.schema import AuthMethodAgent, TerminalAuthMethod

from postil.acp.capabilities import Capabilities
from postil.core.errors import ModelError
from postil.core.loading import loading

METHOD = "key"
_ABOUT = (
    "Set ANTHROPIC_API_KEY in the editor's settings of this agent, or run `postil key set` in a terminal."
)


def methods(capabilities: Capabilities) -> list[TerminalAuthMethod | AuthMethodAgent]:
    """Return the ways to give a key: by a terminal that the client opens, where it can."""
    if capabilities.has_terminal:
        return [
            TerminalAuthMethod(
                type="terminal", id=METHOD, name="API key", description="Paste a key once; it is kept in the keyring.",
                args=["key", "set"],
            )
        ]  # fmt: skip
    return [AuthMethodAgent(id=METHOD, name="API key", description=_ABOUT)]


async def check(base_url: str | None) -> None:
    """Raise ModelError where there is no key."""

    def look() -> bool:
        with loading():
            from postil.config.load import user_config_dir  # noqa: PLC0415 - `initialize` is answered before it is loaded
            from postil.model.connect import key_source  # noqa: PLC0415 - as above
            from postil.model.keys import Keys  # noqa: PLC0415 - as above
        return key_source(base_url, Keys(user_config_dir())) is not None

    if not await asyncio.to_thread(look):
        raise ModelError("missing_key", "There is no key for the model's service.", _ABOUT)
