"""What must not be imported before it is needed: guarded by names, not by clocks."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LATE = ("anthropic", "httpx2", "keyring")


def _loaded(code: str) -> set[str]:
    """Run the code in a fresh interpreter and return the modules that it loaded."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import postil.model",
        "import postil.model.scripted, postil.model.catalog",
        "from postil.model.anthropic import AnthropicModel\nAnthropicModel(base_url='http://127.0.0.1:9')",
        "from postil.model.keys import Keys\nimport pathlib\nKeys(pathlib.Path('nowhere'))",
    ],
)
def test_nothing_heavy_is_loaded_at_the_start(code: str) -> None:
    assert not _loaded(code) & set(_LATE)


def test_a_scripted_model_needs_neither_the_sdk_nor_a_web_framework() -> None:
    loaded = _loaded(
        "import asyncio\nfrom postil.model.scripted import ScriptedModel\n"
        "async def main():\n    async with ScriptedModel.load(['Hi.']): pass\nasyncio.run(main())"
    )
    assert not loaded & {*_LATE, "anyio", "h11", "starlette", "uvicorn", "ssl.SSLContext"}


def test_a_server_on_this_machine_needs_no_keyring() -> None:
    loaded = _loaded(
        "import asyncio\nfrom postil.model.anthropic import AnthropicModel\n"
        "asyncio.run(AnthropicModel(base_url='http://127.0.0.1:9').warm())"
    )
    assert "anthropic" in loaded
    assert "keyring" not in loaded
