"""Checks of Python projects: pytest, ruff, mypy and pyright, where the project is set up for them."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core.verification import Check
from postil.workspace.checks.project import Project, table

_FILES = ("*.py", "*.pyi", "pyproject.toml", "setup.cfg", "tox.ini")
_PYTEST_FILES = (
    *_FILES, "pytest.ini", ".pytest.ini", "*.toml", "*.json", "*.yaml", "*.yml", "*.txt", "*.csv", "*.html", "*.sql", "*.j2"
)  # fmt: skip
"""Tests read more than code."""
_ENVIRONMENTS = (".venv/bin", "venv/bin")


def find(project: Project) -> Iterator[Check]:
    """Give the checks that the project is set up for."""
    if source := _pytest(project):
        yield _check(project, "pytest", "", _PYTEST_FILES, source)
    if source := _tool(project, "ruff", "ruff.toml", ".ruff.toml"):
        yield _check(project, "ruff", " check .", (*_FILES, "ruff.toml", ".ruff.toml"), source)
    if source := _tool(project, "mypy", "mypy.ini", ".mypy.ini") or _section(project, "mypy", "setup.cfg"):
        yield _check(project, "mypy", _mypy_words(project), (*_FILES, "mypy.ini", ".mypy.ini"), source)
    for name in ("basedpyright", "pyright"):
        if source := _tool(project, name, *(("pyrightconfig.json",) if name == "pyright" else ())):
            yield _check(project, name, "", (*_FILES, "pyrightconfig.json"), source)
            return


def _pytest(project: Project) -> str:
    tools = project.python_tools
    if "pytest" in tools:
        return "pyproject.toml"
    for name in ("pytest.ini", ".pytest.ini"):
        if project.has(name):
            return name
    if found := _section(project, "pytest", "tox.ini") or _section(project, "tool:pytest", "setup.cfg"):
        return found
    return next(
        (it for it in ("conftest.py", "tests/conftest.py", "test/conftest.py") if project.has(it)), ""
    )


def _tool(project: Project, name: str, *files: str) -> str:
    """Return the file that sets the tool up; empty where none does."""
    found = next((it for it in files if project.has(it)), "")
    return found or ("pyproject.toml" if name in project.python_tools else "")


def _section(project: Project, name: str, file: str) -> str:
    return file if name in project.sections(file) else ""


def _mypy_words(project: Project) -> str:
    """Return nothing where its settings say which files, and else the whole folder."""
    own = table(project.python_tools, "mypy")
    if any(it in own for it in ("files", "packages", "modules")):
        return ""
    texts = (project.text(it) for it in ("mypy.ini", ".mypy.ini", "setup.cfg"))
    starts = ("files", "packages", "modules")
    named = any(
        line.split("=")[0].strip() in starts for text in texts for line in text.splitlines() if "=" in line
    )
    return "" if named else " ."


def _check(project: Project, name: str, words: str, covers: tuple[str, ...], source: str) -> Check:
    return Check(name=name, command=f"{_program(project, name)}{words}", covers=covers, source=source)


def _program(project: Project, name: str) -> str:
    """Return how the tool is started: the one of the project's own environment, or by what manages that."""
    for folder in _ENVIRONMENTS:
        if project.has_program(f"{folder}/{name}"):
            return f"{folder}/{name}"
    if project.has("uv.lock"):
        return f"uv run --no-sync {name}"
    if project.has("poetry.lock"):
        return f"poetry run {name}"
    return name
