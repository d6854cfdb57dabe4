"""What a skill leaves out is left out of what sub-agents may use as well, as long as the turn lasts that they work for."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.events import CallFinished, PermissionDecided
from postil.core.submissions import Prompt
from postil.permissions.rule import parse
from postil.tools.skills.library import Library
from tests.support.agent_checks import check_ended
from tests.support.delegated_world import Conversations, DelegatedWorld
from tests.support.fake_model import call, says
from tests.support.memory_shell import ended

FRONT = "---\nname: docs\ndescription: Does docs.\nallowed-tools: {0}\n---\nFirst look.\n"


def world(folder: Path, allowed: str) -> DelegatedWorld:
    """Return a turn that loads a skill and hands a task on, and a turn after it that hands one on without a skill."""
    file = folder / "home/.agents/skills/docs/SKILL.md"
    file.parent.mkdir(parents=True)
    file.write_text(FRONT.format(allowed))
    runs = says(call("shell", "s1", command="make"), call("read", "r1", path="a.py"))
    plays = {
        "Write docs.": [
            says(call("skill", "k1", name="docs")),
            says(call("delegate", "d1", agent="build", name="Make", task="Make one.")),
            says("Ok."),
            says(call("delegate", "d2", agent="build", name="Make", task="Make two.")),
            says("Ok."),
        ],
        "Make one.": [runs, says("Made.")],
        "Make two.": [runs, says("Made.")],
    }
    made = DelegatedWorld([], {"a.py": "x = 1\n"}, skills=Library([folder], folder / "home", "key"))
    made.standing.fixed = [parse(it, "allow", "user") for it in ("Bash", "Skill(docs)")]
    made.shell.answers["make"] = ended("ok\n")
    made.use_model(lambda: Conversations(plays))
    return made


@pytest.mark.parametrize(
    ("allowed", "first"),
    [
        ("Task Read", "denied"),
        ("delegate Read Bash", "completed"),
        ("delegate Read Bash(make:*)", "completed"),
        ("delegate Read Bash(npm:*)", "denied"),
    ],
)
async def test_what_it_leaves_out_is_out_below_until_the_turn_ends(
    tmp_path: Path, allowed: str, first: str
) -> None:
    made = world(tmp_path, allowed)
    made.interactive = False
    session = await made.start()
    for words in ("Write docs.", "Again."):
        await session.prompt(Prompt(words))
        await session.idle()
    check_ended(made.journal.records, session.state)
    assert {it.call_id: it.outcome for it in made.events(CallFinished)} == {
        "k1": "completed", "d1": "completed", "d2": "completed",
    }  # fmt: skip
    one, two = (
        {it.event.call_id: it.event.outcome for it in journal.records if isinstance(it.event, CallFinished)}
        for name, journal in made.journals.items()
        if name != made.session_id
    )
    assert one == {"s1": first, "r1": "completed"}
    assert two == {"s1": "completed", "r1": "completed"}, (
        "the skill has left out nothing since its turn ended"
    )
    assert [it.line for it in made.shell.commands] == ["make"] * (2 if first == "completed" else 1)


async def test_a_sub_agents_own_skill_frees_nothing_that_one_above_leaves_out(tmp_path: Path) -> None:
    made = world(tmp_path, "delegate Read")
    other = tmp_path / "home/.agents/skills/free/SKILL.md"
    other.parent.mkdir(parents=True)
    other.write_text("---\nname: free\ndescription: Frees.\nallowed-tools: Bash\n---\nRun.\n")
    made.standing.fixed.append(parse("Skill(free)", "allow", "user"))
    plays = {
        "Write docs.": [
            says(call("skill", "k1", name="docs")),
            says(call("delegate", "d1", agent="build", name="Make", task="Make one.")),
            says("Ok."),
        ],
        "Make one.": [
            says(call("skill", "k2", name="free")), says(call("shell", "s1", command="make")), says("No.")
        ],
    }  # fmt: skip
    made.use_model(lambda: Conversations(plays))
    session = await made.start()
    await session.prompt(Prompt("Write docs."))
    await session.idle()
    (below,) = (it for name, it in made.journals.items() if name != made.session_id)
    decided = [it.event for it in below.records if isinstance(it.event, PermissionDecided)][-1]
    assert (decided.call_id, decided.decision, decided.source) == ("s1", "deny", "skill")
    assert "the skill docs, which is active, leaves out `shell`" in decided.why
    assert made.shell.commands == []
