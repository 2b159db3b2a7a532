"""Pictures: one file, or a folder of them, as a source of frames."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from kiosk.capture.base import BaseSource, Event
from kiosk.capture.media import check_file, is_there
from kiosk.capture.picture import (
    ENDINGS,
    LONGEST_STILL,
    REMEDY,
    Decoded,
    decode_picture,
    decode_what_is_there,
)
from kiosk.core.errors import InputError
from kiosk.core.media import Frame, Image, NoticeKind, SourceNotice

INTERVAL = 0.2
"""Seconds between the pictures of a folder."""


def read_picture(path: Path, longest: int = LONGEST_STILL) -> Image:
    """Decode one picture file; see `decode_picture`. Raises InputError."""
    check_file(path)
    return decode_picture(path, path.name, longest)


def read_what_is_there(path: Path, longest: int = LONGEST_STILL) -> Decoded:
    """Decode one picture file as far as it goes; see `decode_what_is_there`. Raises InputError."""
    check_file(path)
    return decode_what_is_there(path, path.name, longest)


class ImagesSource(BaseSource):
    """Each picture one frame, `interval` seconds apart, in the order of the names.

    `path` is a picture or a folder; a folder's own pictures are taken, not those of folders in it.
    A picture that cannot be read gives a DAMAGED notice, is counted in `skipped`, and the rest goes
    on. `events` raises InputError where there is no readable picture at all.
    """

    recorded = True

    def __init__(
        self, path: Path, *, interval: float = INTERVAL, longest: int = LONGEST_STILL
    ) -> None:
        super().__init__()
        self.path = path
        self.skipped = 0
        self._interval = interval
        self._longest = longest
        self._closed = threading.Event()

    def events(self) -> Iterator[Event]:
        """A frame for each picture, a notice for each that is damaged."""
        count, causes = 0, list[InputError]()
        paths = pictures_in(self.path)
        self.length = len(paths) * self._interval
        for path in paths:
            if self._closed.is_set():
                return
            try:
                found = read_what_is_there(path, self._longest)
            except InputError as error:
                if path == self.path:
                    raise  # of one picture its own cause is the answer
                causes.append(error)
                self.skipped += 1
                yield SourceNotice(NoticeKind.DAMAGED, f"Skipped: {error.text}", error.remedy)
                continue
            frame = Frame(found.image, count * self._interval, count)
            count += 1
            self.show(frame)
            yield frame
            if found.damage:
                yield _partly(path, found.damage)
        if not count:
            raise InputError(
                f"No picture in {self.path.name} can be read. {causes[0].text}", causes[0].remedy
            )

    def close(self) -> None:
        """End `events` after the current picture."""
        self._closed.set()


def _partly(path: Path, damage: str) -> SourceNotice:
    return SourceNotice(
        NoticeKind.DAMAGED,
        f"{path.name} is damaged: {damage}; the rest was used.",
        "Copy it again if the result is poor.",
    )


def pictures_in(path: Path) -> list[Path]:
    """The pictures of a folder by name, without hidden ones such as macOS puts beside each, or the
    one named. Raises InputError if there are none."""
    if not is_there(path):
        raise InputError(f"There is no file or folder {path.name}.", "Check the path.")
    if not path.is_dir():
        return [path]
    try:
        files = sorted(path.iterdir())
    except OSError as error:
        raise InputError(f"The folder {path.name} cannot be read.", f"{error.strerror}.") from error
    found = [
        file
        for file in files
        if file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()
    ]
    if not found:
        raise InputError(f"The folder {path.name} holds no pictures.", REMEDY)
    return found
