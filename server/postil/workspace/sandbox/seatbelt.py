"""sandbox-exec of macOS: a profile in its own language, written for each command."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.mechanism import Launch

SANDBOX_EXEC = "/usr/bin/sandbox-exec"
_BEGINNING = """(version 1)
(deny default)
(allow process-exec)
(allow process-fork)
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow file-read*)
(allow file-write-data (literal "/dev/null") (literal "/dev/zero"))"""


@dataclass(frozen=True, slots=True)
class Seatbelt:
    """Runs commands under a profile of sandbox-exec."""

    title: str = "sandbox-exec"
    lets_work: bool = True
    lays_over: bool = False

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        """Return the command behind sandbox-exec."""
        del cwd
        return Launch((SANDBOX_EXEC, "-p", profile(within), *argv), environment)


def profile(within: Confinement) -> str:
    """Return the profile. Of its rules the last one that fits holds, so they stand from the outside in."""
    rules = [(it, 0, f"(deny file-read-data file-read-xattr (subpath {_text(it)}))") for it in within.hidden]
    rules += [(it, 1, f"(allow file-read* (subpath {_text(it)}))") for it in within.readable]
    rules += [(it, 2, f"(allow file-read* file-write* (subpath {_text(it)}))") for it in within.writable]
    inner = [
        it for it in within.writable if any(it != one and it.is_relative_to(one) for one in within.writable)
    ]
    rules += [(it, 3, f"(deny file-write-unlink (literal {_text(it)}))") for it in inner]
    rules += [(it, 3, f"(deny file-write* (subpath {_text(it)}))") for it in (*within.kept, *within.absent)]
    rules += [
        (it, 4, f"(deny file-read-data file-read-xattr (literal {_text(it)}))") for it in within.covered
    ]
    ordered = [rule for _, _, rule in sorted(rules, key=lambda it: (len(it[0].parts), it[1], it[0]))]
    return "\n".join([_BEGINNING, *ordered, *(["(allow network*)"] if within.network else [])]) + "\n"


def _text(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)
