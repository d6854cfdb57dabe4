"""The registry: metadata without code, pools, schemas, and calls that do not fit."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from postil.core.effects import Access, Invocation, Result, RunContext
from postil.core.errors import ConfigurationError, InvalidInput, ToolError, UnknownTool
from postil.core.messages import ToolCall, Value
from postil.tools.registry import Registry
from postil.tools.tool import Implementation
from tests.support.shelf import Shelf, echo
from tests.unit.tools.calling import desk, registry

TABLE = """\
name                   kind         read_only  concurrent  destructive  open_world  asks  deferral
architecture_evidence  search       yes        yes         -            -           -     deferred
ask_user               other        yes        -           -            -           -     always
background             other        -          -           -            -           -     deferred
delegate               other        -          yes         -            -           -     always
delete                 delete       -          -           yes          -           yes   always
diagnostics            read         yes        yes         -            -           -     deferred
edit                   edit         -          -           yes          -           yes   always
fetch                  fetch        yes        yes         -            yes         yes   deferred
find_tools             search       yes        yes         -            -           -     always
glob                   search       yes        yes         -            -           -     always
grep                   search       yes        yes         -            -           -     always
list                   read         yes        yes         -            -           -     always
manual                 read         yes        yes         -            -           -     deferred
move                   move         -          -           yes          -           yes   always
propose_plan           switch_mode  yes        -           -            -           yes   always
read                   read         yes        yes         -            -           -     always
recall                 search       yes        yes         -            -           -     always
remember               edit         -          -           yes          -           yes   always
report_finding         other        yes        -           -            -           -     deferred
shell                  execute      -          -           yes          yes         yes   always
skill                  other        -          -           -            -           yes   always
symbols                search       yes        yes         -            -           -     deferred
todo                   think        yes        -           -            -           -     always
use_tool               other        -          -           yes          yes         yes   unreferenced
write                  edit         -          -           yes          -           yes   always
"""
"""Every tool that comes with Postil and what it may do at most. A change here is a change of what is trusted."""


def table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def test_the_list_of_tools_and_their_effects() -> None:
    flags = ["read_only", "concurrent", "destructive", "open_world", "asks"]
    rows = [["name", "kind", *flags, "deferral"]]
    for spec in registry.specs():
        effects = ["yes" if getattr(spec.effects, flag) else "-" for flag in flags]
        rows.append([spec.name, spec.kind, *effects, spec.deferral])
    assert table(rows) == TABLE


def make(
    folder: Path, front: str, body: str = "What it does.", code: str = "", name: str = "sample"
) -> Registry:
    (folder / f"{name}.md").write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return Registry.collect(folder, "nowhere")


def test_what_the_front_matter_leaves_out_is_the_worst(tmp_path: Path) -> None:
    (spec,) = make(tmp_path, "name: sample\ntitle: A sample").specs()
    assert spec.effects.model_dump() == {
        "read_only": False,
        "concurrent": False,
        "destructive": True,
        "open_world": True,
        "asks": True,
    }
    assert (spec.kind, spec.deferral, spec.limits.output) == ("other", "deferred", 30_000)
    assert spec.icon == "tools", "a plain one"
    assert spec.needs == (), "which narrows lists alone: what may run is decided for each call"


def test_every_tool_has_an_icon_of_its_own() -> None:
    icons = [it.icon for it in registry.specs()]
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", it) for it in icons), icons
    assert "tools" not in icons, "which is for what says nothing"
    assert len(set(icons)) == len(icons)
    added = echo("late", "Found on the way.")
    assert added.spec.icon == "tools"
    assert [it["icon"] for it in registry.with_plugins(Shelf([added])).listing()] == [*icons, "tools"]


@pytest.mark.parametrize("field", ["read_only", "concurrent", "destructive", "open_world", "asks"])
def test_every_built_in_says_each_effect_itself_or_has_the_worst(tmp_path: Path, field: str) -> None:
    """Taking one line out of a tool's front matter never makes it freer."""
    worst = {"read_only": False, "concurrent": False, "destructive": True, "open_world": True, "asks": True}
    for tool in registry.names:
        source = Path(sys.modules[Registry.__module__].__file__ or "").with_name("builtin") / f"{tool}.md"
        lines = source.read_text(encoding="utf-8").split("\n")
        without = "\n".join(line for line in lines if not line.startswith(f"  {field}:"))
        (tmp_path / f"{tool}.md").write_text(without, encoding="utf-8")
        (tmp_path / f"{tool}.py").touch()
    for spec in Registry.collect(tmp_path, "nowhere").specs():
        assert getattr(spec.effects, field) is worst[field]


