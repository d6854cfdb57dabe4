"""`Read(…)` and `Edit(…)`: gitignore-style patterns over paths.

`src/**` and `./src/**` start at a root of the workspace, `//etc/hosts` at the file system's root, `~/x` at
the home folder, and a pattern without a slash matches the name at any depth, as in .gitignore.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from postil.workspace.files.paths import is_secret, runs_when_built

_WILD = frozenset("*?[!")
STRANGE = "qx7anything"
"""A name that nobody gives, for any name at all."""
_ANYTHING = "\x01any\x01"
"""A name that only wildcards match."""


def covers(pattern: str, path: str, roots: tuple[str, ...], home: str) -> bool:
    """Whether `pattern` covers the absolute, resolved `path`."""
    for folder, spec in _places(pattern, roots, home):
        if path == folder:
            return spec.match_file(".")
        below = folder.rstrip("/") + "/"
        if path.startswith(below) and spec.match_file(path[len(below) :]):
            return True
    return False


@lru_cache(maxsize=1024)
def _places(pattern: str, roots: tuple[str, ...], home: str) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    """Return the folders that a pattern may start at, each with what it says below it."""
    if pattern.startswith("//"):
        return (("/", _spec("/" + pattern.lstrip("/"))),)
    if pattern.startswith("~/"):
        return ((home, _spec(pattern[1:])),)
    anchored = pattern.removeprefix("./")
    spec = _spec(f"/{anchored}" if anchored != pattern else pattern)
    return tuple((root, spec) for root in roots)


def names(pattern: str, path: Path, roots: tuple[Path, ...], home: Path | None = None) -> bool:
    """Whether the pattern, without any wildcard, names exactly `path` and not a folder that it lies in."""
    if _WILD & set(pattern) or "/" not in pattern:
        return False
    if pattern.startswith("//"):
        return path == Path("/" + pattern.lstrip("/"))
    if pattern.startswith("~/"):
        return path == (home or Path.home()) / pattern[2:]
    return any(path == root / pattern.removeprefix("./").lstrip("/") for root in roots)


def covers_inside(pattern: str, path: str, roots: tuple[str, ...], home: str) -> bool:
    """Whether `pattern` covers whatever lies directly in the folder `path`, as `x/**` does for `x`."""
    return covers(pattern, f"{path.rstrip('/')}/{_ANYTHING}", roots, home)


def fault(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and how to mend it."""
    if pattern.startswith(("!", "#")):
        return (
            f"a pattern cannot begin with {pattern[0]!r}, it would match nothing",
            "Say what is meant with a rule that allows and one that denies.",
        )
    return None


def examples(pattern: str | None) -> tuple[str, ...]:
    """Return paths that stand for all that a pattern means; none where that cannot be said of it."""
    if pattern is None:
        return (STRANGE, f"{STRANGE}/{STRANGE}")
    if set(pattern) & set("?[]\\"):
        return ()
    text = pattern[1:] if pattern.startswith("//") else pattern
    deep = "" if "/" in text.rstrip("/") else f"{STRANGE}/"
    folder = text.removeprefix("/") if not pattern.startswith("//") else text
    found = (folder.replace("**", it).replace("*", STRANGE) for it in (STRANGE, f"{STRANGE}/{STRANGE}"))
    plain = tuple(dict.fromkeys(it.rstrip("/") for it in found))
    inside = () if _is_file(pattern) else tuple(f"{it}/{STRANGE}" for it in plain)
    return (*plain, *inside, *(f"{deep}{it}" for it in plain if deep))


def _is_file(pattern: str) -> bool:
    """Whether the last name of a pattern is most likely a file's; a folder's name means all that lies in it as well."""
    name = PurePosixPath(pattern)
    return not pattern.endswith("/") and (bool(name.suffix) or is_secret(name) or runs_when_built(name))


def literal_pattern(path: Path, roots: tuple[Path, ...]) -> str | None:
    """Return the pattern that matches `path` alone, or None where its name cannot be written plainly."""
    for root in roots:
        if path.is_relative_to(root):
            text = "./" + path.relative_to(root).as_posix()
            break
    else:
        text = "/" + path.as_posix()
    plain = not (set(text) & (_WILD | set("\\#()\n"))) and text == text.strip()
    return text if plain else None


@lru_cache(maxsize=1024)
def _spec(pattern: str) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines([pattern])
