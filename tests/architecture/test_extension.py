"""The VS Code extension says of itself what is so: the range of versions, what its page shows, and what is locked."""

import json
import re
from typing import Any

from tests.architecture.sources import ROOT, project_files, shown

CLIENT = ROOT / "clients" / "vscode"
TESTS = ROOT / "tests" / "editors" / "vscode"
PAGE = CLIENT / "README.md"
SHOWN = re.compile(r"!\[[^\]]*\]\(([^)\s]+)|<img[^>]+src=[\"']([^\"']+)")
LINKED = re.compile(r"\[[^\]]*\]\(([^)\s]+)")


def read(path: Any) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def least() -> str:
    """The version that the range begins with, without its last part."""
    stated = re.fullmatch(r"\^(\d+\.\d+)\.0", read(CLIENT / "package.json")["engines"]["vscode"])
    assert stated is not None
    return stated[1]


def test_types_tests_and_documents_have_the_version_that_the_range_begins_with() -> None:
    manifest = read(CLIENT / "package.json")
    assert manifest["devDependencies"]["@types/vscode"] == f"{least()}.0"
    assert read(TESTS / "spy" / "package.json")["engines"]["vscode"] == manifest["engines"]["vscode"]
    # code-server counts as Code does, with 4 for 1.
    server = read(TESTS / "npm-oldest" / "package.json")["dependencies"]["code-server"]
    assert re.sub(r"^4\.(\d+)\.\d+$", r"1.\1", server) == least()
    for document in (PAGE, ROOT / "docs" / "howto" / "vscode.md"):
        assert f"VS Code {least()} or newer" in document.read_text("utf-8"), shown(document)


def test_every_package_of_npm_has_a_digest_and_no_address() -> None:
    locks = [path for path in project_files() if path.name == "package-lock.json"]
    assert len(locks) > 2
    for lock in locks:
        packages = {name: it for name, it in read(lock)["packages"].items() if name and not it.get("link")}
        assert packages
        assert [name for name, it in packages.items() if "integrity" not in it or "resolved" in it] == [], (
            lock
        )


def test_the_page_of_the_marketplace_shows_only_what_can_be_shown_there() -> None:
    """Nothing relative, which would need a repository to be found in, and no picture that a marketplace refuses."""
    text = PAGE.read_text("utf-8")
    pictures = ["".join(it) for it in SHOWN.findall(text)]
    assert [it for it in pictures if not it.startswith("https://") or it.endswith(".svg")] == []
    assert [it for it in LINKED.findall(text) if not it.startswith(("https://", "#"))] == []
    assert read(CLIENT / "package.json")["icon"].endswith(".png")
