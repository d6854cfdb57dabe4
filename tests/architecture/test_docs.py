"""The documents name what exists, and leave out nothing that they promise to list."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, ROOT, project_files, shown

DECISIONS = ROOT / "docs" / "decisions"
DECISION_SECTIONS = ("## Context", "## Decision", "## Consequences")
VOCABULARY = {
    "Access",
    "Call",
    "Decision",
    "Event",
    "Face",
    "Invocation",
    "Journal",
    "Port",
    "Session",
    "State",
    "Step",
    "Turn",
}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MAKE_TARGET = re.compile(r"`make ([a-z][a-z-]*)`")


def documents() -> list[Path]:
    """List what people read; the Markdown in the package is read by a model."""
    return [path for path in project_files() if path.suffix == ".md" and not path.is_relative_to(PACKAGE)]


def decisions() -> list[Path]:
    return sorted(path for path in project_files() if path.parent == DECISIONS and path.name != "README.md")


def test_every_decision_is_listed_once_and_in_order() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = [target for target in LINK.findall(index) if re.match(r"\d{4}-", target)]
    assert listed == [path.name for path in decisions()]


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in decisions()] == [f"{n:04}" for n in range(1, len(decisions()) + 1)]


@pytest.mark.parametrize("path", decisions(), ids=lambda path: path.stem)
def test_a_decision_has_its_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    missing = [section for section in DECISION_SECTIONS if f"\n{section}\n" not in text]
    assert not missing


def test_links_lead_somewhere() -> None:
    broken = [
        f"{shown(path)} -> {target}"
        for path in documents()
        for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def test_make_targets_in_documents_exist() -> None:
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    unknown = [
        f"{shown(path)}: make {target}"
        for path in documents()
        for target in MAKE_TARGET.findall(path.read_text(encoding="utf-8"))
        if target not in targets
    ]
    assert not unknown, "\n".join(unknown)


def test_the_vocabulary_defines_the_words_the_code_is_built_of() -> None:
    text = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    defined = set(re.findall(r"\*\*([A-Z][A-Za-z ]*)\*\*", text))
    assert not VOCABULARY - defined, f"docs/vocabulary.md does not define {sorted(VOCABULARY - defined)}"
