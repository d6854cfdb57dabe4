"""The SDK with deferred re-exports is the plain one in everything but the time it takes to import."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

SWITCH = "POSTIL_LAZY_ANTHROPIC"

# Says of every name of every package below `types` and `resources` what it is, as one JSON value.
DESCRIBE = """
import importlib, json, pkgutil, random, re, sys, threading
import postil.model
from postil.model import _lazy_anthropic
import anthropic

out = {"lazy": _lazy_anthropic.is_lazy(), "root": sorted(dir(anthropic))}
first = {name: dir(getattr(anthropic, name)) for name in ("types", "resources")}
packages = []
for top in (anthropic.types, anthropic.resources):
    packages.append(top.__name__)
    packages += [it.name for it in pkgutil.walk_packages(top.__path__, top.__name__ + ".") if it.ispkg]
out["exports"] = {
    package: getattr(importlib.import_module(package), "__all__", None) if sys.argv[1] == "all" else None
    for package in packages
}
names = [(package, name) for package in packages for name in dir(importlib.import_module(package))]

def resolve(order):
    try:
        found.append({pair: id(getattr(sys.modules[pair[0]], pair[1])) for pair in order})
    except BaseException as error:
        found.append(repr(error))

if sys.argv[1].isdigit():
    found = []
    shuffled = random.Random(int(sys.argv[1]))
    threads = [threading.Thread(target=resolve, args=(shuffled.sample(names, len(names)),)) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 8 and all(each == found[0] for each in found), found[0]

def describe(value):
    if type(value).__name__ == "module":
        return value.__name__
    home = sys.modules.get(getattr(value, "__module__", None) or "")
    own = home is not None and vars(home).get(getattr(value, "__name__", "")) is value
    return [type(value).__name__, own, getattr(value, "__module__", None), repr(value)]

names = [(package, name) for package in packages for name in dir(importlib.import_module(package))]
described = {}
for package, name in names:
    if not name.startswith("__"):
        described.setdefault(package, {})[name] = describe(getattr(sys.modules[package], name))
out["packages"] = described
out["specs"] = [[str(sys.modules[p].__spec__), str(sys.modules[p].__loader__)] for p in packages]
out["missing"] = [hasattr(sys.modules[p], "no_such_name") for p in packages]
print(re.sub("0x[0-9a-f]+", "", json.dumps(out)))
"""

# One turn with a call through the adapter, and one through the SDK's own typed stream.
TURN = """
import asyncio, json, sys
from pathlib import Path
from postil.core.messages import UserMessage
from postil.core.ports import ModelRequest
from postil.model.anthropic import AnthropicModel
from postil.model.keys import Keys
from postil.model.scripted import ScriptedModel

SCRIPT = [{"thinking": "Hm."}, {"blocks": ["I look.", {"tool": "read", "input": {"path": "a"}}], "chunk": 2}] * 2

async def main():
    out = {"pieces": [], "typed": [], "errors": []}
    async with ScriptedModel.load([*SCRIPT, *({"error": {"status": status}} for status in (529, 429, 401))]) as server:
        model = AnthropicModel(keys=Keys(Path("nowhere")), base_url=server.url)
        for _ in range(2):
            request = ModelRequest("claude-sonnet-5-5", ("Be terse.",), (), [UserMessage(text="Hi")], "")
            out["pieces"] += [repr(piece) async for piece in model.stream(request)]
        if len(sys.argv) > 1:
            print(*sys.modules)
            return await model.close()
        import anthropic
        client = anthropic.AsyncAnthropic(api_key="x", base_url=server.url, max_retries=0)
        for kind in (None, None, anthropic.OverloadedError, anthropic.RateLimitError, anthropic.AuthenticationError):
            try:
                async with client.messages.stream(
                    model="claude-sonnet-5-5", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
                ) as stream:
                    out["typed"] += [[type(event).__module__, event.to_json()] async for event in stream]
            except anthropic.APIStatusError as error:
                out["errors"].append([type(error) is kind, repr(type(error)), str(error)])
        await client.close()
        await model.close()
    print(json.dumps(out))

asyncio.run(main())
"""


def run(code: str, *arguments: str, lazy: bool = True) -> str:
    env = {**os.environ, SWITCH: "1" if lazy else "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


def described(mode: str, *, lazy: bool) -> dict[str, Any]:
    return json.loads(run(DESCRIBE, mode, lazy=lazy))


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return described("all", lazy=False)


@pytest.mark.parametrize("mode", ["all", "1", "2"])
def test_the_deferred_names_are_the_plain_ones(mode: str, plain: dict[str, Any]) -> None:
    """`all` asks for `__all__` first, as `import *` does; numbers shuffle the order in eight threads at once."""
    deferred = described(mode, lazy=True)
    assert (plain["lazy"], deferred["lazy"]) == (False, True)
    assert sum(map(len, plain["packages"].values())) > 3_000
    for package, names in plain["packages"].items():
        assert deferred["packages"][package] == names, package
    ignored = {"lazy"} if mode == "all" else {"lazy", "exports"}
    assert {k: v for k, v in deferred.items() if k not in ignored} == {
        k: v for k, v in plain.items() if k not in ignored
    }


def test_a_turn_is_the_same() -> None:
    plain, deferred = (json.loads(run(TURN, lazy=lazy)) for lazy in (False, True))
    assert any("ToolCall" in piece for piece in plain["pieces"])
    assert any("input_json" in event for _, event in plain["typed"])
    assert [right for right, _, _ in plain["errors"]] == [True] * 3
    assert deferred == plain


def test_a_request_leaves_most_of_the_re_exports_alone() -> None:
    """What the gain rests on, counted instead of timed."""
    plain, deferred = (set(run(TURN, "modules", lazy=lazy).split()) for lazy in (False, True))
    assert len(plain - deferred) > 800
    assert deferred <= plain
    assert "anthropic.types.message_batch" not in deferred
    assert "anthropic.resources.messages.messages" in plain


def test_any_module_of_the_package_may_come_first() -> None:
    code = "from postil.model.{} import *\nimport anthropic\nfrom postil.model import _lazy_anthropic\nprint(_lazy_anthropic.is_lazy())"
    for module in ("connect", "faults", "scripted"):
        assert run(code.format(module)).strip() == "True"


def test_an_sdk_that_is_there_already_is_left_alone() -> None:
    code = "import anthropic\nimport postil.model\nfrom postil.model import _lazy_anthropic as lazy\n"
    assert run(code + "print(lazy.is_lazy())").strip() == "False"


def test_a_failing_shortcut_falls_back_to_the_plain_import() -> None:
    broken = (
        "import logging; logging.disable()\n"
        "from postil.model import _lazy_anthropic as lazy\n"
        "def fail(*_): raise RuntimeError\n"
        "lazy._StandIn.__init__ = lazy._exports = fail\n"
        "import anthropic\n"
        "print(lazy.is_lazy(), *('__getattr__' in vars(it) for it in (anthropic, anthropic.types)))\n"
        "print('Message' in vars(anthropic.types), 'AsyncAnthropic' in vars(anthropic))\n"
    )
    assert run(broken).split() == ["False", "False", "False", "True", "True"]


def test_the_sdk_sets_up_its_logging_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import logging, postil.model, anthropic; print(logging.getLogger('anthropic').level)"
    monkeypatch.setenv("ANTHROPIC_LOG", "debug")
    assert run(code) == run(code, lazy=False) == "10\n"


def test_what_the_sdk_does_not_merely_take_over_is_there_too() -> None:
    code = "import postil.model, anthropic\nprint(anthropic.AnthropicBedrock, anthropic.lib, anthropic.{}, sorted(vars(anthropic)))"
    for name in ("DEFAULT_TIMEOUT", "__version__", "_exceptions"):
        assert run(code.format(name)).replace(", '__dir__'", "").replace(", '_run_by_postil'", "") == run(
            code.format(name), lazy=False
        )


@pytest.mark.parametrize(
    "does_more",
    [
        "from .part import Part\nBoth = Part | None",
        "from .part import Part\ndef make(): return Part()",
        "from .part import Part\nclass More: pass",
        "from .part import part",
    ],
)
def test_a_package_that_does_more_than_to_re_export_is_not_deferred(does_more: str) -> None:
    code = (
        "import sys\n"
        "from postil.model import _lazy_anthropic as lazy\n"
        "names = lazy._names(compile(sys.argv[1], 'x', 'exec'), 'somewhere')\n"
        "print(names)"
    )
    assert run(code, does_more).strip() == "None"
    assert run(code, "from .part import Part").strip() != "None"


def test_a_name_that_is_missing_is_missing_as_ever() -> None:
    code = (
        "import postil.model, anthropic.types\n"
        "try:\n    from anthropic.types import NoSuchName\n"
        "except ImportError as error:\n    print(error.name, error.msg.partition('(')[0])\n"
        "try:\n    anthropic.types.no_such_name\n"
        "except AttributeError as error:\n    print(error.name, error)\n"
    )
    assert run(code) == run(code, lazy=False)
