"""The chat document in real Neovim, from the model's delta to the screen: `python -m tests.bench neovim`.

It needs what `make test-nvim` needs, which installs it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import TIMES, Figure, ms, p50, p95
from tests.bench.neovim_screen import KEY, Screen
from tests.bench.paced_model import PARAGRAPH, PacedModel, paced_model

if TYPE_CHECKING:
    from tests.editors.nvim.neovim import Neovim

WATCHED = 1_200
"""Words that are only watched, and then as many while somebody types: six seconds each."""
BETWEEN = 0.1
"""Seconds between two keys."""
BARE = str(Path(__file__).with_name("bare_stream.py"))
BARE_INIT = """
vim.api.nvim_create_autocmd('BufReadPost', { callback = function()
  vim.lsp.start({ name = 'bare', cmd = { '%s', '%s' }, root_dir = vim.fn.getcwd() })
end })
"""


BOUNDS = {"live": 2.5, "paragraph": 2.0}
"""Times what the bare server takes at the same pace, from a delta to the screen."""
KEYS = 2.5
"""Times what a key takes while the bare server writes."""
MEANT = {"live": "word by word", "paragraph": "a paragraph at a time, Neovim's default"}


@dataclass
class Ways:
    """Seconds from delta to screen, undisturbed and while somebody types, and from key to screen."""

    watched: list[float] = field(default_factory=list[float])
    typed: list[float] = field(default_factory=list[float])
    ends: list[float] = field(default_factory=list[float])
    """Of the last words of paragraphs alone, which wait for no other: both."""
    keys: list[float] = field(default_factory=list[float])


async def neovim() -> list[Figure]:
    """Measure word by word and a paragraph at a time, which is Neovim's default, each beside a bare server at that pace.

    What drives Neovim has to have a process's first thread, which has a loop here.
    """
    command = (sys.executable, "-m", "tests.bench.neovim")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        raise SystemExit("neovim: it was not measured; what is above says why")
    return [Figure(**it) for it in json.loads(said)]


def _measure() -> list[Figure]:
    figures: list[Figure] = []
    with paced_model(PARAGRAPH) as model:
        for pace in ("live", "paragraph"):
            idle, ours = _ours(model, pace)
            figures += _figures(pace, ours, _bare(model, pace), idle)
    return figures


def _figures(pace: str, ours: Ways, bare: Ways, idle: Sequence[float]) -> list[Figure]:
    how, bound = MEANT[pace], BOUNDS[pace]
    figures = [
        _beside(
            f"a delta to Neovim's screen, {how}, beside a bare server's", ours.watched, bare.watched, bound
        ),
        _beside("the same while somebody types below", ours.typed, bare.typed, bound),
    ]
    if pace == "paragraph":
        figures.append(
            _beside("the end of a paragraph to the screen, typing or not", ours.ends, bare.ends, bound)
        )
    keys = _beside(
        f"a key to the screen meanwhile, {how}, beside that with a bare server", ours.keys, bare.keys, KEYS
    )
    return [*figures, replace(keys, behind=f"{keys.behind}; {_said('idle', idle)}")]


def _ours(model: PacedModel, pace: str) -> tuple[list[float], Ways]:
    """Return how long keys take in an idle Neovim, and what a long answer does."""
    from tests.editors.nvim.chat import Chat
    from tests.editors.nvim.desk import new_desk

    with _folders() as (folder, home), new_desk(folder, home, _binary()) as desk:
        desk.settings(f'chat_streaming = "{pace}"\n')
        desk.world.env |= {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "scripted"}
        path = desk.world.file("app.py", "value = 1\n")
        desk.open_short(path)
        screen = Screen(home / "nvim.sock")
        _ready(desk.nvim)
        chat = Chat.shown(desk, path)
        chat.path = chat.new()
        model.words = PARAGRAPH
        chat.send("Talk.")  # what is loaded with the first turn is loaded
        chat.ended()
        chat.nvim.keys("Go")
        idle = [_echo(chat.nvim, screen) for _ in range(30)]
        chat.nvim.keys("<Esc>0D")
        model.words = 2 * WATCHED
        chat.send("Talk on.")
        chat.nvim.keys("Go")
        ways = _watch(model, chat.nvim, screen)
        screen.close()
        chat.nvim.keys("<Esc>")
    return idle, ways


def _ready(nvim: Neovim) -> None:
    """Have what was said while there was no screen read: else the next message would wait for Enter."""
    assert nvim.lua("return vim.o.cmdheight") == 1, "a person's is not as high as that"
    nvim.run("redraw!")
    nvim.keys("<CR><Esc>")


def _bare(model: PacedModel, pace: str) -> Ways:
    from tests.editors.nvim.neovim import Neovim

    with _folders() as (folder, home):
        file = folder / "notes.md"
        file.write_text("# Notes\n\nAbove.\nBelow.\n")
        init = home / "init.lua"
        init.write_text(BARE_INIT % (sys.executable, BARE))
        nvim = Neovim(_binary(), init, folder, {}, file)
        try:
            nvim.until(lambda: nvim.lua("return #vim.lsp.get_clients({ name = 'bare' })") == 1)
            screen = Screen(home / "nvim.sock")
            nvim.keys("Go")
            _echo(nvim, screen)  # its version is none that counts as no version
            model.words = 2 * WATCHED
            code = "vim.lsp.get_clients({ name = 'bare' })[1]:exec_cmd({ command = 'bare.stream', arguments = { ... } })"
            nvim.lua(code, model.url, file.as_uri(), pace)
            ways = _watch(model, nvim, screen)
            screen.close()
        finally:
            nvim.kill()
    return ways


def _watch(model: PacedModel, nvim: Neovim, screen: Screen) -> Ways:
    """Wait for half of an answer, type below the other half, and hold when it was said against when it was there."""
    nvim.until(lambda: screen.seen and max(screen.seen) >= PARAGRAPH)
    first = model.first
    half = first + WATCHED
    ways = Ways()
    nvim.until(lambda: half in model.said)
    while first + 2 * WATCHED - PARAGRAPH not in model.said:
        ways.keys.append(_echo(nvim, screen))
        time.sleep(BETWEEN)
    last = first + 2 * WATCHED - 1
    nvim.until(lambda: last in screen.seen)
    for number in range(first + PARAGRAPH, last - PARAGRAPH):
        taken = screen.seen[number] - model.said[number]
        (ways.watched if number < half else ways.typed).append(taken)
        if number % PARAGRAPH == PARAGRAPH - 1:
            ways.ends.append(taken)
    return ways


def _echo(nvim: Neovim, screen: Screen) -> float:
    """Press a key; returns the seconds until it stands on the screen."""
    there = len(screen.keys)
    start = time.perf_counter()
    nvim.keys(KEY)
    nvim.until(lambda: len(screen.keys) > there)
    return screen.keys[there] - start


def _binary() -> Path:
    from tests.editors.nvim.conftest import from_wheel

    found = from_wheel()
    if found is None:
        raise SystemExit("neovim: Neovim or pynvim is not there; run: make test-nvim")
    return found


@contextmanager
def _folders() -> Generator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory(prefix="pb-") as name:
        folder, home = Path(name).resolve() / "work", Path(name).resolve() / "home"
        for it in (folder, home):
            it.mkdir()
        yield folder, home


def _said(whose: str, taken: Sequence[float]) -> str:
    return f"{whose} p50 {ms(p50(taken)):g}, p95 {ms(p95(taken)):g} ms"


def _beside(what: str, ours: Sequence[float], other: Sequence[float], bound: float) -> Figure:
    behind = f"{_said('it takes', ours)}; the other {_said('', other).strip()}"
    return Figure(what, round(p50(ours) / p50(other), 2), TIMES, bound, None, behind)


if __name__ == "__main__":
    print(json.dumps([asdict(it) for it in _measure()]))
