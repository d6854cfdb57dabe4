"""The trust in force for a workspace of several folders, an editor with a mind of its own, and several sessions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from postil.permissions.trust import TrustStore
from postil.permissions.trusting import InForce, WorkspaceTrust


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "one", tmp_path / "two"
    for it in made:
        it.mkdir()
    return made


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "state")


def trust(store: TrustStore, roots: Sequence[Path], **more: bool) -> WorkspaceTrust:
    return WorkspaceTrust(store, roots, lambda: 1.0, **more)


def test_the_least_trusted_folder_decides(store: TrustStore, roots: tuple[Path, Path]) -> None:
    one, two = roots
    assert trust(store, roots).now == InForce(False, f"{one} is not known to be trusted", roots)
    store.decide(one, "trusted", 1.0, "test")
    assert trust(store, roots).now == InForce(False, f"{two} is not known to be trusted", (two,))
    store.decide(two, "restricted", 1.0, "test")
    assert trust(store, roots).now == InForce(False, f"{two} is restricted, as you said")
    store.decide(two, "trusted", 1.0, "test")
    assert trust(store, roots).now.trusted
    store.decide(one, "restricted", 1.0, "test")
    store.forget(two)
    assert trust(store, roots).now == InForce(False, f"{one} is restricted, as you said"), "nothing to ask"


def test_without_a_folder_nothing_is_trusted(store: TrustStore) -> None:
    assert not trust(store, ()).now.trusted


async def test_an_answer_is_about_the_folders_that_were_asked_about(
    store: TrustStore, roots: tuple[Path, Path]
) -> None:
    one, two = roots
    store.decide(one, "trusted", 1.0, "test")
    it = trust(store, roots)
    await it.decide("restricted", "test", it.now.undecided)
    assert store.standing(one).trusted
    assert store.standing(two).decided
    assert (await it.forget()).undecided == roots


async def test_an_editor_only_tightens(store: TrustStore, roots: tuple[Path, Path]) -> None:
    one, _ = roots
    store.decide(one, "trusted", 1.0, "test")
    it = trust(store, (one,), client_trusts=False)
    assert it.now == InForce(False, "The editor does not trust this workspace")
    assert (await it.follow_client(trusts=True)).trusted
    assert not (await it.follow_client(trusts=False)).trusted
    store.forget(one)
    assert not (await it.follow_client(trusts=True)).trusted, "its word alone trusts nothing"


async def test_for_one_run_keeps_nothing(store: TrustStore, roots: tuple[Path, Path]) -> None:
    it = trust(store, roots, for_this_run=True)
    assert it.now == InForce(True, "Trusted for this run")
    assert list(store.records()) == []
    assert not (await it.follow_client(trusts=False)).trusted


async def test_who_listens_is_told_once_of_each_change(store: TrustStore, roots: tuple[Path, Path]) -> None:
    it = trust(store, roots)
    told: list[bool] = []
    end = it.listen(lambda: told.append(it.now.trusted))
    await it.look()
    await it.decide("trusted", "test")
    await it.look()
    await it.decide("trusted", "test")
    assert told == [True]
    end()
    end()
    await it.forget()
    assert told == [True]


def test_one_session_asks_for_all(store: TrustStore, roots: tuple[Path, Path]) -> None:
    it = trust(store, roots)
    assert it.claim("s1")
    assert it.claim("s1")
    assert not it.claim("s2")
    it.release("s2")
    assert not it.claim("s2")
    it.release("s1")
    assert it.claim("s2")
