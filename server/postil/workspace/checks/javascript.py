"""Checks of JavaScript and TypeScript projects: the scripts of package.json, run by the manager whose lock file is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.core.verification import Check
from postil.workspace.checks.project import Project, table

_FILE = "package.json"
_COVERS = (
    "*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts", "*.vue", "*.svelte", "*.json", "*.css", "*.scss", "*.html"
)  # fmt: skip
_SCRIPTS = ("test", "lint", "typecheck", "type-check", "check-types")
_MANAGERS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}
_PLACEHOLDER = "no test specified"
"""What npm writes into a new package's script `test`."""
_NO_CHECK = re.compile(r"(^|\s)(--fix|--write|--watch|-w|-u|--update|--updateSnapshot)($|[\s=])")
"""Words of scripts that edit files, or never end."""


def find(project: Project) -> Iterator[Check]:
    """Give the scripts that check and neither edit nor watch."""
    scripts = table(project.json(_FILE), "scripts")
    manager = next((it for file, it in _MANAGERS.items() if project.has(file)), "npm")
    for name in _SCRIPTS:
        said = scripts.get(name)
        if isinstance(said, str) and said.strip() and _PLACEHOLDER not in said and not _NO_CHECK.search(said):
            command = f"{manager} test" if name == "test" and manager != "bun" else f"{manager} run {name}"
            yield Check(name=command, command=command, covers=_COVERS, source=_FILE)
    if project.has("deno.json") or project.has("deno.jsonc"):
        source = "deno.json" if project.has("deno.json") else "deno.jsonc"
        yield Check(name="deno test", command="deno test", covers=_COVERS, source=source)
