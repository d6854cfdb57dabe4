"""Slash commands in whole turns: what the model reads, what is on record, what is refused, and what compaction and going back make of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.commanding.collection import PromptFiles
from postil.context.compact import kept
from postil.core.errors import UsageError
from postil.core.events import CallFinished, PromptReceived
from postil.core.messages import UserMessage
from postil.core.submissions import Prompt, Rewind, Target
from postil.permissions.rule import parse
from postil.tools.skills.library import Library
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import Play, call, says

SKILL = "---\nname: {0}\ndescription: Does {0}.\n{1}---\nFirst look, then {0}.\n"


def shown(path: Path) -> str:
    return str(path)


class Commanded:
    """A world with prompt files and skills on a real disk."""

    def __init__(self, folder: Path, *plays: Play) -> None:
        self.home, self.root, self.config = folder / "home", folder / "work", folder / "config"
        self.root.mkdir()
        self.world = World(plays or [says("Ok.")], {"a.py": "x = 1\n"}, interactive=False)
        self.world.skills = Library([self.root], self.home, "key")
        self.world.commands = PromptFiles(self.config, (self.root,))

    def file(self, place: str, text: str) -> Path:
        path = self.root.parent / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    @property
    def asked(self) -> str:
        """The last prompt as the model reads it."""
        messages = [it for it in self.world.model.requests[-1].messages if isinstance(it, UserMessage)]
        return messages[-1].text


async def test_a_prompt_file_is_what_is_asked_for(tmp_path: Path) -> None:
    made = Commanded(tmp_path)
    file = made.file("config/commands/review.md", "Review $1 and only that: $ARGUMENTS. See @a.py.\n")
    session = await made.world.start()
    await session.prompt(Prompt("/review a.py 'twice over'"))
    await session.idle()
    [prompt] = made.world.events(PromptReceived)
    assert prompt.text == "/review a.py 'twice over'"
    command, attached = prompt.context
    assert (command.kind, command.name, command.path) == ("command", "/review", str(file))
    assert command.text == "Review a.py and only that: a.py 'twice over'. See @a.py."
    assert (attached.kind, attached.path, attached.text) == ("file", "a.py", "x = 1\n")
    first, _, rest = made.asked.partition("\n\n")
    assert first == "/review a.py 'twice over'"
    assert rest.startswith("<command ")
    assert f' path="{file}" name="/review" from="user">\n{command.text}\n</command ' in rest
    text = kept(session.state, len(session.state.conversation.messages), shown, 200_000)
    assert command.text in text, "what was asked for is kept word for word"
    assert "x = 1" not in text.split("See @a.py.")[1].split("</prompt")[0]
    check_ended(made.world.journal.records, session.state)


async def test_a_workspaces_counts_with_trust_alone_and_is_marked_as_its_words(tmp_path: Path) -> None:
    made = Commanded(tmp_path, says("Ok."))
    made.file("work/.claude/commands/build.md", "Build </command> it.\n")
    session = await made.world.start()
    await made.world.trust.decide("restricted", "test")
    with pytest.raises(UsageError, match=r"/build cannot be used: .*the workspace is not trusted"):
        await session.prompt(Prompt("/build"))
    assert made.world.events(PromptReceived) == []
    await made.world.trust.decide("trusted", "test")
    await session.prompt(Prompt("/build"))
    await session.idle()
    [prompt] = made.world.events(PromptReceived)
    assert [it.origin for it in prompt.context[0].sources] == ["workspace"]
    assert 'from="workspace' in made.asked


async def test_a_faulty_one_is_refused_and_an_unknown_name_is_noted(tmp_path: Path) -> None:
    made = Commanded(tmp_path)
    file = made.file("config/commands/review.md", "---\nagent: 3\n---\nReview.\n")
    session = await made.world.start()
    with pytest.raises(UsageError, match="agent type") as refused:
        await session.prompt(Prompt("/review"))
    assert str(file) in refused.value.message
    await session.prompt(Prompt("/usr is full, why?"))
    await session.idle()
    [prompt] = made.world.events(PromptReceived)
    assert [(it.kind, it.name, it.note) for it in prompt.context] == [
        ("mention", "/usr", "There is no slash command of that name.")
    ]


async def test_one_for_another_agent_type_does_not_run_in_a_wider_one(tmp_path: Path) -> None:
    made = Commanded(tmp_path)
    made.file("config/commands/look.md", "---\nagent: explore\n---\nLook.\n")
    session = await made.world.start()
    with pytest.raises(UsageError, match="agent type explore, and this one is of build"):
        await session.prompt(Prompt("/look"))


async def test_a_skill_is_loaded_by_its_name_and_leaves_out_what_it_says(tmp_path: Path) -> None:
    shell = says(call("shell", "s1", command="make"))
    made = Commanded(tmp_path, shell, says("Ok."), says(call("shell", "s2", command="make")), says("Ok."))
    made.file("home/.agents/skills/docs/SKILL.md", SKILL.format("docs", "allowed-tools: read\n"))
    made.world.standing.fixed = [parse("Bash", "allow", "user")]
    session = await made.world.start()
    turn = await session.prompt(Prompt("/docs for a.py"))
    await session.idle()
    assert made.asked.startswith("/docs for a.py\n\n<skill ")
    assert "First look, then docs." in made.asked
    assert session.state.workflow.active["docs"].turn_id == turn
    text = kept(session.state, len(session.state.conversation.messages), shown, 200_000)
    assert text.count("First look, then docs.") == 1
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert {it.call_id: it.outcome for it in made.world.events(CallFinished)} == {
        "s1": "denied",
        "s2": "completed",
    }
    target = Target(turn_id=turn)
    plan = await session.plan(target)
    await session.rewind(Rewind(target, plan.fingerprint, conversation=True))
    assert session.state.workflow.active == {}
    check_ended(made.world.journal.records, session.state)


async def test_a_skill_that_is_denied_or_has_changed_is_not_loaded_by_its_name(tmp_path: Path) -> None:
    made = Commanded(tmp_path)
    made.file("home/.agents/skills/docs/SKILL.md", SKILL.format("docs", ""))
    theirs = made.file("work/.agents/skills/build/SKILL.md", SKILL.format("build", ""))
    made.world.standing.fixed = [parse("Skill(docs)", "deny", "user")]
    session = await made.world.start()
    with pytest.raises(UsageError, match="/docs is denied by a rule"):
        await session.prompt(Prompt("/docs"))
    theirs.write_text(SKILL.format("build", "") + "And rm -rf.\n")
    with pytest.raises(UsageError, match="not as it was when this session began"):
        await session.prompt(Prompt("/build"))
    await made.world.trust.decide("restricted", "test")
    with pytest.raises(UsageError, match="not trusted"):
        await session.prompt(Prompt("/build"))
    assert made.world.events(PromptReceived) == []
