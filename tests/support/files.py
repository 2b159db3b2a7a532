"""A recording that staff chose, scripted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import FrameListener
from tests.support.scripted import FPS, picture, sound

Event = Frame | AudioChunk | SourceNotice


class ScriptedFile:
    """Four seconds of the person whose number is the file's name, who speaks."""

    live = False
    dropped = 0
    lost_sound = 0.0
    preview: FrameListener | None = None

    def __init__(self, path: Path) -> None:
        if not path.stem.isdigit():
            raise InputError("No video.", "Give another.")
        self.who = int(path.stem)

    def events(self) -> Iterator[Event]:
        for k in range(4 * FPS):
            yield picture(self.who, k / FPS, k)
            yield sound(self.who + 1, k / FPS)

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> ScriptedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
