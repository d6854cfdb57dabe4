"""Programs that no table speaks for, or that are named in another way than by their plain name."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("frobnicate", "./run.sh", "/bin/ls", "$X -l", "l* a", "~/bin/x", "../x", "rm a", "'' ls", "xeyes"),
    auto=("ls", "'ls'", "cat a"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask where the program is not one that is known to have a reading form, found in the system's own folders."""
    yield from _in_other_case(view)
    for index, part, usage in view.direct:
        if not part.argv:
            continue
        name = part.name
        if name == "" or part.argv[0].text is None:
            yield Finding("command-name", "ask", "which program it runs is not known", index)
        elif usage is None:
            reason = f"{name} is named by its place" if "/" in name else f"no rule allows {name}"
            yield Finding("command-name", "ask", reason, index, by_rule=True)
        elif not usage.program.builtin and not view.around.installed(name):
            yield Finding(
                "command-name", "ask", f"{name} is not found among the system's programs", index, by_rule=True
            )


def _in_other_case(view: View) -> Iterator[Finding]:
    """Ask where a program may be another than its letters say, whatever rules speak of those letters."""
    if not view.around.files.folds_case:
        return
    for index, part in enumerate(view.parts):
        plain = part.base.casefold()
        if part.base != plain:
            reason = f"{part.base} may be {plain}: upper and lower case are one in file names here"
            yield Finding("command-name", "ask", reason, view.owners[index])
