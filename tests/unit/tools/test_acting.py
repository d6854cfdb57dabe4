"""`shell`, `todo` and `ask_user`."""

from pathlib import Path
from typing import Any

import pytest

from postil.core.effects import Access, Command, Fact, TodoChanged, TodoItem, UserQuestion
from postil.core.errors import CommandFailed
from postil.core.ports import ShellResult
from tests.support.memory_shell import MemoryShell, ended
from tests.unit.tools.calling import Desk, desk

ROOT = Path("/project")


async def test_shell_says_what_it_would_run() -> None:
    it = desk()
    invocation = await it.prepare("shell", command="pytest -q", timeout=30)
    command = Command("pytest -q", ROOT, 30.0)
    assert (invocation.title, invocation.kind) == ("Run pytest -q", "execute")
    assert invocation.access == Access(command=command, open_world=True)
    assert invocation.access.effect_class == "shell"
    assert invocation.preview.subject == "pytest -q"
    assert invocation.preview.facts == (
        Fact(name="runs", text="the shell alone"),
        Fact(name="in", text="/project"),
    )
    assert it.shell.commands == []


async def test_shell_runs_and_streams() -> None:
    it = desk(shell=MemoryShell({"pytest -q": ended("1 failed\n", 1, 2.5)}))
    result = await it.call("shell", command="pytest -q")
    assert result.content == "1 failed\nexit code 1"
    assert not result.is_error
    assert result.details == {"exit_code": 1, "seconds": 2.5, "left_out": 0, "timed_out": False}
    assert (it.progress, it.children) == (["1 failed\n"], [1001])
    assert it.shell.commands == [Command("pytest -q", ROOT, 120.0)]


@pytest.mark.parametrize(
    ("answer", "ending", "is_error"),
    [
        (ended("", 0), "(no output)\nexit code 0", False),
        (
            ended("so far\n", None),
            "so far\nEnded after 120 seconds, its time limit; it had not finished.",
            True,
        ),
        (ended("", -9), "(no output)\nexit code -9 (ended by SIGKILL)", False),
        (ended("", -99), "(no output)\nexit code -99 (ended by signal 99)", False),
    ],
)
async def test_how_commands_end(answer: ShellResult, ending: str, is_error: bool) -> None:
    result = await desk(shell=MemoryShell({"x": answer})).call("shell", command="x")
    assert (result.content, result.is_error) == (ending, is_error)


async def test_a_command_that_cannot_be_started() -> None:
    it = desk(shell=MemoryShell({"x": CommandFailed("No shell is here.")}))
    with pytest.raises(CommandFailed):
        await it.call("shell", command="x")


async def test_long_output_is_cut_in_the_middle() -> None:
    output = "".join(f"line {number}\n" for number in range(10_000))
    it = desk(shell=MemoryShell({"x": ended(output, 0, left_out=1_000)}))
    result = await it.call("shell", command="x")
    assert len(result.content) <= 30_000
    assert result.content.startswith("line 0\n")
    assert "line 9999\n[" in result.content
    assert result.content.endswith("exit code 0")
    left_out = result.details["left_out"]
    assert (
        f"{left_out:,} characters of output left out; run it again with its output in a file"
        in result.content
    )
    kept = sum(len(line) + 1 for line in result.content.split("\n") if line.startswith("line "))
    assert left_out == len(output) - kept + 1_000


async def test_titles_are_one_line_and_show_what_would_mislead() -> None:
    it = desk()
    invocation = await it.prepare("shell", command="echo a\nrm -rf \x1b[8m/\u202e" + "x" * 100)
    assert invocation.title.startswith("Run echo a ⏎ rm -rf \\x1b[8m/\\u202exx")
    assert len(invocation.title) == 80
    assert invocation.preview.subject.startswith("echo a\nrm -rf \\x1b[8m/\\u202exx")
    assert invocation.access.command is not None
    assert "\x1b" in invocation.access.command.line


async def edited(it: Desk, name: str) -> None:
    await it.call("edit", path=name, edits=[{"old": "x", "new": "y"}])


