"""What a command prints for a terminal reaches nobody: not the screen, not the record, not the model; nor does what hides in a command."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import cast

from postil.core.ephemeral import CallProgress, StageChanged
from postil.core.event_codec import encode
from postil.core.events import CallFinished, PermissionAsked
from postil.core.messages import ToolMessage
from postil.core.submissions import Answer, Prompt
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.local import LocalWorkspace
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call, says
from tests.support.ways import ways_of

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
PRINTS = (
    r"touch x; printf 'a\033[31mred\033[0m b\033]52;c;aGk=\007 c\033]8;;http://x\033\\link\033]8;;\033\\ d\033Pq#0\033\\ "
    r"e\302\2332J f\302\235x\302\234 g\rh\b\007\177 i\n'"
)
PLAIN = "ared b clink d e f g\nh i\n"
HIDES = f"{PRINTS} # \x1b[2J\x07\x9b"


async def test_nothing_of_it_gets_anywhere(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    workspace = LocalWorkspace([tmp_path / "ws"])
    shell = LocalShell(ways_of(tmp_path / "run", workspace.roots))
    plays = [
        says(call("shell", "s1", command=f"{PRINTS}; exit 3")),
        says(call("shell", "s2", command=HIDES)),
        says("Ok."),
    ]
    world = World(plays, real=(workspace, shell))
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Print."))
    for number in (1, 2):
        asked = await watch.event(PermissionAsked, lambda it, which=f"s{number}": it.call_id == which)
        assert not CONTROL.search(json.dumps(encode(asked), ensure_ascii=False))
        await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    workspace.close()

    heard = "".join(it.text for it in watch.all(CallProgress))
    assert heard.count(PLAIN) == 2
    assert not CONTROL.search(heard), "what is shown at once"
    assert not any(CONTROL.search(it.detail) for it in watch.all(StageChanged))
    contents = [it.content for it in world.events(CallFinished)]
    assert [it.startswith(PLAIN) for it in contents] == [True, True]
    # The command itself is on record as the model wrote it, and the model reads its own words.
    for record in world.journal.records:
        if record.event.type != "ModelReplied":
            assert not CONTROL.search(_texts(encode(record.event))), record.event.type
    last = world.model.requests[-1].messages
    results = [it for it in last if isinstance(it, ToolMessage)]
    assert results
    assert not any(CONTROL.search(str(it.model_dump())) for it in results), "what the model reads"


def _texts(event: object) -> str:
    """Return all texts of an event but the exact command of an intent."""
    if isinstance(event, dict):
        named = cast("dict[str, object]", event)
        return "".join(_texts(value) for name, value in named.items() if name != "command")
    if isinstance(event, list | tuple):
        return "".join(map(_texts, cast("list[object]", event)))
    return event if isinstance(event, str) else ""
