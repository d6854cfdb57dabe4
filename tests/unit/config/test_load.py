"""Settings that may hold back a rule are never taken for settings without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.config.load import load
from postil.core.errors import ConfigurationError


def settings(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "settings.toml").write_text(text, "utf-8")
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(folder))


@pytest.mark.parametrize("text", ['deny = ["Read(private/**)"', "deny = 3", "ask = [1]", "mode = 1"])
def test_a_mistake_that_may_hide_a_rule_stops_everything(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, text, monkeypatch)
    with pytest.raises(ConfigurationError, match="Mend it"):
        load(()).check()


def test_a_mistake_that_hides_none_costs_one_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path, 'max_steps = "many"\nmodel = "mine"\nunheard_of = 1\n', monkeypatch)
    loaded = load(())
    loaded.check()
    assert loaded.options.model == "mine"
    assert {it.option for it in loaded.problems} == {"max_steps", "unheard_of"}


def test_a_workspace_only_tightens(tmp_path: Path) -> None:
    (tmp_path / ".postil").mkdir()
    text = 'deny = ["Edit(src/**)"]\nallow = ["Edit"]\nmode = "accept-edits"\n'
    (tmp_path / ".postil" / "settings.toml").write_text(text, "utf-8")
    loaded = load((tmp_path,))
    assert loaded.workspace_deny == ("Edit(src/**)",)
    assert loaded.options.allow == ()
    assert loaded.options.mode == "default"
    assert {it.option for it in loaded.problems} == {"allow", "mode"}
