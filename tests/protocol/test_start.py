"""What is loaded before `initialize` is answered, counted in modules, not in seconds; the rest is loaded in a thread."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from postil.workspace.files.uris import path_to_uri

LATER = {
    "anthropic", "anyio", "httpcore2", "httpx2", "keyring", "pathspec", "platformdirs", "rich", "tomllib", "yaml",
    "postil.agent", "postil.app", "postil.config", "postil.context", "postil.journal", "postil.model",
    "postil.permissions", "postil.tools",
}  # fmt: skip
"""None of these is needed to answer `initialize`."""

WATCH = """
import json, os, sys, threading

importers = {}

def note(event, arguments):
    if event == "import":
        importers.setdefault(arguments[0], threading.current_thread() is threading.main_thread())

sys.addaudithook(note)
requests, answers = os.pipe(), os.pipe()

def frame(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    os.write(requests[1], b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))

def drive():
    frame({"id": 1, "method": "initialize", "params": json.loads(sys.argv[1])})
    os.read(answers[0], 1)
    first = sorted(sys.modules)
    frame({"method": "initialized", "params": {}})
    while "anthropic._client" not in sys.modules:
        frame({"id": 2, "method": "postil/session/list", "params": {}})
        os.read(answers[0], 1 << 16)
    sys.stdout.write(json.dumps({"first": first, "importers": importers}))
    sys.stdout.flush()
    os._exit(0)

threading.Thread(target=drive, daemon=True).start()
from postil.__main__ import main
os.dup2(requests[0], 0)
stdout = os.dup(1)
os.dup2(answers[1], 1)
sys.stdout = os.fdopen(stdout, "w")
sys.argv[1:] = ["serve"]
main()
"""


def watch(tmp_path: Path) -> dict[str, dict[str, bool] | list[str]]:
    """Start the server in a process that looks at itself."""
    params: dict[str, Any] = {"processId": None, "rootUri": path_to_uri(tmp_path), "capabilities": {}}
    env = {
        **os.environ,
        "POSTIL_STATE_DIR": str(tmp_path / "state"),
        "ANTHROPIC_API_KEY": "none",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    }
    result = subprocess.run(
        [sys.executable, "-c", WATCH, json.dumps(params)],
        env=env,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert result.returncode == 0, result.stderr.decode()
    return json.loads(result.stdout)


def test_what_is_loaded_before_and_after_initialize(tmp_path: Path) -> None:
    seen = watch(tmp_path)
    first, importers = seen["first"], seen["importers"]
    assert isinstance(importers, dict)
    early = {name for name in first if name in LATER or name.partition(".")[0] in LATER}
    assert "postil.lsp.serving" in first
    assert not early
    for name in ("anthropic", "postil.app", "postil.agent.session", "postil.model.anthropic"):
        assert importers[name] is False, f"{name} was imported on the event loop's thread"
