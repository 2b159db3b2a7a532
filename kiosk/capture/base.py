"""What every source has: its public attributes and `with`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Self, TypeAlias

from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import FrameListener

Sample: TypeAlias = Frame | AudioChunk
Event: TypeAlias = Sample | SourceNotice


class BaseSource(ABC):
    """A `kiosk.core.ports.capture.Source` without content, and a `Recording` where it is one."""

    live = False
    recorded = False
    length: float | None = None
    begins = 0.0

    def __init__(self) -> None:
        self.dropped = 0
        self.lost_sound = 0.0
        self.preview: FrameListener | None = None

    def connect(self) -> bool:
        """Whether this is `live`, found out now where only what comes tells; `events` goes on from
        there. Raises CaptureError."""
        return self.live

    @abstractmethod
    def events(self) -> Iterator[Event]:
        """See `kiosk.core.ports.capture.Source.events`."""

    @abstractmethod
    def close(self) -> None:
        """See `kiosk.core.ports.capture.Source.close`."""

    def show(self, event: Event) -> None:
        """Give a frame to the preview, if there is one."""
        if self.preview is not None and isinstance(event, Frame):
            self.preview(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
