"""Snapshots whose hashes fit and whose contents do not: whoever made them, the state is the journal's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import Recorded
from postil.core.fold import fold
from postil.journal.layout import JOURNAL
from postil.journal.listing import summarize
from postil.journal.opening import load
from postil.journal.snapshot import CONVERSATION, WORKFLOW, Snapshots
from postil.journal.snapshot_audit import SnapshotAudit
from postil.journal.store import SessionStore
from postil.workspace.files.real_disk import RealDisk
from tests.support.golden import SESSIONS
from tests.support.journals import Ticking

DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES: dict[str, bytes] = {
    "empty": b"",
    "a blank line": b"\n",
    "no list": b'{"rest":{}\n}',
    "a list without an end": b'{"rest":{}\n,"messages":[\n,"changes":[\n',
    "a blank page": b'{"rest":{}\n,"messages":[\n\n]\n}',
    "no page": b'{"rest":{}\n,"messages":[\nnull\n]\n}',
    "deep": b'{"rest":' + DEEP + b"\n}",
    "a deep page": b'{"rest":{}\n,"messages":[\n' + DEEP + b"\n]\n}",
    "not JSON": b'{"rest":\xff\n,"messages":[\n]\n}',
}
HEADERS: dict[str, Any] = {
    "end": [1 << 50, 1 << 70, -1, "9", 1.5],
    "start": [-5, None],
    "seq": ["3", -1, 1 << 60, None],
    "updated_at": ["now", None],
    "questions": [[1], [["q"]], {}],
    "hashes": [["a"], ["a", "b", "c"]],
}


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def forge(folder: Path, body: bytes | None = None, **changed: Any) -> None:
    """Write both files anew, with hashes that fit; `body` takes the place of what both hold."""
    parts: dict[str, tuple[dict[str, Any], bytes]] = {}
    for name in (CONVERSATION, WORKFLOW):
        first, _, rest = (folder / name).read_bytes().partition(b"\n")
        header = json.loads(first.removesuffix(b",") + b"}")["header"]
        parts[name] = header, rest.removeprefix(b'"body":').removesuffix(b"}\n") if body is None else body
    hashes = [_sha(parts[name][1]) for name in (CONVERSATION, WORKFLOW)]
    for name, (header, held) in parts.items():
        head = json.dumps({**header, "hashes": hashes, **changed}).encode()
        raw = b'{"header":%s,"check":"%s",\n"body":%s}\n' % (head, _sha(head).encode(), held)
        (folder / name).write_bytes(raw)


@pytest.fixture
async def session(tmp_path: Path) -> tuple[Path, list[Recorded]]:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    records = [await journal.append(event, sync=False) for event in SESSIONS["edit_and_shell"]]
    assert await journal.snapshot(fold(records), force=True)
    await journal.close()
    return await store.folder("s1"), records


def _is_replayed(folder: Path, records: list[Recorded]) -> None:
    loaded = load(RealDisk(), folder)
    assert not loaded.from_snapshot
    assert loaded.state == fold(records)


async def test_what_is_forged_well_is_believed(session: tuple[Path, list[Recorded]]) -> None:
    """Else the other tests here would show nothing. Who can write both can write the journal as well."""
    folder, records = session
    forge(folder, title="Another title")
    loaded = load(RealDisk(), folder)
    assert loaded.from_snapshot
    assert loaded.state == fold(records)


@pytest.mark.parametrize("what", BODIES)
async def test_a_body_of_any_kind(session: tuple[Path, list[Recorded]], what: str) -> None:
    folder, records = session
    forge(folder, BODIES[what])
    _is_replayed(folder, records)
    assert SnapshotAudit(RealDisk(), folder).faults, "who asks is told"


@pytest.mark.parametrize(("name", "value"), [(name, it) for name, found in HEADERS.items() for it in found])
async def test_a_header_of_any_kind(session: tuple[Path, list[Recorded]], name: str, value: Any) -> None:
    folder, records = session
    forge(folder, **{name: value})
    _is_replayed(folder, records)
    assert Snapshots(RealDisk(), folder, folder / JOURNAL).load() is None
    SnapshotAudit(RealDisk(), folder)
    assert summarize(RealDisk(), folder, "/p") is not None
