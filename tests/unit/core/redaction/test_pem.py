"""Lines of private keys are replaced wherever a key stands, whole or cut, and everything beside it stays."""

from __future__ import annotations

import json

import pytest

from postil.core.redaction.marks import KEY, mark
from postil.core.redaction.redact import redact
from tests.support.secrets import key_lines

LINES = key_lines()
BODY = LINES[1:-1]
MARK = mark(KEY)
SHAPES = {
    "plain": "{}",
    "with numbers": "{n:>5}\t{}",
    "in what grep prints": "conf/key.pem:{n}:{}",
    "added": "+{}",
    "taken away": "-{}",
    "beside a change": " {}",
    "further in": "      {}",
    "in strings": '    "{}\\n"',
    "in strings that are joined": "  '{}\\n' +",
    "in a list": '  "{}",',
    "in a comment": "# {}",
    "quoted": "> {}",
    "with its line ends": "{}\r",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_each_line_of_a_key_is_replaced(shape: str) -> None:
    lines = [shape.format(line, n=number) for number, line in enumerate(LINES, 1)]
    text = "\n".join(["name: x", *lines, "name: y"])
    found = redact(text)
    shown = found.text.split("\n")
    assert found.count == 1
    assert len(shown) == len(lines) + 2
    assert [shown[0], shown[1], shown[-2], shown[-1]] == ["name: x", lines[0], lines[-1], "name: y"]
    expected = [shape.format(MARK, n=number) for number in range(2, len(LINES))]
    assert shown[2:-2] == expected
    assert redact(found.text).text == found.text


def test_a_key_in_one_string() -> None:
    for text in (
        json.dumps({"key": "\n".join(LINES)}),
        json.dumps(json.dumps({"key": "\n".join(LINES)})),
        f"KEY='{' '.join(LINES)}'",
    ):
        found = redact(text)
        assert found.count == 1
        assert not any(line in found.text for line in BODY)
        assert LINES[-1] in found.text


def test_a_key_of_which_the_end_was_cut() -> None:
    found = redact("\n".join([*LINES[:6], "", "[1,234 characters left out here]", "", *LINES[9:], "more"]))
    assert not any(line in found.text for line in BODY)
    assert found.text.endswith("\nmore")


def test_a_key_of_which_the_beginning_was_cut() -> None:
    found = redact("\n".join(["some words", "word", *LINES[5:], "more"]))
    assert found.text.split("\n")[:2] == ["some words", "word"]
    assert not any(line in found.text for line in BODY)
    assert found.count == 1


def test_a_string_of_which_the_end_was_cut() -> None:
    found = redact(json.dumps("\n".join(LINES))[:300])
    assert found.text == f'"{LINES[0]}{MARK}'


def test_headers_stay() -> None:
    lines = [LINES[0], "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,ABCDEF", "", *BODY, LINES[-1]]
    shown = redact("\n".join(lines)).text.split("\n")
    assert shown[:4] == lines[:4]
    assert set(shown[4:-1]) == {MARK}


@pytest.mark.parametrize(
    "text",
    [
        f"A key begins with {LINES[0]} and words follow.\nThey stay.\n",
        f"{LINES[0]}\nword\n",
        f'key="{LINES[0]}\\nXXXX\\n{LINES[-1]}"\n```\n',
        f"```ini\n{LINES[-1]}\n",
        "-----BEGIN CERTIFICATE-----\n" + "\n".join(BODY),
        "-----BEGIN PUBLIC KEY-----\n" + "\n".join(BODY),
    ],
)
def test_what_is_no_key_stays(text: str) -> None:
    assert redact(text).text == text
