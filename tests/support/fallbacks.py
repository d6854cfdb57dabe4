"""What Postil does where a client cannot do something: each sentence belongs to a look at the walk that decides whether it is so.

`make gen` writes `docs/clients.md` of the sentences that the walk without each capability is held to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from postil.core.events import TurnEnded
from postil.lsp.capabilities import Capabilities
from postil.workspace.files.uris import path_to_uri
from tests.support.able_client import REFRESH
from tests.support.spine import APP, Walk

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "clients.md"
SAID: frozenset[str] = frozenset(
    {"checks_version_zero", "client", "folds_markdown", "messages_wait", "protocol", "settings", "streaming", "trusts_workspace", "wants_labels"}
)  # fmt: skip
"""What a client says of itself, and is nothing that it can or cannot do."""

_HEAD = """\
<!-- Written by `make gen` from tests/support/fallbacks.py. -->

# What an editor has to be able to do

Nothing but to open documents, to say what is typed in them, and to run commands. A test takes each capability away from a client
that has all the others, goes the whole way with it, from a prompt by edits, questions and a command to taking all of it back, and
sees that what this table says is what happens, and that nothing else is different. One more goes the same way with a client that
offers no capability at all, where all of it happens at once: `test_the_whole_way_without_anything`.

| capability | where it is missing | tried in |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that can be seen of a walk, in either of two ways."""

    able: str
    unable: str
    is_able: Callable[[Walk], bool]
    """Fails where it is neither."""


LOOKS: dict[str, Look] = {}


def _look(able: str, unable: str) -> Callable[[Callable[[Walk], bool]], Callable[[Walk], bool]]:
    def note(look: Callable[[Walk], bool]) -> Callable[[Walk], bool]:
        LOOKS[look.__name__.removeprefix("_")] = Look(able, unable, look)
        return look

    return note


@_look(
    "a file that is open is edited in the editor",
    "a file that is open is not edited, and the agent is told so; closed files are written on the disk",
)
def _editing(it: Walk) -> bool:
    in_app, in_closed = it.finished("edit")
    assert in_closed.outcome == "completed"
    edits = [one["edit"]["documentChanges"][0]["textDocument"]["uri"] for one in it.editor.heard.edits]
    if in_app.outcome == "completed":
        assert edits.count(it.app.uri) == 2, "made, and taken back"
        return True
    assert "app.py is open in an editor that takes no edits" in in_app.content
    assert not edits
    assert it.app.path.read_text() == APP
    return False


@_look(
    "answers come into the chat document",
    "answers of an open chat document are in a file beside it, which a message names",
)
def _answering(it: Walk) -> bool:
    rows = (
        "\n## Postil\n",
        "- ran `sh -c 'cat typed.py'`",
        "\nAll done.\n",
        "\nSecond.\n",
        "## You\nMend it.\n",
    )
    there = it.chat.text
    if it.beside is not None:
        assert there.endswith("## You\nMend it.\n"), "as it was written"
        there = it.beside.read_text()
    assert all(row in there for row in rows), there
    return it.beside is None


@_look("a document is opened in the editor", "a message says where a document lies")
def _showing(it: Walk) -> bool:
    told = f"Postil: The chat is in {it.chat.path}." in it.said
    assert told != (it.chat.uri in it.editor.asked.shown)
    return not told


@_look(
    "what can be done at a place is offered with its kind",
    "what can be done at a place is offered as plain commands",
)
def _offering(it: Walk) -> bool:
    plain = [isinstance(one["command"], str) for one in it.actions]
    assert any(plain) == all(plain)
    assert all(plain) or all(one["kind"] for one in it.actions)
    return not any(plain)


@_look("work is shown as progress", "no progress is shown; questions are told by diagnostics all the same")
def _progressing(it: Walk) -> bool:
    assert it.answers, "a question stood there"
    return bool(it.editor.heard.progress)


@_look(
    "the editor is asked to save",
    "the person is asked to save, and a command that needs what is unsaved runs then",
)
def _saving(it: Walk) -> bool:
    (ran,) = it.finished("shell")
    assert "print('saved')" in ran.content
    if it.editor.heard.saves:
        assert not it.asked_to_save
        return True
    assert any("typed.py" in one for one in it.asked_to_save), it.asked_to_save
    return False


@_look(
    "what other servers find is told with an edit",
    "nothing is said of what other servers find in an edited file",
)
def _finding(it: Walk) -> bool:
    told = "Undefined name c" in it.finished("edit")[0].content
    assert told or "problem" not in it.finished("edit")[0].content.lower()
    return told


@_look("the editor tells where a name is used", "where a name is defined and used is told from the texts")
def _telling(it: Walk) -> bool:
    (found,) = it.finished("symbols")
    assert "use.py:2: print(feed(1))" in found.content
    asked = "postil/client/symbols" in it.editor.asked.methods
    assert asked == ("As the editor's language servers tell" in found.content)
    return asked


@_look("*Deny and say why…* is offered", "*Deny and say why…* is not offered")
def _reasoning(it: Walk) -> bool:
    assert "Deny" in it.answers
    return "Deny and say why…" in it.answers


@_look("pages are documents of the scheme `postil`", "pages are files in Postil's state folder")
def _paging(it: Walk) -> bool:
    if it.page.startswith("postil:"):
        return True
    assert it.page.startswith(path_to_uri(it.world.state))
    return False


@_look("a hover is Markdown", "a hover is plain text")
def _hovering(it: Walk) -> bool:
    assert "cat typed.py" in it.hover["value"]
    assert it.hover["kind"] in ("markdown", "plaintext")
    return it.hover["kind"] == "markdown"


@_look("lenses are looked at again at once", "lenses are right when the editor asks for them next")
def _refreshing(it: Walk) -> bool:
    assert it.working[0] == "Queue"
    assert it.idle[0] == "Send"
    return REFRESH in it.editor.asked.methods


@_look(
    "the editor tells what changes on the disk",
    "what changes on the disk is looked at before the next prompt",
)
def _watching(it: Walk) -> bool:
    assert "AGENTS.md: changed" in str(it.world.model.requests[-1].body["messages"][-1])
    return "workspace/didChangeWatchedFiles" in [one.method for one in it.editor.registered]


@_look(
    "each step is told by `postil/session/update`",
    "messages tell of the end; what is on record is read by commands",
)
def _updating(it: Walk) -> bool:
    ends = sum(isinstance(one, TurnEnded) for one in it.journal)
    if it.editor.heard.updates:
        assert len(it.editor.events("TurnEnded")) == ends
        return True
    told = [one for one in it.said if one.endswith(("The answer is in the chat.", "All done.", "Second."))]
    assert len(told) == ends
    return False


@_look(
    "outline, folds and links are asked for in chat documents alone",
    "outline, folds and links are announced for every language, and there for chat documents alone",
)
def _registering(it: Walk) -> bool:
    there = it.editor.capabilities
    assert there is not None
    announced = {
        bool(one)
        for one in (
            there.document_symbol_provider,
            there.folding_range_provider,
            there.document_link_provider,
        )
    }
    assert len(announced) == 1
    registered = "textDocument/documentSymbol" in [one.method for one in it.editor.registered]
    assert registered != announced.pop()
    return registered


@_look("an outline is a tree", "an outline is a list")
def _outlining(it: Walk) -> bool:
    assert it.outline[0]["name"] == "You: Mend it."
    trees = {"selectionRange" in one for one in it.outline}
    assert len(trees) == 1
    return trees.pop()


@dataclass(frozen=True, slots=True)
class Fallback:
    """One row: a capability, and what is seen otherwise where it alone is missing."""

    offered: str
    looks: tuple[str, ...]


FALLBACKS: dict[str, Fallback] = {
    "can_apply_edits": Fallback("`workspace.applyEdit`", ("editing", "answering", "finding")),
    "takes_code_actions": Fallback("`textDocument.codeAction` with literals", ("offering",)),
    "can_show_progress": Fallback("`window.workDoneProgress`", ("progressing",)),
    "can_show_documents": Fallback("`window.showDocument`", ("showing",)),
    "can_save": Fallback("`postil/client/save`", ("saving",)),
    "can_report_diagnostics": Fallback("`postil/client/diagnostics`", ("finding",)),
    "can_tell_symbols": Fallback("`postil/client/symbols`", ("telling",)),
    "takes_words": Fallback("a client that asks for words", ("reasoning",)),
    "takes_documents": Fallback("`workspace.textDocumentContent` and `postil.documents`", ("paging",)),
    "can_refresh_lenses": Fallback("`workspace.codeLens.refresh`", ("refreshing",)),
    "takes_markdown": Fallback("`textDocument.hover` with Markdown", ("hovering",)),
    "watches_files": Fallback("`workspace.didChangeWatchedFiles`", ("watching",)),
    "takes_updates": Fallback("a client of Postil's own", ("updating",)),
    "registers": Fallback("`dynamicRegistration` of outline, folds and links", ("registering",)),
    "nests_symbols": Fallback("`textDocument.documentSymbol` as a tree", ("outlining",)),
}


def missing(walk: Walk) -> set[str]:
    """Return what was seen in the way of a client that cannot."""
    return {name for name, it in LOOKS.items() if not it.is_able(walk)}


def abilities() -> list[str]:
    """Return the capabilities that there is a fallback for, in order."""
    return [it.name for it in fields(Capabilities) if it.name not in SAID]


def page() -> str:
    """Return the page of the docs."""
    rows = [
        f"| {it.offered} | {'; '.join(LOOKS[look].unable for look in it.looks)} | `test_the_whole_way_without[{name}]` |\n"
        for name, it in ((name, FALLBACKS[name]) for name in abilities())
    ]
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8", newline="\n")
    sys.stdout.write(f"written: {PAGE.relative_to(ROOT)}\n")
