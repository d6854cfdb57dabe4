"""Nothing that is known to lead out of a sandbox leads out of ours; without one, the same attempts succeed."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from postil.workspace.commands.reading import Reading
from postil.workspace.sandbox.choice import present, works
from postil.workspace.sandbox.mechanism import Launch, Mechanism, Unconfined
from postil.workspace.sandbox.survey import secrets_below
from postil.workspace.sandbox.unasked import for_reading
from tests.security import probes

CANARY = "canary-5e0c7d"
WANTED = ["bubblewrap", "Landlock and seccomp"]
PROBES = {"tcp": "tcp", "udp": "udp", "unix": "unix_in_workspace", "abstract": "unix_abstract"}
MECHANISMS = {it.title: it for it in present()}


PLACES = ("ws/work", "home/work", "tmp/work", "home/state/work")
SECRETS = ("ws/.env", "home/.ssh/id_ed25519", "home/state/journal", "home/.netrc", "tmp/other")


@dataclass(frozen=True)
class Run:
    """A command as it is started, and what is done when it has ended."""

    launch: Launch
    ended: Callable[[], object] = list[str]


@dataclass
class World:
    """A machine with something to lose: a workspace, a home, a temporary folder, listeners and another process."""

    folder: Path
    places: list[Path] = field(default_factory=list[Path])
    secrets: list[Path] = field(default_factory=list[Path])
    absent: list[Path] = field(default_factory=list[Path])
    """What is protected, and not there."""
    listeners: dict[str, socket.socket] = field(default_factory=dict[str, socket.socket])

    @property
    def root(self) -> Path:
        return self.folder / "ws"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def state(self) -> Path:
        return self.folder / "home/state"

    def prepare(self, places: Sequence[str] = PLACES, secrets: Sequence[str] = SECRETS) -> None:
        for place in places:
            self.places.append(self.folder / place)
            for name in probes.CHANGES:
                (self.folder / place / name / "empty").mkdir(parents=True)
                (self.folder / place / name / "a").write_text("whole")
        for name in secrets:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(CANARY)
            self.secrets.append(path)
        shutil.copy(probes.__file__, self.root / "probes.py")

    def seen(self) -> dict[str, list[object]]:
        """What the disk shows of each attempt, from outside."""
        return {f"{name} {place}": _looks(place / name) for place in self.places for name in probes.CHANGES}


def _looks(folder: Path) -> list[object]:
    seen: list[object] = []
    for path in sorted([folder, *folder.rglob("*")]):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        attributes = os.listxattr(path, follow_symlinks=False)
        seen.append(
            (
                path.name,
                content,
                state.st_mode,
                state.st_uid,
                state.st_nlink,
                state.st_mtime_ns,
                attributes,
                _flags(path),
            )
        )
    return seen


def _flags(path: Path) -> int:
    """Return what `chattr` has set, where the file system has such flags."""
    if not path.is_file() or path.is_symlink():
        return 0
    found = bytearray(8)
    with path.open("rb") as file, suppress(OSError):
        fcntl.ioctl(file, 0x80086601, found)
    return int.from_bytes(found[:4], sys.byteorder)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    made.prepare()
    with listening(made, monkeypatch):
        yield made


@contextmanager
def listening(made: World, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Let the world have its environment and its listeners."""
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("A_CANARY_TOKEN", CANARY)
    with ExitStack() as stack:
        for name, address in {
            "tcp": ("127.0.0.1", 0),
            "unix": str(made.root / "socket"),
            "abstract": f"\0{CANARY}{os.getpid()}",
        }.items():
            listener = stack.enter_context(socket.socket(socket.AF_INET if name == "tcp" else socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
            made.listeners[name] = listener
        made.listeners["udp"] = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        made.listeners["udp"].bind(("127.0.0.1", 0))
        for each in made.listeners.values():
            each.setblocking(False)
        yield


Start = Callable[[World, list[str]], Run]


def reading(mechanism: Mechanism) -> Start:
    """Return how a command is started that runs unasked."""

    def start(world: World, words: list[str]) -> Run:
        prepared = Reading(world.state / "run", [world.root], [world.state])
        environment = prepared.environment(world.root)
        programs = [world.state / "run/bin", Path(sys.base_prefix)]
        within = for_reading(
            [world.root],
            world.home,
            world.state / "run/tmp",
            programs,
            [world.state],
            list(secrets_below([world.root])),
        )
        return Run(mechanism.launch(words, world.root, environment, within))

    return start


def attempt(start: Start, world: World) -> tuple[set[str], dict[str, str]]:
    """Run every attempt; returns those that got through, and what was said about each."""
    master, terminal = pty.openpty()
    victim = subprocess.Popen(
        ["sleep", "1000"],
        cwd=world.places[0],
        env={**os.environ, "A_CANARY_TOKEN": CANARY},
        start_new_session=True,
    )
    try:
        before = world.seen()
        said = _run(start, world, victim.pid, terminal)
        through = {name for name in _others() if not said[name]}
        through |= {name for name in said if name.startswith("read") and not said[name]}
        through |= {name for name, seen in world.seen().items() if seen != before[name]}
        through |= {
            f"{name} was reached"
            for name, it in world.listeners.items()
            if reached(it, sent=not said[PROBES[name]])
        }
        if victim.poll() is not None:
            through.add("signal")
        return through, said
    finally:
        victim.kill()
        victim.wait()
        os.close(master)
        os.close(terminal)


def _others() -> set[str]:
    return set(probes.OTHERS)


def _run(start: Start, world: World, victim: int, terminal: int) -> dict[str, str]:
    plan = {
        "places": [str(it) for it in world.places], "secrets": [str(it) for it in world.secrets], "victim": victim, "canary": CANARY,
        "tcp": world.listeners["tcp"].getsockname()[1], "udp": world.listeners["udp"].getsockname()[1],
        "abstract": f"{CANARY}{os.getpid()}", "unix": str(world.root / "socket"), "terminal": os.ttyname(terminal), "disk": "/dev/kmsg",
        "absent": [str(it) for it in world.absent],
    }  # fmt: skip
    (world.root / "plan.json").write_text(json.dumps(plan))
    run = start(world, [os.path.realpath(sys.executable), "-I", "-S", "probes.py", "plan.json"])
    launch = run.launch
    try:
        ended = subprocess.run(
            launch.argv, cwd=world.root, env=launch.environment, pass_fds=launch.files, stdin=terminal, capture_output=True,
            text=True, check=False, start_new_session=True, timeout=50,
        )  # fmt: skip
    finally:
        launch.close()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    run.ended()
    return json.loads(ended.stdout)


def reached(listener: socket.socket, *, sent: bool) -> bool:
    """Whether anything came in. What was sent may take a moment."""
    try:
        select.select([listener], [], [], 20 if sent else 0)
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(100)
        else:
            listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("title", WANTED)
def test_nothing_gets_out(title: str, world: World) -> None:
    mechanism = MECHANISMS.get(title)
    assert mechanism is not None, f"{title} is not there: run make test-system-deps, or use a newer kernel"
    assert works(mechanism), f"{title} does not work here"
    through, said = attempt(reading(mechanism), world)
    print(f"\nescape attempts against {title}: {len(through)} of {len(said)} succeed")
    assert len(said) >= 150
    assert not through, {it: said.get(it) for it in through}


def test_without_a_sandbox_they_do(world: World) -> None:
    """Else the attempts would be worth nothing."""
    through, said = attempt(reading(Unconfined()), world)
    print(f"\nescape attempts against nothing: {len(through)} of {len(said)} succeed")
    refused = {it: why for it, why in said.items() if it not in through}
    assert len(through) > len(said) * 0.6, refused
    assert {
        "signal",
        "tcp was reached",
        "udp was reached",
        "unix was reached",
        "abstract was reached",
        "environments",
    } <= through
