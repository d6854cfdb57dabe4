"""How shfmt, which was written by others, reads shell scripts: the same plain lists as our own reading."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from tests.support.shell_readings import Tree, joined

Node = dict[str, Any]
AT_ONCE = 250
"""Scripts that one process reads."""
_ANSI = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


class Unlike(Exception):
    """shfmt does not read it, or finds what our own reading has no name for."""


def readings(scripts: Sequence[str]) -> Iterator[Tree | str]:
    """Yield for every script how it is read, or why it is not."""
    for start in range(0, len(scripts), AT_ONCE):
        yield from _together(scripts[start : start + AT_ONCE])


def _together(scripts: Sequence[str]) -> list[Tree | str]:
    """Read scripts below each other; one that cannot be read, or that reaches into the next, is found by halves."""
    try:
        return [*_split(_parsed("".join(f"{it}\n" for it in scripts)), scripts)]
    except (Unlike, KeyError) as error:
        if len(scripts) == 1:
            return [f"{type(error).__name__}: {error}"]
    middle = len(scripts) // 2
    return _together(scripts[:middle]) + _together(scripts[middle:])


def _node(parent: Node, name: str) -> Node:
    """Return a node below another, empty where there is none."""
    found: Node | None = parent.get(name)
    return {} if found is None else found


def _parsed(text: str) -> list[Node]:
    program = shutil.which("shfmt", path=sysconfig.get_path("scripts")) or shutil.which("shfmt")
    assert program is not None, "shfmt is not installed; run: make setup"
    ran = subprocess.run([program, "-ln", "bash", "--to-json"], input=text.encode(), capture_output=True, check=False)  # fmt: skip
    if ran.returncode:
        raise Unlike(ran.stderr.decode().strip())
    return json.loads(ran.stdout).get("Stmts", [])


def _split(statements: Sequence[Node], scripts: Sequence[str]) -> Iterator[Tree]:
    """Give every script its own statements, by the lines that they stand on."""
    waiting, line = [*statements], 1
    for script in scripts:
        line += script.count("\n") + 1
        own: list[Node] = []
        while waiting and waiting[0]["Pos"]["Line"] < line:
            own.append(waiting.pop(0))
        if len(scripts) > 1 and any(it["End"]["Line"] >= line for it in own):
            raise Unlike("it reaches into the next")
        yield _script(own)


# Scripts


def _script(statements: Sequence[Node]) -> Tree:
    return [[[*_links("", it)], it.get("Background", False)] for it in statements]


def _links(operator: str, statement: Node) -> Iterator[Tree]:
    command = _node(statement, "Cmd")
    if command.get("Type") == "BinaryCmd" and command["Op"] in ("&&", "||"):
        yield from _links(operator, command["X"])
        yield from _links(command["Op"], command["Y"])
    else:
        yield [operator, _pipeline(statement)]


def _pipeline(statement: Node) -> Tree:
    negated = statement.get("Negated", False)
    command = _node(statement, "Cmd")
    timed = command.get("Type") == "TimeClause"
    if not timed:
        return [negated, False, [*_piped(statement)]]
    inner = _node(command, "Stmt")
    return [negated != inner.get("Negated", False), True, [*_piped(inner)]]


def _piped(statement: Node) -> Iterator[Tree]:
    command = _node(statement, "Cmd")
    if command.get("Type") == "BinaryCmd":
        yield from _piped(command["X"])
        yield from _piped(command["Y"])
    else:
        yield _command(statement)


def _command(statement: Node) -> Tree:
    command: Node = statement.get("Cmd") or {"Type": "CallExpr"}
    kind = command["Type"]
    if kind == "FuncDecl":
        return ["function", command["Name"]["Value"], _command(command["Body"])]
    if kind == "CoprocClause":
        return ["coproc", _command(command["Stmt"])]
    return [*_KINDS.get(kind, _unknown)(command), [_redirect(it) for it in statement.get("Redirs", ())]]


def _unknown(command: Node) -> Tree:
    raise Unlike(command["Type"])


def _simple(command: Node) -> Tree:
    words = [_word(it) for it in command.get("Args", ())]
    return ["simple", [_assignment(it) for it in command.get("Assigns", ())], words]


def _declaration(command: Node) -> Tree:
    words = [joined([["text", False, command["Variant"]["Value"]]])]
    words += [_declared(it) for it in command.get("Args", ())]
    return ["simple", [], words]


def _declared(one: Node) -> Tree:
    if one.get("Naked"):
        return _word(one["Value"]) if "Value" in one else joined([["text", False, one["Name"]["Value"]]])
    name, append, value = _assignment(one)
    begin: Tree = ["text", False, f"{name}{'+' if append else ''}="]
    return joined([begin, *cast("list[Tree]", value)])


def _assignment(one: Node) -> Tree:
    if "Array" in one or "Index" in one:
        raise Unlike("an array")
    return [one["Name"]["Value"], one.get("Append", False), _word(_node(one, "Value"))]


def _redirect(one: Node) -> Tree:
    body = None
    if "Hdoc" in one or one["Op"] in ("<<", "<<-"):
        quoted = any(it["Type"] != "Lit" or "\\" in it["Value"] for it in one["Word"]["Parts"])
        body = joined(_body(_node(one, "Hdoc"), raw=quoted, tabs=one["Op"] == "<<"))
    return [one["Op"], _descriptor(one.get("N")), _word(one["Word"]), body]


def _descriptor(node: Node | None) -> str | None:
    if node is None:
        return None
    value: str = node["Value"]
    return str(int(value)) if value.isdigit() else value


def _body(word: Node, *, raw: bool, tabs: bool) -> Iterator[Tree]:
    """Yield the pieces of a here-document, which shfmt keeps as it is written."""
    begins = True
    for part in word.get("Parts", ()):
        if part["Type"] == "Lit":
            value = part["Value"] if tabs else _without_tabs(part["Value"], begins=begins)
            yield ["text", True, value if raw else _unescaped(value, "$`\\")]
        else:
            yield from _pieces(part, quoted=True)
        begins = False


def _without_tabs(text: str, *, begins: bool) -> str:
    text = re.sub(r"\n\t+", "\n", text)
    return text.lstrip("\t") if begins else text


# Compound commands


def _if(command: Node) -> Tree:
    scripts: list[Tree] = []
    branch: Node | None = command
    while branch is not None:
        if "Cond" in branch:
            scripts.append(_script(branch["Cond"]))
        scripts.append(_script(branch["Then"]))
        branch = branch.get("Else")
    return ["if", [*scripts]]


def _while(command: Node) -> Tree:
    kind = "until" if command.get("Until") else "while"
    return [kind, [_script(command["Cond"]), _script(command["Do"])]]


def _for(command: Node) -> Tree:
    loop = command["Loop"]
    if loop["Type"] == "CStyleLoop":
        return ["((", [*_scripts(loop)], _script(command["Do"])]
    words = [_word(it) for it in loop.get("Items", ())] if "InPos" in loop else None
    return [
        "select" if command.get("Select") else "for",
        loop["Name"]["Value"],
        words,
        _script(command["Do"]),
    ]


def _case(command: Node) -> Tree:
    items = command.get("Items", ())
    patterns = [_word(it) for item in items for it in item["Patterns"]]
    return ["case", _word(command["Word"]), patterns, [_script(it.get("Stmts", ())) for it in items]]


def _tested(node: Node) -> Iterator[Tree]:
    """Yield the words and operators of a condition, but those that our reading leaves out."""
    kind = node.get("Type", "Word")
    if kind == "BinaryTest":
        yield from _tested(node["X"])
        if node["Op"] not in ("&&", "||", "<", ">"):
            yield [["text", False, node["Op"]]]
        yield from _tested(node["Y"])
    elif kind == "UnaryTest":
        yield [["text", False, node["Op"]]]
        yield from _tested(node["X"])
    elif kind == "ParenTest":
        yield from _tested(node["X"])
    else:
        yield _word(node)


_KINDS: dict[str, Callable[[Node], Tree]] = {
    "CallExpr": _simple,
    "DeclClause": _declaration,
    "Subshell": lambda it: ["subshell", [_script(it["Stmts"])]],
    "Block": lambda it: ["group", [_script(it["Stmts"])]],
    "IfClause": _if,
    "WhileClause": _while,
    "ForClause": _for,
    "CaseClause": _case,
    "TestClause": lambda it: ["[[", [*_tested(it["X"])]],
    "ArithmCmd": lambda it: ["((", [*_scripts(it)], None],
}


# Words


def _word(word: Node) -> Tree:
    return joined(it for part in word.get("Parts", ()) for it in _pieces(part, quoted=False))


def _pieces(part: Node, *, quoted: bool) -> Iterator[Tree]:
    kind = part["Type"]
    if kind == "Lit":
        if quoted:
            yield ["text", True, _unescaped(part["Value"], '$`"\\')]
        else:
            yield from _plain(part["Value"])
    elif kind == "SglQuoted":
        value = part.get("Value", "")
        yield ["text", True, _ansi(value) if part.get("Dollar") else value]
    elif kind == "DblQuoted":
        yield ["text", True, ""]
        for one in part.get("Parts", ()):
            yield from _pieces(one, quoted=True)
    else:
        yield _expansion(part, quoted=quoted)


def _expansion(part: Node, *, quoted: bool) -> Tree:
    kind = part["Type"]
    if kind == "ParamExp":
        plain = part.keys() <= {"Type", "Pos", "End", "Dollar", "Rbrace", "Short", "Param"}
        if plain:
            return ["variable", quoted, part["Param"]["Value"]]
        return ["expansion", quoted, [*_scripts(part)]]
    if kind == "ArithmExp":
        return ["arithmetic", quoted, [*_scripts(part)]]
    if kind == "CmdSubst":
        return ["`" if part.get("Backquotes") else "$(", quoted, _script(part.get("Stmts", ()))]
    if kind == "ProcSubst":
        return [part["Op"], quoted, _script(part.get("Stmts", ()))]
    raise Unlike(kind)


def _scripts(node: Any) -> Iterator[Tree]:
    """Yield the scripts that are substituted somewhere below a node, in order."""
    if isinstance(node, dict) and node.get("Type") in ("CmdSubst", "ProcSubst"):  # pyright: ignore[reportUnknownMemberType] - plain JSON
        yield _script(cast(Node, node).get("Stmts", ()))
    elif isinstance(node, dict | list):
        below = cast(Node, node).values() if isinstance(node, dict) else cast("list[Any]", node)
        for one in below:
            yield from _scripts(one)


def _plain(value: str) -> Iterator[Tree]:
    for found in re.finditer(r"\\(.)|[^\\]+", value, re.DOTALL):
        yield ["text", found[1] is not None, found[1] or found[0]]


def _unescaped(value: str, letters: str) -> str:
    return re.sub(rf"\\([{re.escape(letters)}])", r"\1", value)


def _ansi(value: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "xuU" and len(code) > 1:
            return chr(int(code[1:], 16))
        return chr(int(code, 8) & 0xFF) if code[0] in "01234567" else _LETTERS.get(code, code)

    return _ANSI.sub(plain, value)
