"""`postil memory`: an index over any documents, and searching it, with what the agent itself searches by."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from postil.cli.finding import plainly
from postil.core.errors import UsageError
from postil.memory.corpus import answer_line, index_corpus
from postil.memory.index import Index
from postil.memory.ranker import WordRanker


def memory(options: argparse.Namespace) -> int:
    """Index a corpus, or answer queries."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {"index": _index, "search": _search}
    with plainly():
        return actions[options.action](options)


def _index(options: argparse.Namespace) -> int:
    start = time.monotonic()
    with _corpus(options.corpus) as corpus, closing(Index(Path(options.db))) as index:
        written = index_corpus(index, corpus)
        documents, chunks = index.count()
    seconds = time.monotonic() - start
    print(
        f"Indexed {written} chunks in {seconds:.1f} s; {options.db} holds {documents} documents in {chunks} chunks."
    )
    return 0


def _corpus(named: str) -> BinaryIO:
    try:
        return open(named, "rb")  # noqa: PTH123 (the caller closes it)
    except OSError as error:
        raise UsageError(f"The corpus {named} cannot be read: {error.strerror}.", "Name a file.") from error


def _search(options: argparse.Namespace) -> int:
    path = Path(options.db)
    if not path.is_file():
        raise UsageError(f"There is no index {path}.", "Make one with `postil memory index`.")
    with closing(Index(path)) as index:
        ranker = WordRanker(index)
        for line in sys.stdin.buffer:
            if (answer := answer_line(ranker, line)) is not None:
                sys.stdout.write(json.dumps(answer) + "\n")
                sys.stdout.flush()
    return 0
