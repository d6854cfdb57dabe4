"""What the source says about a class's fields: the string under each, which Python itself forgets."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache


def field_docs(cls: type) -> dict[str, str]:
    """Return the docstrings of a class's fields by name, those that it inherits included."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("postil."):
            found |= _module_docs(base.__module__).get(base.__qualname__, {})
    return found


def class_doc(cls: type) -> str:
    """Return the first sentence or paragraph of a class's own docstring, on one line."""
    return " ".join(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].split())


@cache
def _module_docs(module: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _fields(node: ast.ClassDef) -> dict[str, str]:
    docs: dict[str, str] = {}
    for field, after in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            docs[field.target.id] = " ".join(str(after.value.value).split())
    return docs
