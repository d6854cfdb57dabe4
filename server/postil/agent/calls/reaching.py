"""Where a fetch that is under way may go, by the rules in force at that moment. Nobody is asked: the model can ask anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from postil.core.effects import Access
from postil.permissions.addresses import decide_endpoint
from postil.permissions.evaluate import evaluate
from postil.permissions.policy import Policy


class Reaching:
    """Judges the addresses that a fetch comes upon."""

    def __init__(self, policy: Callable[[], Awaitable[Policy]]) -> None:
        self._policy = policy

    async def redirect(self, address: str) -> str:
        """Return why an address may not be requested that nobody was asked about; empty where a rule allows it."""
        decision = evaluate(Access(hosts=(address,)), await self._policy())
        return "" if decision.verdict == "allow" else decision.why

    async def connect(self, host: str, ip: str, *, here: bool = False) -> str:
        """Return why no connection may be made to where a host's name leads; empty where it may."""
        try:
            return decide_endpoint(host, ip, (await self._policy()).rules, here=here)
        except Exception as error:  # noqa: BLE001 - whatever fails while deciding, nothing is reached
            return f"deciding failed: {type(error).__name__}"
