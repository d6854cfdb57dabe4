"""`edit` and `write`."""

import asyncio
from pathlib import Path

import pytest

from postil.core.effects import Access, FileChange, FileEdit, text_hash
from postil.core.errors import InvalidInput, NotFound, NotText, OutsideWorkspace, StaleDocument
from postil.core.ports import Problem
from tests.unit.tools.calling import desk

TEXT = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"
PATH = Path("/project/src/calc.py")


async def test_edit_says_all_before_it_does_anything() -> None:
    it = desk({"src/calc.py": TEXT})
    invocation = await it.prepare(
        "edit",
        path="src/calc.py",
        edits=[{"old": "add(a, b):\n    return a - b", "new": "add(a, b):\n    return a + b"}],
    )
    after = TEXT.replace("a - b", "a + b", 1)
    assert (invocation.title, invocation.kind) == ("Edit src/calc.py", "edit")
    made = FileEdit(PATH, text_hash(TEXT), after, TEXT, follows_typing=True)
    assert invocation.access == Access(reads=(PATH,), edits=(made,))
    assert invocation.access.effect_class == "file_edit"
    assert invocation.preview.subject == str(PATH)
    assert "-    return a - b\n+    return a + b\n" in invocation.preview.diff
    assert it.workspace.text("src/calc.py") == TEXT


async def test_edit_returns_a_diff() -> None:
    it = desk({"src/calc.py": TEXT})
    result = await it.call("edit", path="src/calc.py", edits=[{"old": "def sub", "new": "def minus"}])
    assert result.content == (
        "Edited src/calc.py: +1 -1 lines.\n--- a/src/calc.py\n+++ b/src/calc.py\n@@ -2,5 +2,5 @@\n"
        "     return a - b\n \n \n-def sub(a, b):\n+def minus(a, b):\n     return a - b"
    )
    (change,) = result.effects
    assert isinstance(change, FileChange)
    assert (change.added, change.removed, change.where) == (1, 1, "disk")
    assert result.details == {"added": 1, "removed": 1, "where": "disk"}
    assert [(label, change_id) for _, label, change_id in it.workspace.applied] == [
        ("Edit src/calc.py", "change")
    ]


async def test_several_edits_are_made_in_order() -> None:
    it = desk({"a": "one two two\n"})
    edits = [
        {"old": "one", "new": "three"},
        {"old": "three", "new": "four"},
        {"old": "two", "new": "2", "count": 2},
    ]
    await it.call("edit", path="a", edits=edits)
    assert it.workspace.text("a") == "four 2 2\n"


async def test_an_edit_of_an_open_document_is_made_there() -> None:
    it = desk({"a": "one\n"})
    it.workspace.type("a", "one\ntyped\n")
    result = await it.call("edit", path="a", edits=[{"old": "one", "new": "1"}])
    assert it.workspace.text("a") == "1\ntyped\n"
    assert it.workspace.disk[it.workspace.at("a")] == "one\n"
    assert "not saved yet" in result.content


async def test_of_many_problems_the_errors_come_first() -> None:
    it = desk({"a": "one\n"})
    it.workspace.open("a")
    problems = [Problem(line, "warning", "unused") for line in range(1, 40)]
    it.workspace.reported[it.workspace.at("a")] = [*problems, Problem(50, "error", "x" * 500, "checker")]
    result = await it.call("edit", path="a", edits=[{"old": "one", "new": "1"}])
    title, *lines = result.content.partition("The editor reports ")[2].split("\n")
    assert title == "40 problems in it now; 20 of them:"
    assert len(lines) == 20
    assert lines[0].startswith("error, line 50: xxx")
    assert lines[0].endswith("…")
    assert lines[1] == "warning, line 1: unused"


async def test_an_edit_that_is_stopped_while_others_look_at_it_was_made() -> None:
    it = desk({"a": "one\n"})
    it.workspace.open("a")
    looking = asyncio.Event()

    async def look(change: FileChange) -> None:
        assert change.where == "buffer"
        looking.set()
        await asyncio.Event().wait()

    it.workspace.problems = look
    task = asyncio.create_task(it.call("edit", path="a", edits=[{"old": "one", "new": "1"}]))
    await looking.wait()
    task.cancel()
    result = await task
    assert [type(effect) for effect in result.effects] == [FileChange]
    assert it.workspace.text("a") == "1\n"