@pytest.mark.parametrize(
    ("front", "complaint"),
    [
        ("name: sample\ntitle: A\nread_only: true", "read_only: Extra inputs"),
        ("name: sample\ntitle: A\neffects: {readonly: true}", "effects.readonly: Extra inputs"),
        ("name: sample\ntitle: A\neffects: {read_only: perhaps}", "effects.read_only"),
        ("name: sample\ntitle: A\nkind: magic", "kind: "),
        ("name: other\ntitle: A", "file and name must agree"),
        ("name: sample\ntitle: A\nicon: $(trash)", "icon: "),
        ("name: sample\ntitle: A\nicon: Trash", "icon: "),
        ("name: sample", "title: Field required"),
        ("name: Sample\ntitle: A", "name: "),
        ("- a\n- b", "does not fit"),
        ("name: [", "is not YAML"),
        ("", "does not fit"),
    ],
)
def test_front_matter_that_is_wrong(tmp_path: Path, front: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(tmp_path, front)
    assert complaint in str(caught.value)
    assert "sample.md" in str(caught.value)


def test_files_that_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "plain.md").write_text("Only words.\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="does not open with front matter"):
        Registry.collect(tmp_path, "nowhere")
    (tmp_path / "plain.md").write_text("---\nname: plain\ntitle: A\n---\nWords.\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"plain\.py is missing"):
        Registry.collect(tmp_path, "nowhere")
    (tmp_path / "plain.md").write_text("---\nname: plain\ntitle: A\n---\n\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no description"):
        Registry.collect(tmp_path, "nowhere")
    (tmp_path / "plain.md").write_bytes(b"---\nname: plain\xff\n---\n")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Registry.collect(tmp_path, "nowhere")


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("", "no pydantic model `Params`"),
        ("Params = 3", "no pydantic model `Params`"),
        ("import pydantic\nclass Params(pydantic.BaseModel): ...", "no `async def prepare"),
        (
            "import pydantic\nclass Params(pydantic.BaseModel): ...\ndef prepare(params, ports): ...",
            "no `async def prepare",
        ),
    ],
)
async def test_code_that_is_no_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, complaint: str
) -> None:
    name = f"broken_{abs(hash(code))}"
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    package = tmp_path / name
    package.mkdir()
    make(package, "name: sample\ntitle: A", code=code)
    found = Registry.collect(package, name)
    with pytest.raises(ConfigurationError, match=complaint):
        await found.prepare(ToolCall(id="1", name="sample", input={}), desk().ports)


