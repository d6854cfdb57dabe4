"""`architecture_evidence`: pages of rows that belong together, and nothing of what rules keep back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core.effects import Invocation, Result
from postil.core.errors import NotFound, ToolError
from postil.core.messages import ToolCall
from postil.core.ports import ToolPorts
from postil.tools.builtin.architecture_evidence import CHARACTERS, Principle
from postil.tools.evidence.row import PRINCIPLES
from postil.tools.registry import Registry
from postil.workspace.local import LocalWorkspace
from tests.support.memory_shell import MemoryShell
from tests.unit.tools.calling import desk


class Bench:
    """A workspace on disk, and calls of the tool in it."""

    def __init__(self, root: Path) -> None:
        self.workspace = LocalWorkspace([root], rg=None)

    async def prepare(self, **given: Any) -> Invocation:
        ports = ToolPorts(self.workspace, MemoryShell())
        call = ToolCall(id="1", name="architecture_evidence", input=given)
        return await Registry.collect().prepare(call, ports)

    async def call(self, **given: Any) -> Result:
        invocation = await self.prepare(**given)
        return await invocation.run(desk().context(""))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def rows(result: Result) -> list[tuple[int, str, str]]:
    """Return number, place and quoted line of each row."""
    lines = result.content.split("\n")
    return [
        (int(line.partition(". ")[0]), line.partition(". ")[2], lines[at + 1].removeprefix("   | "))
        for at, line in enumerate(lines)
        if line[:1].isdigit() and lines[at + 1 : at + 2] and lines[at + 1].startswith("   | ")
    ]


def test_the_tool_knows_every_principle() -> None:
    assert set(Principle.__args__) == set(PRINCIPLES)


async def test_the_first_page_has_a_summary_and_rows(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("eval(text)\n")
    invocation = await bench.prepare()
    assert invocation.access.reads == (tmp_path,)
    assert (invocation.access.edits, invocation.access.command, invocation.access.hosts) == ((), None, ())
    result = await bench.call()
    assert result.content.startswith("1 files (0 of tests), 1 lines, 2 rows. Digest ")
    assert "Permission tiers: 1 missing, 1 smell, 0 present" in result.content
    assert [(place, quote) for _, place, quote in rows(result)] == [("main.py:1", "eval(text)")] * 2


async def test_pages_have_every_row_once_and_the_same_digest(bench: Bench, tmp_path: Path) -> None:
    for n in range(80):
        (tmp_path / f"file_{n:02}.py").write_text(
            f"eval('{'x' * 200}' + a{n})\nimport os\nos.system(b{n})\n" * 2
        )
    found: list[tuple[int, str, str]] = []
    digests: set[str] = set()
    first: int | None = 1
    while first is not None:
        result = await bench.call(first=first)
        assert len(result.content) < CHARACTERS + 200
        found += rows(result)
        digests.add(str(result.details["digest"]))
        first = found[-1][0] + 1 if "go on with `first`" in result.content else None
        assert first is None or f"`first` {first}." in result.content
    assert [it[0] for it in found] == list(range(1, len(found) + 1))
    assert len(found) > 100
    assert len(digests) == 1
    for _, place, quote in found:
        name, _, line = place.partition(":")
        assert (tmp_path / name).read_text().split("\n")[int(line) - 1] == quote


async def test_only_a_principle_or_a_kind(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("eval(text)\ndef resume(): ...\n")
    assert [it[1] for it in rows(await bench.call(principle="durability"))] == ["a.py:2"]
    assert [it[1] for it in rows(await bench.call(kind="smell", principle="permission-tiers"))] == ["a.py:1"]
    assert "No row." in (await bench.call(principle="loop")).content
    beyond = await bench.call(first=99)
    assert beyond.is_error
    assert beyond.content == "There are 5 such rows."


async def test_what_rules_keep_back_is_in_no_row(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "open.py").write_text("eval(text)\n")
    for name in ("ignored.py", "kept.py", "withheld.py"):
        (tmp_path / name).write_text("eval(text)\n")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / ".postilignore").write_text("kept.py\n")
    bench.workspace.withhold(lambda _: lambda path: path.name == "withheld.py")
    assert {it[1] for it in rows(await bench.call())} == {"open.py:1"}
    with pytest.raises(ToolError):
        await bench.call(path="kept.py")


async def test_links_lead_nowhere(
    bench: Bench, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "b.py").write_text("eval(text)\n")
    (tmp_path / "linked").symlink_to(outside)
    (tmp_path / "b.py").symlink_to(outside / "b.py")
    assert "no source here" in (await bench.call()).content


async def test_a_secret_in_a_line_is_not_handed_on(bench: Bench, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    (tmp_path / "a.py").write_text(f"eval(text + '{secret}')\n")
    content = (await bench.call()).content
    assert secret not in content
    assert "[redacted:" in content


async def test_one_file_a_folder_and_what_is_not_there(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text("eval(text)\n")
    assert {it[1] for it in rows(await bench.call(path="a/b.py"))} == {"b.py:1"}
    assert {it[1] for it in rows(await bench.call(path="a"))} == {"b.py:1"}
    with pytest.raises(NotFound):
        await bench.call(path="nothing")
