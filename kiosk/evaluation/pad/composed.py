"""Attacks composed from a film of a living person: for channels no collection of pictures tests.

- `still`: one picture, shown without a change;
- `moved_photograph`: one picture as a flat thing that a hand moves: shifted, turned, tilted, with a
  sensor's noise;
- the same two, and the film itself, with the sound of somebody else (`foreign_voices`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.core.media import AudioChunk, Frame, Image

STILL = "composed_still"
MOVED_PHOTOGRAPH = "composed_moved_photograph"
STILL_OTHER_VOICE = "composed_still_other_voice"
MOVED_OTHER_VOICE = "composed_moved_photograph_other_voice"
OTHER_VOICE = "composed_film_other_voice"


@dataclass(frozen=True, eq=False)
class Take:
    """Frames and sound of one presentation, each in the order of time."""

    frames: tuple[Frame, ...]
    sound: tuple[AudioChunk, ...] = ()

    def events(self) -> Iterator[Frame | AudioChunk]:
        """Both in the order in which a source gives them."""
        mixed: list[Frame | AudioChunk] = [*self.frames, *self.sound]
        yield from sorted(mixed, key=lambda event: event.time)


def still(take: Take) -> Take:
    """The middle picture of a take, again and again, with the take's own sound."""
    image = _middle(take).image
    return Take(tuple(Frame(image, one.time, one.index) for one in take.frames), take.sound)


def moved_photograph(take: Take, seed: int) -> Take:
    """The middle picture of a take, moved as by a hand; seeded."""
    image = _middle(take).image
    times = np.array([frame.time for frame in take.frames])
    pictures = hand_held(image, times - times[0], seed)
    frames = zip(pictures, take.frames, strict=True)
    return Take(tuple(Frame(new, old.time, old.index) for new, old in frames), take.sound)


def hand_held(image: Image, times: Sequence[float] | np.ndarray, seed: int) -> list[Image]:
    """Pictures of a flat picture at `times` (s): slow sums of sines move it, noise is added."""
    random = np.random.default_rng(seed)
    height, width = image.shape[:2]
    moments = np.asarray(times, dtype=np.float64)
    amount = float(random.uniform(0.5, 2.0))

    def walk(size: float) -> np.ndarray:
        parts = np.zeros_like(moments)
        for order, rate in enumerate(random.uniform(0.15, 1.5, 3), start=1):
            phase = random.uniform()
            parts += amount * size / order * np.sin(2 * np.pi * (rate * moments + phase))
        return parts

    right, down, turn, near = walk(0.02 * width), walk(0.02 * height), walk(0.03), walk(0.03)
    tilt_x, tilt_y = walk(0.12 / width), walk(0.12 / height)
    noise = float(random.uniform(0.5, 3.0))
    centre = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1.0]])
    found = []
    for k in range(len(moments)):
        cos, sin = (1 + near[k]) * np.cos(turn[k]), (1 + near[k]) * np.sin(turn[k])
        move = np.array([[cos, -sin, right[k]], [sin, cos, down[k]], [tilt_x[k], tilt_y[k], 1.0]])
        flat = cv2.warpPerspective(
            image,
            centre @ move @ np.linalg.inv(centre),
            (width, height),
            borderMode=cv2.BORDER_REPLICATE,
        )
        noisy = flat + random.normal(0.0, noise, flat.shape)
        found.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return found


def _middle(take: Take) -> Frame:
    return take.frames[len(take.frames) // 2]
