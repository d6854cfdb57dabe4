"""What a search of memory finds, beside plain full-text search and grep, and how fast: `python -m tests.bench.retrieval`.

Arguments name files with further sets; `--sizes` takes the speed at 1,000, 10,000 and 100,000 chunks instead.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from postil.memory.corpus import index_corpus
from postil.memory.index import Index
from postil.memory.ranker import WordRanker, search
from tests.bench.plain_search import Grep, PlainSearch
from tests.bench.retrieval_sets import (
    PACKAGES,
    STANDARD,
    Query,
    RetrievalSet,
    from_file,
    pieces,
    sets,
    sources,
)

DEPTH = 20
SIZES = (1_000, 10_000, 100_000)
Finder = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Quality:
    """What was found of what should have been."""

    recall: float
    """The part of the documents sought that is among the first five, over all queries."""
    reciprocal: float
    """One over the place of the first of them, over all queries."""


def quality(find: Finder, queries: Iterable[Query]) -> Quality:
    """Ask everything and compare."""
    recalls: list[float] = []
    reciprocals: list[float] = []
    for query in queries:
        found = find(query.text)
        recalls.append(len(query.gold.intersection(found[:5])) / len(query.gold))
        reciprocals.append(next((1 / place for place, it in enumerate(found, 1) if it in query.gold), 0.0))
    return Quality(statistics.fmean(recalls), statistics.fmean(reciprocals))


def put(index: Index, chunks: Iterable[tuple[str, str]]) -> None:
    """Index chunks as the command does."""
    index_corpus(index, (json.dumps({"id": it, "text": text}).encode() for it, text in chunks))


def compare(found: RetrievalSet, folder: Path) -> None:
    """Print a row for each way to search the set."""
    with closing(Index(folder / "index.db")) as index:
        put(index, found.chunks)
        ranker = WordRanker(index)
        ways: dict[str, Finder] = {
            "postil": lambda query: [it.id for it in search(ranker, [query], DEPTH)],
            "FTS5, unicode61": PlainSearch(found.chunks, "unicode61").find,
            "FTS5, porter": PlainSearch(found.chunks, "porter unicode61").find,
            "grep": Grep(found.chunks).find,
        }
        for name, find in ways.items():
            start = time.process_time()
            it = quality(find, found.queries)
            each = (time.process_time() - start) / len(found.queries) * 1000
            print(
                f"| {found.name} | {name} | {it.recall:.3f} | {it.reciprocal:.3f} | {each:.1f} |", flush=True
            )


def measure(size: int, folder: Path) -> None:
    """Print how fast so many chunks are indexed and searched."""
    chunks = _windows(size)
    with closing(Index(folder / "index.db")) as index:
        start, cpu = time.perf_counter(), time.process_time()
        put(index, chunks)
        rate, per_cpu = (
            round(len(chunks) / it) for it in (time.perf_counter() - start, time.process_time() - cpu)
        )
        megabytes = index.path.stat().st_size >> 20
        print(
            f"| {len(chunks)} chunks | indexed at {rate}/s ({per_cpu}/s of processor), {megabytes} MB | | |"
        )
        ranker = WordRanker(index)
        for name, queries in _questions(chunks).items():
            walls: list[float] = []
            cpus: list[float] = []
            for query in queries:
                start, cpu = time.perf_counter(), time.process_time()
                search(ranker, [query], 10)
                walls.append((time.perf_counter() - start) * 1000)
                cpus.append((time.process_time() - cpu) * 1000)
            print(f"| | {name} | {_spread(walls)} | {_spread(cpus)} |", flush=True)


def _spread(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100)
    return f"{cuts[49]:.1f} / {cuts[98]:.1f}"


def _windows(size: int) -> list[tuple[str, str]]:
    """Return so many chunks of code; where there is too little of it they overlap, without being the same."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for step in (48, 24, 12, 6):
        for folder in (STANDARD, PACKAGES):
            for path in sources(folder):
                for at, piece in enumerate(pieces(path.read_text("utf-8", "replace"), step)):
                    found.setdefault((str(path), at * step), (str(path.relative_to(folder)), piece))
        if len(found) >= size:
            break
    return random.Random(3).sample(list(found.values()), min(size, len(found)))


def _questions(chunks: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return queries by kind: what is written as a query, and words as common as they are in code."""
    choice = random.Random(4)
    said = [query.text for it in (STANDARD,) for query in _docstrings(it)]
    words = [re.findall(r"[A-Za-z_]{3,}", text) for _, text in choice.sample(chunks, 300)]
    common = [it for it, _ in Counter(word for row in words for word in set(row)).most_common(200)]
    return {
        "docstrings": said,
        "2 words of a chunk": [" ".join(choice.sample(row, 2)) for row in words if len(row) >= 6],
        "6 words of a chunk": [" ".join(choice.sample(row, 6)) for row in words if len(row) >= 6],
        "6 of the 200 commonest words": [" ".join(choice.sample(common, 6)) for _ in range(200)],
    }


def _docstrings(folder: Path) -> Sequence[Query]:
    from tests.bench.retrieval_sets import functions

    return functions("", folder).queries[:300]


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.retrieval", description=__doc__)
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="further sets")
    parser.add_argument("--only-files", action="store_true", help="only these sets")
    parser.add_argument("--sizes", action="store_true", help="speed instead of quality")
    options = parser.parse_args()
    if options.sizes:
        print("| size | what | ms, p50 / p99 | ms of processor, p50 / p99 |\n|---|---|---|---|")
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                measure(size, Path(folder))
        return
    print("| set | search | R@5 | MRR | ms of processor |\n|---|---|---|---|---|")
    for found in [*([] if options.only_files else sets()), *map(from_file, options.files)]:
        with tempfile.TemporaryDirectory() as folder:
            compare(found, Path(folder))


if __name__ == "__main__":
    main()
