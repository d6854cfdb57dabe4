"""Every line of `permissions check --jsonl` gets one answer of one line, whatever it is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from postil.permissions.checking import answer_line

ODD = {
    "half a character": '{"command":"ls\\ud800","root":"/ws"}',
    "half a character in a path": '{"path":"a\\udcff","op":"read","root":"/ws"}',
    "half a character as it stands": '{"command":"ls \ud800","root":"/ws"}',
    "half a character in a rule": '{"command":"ls","rules":{"deny":["Bash(\\ud800"]},"root":"/ws"}',
    "half a character in a key": '{"\\ud800":1,"command":"ls"}',
    "a deep array": "[" * 100_000,
    "a deep object": '{"command":' * 100_000,
    "deep and closed": "[" * 20_000 + "]" * 20_000,
    "not a number": '{"command":NaN}',
    "endless": '{"command":"ls","cwd":Infinity}',
    "a huge number": '{"command":' + "9" * 10_000 + "}",
    "a huge exponent": '{"path":"a","op":1e999999}',
    "a huge size": '{"path":"a","op":"read","root":"/ws","fs":{"exists":{"/ws/a":"file:'
    + "9" * 5_000
    + '"}}}',
    "a size of other digits": '{"path":"a","op":"read","root":"/ws","fs":{"exists":{"/ws/a":"file:²"}}}',
    "a text": '"ls"',
    "nothing": "null",
    "a key twice": '{"command":"rm a","command":"ls","root":"/ws"}',
    "no operation": '{"path":"a","root":"/ws"}',
    "no root": '{"path":"a","op":"read","root":""}',
    "a relative root": '{"command":"ls","root":"rel"}',
    "a relative home": '{"command":"ls","root":"/ws","home":"me"}',
    "a mark before it": '\ufeff{"command":"ls"}',
    "a null in a path": '{"path":"a\\u0000b","op":"read"}',
    "a blank of another kind": "\u00a0",
}


@pytest.mark.parametrize("line", ODD.values(), ids=ODD.keys())
def test_whatever_comes_is_asked_about(line: str) -> None:
    answer = answer_line(line)
    assert answer is not None
    assert answer.isascii()
    assert "\n" not in answer
    assert json.loads(answer)["decision"] == "ask"


@pytest.mark.parametrize(
    "name", ["no operation", "no root", "a relative root", "a key twice", "a relative home"]
)
def test_what_is_no_question_is_named_so(name: str) -> None:
    answer = answer_line(ODD[name])
    assert answer is not None
    assert json.loads(answer)["checks"] == ["input"]


def test_the_program_answers_each_line_once() -> None:
    lines = [it.encode("utf-8", "surrogatepass") for it in ODD.values()]
    lines += [b'{"command":"ls","root":"/ws"}', b"\xff\xfe{", b'{"command":"ls \xe2\x9c\x93","root":"/ws"}']
    program = [sys.executable, "-m", "postil", "permissions", "check", "--jsonl"]
    ended = subprocess.run(program, input=b"\n".join([*lines, b"", b"\r"]), capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    answers = ended.stdout.decode().splitlines()
    assert len(answers) == len(lines)
    assert [json.loads(it)["decision"] for it in answers[-3:]] == ["auto", "ask", "auto"]


def test_a_rule_that_decides_says_so() -> None:
    for verdict, command in (("deny", "rm a"), ("ask", "ls")):
        question = {"command": command, "root": "/ws", "rules": {verdict: [f"Bash({command.split()[0]}:*)"]}}
        answer = answer_line(json.dumps(question))
        assert answer is not None
        assert json.loads(answer)["checks"][0] == "rules"
