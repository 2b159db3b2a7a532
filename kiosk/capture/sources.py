"""The one place that decides what a source's text means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from kiosk.capture.base import BaseSource
from kiosk.capture.images import ImagesSource
from kiosk.capture.live import DeviceSource, Paced
from kiosk.capture.media import MediaSource, is_there
from kiosk.capture.microphone import SoundDevice
from kiosk.capture.picture import is_picture
from kiosk.capture.pipe import piped
from kiosk.capture.streams import StreamSource
from kiosk.capture.webcam import FIRST, Webcam
from kiosk.core.declared.recognition import STREAM_PORTS as PORTS
from kiosk.core.errors import InputError
from kiosk.core.ports.capture import Source

DEVICES = "camera"
"""The text that means this machine's own camera and microphone."""


def open_source(
    text: str | None = None,
    *,
    camera: str | None = None,
    microphone: str | None = None,
    realtime: bool = False,
    reconnect: bool = True,
    awaited: bool = False,
) -> BaseSource:
    """A source for what a person wrote; devices and streams are opened by its `events`.

    `text` is the address of a stream, a file, a folder of pictures, a pipe ("-", a FIFO, and
    "pcm:16000:-" for bare samples), or "camera" (as when it is
    left out) for this machine's devices: then `camera` and `microphone` name them; with neither
    named the first camera and the default microphone are taken, with one named only that one.
    `realtime` plays a recording at its own speed as if it were live. `reconnect` is for streams:
    False makes the end of the stream the end. With `awaited` a device or stream that is not there
    yet is waited for.

    Raises InputError for an unknown scheme, a missing path, or a device named beside a recording.
    """
    if text is None or text == DEVICES:
        return _devices(camera, microphone, awaited=awaited)
    if camera is not None or microphone is not None:
        raise InputError(
            "A camera or microphone cannot be combined with a recording or stream.",
            "Leave out --source, or --camera and --microphone.",
        )
    if not text:
        raise InputError("The name of the source is empty.", "Give a file, a folder or a stream.")
    pipe = piped(text)
    if pipe is not None:
        return Paced(pipe) if realtime else pipe
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme in PORTS:
        return StreamSource(text, reconnect=reconnect, awaited=awaited, paced=realtime)
    if scheme not in ("", "file"):
        raise InputError(
            f"Streams of the kind {scheme}:// are not known.", f"Known: {', '.join(PORTS)}, file."
        )
    recorded = _recording(Path(unquote(urlsplit(text).path) if scheme else text).expanduser())
    return Paced(recorded) if realtime else recorded


def find_out(source: Source) -> None:
    """Connect where only what comes tells whether a source is live. Raises CaptureError."""
    if isinstance(source, BaseSource):
        source.connect()


def _devices(camera: str | None, microphone: str | None, *, awaited: bool) -> DeviceSource:
    if camera is None and microphone is None:
        camera, microphone = FIRST, "default"
    return DeviceSource(
        Webcam(camera) if camera is not None else None,
        SoundDevice(microphone) if microphone is not None else None,
        awaited=awaited,
    )


def _recording(path: Path) -> BaseSource:
    if not is_there(path):
        raise InputError(f"There is no file or folder {path.name}.", "Check the path.")
    if path.is_dir() or (path.is_file() and is_picture(path)):
        return ImagesSource(path)
    return MediaSource(path)
