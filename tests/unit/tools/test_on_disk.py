"""The tools over the real workspace and the real shell."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from postil.core.effects import Result, RunContext
from postil.core.errors import InvalidInput, NotFound, NotText, OutsideWorkspace
from postil.core.messages import ToolCall
from postil.core.ports import ToolPorts
from postil.permissions.keeping_back import kept_back
from postil.permissions.policy import Policy
from postil.permissions.rule import parse
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.local import LocalWorkspace
from tests.unit.tools.calling import registry
from tests.unit.tools.sight import Sight


class Bench:
    """A folder on the disk, and tools run in it."""

    def __init__(self, root: Path, *more: Path) -> None:
        self.root = root
        self.workspace = LocalWorkspace([root, *more])
        self.shell = LocalShell()
        self.progress: list[str] = []
        self.seen = Sight()

    async def call(self, tool: str, **arguments: object) -> Result:
        call = ToolCall.model_validate({"id": "1", "name": tool, "input": arguments})
        invocation = await registry.prepare(call, ToolPorts(self.workspace, self.shell, seen=self.seen.get))

        async def spawned(pid: int, started: float) -> None:
            assert pid > 0

        result = await invocation.run(
            RunContext("1", "change", invocation.title, self.progress.append, spawned)
        )
        self.seen.note(result)
        return result


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_bytes(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    (tmp_path / "latin").write_bytes(b"caf\xe9\n")
    (tmp_path / "bin").write_bytes(b"\x7fELF\0\0")
    it = Bench(tmp_path)
    yield it
    it.shell.close()
    it.workspace.close()


async def test_reading(bench: Bench) -> None:
    assert (await bench.call("read", path="src/a.py")).content == "    1\tx = 1\n    2\ty = 2"
    assert (await bench.call("read", path="latin")).content.startswith(
        "    1\tcaf\ufffd\n[Bytes that are not"
    )
    assert (await bench.call("list")).content == "bin  6\nlatin  5\nsrc/"
    assert (await bench.call("glob", pattern="**/*.py")).content == "src/a.py"
    assert (await bench.call("grep", pattern="y = .")).content == "src/a.py\n2: y = 2"
    assert (await bench.call("grep", pattern="y = .", path="src/a.py")).content == "src/a.py\n2: y = 2"
    for path, fault in (("bin", NotText), ("src", NotText), ("nowhere", NotFound)):
        with pytest.raises(fault):
            await bench.call("read", path=path)
    with pytest.raises(InvalidInput):
        await bench.call("grep", pattern="(")


async def test_without_a_path_every_folder_of_the_workspace_is_searched(tmp_path: Path) -> None:
    """One of them lies in another, and one is gone."""
    roots = [tmp_path / it for it in ("one", "two", "one/sub", "gone")]
    for root, name in zip(roots[:3], ("a.py", "b.py", "c.py"), strict=True):
        root.mkdir()
        (root / name).write_text("x\ny\n")
    it = Bench(*roots)
    try:
        inner = it.workspace.display(roots[2] / "c.py")
        gone = "Left out: gone does not exist."
        assert (await it.call("glob", pattern="**/*.py")).content == f"a.py\n{inner}\ntwo/b.py\n[{gone}]"
        assert (await it.call("grep", pattern="x")).content == (
            f"a.py\n1: x\n\n{inner}\n1: x\n\ntwo/b.py\n1: x\n[{gone}]"
        )
        few = await it.call("grep", pattern="x", limit=2)
        assert "b.py" not in few.content
        assert few.details == {"matches": 2, "complete": False}
        assert (await it.call("glob", pattern="**/*.py", path="two")).content == "two/b.py"
        with pytest.raises(NotFound):
            await it.call("glob", pattern="*", path="gone")
    finally:
        it.shell.close()
        it.workspace.close()


async def test_editing_keeps_mark_and_endings(bench: Bench) -> None:
    result = await bench.call("edit", path="src/a.py", edits=[{"old": "x = 1\n", "new": "x = 1\nz = 3\n"}])
    assert (bench.root / "src" / "a.py").read_bytes() == b"\xef\xbb\xbfx = 1\r\nz = 3\r\ny = 2\r\n"
    assert "+z = 3" in result.content
    await bench.call("read", path="src/a.py")
    await bench.call("write", path="src/a.py", content="all = 1\n")
    assert (bench.root / "src" / "a.py").read_bytes() == b"\xef\xbb\xbfall = 1\r\n"
    await bench.call("write", path="new/deep/b.py", content="b = 1\n")
    assert (bench.root / "new" / "deep" / "b.py").read_bytes() == b"b = 1\n"
    with pytest.raises(OutsideWorkspace):
        await bench.call("write", path="../b.py", content="b = 1\n")


async def test_commands(bench: Bench) -> None:
    result = await bench.call("shell", command="echo out; echo err >&2; exit 3")
    assert result.content.split("\n")[-1] == "exit code 3"
    assert {"out", "err"} <= set(result.content.split("\n"))
    assert "out" in "".join(bench.progress)
    slow = await bench.call("shell", command="echo begun; sleep 30", timeout=0.3)
    assert slow.content == "begun\nEnded after 0.3 seconds, its time limit; it had not finished."
    assert slow.is_error


async def test_rules_keep_files_out_of_lists_and_searches(bench: Bench) -> None:
    policy = Policy((parse("Read(src/**)", "deny", "user"),), bench.workspace.roots)
    bench.workspace.withhold(lambda start: kept_back(start, policy))
    assert (await bench.call("list")).content == (
        "bin  6\nlatin  5\n[Left out: 1 name that rules keep back.]"
    )
    told = "Left out: 1 file that rules keep back."
    assert (await bench.call("grep", pattern="y = .")).content == f"No line matches y = .. {told}"
    assert (await bench.call("glob", pattern="**/*.py")).content == f"No file matches **/*.py. {told}"
