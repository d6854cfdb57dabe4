"""Edits of files that are not open in an editor: checked at the last moment, durable, byte for byte.

A file is replaced whole by a new one of the same mode, owner and attributes. That would part hard links, and
writing in place could leave half a file behind, so a file with several links is refused. Links inside the
workspace were followed when the path was resolved; a path that has become a link since is refused.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from postil.core.effects import FileChange, FileEdit, FileForm, text_hash
from postil.core.errors import EditRefused, NotFound, NotText, StaleDocument, ToolError
from postil.workspace.files.disk import Disk
from postil.workspace.files.linkless import read_whole
from postil.workspace.files.opening import read_regular
from postil.workspace.texts.decode import Decoded, Form, check_mixing, decode, encode, form_of
from postil.workspace.texts.diff import line_counts, unified_diff

_FOLDER_MODE = 0o777
_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Found:
    data: bytes
    decoded: Decoded
    status: os.stat_result


def write_edit(edit: FileEdit, name: str, disk: Disk, change_id: str = "") -> FileChange:
    """Make the edit on the disk; `name` is the path as people read it. Blocking.

    What a crash leaves beside the file has a name by its change id, so that `clear_leftover` finds it.

    Raises StaleDocument where the file is not what the edit was computed on, EditRefused where it must or can
    not be written; then nothing has changed.
    """
    path = edit.path
    if edit.moved_from is not None:
        with _writing:
            return _move(edit, edit.moved_from, name, disk)
    with _writing:
        found = _check(edit, name)
        data, after = _new_content(edit, found, name)

        def check() -> None:
            _still(path, found, name)

        def write() -> None:
            if data is None:
                check()
                disk.remove(path)
                return
            mode = edit.form.mode if edit.form is not None else None
            if found is not None:
                disk.replace(path, data, mode, check, change_id)
                return
            disk.make_dir(path.parent, _FOLDER_MODE)
            try:
                disk.make(path, data, mode, check, change_id)
            except FileExistsError as error:
                raise StaleDocument(f"{name} exists already.", "Read it first.") from error

        doubt = _attempt(write, path, data, name)
    change = describe(path, name, found.decoded.text if found is not None else None, after, "disk")
    form = edit.form if after is None else _form_before(found) if edit.reforms else None
    return replace(change, form=form, mode=_mode_left(edit), doubt=doubt)


def _mode_left(edit: FileEdit) -> int | None:
    """Return the permission bits of a file that was made, or made anew; another edit leaves them as they were."""
    if edit.after is not None and (edit.before is None or edit.reforms):
        with suppress(OSError):
            return stat.S_IMODE(edit.path.lstat().st_mode)
    return None


def clear_leftover(path: Path, change_id: str, disk: Disk) -> None:
    """Remove the temporary file of a write that a crash came into, if there is one. Blocking. Raises OSError."""
    if os.path.realpath(path.parent) == str(path.parent):
        disk.clear_temporary(path, change_id)


def check_edit(edit: FileEdit) -> None:
    """Raise what `write_edit` would raise of a file that is there and of its folder as they are now, said of "it".

    Whether a name is free is not looked at, and nothing is touched. Blocking.
    """
    source = edit.moved_from or edit.path
    if edit.before is not None:
        _check(FileEdit(source, edit.before, edit.after), "It")
    # All is written beside the file and renamed: that, and every removal, changes the folder.
    for path in (source, edit.path):
        if not _takes_names(path.parent):
            raise EditRefused(
                "Its folder cannot be written.", "Ask the user before changing its permissions."
            )


def _takes_names(folder: Path) -> bool:
    """Whether names can come and go in the folder, or in the first above it that is there."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    # The system is asked, not the bits: it knows of read-only file systems, and of whom it lets through.
    return not folder.is_dir() or os.access(folder, os.W_OK | os.X_OK)


def _form_before(found: _Found | None) -> FileForm | None:
    """Return the form of the file that is made anew."""
    if found is None:
        return None
    form = found.decoded.form
    return FileForm(encoding=form.encoding, mark=bool(form.mark), mode=stat.S_IMODE(found.status.st_mode))


def _move(edit: FileEdit, source: Path, name: str, disk: Disk) -> FileChange:
    """Give a file another name. It keeps all it is: its bytes are not even read again for writing."""
    found = _check(FileEdit(source, edit.before, edit.after), source.name)
    other_case = _is_other_case(source, edit.path)
    if not other_case:
        _check_free(edit.path, name)
    if found is None or edit.after is None or text_hash(edit.after) != edit.before:
        raise EditRefused(f"{name} cannot be moved and changed at once.", "Move it first, then edit it.")

    def write() -> None:
        disk.make_dir(edit.path.parent, _FOLDER_MODE)
        _still(source, found, source.name)
        if other_case:
            disk.rename(source, edit.path)
        else:
            _check_free(edit.path, name)
            _rename(source, edit.path, name, disk)
        disk.sync_dir(edit.path.parent)
        disk.sync_dir(source.parent)

    doubt = _attempt(write, edit.path, found.data, name)
    change = describe(edit.path, name, edit.after, edit.after, "disk")
    return replace(change, renamed_from=source, doubt=doubt)


def _rename(source: Path, target: Path, name: str, disk: Disk) -> None:
    try:
        disk.rename_free(source, target)
    except FileExistsError as error:
        raise EditRefused(f"{name} exists already.", "Nothing is moved over a file.") from error


