"""`postil memory`: what is remembered of a workspace; and an index over any documents, searched as the agent does."""

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
    """Index a corpus, answer queries, or do what was asked with what is remembered."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {"index": _index, "search": _search}
    with plainly():
        return actions.get(options.action, _of_workspace)(options)


def _of_workspace(options: argparse.Namespace) -> int:
    from postil.cli.remembered import remembered  # noqa: PLC0415 - the whole agent, which an index of its own does not need

    return remembered(options)


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
    if not options.jsonl and options.db is None:
        return _of_workspace(options)
    if not options.jsonl or options.db is None or options.query:
        raise UsageError(
            "`--db` and `--jsonl` go together, without a query.",
            "Name a query to search this workspace's memory, or `--db FILE --jsonl` to answer lines from stdin.",
        )
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
