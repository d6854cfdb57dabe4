"""Where a person acted, as it is on record and as it reads."""

import json
from pathlib import Path

import pytest

from postil.core.faces import acted_in, called

CLIENTS = Path(__file__).parents[2] / "support" / "clients"


@pytest.mark.parametrize(
    ("preset", "words"),
    [("neovim", "Neovim"), ("neovim-0.7", "Neovim"), ("vscode", "VS Code"), ("lsp-mode", "Emacs")],
)
def test_what_real_clients_call_themselves_reads_as_people_call_them(preset: str, words: str) -> None:
    sent = json.loads((CLIENTS / f"{preset}.json").read_text("utf-8"))
    name = sent.get("params", sent)["clientInfo"]["name"]
    assert acted_in(called("lsp", name)) == f" in {words}"


def test_a_client_that_nobody_knows_is_the_editor_and_its_name_is_not_kept() -> None:
    assert called("lsp", "<b>Trust me</b>") == "lsp"
    assert called("acp", "") == "acp"
    assert acted_in("lsp") == acted_in("acp") == acted_in("lsp:something else") == " in the editor"
    assert acted_in(called("acp", "Zed")) == " in Zed"
    assert acted_in(called("acp", "JetBrains.PyCharm")) == " in JetBrains"


def test_other_faces_are_named_where_they_are_known() -> None:
    assert acted_in("cli") == " in the terminal"
    assert acted_in("") == acted_in("guardrails") == ""
