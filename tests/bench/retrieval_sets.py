"""Sets to measure retrieval with, from text that is wherever this project is worked on: sources, docstrings, git history.

A set is chunks of documents, and queries with the ids of the documents that answer them. Nothing is random but what a
fixed seed chooses; what is installed differs, so figures are compared within one run.
"""

from __future__ import annotations

import ast
import gzip
import json
import random
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

QUERIES = 400
CHUNK_LINES = 48
FUNCTIONS = 6_000
ROOT = Path(__file__).parents[2]
STANDARD = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path(sysconfig.get_paths()["purelib"])


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked and what answers it."""

    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """What is searched, as (document, chunk), and what is asked."""

    name: str
    chunks: tuple[tuple[str, str], ...]
    queries: tuple[Query, ...]


def sets() -> list[RetrievalSet]:
    """Return the sets that this machine has text for."""
    found = [functions("standard library", STANDARD), functions("packages", PACKAGES), prose()]
    return [*found, *([own] if (own := commits()) else [])]


def from_file(path: Path) -> RetrievalSet:
    """Read a set: `{"docs": [{"id" or "file", "text"}], "qs": [{"q", "gold"}]}`, as JSON, gzipped or not."""
    content = path.read_bytes()
    data = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return RetrievalSet(
        path.name.partition(".")[0],
        tuple((it.get("file") or it["id"], it["text"]) for it in data["docs"]),
        tuple(Query(it["q"], frozenset(it["gold"])) for it in data["qs"]),
    )


def sources(folder: Path) -> Iterator[Path]:
    """Give the Python files of a folder in order; those of the standard library without what is installed beside it."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not {"test", "tests", "site-packages", "dist-packages"} & set(parts):
            yield path


def pieces(text: str, step: int = CHUNK_LINES) -> Iterator[str]:
    """Cut a text into chunks of lines."""
    lines = text.splitlines()
    for start in range(0, len(lines), step):
        if (piece := "\n".join(lines[start : start + CHUNK_LINES])).strip():
            yield piece


def functions(name: str, folder: Path) -> RetrievalSet:
    """Query: the first paragraph of a docstring. Document: the function or class without it."""
    rows = [row for path in sources(folder) for row in _functions(path, folder)]
    chosen = random.Random(1).sample(rows, min(FUNCTIONS, len(rows)))
    queries = [
        Query(asked, frozenset([document])) for document, _, asked in chosen if len(asked.split()) >= 6
    ]
    return RetrievalSet(
        f"functions, {name}", tuple((it, text) for it, text, _ in chosen), tuple(queries[:QUERIES])
    )


def _functions(path: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    try:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
    except (OSError, ValueError, SyntaxError):
        return
    lines = text.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        last = min(node.end_lineno or 0, node.lineno + 60)
        if last - node.lineno < 5:
            continue
        said, body = ast.get_docstring(node) or "", lines[node.lineno - 1 : last]
        if said:
            first = node.body[0]
            body = [*lines[node.lineno - 1 : first.lineno - 1], *lines[first.end_lineno or 0 : last]]
        # The name is in the text; an id that told it as well would make it too easy.
        yield f"{path.relative_to(folder)}:{node.lineno}", "\n".join(body), said.split("\n\n")[0]


def prose() -> RetrievalSet:
    """Query: one sentence. Document: the section of documentation that it was taken out of."""
    choice = random.Random(2)
    chunks: list[tuple[str, str]] = []
    queries: list[Query] = []
    met: set[str] = set()
    for name, text in _documentation():
        for number, section in enumerate(_sections(text)):
            if section in met:
                continue  # A second copy would hold the very sentence that was taken out of the first.
            met.add(section)
            document = f"{name}#{number}"
            sentences = re.split(r"(?<=[.!?])\s+", section)
            fit = [it for it, sentence in enumerate(sentences) if 8 <= len(sentence.split()) <= 40]
            if len(fit) >= 3:
                taken = sentences.pop(choice.choice(fit))
                queries.append(Query(taken, frozenset([document])))
            chunks.append((document, " ".join(sentences)))
    # A sentence that stands elsewhere too is answered there.
    alone = [it for it in queries if not any(it.text in text for _, text in chunks)]
    return RetrievalSet("prose", tuple(chunks), tuple(choice.sample(alone, min(QUERIES, len(alone)))))


def _documentation() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGES.glob("*.dist-info/METADATA")):
        yield path.parent.name, path.read_text("utf-8", "replace").partition("\n\n")[2]
    for path in sources(STANDARD):
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (OSError, ValueError, SyntaxError):
            continue
        if said := ast.get_docstring(tree):
            yield str(path.relative_to(STANDARD)), said
        if path.name == "topics.py":
            long = (it.value for it in ast.walk(tree) if isinstance(it, ast.Constant))
            yield from (
                (f"topic {at}", it) for at, it in enumerate(long) if isinstance(it, str) and len(it) > 400
            )


def _sections(text: str) -> Iterator[str]:
    section = ""
    for paragraph in re.split(r"\n\s*\n", text):
        section += paragraph.strip() + "\n\n"
        if len(section) > 700:
            yield section
            section = ""
    if len(section) > 200:
        yield section


def commits() -> RetrievalSet | None:
    """Query: the message of a commit. Documents: the files that it changed, as they were long before."""
    revisions = _git("rev-list", "--reverse", "--no-merges", "HEAD").split()
    if len(revisions) < 100:
        return None
    base = revisions[len(revisions) // 3]
    files = [
        it
        for it in _git("ls-tree", "-r", "--name-only", base).splitlines()
        if it.endswith((".py", ".md", ".lua"))
    ]
    chunks = [(file, piece) for file in files for piece in pieces(_git("show", f"{base}:{file}"))]
    queries: list[Query] = []
    for revision in revisions[len(revisions) // 3 + 1 :]:
        changed = frozenset(_git("show", "--name-only", "--format=", revision).split()) & frozenset(files)
        if 1 <= len(changed) <= 6:
            queries.append(Query(_git("show", "-s", "--format=%B", revision), changed))
    return RetrievalSet("own commits", tuple(chunks), tuple(queries[:QUERIES]))


def _git(*arguments: str) -> str:
    found = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    return found.stdout.decode("utf-8", "replace")