def _check_free(path: Path, name: str) -> None:
    if os.path.realpath(path) != str(path):
        raise _became_link(name)
    if os.path.lexists(path):
        raise EditRefused(f"{name} exists already.", "Nothing is moved over a file.")


def _is_other_case(source: Path, target: Path) -> bool:
    """Whether a file system that takes no notice of case would give the file itself for its new name."""
    if source == target or str(source).casefold() != str(target).casefold():
        return False
    with suppress(OSError):
        return source.samefile(target)
    return False


def describe(
    path: Path, name: str, before: str | None, after: str | None, where: Literal["buffer", "disk"]
) -> FileChange:
    """Return the change as a value: hashes, counts and a diff."""
    added, removed = line_counts(before or "", after or "")
    return FileChange(
        path=path,
        before=text_hash(before) if before is not None else None,
        after=text_hash(after) if after is not None else None,
        added=added,
        removed=removed,
        where=where,
        diff=unified_diff(before, after, name),
    )


def _became_link(name: str) -> EditRefused:
    return EditRefused(
        f"{name}, or a folder above it, became a symbolic link after its path was checked. It was not written.",
        "List its folder to see where it leads now, and name the file by its real path.",
    )


def _check(edit: FileEdit, name: str) -> _Found | None:
    path = edit.path
    if os.path.realpath(path) != str(path):
        raise _became_link(name)
    if edit.before is None:
        if os.path.lexists(path):
            raise StaleDocument(f"{name} exists already.", "Read it first.")
        return None
    try:
        data, status = read_regular(path)
    except NotFound as error:
        raise StaleDocument(
            f"{name} is gone.", "Look at its folder, and create it anew if need be."
        ) from error
    decoded = decode(data)
    if text_hash(decoded.text) != edit.before:
        raise StaleDocument(f"{name} has changed since it was read.", "Read it again and redo the edit.")
    if status.st_nlink > 1 and edit.after is not None:
        others = status.st_nlink - 1
        raise EditRefused(
            f"{name} has {others} other hard link{'s' if others > 1 else ''}; writing it safely would part them.",
            "Edit it with a shell command if all of them are to change.",
        )
    if not status.st_mode & 0o222 or not os.access(path, os.W_OK):
        raise EditRefused(f"{name} is read-only.", "Ask the user before changing its permissions.")
    return _Found(data, decoded, status)


def _new_content(edit: FileEdit, found: _Found | None, name: str) -> tuple[bytes | None, str | None]:
    """Return the bytes to write, and the text as it will be read again. Raises EditRefused."""
    if edit.after is None:
        return None, None
    if found is None or edit.reforms:
        form = form_of(edit.form.encoding, mark=edit.form.mark) if edit.form is not None else Form()
        data = encode(edit.after, form)
        return data, decode(data).text
    before, form = found.decoded, found.decoded.form
    check_mixing(before, edit.after)
    data = encode(edit.after, form)
    try:
        after = decode(data)
    except NotText as error:
        raise EditRefused(f"{name} could not be read as text afterwards. {error.message}") from error
    if after.form != form:
        raise EditRefused(
            f"{name} would begin with a byte order mark, and be read in another way than before.",
            "Leave the mark out, or add it with a shell command.",
        )
    return data, after.text


def _still(path: Path, found: _Found | None, name: str) -> None:
    """Raise StaleDocument where the file is no longer what was checked. One system call later it is replaced."""
    if os.path.realpath(path) != str(path):
        raise _became_link(name)
    if found is None:
        if os.path.lexists(path):
            raise StaleDocument(f"{name} exists already.", "Read it first.")
        return
    try:
        # The bytes, not the times: a file system's clock may be too coarse to tell two writes apart.
        data, status = read_regular(path)
    except ToolError:
        data, status = None, found.status
    if data != found.data or _identity(status) != _identity(found.status):
        raise StaleDocument(f"{name} is being changed by something else.", "Read it again and redo the edit.")


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mode, status.st_uid, status.st_gid, status.st_nlink


def _attempt(write: Callable[[], None], path: Path, data: bytes | None, name: str) -> str:
    """Write, and return what is not sure of it afterwards. Raises EditRefused where it was not written."""
    try:
        write()
    except OSError as error:
        # The last sync can fail with the change made; then it is made, and saying otherwise would be wrong.
        if _holds(path, data):
            return f"The disk did not promise to keep it, so a power cut may undo it: {_reason(error)}."
        raise EditRefused(
            f"{name} was not written: {_reason(error)}.", _MEND.get(error.errno or 0, "")
        ) from error
    return ""


def _holds(path: Path, data: bytes | None) -> bool:
    try:
        return read_whole(path) == data
    except FileNotFoundError:
        return data is None
    except OSError:
        return False


def _reason(error: OSError) -> str:
    text = (error.strerror or str(error)).lower()
    return f"{text} ({error.filename})" if error.errno in {errno.ENOTDIR, errno.EEXIST} else text


_MEND = {
    errno.ENOSPC: "The disk is full: tell the user.",
    errno.EDQUOT: "The user's quota is used up: tell the user.",
    errno.EROFS: "The file system is read-only: tell the user.",
    errno.EACCES: "Its folder cannot be written: tell the user.",
    errno.EPERM: "Its owner or attributes could not be kept: tell the user.",
    errno.ENOTDIR: "A part of its path is a file.",
    errno.ELOOP: "A folder on its path became a symbolic link: list it to see where it leads now.",
}
