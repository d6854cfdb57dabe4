"""Modules have a name that says what is in them, and a sentence that says what they are for."""

import ast
from pathlib import Path

from tests.architecture.sources import PACKAGE, PYTHON_FOLDERS, parsed, project_files, python_files, shown

SHAPELESS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
SHAPELESS_ENDINGS = ("_helpers", "_manager", "_misc", "_util", "_utils")


def docstring_complaint(path: Path) -> str | None:
    """Say what is wrong with how a module opens, if anything is."""
    tree = parsed(path)
    if path.name == "__init__.py" and not tree.body and not path.is_relative_to(PACKAGE):
        return None
    opening = (ast.get_docstring(tree) or "").partition("\n")[0]
    if not opening:
        return f"{shown(path)} does not say what it is for"
    if not opening.endswith("."):
        return f"{shown(path)} does not open with a sentence on one line: {opening!r}"
    return None


def test_every_module_opens_with_a_sentence() -> None:
    found = [complaint for path in python_files() if (complaint := docstring_complaint(path))]
    assert not found, "\n".join(found)


def test_no_module_or_folder_has_a_shapeless_name() -> None:
    shapeless: set[str] = set()
    for path in project_files():
        for folder in PYTHON_FOLDERS:
            if path.is_relative_to(folder):
                names = [*path.relative_to(folder).parts[:-1], path.stem]
                if any(name in SHAPELESS or name.endswith(SHAPELESS_ENDINGS) for name in names):
                    shapeless.add(shown(path))
    assert not shapeless, "name these for what is in them: " + ", ".join(sorted(shapeless))
