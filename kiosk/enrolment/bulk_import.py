"""Bulk enrolment of a folder: `NAME/files`, or the ancestor's `email-number.mp4`.

One subject is one transaction, and its templates carry the digest of the files they came from: that
is how an import that was interrupted, or is repeated, knows what is done. The journal of JSON lines
is a report for people; it is for its owner alone and holds no names.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from kiosk.core.errors import CaptureError, DiskFull, EnrolmentRefused, InputError, StorageError
from kiosk.core.media import Modality
from kiosk.core.names import clean_name
from kiosk.core.ports.capture import Source
from kiosk.core.records import Consent
from kiosk.core.redaction import log_failure
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import DuplicateSuspected, Enroller

_log = logging.getLogger(__name__)
NUMBERED = re.compile(r"^(?P<name>.+)-(?P<number>\d+)$")
_OF_SYSTEMS = frozenset(
    {
        "$recycle.bin", "recycler", "recycled", "system volume information", "found.000",
        "desktop.ini", "thumbs.db", "ehthumbs.db",
        "@eadir", "#recycle", "#snapshot", "@tmp",
        "__macosx", "lost+found", "lost.dir",
    }
)  # fmt: skip
"""What Windows, network storage, macOS, Linux and Android put into folders, in small letters."""


@dataclass(frozen=True)
class ImportItem:
    """One subject to be and the files of that person."""

    name: str
    files: tuple[Path, ...]

    @property
    def source(self) -> str:
        """The mark on the templates; changes when a file is added, removed or written anew."""
        parts = "\n".join(map(_stamp, self.files)).encode(errors="surrogateescape")
        return "import " + hashlib.sha256(parts).hexdigest()[:16]


def _stamp(path: Path) -> str:
    """Name, size and time; of a link that leads nowhere, the name alone."""
    try:
        status = path.stat()
    except OSError:
        return path.name
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}"


class ImportStatus(StrEnum):
    """What became of an item."""

    ENROLLED = "enrolled"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ImportLine:
    """One line of the journal. `bad_files` names files that could not be read, with the cause."""

    name: str
    status: ImportStatus
    files: int
    faces: int = 0
    voices: int = 0
    speech_seconds: float = 0.0
    cause: str = ""
    remedy: str = ""
    bad_files: tuple[str, ...] = ()
    resembles: tuple[str, ...] = ()


def plan_import(folder: Path) -> list[ImportItem]:
    """The subjects a folder holds, by name. Raises InputError when it holds none.

    A person's folder without files is in the plan too, to be refused by name. What systems put
    beside people's files is nobody's. Names are composed (NFC) and have single spaces, as the
    gallery keeps them: some file systems take Korean apart.
    """
    groups: dict[str, list[Path]] = {}
    for entry in _entries(folder):
        if is_the_systems(entry.name):
            continue
        if entry.is_dir():
            files = _files_of(entry)
            groups.setdefault(_composed(entry.name), []).extend(files)
        elif matched := NUMBERED.match(entry.stem):
            groups.setdefault(_composed(matched["name"]), []).append(entry)
    items = [ImportItem(name, tuple(files)) for name, files in sorted(groups.items())]
    if not any(item.files for item in items):
        raise InputError(
            f"{folder} holds nobody.", "Name the files PERSON/anything or PERSON-number.mp4."
        )
    return items


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"{folder} is not a folder that can be read: {error.strerror}.",
            "Give a folder with one folder per person.",
        ) from error


def _files_of(person: Path) -> list[Path]:
    """All files below a person's folder, without those of the system."""
    return [
        path
        for path in sorted(person.rglob("*"))
        if not any(map(is_the_systems, path.relative_to(person).parts)) and not path.is_dir()
    ]


