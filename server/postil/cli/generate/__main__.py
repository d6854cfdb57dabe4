"""Write the generated files, or say which are stale: `python -m postil.cli.generate [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from postil.cli.generate import configuration, manual, protocol, settings, tools, typescript

_HERE = Path(__file__).parents[4]
OUTPUTS: Mapping[str, Callable[[], str]] = {
    "clients/vscode/src/protocol_gen.ts": typescript.render,
    "docs/protocol.md": protocol.render,
    "docs/configuration.md": configuration.render,
    "docs/tools.md": tools.render,
    **manual.outputs(_HERE),
    **settings.outputs(_HERE),
}
"""Every generated file, by its path in the repository, and what writes it."""


def stale(root: Path) -> list[str]:
    """Return the files under `root` that are missing or differ from what the code says."""
    return [name for name, render in OUTPUTS.items() if _content(root / name) != render()]


def write(root: Path) -> list[str]:
    """Write what is stale under `root` and return its names."""
    names = stale(root)
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(OUTPUTS[name](), encoding="utf-8", newline="\n")
    return names


def main(arguments: Sequence[str]) -> int:
    """Return 0 where everything is fresh in the end, 1 where `--check` found something stale."""
    parser = argparse.ArgumentParser(prog="postil.cli.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; name what is stale")
    parser.add_argument("--root", type=Path, help="the repository (default: the one this code lies in)")
    options = parser.parse_args(arguments)
    root: Path = options.root or _HERE
    if not (root / "pyproject.toml").is_file():
        sys.stderr.write("There is no checkout of Postil around this code. Name one with --root.\n")
        return 2
    names = stale(root) if options.check else write(root)
    for name in names:
        print(f"stale: {name}" if options.check else f"written: {name}")
    return 1 if names and options.check else 0


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
