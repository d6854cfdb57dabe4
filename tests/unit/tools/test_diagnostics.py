"""`diagnostics`: what the editor reports of the text that documents have now, and what is not known."""

from __future__ import annotations

from pathlib import Path

from postil.core.effects import Access
from postil.core.ports import Problem
from tests.unit.tools.calling import Desk, desk

ROOT = Path("/project")
FILES = {"src/a.py": "a = 1\n", "src/b.py": "b = 1\n", "c.py": "c = 1\n"}


def opened(*names: str, **reported: list[Problem]) -> Desk:
    it = desk(FILES)
    for name in names:
        it.workspace.type(name, FILES[name])
    it.workspace.reported = {
        ROOT / name.replace("__", "/").replace("_py", ".py"): found for name, found in reported.items()
    }
    return it


async def test_problems_come_errors_first_with_file_and_line() -> None:
    late = Problem(9, "error", "name 'x' is not defined\nlook", "pyright reportUndefinedVariable")
    it = opened(
        "src/a.py",
        "c.py",
        src__a_py=[Problem(2, "warning", "unused"), late],
        c_py=[Problem(1, "error", "no")],
    )
    result = await it.call("diagnostics")
    first, second, third = result.content.split("\n")
    assert first == "c.py:1: error: no"
    assert second.startswith("src/a.py:9: error: name 'x' is not defined")
    assert second.endswith("(pyright reportUndefinedVariable)")
    assert third == "src/a.py:2: warning: unused"
    assert (result.is_error, result.details) == (False, {"problems": 3, "documents": 2, "unknown": 0})


async def test_a_path_narrows_it() -> None:
    it = opened(
        "src/a.py",
        "src/b.py",
        "c.py",
        src__a_py=[Problem(1, "error", "in a")],
        src__b_py=[],
        c_py=[Problem(1, "error", "in c")],
    )
    assert (await it.call("diagnostics", path="src")).content == "src/a.py:1: error: in a"
    assert (await it.call("diagnostics", path="src/b.py")).content == "No errors and no warnings in src/b.py."


async def test_warnings_can_be_left_out_and_what_is_left_out_is_not_called_clean() -> None:
    it = opened("c.py", c_py=[Problem(1, "warning", "unused"), Problem(2, "error", "no")])
    assert (await it.call("diagnostics", severity="error")).content == "c.py:2: error: no"
    both = "c.py:2: error: no\nc.py:1: warning: unused"
    assert (await it.call("diagnostics", severity="warning")).content == both
    it = opened("c.py", c_py=[Problem(1, "warning", "unused")])
    assert (await it.call("diagnostics", severity="error")).content == "No errors in c.py."


async def test_what_is_not_known_is_called_unknown_and_never_clean() -> None:
    it = opened("src/a.py", "c.py", c_py=[])
    result = await it.call("diagnostics")
    clean, unknown = result.content.split("\n")
    assert clean == "No errors and no warnings in c.py."
    assert unknown.startswith(
        "Unknown, as the editor does not say it of the text as it stands now (1 document): src/a.py."
    )
    assert result.details == {"problems": 0, "documents": 1, "unknown": 1}
    alone = await it.call("diagnostics", path="src/a.py")
    assert "No errors" not in alone.content


async def test_without_an_editor_it_says_what_to_do() -> None:
    assert (await desk(FILES).call("diagnostics")).content == (
        "Unknown: No document of the workspace is open in an editor that tells Postil, so nobody reports problems. Run the project's checks by `shell`."
    )
    closed = await opened("c.py", c_py=[]).call("diagnostics", path="src")
    assert closed.content.startswith(
        "Unknown: Nothing in /project/src is open in an editor that tells Postil"
    )


async def test_it_is_judged_as_reading_the_place() -> None:
    it = opened("c.py")
    assert (await it.prepare("diagnostics")).access == Access(reads=(ROOT,))
    narrowed = await it.prepare("diagnostics", path="../elsewhere")
    assert narrowed.access.reads == (Path("/elsewhere"),)
    assert narrowed.title == "Look at the problems in ../elsewhere"


async def test_many_problems_are_cut_and_secrets_taken_out() -> None:
    secret = "ghp_" + "a1B2" * 9
    many = [Problem(line, "warning", "w" * 390) for line in range(1, 200)]
    it = opened("c.py", c_py=[*many, Problem(5, "error", f"bad literal {secret}")])
    result = await it.call("diagnostics")
    assert "a1B2a1" not in result.content
    assert len(result.content) < 30_000
    assert result.content.split("\n")[0].startswith("c.py:5: error")
    assert "of 200, errors first. Narrow the path.]" in result.content
