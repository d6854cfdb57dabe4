"""What a confined command may see and change, and how each mechanism is told."""

import struct
from pathlib import Path

import pytest

from postil.core.outlook import Laid
from postil.workspace.sandbox.bubblewrap import Bubblewrap, arguments
from postil.workspace.sandbox.choice import choose, present, works
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.landlock import READ, READ_DIR, WRITE, grants
from postil.workspace.sandbox.mechanism import Unconfined
from postil.workspace.sandbox.seatbelt import profile
from postil.workspace.sandbox.seccomp import filter_of, known_calls
from postil.workspace.sandbox.survey import secrets_below
from postil.workspace.sandbox.unasked import for_reading

ROOT = Path("/ws")
MECHANISMS = list(present())
WITHIN = Confinement(
    readable=(ROOT,),
    writable=(Path("/ws/.tmp"),),
    hidden=(Path("/h"), Path("/ws/in")),
    covered=(Path("/ws/.env"),),
)


def words(within: Confinement = WITHIN, calls: int | None = 9) -> str:
    return " ".join(arguments("/usr/bin/bwrap", ["/bin/bash", "-c", "ls"], ROOT, within, calls))


def test_bubblewrap_is_told_everything_from_the_outside_in() -> None:
    assert words() == (
        "/usr/bin/bwrap --die-with-parent --new-session --unshare-all --cap-drop ALL --ro-bind / / "
        "--tmpfs /h --ro-bind /ws /ws --tmpfs /ws/in --bind /ws/.tmp /ws/.tmp --ro-bind /dev/null /ws/.env "
        "--dev /dev --proc /proc --remount-ro /proc --seccomp 9 --chdir /ws -- /bin/bash -c ls"
    )


def test_bubblewrap_shares_the_network_only_where_it_is_given() -> None:
    assert "--share-net" not in words()
    assert "--unshare-all --cap-drop ALL --share-net" in words(Confinement(network=True))


def test_what_works_is_kept_from_what_is_protected_in_what_it_changes() -> None:
    within = Confinement(
        writable=(ROOT, ROOT / ".git"),
        kept=(ROOT / ".git/config",),
        absent=(ROOT / ".vscode",),
        covered=(ROOT / "socket",),
        laid=(Laid(ROOT / "a.py", b"x", 0o755),),
        works=True,
    )
    told = " ".join(arguments("bwrap", ["ls"], ROOT, within, 9, [11]))
    assert told == (
        "bwrap --unshare-all --cap-drop ALL --ro-bind / / --bind /ws /ws --bind /ws/.git /ws/.git "
        "--tmpfs /ws/.vscode --remount-ro /ws/.vscode --ro-bind /dev/null /ws/socket --perms 0755 --ro-bind-data 11 /ws/a.py "
        "--ro-bind /ws/.git/config /ws/.git/config --dev /dev --proc /proc --remount-ro /proc --seccomp 9 --chdir /ws -- ls"
    )
    lines = profile(within).splitlines()
    assert lines[-4:] == [
        '(deny file-write-unlink (literal "/ws/.git"))',
        '(deny file-write* (subpath "/ws/.vscode"))',
        '(deny file-read-data file-read-xattr (literal "/ws/socket"))',
        '(deny file-write* (subpath "/ws/.git/config"))',
    ]