async def test_what_we_edited_is_saved_before_a_command() -> None:
    it = desk({"ours": "x\n"})
    it.workspace.open("ours")
    await edited(it, "ours")
    seen: list[object] = []

    async def look(_: Command) -> ShellResult:
        seen.append(it.workspace.disk[it.workspace.at("ours")])
        return ended()

    it.shell.answers["test"] = look
    invocation = await it.prepare("shell", command="test")
    assert invocation.access.saves == ()
    await it.run(invocation)
    assert seen == ["y\n"]


async def test_the_persons_own_typing_is_saved_only_when_the_question_named_it() -> None:
    it = desk({"theirs": "x\n", "later": "z\n"})
    it.workspace.type("theirs", "x\ntyped\n")
    it.workspace.open("later")
    await edited(it, "theirs")
    invocation = await it.prepare("shell", command="test")
    assert invocation.access.saves == (ROOT / "theirs",)
    assert Fact(name="saves", text="theirs") in invocation.preview.facts
    it.workspace.type("later", "typed after the question\n")
    result = await it.run(invocation)
    assert it.workspace.saved == [ROOT / "theirs"]
    assert "[Left unsaved, because the user is typing there: later.]" in result.content


async def test_a_file_that_something_else_wrote_is_overwritten_only_when_the_question_said_so() -> None:
    it = desk({"told": "x\n", "later": "z\n"})
    for name in ("told", "later"):
        it.workspace.type(name, "typed\n")
    it.workspace.overwritten = {ROOT / "told"}
    invocation = await it.prepare("shell", command="test")
    assert Fact(name="overwrites", text="what something else wrote to told") in invocation.preview.facts
    it.workspace.overwritten = {ROOT / "told", ROOT / "later"}
    result = await it.run(invocation)
    assert it.workspace.saved == [ROOT / "told"]
    assert "[Left unsaved, because something else has just written these files: later.]" in result.content


async def test_an_editor_that_cannot_save_is_not_said_to() -> None:
    it = desk({"theirs": "x\n"})
    it.workspace.can_save = False
    it.workspace.type("theirs", "typed\n")
    invocation = await it.prepare("shell", command="test")
    assert (invocation.access.saves, invocation.access.unsaved) == ((), (ROOT / "theirs",))
    assert [fact.name for fact in invocation.preview.facts] == ["runs", "in", "waits"]
    assert Fact(name="waits", text="until you have saved theirs") in invocation.preview.facts
    result = await it.run(invocation)
    assert it.workspace.saved == []
    assert result.content == (
        "(no output)\n[Not saved, so the command saw older text of: theirs.]\nexit code 0"
    )


async def test_what_cannot_be_saved_is_said() -> None:
    it = desk({"ours": "x\n"})
    it.workspace.open("ours")
    it.workspace.unsavable.add(ROOT / "ours")
    await edited(it, "ours")
    result = await it.call("shell", command="test")
    assert result.content == (
        "(no output)\n[Could not be saved, so the command saw older text of: ours.]\nexit code 0"
    )


async def test_todo() -> None:
    it = desk()
    items = [{"text": "Find it", "status": "completed"}, {"text": "Mend it"}]
    invocation = await it.prepare("todo", items=items)
    assert (invocation.title, invocation.access) == ("Update the plan", Access())
    result = await it.run(invocation)
    assert result.content == "The plan has 2 items, 1 completed."
    assert result.effects == (
        TodoChanged((TodoItem(text="Find it", status="completed"), TodoItem(text="Mend it"))),
    )
    assert (await it.call("todo", items=[])).content == "The plan is empty now."


@pytest.mark.parametrize("options", [None, [], ["Yes", "No"]])
async def test_ask_user(options: list[str] | None) -> None:
    arguments: dict[str, Any] = {"question": "Which\u202e one?", "options": options}
    result = await desk().call("ask_user", **arguments)
    assert result.effects == (UserQuestion("Which\\u202e one?", tuple(options or ())),)
