"""A reply begins below the prompt that was sent, whatever was typed into and behind that meanwhile."""

from __future__ import annotations

import random

import pytest

from postil.core.events import PromptReceived
from postil.lsp.chat.form import marker, parse
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.rows import Places
from postil.lsp.chat.sending import begun
from postil.workspace.texts.changes import apply_changes
from tests.support.chat_texts import ROOT

TOP = "# Chat\n\n"
PROMPT = "Edit the slots,\nall of them."


def reply(prompt: str) -> Reply:
    return Reply(1, PromptReceived(turn_id="t1", text=prompt, face="lsp"), Places(ROOT))


@pytest.mark.parametrize("seed", range(20))
def test_keys_that_cross_sending_stay_where_they_were_typed(seed: int) -> None:
    dice = random.Random(seed)
    sent = parse(f"{TOP}## You\n{PROMPT}\n").draft
    assert sent is not None
    typed = PROMPT
    for _ in range(dice.randrange(1, 8)):
        at = dice.randrange(len(typed))
        typed = typed[:at] + dice.choice("αβγ\n") + typed[at:]
    text = f"{TOP}## You\n{typed}\nand behind it"
    made = apply_changes(text, begun(text, sent, reply(PROMPT)))
    assert made == f"{TOP}## You\n{typed}\n\n## Postil\n{marker(1, 0)}\n\n## You\nand behind it"


def test_a_prompt_that_is_gone_is_written_above_what_stands_there_now() -> None:
    sent = parse(f"{TOP}## You\n{PROMPT}\n").draft
    assert sent is not None
    for now in ("Something else.", f"E{'x' * 300}{PROMPT[1:]}"):
        text = f"{TOP}## You\n{now}\n"
        made = apply_changes(text, begun(text, sent, reply(PROMPT)))
        assert made == f"{TOP}## You\n{PROMPT}\n\n## Postil\n{marker(1, 0)}\n\n## You\n{now}\n"


@pytest.mark.parametrize(
    ("prompt", "now"),
    [
        ("do", "Read this and go on."),
        ("do", "download it"),
        ("tests", "the rest is next"),
        ("Fix it", "For instance: x is not it"),
        ("a\nb", "an a\nor b"),
    ],
)
def test_what_replaced_a_short_prompt_is_another_text(prompt: str, now: str) -> None:
    sent = parse(f"{TOP}## You\n{prompt}\n").draft
    assert sent is not None
    text = f"{TOP}## You\n{now}\n"
    made = apply_changes(text, begun(text, sent, reply(prompt)))
    assert made == f"{TOP}## You\n{prompt}\n\n## Postil\n{marker(1, 0)}\n\n## You\n{now}\n"


@pytest.mark.parametrize(
    ("prompt", "now", "rest"),
    [
        ("do", "First this.\ndo", ""),
        ("do", "do", ", and that"),
        ("a\nb", "a\nbetween\nb", "\nmore"),
        ("a\r\nb", "a\r\nbetween\r\nb", "\r\nmore"),
        ("Fix it now", "Fix it right now", " and then"),
        ("Fix it now", "Please fix: Fix it now", ""),
    ],
)
def test_a_prompt_that_was_typed_into_is_known_by_its_pieces_or_its_lines(
    prompt: str, now: str, rest: str
) -> None:
    lines = "\r\n" if "\r\n" in prompt else "\n"
    top = TOP.replace("\n", lines)
    sent = parse(f"{top}## You{lines}{prompt}{lines}").draft
    assert sent is not None
    text = f"{top}## You{lines}{now}{rest}"
    made = apply_changes(text, begun(text, sent, reply(prompt)))
    new = f"{now}\n\n## Postil\n{marker(1, 0)}\n\n## You".replace("\r\n", "\n").replace("\n", lines)
    below = rest if rest.startswith(("\r", "\n")) else f"{lines}{rest}"
    assert made == f"{top}## You{lines}{new}{below}"
