"""Files that other programs run by themselves later, written under a rule for the program that writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.kept import is_open
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.targets import written
from postil.permissions.shell.touches.touched import Target
from postil.workspace.files.paths import runs_later, runs_when_built

EXAMPLES = Examples(
    ask=("cp a .github/workflows/x.yml", "tee .gitlab-ci.yml", "sed -i s/a/b/ Makefile", "curl -o .venv/bin/python x", "git checkout -- package.json",
         "x .github/workflows/x.yml", "mv a Jenkinsfile"),
    spared=("cp Makefile a", "make -f Makefile", "python3 setup.py build", "cp a b", "sed -n 1p Makefile", "cat .gitlab-ci.yml", "npm test"),
)  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    """Ask about them as for a file tool, which a rule answers that names the very file."""
    if view.script is None:
        return
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        if is_open(part, usage):
            yield from _of(part, view.owners[index], view.around)


def _of(part: Part, owner: int | None, around: Surroundings) -> Iterator[Finding]:
    for one in written(part, around):
        name = _run_later(one, around) if not one.redirected else ""
        if name:
            told = one.word.text or one.word.leading
            words = (it.text or it.leading for it in part.operands)
            named = (
                told
                if told in [it.text for it in part.operands]
                else next((it for it in words if told in it), told)
            )
            how = "writes" if one.certain else "could write"
            reason = f"it {how} {name}, which other programs run later"
            yield Finding("executes-later", "ask", reason, owner, by_rule=True, named=named)
            return


def _run_later(one: Target, around: Surroundings) -> str:
    """Return the file's name below the workspace, or below the home; empty where nothing runs it by itself."""
    for path in one.paths:
        relative = around.relative(path)
        if relative is None or relative == ".":
            continue
        place = PurePosixPath(relative)
        # What a build runs is named to builds all day: it counts where it is known to be written.
        if runs_later(place) or path in around.started() or (one.certain and runs_when_built(place)):
            return relative
    return ""