def test_landlock_gives_nothing_of_what_it_could_not_keep_a_part_of(tmp_path: Path) -> None:
    for name in ("ws/.git", "tmp"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ws/.git/config").touch()
    within = Confinement(writable=(tmp_path / "ws", tmp_path / "tmp"), kept=(tmp_path / "ws/.git/config",))
    found = [it for it in grants(within) if it[0].startswith(str(tmp_path))]
    assert found == [(str(tmp_path / "ws"), READ), (str(tmp_path / "tmp"), WRITE)]


def test_bubblewrap_without_a_filter_names_none() -> None:
    assert "--seccomp" not in words(calls=None)


def test_a_workspace_that_is_the_whole_disk_is_not_mounted_over_what_is_hidden() -> None:
    assert words(Confinement(readable=(Path("/"),), hidden=(Path("/h"),))).count("--ro-bind") == 1


def test_the_policy_hides_homes_and_shows_the_workspace_and_tools_in_them(tmp_path: Path) -> None:
    home, state = tmp_path / "me", tmp_path / "me/state"
    for name in ("ws", ".cargo/bin", ".ssh", "state/tmp", "state/bin"):
        (home / name).mkdir(parents=True)
    (home / ".gitconfig").write_text("")
    (home / "ws/.env").write_text("A=b")
    (home / "ws/a.py").write_text("")
    found = for_reading(
        [home / "ws"],
        home,
        state / "tmp",
        [state / "bin"],
        [state, tmp_path / "absent"],
        [home / "ws/.env", home / "x"],
    )
    assert {home, state} <= set(found.hidden)
    assert tmp_path / "absent" not in found.hidden
    assert set(found.readable) == {home / "ws", home / ".cargo/bin", home / ".gitconfig", state / "bin"}
    assert found.writable == (state / "tmp",)
    assert found.covered == (home / "ws/.env",)
    assert not found.network


def test_a_workspace_that_is_the_home_is_not_hidden(tmp_path: Path) -> None:
    found = for_reading([tmp_path], tmp_path, tmp_path, [], [], [])
    assert tmp_path not in found.hidden


@pytest.mark.parametrize("home", ["/", "/usr"])
def test_the_home_of_a_service_hides_no_programs(home: str, tmp_path: Path) -> None:
    assert Path(home) not in for_reading([tmp_path], Path(home), tmp_path, [], [], []).hidden


def test_links_are_followed_before_anything_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    found = for_reading([tmp_path / "link"], tmp_path / "nobody", tmp_path / "real", [], [], [])
    assert found.readable == (tmp_path / "real",)


def test_secrets_are_looked_for_where_a_look_is_quick(tmp_path: Path) -> None:
    for name in ("a/b/.env", "node_modules/x/.env", ".git/.env", "c/id_rsa", "c/readme.md", ".env.example"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "c/.env").symlink_to(tmp_path / "c/readme.md")
    assert {str(it.relative_to(tmp_path)) for it in secrets_below([tmp_path])} == {"a/b/.env", "c/id_rsa"}


def test_landlock_goes_around_what_is_hidden(tmp_path: Path) -> None:
    for name in ("ws/src", "ws/keys", "home/me/.ssh"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("ws/.env", "ws/a.py", "ws/keys/k.pem"):
        (tmp_path / name).write_text("")
    (tmp_path / "ws/out").symlink_to("/")
    within = Confinement(
        readable=(tmp_path / "ws",),
        writable=(tmp_path / "ws/src",),
        hidden=(tmp_path,),
        covered=(tmp_path / "ws/.env", tmp_path / "ws/keys/k.pem"),
    )
    found = list(grants(within))
    inside = [(path, rights) for path, rights in found if path.startswith(str(tmp_path))]
    assert sorted(inside) == sorted([
        (str(tmp_path / "ws"), READ_DIR), (str(tmp_path / "ws/src"), READ), (str(tmp_path / "ws/a.py"), READ),
        (str(tmp_path / "ws/src"), WRITE),
    ])  # fmt: skip
    above = {str(it) for it in tmp_path.parents}
    assert not any(path in above or path == "/dev" for path, _ in found), (
        "nothing is given where more would be"
    )
    assert not any(Path(path).is_symlink() for path, _ in found)


def run_filter(program: bytes, architecture: int, call: int, *values: int) -> int:
    """Run a filter as the kernel does; returns the errno it refuses with, 0 where it allows."""
    data = struct.pack("=iIQ6Q", call, architecture, 0, *values, *[0] * (6 - len(values)))
    steps = list(struct.iter_unpack("=HBBI", program))
    at, loaded = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x06:
            return 0 if value == 0x7FFF0000 else value & 0xFFFF
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
            continue
        holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        at += yes if holds else no


@pytest.mark.parametrize(
    ("machine", "plain"), [("x86_64", [0, 1, 59, 257, 53]), ("aarch64", [63, 64, 221, 56, 199])]
)
def test_the_filter_refuses_what_leads_out_and_nothing_else(machine: str, plain: list[int]) -> None:
    calls = known_calls(machine)
    assert calls is not None

    def refused(call: int, first: int = 0, second: int = 0, program: bytes = filter_of(calls)) -> int:
        return run_filter(program, calls.architecture, call, first, second)

    assert [refused(it) for it in plain] == [0] * len(plain)
    assert {refused(it) for it in [*calls.refused.values(), calls.socket]} == {1}
    assert refused(calls.clone, 0x01200011) == 0
    assert refused(calls.clone, 0x10000000) == 1
    assert refused(435) == 38
    assert refused(calls.ioctl, 0, 0x5401) == 0
    assert refused(calls.ioctl, 0, 0x5412) == 1
    assert refused(calls.ioctl, 0, 0xFFFFFFFF00005412) == 1
    assert (refused(calls.limits, 0), refused(calls.limits, 7)) == (0, 1)
    assert refused(calls.signals[0]) == 0
    assert {refused(it, program=filter_of(calls, signals=False)) for it in calls.signals} == {1}
    assert refused(calls.socket, program=filter_of(calls, network=True)) == 0
    assert run_filter(filter_of(calls), 0x40000003, plain[0]) == 1, "32-bit programs"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_what_works_lets_it_work_and_no_further(machine: str) -> None:
    calls = known_calls(machine)
    assert calls is not None
    numbers = calls.refused

    def refused(call: int, *values: int, network: bool = False) -> int:
        program = filter_of(calls, works=True, network=network)
        return run_filter(program, calls.architecture, call, *values)

    for name in ("fchmod", "fchmodat", "utimensat", "fchownat", "mknodat", "setxattr", "shmget"):
        assert refused(numbers[name]) == 0, name
    for name in ("mount", "ptrace", "keyctl", "bpf", "setns", "io_uring_setup", "chroot"):
        assert refused(numbers[name]) == 1, name
    assert [refused(calls.socket, it) for it in (1, 2, 10, 16, 17, 38, 40)] == [0, 0, 0, 0, 1, 1, 1]
    assert [refused(calls.socket, it, network=True) for it in (1, 2, 10, 16, 40)] == [1, 0, 0, 0, 1]
    assert [refused(numbers["fchmod"], 3, it) for it in (0o755, 0o1777, 0o4755, 0o2755)] == [0, 0, 1, 1]
    assert [refused(numbers["fchmodat"], 3, 0, it) for it in (0o755, 0o4755)] == [0, 1]
    opens = {2: 1, 257: 2, 56: 2}
    for call, argument in calls.opens.items():
        assert opens[call] == argument
        before = [0] * argument
        assert refused(call, *before, 0o101, 0o644) == 0
        assert refused(call, *before, 0o101, 0o4644) == 1
        assert refused(call, *before, 0o20200002, 0o2644) == 1
        assert refused(call, *before, 0, 0o4644) == 0, "what it creates nothing by"
    assert refused(437) == 38


def test_the_other_numbering_of_the_same_processor_is_refused() -> None:
    calls = known_calls("x86_64")
    assert calls is not None
    assert run_filter(filter_of(calls), calls.architecture, 0x40000000 + 41) == 1
    assert known_calls("pdp11") is None


def test_the_profile_of_macos_ends_with_what_lies_innermost() -> None:
    lines = profile(WITHIN).splitlines()
    assert lines[:2] == ["(version 1)", "(deny default)"]
    assert lines[-5:] == [
        '(deny file-read-data file-read-xattr (subpath "/h"))',
        '(allow file-read* (subpath "/ws"))',
        '(deny file-read-data file-read-xattr (subpath "/ws/in"))',
        '(allow file-read* file-write* (subpath "/ws/.tmp"))',
        '(deny file-read-data file-read-xattr (literal "/ws/.env"))',
    ]
    assert "network" not in profile(WITHIN)
    assert "(allow network*)" in profile(Confinement(network=True))
    assert '(subpath "/a\\"b")' in profile(Confinement(readable=(Path('/a"b'),)))


def test_the_best_that_works_is_chosen() -> None:
    assert [it.title for it in MECHANISMS] == ["bubblewrap", "Landlock and seccomp"], "install bubblewrap"
    assert choose().title == "bubblewrap"


def test_what_does_not_run_a_command_is_not_chosen() -> None:
    assert not works(Bubblewrap("/bin/false"))
    assert not works(Bubblewrap(str(ROOT / "absent")))
    assert works(Unconfined())
