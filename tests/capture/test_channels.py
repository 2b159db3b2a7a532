"""Sound as it comes in the field, made of one of the demo people's: every kind must come out as
the original does, up to its level."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from kiosk.capture.channels import Mixer
from kiosk.capture.media import MediaSource
from kiosk.core.media import AudioChunk, Waveform
from tests.support.paths import DEMO

Channels = NDArray[np.float32]
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def heard(path: Path) -> tuple[Waveform, int]:
    """All sound of a recording, and its rate."""
    with MediaSource(path) as source:
        chunks = [event for event in source.events() if isinstance(event, AudioChunk)]
    return np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate


@pytest.fixture(scope="module")
def speech() -> tuple[Waveform, int]:
    return heard(DEMO / "bawi-2.mp4")


def written(path: Path, channels: Channels, rate: int) -> Path:
    """A wav file of floats."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=rate, layout=LAYOUTS[len(channels)])
        assert isinstance(stream, AudioStream)
        packed = np.ascontiguousarray(channels.T.reshape(1, -1), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(packed, "flt", LAYOUTS[len(channels)])
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def alone_in(channel: int, speech: Waveform) -> Channels:
    """Six channels of which five are dead."""
    channels = np.zeros((6, len(speech)), np.float32)
    channels[channel] = speech
    return channels


KINDS: dict[str, Callable[[Waveform], Channels]] = {
    "one channel": lambda x: x[None],
    "the same twice": lambda x: np.stack([x, x]),
    "opposite phases": lambda x: np.stack([x, -x]),
    "opposite phases, one louder": lambda x: np.stack([0.4 * x, -0.8 * x]),
    "an offset": lambda x: x[None] + 0.05,
    "a negative offset of one channel": lambda x: np.stack([x - 0.2, x]),
    "left is dead": lambda x: np.stack([0 * x, x]),
    "right is dead": lambda x: np.stack([x, 0 * x]),
    "right is dead but for an offset": lambda x: np.stack([x, 0 * x + 0.1]),
    "only the middle of six": lambda x: alone_in(2, x),
    "only the last of six": lambda x: alone_in(5, x),
    "whole numbers, not scaled": lambda x: np.round(x[None] * 32_768),
}


def test_speech_comes_out_of_every_kind(tmp_path: Path, speech: tuple[Waveform, int]) -> None:
    original, rate = speech
    wrong = {}
    for kind, made in KINDS.items():
        found, found_rate = heard(written(tmp_path / "sound.wav", made(original), rate))
        likeness = float(np.corrcoef(found, original)[0, 1])
        level = float(np.std(found) / np.std(original))
        if found_rate != rate or likeness < 0.98 or not 0.55 < level < 1.5:
            wrong[kind] = (round(likeness, 3), round(level, 3))
        if abs(float(found[rate:].mean())) > 0.004:
            wrong[f"{kind}: offset"] = (float(found[rate:].mean()), 0.0)
    assert wrong == {}


def test_what_is_in_order_passes_unchanged(tmp_path: Path, speech: tuple[Waveform, int]) -> None:
    original, rate = speech
    for channels in (original[None], np.stack([original, original])):
        found, _ = heard(written(tmp_path / "sound.wav", channels, rate))
        assert np.array_equal(found, original)


def test_too_loud_floats_are_made_softer_not_cut(
    tmp_path: Path, speech: tuple[Waveform, int]
) -> None:
    original, rate = speech
    loud = original[None] * np.float32(4 / np.abs(original).max())
    found, _ = heard(written(tmp_path / "loud.wav", loud, rate))
    assert np.mean(np.abs(found) >= 0.999) < 0.001
    assert np.abs(found).max() > 0.9
    assert np.corrcoef(found, original)[0, 1] > 0.8


def test_two_speakers_on_two_channels_are_both_heard() -> None:
    rate = 16_000
    times = np.arange(3 * rate) / rate
    first = (0.3 * np.sin(2 * np.pi * 300 * times) * (times < 1.5)).astype(np.float32)
    second = (0.3 * np.sin(2 * np.pi * 500 * times) * (times >= 1.5)).astype(np.float32)
    mixer = Mixer()
    pieces = np.split(np.stack([first, second]), 48, axis=1)
    mono = np.concatenate([mixer.mix(piece, rate) for piece in pieces])
    for part in (mono[: 3 * rate // 2], mono[3 * rate // 2 + 2000 :]):
        assert part.std() > 0.09


def test_damaged_samples_are_passed_over() -> None:
    mixer = Mixer()
    bad = np.array([[0.1, np.nan, np.inf, -np.inf, 1e30, -0.1]], np.float32)
    assert mixer.mix(bad, 16_000).tolist() == pytest.approx([0.1, 0, 0, 0, 0, -0.1])
    quiet = np.full((1, 4), 0.001, np.float32)
    assert mixer.mix(quiet, 16_000).tolist() == pytest.approx([0.001] * 4)
    assert mixer.mix(np.zeros((2, 0), np.float32), 16_000).size == 0
