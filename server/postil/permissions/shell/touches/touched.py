"""What one part does with its words: what it reads and writes, and what it runs as a script."""

from __future__ import annotations

from dataclasses import dataclass

from postil.permissions.shell.argument import Argument


@dataclass(frozen=True, slots=True)
class Touched:
    """One word, or a piece of one, that names what is read or written."""

    argument: Argument
    whole: bool = False
    """Whether what it names is taken away or moved, with all in it."""
    certain: bool = True
    """Whether the word is known to be read or written, and not just not known to be anything else."""
    piece: bool = False
    """Whether it is a piece of a text, and may be no path at all."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What a part does with its words."""

    written: tuple[Touched, ...] = ()
    read: tuple[Touched, ...] = ()
    scripts: tuple[str, ...] = ()
    """Texts that it runs as scripts."""
    hides: bool = False
    """Whether a text that it runs is not known."""
    setting: str = ""
    """A setting by which git would start a program from then on."""
    linked: tuple[Argument, ...] = ()
    """Words of which it makes another name."""
    symbolic: bool = False
    """Whether by a link that says where it leads."""
    below: tuple[str, ...] = ()
    """Folders from which it names what it reads and writes, where that is not the current one."""
    by: str = ""
    """The word by which it is made to run them."""


@dataclass(frozen=True, slots=True)
class Target:
    """One place that a part reads or writes, as far as its words say."""

    word: Argument
    paths: tuple[str, ...]
    """Where it leads, from each folder."""
    whole: bool
    certain: bool
    piece: bool = False
    redirected: bool = False


@dataclass(frozen=True, slots=True)
class Targets:
    """All places that a part writes, and all that its program reads."""

    written: tuple[Target, ...]
    read: tuple[Target, ...]
