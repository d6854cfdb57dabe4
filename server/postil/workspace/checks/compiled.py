"""Checks of projects whose build tool has tests of its own: cargo, go, mix, Maven and Gradle."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core.verification import Check
from postil.workspace.checks.project import Project

_JVM = ("*.java", "*.kt", "*.kts", "*.scala", "*.groovy", "*.gradle", "*.xml", "*.properties")
_TABLE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Cargo.toml", "cargo test", "cargo test", ("*.rs", "*.toml")),
    ("go.mod", "go vet", "go vet ./...", ("*.go", "go.mod")),
    ("go.mod", "go test", "go test ./...", ("*.go", "go.mod", "*.tmpl", "*.json", "*.golden")),
    ("mix.exs", "mix test", "mix test", ("*.ex", "*.exs", "*.eex", "*.heex")),
    ("pom.xml", "mvn test", "mvn -q test", _JVM),
    ("gradlew", "gradle test", "./gradlew test", _JVM),
)
"""The file that tells, the check's name, its command line, and what it is about."""


def find(project: Project) -> Iterator[Check]:
    """Give the checks of each build tool whose file is there."""
    for file, name, command, covers in _TABLE:
        if project.has(file):
            yield Check(name=name, command=command, covers=covers, source=file)
