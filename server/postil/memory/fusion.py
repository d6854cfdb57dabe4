"""Several rankings of the same documents become one, by their ranks alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from postil.memory.document import Hit

FLATNESS = 60
"""How little the first places differ from each other: the constant of reciprocal rank fusion."""


def fused(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Return the hits of all rankings, best first: what several found goes before what one found."""
    if len(rankings) == 1:
        return list(rankings[0])
    scores: dict[str, float] = {}
    best: dict[str, tuple[int, Hit]] = {}
    for place, hit in _placed(rankings):
        scores[hit.id] = scores.get(hit.id, 0.0) + 1 / (FLATNESS + place)
        if hit.id not in best or place < best[hit.id][0]:
            best[hit.id] = (place, hit)
    # What is equal keeps the order of its best place, and of the query that was named first.
    order = sorted(best, key=lambda it: (-scores[it], best[it][0]))
    return [Hit(it, scores[it], best[it][1].chunk) for it in order]


def _placed(rankings: Iterable[Sequence[Hit]]) -> Iterable[tuple[int, Hit]]:
    for ranking in rankings:
        yield from enumerate(ranking, 1)
