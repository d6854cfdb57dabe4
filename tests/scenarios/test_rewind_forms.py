"""Going back where a file became another kind of file, and where texts are no longer kept."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from postil.core.changes import EditIntent, FileChanged, RewindStarted
from postil.core.submissions import Prompt, Target
from postil.workspace.files.disk import is_temporary
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.local import LocalWorkspace
from tests.scenarios.test_rewind import FILES, LAST, Place, edit, go_back, last_turn
from tests.support.agent_world import SteppingShell
from tests.support.fake_model import call, says
from tests.support.memory_journal import SimulatedCrash
from tests.unit.workspace.buffers import names

ANEW = (call("delete", path="gone.sh"), call("write", path="gone.sh", content="anew\n"))


class Killed(RealDisk):
    """A disk whose process ends, once it is `doomed`, when a new text is ready and has not got its name."""

    doomed = False

    def rename(self, source: Path, target: Path) -> None:
        if self.doomed:
            raise SimulatedCrash
        super().rename(source, target)

    def _unlink(self, path: Path) -> None:
        if not self.doomed:
            super()._unlink(path)


@pytest.mark.parametrize("when", ["call", "rewind"])
async def test_a_kill_leaves_nothing_beside_a_file(tmp_path: Path, when: str) -> None:
    place = Place(tmp_path, says("Hello!"), says(edit("plain.txt", "one", "1")), says(LAST))
    disk = Killed()
    place.workspace = LocalWorkspace([tmp_path], place.editor, disk)
    place.world.real = (place.workspace, SteppingShell())
    if when == "rewind":
        session = await place.begin()
    else:
        session = await place.world.start()
        for text in ("Hello.", "Do it all."):
            disk.doomed = text != "Hello."
            await session.prompt(Prompt(text))
            await session.idle()
    if when == "rewind":
        disk.doomed = True
        with pytest.raises(SimulatedCrash):
            await go_back(session, last_turn(session))
    disk.doomed = False
    assert len([name for name in names(tmp_path) if is_temporary(name)]) == 1
    (tmp_path / ".postil-0badcafe.tmp").write_text("of somebody else")
    await place.world.reopen()
    left = [name for name in names(tmp_path) if is_temporary(name)]
    assert left == [".postil-0badcafe.tmp"], "exactly that name, and no other"


class Full(RealDisk):
    """A disk that, once it is `full`, takes no new file."""

    full = False

    def _new(self, path: Path, mode: int):
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super()._new(path, mode)


async def test_a_full_disk_leaves_a_file_that_would_be_made_anew(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(*ANEW), says(LAST))
    disk = Full()
    place.workspace = LocalWorkspace([tmp_path], place.editor, disk)
    place.world.real = (place.workspace, SteppingShell())
    session = await place.begin()
    after = place.tree()
    disk.full = True
    rewound = await go_back(session, last_turn(session))
    assert not rewound.finished
    assert place.tree() == after
    disk.full = False
    assert (await go_back(session, last_turn(session))).left == ()
    assert place.tree()["gone.sh"] == (FILES["gone.sh"], 0o100751)
    place.check(session)


@pytest.mark.parametrize("shown", [False, True], ids=["closed", "open"])
async def test_a_file_in_another_form_goes_back_and_forth(tmp_path: Path, shown: bool) -> None:
    place = Place(tmp_path, says("Hello!"), says(*ANEW), says(LAST))
    session = await place.begin()
    after = place.tree()
    if shown:
        place.open("gone.sh")
    target = last_turn(session)
    await go_back(session, target, conversation=False)
    assert place.tree()["gone.sh"] == (FILES["gone.sh"], 0o100751)
    (started,) = place.world.events(RewindStarted)
    (step,) = started.edits
    assert await place.workspace.settle(step) == "after"
    same = EditIntent(path=step.path, before=step.after, after=step.after, form=step.form)
    (tmp_path / "gone.sh").chmod(0o644)
    assert await place.workspace.settle(same) == "before", "the text alone does not make it"
    (tmp_path / "gone.sh").chmod(0o751)
    again = await session.undo(Target(change_id=started.change_id), None, "test")
    assert again is not None
    assert place.tree() == after
    await go_back(session, target)
    assert place.tree()["gone.sh"] == (FILES["gone.sh"], 0o100751)
    place.check(session)


async def test_permission_bits_that_the_person_set_since_stay(tmp_path: Path) -> None:
    made = call("write", path="made.sh", content="made\n")
    place = Place(tmp_path, says("Hello!"), says(*ANEW, made, edit("made.sh", "made", "done")), says(LAST))
    session = await place.begin()
    (tmp_path / "gone.sh").chmod(0o700)
    (tmp_path / "made.sh").chmod(0o755)
    rewound = await go_back(session, last_turn(session))
    assert [(Path(it.path).name, it.why) for it in rewound.left] == [
        ("made.sh", "It was created here, and its permissions were changed since.")
    ]
    assert place.tree()["gone.sh"] == (FILES["gone.sh"], 0o100700)
    assert place.tree()["made.sh"] == (b"done\n", 0o100755)
    place.check(session)


async def test_a_folder_that_cannot_be_written_is_known_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("sub/edited.py", "sub/gone.py", "sub/moved.py")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    calls = (
        edit(names[0], "edited", "new"),
        call("delete", path=names[1]),
        call("move", path=names[2], to="here.py"),
    )
    place = Place(
        tmp_path, says("Hello!"), says(*calls, call("write", path="sub/made.py", content="")), says(LAST)
    )
    session = await place.begin()
    after = place.tree()
    can = os.access

    # As the system says it of a folder on a read-only file system, which bits do not tell and root does not pass.
    def access(path: Path, how: int) -> bool:
        return path != tmp_path / "sub" and can(path, how)

    monkeypatch.setattr(os, "access", access)
    plan = await session.plan(last_turn(session))
    assert plan.items == []
    assert sorted((Path(it.path).name, it.why) for it in plan.left) == [
        (name, "Its folder cannot be written.") for name in ("edited.py", "gone.py", "here.py", "made.py")
    ]
    assert place.tree() == after


async def test_permission_bits_come_back_whatever_the_umask(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(call("delete", path="plain.txt")), says(LAST))
    (tmp_path / "plain.txt").chmod(0o666)
    session = await place.begin()
    old = os.umask(0o077)
    try:
        await go_back(session, last_turn(session))
    finally:
        os.umask(old)
    assert place.tree()["plain.txt"] == (FILES["plain.txt"], 0o100666)


async def test_creations_and_moves_need_no_kept_text(tmp_path: Path) -> None:
    calls = (call("write", path="made.txt", content="made\n"), call("move", path="crlf.txt", to="moved.txt"))
    place = Place(tmp_path, says("Hello!"), says(*calls, edit("plain.txt", "one", "1")), says(LAST))
    session = await place.begin()
    assert len(place.world.events(FileChanged)) == 3
    place.world.journal.texts.clear()
    rewound = await go_back(session, last_turn(session))
    assert [(Path(it.path).name, it.why) for it in rewound.left] == [
        ("plain.txt", "Its earlier text is no longer kept.")
    ]
    assert not (tmp_path / "made.txt").exists()
    assert (tmp_path / "crlf.txt").read_bytes() == FILES["crlf.txt"]
    place.check(session)


@pytest.mark.parametrize("content", ["\ufeffx = 1\n", "\ufeff", "\ufeff\ufeffx\n"])
async def test_a_created_file_with_a_mark_is_undone_and_comes_back(tmp_path: Path, content: str) -> None:
    place = Place(tmp_path, says("Hello!"), says(call("write", path="made.py", content=content)), says(LAST))
    old = os.umask(0o002)
    try:
        session = await place.begin()
    finally:
        os.umask(old)
    [change] = place.world.events(FileChanged)
    after = place.tree()
    assert after["made.py"] == (content.encode(), 0o100664)
    await go_back(session, Target(change_id=change.change_id), conversation=False)
    assert "made.py" not in place.tree()
    (started,) = place.world.events(RewindStarted)
    await session.undo(Target(change_id=started.change_id), None, "test")
    assert place.tree() == after
    place.check(session)
