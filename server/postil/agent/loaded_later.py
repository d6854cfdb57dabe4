"""What turns need that many never need, or not before their first reply: each function is called in a thread, as it reads the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postil.agent.calls.invoke import Invoker
    from postil.agent.delegating.above import Means
    from postil.agent.delegating.delegating import Delegating
    from postil.agent.verifying.verifier import Verifier


def verifier_class() -> type[Verifier]:
    """What verifies edits."""
    from postil.agent.verifying.verifier import Verifier  # noqa: PLC0415 - no turn without edits needs it

    return Verifier


def delegating_classes() -> tuple[type[Means], type[Delegating]]:
    """What has sub-agents do tasks."""
    from postil.agent.delegating.above import Means  # noqa: PLC0415 - most turns have no sub-agents
    from postil.agent.delegating.delegating import Delegating  # noqa: PLC0415 - as above

    return Means, Delegating


def invoker_class() -> type[Invoker]:
    """What takes calls through their path, with all that judges them."""
    from postil.agent.calls.invoke import Invoker  # noqa: PLC0415 - as above

    return Invoker
