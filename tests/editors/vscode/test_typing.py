"""A person who types all the time while the agent edits the same document: nothing of either is lost."""

import itertools
import random
from collections.abc import Callable

from postil.core.events import CallFinished, TurnEnded
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import edit
from tests.editors.vscode.workbench import Workbench

SLOTS = 8
TEXT = "".join(f"slot {n}: old\nkept τ{n}\n" for n in range(SLOTS))
LETTERS = "abcλжд🎈 "


def type_until(window: Workbench, done: Callable[[], bool]) -> str:
    """Press a key every 40 to 120 ms, as people do, until something is done; returns what was typed."""
    pace = random.Random(7)
    typed = ""
    for letter in itertools.cycle(LETTERS):
        if done():
            return typed
        window.page.keyboard.insert_text(letter)
        typed += letter
        window.page.wait_for_timeout(pace.uniform(40, 120))
    raise AssertionError


def test_edits_all_over_a_document_while_someone_types_in_it(desk: Desk) -> None:
    path = desk.world.file("notes.txt", TEXT)
    desk.settings('mode = "accept-edits"\n')
    slots = random.Random(7).sample(range(SLOTS), SLOTS)
    wishes = [edit("notes.txt", f"slot {slot}: old", f"slot {slot}: new\nmore") for slot in slots]
    desk.play(*wishes, "Done.")
    spy = desk.open(path)
    desk.hold_edit()
    desk.ask_to_fix(path, 1)
    desk.held()
    line = SLOTS + 1
    spy("open", path, line, len(TEXT.splitlines()[line - 1]))
    desk.window.page.keyboard.insert_text(" .")
    desk.until(lambda: spy("text", path).splitlines()[SLOTS].endswith(" ."))
    desk.let_edit_go()
    typed = type_until(desk.window, lambda: bool(desk.events(TurnEnded)))
    desk.ended("Done.")

    after = "".join(f"slot {n}: new\nmore\nkept τ{n}\n" for n in range(SLOTS)).splitlines()
    # The last keys may still be on their way to where extensions see them.
    desk.until(lambda: any(it.endswith(f" .{typed}") for it in spy("text", path).splitlines()))
    lines: list[str] = spy("text", path).splitlines()
    place = next(it for it, text in enumerate(lines) if text.endswith(f" .{typed}"))
    lines[place] = lines[place].removesuffix(f" .{typed}")
    assert lines == after
    assert len(typed) > 2
    assert {it.outcome for it in desk.events(CallFinished)} == {"completed"}
