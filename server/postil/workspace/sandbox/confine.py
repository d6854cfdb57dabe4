"""Gives up every right that its plan does not name, and then becomes the command.

It is run by itself, `python -I -S confine.py DESCRIPTOR PROGRAM ARGUMENT…`, and imports nothing of Postil's, and little else: json and typing
alone would double the time it takes. Whatever goes wrong, the command is not run.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_SET_SECCOMP, _FILTER, _SET_NO_NEW_PRIVILEGES = 22, 2, 38
_CAPABILITIES_VERSION = 0x20080522
_FILE_RIGHTS = 1 | 2 | 4 | 1 << 14 | 1 << 15
_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return answer


def _prctl(name: str, option: int, *values: object) -> None:
    padded = [*values, *[ctypes.c_ulong(0)] * (4 - len(values))]
    _call(name, _LIBC.prctl(ctypes.c_int(option), *padded))


def _landlock(version: int, paths: list[tuple[bytes, int]], *, network: bool) -> None:
    handled = (1 << (16 if version >= 5 else 15)) - 1
    words = [handled, 0 if network else 3, 3]
    attributes = struct.pack("=3Q", *words)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    syscall = _LIBC.syscall
    syscall.restype = ctypes.c_long
    rules = _call(
        "landlock_create_ruleset",
        syscall(
            ctypes.c_long(_CREATE_RULESET), attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
        ),
    )
    for path, rights in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue  # gone since: then nobody gets any right there
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights & handled, place)
        answer = syscall(
            ctypes.c_long(_ADD_RULE), ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint(0)
        )
        os.close(place)
        _call("landlock_add_rule", answer)
    _call(
        "landlock_restrict_self",
        syscall(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(rules), ctypes.c_uint(0)),
    )
    os.close(rules)


def _drop_capabilities() -> None:
    header = struct.pack("=Ii", _CAPABILITIES_VERSION, 0)
    _call("capset", _LIBC.capset(header, bytes(24)))


def _seccomp(program: bytes) -> None:
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    found = Program(len(program) // 8, program)
    _prctl("seccomp", _SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(found))


def main(descriptor: int, argv: list[str]) -> None:
    """Read the plan, hold to it, and become the command."""
    with os.fdopen(descriptor, "rb") as file:
        version, network, calls, *paths = file.read().split(b"\0")
    rights = [(path, int(rights)) for rights, path in zip(paths[::2], paths[1::2], strict=True)]
    _prctl("no new privileges", _SET_NO_NEW_PRIVILEGES, ctypes.c_ulong(1))
    _landlock(int(version), rights, network=network == b"network")
    _drop_capabilities()
    _seccomp(bytes.fromhex(calls.decode()))
    os.execv(argv[0], argv)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), sys.argv[2:])
    except Exception as error:  # noqa: BLE001 - whatever it is, the command must not run
        sys.stderr.write(f"The sandbox could not be set up, so the command was not run: {error}.\n")
        sys.exit(126)
