"""What the judgement on a command costs: over the corpus, and for lines as long and as hard as they get."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence

from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.guard import LONGEST, judge
from postil.permissions.shell.surroundings import Surroundings
from tests.bench.figures import Figure, ms, p50, p99
from tests.support.shell_changes import corpus_commands

ROUNDS = 3
AROUND = Surroundings(("/ws",), "/ws", "/home/me", GivenFiles({}, {}, {}), own=("/home/me/.config/postil",))
HARD = (
    "ls; ", "x", "( ", "$(", '"', "'", "\\", "`", "${x:-", "$((", "sudo ", "eval ", "a=b ", "a | ", "{a,b}", "$x", "ls -a ", "cat a/",
    "rm -rf / ", "rm ../ ", "sudo rm -rf x", "bash -c 'a' ", "bash -c ", "find . -name x ", "sudo bash -c \"sudo bash -c 'sudo rm' \"",
    "[[ a && ", "case x in x) ", "if ls; then ", "<<E ", "a{b..c}", "* ",
    # With another number each time, so that nothing is worked out once for all of them.
    "ls %d; ", "a%d && ", "a%d&", "a%d|", "( a%d; ", "{ a%d; ", "f%d() { ", "$(a%d ", "cat <<E%d\nx\nE%d\n", "a%d=b ", "a%d=b; ", "x=$(a%d); ",
    "while read x%d; do ", "for x%d in a b; do ls; done; ", "if [ a%d ]; then ", "[[ a%d == b ]] && ", "env ", "env a%d=b ", "env a%d ",
    "env rm a%d ", "sudo env timeout 5 ", "find . -exec rm a%d {} + ", "find . -exec env a%d \\; ", "git -c alias.x%d='!rm a' x; ", "*%d ",
    "rm -rf *%d ", "tee .g*/x%d ", 'tee "$PWD"/a%d ', ".[^%d]* ", "-a%d ", "--a%d=b ", "cd a%d || ", "echo a%d | sh; ", "xargs rm a%d | ",
    "xargs -I{} sh -c 'a%d {}'; ", "bash -c 'a%d'; ", "sh -c \"sh -c 'a%d'\"; ", "parallel a%d ::: b; ", "trap a%d 0; ", "tmux new 'a%d'; ",
    "awk 'BEGIN{system(\"a%d\")}'; ", "ssh -o ProxyCommand='a%d' h; ", "cat <(a%d) ", "$'%d' ", "a%d>b<c ", "a\\\n", "jq '.a%d' ",
)  # fmt: skip
"""What lines at the size cap are made of, again and again; `%d` is a number."""
OPENINGS = ("", "echo ", "echo '", 'bash -c "')


async def guard() -> list[Figure]:
    """Judge every command of the corpus, and lines at the size cap."""
    commands = corpus_commands()
    lines = [form for part in HARD for form in _longest(part)]
    judge("ls | head", AROUND)  # what is loaded once
    gc.freeze()  # as a process of ours does with what it has loaded
    taken = _spent(commands * ROUNDS)
    hard = {line: _alone(line) for line in lines}
    slowest = max(lines, key=lambda it: hard[it])
    behind = f"{len(commands)} commands, {ROUNDS} times; slowest {ms(max(taken)):g} ms"
    return [
        Figure("judging a command, p50, processor", ms(p50(taken)), "ms", 1, None, behind),
        Figure("judging a command, p99, processor", ms(p99(taken)), "ms", 10),
        Figure(
            f"judging {LONGEST} bytes, slowest of {len(lines)}, processor", ms(hard[slowest]), "ms", 100, None,
            f"p50 {ms(p50([*hard.values()])):g} ms; the slowest begins with {slowest[:24]!r}",
        ),
    ]  # fmt: skip


def _longest(part: str) -> list[str]:
    """Return a line of this part, one behind a program that only shows it, one within quotes, and one that a shell is given."""
    text = "".join(part.replace("%d", str(number)) for number in range(LONGEST))
    return [(before + text)[:LONGEST] for before in OPENINGS]


def _alone(line: str) -> float:
    """Return the seconds of one line, without clearing away what lines before it have left."""
    gc.collect()
    return _spent([line])[0]


def _spent(lines: Sequence[str]) -> list[float]:
    taken: list[float] = []
    for line in lines:
        start = time.process_time()
        judge(line, AROUND)
        taken.append(time.process_time() - start)
    return taken
