"""The filter of system calls that confined commands run under, as the kernel reads it: no sockets, no ways around the rest."""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
_ARCHITECTURE, _NUMBER, _ARGUMENTS = 4, 0, 16
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020080
"""Every CLONE_NEW… flag: cgroup, uts, ipc, user, pid, net, mount, time."""
_REFUSED_REQUESTS = {
    "TIOCSTI": 0x5412, "TIOCLINUX": 0x541C, "FS_IOC_SETFLAGS": 0x40086602, "FS_IOC_FSSETXATTR": 0x401C5820,
    "FS_IOC_SETVERSION": 0x40087602, "FS_IOC_ENABLE_VERITY": 0x40806685,
}  # fmt: skip
"""Types into a terminal, or changes a file without opening it for writing."""

_EVERYWHERE = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "quotactl_fd": 443, "fchmodat2": 452,
    "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
_X86_64 = {
    "shmget": 29, "semget": 64, "msgget": 68, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "ptrace": 101,
    "syslog": 103, "utime": 132, "mknod": 133, "vhangup": 153, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170,
    "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176, "quotactl": 179, "setxattr": 188,
    "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "clock_settime": 227,
    "utimes": 235, "mq_open": 240, "mq_unlink": 241, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
    "mknodat": 259, "fchownat": 260, "futimesat": 261, "fchmodat": 268, "unshare": 272, "utimensat": 280, "perf_event_open": 298,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
}  # fmt: skip
_AARCH64 = {
    "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "mknodat": 33,
    "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55,
    "vhangup": 58, "quotactl": 60, "utimensat": 88, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105,
    "delete_module": 106, "clock_settime": 112, "syslog": 116, "ptrace": 117, "reboot": 142, "sethostname": 161,
    "setdomainname": 162, "settimeofday": 170, "adjtimex": 171, "mq_open": 180, "mq_unlink": 181, "msgget": 186, "semget": 190,
    "shmget": 194, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225, "perf_event_open": 241,
    "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
    "finit_module": 273, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calls:
    """The numbers of one architecture."""

    architecture: int
    refused: dict[str, int]
    socket: int
    clone: int
    ioctl: int
    limits: int
    """prlimit64, which may be about other processes."""
    signals: tuple[int, ...]
    """kill, tkill, tgkill, pidfd_send_signal."""
    modes: dict[int, int]
    """Calls that give a file a mode, with the argument that says which."""
    opens: dict[int, int]
    """Calls that may create a file, with the argument of their flags; that of the mode follows."""


_CLONE3, _OPENAT2 = 435, 437
_WORK = frozenset({
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
    "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "setxattrat", "removexattrat", "mknod", "mknodat",
    "shmget", "semget", "msgget", "mq_open", "mq_unlink",
})  # fmt: skip
"""What programs that work do all day, and what reaches no further than the files that they may write."""
_OF_THE_MACHINE, _FAMILIES = 1, (2, 10, 16)
"""Sockets that a network of its own keeps inside: of the machine itself, IPv4, IPv6, netlink. Others know no such networks."""
_SET_ID = 0o6000
_CREATES = 0o100 | 0o20000000
"""O_CREAT and O_TMPFILE, the same on both architectures."""
_MODES = {
    "x86_64": {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "mknod": 1, "mknodat": 2},
    "aarch64": {"fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "mknodat": 2},
}  # fmt: skip
"""Which argument is a mode."""
_CALLS = {
    "x86_64": Calls(
        0xC000003E, _X86_64 | _EVERYWHERE, 41, 56, 16, 302, (62, 200, 234, 424),
        {(_X86_64 | _EVERYWHERE)[name]: it for name, it in _MODES["x86_64"].items()} | {85: 1}, {2: 1, 257: 2},
    ),
    "aarch64": Calls(
        0xC00000B7, _AARCH64 | _EVERYWHERE, 198, 220, 29, 261, (129, 130, 131, 424),
        {(_AARCH64 | _EVERYWHERE)[name]: it for name, it in _MODES["aarch64"].items()}, {56: 2},
    ),
}  # fmt: skip


def known_calls(machine: str = "") -> Calls | None:
    """Return the numbers of this machine's architecture; None where they are not known."""
    return _CALLS.get(machine or platform.machine())


def filter_of(calls: Calls, *, network: bool = False, signals: bool = True, works: bool = False) -> bytes:
    """Return the filter. What is refused fails with EPERM; a 32-bit program can do nothing at all.

    `signals` says whether signals may be sent; where nothing else keeps them inside, they may not. What `works` may do
    what belongs to work on files that it can write, and open sockets in a network of its own; it makes no program
    that runs as its owner whoever starts it.
    """
    refused = [number for name, number in calls.refused.items() if not (works and name in _WORK)]
    refused += [] if network or works else [calls.socket]
    refused += [] if signals else calls.signals
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, calls.architecture),
        _refuse(),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if calls.architecture == _CALLS["x86_64"].architecture:
        program += [(_AT_LEAST, 0, 1, _X32), _refuse()]
    for number in sorted(refused):
        program += [(_EQUAL, 0, 1, number), _refuse()]
    # The C library falls back to clone(), whose flags can be read; those of clone3() lie in memory.
    program += [(_EQUAL, 0, 1, _CLONE3), _refuse(errno.ENOSYS)]
    program += _when(calls.clone, 0, [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), _refuse()])
    program += _when(calls.limits, 0, [(_EQUAL, 1, 0, 0), _refuse()])
    requests = [it for value in _REFUSED_REQUESTS.values() for it in ((_EQUAL, 0, 1, value), _refuse())]
    program += _when(calls.ioctl, 1, requests)
    if works:
        program += _of_work(calls, network=network)
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in program)


_Step = tuple[int, int, int, int]


def _refuse(code: int = errno.EPERM) -> _Step:
    return (_RETURN, 0, 0, _REFUSE | code)


def _of_work(calls: Calls, *, network: bool) -> list[_Step]:
    """Of what is refused to those who only read, what stays refused."""
    # Beside the machine's own network those of the machine itself would lead to its services.
    allowed = _FAMILIES if network else (_OF_THE_MACHINE, *_FAMILIES)
    families = [it for family in allowed for it in ((_EQUAL, 0, 1, family), (_RETURN, 0, 0, _ALLOW))]
    program = _when(calls.socket, 0, [*families, _refuse()])
    # As with clone3(): its mode lies in memory.
    program += [(_EQUAL, 0, 1, _OPENAT2), _refuse(errno.ENOSYS)]
    for number, argument in sorted(calls.modes.items()):
        program += _when(number, argument, [(_ANY_BIT, 0, 1, _SET_ID), _refuse()])
    for number, argument in sorted(calls.opens.items()):
        mode = (_LOAD, 0, 0, _ARGUMENTS + 8 * (argument + 1))
        program += _when(
            number, argument, [(_ANY_BIT, 0, 3, _CREATES), mode, (_ANY_BIT, 0, 1, _SET_ID), _refuse()]
        )
    return program


def _when(number: int, argument: int, steps: list[_Step]) -> list[_Step]:
    """For one call look at the lower half of an argument; what the steps do not refuse is allowed."""
    body = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *steps, (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(body), number), *body]
