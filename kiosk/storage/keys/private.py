"""Files that nobody else may read or change: looked at before they are trusted, written whole."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from kiosk.core.errors import StorageError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_LONGEST = 64 * 1024
"""Bytes read of such a file: keys and their wrappings are far shorter."""
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_private(file: Path, what: str, setting: str) -> str:
    """The text of a file that is ours alone; nothing is waited for, should it be a pipe.

    Raises StorageError if it cannot be read, is no ordinary file, or is open to others.
    """
    try:
        opened = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _unreadable(file, what, setting, error) from error
    try:
        require_private(file, os.fstat(opened), what)
        return os.read(opened, _LONGEST).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise _unreadable(file, what, setting, error) from error
    finally:
        os.close(opened)


def require_private(file: Path, status: os.stat_result, what: str) -> None:
    """Raises StorageError unless `file` is an ordinary file of this account that no other account
    may read or write."""
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise StorageError(
            f"{what} {file} is {_KINDS.get(kind, 'something else')}, not a file.",
            "Put the right file there, or name another one in the settings.",
        )
    if os.name != "posix":
        return
    if os.geteuid() and status.st_uid not in (os.geteuid(), 0):
        raise StorageError(
            f"{what} {file} belongs to another account.", f"Run: chown $(id -un) '{file}'"
        )
    if stat.S_IMODE(status.st_mode) & _OTHERS and not _is_credential(file):
        raise StorageError(
            f"{what} {file} can be read by other accounts.", f"Run: chmod 600 '{file}'"
        )


def require_safe_folder(folder: Path, what: str) -> None:
    """Raises StorageError for a folder in which another account could exchange our files."""
    if os.name != "posix":
        return
    try:
        status = folder.stat()
    except OSError as error:
        raise StorageError(
            f"The folder {folder} of {what} cannot be reached: {error.strerror}.",
            "Check the settings and who owns the folder.",
        ) from error
    if os.geteuid() and status.st_uid not in (os.geteuid(), 0):
        raise StorageError(
            f"The folder {folder} of {what} belongs to another account.",
            f"Run: chown $(id -un) '{folder}', or name another folder in the settings.",
        )
    if status.st_mode & _OTHERS_WRITE:
        raise StorageError(
            f"Other accounts can change the folder {folder} of {what}.",
            f"Run: chmod go-w '{folder}', or name a folder of its own in the settings.",
        )


def make_folder(folder: Path) -> None:
    """With all that lead to it, for its owner alone. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(file: Path, text: str | bytes) -> None:
    """A new file of mode 0600, on the disk when this returns. Raises OSError, FileExistsError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text.encode() if isinstance(text, str) else text)
        stream.flush()
        os.fsync(stream.fileno())


def put_private(file: Path, text: str | bytes, *, replace: bool) -> bool:
    """A file that appears whole or not at all; without `replace` never in place of another.
    Whether it is ours now. Raises OSError."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    write_private(draft, text)
    try:
        if replace:
            draft.replace(file)
        else:
            os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Bring to the disk that a name in the folder is new or another's."""
    with suppress(OSError):  # some file systems cannot
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_credential(file: Path) -> bool:
    """Whether the service manager lent it: it alone says who may read there."""
    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(lent) and file.parent == Path(str(lent))


def _unreadable(file: Path, what: str, setting: str, error: OSError) -> StorageError:
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return StorageError(
            "This process may open no more files.",
            "Start the kiosk again; if it comes back, raise LimitNOFILE of its service.",
        )
    return StorageError(
        f"{what} {file} cannot be read: {error.strerror}.",
        f"Check {setting} in the settings and who owns the file.",
    )
