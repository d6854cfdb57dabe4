"""A configuration that changed is tried before the first turn that would use it: in a process of its own, once for each that there is.

What is known costs a look at the times of a few files. Where there is no configuration beside what Postil came with, there is
nothing to try.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shlex
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from postil import __version__
from postil.agent.parts import Trust, holds
from postil.config.options import Options
from postil.core.errors import CommandFailed, ConfigurationError
from postil.permissions.harness import HarnessFiles, Mark

log = logging.getLogger(__name__)

PATIENCE = 300.0
"""Seconds that trying it may take; that is done in a few."""
_SECRET = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_SHOWN = 3
"""Findings that are told; `postil guardrails` tells all."""


@dataclass
class ChangedHarness:
    """Whether the configuration of one workspace is known to hold."""

    files: HarnessFiles
    state: Path
    """Where it is kept what is known."""
    trusted: Callable[[], bool]
    _passed: tuple[bool, Mark] | None = field(default=None, init=False)
    _trying: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def refusal(self, tells: Callable[[], None]) -> ConfigurationError | None:
        """Return why no turn may begin with the configuration as it is; None where one may. Calls `tells` before it is tried."""
        try:
            return await self._refusal(tells)
        except ConfigurationError as error:  # more than can be compared
            return error

    async def _refusal(self, tells: Callable[[], None]) -> ConfigurationError | None:
        trusted = self.trusted()
        mark = await asyncio.to_thread(self.files.mark, trusted=trusted)
        if not mark or self._passed == (trusted, mark):
            return None
        async with self._trying:  # one process for all sessions that wait for the same
            if self._passed == (trusted, mark):
                return None
            digest = await asyncio.to_thread(self.files.digest, trusted=trusted)
            if not await asyncio.to_thread(self._is_known, digest):
                tells()
                refused = await self._tried(digest, trusted=trusted)
                if refused is not None:
                    return refused
            self._passed = (trusted, mark)
            return None

    def _is_known(self, digest: str) -> bool:
        from postil.permissions.known_harness import KnownHarnesses  # noqa: PLC0415 - nearly nobody's has changed

        return digest in KnownHarnesses(self.state).load()

    async def _tried(self, digest: str, *, trusted: bool) -> ConfigurationError | None:
        places = [word for root in self.files.roots for word in ("--workspace", str(root))]
        log.info("the configuration is new, and is tried")
        report = await asyncio.to_thread(_report, [*places, "--trust", "yes" if trusted else "no"])
        again = f"postil guardrails {shlex.join(places)}"
        if report is None:
            return ConfigurationError(
                "The configuration is new, and it could not be tried whether it is safe.", f"See why: {again}"
            )
        if report.get("digest") != digest:
            return ConfigurationError(
                "The configuration was changed while it was tried whether it is safe.",
                "Send the prompt again.",
            )
        if report.get("holds") is True:
            return None
        if not list(_broken(report)):
            return _untried(report, again)
        words = list(_broken(report))
        more = f" And {len(words) - _SHOWN} more." if len(words) > _SHOWN else ""
        return ConfigurationError(
            f"The configuration is new, and not safe: {' '.join(words[:_SHOWN])}{more} Nothing was begun.",
            f"Mend that and send the prompt again. All of it: {again}. At your own risk: {again} --accept",
        )


class Setting(Protocol):
    """Where Postil runs, as far as it matters here."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace."""
        ...

    @property
    def tries_changes(self) -> bool:
        """Whether this face has a configuration tried that changed."""
        ...


def trying(
    setting: Setting, options: Options, state: Path, trust: Trust
) -> Callable[[Callable[[], None]], Coroutine[Any, Any, ConfigurationError | None]]:
    """Return what says why no turn may begin with the configuration as it is; where nothing is to be tried, one always may."""
    if not setting.tries_changes or options.guardrails == "off":
        return holds
    return ChangedHarness(HarnessFiles(setting.roots, __version__), state, lambda: trust.now.trusted).refusal


def _report(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Have another process try it, and return what it says; None where it says nothing. Blocking."""
    from postil.workspace.commands.shell import finish_program, start_launch  # noqa: PLC0415 - as above
    from postil.workspace.sandbox.mechanism import Launch  # noqa: PLC0415 - as above

    # -P: nothing of the folder that it runs in is imported.
    argv = (sys.executable, "-P", "-m", "postil", "guardrails", "--json", *arguments)
    environment = {name: it for name, it in os.environ.items() if name not in _SECRET}
    try:
        done = finish_program(start_launch(Launch(argv, environment), Path.home()), PATIENCE)
        found = json.loads(done.stdout)
    except (CommandFailed, ValueError) as error:
        log.warning("the configuration could not be tried: %s", error)
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _untried(report: dict[str, Any], again: str) -> ConfigurationError:
    names = "; ".join(it["title"] for it in report["invariants"] if it.get("untried"))
    return ConfigurationError(
        f"The configuration is new, and not all of it could be tried: {names}. Nothing was seen to be broken, and nothing was begun.",
        f"The machine may be busy: send the prompt again when it is not. Why: {again}. At your own risk: {again} --accept",
    )


def _broken(report: dict[str, Any]) -> Sequence[str]:
    """Return what is broken, a sentence each with its mend."""
    found: list[str] = []
    for one in (
        it
        for invariant in report["invariants"]
        for it in invariant["findings"]
        if not it["weak"] and not it.get("untried")
    ):
        where = f"{one['where']}: " if one["where"] else ""
        found.append(f"{where}{one['what']}." + (f" {one['mend']}." if one["mend"] else ""))
    return found
