"""What redaction costs as texts grow: ten times the text, about ten times the time, whatever it holds."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from postil.core.redaction.kinds import KINDS
from postil.core.redaction.redact import redact
from tests.bench.figures import TIMES, Figure, ms
from tests.support.secrets import filled, key_lines

SMALL = 20_000
GROWTH = 10
_KEY = "\n".join(key_lines())
HOSTILE = (
    " ", "\\n", "token", "_key", "token=", "token: ", "token='", "token='token=\"", "token=aaaaaaaa&", "a://b:", "machine ", "machine a login b ",
    "authorization: bearer ", "eyJaaaaaaaaa.", "AAAA\n", _KEY, _KEY[:40], _KEY[-40:] + "\n", f"{_KEY[:32]}\\n\\n",
)  # fmt: skip
"""What a text is made of that was written to keep a pattern busy."""


async def redaction() -> list[Figure]:
    """Measure the time of a processor that texts of two sizes take."""
    return await asyncio.to_thread(_measured)


def _measured() -> list[Figure]:
    examples = tuple(filled(it) for kind in KINDS for it in kind.examples)
    units = (*HOSTILE, *examples)
    small = {unit: _seconds(unit, SMALL) for unit in units}
    large = {unit: _seconds(unit, SMALL * GROWTH) for unit in units}
    worst = max(units, key=lambda it: large[it] / small[it])
    slowest = max(units, key=lambda it: large[it])
    source = "".join(it.read_text("utf-8") for it in sorted(Path(__file__).parent.glob("*.py")))
    usual = _seconds(source, SMALL * GROWTH)
    return [
        Figure(
            f"redacting {GROWTH} times the text, processor, worst of {len(units)}", round(large[worst] / small[worst], 1), TIMES, 25, GROWTH,
            f"{ms(small[worst]):g} and {ms(large[worst]):g} ms; it repeats {worst[:24]!r}",
        ),
        Figure(
            f"redacting {SMALL * GROWTH} characters, processor, slowest", ms(large[slowest]), "ms", None, None,
            f"it repeats {slowest[:12]!r}; source code {ms(usual):g} ms",
        ),
    ]  # fmt: skip


def _seconds(unit: str, size: int) -> float:
    text = (unit * (size // len(unit) + 1))[:size]
    return min(_once(text) for _ in range(5))


def _once(text: str) -> float:
    start = time.process_time()
    redact(text)
    return time.process_time() - start