def test_looking_at_the_tools_imports_none_of_them() -> None:
    program = """
import json, sys
from postil.tools.registry import Registry
found = Registry.collect()
listing = json.dumps(found.listing())
found.specs(), found.names, found.pool(found.names), found.beside("read"), found.spec("edit")
print(json.dumps([name for name in sys.modules if name.startswith("postil.tools.builtin")]))
print(len(json.loads(listing)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported, count = done.stdout.splitlines()
    assert json.loads(imported) == []
    assert int(count) == len(registry.names)


def test_a_listing_says_all_that_the_metadata_says() -> None:
    entry = next(entry for entry in registry.listing() if entry["name"] == "grep")
    assert entry["title"] == "Search in files"
    assert entry["effects"]["read_only"] is True
    assert entry["limits"] == {"output": 30_000}
    assert entry["description"].startswith("Search the lines")


def test_pools() -> None:
    pool = registry.pool(["write", "read", "edit", "read"])
    assert pool.names == ("edit", "read", "write")
    assert [schema.name for schema in pool.schemas()] == ["edit", "read", "write"]
    assert registry.pool([]).schemas() == ()
    with pytest.raises(ConfigurationError, match="no tool named 'reed'"):
        registry.pool(["read", "reed"])


def test_who_shares() -> None:
    sharing = [name for name in registry.names if registry.beside(name) == "readers"]
    assert sharing == [
        "architecture_evidence",
        "diagnostics",
        "fetch",
        "find_tools",
        "glob",
        "grep",
        "list",
        "manual",
        "read",
        "recall",
        "symbols",
    ]
    assert registry.beside("delegate") == "delegate", "beside its own kind alone"
    assert {registry.beside(name) for name in registry.names} == {"", "readers", "delegate"}
    assert not registry.beside("nothing")


async def test_an_unknown_tool() -> None:
    with pytest.raises(
        UnknownTool,
        match=r"no tool named `bash` here\. The tools are architecture_evidence, ask_user, background, delegate, delete, diagnostics, edit, fetch, find_tools, glob",
    ):
        await desk().prepare("bash", command="ls")


async def test_a_tool_outside_the_pool() -> None:
    pool = registry.pool(["read"])
    with pytest.raises(UnknownTool, match="The tools are read"):
        await pool.prepare(ToolCall(id="1", name="edit", input={}), desk().ports)


async def test_a_call_that_was_no_json() -> None:
    call = ToolCall(id="1", name="read", input={}, malformed='{"path": "a.py"')
    with pytest.raises(InvalidInput) as caught:
        await registry.prepare(call, desk().ports)
    assert str(caught.value) == (
        'The input of `read` was not a JSON object: {"path": "a.py". '
        "`read` takes {path: string, offset?: integer, limit?: integer}."
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "complaint"),
    [
        ("read", {}, "`path` is missing"),
        ("read", {"path": "a", "line": 3}, "there is no field `line`"),
        ("read", {"path": 7}, "`path` should be a valid string, but 7 was sent"),
        ("read", {"path": "a", "offset": 0}, "`offset` should be greater than or equal to 1, but 0 was sent"),
        ("read", {"path": "\ud800"}, "half of a surrogate pair"),
        ("edit", {"path": "a", "edits": "x" * 500}, "`edits` should be an array"),
        ("edit", {"path": "a", "edits": [{"old": "x"}]}, "`edits.0.new` is missing"),
        ("edit", {"path": "a", "edits": [{"old": "x", "new": "\0"}]}, "NUL"),
        ("edit", {"path": "a", "edits": []}, "at least 1 item"),
        ("shell", {"command": "  "}, "`command` should not be empty"),
        ("shell", {"command": "ls", "timeout": 120_000}, "less than or equal to 600"),
        ("shell", {"command": "ls", "timeout": float("nan")}, "`timeout`"),
        ("todo", {"items": [{"text": "a", "status": "done"}]}, "`items.0.status`"),
        ("ask_user", {"question": "?", "options": ["one"]}, "two to four options"),
        ("ask_user", {"question": "?", "options": ["same", "same"]}, "all be different"),
    ],
)
async def test_input_that_does_not_fit(tool: str, arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk().prepare(tool, **arguments)
    message = str(caught.value)
    assert complaint in message
    assert len(message) < 700


async def test_an_error_says_how_the_tool_is_called() -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk().prepare("edit", path="a")
    assert caught.value.mend == (
        "`edit` takes {path: string, edits: [{old: string, new: string, count?: integer}, …]}."
    )


async def test_many_errors_are_not_all_listed() -> None:
    with pytest.raises(InvalidInput, match=r"and \d+ more"):
        await desk().prepare("edit", path="a", edits=[{"old": "x"}] * 200)


async def test_null_and_numbers_as_text_are_taken() -> None:
    invocation = await desk({"a": "1\n2\n"}).prepare("read", path="a", offset="2", limit=None)
    assert invocation.title == "Read a"


def test_schemas_are_flat_closed_and_always_the_same() -> None:
    text = json.dumps([schema.input_schema for schema in registry.schemas()])
    assert text == json.dumps([schema.input_schema for schema in Registry.collect().schemas()])
    for noise in ('"$ref"', '"$defs"', '"title"', '"default": null', '"null"'):
        assert noise not in text
    for schema in registry.schemas():
        for form in objects(schema.input_schema):
            assert form["additionalProperties"] is False
            for name, field in form["properties"].items():
                assert "description" in field, f"{schema.name}.{name} has no description"


def objects(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the forms of objects in a schema, inner ones too."""
    found: list[dict[str, Any]] = []

    def look(form: dict[str, Any]) -> dict[str, Any]:
        if form.get("type") == "object":
            found.append(form)
        return form

    json.loads(json.dumps(schema), object_hook=look)
    return found


def test_the_schema_of_edit() -> None:
    schema = next(schema for schema in registry.schemas() if schema.name == "edit")
    assert schema.input_schema["required"] == ["path", "edits"]
    items = schema.input_schema["properties"]["edits"]["items"]
    assert items["required"] == ["old", "new"]
    assert items["properties"]["count"] == {
        "type": "integer",
        "minimum": 1,
        "description": "How often `old` is in the file; once by default.",
    }


def test_descriptions_are_short() -> None:
    for entry in registry.listing():
        assert 100 < len(entry["description"]) < 1_200, entry["name"]
        assert "{" not in entry["description"] or entry["name"] == "glob"


class _Params(Value):
    pass


@pytest.mark.parametrize(
    ("access", "refused"),
    [
        (Access(), False),
        (Access(open_world=True), True),
        (Access(saves=(Path("/project/a"),)), True),
        (Access(hosts=("example.org",)), True),
    ],
)
async def test_a_call_that_breaks_its_metadata_is_refused(
    tmp_path: Path, access: Access, refused: bool
) -> None:
    async def run(_: RunContext) -> Result:
        return Result("x" * 50_000 + "\ud800")

    async def prepare(*_: object) -> Invocation:
        return Invocation("Sample", "other", access, run)

    front = "name: sample\ntitle: A\neffects: {read_only: true, open_world: false}\nlimits: {output: 1000}"
    found = make(tmp_path, front)
    found._tools["sample"]._implementation = Implementation(_Params, prepare)
    call = ToolCall(id="1", name="sample", input={})
    if refused:
        with pytest.raises(ToolError, match="its metadata says"):
            await found.prepare(call, desk().ports)
        return
    invocation = await found.prepare(call, desk().ports)
    result = await invocation.run(desk().context("label"))
    assert len(result.content) <= 1_000
    assert result.content.endswith("over the tool's limit.]")
