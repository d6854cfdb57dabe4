"""Measure files and functions; `python -m tests.architecture.sizes` prints the figures."""

import ast
import statistics
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import PACKAGE, parsed, python_files, shown

FILE_LIMIT = 400
FUNCTION_LIMIT = 60
RATCHET = Path(__file__).with_name("sizes.toml")


@dataclass(frozen=True, order=True)
class Size:
    """How many lines something has."""

    lines: int
    name: str


def file_sizes(paths: list[Path]) -> list[Size]:
    """Measure files, comments and blank lines included."""
    return [Size(len(path.read_text(encoding="utf-8").splitlines()), shown(path)) for path in paths]


def function_sizes(paths: list[Path]) -> list[Size]:
    """Measure functions and methods from `def` to their last line."""
    sizes: list[Size] = []
    for path in paths:
        for scope, node in functions_of(parsed(path)):
            sizes.append(Size((node.end_lineno or node.lineno) - node.lineno + 1, f"{shown(path)}::{scope}"))
    return sizes


def functions_of(tree: ast.AST, scope: str = "") -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """List the functions in a tree with their qualified names, nested ones too."""
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
    for node in ast.iter_child_nodes(tree):
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{scope}.{node.name}".lstrip(".")
            if not isinstance(node, ast.ClassDef):
                found.append((inner, node))
        found.extend(functions_of(node, inner))
    return found


def complaints(sizes: list[Size], limit: int, allowed: dict[str, int]) -> list[str]:
    """Compare sizes with the limit and with the exceptions, which may only shrink."""
    found: list[str] = []
    # A name may be defined more than once in a file (overloads, conditions): the longest counts.
    largest = {size.name: size.lines for size in sorted(sizes)}
    for name, lines in largest.items():
        if lines > max(limit, allowed.get(name, 0)):
            found.append(
                f"{name} has {lines} lines; the limit is {max(limit, allowed.get(name, 0))}: split it"
            )
    for name, lines in allowed.items():
        actual = largest.get(name, 0)
        if actual <= limit:
            found.append(f"{name} is within the limit now: take it out of {RATCHET.name}")
        elif actual < lines:
            found.append(f"{name} has shrunk to {actual} lines: say so in {RATCHET.name}")
    return found


def allowances() -> tuple[dict[str, int], dict[str, int]]:
    """Read the exceptions: files, functions."""
    exceptions = tomllib.loads(RATCHET.read_text(encoding="utf-8"))
    return exceptions["files"], exceptions["functions"]


def report() -> str:
    """Say in one line how large the package's files and functions are."""
    files, functions = file_sizes(python_files(PACKAGE)), function_sizes(python_files(PACKAGE))
    figures = (
        f"{kind}: {len(sizes)}, median {statistics.median(size.lines for size in sizes):.0f} lines, "
        f"largest {max(sizes).lines} ({max(sizes).name.removeprefix('server/postil/')})"
        for kind, sizes in (("files", files), ("functions", functions))
        if sizes
    )
    return "sizes: " + "; ".join(figures)


if __name__ == "__main__":
    print(report())
