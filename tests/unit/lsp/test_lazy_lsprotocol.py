"""The deferred lsprotocol is the plain one in everything but the time it takes to import."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
VSCODE = ROOT / "tests" / "support" / "clients" / "vscode.json"
SWITCH = "POSTIL_LAZY_LSPROTOCOL"

# Says everything about every class, and what conversion makes of real data, as one JSON value.
DESCRIBE = """
import copy, hashlib, inspect, json, pickle, re, sys, threading
import postil.lsp
from postil.lsp import _lazy_lsprotocol
from lsprotocol import converters, types
import attrs

if sys.argv[2] == "threads":
    all_types = [value for value in types.ALL_TYPES_MAP.values() if isinstance(value, type)]
    barrier = threading.Barrier(8)
    found = []
    def hammer():
        barrier.wait()
        found.append(sum(map(attrs.has, all_types)))
    threads = [threading.Thread(target=hammer) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(found)) == 1 and found[0] > 500, found

def describe(cls):
    fields = attrs.fields(cls)
    return {
        "fields": [
            [f.name, f.alias, str(f.type), repr(f.default), repr(f.validator), f.hash, repr(f.eq), repr(f.order),
             f.repr, f.init, f.kw_only, repr(f.converter), repr(f.on_setattr), f.inherited, dict(f.metadata)]
            for f in fields
        ],
        "tuple": type(fields).__name__,
        "match": cls.__match_args__,
        "signature": list(inspect.signature(cls).parameters),
        "order": [name for name in ("__lt__", "__le__", "__gt__", "__ge__") if name in cls.__dict__],
        "hash": cls.__hash__ is None,
        "own": sorted(
            name for name in ("__eq__", "__ne__", "__repr__", "__init__", "__setattr__") if name in cls.__dict__
        ),
        "doc": hashlib.sha256((cls.__doc__ or "").encode()).hexdigest(),
        "name": [cls.__module__, cls.__qualname__],
    }

out = {"lazy": _lazy_lsprotocol.is_lazy()}
converter = converters.get_converter()
raw = json.load(open(sys.argv[1]))
value = converter.structure(raw, types.InitializeParams)
out["repr"] = repr(value)
out["unstructured"] = converter.unstructure(value)
assert value == copy.deepcopy(value) == pickle.loads(pickle.dumps(value))
assert value != attrs.evolve(value, process_id=1)
low, high = types.Position(1, 2), types.Position(1, 3)
assert low < high and high >= low and sorted([high, low]) == [low, high]
edit = types.WorkspaceEdit(document_changes=(
    types.CreateFile("file:///a"),
    types.TextDocumentEdit(
        types.OptionalVersionedTextDocumentIdentifier("file:///a", None),
        (types.AnnotatedTextEdit("id", types.Range(low, high), "x"), types.TextEdit(types.Range(low, high), "y")),
    ),
))
out["edit"] = converter.unstructure(edit)
assert converter.structure(out["edit"], types.WorkspaceEdit) == edit
errors = []
for attempt in (
    lambda: types.Position(-1, 0),
    lambda: types.Position(1),
    lambda: types.TextDocumentIdentifier(5),
    lambda: setattr(types.Position(1, 1), "line", -1),
    lambda: hash(types.TextEdit(types.Range(low, high), "y")),
):
    try:
        attempt()
        errors.append(None)
    except Exception as error:
        errors.append([type(error).__name__, str(error)])
out["errors"] = errors
classes = {name: cls for name, cls in types.ALL_TYPES_MAP.items() if isinstance(cls, type) and attrs.has(cls)}
out["classes"] = {name: describe(cls) for name, cls in sorted(classes.items())}
out["others"] = sorted(set(types.ALL_TYPES_MAP) - set(classes) - {"__builtins__"})
print(re.sub(" at 0x[0-9a-f]+", "", json.dumps(out, default=str)))
"""


def run(code: str, *arguments: str, lazy: bool = True) -> str:
    env = {**os.environ, SWITCH: "1" if lazy else "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def describe(mode: str, *, lazy: bool) -> dict[str, Any]:
    return json.loads(run(DESCRIBE, str(VSCODE), mode, lazy=lazy))


@pytest.mark.parametrize("mode", ["plain", "threads"])
def test_the_deferred_classes_are_the_plain_ones(mode: str) -> None:
    plain = describe("plain", lazy=False)
    deferred = describe(mode, lazy=True)
    assert (plain.pop("lazy"), deferred.pop("lazy")) == (False, True)
    assert len(plain["classes"]) > 500
    for name, description in plain["classes"].items():
        assert deferred["classes"][name] == description, name
    assert deferred == plain


def test_importing_makes_few_classes_real() -> None:
    """What the gain rests on, counted instead of timed."""
    made = run(
        "import postil.lsp\n"
        "from postil.lsp.editor_server import EditorServer\n"
        "from lsprotocol import types\n"
        "EditorServer('a', '1')\n"
        "made = [c for c in types.ALL_TYPES_MAP.values() if isinstance(c, type)"
        " and isinstance(c.__dict__.get('__attrs_attrs__'), tuple)]\n"
        "print(len(made))"
    )
    assert int(made) < 60


def test_any_module_of_the_package_may_come_first() -> None:
    code = "from postil.lsp.{} import *\nfrom postil.lsp import _lazy_lsprotocol\nprint(_lazy_lsprotocol.is_lazy())"
    for module in ("text_document", "typed_params", "editor_server"):
        assert run(code.format(module)).strip() == "True"


def test_lsprotocol_that_is_there_already_is_left_alone() -> None:
    code = "import lsprotocol.types\nimport postil.lsp\nfrom postil.lsp import _lazy_lsprotocol as lazy\n"
    assert run(code + "print(lazy.is_lazy())").strip() == "False"


def test_a_failing_shortcut_falls_back_to_the_plain_import() -> None:
    broken = (
        "import logging; logging.disable()\n"
        "from postil.lsp import _lazy_lsprotocol as lazy\n"
        "def fail(*_): raise RuntimeError\n"
        "lazy._StandIn.__init__ = fail\n"
        "from lsprotocol import types, converters\n"
        "converters.get_converter()\n"
        "print(lazy.is_lazy(), types.Position(1, 2), hasattr(types.Position, '__slots__'))\n"
    )
    assert run(broken).strip() == "False 1:2 True"


def test_other_packages_keep_the_real_define() -> None:
    code = (
        "import postil.lsp, attrs\n"
        "real = attrs.define\n"
        "import lsprotocol.types\n"
        "assert attrs.define is real\n"
        "@attrs.define\nclass Own:\n    a: int\n"
        "print(Own(1), hasattr(Own, '__slots__'))"
    )
    assert run(code).strip() == "Own(a=1) True"
