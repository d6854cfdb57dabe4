"""One code-server with its own home, settings and extensions, on a port of the system's choice."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

from tests.editors.vscode.install import LINK, ROOT, SHIMS
from tests.editors.waiting import wait_for

NODE = SHIMS / "node"
ENTRY = LINK / "node_modules" / "code-server" / "out" / "node" / "entry.js"
NOWHERE = {
    "serviceUrl": "http://127.0.0.1:9/gallery",
    "itemUrl": "http://127.0.0.1:9/item",
    "resourceUrlTemplate": "http://127.0.0.1:9/{publisher}/{name}/{version}/{path}",
    "controlUrl": "",
    "nlsBaseUrl": "",
}
"""A gallery that does not answer; without one, code-server asks a public one."""
QUIET: dict[str, Any] = {
    "chat.disableAIFeatures": True,
    "editor.inlayHints.enabled": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "npm.fetchOnlinePackageInfo": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "window.dialogStyle": "custom",
    "workbench.enableExperiments": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}
"""Settings under which VS Code does nothing by itself."""
FLAGS = (
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
)


class CodeServer:
    """A running server; windows are pages in a browser."""

    def __init__(self, home: Path, bridge: Path, extensions: list[Path], env: Mapping[str, str]) -> None:
        """Install these extensions (`.vsix`, or a folder as it is), and start; `home` should have a short path."""
        self.home = home
        self._folders = {it: home / it for it in ("user", "extensions", "xdg")}
        for folder in self._folders.values():
            folder.mkdir()
        own = {f"XDG_{it}_HOME": str(home / "xdg") for it in ("CACHE", "CONFIG", "DATA")}
        self._env = {
            **os.environ, **own, **env,
            "EXTENSIONS_GALLERY": json.dumps(NOWHERE),
            "POSTIL_TEST_BRIDGE": str(bridge),
            "VSCODE_CLI": "1",  # else it asks the shell of this machine for its PATH
        }  # fmt: skip
        self.settings({})
        self._install(extensions)
        self._log = (home / "code-server.log").open("ab")
        self.process = self._start()
        self.port = wait_for(self._listens, self.said)
        wait_for(self._healthy, self.said)

    def settings(self, changes: Mapping[str, Any]) -> None:
        """Give the user these settings beside the quiet ones; a window reads them when it opens.

        They are those of the machine as well: where files are at another place than the window, some count only there.
        """
        for name in ("User", "Machine"):
            path = self._folders["user"] / name / "settings.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({**QUIET, **changes}, indent=2), "utf-8")

    def address(self, folder: Path) -> str:
        """Return the address of a window on a folder."""
        return f"http://127.0.0.1:{self.port}/?folder={quote(str(folder))}"

    def said(self) -> str:
        """Return what it wrote, for the report of a failure."""
        return (self.home / "code-server.log").read_text("utf-8", "replace")[-4000:]

    def close(self) -> None:
        """End it, and all that it has started."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)
        self._log.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.editors.vscode.kept", NODE, ENTRY, *self._options()]
        command += ["--bind-addr", "127.0.0.1:0", "--ignore-last-opened"]
        return subprocess.Popen(
            [str(it) for it in [*command, *FLAGS]],
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def _options(self) -> list[object]:
        named: dict[str, Path] = {
            "config": self.home / "config.yaml",
            "user-data-dir": self._folders["user"],
            "extensions-dir": self._folders["extensions"],
        }
        return [part for name, value in named.items() for part in (f"--{name}", value)]

    def _install(self, extensions: list[Path]) -> None:
        for extension in extensions:
            if extension.is_dir():
                manifest = json.loads((extension / "package.json").read_text("utf-8"))
                name = f"{manifest['publisher']}.{manifest['name']}-{manifest['version']}"
                (self._folders["extensions"] / name).symlink_to(extension)
                continue
            command = [NODE, ENTRY, *self._options(), "--install-extension", extension, "--force"]
            done = subprocess.run(
                [str(it) for it in command], env=self._env, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr

    def _listens(self) -> int | None:
        if self.process.poll() is not None:
            raise RuntimeError(f"code-server ended with {self.process.returncode}: {self.said()}")
        found = re.search(r"HTTP server listening on http://127\.0\.0\.1:(\d+)", self.said())
        return int(found[1]) if found is not None else None

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return answer.status == 200
        except URLError:
            return False