def is_the_systems(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or made by a system for itself."""
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def _composed(name: str) -> str:
    """What cannot be a name stays as it is, to be refused by its own cause."""
    try:
        return clean_name(name)
    except InputError:
        return unicodedata.normalize("NFC", name)


def run_import(
    items: Sequence[ImportItem],
    journal: Path,
    open_source: Callable[[Path], Source],
    collector: Callable[[], Collector],
    enroller: Enroller,
    *,
    only: Modality | None = None,
    consent: Consent | None = None,
) -> Iterator[ImportLine]:
    """Enrol one item after the other, writing each line to the journal before it is yielded.

    Items that are enrolled from these very files already are yielded as SKIPPED. Raises
    StorageError if the journal cannot be written; who is enrolled by then stays enrolled.
    """
    with _appending(journal) as out:
        for item in items:
            if enroller.holds(item.name, item.source):
                yield ImportLine(item.name, ImportStatus.SKIPPED, len(item.files))
                continue
            line = _import_one(item, open_source, collector(), enroller, only, consent)
            out(json.dumps(_nameless(item, line), ensure_ascii=False))
            yield line


def _nameless(item: ImportItem, line: ImportLine) -> dict[str, object]:
    """As the journal keeps it: the files' mark in place of the name, and how many instead of which.
    Names are printed for whoever stands there, and kept nowhere."""
    kept: dict[str, object] = asdict(line)
    del kept["name"]
    return (
        {"source": item.source}
        | kept
        | {
            "bad_files": len(line.bad_files),
            "resembles": len(line.resembles),
        }
    )


@contextmanager
def _appending(journal: Path) -> Iterator[Callable[[str], None]]:
    """Writes a line to the end of a file, flushed."""
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file: TextIO = os.fdopen(opened, "a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise _unwritable(journal, error) from error

    def write(line: str) -> None:
        try:
            file.write(line + "\n")
            file.flush()
        except OSError as error:
            raise _unwritable(journal, error) from error

    try:
        yield write
    finally:
        with suppress(OSError):  # what a full disk did not take is not written by closing either
            file.close()


def _unwritable(journal: Path, error: OSError) -> StorageError:
    kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StorageError
    return kind(
        f"The journal {journal} cannot be written: {error.strerror}.",
        "Free some space or name another file with --journal; calling again goes on from here.",
    )


def _import_one(
    item: ImportItem,
    open_source: Callable[[Path], Source],
    collector: Collector,
    enroller: Enroller,
    only: Modality | None,
    consent: Consent | None,
) -> ImportLine:
    if not item.files:
        empty = InputError(
            "Its folder holds no files, or may not be read.",
            "Put recordings of the person into it.",
        )
        return _refused(item, empty, ())
    bad = tuple(_collect(item, open_source, collector))
    try:
        result = enroller.enrol(
            item.name, collector.collected, item.source, only=only, consent=consent
        )
    except DuplicateSuspected as error:
        names = tuple(sorted({duplicate.candidate.name for duplicate in error.duplicates}))
        return _refused(item, error, bad, names)
    except (EnrolmentRefused, InputError) as error:
        return _refused(item, error, bad)
    return ImportLine(
        item.name,
        ImportStatus.ENROLLED,
        len(item.files),
        result.faces_used,
        result.voices_used,
        round(result.speech_seconds, 2),
        bad_files=bad,
    )


def _collect(
    item: ImportItem, open_source: Callable[[Path], Source], collector: Collector
) -> Iterator[str]:
    """Read all files of a person; yields 'file: cause' for those that cannot be."""
    for path in item.files:
        try:
            collector.read(open_source(path))
        except (InputError, CaptureError) as error:
            log_failure(_log, "A file of an import cannot be read: %s.", error)
            collector.flush()
            yield f"{path.name}: {error.text}"


def _refused(
    item: ImportItem,
    error: EnrolmentRefused | InputError,
    bad: tuple[str, ...],
    resembles: tuple[str, ...] = (),
) -> ImportLine:
    log_failure(_log, "Somebody of an import is refused: %s.", error)
    return ImportLine(
        item.name,
        ImportStatus.REFUSED,
        len(item.files),
        cause=error.text,
        remedy=error.remedy,
        bad_files=bad,
        resembles=resembles,
    )
