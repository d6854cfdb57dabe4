"""Where the extension finds its Python: on PATH or by the Python extension; and one clear message where there is none."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.editors.vscode.bridge import Bridge
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.desk import Desk, new_desk
from tests.editors.vscode.packed import packed

OLD = """#!{python}
import sys
sys.version_info = (3, 9, 2, "final", 0)
exec(sys.argv[sys.argv.index("-c") + 1])
"""
STAND_IN = """
const fs = require("node:fs");
const path = require("node:path");
exports.activate = () => {
  const chosen = path.join(process.env["POSTIL_TEST_PATH"], "chosen");
  const folder = () => (fs.existsSync(chosen) ? { path: fs.readFileSync(chosen, "utf8") } : { path: "" });
  return { environments: {
    getActiveEnvironmentPath: folder,
    resolveEnvironment: async ({ path }) => (path === "" ? undefined : { executable: { uri: { fsPath: path } } }),
  } };
};
"""
"""The Python extension, as far as it is asked."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is on PATH."""
    return tmp_path_factory.mktemp("bin")


@pytest.fixture(scope="module")
def bare(
    tmp_path_factory: pytest.TempPathFactory, bridge: Bridge, extensions: list[Path], programs: Path
) -> Iterator[CodeServer]:
    """A code-server where no program is on PATH, with a stand-in for the Python extension."""
    folder = tmp_path_factory.mktemp("python")
    manifest = {
        "name": "python", "displayName": "Python", "description": "A stand-in.", "version": "1.0.0",
        "publisher": "ms-python", "engines": {"vscode": "^1.93.0"}, "main": "./main.js",
        "extensionKind": ["workspace"], "activationEvents": ["onStartupFinished"],
    }  # fmt: skip
    (folder / "package.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "main.js").write_text(STAND_IN, "utf-8")
    python = packed(folder, tmp_path_factory.mktemp("vsix") / "python.vsix")
    env = {"PATH": str(programs), "POSTIL_TEST_PATH": str(programs)}
    server = CodeServer(tmp_path_factory.mktemp("cs"), bridge.address, [*extensions, python], env)
    yield server
    server.close()


@pytest.fixture
def desk(
    tmp_path: Path,
    bare: CodeServer,
    bridge: Bridge,
    browser: Browser,
    programs: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Desk]:
    """A desk at which no setting names the server."""
    for program in programs.iterdir():
        program.unlink()
    with new_desk(tmp_path, bare, bridge, browser) as desk:
        desk.has_command = False
        desk.play("Nothing.")
        yield desk
        desk.leave(request)


def test_no_python_at_all(desk: Desk) -> None:
    desk.open(desk.world.file("app.py", "a = 1\n"))
    chat = desk.chat().open()
    chat.frame.get_by_text("Postil needs Python 3.11 or newer.").first.wait_for()
    desk.window.status.filter(has_text="Postil: not running").wait_for()
    assert desk.window.notifications.count() == 0, "nothing pops up"
    chat.button("Choose interpreter…").click()
    desk.until(lambda: any(it["label"] == "Settings" for it in desk.spy("tabs")))


def test_a_python_that_is_too_old_is_named(desk: Desk, programs: Path) -> None:
    python = programs / "python3"
    python.write_text(OLD.format(python=sys.executable), "utf-8")
    python.chmod(0o755)
    desk.open(desk.world.file("app.py", "a = 1\n"))
    chat = desk.chat().open()
    chat.frame.get_by_text("Postil needs Python 3.11 or newer. Found: 3.9 at").first.wait_for()


def test_the_one_that_the_python_extension_has_chosen_is_asked_about_before_anything_is_installed(
    desk: Desk, programs: Path
) -> None:
    (programs / "chosen").write_text(sys.executable, "utf-8")
    desk.open(desk.world.file("app.py", "a = 1\n"))
    message = desk.window.notifications.filter(has_text="private environment")
    desk.window.expect(message, sys.executable)
    message.get_by_role("button", name="Install", exact=True).wait_for()
    installed = list(desk.server.home.rglob("pyvenv.cfg"))
    assert installed == [], "nothing is installed without a yes"
