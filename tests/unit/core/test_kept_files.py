"""A change of several files is kept file by file, and as a whole once all of them are."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold import fold
from postil.core.state import State


def changed(change_id: str, path: str) -> ev.FileChanged:
    return ev.FileChanged(
        turn_id="t1", call_id="k1", change_id=change_id, label="Edit", path=path,
        before="b", after="a", added=1, removed=1, where="disk",
    )  # fmt: skip


def kept(*ids: str, paths: tuple[str, ...] = ()) -> ev.ChangesKept:
    return ev.ChangesKept(change_ids=ids, paths=paths, face="lsp")


def after(*events: ev.Durable) -> State:
    made = (changed("c1", "/a"), changed("c1", "/b"), changed("c2", "/a"), *events)
    return fold(ev.Recorded(seq, float(seq), it) for seq, it in enumerate(made, 1))


def test_one_that_is_kept_of_all_its_files_is_kept() -> None:
    workflow = after(kept("c1", "c2", paths=("/a",))).workflow
    assert workflow.kept == ["c2"]
    assert workflow.kept_files == [("c1", "/a")]
    workflow = after(kept("c1", "c2", paths=("/a",)), kept("c1", paths=("/b",))).workflow
    assert (workflow.kept, workflow.kept_files) == (["c2", "c1"], [])


def test_one_that_is_kept_without_files_is_kept_in_all_of_them() -> None:
    assert after(kept("c1", paths=("/a",)), kept("c1")).workflow.kept == ["c1"]
    assert after(kept("c1")).workflow.kept == ["c1"]
