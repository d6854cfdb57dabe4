"""`postil guardrails`: the safety invariants, tried on the harness of this workspace; 1 where something is broken."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from postil import __version__
from postil.cli.finding import plainly, workspace
from postil.core.errors import UsageError
from postil.core.revealing import revealed
from postil.guardrails.examining import INVARIANTS, examine
from postil.guardrails.harness import Harness
from postil.guardrails.invariants.prefix import digests
from postil.guardrails.report import Report
from postil.journal.layout import state_directory
from postil.permissions.harness import HarnessFiles
from postil.permissions.known_harness import KnownHarnesses
from postil.permissions.trust import TrustStore


def guardrails(options: argparse.Namespace) -> int:
    """Try all invariants and print what was found; what holds is known from then on, and what is accepted."""
    only = _only(options.only, accepts=options.accept)
    with plainly():
        roots = tuple(workspace(it) for it in options.workspace or [None])
        trusted = _trusted(roots, options.trust)
    harness = Harness.of(roots, trusted=trusted)
    if options.prefixes:
        print(json.dumps(asyncio.run(digests(harness))))
        return 0
    files = HarnessFiles(roots, __version__)
    digest = files.digest(trusted=trusted)
    report = asyncio.run(examine(harness, digest, only))
    if (report.holds and not only) or options.accept:
        known, standing = KnownHarnesses(state_directory()), "holds" if report.holds else "accepted"
        # Of one that is accepted, less is as well: an editor may trust less of it than was decided about.
        for it in {digest} if report.holds else {digest, files.digest(trusted=False)}:
            known.add(it, standing, time.time())
    if options.json:
        print(json.dumps(report.data(), ensure_ascii=False))
    else:
        _print(report, accepted=options.accept)
    return 0 if report.holds or options.accept else 1


def _only(wanted: list[str], *, accepts: bool) -> tuple[str, ...]:
    names = [it.name for it in INVARIANTS]
    for name in wanted:
        if name not in names:
            raise UsageError(f"There is no invariant {name!r}.", f"They are {', '.join(names)}.")
    if wanted and accepts:
        raise UsageError(
            "A configuration is accepted after all invariants were tried.", "Leave out --only, or --accept."
        )
    return tuple(wanted)


def _trusted(roots: tuple[Path, ...], said: str | None) -> bool:
    if said is not None:
        return said == "yes"
    store = TrustStore(state_directory())
    return all(store.standing(it).trusted for it in roots)


def _count(number: int, how: str) -> str:
    return f"{number} {'is' if number == 1 else 'are'} {how}"


def _print(report: Report, *, accepted: bool) -> None:
    for line in report.lines():
        print(revealed(line))
    broken = sum(not it.holds for it in report.outcomes)
    if not broken:
        said = "It holds" if len(report.outcomes) == 1 else f"All {len(report.outcomes)} hold"
        print(f"\n{said} ({report.seconds:.1f} s).")
        return
    untried = sum(it.untried for it in report.outcomes)
    said = [_count(broken - untried, "broken")] if broken > untried else []
    said += [_count(untried, "not tried to the end")] if untried else []
    print(f"\nOf {len(report.outcomes)}, {' and '.join(said)} ({report.seconds:.1f} s).")
    if accepted:
        print("You accept that: turns begin with this configuration, until it changes.")
    else:
        print(
            "No turn begins with this configuration. Mend it, or go on at your own risk: postil guardrails --accept"
        )
