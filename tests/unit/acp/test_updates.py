"""Events become updates: a reply is told once, streamed or not, and one that begins again is told whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from postil.acp.calls import Calls
from postil.acp.updates import Updates
from postil.core.delegation import SubagentFinished, SubagentStarted
from postil.core.ephemeral import ModelRetrying, TextDelta
from postil.core.event import Event
from postil.core.events import CallFinished, CallStarted, FileChanged, ModelReplied
from postil.core.messages import AssistantMessage, Text, ToolCall, Usage


async def kept(key: str) -> str | None:
    return {"before": "old\n", "after": "new\n"}.get(key)


def updates() -> Updates:
    return Updates(Calls(lambda _: "edit", kept, Path("/w")))


def replied(*blocks: Any) -> ModelReplied:
    return ModelReplied(
        turn_id="t", step=1, model="m", message=AssistantMessage(content=blocks), usage=Usage(), stop_reason="end_turn",
        seconds=0.0,
    )  # fmt: skip


def delta(text: str) -> TextDelta:
    return TextDelta(turn_id="t", step=1, text=text)


async def told(made: Updates, *events: Event) -> list[Any]:
    return [update for event in events for update in await made.of(event)]


def words(found: list[Any]) -> list[tuple[str, str | None]]:
    return [(it.content.text, it.message_id) for it in found]


async def test_only_what_was_not_streamed_is_told_at_the_end() -> None:
    found = await told(updates(), delta("One "), delta("two"), replied(Text(text="One two three")))
    assert words(found) == [("One ", "t-1"), ("two", "t-1"), (" three", "t-1")]
    assert words(await told(updates(), replied(Text(text="Whole")))) == [("Whole", "t-1")]


async def test_a_reply_that_begins_again_is_another_message() -> None:
    broken = ModelRetrying(
        turn_id="t",
        step=1,
        attempt=1,
        of=5,
        seconds=2.0,
        message="It broke off.",
        kind="connection",
        why="No connection",
    )
    found = await told(updates(), delta("One"), broken, delta("Uno"), replied(Text(text="Uno due")))
    (first, note, second, rest) = words(found)
    assert first == ("One", "t-1")
    assert "It broke off. It begins again. Next try in 2 s (1 of 5)." in note[0]
    assert (second, rest) == (("Uno", "t-1-2"), (" due", "t-1-2"))


async def test_a_change_is_told_by_both_texts_or_as_a_patch_where_they_are_not_kept() -> None:
    def changed(after: str) -> FileChanged:
        return FileChanged(
            turn_id="t", call_id="c", change_id="x", label="Edit", path="/w/a", before="before", after=after,
            added=1, removed=1, where="disk", diff="-old\n+new",
        )  # fmt: skip

    call = ToolCall(id="c", name="edit", input={"path": "a"})
    end = CallFinished(turn_id="t", call_id="c", tool="edit", outcome="completed", content="Edited.")
    *_, last = await told(updates(), replied(call), changed("after"), end)
    (diff,) = last.content
    assert (diff.path, diff.old_text, diff.new_text) == ("/w/a", "old\n", "new\n")
    *_, last = await told(updates(), replied(call), changed("gone"), end)
    assert last.content[0].content.text == "```diff\n-old\n+new\n```"


async def test_output_stays_in_its_fence() -> None:
    end = CallFinished(
        turn_id="t", call_id="c", tool="shell", outcome="completed", content="a\n````\n# not a heading\u202e"
    )
    (found,) = await told(updates(), end)
    text = found.content[0].content.text
    assert text.startswith("`````\n")
    assert text.endswith("\n`````")
    assert "\u202e" not in text


async def test_what_sub_agents_do_stands_in_the_call_that_they_work_for() -> None:
    def begun(call_id: str, session_id: str, depth: int) -> SubagentStarted:
        return SubagentStarted(
            turn_id="t",
            call_id=call_id,
            session_id=session_id,
            agent_type="explore",
            title="Look",
            depth=depth,
        )

    def reads(path: str) -> CallStarted:
        return CallStarted(
            turn_id="u",
            call_id="c",
            tool="read",
            title=f"Read {path}",
            kind="read",
            effect_class="none",
        )

    made = updates()
    assert made.below("s1", reads("a.py")) == [], "nobody's sub-agent"
    await told(made, begun("call", "s1", 1))
    made.below("s1", begun("c", "s2", 2))
    made.below("s2", reads("b.py"))
    (last,) = made.below("s1", reads("a.py\nb.py"))
    assert last.tool_call_id == "call"
    assert last.content[0].content.text.split("\n")[1:-1] == [
        "explore begins: Look", "explore begins: Look", "Read b.py", "Read a.py ⏎ b.py",
    ]  # fmt: skip
    ended = SubagentFinished(turn_id="u", call_id="c", session_id="s2", reason="end_turn")
    assert made.below("s1", ended) == []
    assert made.below("s2", reads("c.py")) == []


async def test_a_call_has_the_same_title_before_it_runs_and_while_it_does() -> None:
    asked = ToolCall(id="c", name="shell", input={"command": "touch made.txt"})
    runs = CallStarted(
        turn_id="t",
        call_id="c",
        tool="shell",
        kind="execute",
        title="Run touch made.txt",
        effect_class="shell",
    )
    found = await told(updates(), replied(asked), runs)
    assert [it.title for it in found] == ["Run touch made.txt"] * 2