@pytest.mark.parametrize(
    ("edits", "complaint"),
    [
        ([{"old": "return a * b", "new": "x"}], "nearest line is 2"),
        ([{"old": "return a - b", "new": "x"}], "2 times (line 2, 6), not 1"),
        ([{"old": "return a - b", "new": "x", "count": 3}], "Say count=2"),
        ([{"old": "def add", "new": "def add"}], "are the same"),
        ([{"old": "add", "new": "xyz"}, {"old": "nowhere at all", "new": ""}], "Replacement 2 of 2"),
        ([{"old": "add", "new": "xyz"}, {"old": "xyz", "new": "add"}], "leave the file as it is"),
    ],
)
async def test_an_edit_that_fails_only_reads_and_changes_nothing(
    edits: list[dict[str, object]], complaint: str
) -> None:
    """What a failure tells of the file waits for the permission to read it."""
    it = desk({"src/calc.py": TEXT})
    invocation = await it.prepare("edit", path="src/calc.py", edits=edits)
    assert invocation.access == Access(reads=(PATH,))
    with pytest.raises(InvalidInput) as caught:
        await it.run(invocation)
    assert complaint in str(caught.value)
    assert it.workspace.text("src/calc.py") == TEXT


async def test_edits_of_what_cannot_be_edited() -> None:
    it = desk({"bin": b"\0", "src/calc.py": TEXT})
    edits = [{"old": "a", "new": "b"}]
    with pytest.raises(NotFound, match=r"Close to it: src/calc\.py\. `edit` changes files that are there"):
        await it.prepare("edit", path="src/cal.py", edits=edits)
    with pytest.raises(NotText):
        await it.prepare("edit", path="bin", edits=edits)
    with pytest.raises(OutsideWorkspace):
        await it.prepare("edit", path="../elsewhere", edits=edits)


async def test_an_edit_is_not_made_on_a_text_that_moved_on() -> None:
    it = desk({"a": "one\n"})
    invocation = await it.prepare("edit", path="a", edits=[{"old": "one", "new": "1"}])
    it.workspace.type("a", "one more\n")
    with pytest.raises(StaleDocument):
        await it.run(invocation)
    assert it.workspace.text("a") == "one more\n"
    again = await it.prepare("edit", path="a", edits=[{"old": "one", "new": "1"}])
    assert again.fingerprint != invocation.fingerprint


async def test_line_endings_and_foreign_bytes_survive_an_edit() -> None:
    it = desk({"a": "one\r\ncaf\udce9\r\nend"})
    result = await it.call("edit", path="a", edits=[{"old": "one\n", "new": "1\n2\n"}])
    assert it.workspace.text("a") == "1\r\n2\r\ncaf\udce9\r\nend"
    result.content.encode()


async def test_a_long_diff_is_shortened_for_the_model() -> None:
    it = desk({"a": "x\n" * 20_000})
    result = await it.call("edit", path="a", edits=[{"old": "x", "new": "yy", "count": 20_000}])
    assert len(result.content) < 7_000
    assert "more lines of this diff left out]" in result.content


async def test_write_creates() -> None:
    it = desk()
    invocation = await it.prepare("write", path="new/deep/a.py", content="x = 1\n")
    path = Path("/project/new/deep/a.py")
    assert invocation.title == "Create new/deep/a.py"
    assert invocation.access == Access(edits=(FileEdit(path, None, "x = 1\n", None),))
    assert invocation.preview.diff.startswith("--- /dev/null\n")
    result = await it.run(invocation)
    assert result.content == "Created new/deep/a.py: +1 -0 lines."
    assert it.workspace.text("new/deep/a.py") == "x = 1\n"


async def test_write_replaces_and_does_not_tell_the_old_text() -> None:
    it = desk({"a": "old words\n"})
    await it.call("read", path="a")
    invocation = await it.prepare("write", path="a", content="new words\n")
    assert invocation.title == "Replace a"
    assert invocation.access.edits[0].before == text_hash("old words\n")
    assert "-old words\n+new words\n" in invocation.preview.diff
    result = await it.run(invocation)
    assert "old" not in result.content
    assert it.workspace.text("a") == "new words\n"


async def test_write_of_an_open_document_compares_with_its_text() -> None:
    it = desk({"a": "disk\n"})
    it.workspace.type("a", "typed\n")
    await it.call("read", path="a")
    invocation = await it.prepare("write", path="a", content="new\n")
    assert invocation.access.edits[0].before == text_hash("typed\n")
    await it.run(invocation)
    assert it.workspace.text("a") == "new\n"
    assert it.workspace.disk[it.workspace.at("a")] == "disk\n"


async def test_write_keeps_line_endings() -> None:
    it = desk({"windows": "a\r\nb\r\n", "mixed": "a\r\nb\n", "unix": "a\nb\n"})
    for name in ("windows", "mixed", "unix"):
        await it.call("read", path=name)
        await it.call("write", path=name, content="c\nd\n")
    assert [it.workspace.text(name) for name in ("windows", "mixed", "unix")] == [
        "c\r\nd\r\n",
        "c\nd\n",
        "c\nd\n",
    ]


