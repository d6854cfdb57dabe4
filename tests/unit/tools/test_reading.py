"""`read`, `list`, `glob` and `grep`."""

from pathlib import Path

import pytest

from postil.core.effects import Access
from postil.core.errors import CannotBeNamed, Ignored, InvalidInput, NotFound, NotText, ToolError
from tests.unit.tools.calling import desk


async def test_read_numbers_lines() -> None:
    it = desk({"src/a.py": "import os\n\nprint(os.name)\n"})
    invocation = await it.prepare("read", path="src/a.py")
    assert (invocation.title, invocation.kind) == ("Read src/a.py", "read")
    assert invocation.access == Access(reads=(Path("/project/src/a.py"),))
    result = await it.run(invocation)
    assert result.content == "    1\timport os\n    2\t\n    3\tprint(os.name)"
    assert result.details == {"lines": 3, "of": 3}


async def test_read_sees_what_the_person_typed_and_says_so() -> None:
    it = desk({"a.py": "old\n"})
    it.workspace.type("a.py", "new\n")
    assert (await it.call("read", path="a.py")).content == (
        "    1\tnew\n[The editor's text, with changes that are not saved.]"
    )
    it.workspace.type("a.py", "old\n")
    assert (await it.call("read", path="a.py")).content == "    1\told"
    it.workspace.type("a.py", "")
    assert (await it.call("read", path="a.py")).content == (
        "a.py is empty (the editor's text, with changes that are not saved)."
    )


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (1, 2, "    1\tl1\n    2\tl2\n[Lines 1 to 2 of 5; to go on, read with offset=3.]"),
        (4, None, "    4\tl4\n    5\tl5\n[Lines 4 to 5, the last.]"),
        (5, 100, "    5\tl5\n[Lines 5 to 5, the last.]"),
        (6, None, "a.txt has 5 lines; offset 6 is past its end."),
        (10**30, None, f"a.txt has 5 lines; offset {10**30} is past its end."),
    ],
)
async def test_read_a_part(offset: int, limit: int | None, expected: str) -> None:
    it = desk({"a.txt": "l1\nl2\nl3\nl4\nl5\n"})
    assert (await it.call("read", path="a.txt", offset=offset, limit=limit)).content == expected


async def test_read_stops_after_two_thousand_lines() -> None:
    it = desk({"a.txt": "x\n" * 2_500})
    content = (await it.call("read", path="a.txt")).content
    assert content.endswith(" 2000\tx\n[Lines 1 to 2,000 of 2,500; to go on, read with offset=2001.]")
    assert (await it.call("read", path="a.txt", offset=2001)).content.startswith(" 2001\tx\n")


async def test_read_keeps_to_its_length_and_says_where_to_go_on() -> None:
    it = desk({"a.txt": "".join(f"{'y' * 99}\n" for _ in range(1_000))})
    content = (await it.call("read", path="a.txt")).content
    assert len(content) <= 30_000
    last = content.split("\n")[-2].split("\t")[0].strip()
    assert content.endswith(f"to go on, read with offset={int(last) + 1}.]")


async def test_read_cuts_long_lines() -> None:
    it = desk({"a.txt": "z" * 5_000 + "\nend"})
    lines = (await it.call("read", path="a.txt")).content.split("\n")
    assert lines[0].endswith("z [… 3,000 more characters]")
    assert lines[1] == "    2\tend"
    assert lines[2].startswith("[Lines over 2,000 characters are cut;")


async def test_read_counts_only_line_feeds_and_hides_carriage_returns() -> None:
    it = desk({"a.txt": "one\r\ntwo\x0cstill two\u2028and still\r\n"})
    content = (await it.call("read", path="a.txt")).content
    assert content.startswith("    1\tone\n    2\ttwo\x0cstill two\u2028and still")


async def test_read_makes_foreign_bytes_displayable_and_says_so_once() -> None:
    it = desk({"a.txt": "caf\udce9\nth\udce9\n"})
    content = (await it.call("read", path="a.txt")).content
    assert content.startswith("    1\tcaf\ufffd\n    2\tth\ufffd\n[Bytes that are not UTF-8 are shown as")
    assert content.count("UTF-8") == 1
    content.encode()


async def test_read_what_cannot_be_read() -> None:
    it = desk({"src/settings.py": "", "bin": b"\0", "secret": "x"})
    it.workspace.ignored.add(it.workspace.at("secret"))
    assert (await it.call("read", path="src/settings.py")).content == "src/settings.py is empty."
    with pytest.raises(NotText):
        await it.call("read", path="bin")
    with pytest.raises(NotText, match="folder"):
        await it.call("read", path="src")
    with pytest.raises(Ignored):
        await it.prepare("read", path="secret")
    with pytest.raises(NotFound, match=r"Close to it: src/settings\.py"):
        await it.call("read", path="src/setings.py")
    with pytest.raises(NotFound) as caught:
        await it.call("read", path="/elsewhere/x")
    assert caught.value.mend == ""


@pytest.mark.parametrize("tool", ["read", "edit", "delete"])
async def test_a_name_that_is_not_utf_8_is_said_to_be(tool: str) -> None:
    it = desk({"caf\udce9.txt": "x\n"})
    arguments = {"edits": [{"old": "x", "new": "y"}]} if tool == "edit" else {}
    with pytest.raises(CannotBeNamed, match=r"^The file's name is not UTF-8, so it cannot be named here\."):
        await it.call(tool, path="caf\ufffd.txt", **arguments)


