"""Calls that the model makes in these tests."""

from __future__ import annotations

from tests.support.lsp_client import Json

ASK: Json = {"question": "Go on?", "options": ["Yes", "No"]}


def edit(path: str = "app.py", old: str = "a - b", new: str = "a + b") -> Json:
    """One replacement."""
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}}


def run(command: str) -> Json:
    """One command."""
    return {"tool": "shell", "input": {"command": command}}
