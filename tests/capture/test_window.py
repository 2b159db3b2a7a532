"""A window passes what lies inside it and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.capture.base import BaseSource, Event
from kiosk.capture.window import Window
from kiosk.core.errors import InputError
from kiosk.core.media import AudioChunk, Frame

RATE = 1000


class Film(BaseSource):
    """Ten frames and ten chunks of a tenth of a second, beginning at 5 s."""

    def events(self) -> Iterator[Event]:
        for k in range(10):
            time = 5 + k / 10
            yield Frame(np.zeros((2, 2, 3), np.uint8), time, k)
            yield AudioChunk(np.arange(100, dtype=np.float32) + 100 * k, RATE, time)

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("begin", "end", "frames", "samples"),
    [(0, None, 10, 1000), (0, 0.5, 5, 500), (0.45, 0.75, 3, 300), (0.95, None, 0, 50)],
)
def test_a_window_cuts(begin: float, end: float | None, frames: int, samples: int) -> None:
    events = list(Window(Film(), begin, end).events())
    sound = [event.samples for event in events if isinstance(event, AudioChunk)]
    assert sum(isinstance(event, Frame) for event in events) == frames
    heard = np.concatenate(sound)
    assert len(heard) == samples
    assert heard[0] == pytest.approx(round(begin * RATE))


def test_the_time_of_cut_sound_is_that_of_its_first_sample() -> None:
    chunk = next(e for e in Window(Film(), 0.25).events() if isinstance(e, AudioChunk))
    assert chunk.time == pytest.approx(5.25)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(InputError):
        Window(Film(), 2, 1)


def test_a_recording_that_is_over_before_the_window_is_said() -> None:
    with pytest.raises(InputError, match=r"There is nothing from 1\.5 s on") as caught:
        list(Window(Film(), 1.5).events())
    assert "--from" in caught.value.remedy
