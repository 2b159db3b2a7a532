"""Demo people in front of the real screens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import FrameListener
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from tests.support.paths import ROOT

DEMO = ROOT / "assets" / "demo"


PATIENCE = 120_000


Event = Frame | AudioChunk | SourceNotice


class InFront:
    """Somebody in front of the kiosk: their recordings over and over, as fast as they are taken."""

    live = True
    dropped = 0
    lost_sound = 0.0

    def __init__(self, clips: Sequence[Path]) -> None:
        self.clips = list(clips)
        self.preview: FrameListener | None = None
        self._closed = False

    def events(self) -> Iterator[Event]:
        start = 0.0
        while not self._closed:
            last = 0.0
            # Closed each time: what is left open is garbage that only the screens free.
            with composition.open_source(Settings(), str(self.clips[0])) as recording:
                for event in recording.events():
                    if self._closed:
                        return
                    last = max(last, _end(event))
                    moved = _moved(event, start)
                    if self.preview is not None and isinstance(moved, Frame):
                        self.preview(moved)
                    yield moved
            self.clips.append(self.clips.pop(0))
            start += last + 0.05

    def close(self) -> None:
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()


def _end(event: Event) -> float:
    if isinstance(event, Frame):
        return event.time
    return event.time + event.seconds if isinstance(event, AudioChunk) else 0.0


def _moved(event: Event, by: float) -> Event:
    if isinstance(event, Frame):
        return Frame(event.image, event.time + by, event.index)
    if isinstance(event, AudioChunk):
        return AudioChunk(event.samples, event.rate, event.time + by)
    return event
