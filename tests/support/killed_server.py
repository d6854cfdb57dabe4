"""A turn of `postil serve` over open and closed files that is killed at random messages, and what has to hold of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any

from postil.core.changes import Rewound
from postil.core.events import CallFinished
from postil.journal.store import SessionStore
from postil.lsp.client import ReplyError
from tests.support.asking import Desk
from tests.support.killed_editor import KilledEditor, Person, serving
from tests.support.killed_server_checks import Step, check_documents, check_files, check_lines, check_record
from tests.support.killed_work import STEP, left_alone, verified
from tests.support.killing import Kills

COMMAND = "sh step.sh"
LATIN = b"caf\xe9 = 1\r\nend"
FILES = {
    "open.py": b"x = 1\r\ny = 2\r\n",
    "clean.py": b"a = 1\nb = 2\n",
    "closed.txt": LATIN,
    "old.txt": b"\xef\xbb\xbfold\r\n",
    "name.txt": b"name",
    "step.sh": STEP.encode(),
}
OPEN = ("open.py", "clean.py")
MESSAGES, FEWER = 105, 60
"""Messages that a server is let send before it is killed, at most: a whole run with a rewind sends a few more than
the first number, and one that goes on where another was killed sends fewer."""
YES = ("allow_once", "keep_mine", "run_without")
"""What the person answers, whichever of them is offered."""
OLD, NAME = FILES["old.txt"], FILES["name.txt"]
STEPS = {
    "closed.txt": Step({"closed.txt": LATIN}, {"closed.txt": LATIN.replace(b"1", b"10")}),
    "old.txt": Step({"old.txt": OLD}, {"old.txt": None}),
    "docs/name.txt": Step(
        {"name.txt": NAME, "docs/name.txt": None}, {"name.txt": None, "docs/name.txt": NAME}
    ),
    "new/c.txt": Step({"new/c.txt": None}, {"new/c.txt": b"c\n"}),
}
"""By the name that the file has afterwards."""


def _edit(path: str, old: str, new: str) -> dict[str, Any]:
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}}


# Which reply is played depends on the conversation alone, so that a request made again gets the same one again.
SCRIPT: list[Any] = [
    {
        "when": {"after": "prompt"}, "times": "any",
        "blocks": [{"tool": "read", "input": {"path": "clean.py"}}, _edit("open.py", "x = 1", "x = 10")],
    },
    {
        "when": {"tool": "edit"}, "times": "any",
        "blocks": [
            _edit("clean.py", "a = 1", "a = 10"), _edit("closed.txt", "= 1", "= 10"),
            {"tool": "shell", "input": {"command": COMMAND}},
        ],
    },
    {
        "when": {"tool": "shell"}, "times": "any",
        "blocks": [
            {"tool": "move", "input": {"path": "name.txt", "to": "docs/name.txt"}},
            {"tool": "delete", "input": {"path": "old.txt"}},
            {"tool": "write", "input": {"path": "new/c.txt", "content": "c\n"}},
        ],
    },
    {"when": {"tool": "write"}, "times": "any", "text": "Done."},
]  # fmt: skip


@dataclass
class Tally(Kills):
    """What came of all kills."""

    asking: int = 0
    """Kills while a question was open."""
    rewinding: int = 0
    """Kills after the turn, in a rewind or beside it."""
    behind: int = 0
    """Lives that resumed before the editor had opened its documents again."""
    interrupted: int = 0

    def killed(self, person: Person, before: int) -> None:
        """Count one more; `before` kills had come to the same work."""
        self.kills += 1
        self.second += before > 0
        self.unborn += not person.event("PromptReceived")
        self.asking += bool(person.questions())
        self.rewinding += bool(person.event("TurnEnded"))

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.second} of them of a server that had resumed; {self.unborn} before there was "
            f"a prompt, {self.asking} at an open question, {self.rewinding} after the turn or in a rewind "
            f"({self.interrupted} interrupted); {self.behind} resumed before the documents were open; "
            f"{self.late} ended before; {self.effects}"
        )


@dataclass
class Case:
    """One piece of work, through all the servers that it takes."""

    place: Desk
    person: Person
    rewinds: bool
    behind: bool = False
    """Whether a server ever went on while it did not know what was open."""


async def one(place: Desk, chance: Random, tally: Tally) -> None:
    """Kill the work at a random message, and what goes on with it now and then too; bring it to its end, and check."""
    case = begin(place, chance)
    kills = 0
    while True:
        once_more = kills == 0 or chance.random() < 0.45
        left = chance.randint(1, FEWER if kills else MESSAGES) if once_more else None
        if await lived(case, left):
            tally.late += once_more
            break
        tally.killed(case.person, kills)
        kills += 1
        if chance.random() < 0.5:
            await left_alone(place.workspace)
    tally.behind += case.behind
    await left_alone(place.workspace)
    await check(case, tally)


def begin(place: Desk, chance: Random) -> Case:
    """Put the files where they are at first."""
    for name, data in FILES.items():
        (place.workspace / name).write_bytes(data)
    return Case(place, Person(chance), chance.random() < 0.5)


async def lived(case: Case, left: int | None) -> bool:
    """Let a server do what there is still to do; returns whether it lived to do all of it."""
    async with serving(case.place, case.person, left) as editor:
        work = asyncio.ensure_future(_work(case, editor))
        gone = asyncio.ensure_future(editor.gone())
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await gone
            work.cancel()
            await asyncio.wait({work})
        gone.cancel()
        error = None if work.cancelled() else work.exception()
        if error is not None and not (isinstance(error, ReplyError) and error.code == 0):
            raise error
        assert editor.killed or (error is None and not work.cancelled()), "the server ended by itself"
    return not editor.killed


async def _work(case: Case, editor: KilledEditor) -> None:
    person, chance = case.person, case.person.chance
    await editor.initialize()
    is_first = not person.buffers
    if is_first:
        for name in OPEN:
            editor.open(case.place.workspace / name)
        editor.type_somewhere()
    opens_first = is_first or chance.random() < 0.6
    if opens_first and not is_first:
        editor.open_all()
    case.behind |= not opens_first
    await _attach(editor)
    if not person.event("PromptReceived"):
        prompt = {"sessionId": person.session, "text": "Do it."}
        person.prompts.append((await editor.request("postil/session/prompt", prompt))["turnId"])
    elif not person.event("TurnEnded") and not (person.questions() and chance.random() < 0.5):
        await editor.request("postil/session/resume", {"sessionId": person.session})
    if not opens_first:
        editor.open_all()
    while not person.event("TurnEnded"):
        await editor.until(lambda: person.questions() or person.event("TurnEnded"))
        for question in person.questions():
            await _answer(editor, question)
    if case.rewinds and not person.taken_back:
        await _rewind(editor)
    await editor.shutdown()
    status = await editor.process.wait()
    assert status == 0 or editor.killed, status


async def _attach(editor: KilledEditor) -> None:
    """Open the session that there is, or a new one: nothing of it is lost, and its questions are open again."""
    person = editor.person
    rows = (await editor.request("postil/session/list", {}))["sessions"]
    if person.session is None and not rows:
        created = await editor.request("postil/session/new", {"mode": "accept-edits"})
        person.session = created["sessionId"]
    elif person.session is None:
        person.session = rows[0]["sessionId"]
    await editor.attached()
    mode = {"sessionId": person.session, "mode": "accept-edits"}
    params = {"command": "postil.server.session.mode", "arguments": [mode]}
    await editor.request("workspace/executeCommand", params)
    (row,) = (await editor.request("postil/session/list", {}))["sessions"]
    assert row["questions"] == len(person.questions()), "questions that were open are open again"


async def _answer(editor: KilledEditor, question: dict[str, Any]) -> None:
    person = editor.person
    offered = [it["id"] for it in question["options"]]
    option = next(it for it in YES if it in offered)
    answer = {"sessionId": person.session, "questionId": question["id"], "optionId": option}
    await editor.request("postil/session/answer", answer)
    person.answers.append(question["id"])
    await editor.until(lambda: question not in person.questions())


async def _rewind(editor: KilledEditor) -> None:
    """Go back to before the turn, with what is shown, and now and then with the conversation."""
    person = editor.person
    (prompt,) = person.event("PromptReceived")
    target = {"sessionId": person.session, "turnId": prompt["turn_id"]}
    preview = {"command": "postil.server.session.preview", "arguments": [target]}
    conversation = person.chance.random() < 0.5
    while not person.taken_back:
        plan = await editor.request("workspace/executeCommand", preview)
        wanted = {"plan": plan["plan"], "conversation": conversation}
        try:
            await editor.request("postil/session/rewind", target | wanted)
        except ReplyError as error:
            # Who types meanwhile is to look at the list again.
            if not error.message.startswith("Files have changed since the list was made."):
                raise
        else:
            await editor.until(lambda: person.taken_back)


async def check(case: Case, tally: Tally) -> None:
    """Hold the record, the files and the documents to account, now that the work is done."""
    person, root = case.person, case.place.workspace
    assert person.session is not None
    store = SessionStore(case.place.state)
    record = await store.record(person.session)
    records = list(record.events)
    assert record.stop is None
    check_record(records, person)
    check_files(root, records, STEPS)
    texts = {name: FILES[name].decode() for name in OPEN}
    check_documents(
        root,
        records,
        person,
        {name: (text, text.replace(" = 1", " = 10", 1)) for name, text in texts.items()},
        behind=case.behind,
    )
    tally.lines[check_lines(root, records)] += 1
    ends = [it.event for it in records if isinstance(it.event, CallFinished)]
    tally.outcomes.update(f"{it.tool}: {it.outcome}" for it in ends)
    rewinds = [it.event for it in records if isinstance(it.event, Rewound)]
    tally.interrupted += sum(it.outcome == "interrupted" for it in rewinds)
    _, journal, report = await store.open(person.session)
    await journal.close()
    assert report.clean, "the lock is free, and the next opening finds it closed"
    await verified(store, person.session)
