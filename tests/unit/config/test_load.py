"""Settings that may hold back a rule are never taken for settings without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.config.load import load
from postil.config.server_options import ServerOptions, WrittenServer
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


@pytest.mark.parametrize("name", ["editor", " Editor "])
def test_a_check_is_not_called_as_the_editors_report_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, f'[[check]]\nname = "{name}"\ncommand = "make"\n', monkeypatch)
    loaded = load(())
    assert [it.options.name for it in loaded.checks] == []
    [problem] = loaded.problems
    assert "is what the editor's own report is called; give the check another name" in str(problem)


def test_a_workspace_only_tightens(tmp_path: Path) -> None:
    (tmp_path / ".postil").mkdir()
    text = 'deny = ["Edit(src/**)"]\nallow = ["Edit"]\nmode = "accept-edits"\n'
    (tmp_path / ".postil" / "settings.toml").write_text(text, "utf-8")
    loaded = load((tmp_path,))
    assert [(it.verdict, it.text, it.layer) for it in loaded.rules] == [("deny", "Edit(src/**)", "workspace")]
    assert loaded.options.mode == "default"
    assert {it.option for it in loaded.problems} == {"allow", "mode"}


def test_what_an_administrator_sets_nobody_else_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = tmp_path / "machine.toml"
    machine.write_text('model = "theirs"\nmax_steps = 5\nmode = "plan"\ndeny = ["Bash"]\nallow = ["Edit"]\n')
    settings(tmp_path, 'model = "mine"\nmax_tokens = 2048\nallow = ["Bash"]\n', monkeypatch)
    monkeypatch.setenv("POSTIL_MODEL", "variable")
    loaded = load((), {"model": "flag", "mode": "deny-all"}, machine)
    assert (loaded.options.model, loaded.options.max_steps) == ("theirs", 5)
    assert (loaded.options.max_tokens, loaded.options.mode) == (2048, "deny-all")
    assert [(it.verdict, it.text, it.layer, it.file) for it in loaded.rules] == [
        ("allow", "Edit", "administrator", str(machine)),
        ("deny", "Bash", "administrator", str(machine)),
        ("allow", "Bash", "user", str(tmp_path / "settings.toml")),
    ]
    fixed = f"{machine} sets this for everybody"
    assert [(it.path, it.option, it.message) for it in loaded.problems] == [
        (str(machine), "mode", "it cannot be set here; set it in your own settings"),
        (str(tmp_path / "settings.toml"), "model", fixed),
        ("the environment", "model", fixed),
        ("the call", "model", fixed),
    ]


def test_the_last_word_of_the_others_is_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path, 'model = "mine"\n', monkeypatch)
    assert load(()).options.model == "mine"
    monkeypatch.setenv("POSTIL_MODEL", "variable")
    assert load(()).options.model == "variable"
    assert load((), {"model": "flag", "mode": None}).options.model == "flag"
    refused = load((), {"max_steps": 3})
    assert refused.options.max_steps == 100
    assert [it.option for it in refused.problems] == ["max_steps"]


def test_limits_are_set_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = tmp_path / "machine.toml"
    machine.write_text("[limits]\nday = 3\n")
    settings(tmp_path, '[limits]\nsession = "none"\nday = 50.0\nturn_tokens = 7\n', monkeypatch)
    loaded = load((), None, machine)
    loaded.check()
    limits = loaded.options.limits
    assert (limits.session, limits.day, limits.turn_tokens, limits.turn) == ("none", 3.0, 7, "none")
    assert loaded.fixed_limits == {"day"}
    assert [(it.option, it.message) for it in loaded.problems] == [
        ("limits", f"{machine} sets day for everybody")
    ]


@pytest.mark.parametrize(
    "text", ["session = -1", "sesion = 1", 'day = "lots"', "turn_tokens = 1.5", "day = inf"]
)
def test_a_limit_that_cannot_be_read_is_not_as_if_there_were_none(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, f"[limits]\n{text}\n", monkeypatch)
    with pytest.raises(ConfigurationError, match=f"limits: {text.split(maxsplit=1)[0]}: "):
        load(()).check()


def test_a_workspace_sets_no_limits(tmp_path: Path) -> None:
    (tmp_path / ".postil").mkdir()
    (tmp_path / ".postil" / "settings.toml").write_text('[limits]\nsession = "none"\n', "utf-8")
    loaded = load((tmp_path,))
    assert loaded.options.limits.session == 2.0
    assert [it.option for it in loaded.problems] == ["limits"]


SERVERS = """
[mcp.good]
command = ["serve", "--all"]

[mcp.both]
command = ["serve"]
url = "https://example.org"

[mcp.Odd_Name]
command = ["serve"]

[mcp.more]
url = "https://example.org/mcp"
unheard = 1
"""


def test_one_server_that_is_wrong_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text(SERVERS)
    loaded = load(())
    assert [it.name for it in loaded.servers] == ["good"]
    said = {it.message for it in loaded.problems}
    assert "both: a server has either a `command` or a `url`" in said
    assert "Odd_Name: a server's name is lower-case letters, digits and hyphens" in said
    assert any(it.startswith("more.unheard: ") for it in said)
    assert not any(it.blocks for it in loaded.problems)


def test_the_highest_tier_has_the_last_word_on_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path))
    own, root = tmp_path / "settings.toml", tmp_path / "work"
    (root / ".postil").mkdir(parents=True)
    own.write_text('[mcp.box]\ncommand = ["mine"]\n')
    theirs = root / ".postil" / "settings.toml"
    theirs.write_text('[mcp.box]\ncommand = ["theirs"]\n[mcp.other]\ncommand = ["theirs"]\n')
    loaded = load((root,))
    assert [(it.name, it.layer, it.options.command) for it in loaded.servers] == [
        ("box", "user", ("mine",)),
        ("other", "workspace", ("theirs",)),
    ]
    assert f"box is left out: {own} has one of that name" in [it.message for it in loaded.problems]
    assert loaded.options.mcp == {}


def test_every_part_of_a_definition_counts(tmp_path: Path) -> None:
    base = {"command": ("serve",)}
    others = [
        {"env": {"A": "b"}}, {"cwd": "sub"}, {"pass_env": ("A",)}, {"call_seconds": 1.0}, {"start_seconds": 1.0},
        {"command": ("serve", "x")}, {"headers": {"a": "b"}}, {"off": True},
    ]  # fmt: skip
    made = [
        WrittenServer("box", ServerOptions.model_validate({**base, **it}), "workspace", "f")
        for it in ({}, *others)
    ]
    assert len({it.fingerprint for it in made}) == len(made)
    assert {it for other in others for it in other} | {"url"} == set(ServerOptions.model_fields)
