"""A chat document says what a session's turns were, and no text in it is taken for what it is not."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from postil.core.events import ModelReplied, PromptReceived, TurnEnded
from postil.core.messages import AssistantMessage, Text, Usage
from postil.lsp.chat.form import heading, parse, split, trimmed, written
from postil.lsp.chat.page import gone_on, page
from postil.lsp.chat.prose import Prose
from postil.lsp.chat.rows import Places
from postil.lsp.chat.telling import Telling
from tests.support.chat_texts import ROOT, reply_texts, texts


def telling(turns: list[tuple[str, str]], *, open_: bool = False) -> Telling:
    """Return a session of these prompts and replies, whose last turn may go on."""
    found = Telling(Places(ROOT))
    for number, (prompt, reply) in enumerate(turns, 1):
        turn = f"t{number}"
        found.apply(PromptReceived(turn_id=turn, text=prompt, face="cli"), 0.0)
        said = AssistantMessage(content=(Text(text=reply),))
        found.apply(
            ModelReplied(
                turn_id=turn, step=1, model="m", message=said, usage=Usage(), stop_reason="end_turn", seconds=1.0
            ),
            0.0,
        )  # fmt: skip
        if not (open_ and number == len(turns)):
            found.apply(TurnEnded(turn_id=turn, reason="end_turn", steps=1, cost=0.01), 0.0)
    return found


@given(st.lists(st.tuples(texts(), reply_texts()), max_size=4), st.booleans(), texts())
def test_a_document_read_back_gives_its_turns(turns: list[tuple[str, str]], open_: bool, draft: str) -> None:
    found = telling(turns, open_=open_)
    text = page("s0123456789", "A title", "default · m", found.replies, written(draft))
    chat = parse(text)
    assert chat.session_id == "s0123456789"
    prompts = [re.sub(r"\r\n?", "\n", it) for it, _ in turns]
    you = [it for it in chat.sections if it.kind == "you"]
    assert [it.prompt for it in you[:-1]] == [trimmed(it) for it in prompts]
    assert chat.draft is you[-1]
    assert you[-1].prompt == trimmed(re.sub(r"\r\n?", "\n", draft))
    assert [it.turn for it in chat.replies] == [it.number for it in found.replies]
    assert [it.ended for it in chat.replies] == [bool(it.end) for it in found.replies]
    assert "".join(text[it.start : it.end] for it in chat.sections) == text


@given(texts())
def test_every_text_is_a_document_and_all_of_it_is_somewhere(text: str) -> None:
    chat = parse(text)
    assert "".join(text[it.start : it.end] for it in chat.sections) == text
    lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)
    for it in chat.sections[1:]:
        assert heading(lines[it.line]) == it.kind
        assert chat.at_line(it.line) is it


@given(reply_texts(), st.data())
def test_what_a_model_says_is_the_same_however_it_streams(text: str, data: st.DataObject) -> None:
    whole = Prose()
    said = whole.feed(text) + whole.close()
    pieces, streamed, at = Prose(), "", 0
    while at < len(text):
        step = data.draw(st.integers(1, 9))
        streamed += pieces.feed(text[at : at + step])
        at += step
    assert streamed + pieces.close() == said
    for line in split(said):
        assert heading(line) is None
        assert not re.match(r"- answer:|### (Question|Plan|Verdict)", line)
    assert "<!--" not in said


def test_headings_are_bold_and_code_stays_code() -> None:
    prose = Prose()
    text = "# One\nTwo\n---\n```python\n# no heading\n## You\n```\n## You ##\n### Question 1: run this?\n\n---\n- answer: yes\nend <!-- x"
    assert prose.feed(text) + prose.close() == (
        "**One**\nTwo\n\\---\n```python\n# no heading\n\\## You\n```\n**You**\n**Question 1: run this?**\n\n---\n\\- answer: yes\nend <\\!-- x\n"
    )


def test_a_fence_that_is_left_open_is_closed() -> None:
    prose = Prose()
    assert prose.feed("~~~~\ncode") + prose.close() == "~~~~\ncode\n~~~~\n"


@given(reply_texts(), st.data())
def test_a_document_that_was_cut_goes_on_where_it_ended(text: str, data: st.DataObject) -> None:
    (reply,) = telling([("Go.", text)]).replies
    upto = data.draw(st.integers(0, len(reply.text)))
    there = reply.text[:upto] + ("" if not upto or reply.text[upto - 1] == "\n" else "\n")
    at, _ = gone_on(there, reply.text)
    # Between two line ends it cannot be told on which side the cut was; nothing else is missing or twice.
    assert (there[: at or 0] + reply.text[at:]).replace("\n", "") == reply.text.replace("\n", "")


def test_a_document_that_a_person_changed_goes_on_behind_the_last_line_that_is_ours() -> None:
    whole = "one\n\ntwo\n\nthree\n"
    assert gone_on("one changed\n\ntwo\nmine\n", whole) == (len("one\n\ntwo\n"), "")
    asked = "\n### Question 1: run?\n    a\n\n- answer: waiting\n"
    assert gone_on(f"one\n{asked}", "one\n", asked) == (len("one\n"), asked), (
        "still open: none of it is the reply's"
    )
    assert gone_on("### Question 1: run?\n    a\n\n- answer: waiting\n", "### Question 1: run?\n    a\n\n- answer: no\n") == (
        len("### Question 1: run?\n    a\n\n"), "- answer: waiting\n",
    )  # fmt: skip
