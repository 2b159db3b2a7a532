"""Getting weights: from the address in the manifest, resuming, or from a file a person brings.

Only when somebody asks for it; the hash is checked before the file gets its name.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.core.errors import DiskFull, InputError, Interrupted, KnownError, ModelError
from kiosk.core.own_files import OwnFiles
from kiosk.core.settings import Settings
from kiosk.inference.manifest import ModelEntry, Origin, Presence, expected_path, presence, remedy

Progress = Callable[[int, int | None], None]
"""Called with the bytes there are and, where it is known, how many there will be."""

TIMEOUT = 30.0
CHUNK = 1 << 16
_RESUME = "Run the same command again; it goes on where it stopped."
_PARTIAL, _RANGE_WRONG = 206, 416


def fetch(
    entry: ModelEntry, settings: Settings, progress: Progress, timeout: float = TIMEOUT
) -> Path:
    """Download `entry` into `settings.models`; returns the verified file, at once if it is there.

    What an interrupted download left is kept as FILE.part and continued. Raises ModelError (not to
    be fetched, unreachable, refused, wrong content), DiskFull, Interrupted.
    """
    target = _target(entry, settings)
    if presence(entry, settings) is Presence.READY:
        return target
    part = _prepare(target)
    try:
        _download(entry, part, progress, timeout)
    except KeyboardInterrupt as error:
        raise Interrupted(f"Fetching {entry.name} was stopped.", _RESUME) from error
    except urllib.error.HTTPError as error:
        raise ModelError(
            f"The server has no {entry.name}: it answers {error.code}.", _bring_it(entry)
        ) from error
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise ModelError(f"The connection broke while fetching {entry.name}.", _RESUME) from error
    except urllib.error.URLError as error:
        raise ModelError(
            f"The server of {entry.name} cannot be reached.",
            f"Check the network and try again, or: {_bring_it(entry)}",
        ) from error
    except OSError as error:
        raise _disk_error(error, target.parent) from error
    return _accept(entry, part, target)


def install(entry: ModelEntry, source: Path, settings: Settings, progress: Progress) -> Path:
    """Take a file a person has brought, if it is the right one.

    Raises InputError if it cannot be read, ModelError if it is another file, DiskFull.
    """
    target = _target(entry, settings)
    if not source.is_file():
        raise InputError(f"There is no file {source.name}.", "Check the path after --from.")
    part = _prepare(target)
    part.unlink(missing_ok=True)
    total = source.stat().st_size
    try:
        with source.open("rb") as reader:
            _copy(reader, part, 0, total, progress)
    except PermissionError as error:
        raise InputError(f"{source.name} cannot be read.", "Check its permissions.") from error
    except OSError as error:
        raise _disk_error(error, target.parent) from error
    return _accept(entry, part, target)


def _target(entry: ModelEntry, settings: Settings) -> Path:
    path = expected_path(entry, settings)
    if entry.origin not in (Origin.FETCH, Origin.USER) or path is None:
        raise ModelError(f"{entry.name} is not for fetching.", remedy(entry))
    OwnFiles.of(settings).refuse(path)
    return path


def _bring_it(entry: ModelEntry) -> str:
    return (
        f"Bring {entry.obtain or entry.file} and run `kiosk models fetch {entry.name} --from FILE`."
    )


def _prepare(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _disk_error(error, target.parent) from error
    return target.with_name(f"{target.name}.part")


def _opener() -> urllib.request.OpenerDirector:
    """Opens http and https and nothing else: an address in a file must not read local files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _download(entry: ModelEntry, part: Path, progress: Progress, timeout: float) -> None:
    if not entry.url:
        raise ModelError(f"{entry.name} has no address to be fetched from.", remedy(entry))
    have = part.stat().st_size if part.exists() else 0
    opener = _opener()
    opener.addheaders = [("User-Agent", "kiosk")]
    if have:
        opener.addheaders.append(("Range", f"bytes={have}-"))
    try:
        answer = opener.open(entry.url, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code != _RANGE_WRONG:
            raise
        error.close()
        return  # there is nothing after what we have: the hash tells whether it is right
    assert answer is not None
    with answer:
        start = have if answer.status == _PARTIAL else 0
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length else None
        _check_space(part.parent, (total or 0) - start)
        _copy(answer, part, start, total, progress)
    if total is not None and part.stat().st_size < total:
        raise http.client.IncompleteRead(b"")


def _copy(reader: Any, part: Path, start: int, total: int | None, progress: Progress) -> None:
    """Append to the first `start` bytes of `part` what `reader` gives."""
    done = start
    progress(done, total)
    with part.open("ab" if start else "wb") as writer:
        while chunk := reader.read(CHUNK):
            writer.write(chunk)
            done += len(chunk)
            progress(done, total)


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DiskFull(
            f"{needed >> 20} MB are needed in {folder} and {free >> 20} MB are free.",
            "Make room, or set models to a folder on another disk.",
        )


def _disk_error(error: OSError, folder: Path) -> KnownError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No space is left in {folder}.", f"Make room. {_RESUME}")
    return ModelError(
        f"{folder} cannot be written: {error.strerror}.", "Set models to a folder that can."
    )


def _accept(entry: ModelEntry, part: Path, target: Path) -> Path:
    """Give the file its name if its hash is right; otherwise it is removed."""
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != entry.sha256:
        part.unlink()
        raise ModelError(
            f"The file for {entry.name} has another content than expected (sha256 {found[:12]}..., "
            f"expected {entry.sha256[:12]}...) and was not kept.",
            f"Get {entry.obtain or entry.file} again.",
        )
    part.replace(target)
    return target
