"""Which files are looked at, in which language, and which of them are tests or stand aside."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

Language = Literal["python", "script", "compiled", "front-matter", "packaging"]
"""How a file is read: by its syntax tree, by its lines, by its front matter, or for the names that it mentions."""

Part = Literal["code", "test", "aside"]
"""`aside` are examples, benchmarks, documents and scripts of the project: they are not the agent and are not judged."""

LANGUAGES: dict[str, Language] = {
    ".py": "python",
    **dict.fromkeys((".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".rb", ".php"), "script"),
    **dict.fromkeys((".go", ".rs", ".java", ".kt", ".cs", ".swift", ".scala"), "compiled"),
    ".md": "front-matter",
    ".toml": "packaging",
}
PATTERN = "**/*.{" + ",".join(it[1:] for it in LANGUAGES) + "}"
"""What a search for files takes."""

_PACKAGING = {"pyproject.toml"}
_VENDORED = re.compile(
    r"(?:^|/)(?:\.[^/]+|node_modules|bower_components|vendor|vendored|third[_-]party|_vendor|site-packages|venv|dist|build"
    r"|target|__pycache__|generated|__generated__|gen|[^/]+\.egg-info)/"
)
_MADE = re.compile(
    r"_pb2(?:_grpc)?\.pyi?$|\.min\.[cm]?js$|\.d\.ts$|\.bundle\.js$|_generated\.\w+$|\.gen\.\w+$"
)
_MARKED = re.compile(r"@generated\b|\bDO NOT EDIT\b|\bDo not edit\b|auto-?generated", re.IGNORECASE)
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|specs?|__tests__|evals?)/|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.\w+$|\.(?:test|spec)\.\w+$"
)
_ASIDE = re.compile(
    r"(?:^|/)(?:examples?|samples?|demos?|docs?|benchmarks?|notebooks?|tutorials?|cookbook|scripts)/"
)
_TOP = 5
"""Lines in which a generated file says so."""


def language(path: str) -> Language | None:
    """Return how the file at a relative path is read; None where it is not."""
    pure = PurePosixPath(path)
    found = LANGUAGES.get(pure.suffix)
    if found is None or _VENDORED.search(path) or _MADE.search(path):
        return None
    return None if found == "packaging" and pure.name not in _PACKAGING else found


def part(path: str) -> Part:
    """Return what a file at a relative path is for."""
    if _TESTS.search(path):
        return "test"
    return "aside" if _ASIDE.search(path) else "code"


def is_made(lines: list[str]) -> bool:
    """Whether a file says in its first lines that a program wrote it."""
    return any(_MARKED.search(it) for it in lines[:_TOP] if it.lstrip()[:1] in {"#", "/", "*", "<"})


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Return a name as words joined by underscores: one spelling for `maxTokens`, `MaxTokens` and `max-tokens`."""
    return _HUMP.sub("_", name).lower().replace("-", "_")
