"""What one part does with its words: what it writes, and what it runs as a script."""

from __future__ import annotations

from dataclasses import dataclass

from postil.permissions.shell.argument import Argument


@dataclass(frozen=True, slots=True)
class Written:
    """One word that names what is written."""

    argument: Argument
    whole: bool = False
    """Whether what it names is taken away or moved, with all in it."""
    certain: bool = True
    """Whether the word is known to be written, and not just not known to be read."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What a part does with its words."""

    written: tuple[Written, ...] = ()
    scripts: tuple[str, ...] = ()
    """Texts that it runs as scripts."""
    setting: str = ""
    """A setting by which git would start a program from then on."""
    linked: tuple[Argument, ...] = ()
    """Words of which it makes another name."""
    symbolic: bool = False
    """Whether by a link that says where it leads."""
    below: tuple[str, ...] = ()
    """Folders from which it names what it writes, where that is not the current one."""
    by: str = ""
    """The word by which it is made to run them."""


@dataclass(frozen=True, slots=True)
class Target:
    """One place that a part writes, as far as its words say."""

    word: Argument
    paths: tuple[str, ...]
    """Where it leads, from each folder."""
    whole: bool
    certain: bool
    redirected: bool = False
