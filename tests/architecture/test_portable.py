"""Nothing in the repository is tied to the machine it was written on, or to one package registry."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, project_files, shown

# Each pattern is put together here, so that this file does not match itself.
MACHINE_FOLDERS = "|".join(["ro" + "ot", "wo" + "rk", "(?<!:/)Us" + "ers/[a-z]+"])
REGISTRY_HOSTS = "|".join(
    re.escape(".".join(parts))
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
    ]
)
INDEX_LINES = "|".join(["--" + "index-url", "--" + "extra-index-url", "--" + "find-links"])
FORBIDDEN = {
    "a path of one machine": re.compile(rf"(?<![\w.~$}})-])/(?:{MACHINE_FOLDERS})(?:/|\b)(?![\w-])"),
    "the address of a registry": re.compile(REGISTRY_HOSTS),
    "an index line": re.compile(INDEX_LINES),
}


def text_files() -> Iterator[tuple[Path, str]]:
    for path in project_files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, or a sample of another encoding


def test_no_machine_path_and_no_registry_in_any_file() -> None:
    found = [
        f"{shown(path)}:{number}: {what}: {line.strip()[:100]}"
        for path, text in text_files()
        for what, pattern in FORBIDDEN.items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_locks_have_a_hash_for_every_package() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        for block in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
            assert "--hash=sha256:" in block, f"{shown(lock)}: no hash for {block.splitlines()[0]}"


def test_the_development_lock_has_everything_the_runtime_lock_has() -> None:
    pin = re.compile(r"^(\S+==\S+)", re.MULTILINE)
    pins = {
        name: set(pin.findall((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")))
        for name in ("runtime", "dev")
    }
    assert pins["runtime"] <= pins["dev"]


def test_the_patterns_find_what_they_are_for() -> None:
    path, registry, index = FORBIDDEN.values()
    for folder in ("wo" + "rk", "ro" + "ot"):
        assert path.search(f"/{folder}/main")
        assert path.search(f"file:///{folder}/a.py")
        assert path.search(f"cd /{folder}")
        assert not path.search(f"net/{folder}/a")
        assert not path.search(f"~/{folder}/a")
        assert not path.search(f"/{folder}space/a.py")
    assert path.search("/Us" + "ers/ada/a.py")
    assert not path.search("C:/Us" + "ers/ada/a.py")
    assert registry.search("https://" + "pypi" + ".org/simple")
    assert index.search("--" + "index-url x")
