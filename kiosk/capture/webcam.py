"""Cameras of this machine through OpenCV, by number, path or name."""

from __future__ import annotations

import errno
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.capture.stillness import Stillness
from kiosk.core.errors import CaptureError, DeviceBusy, DeviceForbidden, DeviceMissing, DeviceSilent
from kiosk.core.media import Frame, Image

BLACK_LIMIT = 3.0
"""Seconds of black pictures after which a camera counts as silent."""
BLACK_LEVEL = 16
"""Brightest pixel, 0..255, of a black picture; sensors make noise in the dark."""
FROZEN_LIMIT = 5.0
"""Seconds of one and the same picture after which a camera counts as frozen."""
FIRST = "auto"
"""The name that means whichever camera is there."""
READ_LIMIT = 2
"""Seconds without a picture after which a camera counts as silent."""
SILENCE_REPORTED_EVERY = 1.0
_LINUX = sys.platform == "linux"


@dataclass(frozen=True)
class Places:
    """Where Linux tells about cameras."""

    devices: Path = Path("/dev")
    names: Path = Path("/sys/class/video4linux")


@dataclass(frozen=True)
class CameraInfo:
    """A camera that is plugged in; `number` and `name` both open it."""

    number: int
    name: str


PLACES = Places()


def list_cameras(places: Places = PLACES) -> list[CameraInfo]:
    """The cameras Linux knows of; empty elsewhere, where only numbers can be tried. Never raises.

    Second nodes of one camera (metadata, of no use as a picture) are left out.
    """
    found = []
    for folder in _listing(places.names):
        number = folder.name.removeprefix("video")
        if number.isdigit() and _text(folder / "index") in ("", "0"):
            found.append(CameraInfo(int(number), _text(folder / "name") or folder.name))
    return sorted(found, key=lambda camera: camera.number)


