"""Random shell scripts from a grammar: what people write, what nobody writes, and some that no shell takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

PROGRAMS = ("ls", "cat", "echo", "grep", "git", "rm", "printf", "wc", "[", "x", "./run", "-v", "2", "a.b")
PLAIN = "abcxyzERS019._-/:%@,^"
ODD = "{}~*?[]!=+#"
PRINTED = "".join(map(chr, range(32, 127)))
KEYWORDS = (
    "if", "then", "else", "elif", "fi", "for", "do", "done", "while", "until", "case", "esac", "in", "{", "}", "!",
    "time", "function", "select", "coproc", "[[", "]]", "EOF",
)  # fmt: skip
NAMES = ("x", "y", "file", "HOME", "_", "a1")
PARAMETERS = (*NAMES, "1", "?", "#", "@", "*", "$", "!", "-", "0")
TAILS = (
    ":-y", "-y", ":=y", "+y", ":+$y", "#a", "##*/", "%.*", "%%b", "/a/b", "//a", ":1:2", "^", ",,", ":-${y}", ":-$(ls)", "/`ls`/",
    "@Q", "[0]", "[@]",
)  # fmt: skip
SUMS = ("1", "1 + 2", "x", "$x * 2", "x++", "(1+2)*3", "$(wc -l) + 1", "1 << 2", "x > y ? 1 : 2", "${x}0")
ESCAPES = (
    "\\n", "\\t", "\\\\", "\\'", '\\"', "\\x41", "\\x7", "\\101", "\\7", "\\u41", "\\U00000041", "\\a", "\\b", "\\e", "\\E", "\\f",
    "\\r", "\\v", "\\?", "\\x41B", "\\0419", "\\u00e9", "\\cA", "\\z", "\\xe9",
)  # fmt: skip
WRITES = (">", ">>", ">|", "<", "<>", "&>", "&>>")
DELIMITERS = ("E", "'E'", '"E"', "\\E", "E'O'F")


class Maker:
    """Makes one script; the same seed makes the same one."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._waiting: list[str] = []
        """The texts of here-documents that belong below the line."""

    def make(self) -> str:
        """Return a script."""
        text = self._script(self._random.choice((0, 0, 0, 1, 1, 2)))
        return text + (self._newline() if self._waiting or self._chance(5) else "")

    def word(self) -> str:
        """Return a word without expansions, as it is written."""
        return "".join(self._literal() for _ in range(self._random.randint(1, 4)))

    def _chance(self, percent: float) -> bool:
        return self._random.random() * 100 < percent

    def _one(self, of: Sequence[str]) -> str:
        return self._random.choice(of)

    def _letters(self, of: str, least: int = 1, most: int = 6) -> str:
        return "".join(self._random.choices(of, k=self._random.randint(least, most)))

    # Where lines and words end

    def _newline(self) -> str:
        text = (" # it's a `comment" if self._chance(5) else "") + "\n" + "".join(self._waiting)
        self._waiting = []
        return text + ("\n" if self._chance(5) else "")

    def _blank(self) -> str:
        return " " if self._chance(90) else self._one(("  ", "\t", " \\\n", " \\\n\t", "\\\n"))

    def _space(self) -> str:
        return self._one(("", " ", " ", "\t"))

    def _end(self) -> str:
        """Return what ends a command within a list."""
        if self._waiting or self._chance(25):
            return self._newline()
        return self._one((";", " ;", "; ", "; ", " & ", "&"))

    # Scripts

    def _script(self, depth: int) -> str:
        text = self._chain(depth)
        for _ in range(self._random.choice((0, 0, 0, 1, 1, 2))):
            text += self._end() + self._chain(depth)
        return text

    def _chain(self, depth: int) -> str:
        text = self._pipeline(depth)
        while self._chance(15):
            text += self._space() + self._one(("&&", "||")) + self._joint() + self._pipeline(depth)
        return text

    def _joint(self) -> str:
        return self._newline() if self._chance(8) else self._space()

    def _pipeline(self, depth: int) -> str:
        text = self._one(("! ", "time ", "time -p ", "! time ")) if self._chance(4) else ""
        text += self._command(depth)
        while self._chance(15):
            text += self._space() + ("|&" if self._chance(5) else "|") + self._joint() + self._command(depth)
        return text

    def _command(self, depth: int) -> str:
        if depth > 0 and self._chance(35):
            text = self._random.choice(_COMPOUNDS)(self, depth - 1)
            return text + (self._blank() + self._redirect(depth - 1) if self._chance(15) else "")
        return self._simple(depth)

    def _simple(self, depth: int) -> str:
        parts = [self._assignment(depth) for _ in range(self._random.choice((0, 0, 0, 0, 0, 1, 2)))]
        if not parts or self._chance(80):
            parts.append(self._one(PROGRAMS) if self._chance(85) else self._word(depth))
        parts += [self._word(depth) for _ in range(self._random.choice((0, 1, 1, 2, 3)))]
        if self._chance(20):
            parts.insert(self._random.randint(0, len(parts)), self._redirect(depth))
        text = parts[0]
        for part in parts[1:]:
            text += self._blank() + part
        return text

    def _assignment(self, depth: int) -> str:
        value = "" if self._chance(20) else self._word(depth)
        return f"{self._one(NAMES)}{'+' if self._chance(10) else ''}={value}"

    # Compound commands

    def _body(self, depth: int) -> str:
        """Return a list with what ends it."""
        return self._script(depth) + self._end()

    def _subshell(self, depth: int) -> str:
        text = self._script(depth)
        return f"({self._space()}{text}{self._newline() if self._waiting else self._space()})"

    def _group(self, depth: int) -> str:
        return f"{{ {self._body(depth)}}}"

    def _if(self, depth: int) -> str:
        text = f"if {self._body(depth)}then{self._joint() or ' '}{self._body(depth)}"
        if self._chance(25):
            text += f"elif {self._body(depth)}then {self._body(depth)}"
        if self._chance(35):
            text += f"else {self._body(depth)}"
        return text + "fi"

    def _while(self, depth: int) -> str:
        return f"{self._one(('while', 'until'))} {self._body(depth)}do {self._body(depth)}done"

    def _for(self, depth: int) -> str:
        if self._chance(8):
            return (
                f"for (({self._one(SUMS)};{self._one(SUMS)};{self._one(SUMS)})); do {self._body(depth)}done"
            )
        head = f"{'select' if self._chance(5) else 'for'} {self._one(NAMES)}"
        if self._chance(90):
            head += " in" + "".join(f" {self._word(depth)}" for _ in range(self._random.randint(0, 3)))
        return (
            f"{head}{self._newline() if self._waiting else self._one(('; ', ';'))}do {self._body(depth)}done"
        )

    def _case(self, depth: int) -> str:
        text = f"case {self._word(depth)} in{self._newline() if self._waiting else self._joint() or ' '}"
        for _ in range(self._random.randint(0, 3)):
            patterns = self._one((" | ", "|")).join(
                self._word(0) for _ in range(self._random.choice((1, 1, 2)))
            )
            body = "" if self._chance(15) else self._script(depth)
            text += f"{'(' if self._chance(30) else ''}{patterns}){self._joint()}{body}"
            text += self._newline() if self._waiting or self._chance(30) else " "
            text += self._one((";; ", ";;", ";;\n", ";;", ";& ", ";;& "))
        return text + "esac"

    def _brackets(self, depth: int) -> str:
        parts = [
            f"{self._one(('-f', '-z', '! -d'))} {self._word(depth)}",
            f"{self._word(depth)} {self._one(('==', '=', '!=', '-eq', '<', '=~'))} {self._word(depth)}",
            self._word(depth),
        ]
        picked = self._random.sample(parts, self._random.randint(1, 2))
        return f"[[ {self._one((' && ', ' || ')).join(picked)} ]]"

    def _double(self, depth: int) -> str:
        del depth
        return f"(({self._one(SUMS)}))"

    def _function(self, depth: int) -> str:
        head = self._one(("f()", "f ()", "function f", "function f()"))
        return f"{head} {self._group(depth)}"

    # Redirections

    def _redirect(self, depth: int) -> str:
        number = self._one(("2", "1", "0", "12", "{fd}")) if self._chance(30) else ""
        kind = self._random.randint(0, 9)
        if kind < 2:
            return f"{number}{self._one(('>&', '<&'))}{self._one(('1', '2', '-', '1-', '$x'))}"
        if kind < 4:
            return self._here()
        if kind < 5:
            return f"{number}<<<{self._space()}{self._word(depth)}"
        operator = self._one(WRITES)
        return f"{'' if operator.startswith('&') else number}{operator}{self._space()}{self._word(depth)}"

    def _here(self) -> str:
        operator, written = self._one(("<<", "<<-")), self._one(DELIMITERS)
        end = written.translate(str.maketrans("", "", "'\"\\"))
        lines = [self._line(quoted=written != end) for _ in range(self._random.randint(0, 2))]
        tabs = "\t" if operator == "<<-" and self._chance(60) else ""
        self._waiting.append("".join(f"{tabs}{it}\n" for it in (*lines, end)))
        return operator + self._space() + written

    def _line(self, *, quoted: bool) -> str:
        if quoted or self._chance(40):
            return self._letters(PRINTED, 0, 12).replace("\\", "/" if self._chance(90) else "\\")
        pieces = (
            "text ",
            "it's",
            '"a"',
            "$x",
            "${x}",
            "$(ls)",
            "`ls`",
            "\\$x",
            "\\`",
            "\\\\",
            "$((1))",
            "\\a",
            "$",
            "E",
        )
        return "".join(self._random.choices(pieces, k=self._random.randint(1, 4)))

    # Words

    def _word(self, depth: int) -> str:
        if self._chance(5):
            return self._one(KEYWORDS)
        return "".join(self._piece(depth) for _ in range(self._random.choice((1, 1, 1, 2, 3))))

    def _piece(self, depth: int) -> str:
        kind = self._random.randint(0, 19)
        if kind < 14:
            return self._literal()
        if kind < 15:
            return '"' + "".join(self._in_double(depth) for _ in range(self._random.randint(0, 4))) + '"'
        return self._expansion(depth)

    def _literal(self) -> str:
        kind = self._random.randint(0, 15)
        if kind < 7:
            return self._letters(PLAIN)
        if kind < 9:
            return self._letters(PLAIN + ODD, 1, 4)
        if kind < 11:
            return "'" + self._letters(PRINTED.replace("'", "\n" if self._chance(5) else " "), 0) + "'"
        if kind < 12:
            return '"' + self._letters(PRINTED.translate({34: None, 36: None, 92: None, 96: None}), 0) + '"'
        if kind < 13:
            return '"' + self._one(('\\"', "\\\\", "\\$", "\\`", "\\a", "\\n", "\\!", "\\'")) + '"'
        if kind < 14:
            return "\\" + self._one(PRINTED)
        if kind < 15:
            return "$'" + "".join(self._ansi() for _ in range(self._random.randint(0, 4))) + "'"
        return self._one(("é", "日", '$"a b"', "''", '""'))

    def _ansi(self) -> str:
        return self._one(ESCAPES) if self._chance(50) else self._letters(PLAIN + ODD + ' "$`', 1, 3)

    def _in_double(self, depth: int) -> str:
        kind = self._random.randint(0, 9)
        if kind < 5:
            return self._letters(PRINTED.translate({34: None, 36: None, 92: None, 96: None}))
        if kind < 7:
            return self._one(('\\"', "\\\\", "\\$", "\\`", "\\a", "$", "$ ", "\\'", "'", "$'a'"))
        return self._expansion(depth)

    def _expansion(self, depth: int) -> str:
        kind = self._random.randint(0, 11)
        if kind < 4:
            return f"${self._one(PARAMETERS)}"
        if kind < 6:
            return f"${{{self._one(PARAMETERS)}}}"
        if kind < 8:
            return f"${{{self._one(('', '', '', '#', '!'))}{self._one(NAMES)}{self._one(TAILS)}}}"
        if kind < 9:
            return f"$(({self._one(SUMS)}))"
        return self._substitution(depth)

    def _substitution(self, depth: int) -> str:
        if depth <= 0 or (self._waiting and self._chance(95)):
            return "$x"
        outer, self._waiting = self._waiting, []
        text = self._script(depth - 1) + (self._newline() if self._waiting else "")
        self._waiting = outer
        kind = self._random.randint(0, 9)
        if kind < 6:
            return f"$({self._space()}{text}{self._space()})"
        if kind < 8:
            return f"{self._one(('<(', '>('))}{text})"
        if "`" in text and self._chance(90):
            return "`ls`"
        return f"`{text}`" if self._chance(50) else "`" + text.replace("\\", "\\\\").replace("$", "\\$") + "`"


_COMPOUNDS: tuple[Callable[[Maker, int], str], ...] = (
    Maker._subshell, Maker._group, Maker._group, Maker._if, Maker._if, Maker._while, Maker._for,
    Maker._for, Maker._case, Maker._case, Maker._brackets,
    Maker._double, Maker._function,
)  # fmt: skip
