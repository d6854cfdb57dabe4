"""Generated files: complete, fresh, and the same every time."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from postil.cli.generate import configuration, protocol, tools, typescript
from postil.cli.generate.__main__ import OUTPUTS, main
from postil.config.load import load
from postil.config.options import Options
from postil.core.docstrings import field_docs
from postil.core.event import Event
from postil.core.events import durable_types, ephemeral_types
from postil.lsp.methods import METHODS
from tests.architecture.sources import PACKAGE

EVENTS = [*durable_types, *ephemeral_types]


def interface(name: str) -> str:
    found = re.search(rf"export interface {name} {{\n(.*?)^}}", typescript.render(), re.DOTALL | re.MULTILINE)
    assert found, f"no interface {name}"
    return found[1]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_has_its_fields_in_typescript(event: type[Event]) -> None:
    body = interface(event.__name__)
    assert f'type: "{event.__name__}";' in body
    for field in event.model_fields:
        assert re.search(rf"^  {field}: .+;$", body, re.MULTILINE), field


def test_every_event_is_in_one_union_and_in_the_document() -> None:
    written = typescript.render()
    unions = re.findall(r"export type (?:Durable|Ephemeral)Event =\n((?:  \| \w+;?\n)+)", written)
    assert [re.findall(r"\w+", union) for union in unions] == [
        [it.__name__ for it in durable_types],
        [it.__name__ for it in ephemeral_types],
    ]
    page = protocol.render()
    assert [it for it in EVENTS if f"| `{it.__name__}` |" not in page] == []


def test_every_request_and_command_is_in_both() -> None:
    written, page = typescript.render(), protocol.render()
    for row in METHODS:
        assert (
            f'"{row.command}": {{ params: {row.params.__name__}; result: {row.result.__name__} }};' in written
        )
        assert f"| `{row.command}` |" in page
        assert (f'"{row.method}": {{' in written) == row.request
        assert (f"| `{row.method}` |" in page) == row.request


def test_types_that_are_named_are_declared() -> None:
    written = typescript.render()
    declared = set(re.findall(r"^export (?:interface|type) (\w+)", written, re.MULTILINE))
    code = re.sub(r'/\*\*.*?\*/|//.*|"[^"]*"', "", written)
    named = set(re.findall(r"\b[A-Z]\w+", code)) - {
        "Record",
        "PROTOCOL",
        "UPDATE",
        "CLIENT_SAVE",
        "CLIENT_DIAGNOSTICS",
        "CLIENT_SYMBOLS",
    }
    assert named <= declared


def test_what_a_client_sends_may_leave_defaults_out_and_what_it_gets_is_whole() -> None:
    assert "after?: number;" in interface("AttachParams")
    assert "sessionId: string;" in interface("AttachParams")
    assert "note: string;" in interface("AttachResult")
    assert "event: PostilEvent;" in interface("Update")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "(string | null)[]"),
        ({"type": "object", "additionalProperties": {"$ref": "#/$defs/Usage"}}, "Record<string, Usage>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"enum": ['a"b', 1]}, '"a\\"b" | 1'),
        ({}, "unknown"),
    ],
)
def test_types(form: dict[str, object], expected: str) -> None:
    assert typescript.type_of(form) == expected


def test_every_option_is_documented() -> None:
    page = configuration.render()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE))
    docs = field_docs(Options)
    for name in Options.model_fields:
        assert docs[name]
        assert docs[name].replace("|", "\\|") in rows[name]


@pytest.mark.parametrize(
    ("name", "variable"),
    [(name, it) for name, several in configuration.OPTION_VARIABLES.items() for it in several],
)
def test_the_variables_named_set_their_options(
    name: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = "off" if name == "guardrails" else "http://127.0.0.1:1"
    monkeypatch.setenv(variable, value)
    assert getattr(load((tmp_path,)).options, name) == value


def test_the_flags_named_exist() -> None:
    command = [sys.executable, "-m", "postil", "ask", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [flag for flag in configuration.OPTION_FLAGS.values() if flag not in said] == []


def test_every_variable_that_the_code_reads_is_documented() -> None:
    page = configuration.render()
    read = {
        name
        for path in PACKAGE.rglob("*.py")
        if "generate" not in path.parts
        for name in re.findall(r'"((?:POSTIL|ANTHROPIC)_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert read
    assert sorted(name for name in read if f"`{name}`" not in page) == []


def test_tools_are_documented_without_importing_them() -> None:
    program = (
        "import sys; from postil.cli.generate import tools; page = tools.render(); "
        "print([it for it in sys.modules if it.startswith('postil.tools.builtin.')]); print(page)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded, _, page = result.stdout.partition("\n")
    assert loaded == "[]"
    assert page.rstrip("\n") == tools.render().rstrip("\n")
    for source in (PACKAGE / "tools" / "builtin").glob("*.md"):
        assert f"## `{source.stem}`:" in page


def test_check_names_what_is_stale_and_writing_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert main(["--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"written: {name}" for name in OUTPUTS]
    assert main(["--root", str(tmp_path), "--check"]) == 0
    page = tmp_path / "docs" / "protocol.md"
    page.write_text(page.read_text(encoding="utf-8") + "by hand\n", encoding="utf-8")
    (tmp_path / "docs" / "tools.md").unlink()
    assert main(["--root", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == ["stale: docs/protocol.md", "stale: docs/tools.md"]
    assert page.read_text(encoding="utf-8").endswith("by hand\n")
    main(["--root", str(tmp_path)])
    assert main(["--root", str(tmp_path), "--check"]) == 0


def test_outside_a_checkout_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path)]) == 2
    assert "--root" in capsys.readouterr().err


def test_generation_is_the_same_in_every_process() -> None:
    program = (
        "from postil.cli.generate.__main__ import OUTPUTS\n"
        "import sys\n"
        "sys.stdout.buffer.write(''.join(render() for render in OUTPUTS.values()).encode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
