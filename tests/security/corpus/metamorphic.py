"""Variants of a command: respelt, joined and wrapped ones that may not weaken a decision, and ones that keep it automatic."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from tests.security.corpus.shapes import Quotes, has_heredoc, open_end, plain_words, prefixable, wants_lines

Make = Callable[[str], str | None]
"""A command becomes its variant, or `None` where the variant would be another command or none at all."""

WAITING = frozenset(
    (
        "cat",
        "cat -",
        "cat /dev/stdin",
        "grep foo",
        "wc",
        "sort",
        "git check-ignore --stdin",
        "git cat-file --batch",
    )
)
"""Commands of which only the waiting for input is wrong, and a pipe gives them some."""


def respelt(command: str, spell: Callable[[str], str]) -> str | None:
    """Spell every plain word of the command in another way."""
    words = plain_words(command)
    if not words:
        return None
    for begin, end in reversed(words):
        command = command[:begin] + spell(command[begin:end]) + command[end:]
    return command


# The same words in other letters.


def in_single_quotes(command: str) -> str | None:
    """`rm x` as `'rm' 'x'`."""
    return respelt(command, lambda word: f"'{word}'")


def in_double_quotes(command: str) -> str | None:
    """`rm x` as `"rm" "x"`."""
    return respelt(command, lambda word: f'"{word}"')


def one_letter_quoted(command: str) -> str | None:
    """`rm x` as `r'm' 'x'`."""
    return respelt(command, lambda word: f"{word[:-1]}'{word[-1]}'")


def empty_quotes_within(command: str) -> str | None:
    """`rm x` as `r''m x`."""
    return respelt(command, lambda word: f"{word[:1]}''{word[1:]}" if len(word) > 1 else word)


def empty_double_quotes_within(command: str) -> str | None:
    """`rm x` as `r""m x`."""
    return respelt(command, lambda word: f'{word[:1]}""{word[1:]}' if len(word) > 1 else word)


def first_letter_escaped(command: str) -> str | None:
    r"""`rm x` as `\rm \x`."""
    return respelt(command, lambda word: f"\\{word}")


def every_letter_escaped(command: str) -> str | None:
    r"""`rm x` as `\r\m \x`."""
    return respelt(command, lambda word: "".join(f"\\{letter}" for letter in word))


def in_ansi_quotes(command: str) -> str | None:
    """`rm x` as `$'rm' $'x'`."""
    return respelt(command, lambda word: f"$'{word}'")


def in_hexadecimal(command: str) -> str | None:
    r"""`rm x` as `$'\x72\x6d' $'\x78'`."""
    return respelt(command, lambda word: "$'" + "".join(f"\\x{ord(letter):02x}" for letter in word) + "'")


def in_octal(command: str) -> str | None:
    r"""`rm x` as `$'\162\155' $'\170'`."""
    return respelt(command, lambda word: "$'" + "".join(f"\\{ord(letter):03o}" for letter in word) + "'")


def in_locale_quotes(command: str) -> str | None:
    """`rm x` as `$"rm" $"x"`."""
    return respelt(command, lambda word: f'$"{word}"')


# The same words with other blanks.


def with_blank(command: str, blank: str) -> str | None:
    """Put another blank where a blank parts two words."""
    if has_heredoc(command) or command.startswith(("#", "\\")):
        return None
    quotes = Quotes()
    return "".join(blank if not quotes.quoted(letter) and letter == " " else letter for letter in command)


def more_blanks(command: str) -> str | None:
    """Three blanks for one."""
    return with_blank(command, "   ")


def tabs(command: str) -> str | None:
    """A tab for every blank."""
    return with_blank(command, "\t")


def blanks_around(command: str) -> str | None:
    """Blanks before and after the whole; none after a backslash, which would take the first."""
    return None if command.endswith("\\") or has_heredoc(command) else f"  {command}  "


# Joined with a command that only reads.


def after(command: str, joint: str) -> str | None:
    """Put a reading command after the command."""
    if has_heredoc(command) or open_end(command) or command.rstrip().endswith(("&", ";")):
        return None
    return f"{command}{joint}ls"


def before_semicolon(command: str) -> str | None:
    """`pwd; …`."""
    return f"pwd; {command}"


def before_and(command: str) -> str | None:
    """`pwd && …`."""
    return f"pwd && {command}"


def before_or(command: str) -> str | None:
    """`pwd || …`."""
    return f"pwd || {command}"


def before_pipe(command: str) -> str | None:
    """`pwd | …`; a command that only waited for input would get some by that, and a `cd` would hold no longer."""
    if command in WAITING or command.startswith(("!", "cd ", "pushd ")):
        return None
    return f"pwd | {command}"


def before_newline(command: str) -> str | None:
    """A reading line before the command."""
    return f"pwd\n{command}"


def after_semicolon(command: str) -> str | None:
    """`…; ls`."""
    return after(command, "; ")


def after_and(command: str) -> str | None:
    """`… && ls`."""
    return after(command, " && ")


def after_or(command: str) -> str | None:
    """`… || ls`."""
    return after(command, " || ")


def after_pipe(command: str) -> str | None:
    """`… | ls`."""
    return after(command, " | ")


def after_newline(command: str) -> str | None:
    """A reading line after the command."""
    return None if open_end(command) else f"{command}\nls"


# Wrapped in syntax.


def wrapped(command: str, opening: str, closing: str) -> str | None:
    """Put the command between two words, on lines of its own where it needs them."""
    if command.endswith("\\"):
        return None
    if wants_lines(command):
        return f"{opening}\n{command}\n{closing}"
    return f"{opening} {command}; {closing}"


def in_subshell(command: str) -> str | None:
    """`( … )`."""
    if command.endswith("\\"):
        return None
    return f"(\n{command}\n)" if wants_lines(command) else f"( {command} )"


def in_braces(command: str) -> str | None:
    """`{ …; }`."""
    return wrapped(command, "{", "}")


def in_condition(command: str) -> str | None:
    """`if true; then …; fi`."""
    return wrapped(command, "if true; then", "fi")


def in_loop(command: str) -> str | None:
    """`for turn in 1; do …; done`."""
    return wrapped(command, "for turn in 1; do", "done")


def negated(command: str) -> str | None:
    """`! …`; in braces where the other result would leave out the rest."""
    chained = "&&" in command or "||" in command
    return wrapped(command, "! {", "}") if chained else f"! {command}"


def timed(command: str) -> str | None:
    """`time …`, the word of the shell."""
    return f"time {command}"


# Started by another program.


def started_by(command: str, words: str) -> str | None:
    """Put a program that starts another one before the command."""
    return f"{words} {command}" if prefixable(command) else None


def by_timeout(command: str) -> str | None:
    """`timeout 5 …`."""
    return started_by(command, "timeout 5")


def by_nice(command: str) -> str | None:
    """`nice -n 5 …`."""
    return started_by(command, "nice -n 5")


def by_sudo(command: str) -> str | None:
    """`sudo …`."""
    return started_by(command, "sudo")


def by_env(command: str) -> str | None:
    """`env …`."""
    return started_by(command, "env")


def by_bash(command: str) -> str | None:
    """`bash -c '…'`."""
    return None if "\0" in command else f"bash -c {shlex.quote(command)}"


# What keeps an automatic command automatic.


def then_pwd(command: str) -> str | None:
    """`…; pwd`."""
    return f"{command}\npwd" if wants_lines(command) else f"{command}; pwd"


def and_true(command: str) -> str | None:
    """`… && true`."""
    return None if wants_lines(command) else f"{command} && true"


def into_cat(command: str) -> str | None:
    """`… | cat`."""
    return None if wants_lines(command) else f"{command} | cat"


def into_head(command: str) -> str | None:
    """`… | head -20`."""
    return None if wants_lines(command) else f"{command} | head -20"


NOT_WEAKER: tuple[Make, ...] = (
    in_single_quotes,
    in_double_quotes,
    one_letter_quoted,
    empty_quotes_within,
    empty_double_quotes_within,
    first_letter_escaped,
    every_letter_escaped,
    in_ansi_quotes,
    in_hexadecimal,
    in_octal,
    in_locale_quotes,
    more_blanks,
    tabs,
    blanks_around,
    before_semicolon,
    before_and,
    before_or,
    before_pipe,
    before_newline,
    after_semicolon,
    after_and,
    after_or,
    after_pipe,
    after_newline,
    in_subshell,
    in_braces,
    in_condition,
    in_loop,
    negated,
    timed,
    by_timeout,
    by_nice,
    by_sudo,
    by_env,
    by_bash,
)
"""For a command that has to be asked or denied."""

STILL_AUTO: tuple[Make, ...] = (
    more_blanks,
    tabs,
    blanks_around,
    then_pwd,
    and_true,
    in_subshell,
    in_braces,
    into_cat,
    into_head,
    by_timeout,
)
"""For a command that runs unasked."""
