"""A camera that hands out one picture again and again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.capture.media import MediaSource
from kiosk.capture.stillness import MEMORY, THAW, Stillness
from tests.support.paths import DEMO
from tests.support.recordings import frames

FPS = 25


def noise(seed: int) -> NDArray[np.uint8]:
    """What a sensor gives of a scene in which nothing moves."""
    room = np.full((48, 64, 3), 120, np.uint8)
    room[8, 12] += np.random.default_rng(seed).integers(0, 100, 3, dtype=np.uint8)
    return room


def play(stillness: Stillness, seeds: list[int], begin: float) -> list[bool]:
    return [stillness.frozen(noise(seed), begin + k / FPS) for k, seed in enumerate(seeds)]


def test_the_same_picture_for_seconds_is_frozen_and_noise_is_not() -> None:
    stillness = Stillness(5.0)
    assert not any(play(stillness, list(range(10 * FPS)), 0.0))
    found = play(stillness, [7] * 6 * FPS, 10.0)
    assert found.index(True) == pytest.approx(5 * FPS, abs=2)
    assert all(found[found.index(True) :])


def test_what_is_frozen_moves_again_only_once_it_goes_on_moving() -> None:
    stillness = Stillness(1.0)
    assert play(stillness, [7] * 2 * FPS, 0.0)[-1]
    few = list(range(100, 100 + FPS))  # an encoder that begins anew
    assert all(play(stillness, [*few, few[-1]], 10.0))
    moving = play(stillness, list(range(200, 300)), 20.0)
    assert moving.index(False) == pytest.approx(THAW * FPS, abs=FPS + 1)
    assert not any(moving[moving.index(False) :])


def test_a_film_that_is_shown_again_and_again_is_not_frozen() -> None:
    loop = list(range(round((MEMORY + 0.5) * FPS)))
    assert not any(play(Stillness(1.0), loop * 5, 0.0))


def test_any_change_counts_and_so_does_another_size() -> None:
    stillness = Stillness(1.0)
    assert not any(stillness.frozen(noise(k)[: 48 - k % 2], k / FPS) for k in range(4 * FPS))


@pytest.mark.parametrize("coding", [["-g", "50"], ["-g", "250", "-preset", "ultrafast"]])
def test_a_still_behind_an_encoder_is_found_and_a_person_is_not(
    tmp_path: Path, coding: list[str]
) -> None:
    still, film = tmp_path / "still.mp4", DEMO / "bawi-2.mp4"
    command = ["ffmpeg", "-loglevel", "error", "-loop", "1", "-t", "24", "-r", str(FPS), "-i"]
    command += [str(DEMO / "stills" / "bawi.jpg"), "-vf", "scale=160:120", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:v", "libx264", *coding, str(still)], check=True)
    found = {}
    for path in (still, film):
        stillness = Stillness(4.0)
        seen = frames(MediaSource(path).events())
        found[path.stem] = any(stillness.frozen(each.image, each.time) for each in seen)
    assert found == {"still": True, "bawi-2": False}
