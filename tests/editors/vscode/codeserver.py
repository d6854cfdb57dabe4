"""One code-server with its own home, settings and extensions, on a port of the system's choice."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

from tests.editors.vscode.edition import EDITION, ROOT
from tests.editors.waiting import wait_for

NODE = EDITION.node
ENTRY = EDITION.entry
INSTALLED = ROOT / ".cache" / "vscode-extensions"
"""What code-server has installed, by what it was installed from; a server gets a copy."""
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
    "editor.unusualLineTerminators": "off",
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
            text = json.dumps({**QUIET, **changes}, indent=2)
            if path.exists() and path.read_text("utf-8") == text:
                continue
            # At one go: a window that is open reads it at once, and half of it would be other settings.
            fresh = path.with_suffix(".new")
            fresh.write_text(text, "utf-8")
            fresh.replace(path)

    def address(self, folder: Path) -> str:
        """Return the address of a window on a folder, or on the folders that a workspace file names."""
        kind = "workspace" if folder.suffix == ".code-workspace" else "folder"
        return f"http://127.0.0.1:{self.port}/?{kind}={quote(str(folder))}"

    def uninstall(self, extension: str) -> None:
        """Remove an extension, and start again with a first visit: that is when VS Code carries out what that means."""
        self._run(self._folders["extensions"], "--uninstall-extension", extension)
        self._end()
        said = len(self._all_said())
        self.process = self._start()
        self.port = wait_for(lambda: self._listens(said), self.said)
        wait_for(self._healthy, self.said)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=60) as answer:
            answer.read()

    def said(self) -> str:
        """Return what it wrote, for the report of a failure."""
        return self._all_said()[-4000:]

    def _all_said(self) -> str:
        return (self.home / "code-server.log").read_text("utf-8", "replace")

    def close(self) -> None:
        """End it, and all that it has started."""
        self._end()
        self._log.close()

    def _end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.editors.vscode.kept", NODE, ENTRY, *self._options()]
        command += ["--bind-addr", "127.0.0.1:0", "--ignore-last-opened", *EDITION.options]
        return subprocess.Popen(
            [str(it) for it in [*command, *FLAGS]],
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def _options(self, extensions: Path | None = None) -> list[object]:
        named: dict[str, Path] = {
            "config": self.home / "config.yaml",
            "user-data-dir": self._folders["user"],
            "extensions-dir": extensions or self._folders["extensions"],
        }
        return [part for name, value in named.items() for part in (f"--{name}", value)]

    def _install(self, extensions: list[Path]) -> None:
        packages = [it for it in extensions if it.is_file()]
        if packages:
            shutil.copytree(self._installed(packages), self._folders["extensions"], dirs_exist_ok=True)
        for extension in extensions:
            if extension.is_dir():
                manifest = json.loads((extension / "package.json").read_text("utf-8"))
                name = f"{manifest['publisher']}.{manifest['name']}-{manifest['version']}"
                (self._folders["extensions"] / name).symlink_to(extension)

    def _installed(self, packages: list[Path]) -> Path:
        """Return a folder in which code-server has installed these packages, now or for a server before."""
        key = hashlib.sha256(b"".join(hashlib.sha256(it.read_bytes()).digest() for it in packages))
        key.update(str(ENTRY.resolve()).encode())
        folder = INSTALLED / key.hexdigest()[:16]
        if not folder.is_dir():
            INSTALLED.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=INSTALLED, prefix="."))
            for package in packages:
                self._run(fresh, "--install-extension", package, "--force")
            with contextlib.suppress(OSError):  # another worker was quicker
                fresh.rename(folder)
            shutil.rmtree(fresh, ignore_errors=True)
        return folder

    def _run(self, extensions: Path, *words: object) -> None:
        command = [str(it) for it in (NODE, ENTRY, *self._options(extensions), *words)]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _listens(self, after: int = 0) -> int | None:
        if self.process.poll() is not None:
            raise RuntimeError(f"code-server ended with {self.process.returncode}: {self.said()}")
        found = re.search(r"HTTP server listening on http://127\.0\.0\.1:(\d+)", self._all_said()[after:])
        return int(found[1]) if found is not None else None

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return answer.status == 200
        except URLError:
            return False
