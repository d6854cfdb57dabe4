"""What the package has in it: all that is needed, nothing else, and not more of it than was ever agreed on."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.editors.vscode.conftest import EXTENSION, missing

FILES = {
    "LICENSE.txt", "package.json", "readme.md",
    "dist/extension.js", "dist/uninstall.js", "dist/webview.css", "dist/webview.js", "dist/webview.js.LEGAL.txt",
    "dist/ThirdPartyNotices.txt",
    "media/postil.png", "media/postil.svg",
    *(f"media/walkthrough/{step}.md" for step in ("answer", "ask", "install", "key", "review")),
    "server/bundle.json", "server/requirements.txt",
}  # fmt: skip
KILOBYTES = 2_300
"""More than a fifth above what it has; who raises it says why."""
SHARES = {"dist/extension.js": 600, "dist/webview.js": 500, "dist/webview.css": 40}
"""Kilobytes of what is loaded at each start, before it is packed."""


@pytest.fixture
def package() -> Path:
    """The file that people install."""
    if not EXTENSION.exists():
        missing("the extension")
    return EXTENSION


def test_it_has_these_files_and_no_other(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        names = {it.removeprefix("extension/") for it in archive.namelist() if it.startswith("extension/")}
        bundle = json.loads(archive.read("extension/server/bundle.json"))
        licence = archive.read("extension/LICENSE.txt").decode()
        others = archive.read("extension/dist/ThirdPartyNotices.txt").decode()
    assert names == FILES | {f"server/{bundle['wheel']}"}
    assert "Apache License" in licence
    assert "\nvscode-languageclient " in others


def test_it_stays_small(package: Path) -> None:
    assert package.stat().st_size < KILOBYTES * 1024
    with zipfile.ZipFile(package) as archive:
        for name, most in SHARES.items():
            assert archive.getinfo(f"extension/{name}").file_size < most * 1024, name
