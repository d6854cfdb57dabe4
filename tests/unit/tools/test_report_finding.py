"""`report_finding`: the quoted lines are the file's, or nothing is reported and the reason is told."""

from __future__ import annotations

from typing import Any

import pytest

from postil.core.effects import Access
from postil.core.errors import InvalidInput, OutsideWorkspace, ToolError
from postil.core.finding import Finding
from tests.unit.tools.calling import desk

SECRET = "ghp_" + "a1B2" * 9
FILES = {
    "a.py": "import os\n\ndef mean(xs):\n    return sum(xs) / len(xs)\n",
    "crlf.py": "a = 1\r\nb = 2\r\n",
    "key.py": f'one = 1\nTOKEN = "{SECRET}"\n',
    "blank.py": "\n\n",
}
GIVEN: dict[str, Any] = {
    "path": "a.py",
    "line": 4,
    "quote": "    return sum(xs) / len(xs)",
    "severity": "error",
    "message": "It divides by zero where `xs` is empty.",
}


async def report(**other: Any) -> Finding:
    result = await desk(FILES).call("report_finding", **{**GIVEN, **other})
    (finding,) = result.effects
    assert isinstance(finding, Finding)
    assert not result.is_error
    return finding


async def test_a_finding_is_handed_back_with_its_lines() -> None:
    result = await desk(FILES).call("report_finding", **GIVEN)
    assert result.content == "Reported at a.py:4."
    assert result.effects == (Finding.model_validate({**GIVEN, "path": "/project/a.py"}),)
    several = await report(line=3, quote="def mean(xs):\n    return sum(xs) / len(xs)\n", replacement="")
    assert (several.line, several.last_line, several.replacement) == (3, 4, "")
    assert (await report(path="crlf.py", line=1, quote="a = 1\nb = 2")).quote == "a = 1\nb = 2"
    assert (await report(path="blank.py", line=2, quote="")).quote == ""


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            {"quote": "    return sum(xs)"},
            "Line 4 of a.py is not what you quote; there stands:     return sum(xs) / len(xs)",
        ),
        ({"quote": "return sum(xs) / len(xs)"}, "Line 4 of a.py is not what you quote"),
        ({"quote": "    return sum(xs) / len(xs) "}, "Line 4 of a.py is not what you quote"),
        ({"quote": "4: " + GIVEN["quote"]}, "without line numbers"),
        ({"line": 3}, "there stands: def mean(xs): The quote stands at line 4."),
        ({"line": 3, "quote": "def mean(xs):\n    pass"}, "Line 4 of a.py is not what you quote"),
        ({"line": 2}, "there stands: an empty line"),
        ({"line": 5}, "a.py has 4 lines; line 5 is past its end."),
        ({"quote": GIVEN["quote"] + "\nmore"}, "a.py ends at line 4, and the quote goes on."),
    ],
)
async def test_a_quote_that_is_not_the_files_is_no_finding(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk(FILES).call("report_finding", **{**GIVEN, **wrong})
    assert reason in str(caught.value)


async def test_the_quote_is_held_against_what_the_person_sees() -> None:
    it = desk(FILES)
    it.workspace.type("a.py", "import os\n")
    with pytest.raises(InvalidInput, match=r"a\.py has 1 line; line 4 is past its end"):
        await it.call("report_finding", **GIVEN)
    assert (await it.call("report_finding", **{**GIVEN, "line": 1, "quote": "import os"})).effects


async def test_lines_with_a_secret_are_quoted_as_they_were_shown_and_never_replaced() -> None:
    shown = 'TOKEN = "[redacted: GitHub token]"'
    read = await desk(FILES).call("read", path="key.py")
    mark = read.content[read.content.index("[redacted: ") : read.content.index("]") + 1]
    shown = f'TOKEN = "{mark}"'
    finding = await report(path="key.py", line=2, quote=shown)
    assert finding.quote == shown
    for given in (
        {"path": "key.py", "line": 2, "quote": shown, "replacement": 'TOKEN = ""'},
        {"replacement": f"TOKEN = {SECRET!r}"},
        {"replacement": shown},
    ):
        with pytest.raises(InvalidInput, match="Where a secret stands"):
            await report(**given)


async def test_it_reads_one_file_of_the_workspace_and_nothing_else() -> None:
    invocation = await desk(FILES).prepare("report_finding", **GIVEN)
    (path,) = invocation.access.reads
    assert invocation.access == Access(reads=(path,))
    assert (str(path), invocation.access.effect_class) == ("/project/a.py", "none")
    with pytest.raises(OutsideWorkspace):
        await desk(FILES).prepare("report_finding", **{**GIVEN, "path": "/etc/passwd"})
    with pytest.raises(ToolError, match=r"nothing\.py"):
        await desk(FILES).call("report_finding", **{**GIVEN, "path": "nothing.py"})


@pytest.mark.parametrize(
    "field", [{"message": "  "}, {"severity": "fatal"}, {"line": 0}, {"replacement": "\0"}]
)
async def test_what_does_not_fit_is_told(field: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await desk(FILES).prepare("report_finding", **{**GIVEN, **field})
