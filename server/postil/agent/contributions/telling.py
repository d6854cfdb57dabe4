"""What the overview says of one contribution, in the same words on every face."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from postil.agent.contributions.contribution import Contribution

Safely = Callable[[str], str]
"""Makes text from outside harmless where it is shown."""


def told(it: Contribution, text: Safely, rule: Safely) -> Sequence[str]:
    """Return how it stands and where it comes from, what it does, and what decides about it."""
    why = f" ({text(it.why)})" if it.why else ""
    rules = f" [{', '.join(map(rule, it.rule.rules))}]" if it.rule.rules else ""
    return (
        f"{it.state}{why}; {it.tier}, {text(it.source)}",
        f"does: {text(it.effects)}",
        f"{it.rule.verdict}: {text(it.rule.why)}{rules}",
    )
