"""Decisions and grants read from the journals of a workspace, and read on from where that ended."""

from pathlib import Path

from postil.core import events as ev
from postil.journal.layout import JOURNAL, Layout
from postil.journal.rulings import RulingLog
from postil.journal.store import SessionStore
from postil.workspace.files.real_disk import RealDisk
from tests.support import golden_parts as make

RULE = "Bash(make)"


def decided(call_id: str, **more: object) -> ev.PermissionDecided:
    given = {"rule": "", "why": "", **more}
    return make.decided("t1", call_id, **given)


def events() -> list[ev.Durable]:
    return [
        *make.begin(),
        make.prompt("t1", 'Build "it".\nAnd {"type":"PermissionDecided"} too.'),
        make.asked("t1", "c1", "q1", "make"),
        decided("c1", by="person", why="allowed for this session", question_id="q1", face="lsp"),
        ev.GrantAdded(grant_id="g1", rule=RULE, scope="session", question_id="q1"),
        decided("c2", rule=RULE, source="session", subject="Run make", lost=("ask Bash (user)",)),
    ]


async def write(state: Path, root: Path, session_id: str, *given: ev.Durable) -> None:
    journal = await SessionStore(state).create(root, session_id)
    for event in given:
        await journal.append(event, sync=False)
    await journal.close()


async def test_what_the_journals_say(tmp_path: Path) -> None:
    root, other = tmp_path / "project", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    state = tmp_path / "state"
    await write(state, root, "s1", *events())
    await write(state, other, "s2", *events())
    (session,) = RulingLog(Layout(RealDisk(), state), root).read()
    assert (session.session_id, session.title) == ("s1", 'Build "it".')
    person, rule = session.rulings
    assert (person.by, person.subject, person.face, person.rules) == ("person", "make", "lsp", ())
    assert (rule.by, rule.subject, rule.rules, rule.lost) == (
        "rule",
        "Run make",
        (RULE,),
        ("ask Bash (user)",),
    )
    (grant,) = session.grants.values()
    assert (grant.rule, grant.scope, grant.question_id) == (RULE, "session", "q1")


async def test_it_reads_on_and_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    root, state = tmp_path / "project", tmp_path / "state"
    root.mkdir()
    log = RulingLog(Layout(RealDisk(), state), root)
    assert log.read() == []
    before = log.mark()
    await write(state, root, "s1", *events())
    assert log.mark() != before
    assert [len(it.rulings) for it in log.read()] == [2]
    (path,) = state.rglob(JOURNAL)
    whole = path.read_bytes()
    *_, last = whole.splitlines(keepends=True)
    with path.open("ab") as file:
        file.write(last[:-20])
    assert [len(it.rulings) for it in log.read()] == [2], "a line that is not whole yet"
    with path.open("ab") as file:
        file.write(
            last[-20:] + b'{"at":1,"event":{"type":"PermissionDecided"}}\n' + b'\xff"type":"GrantAdded"\n'
        )
    assert [len(it.rulings) for it in log.read()] == [3]
    path.write_bytes(whole.removesuffix(last))
    assert [len(it.rulings) for it in log.read()] == [1], "its end was taken back"


async def test_a_grant_that_was_taken_back_is_none(tmp_path: Path) -> None:
    root, state = tmp_path / "project", tmp_path / "state"
    root.mkdir()
    await write(state, root, "s1", *events(), ev.GrantRevoked(grant_id="g1"))
    (session,) = RulingLog(Layout(RealDisk(), state), root).read()
    assert session.grants == {}