class Webcam:
    """A webcam. `name` is a number ("0"), a path, a part of a camera's name, or "auto" for the
    first that is there.

    Asks for `size` (width, height) and `fps`; a camera that cannot do them gives what it has, and
    may give another size from one picture to the next. Times are those of the machine's monotonic
    clock when the picture arrived. One that was opened by its number and comes back under another,
    as Linux likes to give them, is found by its name.
    """

    def __init__(
        self,
        name: str = "0",
        *,
        size: tuple[int, int] = (640, 480),
        fps: float = 30.0,
        places: Places = PLACES,
    ) -> None:
        self.name = "The camera" if name == FIRST else f"Camera {name}"
        self._wanted = name
        self._size = size
        self._fps = fps
        self._places = places
        self._target: int | Path = 0
        self._capture: cv2.VideoCapture | None = None
        self._index = 0
        self._bright_at = 0.0
        self._called = ""
        self._stillness = Stillness(FROZEN_LIMIT)

    def open(self) -> None:
        """Raises DeviceMissing, DeviceForbidden or DeviceBusy."""
        self.close()
        self._target = self._find()
        _set_up_opencv()
        target = self._target if isinstance(self._target, int) else str(self._target)
        capture = cv2.VideoCapture(target)
        if not capture.isOpened():
            capture.release()
            raise self._why()
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture
        self._called = self._called or self._name_of(self._target)
        self._bright_at = self._bright_at or time.monotonic()

    def read(self) -> Frame | None:
        """The next picture; None at the end where the path is that of a recording.

        Raises DeviceSilent after READ_LIMIT seconds without a picture, BLACK_LIMIT seconds of black
        ones or FROZEN_LIMIT seconds of the same, DeviceMissing when it was unplugged.
        """
        began = time.monotonic()
        while True:
            image = self._grab()
            if image is None:
                return None
            now = time.monotonic()
            self._index += 1
            if not is_black(image):
                self._bright_at = now
            black = now - self._bright_at >= BLACK_LIMIT
            frozen = self._stillness.frozen(image, now)
            if not black and not frozen:
                return Frame(image, now, self._index - 1)
            if now - began >= SILENCE_REPORTED_EVERY:
                raise self._black() if black else self._frozen()

    def close(self) -> None:
        """Release the camera."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _black(self) -> DeviceSilent:
        return DeviceSilent(
            f"{self.name} gives only black pictures.", "Uncover the lens or switch on light."
        )

    def _frozen(self) -> DeviceSilent:
        return DeviceSilent(
            f"{self.name} gives the same picture again and again.",
            "It is opened afresh; if that does not help, unplug it and plug it in again.",
        )

    def _grab(self) -> Image | None:
        if self._capture is None:
            raise DeviceMissing(f"{self.name} is not open.", "Open it first.")
        good, picture = self._capture.read()
        if good:
            return np.ascontiguousarray(picture[:, :, ::-1], dtype=np.uint8)
        if isinstance(self._target, Path):
            return None
        if _LINUX and not self._node().exists():
            raise DeviceMissing(f"{self.name} was unplugged.", "Plug it in again.")
        raise DeviceSilent(
            f"{self.name} gives no pictures.", "Unplug it and plug it in again, or restart it."
        )

    def _find(self) -> int | Path:
        """The number or path behind the wanted name."""
        cameras = list_cameras(self._places)
        if self._wanted == FIRST:
            return cameras[0].number if cameras else 0
        path = Path(self._wanted)
        number = path.name.removeprefix("video") if path.parent == self._places.devices else ""
        if self._wanted.isdigit() or number.isdigit():
            return self._found_again(int(number or self._wanted), cameras)
        if path.is_file():
            return path
        for camera in cameras:
            if self._wanted.lower() in camera.name.lower():
                return camera.number
        there = ", ".join(f"{camera.number} ({camera.name})" for camera in cameras) or "none"
        raise DeviceMissing(self._absent(), f"Plug it in, or choose one of: {there}.")

    def _absent(self) -> str:
        return "There is no camera." if self._wanted == FIRST else f"There is no {self.name}."

    def _found_again(self, number: int, cameras: list[CameraInfo]) -> int:
        """The number, or the one under which the camera that had it has come back."""
        of_that_name = [camera.number for camera in cameras if camera.name == self._called]
        return number if number in of_that_name or not of_that_name else of_that_name[0]

    def _name_of(self, target: int | Path) -> str:
        found = [each.name for each in list_cameras(self._places) if each.number == target]
        return found[0] if found else ""

    def _node(self) -> Path:
        return self._places.devices / f"video{self._target}"

    def _why(self) -> CaptureError:
        """Why OpenCV could not open it; it does not tell."""
        forbidden = DeviceForbidden(
            f"{self.name} may not be used.",
            "Allow it in the operating system; on Linux: sudo usermod -aG video $USER, and log in "
            "again.",
        )
        busy = DeviceBusy(
            f"{self.name} is used by another program or delivers no pictures.",
            "Close the other program; or choose another camera.",
        )
        if isinstance(self._target, Path):
            return DeviceMissing(f"{self.name} is no camera.", "Give a camera's number or name.")
        if _LINUX and self._node().exists():
            return forbidden if _open_error(self._node()) in (errno.EACCES, errno.EPERM) else busy
        there = ", ".join(str(camera.number) for camera in list_cameras(self._places)) or "none"
        return DeviceMissing(self._absent(), f"Plug it in; there are: {there}.")


def is_black(image: Image) -> bool:
    """Whether nothing can be seen, judged by every eighth pixel."""
    return int(image[::8, ::8].max(initial=0)) <= BLACK_LEVEL


def _set_up_opencv() -> None:
    """Limit its waiting, and let our errors speak instead of its warnings."""
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(READ_LIMIT))
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def _open_error(node: Path) -> int:
    try:
        os.close(os.open(node, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        return error.errno or 0
    return 0


def _listing(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
