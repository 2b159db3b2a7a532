"""A part of a source: from one second to another, on the source's own clock."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.capture.base import BaseSource, Event
from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Frame
from kiosk.core.ports.capture import Source


class Window(BaseSource):
    """Passes what lies in [begin, end) seconds after the source's first event.

    Sound is cut to the sample; notices pass always. Raises InputError for an empty window, and
    where the source has ended before it.
    """

    def __init__(self, source: Source, begin: float = 0.0, end: float | None = None) -> None:
        super().__init__()
        if end is not None and end <= begin:
            raise InputError(
                f"The part from {begin:g} s to {end:g} s is empty.", "Give --to after --from."
            )
        self._source = source
        self._begin = begin
        self._end = float("inf") if end is None else end
        self.live = source.live

    def connect(self) -> bool:
        """See `BaseSource.connect`."""
        if isinstance(self._source, BaseSource):
            self.live = self._source.connect()
        return self.live

    def events(self) -> Iterator[Event]:
        """What lies inside; ends the source once everything is past the end."""
        self._source.preview = self.preview
        first: float | None = None
        passed = False
        for event in self._source.events():
            if not isinstance(event, Frame | AudioChunk):
                yield event
                continue
            first = event.time if first is None else first
            if event.time - first >= self._end:
                return
            inside = self._cut(event, first)
            if inside is not None:
                passed = True
                yield inside
        if first is not None and not passed:
            raise InputError(
                f"There is nothing from {self._begin:g} s on.", "Give an earlier --from."
            )

    def close(self) -> None:
        """Close the source."""
        self._source.close()
        self.dropped = self._source.dropped
        self.lost_sound = self._source.lost_sound

    def _cut(self, event: Frame | AudioChunk, first: float) -> Frame | AudioChunk | None:
        if isinstance(event, Frame):
            return event if self._begin <= event.time - first < self._end else None
        start = max(0, round((first + self._begin - event.time) * event.rate))
        stop = len(event.samples)
        if self._end != float("inf"):
            stop = min(stop, round((first + self._end - event.time) * event.rate))
        if start >= stop:
            return None
        return AudioChunk(event.samples[start:stop], event.rate, event.time + start / event.rate)