async def test_read_outside_the_workspace_is_for_permission_to_decide() -> None:
    it = desk({"/etc/hosts": "localhost\n"})
    invocation = await it.prepare("read", path="/etc/hosts")
    assert invocation.access.reads == (Path("/etc/hosts"),)
    assert invocation.title == "Read /etc/hosts"
    assert (await it.run(invocation)).content == "    1\tlocalhost"


async def test_titles_show_what_would_mislead() -> None:
    name = "a\u202egpj\n" + "x" * 100
    title = (await desk({name: ""}).prepare("read", path=name)).title
    assert title.startswith("Read a\\u202egpj ⏎ xxx")
    assert len(title) == 80


async def test_list() -> None:
    it = desk({"b/c.py": "", "a.txt": "12345", "odd\nname": ""})
    invocation = await it.prepare("list")
    assert (invocation.title, invocation.access.reads) == ("List .", (Path("/project"),))
    assert (await it.run(invocation)).content == "a.txt  5\nb/\nodd\\nname  0"
    assert (await it.call("list", path="b")).content == "c.py  0"
    assert (await it.call("list", path="")).content.startswith("a.txt")
    assert (await desk().call("list")).content == ". is empty."
    for wrong in ("none", "a.txt"):
        with pytest.raises(NotFound):
            await it.call("list", path=wrong)


async def test_list_of_very_many() -> None:
    it = desk({f"file-{number:05}.txt": "" for number in range(5_000)})
    content = (await it.call("list")).content
    assert len(content) <= 30_000
    assert content.endswith("of 5,000 names left out; `glob` finds files by pattern.]")


async def test_glob() -> None:
    it = desk({"src/a.py": "", "src/b.js": "", "tests/deep/c.py": "", "d.py": ""})
    assert (await it.call("glob", pattern="**/*.py")).content == "d.py\nsrc/a.py\ntests/deep/c.py"
    assert (await it.call("glob", pattern="*.py", path="tests")).content == "tests/deep/c.py"
    result = await it.call("glob", pattern="*.rs")
    assert (result.content, result.details) == ("No file matches *.rs.", {"matches": 0})
    invocation = await it.prepare("glob", pattern="src/*.{py,js}", path="src")
    assert (invocation.title, invocation.kind) == ("Find src/*.{py,js}", "search")
    assert invocation.access == Access(reads=(Path("/project/src"),))
    with pytest.raises(InvalidInput):
        await it.call("glob", pattern="/")


async def test_glob_of_very_many() -> None:
    it = desk({f"f{number:05}": "" for number in range(1_500)})
    content = (await it.call("glob", pattern="**")).content
    assert content.endswith("[The first 1,000 paths; there are more. Narrow the pattern or the path.]")


async def test_grep() -> None:
    it = desk({"src/a.py": "def f():\n    return 1\n", "src/b.py": "x = f()\n", "c.md": "def f in words\n"})
    it.workspace.type("src/b.py", "y = 0\nx = f()  # typed\n")
    invocation = await it.prepare("grep", pattern=r"f\(\)")
    assert (invocation.title, invocation.kind) == (r"Search for f\(\)", "search")
    assert invocation.access == Access(reads=(Path("/project"),))
    result = await it.run(invocation)
    assert result.content == "src/a.py\n1: def f():\n\nsrc/b.py\n2: x = f()  # typed"
    assert result.details == {"matches": 2, "complete": True}


async def test_grep_narrowed() -> None:
    it = desk({"a.py": "F(x)\nf(x)\n", "b.md": "f(x)\n"})
    assert (await it.call("grep", pattern="f(x", literal=True, glob="*.py")).content == "a.py\n2: f(x)"
    everywhere = await it.call("grep", pattern="f(x", literal=True, ignore_case=True)
    assert everywhere.details["matches"] == 3
    assert (await it.call("grep", pattern="f", path="b.md")).content == "b.md\n1: f(x)"
    assert (await it.call("grep", pattern="nowhere")).content == "No line matches nowhere."
    limited = await it.call("grep", pattern="f", ignore_case=True, limit=1)
    assert limited.content.endswith(
        "[The first 1 match; there are more. Narrow the search, or raise `limit`.]"
    )
    with pytest.raises(InvalidInput, match="regular expression"):
        await it.call("grep", pattern="f(x")


async def test_grep_keeps_to_its_length() -> None:
    it = desk({"a.txt": f"needle {'x' * 1_000}\n" * 500})
    content = (await it.call("grep", pattern="needle", limit=500)).content
    assert len(content) <= 30_000
    assert all(len(line) < 420 for line in content.split("\n"))
    assert content.endswith("Narrow the pattern, the path or the glob.]")


@pytest.mark.parametrize("tool", ["read", "list", "grep", "glob"])
async def test_paths_that_are_none(tool: str) -> None:
    pattern = {} if tool in {"read", "list"} else {"pattern": "x"}
    with pytest.raises(ToolError):
        await desk().prepare(tool, path="\0", **pattern)
