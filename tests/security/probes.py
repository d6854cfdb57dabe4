"""Tries to get out of a sandbox, in every way that is known to us: run inside of one, with a plan, it says what succeeded.

What changed on the disk is judged from outside by whoever runs it; every attempt has a folder of its own in every place.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import stat
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
Attempt = Callable[[str], object]


def call(number: int, *values: object) -> int:
    """Make a system call; raises OSError where it is refused."""
    LIBC.syscall.restype = ctypes.c_long
    words = [ctypes.c_long(it) if isinstance(it, int) else it for it in values]
    answer = LIBC.syscall(ctypes.c_long(number), *words)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(answer)


def text(path: str, flags: int = os.O_WRONLY) -> None:
    file = os.open(path, flags)
    try:
        os.write(file, b"changed")
    finally:
        os.close(file)


def through_descriptor(folder: str) -> None:
    file = os.open(f"{folder}/a", os.O_RDONLY)
    text(f"/proc/self/fd/{file}")


def through_link(folder: str, kind: Callable[[str, str], None]) -> None:
    name = f"{os.environ['TMPDIR']}/{kind.__name__}-{folder.replace('/', '-')}"
    kind(f"{folder}/a", name)
    text(name)


def through_moved_in(folder: str) -> None:
    """Move a file of the temporary folder over the one outside."""
    own = Path(os.environ["TMPDIR"]) / f"own-{folder.replace('/', '-')}"
    own.write_text("changed")
    own.rename(f"{folder}/a")


def flags(folder: str) -> None:
    """Forbid changes of a file (chattr +i, +A), which needs no open for writing."""
    file = os.open(f"{folder}/a", os.O_RDONLY)
    found = bytearray(4)
    fcntl.ioctl(file, 0x80086601, found)
    fcntl.ioctl(file, 0x40086602, struct.pack("i", struct.unpack("i", found)[0] | 0x80))


def bound(folder: str) -> None:
    with socket.socket(socket.AF_UNIX) as it:
        it.bind(f"{folder}/socket")


def mounted(folder: str) -> None:
    """Mount something over the folder, and write below it."""
    if LIBC.mount(b"none", folder.encode(), b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")
    LIBC.umount(folder.encode())
    Path(folder, "mounted").touch()


CHANGES: dict[str, Attempt] = {
    "write": lambda it: text(f"{it}/a"),
    "append": lambda it: text(f"{it}/a", os.O_WRONLY | os.O_APPEND),
    "empty_by_opening": lambda it: os.close(os.open(f"{it}/a", os.O_RDONLY | os.O_TRUNC)),
    "truncate": lambda it: os.truncate(f"{it}/a", 0),
    "create": lambda it: text(f"{it}/new", os.O_WRONLY | os.O_CREAT),
    "create_unnamed": lambda it: text(it, os.O_WRONLY | os.O_TMPFILE),
    "unlink": lambda it: Path(it, "a").unlink(),
    "rename": lambda it: Path(it, "a").rename(Path(it, "b")),
    "move_out": lambda it: Path(it, "a").rename(Path(os.environ["TMPDIR"], "moved")),
    "move_in": through_moved_in,
    "mkdir": lambda it: Path(it, "new").mkdir(),
    "rmdir": lambda it: Path(it, "empty").rmdir(),
    "symlink": lambda it: Path(it, "link").symlink_to("a"),
    "hardlink": lambda it: os.link(f"{it}/a", f"{it}/hard"),
    "write_through_symlink": lambda it: through_link(it, os.symlink),
    "write_through_hardlink": lambda it: through_link(it, os.link),
    "write_through_descriptor": through_descriptor,
    "write_through_proc_self_root": lambda it: text(f"/proc/self/root{it}/a"),
    "write_through_proc_1_root": lambda it: text(f"/proc/1/root{it}/a"),
    "write_through_victims_root": lambda it: text(f"/proc/{PLAN['victim']}/root{it}/a"),
    "write_through_victims_folder": lambda it: text(f"/proc/{PLAN['victim']}/cwd/../{Path(it).name}/a"),
    "chmod": lambda it: Path(it, "a").chmod(0o777),
    "set_user_id_bit": lambda it: Path(it, "a").chmod(0o4755),
    "chown": lambda it: os.chown(f"{it}/a", 1, 1),
    "utime": lambda it: os.utime(f"{it}/a", (1, 1)),
    "setxattr": lambda it: os.setxattr(f"{it}/a", "user.x", b"x"),
    "flags": flags,
    "mkfifo": lambda it: os.mkfifo(f"{it}/fifo"),
    "mknod": lambda it: os.mknod(f"{it}/device", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
    "bind_socket": bound,
    "mount": mounted,
}


def contains(path: str) -> bool:
    return PLAN["canary"].encode() in Path(path).read_bytes()


READS: dict[str, Callable[[str], bool]] = {
    "read": contains,
    "read_through_proc_self_root": lambda it: contains(f"/proc/self/root{it}"),
    "read_through_proc_1_root": lambda it: contains(f"/proc/1/root{it}"),
    "read_through_victims_root": lambda it: contains(f"/proc/{PLAN['victim']}/root{it}"),
}


def replaced(path: str) -> None:
    """Put a whole folder there at once."""
    made = Path(os.environ["TMPDIR"], "made") if not PLAN.get("beside") else Path(PLAN["beside"])
    (made / "inside").mkdir(parents=True, exist_ok=True)
    made.rename(path)


MAKES: dict[str, Attempt] = {
    "make_folder": lambda it: Path(it, "inside").mkdir(parents=True),
    "make_file": lambda it: Path(it).write_text("made", encoding="utf-8"),
    "make_link": lambda it: Path(it).symlink_to(os.environ["TMPDIR"]),
    "move_there": replaced,
    "make_file_inside": lambda it: Path(it, "settings.json").write_text("made", encoding="utf-8"),
}


def environments(_: str) -> bool:
    """Whether any process shows the canary in its environment."""
    found = False
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            found |= contains(str(path))
    return found


def memory(_: str) -> None:
    os.close(os.open(f"/proc/{PLAN['victim']}/mem", os.O_RDONLY))


def connected(family: int, kind: int, address: object) -> None:
    with socket.socket(family, kind) as it:
        it.settimeout(2)
        it.connect(address)  # type: ignore[arg-type]  # an address of any family
        it.send(b"x")


def raw(_: str) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def netlink(_: str) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def traced(_: str) -> None:
    if LIBC.ptrace(0x4206, PLAN["victim"], None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def own_namespaces(_: str) -> None:
    """In a child, as it cannot be taken back."""
    child = os.fork()
    if child == 0:
        os._exit(0 if LIBC.unshare(0x10000000 | 0x00020000) == 0 else 1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("unshare")


def cloned(_: str) -> None:
    """A user namespace by clone(), which seccomp has to read the flags of."""
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    child = call(number, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def joined(_: str) -> None:
    child = os.fork()
    if child == 0:
        try:
            file = os.open(f"/proc/{PLAN['victim']}/ns/net", os.O_RDONLY)
            os._exit(0 if LIBC.setns(file, 0) == 0 else 1)
        except OSError:
            os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("setns")


def typed(path: str) -> None:
    file = 0 if path == "0" else os.open(path, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(file, 0x5412, b"x")


def leaked() -> bool:
    """Whether files are open that nobody meant to hand over; before any attempt opens one."""
    kinds = [os.fstat(it).st_mode for it in range(3, 64) if _open(it)]
    return any(stat.S_ISREG(it) or stat.S_ISDIR(it) or stat.S_ISSOCK(it) for it in kinds)


def _open(file: int) -> bool:
    try:
        os.fstat(file)
    except OSError:
        return False
    return True


def status(name: str, harmless: str) -> bool:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(it.split()[1] for it in lines if it.startswith(f"{name}:")) != harmless


LEAKED = leaked()
OTHERS: dict[str, Attempt] = {
    "ptrace": traced,
    "memory_of_another": memory,
    "environments": environments,
    "limits_of_another": lambda _: call(
        {"x86_64": 302, "aarch64": 261}[os.uname().machine], PLAN["victim"], 7, struct.pack("QQ", 9, 9), None
    ),
    "tcp": lambda _: connected(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PLAN["tcp"])),
    "udp": lambda _: connected(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PLAN["udp"])),
    "unix_abstract": lambda _: connected(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{PLAN['abstract']}"),
    "unix_in_workspace": lambda _: connected(socket.AF_UNIX, socket.SOCK_STREAM, PLAN["unix"]),
    "raw_socket": raw,
    "netlink": netlink,
    "io_uring": lambda _: os.close(call(425, 8, ctypes.create_string_buffer(120))),
    "bpf": lambda _: os.close(call({"x86_64": 321, "aarch64": 280}[os.uname().machine], 0, struct.pack("5I", 2, 4, 4, 1, 0) + bytes(100), 120)),
    "unshare": own_namespaces,
    "clone_namespace": cloned,
    "setns": joined,
    "chroot": lambda _: os.chroot("/"),
    "keyring": lambda _: call({"x86_64": 250, "aarch64": 219}[os.uname().machine], 0, -3, 1),
    "message_queue": lambda _: call({"x86_64": 68, "aarch64": 186}[os.uname().machine], PLAN["victim"], 0o1600),
    "type_into_terminal": lambda _: typed(PLAN["terminal"]),
    "type_into_input": lambda _: typed("0"),
    "core_pattern": lambda _: os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY)),
    "namespaces_setting": lambda _: os.close(os.open("/proc/sys/kernel/hostname", os.O_WRONLY)),
    "magic_key": lambda _: os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY)),
    "control_groups": lambda _: os.close(os.open("/sys/fs/cgroup/cgroup.procs", os.O_WRONLY)),
    "kernel_setting": lambda _: os.close(os.open("/sys/kernel/mm/transparent_hugepage/enabled", os.O_WRONLY)),
    "write_to_a_disk": lambda _: os.close(os.open(PLAN["disk"], os.O_RDONLY)),
    "files_left_open": lambda _: LEAKED,
    "new_privileges": lambda _: status("NoNewPrivs", "1"),
    "capabilities": lambda _: status("CapEff", "0000000000000000"),
    # The last, as the other process may be no more afterwards.
    "signal": lambda _: os.kill(PLAN["victim"], signal.SIGTERM),
    "signal_by_descriptor": lambda _: signal.pidfd_send_signal(os.pidfd_open(PLAN["victim"]), signal.SIGTERM),
}  # fmt: skip


def main() -> None:
    """Try everything; print the names of what succeeded, and why the rest did not."""
    done: dict[str, str] = {}
    for place in PLAN["places"]:
        for name, attempt in CHANGES.items():
            done[f"{name} {place}"] = tried(attempt, f"{place}/{name}")
    for path in PLAN["secrets"]:
        for name, look in READS.items():
            done[f"{name} {path}"] = tried(look, path)
    for path in PLAN["absent"]:
        for name, attempt in MAKES.items():
            done[f"{name} {path}"] = tried(attempt, path)
    for name, attempt in OTHERS.items():
        done[name] = tried(attempt, "")
    print(json.dumps(done))


def tried(attempt: Callable[[str], object], about: str) -> str:
    """Return nothing where it succeeded."""
    try:
        return "it tells nothing" if attempt(about) is False else ""
    except Exception as error:  # noqa: BLE001 - refused, however it is said
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    PLAN: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    main()
