"""A person who types all the time while the agent edits the same document: nothing of either is lost."""

import itertools
import random
import time
from collections.abc import Callable

import pytest

from postil.core.events import CallFinished
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.neovim import Neovim

SLOTS = 8
TEXT = "".join(f"slot {n}: old\nkept τ{n}\n" for n in range(SLOTS))
LETTERS = "abcλжд🎈 "


def type_until(nvim: Neovim, done: Callable[[], bool]) -> str:
    """Press a key every 40 to 120 ms, as people do, until something is done; returns what was typed."""
    pace = random.Random(7)
    typed = ""
    for letter in itertools.cycle(LETTERS):
        if done():
            return typed
        nvim.keys(letter)
        typed += letter
        time.sleep(pace.uniform(0.04, 0.12))
    raise AssertionError


@pytest.mark.parametrize("settings", ["documented", "Neovim's own"])
def test_edits_all_over_a_document_while_someone_types_in_it(desk: Desk, settings: str) -> None:
    path = desk.world.file("notes.txt", TEXT)
    desk.settings('mode = "accept-edits"\n')
    desk.play(
        *(
            {"tool": "edit", "input": {"path": "notes.txt", "edits": [edit_of(slot)]}}
            for slot in random.Random(7).sample(range(SLOTS), SLOTS)
        ),
        "Done.",
    )
    nvim = desk.open(path, without=("flags =",) if settings != "documented" else ())
    nvim.run("set paste")
    nvim.run(f"{SLOTS + 1}")
    # Of its own, Neovim announces the first change only after a pause; asking is one.
    nvim.keys("A .<Esc>")
    nvim.until(lambda: nvim.lines(path)[SLOTS].endswith(" ."))
    desk.ask_to_fix(1)
    nvim.run(f"{SLOTS + 1}")
    nvim.keys("A")
    typed = type_until(nvim, lambda: bool(nvim.spy("messages")))
    nvim.keys("<Esc>")
    desk.ended("Done.")

    after = "".join(f"slot {n}: new\nmore\nkept τ{n}\n" for n in range(SLOTS)).splitlines()
    place = next(it for it, line in enumerate(nvim.lines(path)) if line.endswith(f" .{typed}"))
    lines = nvim.lines(path)
    lines[place] = lines[place].removesuffix(f" .{typed}")
    assert lines == after
    assert len(typed) > SLOTS
    assert {it.outcome for it in desk.events(CallFinished)} == {"completed"}


def edit_of(slot: int) -> dict[str, str]:
    """A replacement that moves what is below by a line."""
    return {"old": f"slot {slot}: old", "new": f"slot {slot}: new\nmore"}
