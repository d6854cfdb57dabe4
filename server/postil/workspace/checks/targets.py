"""Checks that a project names itself for all of it: targets of a Makefile, recipes of a justfile, the environments of tox."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.core.verification import Check
from postil.workspace.checks.project import Project

_FILES = (
    ("GNUmakefile", "make"),
    ("makefile", "make"),
    ("Makefile", "make"),
    ("justfile", "just"),
    ("Justfile", "just"),
)
_TARGETS = ("check", "test")
"""The first of them that there is: the one usually includes the other."""


def find(project: Project) -> Iterator[Check]:
    """Give the first of them alone."""
    for file, program in _FILES:
        text = project.text(file)
        for target in _TARGETS:
            if re.search(rf"^@?{target}(\s[^:=\n]*)?:(?!=)", text, re.MULTILINE):
                yield Check(name=f"{program} {target}", command=f"{program} {target}", source=file)
                return
    if "tox" in project.python_tools or {"tox", "testenv"} & project.sections("tox.ini"):
        source = "tox.ini" if project.has("tox.ini") else "pyproject.toml"
        yield Check(name="tox", command="tox", source=source)
