"""Whatever a model sends, a tool answers with a result or with a ToolError."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postil.core.effects import Invocation, Result
from postil.core.errors import ToolError
from postil.core.messages import ToolCall
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace
from tests.unit.tools.calling import Desk, registry

FILES: dict[str, str | bytes] = {
    "a.py": "x = 1\ny = 2\n",
    "src/b.txt": "caf\udce9\r\n",
    "bin": b"\0\1",
    "empty": "",
}

words = st.one_of(
    st.text(max_size=20),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Ll"]), max_size=8),
    st.sampled_from(
        ["a.py", "src", "bin", "empty", ".", "..", "/", "~", "x", "**", "[", "(", "{a,b}", "\\", "src/b.txt"]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)


def near(form: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that often fit a schema and sometimes do not."""
    match form.get("type"):
        case "string":
            fits = st.sampled_from(form["enum"]) if "enum" in form else words
        case "integer" | "number":
            fits = st.integers(-1, 700)
        case "boolean":
            fits = st.booleans()
        case "array":
            fits = st.lists(near(form["items"]), max_size=3)
        case _:
            properties = {name: near(inner) for name, inner in form.get("properties", {}).items()}
            required = {name: properties[name] for name in form.get("required", ())}
            optional = {name: value for name, value in properties.items() if name not in required}
            fits = st.fixed_dictionaries(required, optional=optional)
    return st.one_of(fits, fits, fits, json_values)


inputs = {
    schema.name: near(schema.input_schema) for schema in registry.schemas(registry.names, references=False)
}


@pytest.mark.parametrize("tool", registry.names)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
async def test_any_input(tool: str, data: st.DataObject) -> None:
    given_input = data.draw(st.one_of(inputs[tool], st.dictionaries(words, json_values, max_size=4)))
    if not isinstance(given_input, dict):
        return
    it = Desk(MemoryWorkspace(FILES), MemoryShell())
    it.workspace.type("a.py", "x = 1\ntyped = True\n")
    call = ToolCall.model_construct(id="1", name=tool, input=given_input)
    try:
        invocation = await registry.prepare(call, it.ports)
        check(invocation)
        result = await it.run(invocation)
    except ToolError as fault:
        result = Result(str(fault))
    assert len(result.content) <= 30_000
    result.content.encode()


def check(invocation: Invocation) -> None:
    assert len(invocation.title) <= 80
    assert "\n" not in invocation.title
    for text in (invocation.title, invocation.preview.subject, invocation.preview.diff):
        text.encode()
    for fact in invocation.preview.facts:
        fact.text.encode()
