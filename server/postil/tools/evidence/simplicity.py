"""Over-engineering: what nobody imports, names, implements a second time, or reads. Judged over the whole tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from postil.tools.evidence.facts import Facts, Place

Finding = tuple[str, Facts, Place]
"""The id of a rule, and the file and place where it was met."""

_ENTRIES = re.compile(
    r"^(?:__init__|__main__|_?version|__version__|main|cli|app|setup|conftest|manage|wsgi|asgi|noxfile|tasks|settings|conf)$"
)
_ENTRY_FOLDERS = re.compile(r"(?:^|/)(?:scripts?|bin|tools|migrations|plugins)/[^/]+$")


def judge(files: Sequence[Facts], others: frozenset[str], spared: frozenset[str]) -> Iterator[Finding]:
    """Yield what could be left out.

    `others` are words of files that are no Python, `spared` paths without their ending that such files stand beside.
    """
    code = [it for it in files if it.part == "code"]
    yield from _unused_modules(files, code, others, spared)
    everywhere = _total(files) + Counter(others)
    by_code = _total(it for it in files if it.part != "test") + Counter(others)
    for it in code:
        yield from _unused(it, everywhere, by_code)
        yield from ((("over-engineering/forwarder"), it, place) for place in it.forwarders)
        yield from (
            ("over-engineering/unread-option", it, place)
            for place in it.options
            if everywhere[place.name] <= _given(it, place)
        )
    bases = Counter(name for it in files for name in it.bases)
    for it in code:
        yield from (
            ("over-engineering/one-implementation", it, place) for place in it.seams if bases[place.name] == 1
        )


def _total(files: Iterable[Facts]) -> Counter[str]:
    found: Counter[str] = Counter()
    for it in files:
        found.update(it.uses)
    return found


def _given(facts: Facts, place: Place) -> int:
    """Return how often a file gives a name to a field, which is not reading it."""
    return sum(it.name == place.name for it in facts.options)


def _unused(facts: Facts, everywhere: Counter[str], by_code: Counter[str]) -> Iterator[Finding]:
    given = Counter(it.name for it in facts.definitions)
    for place in facts.definitions:
        if place.name.startswith("__") or place.name in {"main", "setup"}:
            continue
        if everywhere[place.name] <= given[place.name]:
            yield "over-engineering/unused-definition", facts, place
        elif by_code[place.name] <= given[place.name]:
            yield "over-engineering/only-tests-use", facts, place


def _unused_modules(
    files: Sequence[Facts], code: Sequence[Facts], others: frozenset[str], spared: frozenset[str]
) -> Iterator[Finding]:
    # Where the top of the packages is, nobody says: it may lie above what is looked at, or below.
    whole = {name for it in files for name in it.imports}
    ends = {end for it in whole for end in _ends(it)}
    loaders = {name for it in files if it.loads for name in it.uses}
    for it in code:
        pure = PurePosixPath(it.path)
        if it.is_program or _ENTRIES.match(pure.stem) or _ENTRY_FOLDERS.search(it.path) or not it.first:
            continue
        if it.module in ends or any(end in whole for end in _ends(it.module)):
            continue
        if pure.with_suffix("").as_posix() in spared:
            continue
        if pure.stem in loaders or pure.stem in others or (pure.parent.name and pure.parent.name in loaders):
            continue
        yield "over-engineering/unused-module", it, Place(pure.stem, 1, it.first)


def _ends(module: str) -> Iterator[str]:
    """Yield a module's name, and it without its first parts."""
    parts = module.split(".")
    yield from (".".join(parts[start:]) for start in range(len(parts)))