async def test_what_was_not_seen_is_not_replaced() -> None:
    it = desk({"a": "one\n", "b": "two\n"})
    for tool in ("write", "delete"):
        await it.call("read", path="a")
        it.workspace.type("a", f"typed before {tool}\n")
        it.workspace.save_by_hand("a")
        arguments = {"content": "mine\n"} if tool == "write" else {}
        with pytest.raises(InvalidInput, match="a has changed since you last saw it") as fault:
            await it.call(tool, path="a", **arguments)
        assert "Read it again" in str(fault.value)
    with pytest.raises(InvalidInput, match="b is there already, and you had not seen its text"):
        await it.call("write", path="b", content="mine\n")
    assert it.workspace.text("b") == "two\n"
    await it.call("read", path="a")
    await it.call("delete", path="a")


async def test_what_was_seen_in_part_is_not_replaced() -> None:
    text = "".join(f"{number}\n" for number in range(1, 11))
    it = desk({"a": text})
    for arguments, seen in (
        ({"offset": 12}, "a is there already, and you had not seen its text"),
        ({"limit": 3}, "You have seen only lines 1 to 3 of a as it is now"),
        ({"offset": 6, "limit": 2}, "only lines 1 to 3 of a"),
        ({"offset": 8}, "only lines 1 to 3 of a"),
        ({"offset": 3, "limit": 4}, "only lines 1 to 6 of a"),
    ):
        await it.call("read", path="a", **arguments)
        with pytest.raises(InvalidInput, match=seen):
            await it.call("write", path="a", content="mine\n")
        assert it.workspace.text("a") == text
    await it.call("read", path="a", offset=7)
    await it.call("write", path="a", content="mine\n")
    assert it.workspace.text("a") == "mine\n"


@pytest.mark.parametrize(
    "line",
    ["x" * 2_001, "caf\udce9", "a\u202eb", "key = AKIA" + "QWERTYUIOPASDFGH"],
    ids=["cut", "bytes", "hidden", "secret"],
)
async def test_a_line_that_is_shown_otherwise_is_not_seen(line: str) -> None:
    """Who writes the whole text again would write what was shown of it."""
    it = desk({"a": f"one\n{line}\nthree\n", "b": f"{line}\n"})
    for name, seen in (("a", "lines 1 to 1 of a"), ("b", "a part of b")):
        before = it.workspace.text(name)
        for _ in range(2):
            assert "unchanged" not in (await it.call("read", path=name)).content
        with pytest.raises(InvalidInput, match=f"You have seen only {seen} as it is now") as fault:
            await it.call("write", path=name, content="mine\n")
        assert "counts as not seen" in str(fault.value)
        assert it.workspace.text(name) == before
    await it.call("edit", path="a", edits=[{"old": "one", "new": "two"}])
    assert it.workspace.text("a") == f"two\n{line}\nthree\n"


async def test_a_file_seen_in_part_or_not_at_all_can_be_deleted() -> None:
    it = desk({"a": "1\n2\n", "b": "3\n"})
    await it.call("read", path="a", limit=1)
    for name in ("a", "b"):
        await it.call("delete", path=name)


async def test_an_empty_file_that_was_read_is_replaced() -> None:
    it = desk({"a": ""})
    await it.call("read", path="a", offset=7)
    await it.call("write", path="a", content="mine\n")
    assert it.workspace.text("a") == "mine\n"


async def test_write_of_the_same_is_refused() -> None:
    it = desk({"a": "same\r\n", "empty": ""})
    for name, content in (("a", "same\n"), ("empty", "")):
        invocation = await it.prepare("write", path=name, content=content)
        assert invocation.access.edits == ()
        with pytest.raises(InvalidInput, match="exactly this content already"):
            await it.run(invocation)
    assert it.workspace.applied == []


async def test_write_creates_an_empty_file() -> None:
    it = desk()
    await it.call("write", path="empty", content="")
    assert it.workspace.text("empty") == ""


async def test_write_where_nothing_may_be_written() -> None:
    it = desk({"bin": b"\0", "folder/a": ""})
    with pytest.raises(OutsideWorkspace):
        await it.prepare("write", path="/elsewhere/a", content="x")
    for name in ("bin", "folder"):
        with pytest.raises(NotText):
            await it.prepare("write", path=name, content="x")


async def test_a_file_that_appeared_meanwhile_is_not_overwritten() -> None:
    it = desk()
    invocation = await it.prepare("write", path="a", content="mine\n")
    it.workspace.disk[it.workspace.at("a")] = "theirs\n"
    with pytest.raises(StaleDocument):
        await it.run(invocation)
    assert it.workspace.text("a") == "theirs\n"
