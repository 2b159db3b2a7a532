"""The loudspeaker against a real sound server: what is said is heard, and stops when told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture.microphone import SoundDevice
from kiosk.capture.speaker import SoundSpeaker, decoded, seconds_of
from kiosk.core.media import AudioChunk
from tests.support.recordings import loudest_hertz, make_clip, tone
from tests.support.servers import SINK, SoundServer

LIMIT = 15.0


@pytest.fixture(scope="module")
def server() -> Iterator[SoundServer]:
    with SoundServer() as running:
        yield running


@pytest.fixture
def sound_server(server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "note.wav"
    return make_clip(path, seconds=20, player=tone(660))


def until_loud(microphone: SoundDevice, loud: bool) -> AudioChunk:
    """The next stretch of sound that is loud, or is not."""
    ended = time.monotonic() + LIMIT
    while time.monotonic() < ended:
        chunk = microphone.read()
        assert chunk is not None
        if (float(np.abs(chunk.samples).max(initial=0)) > 0.1) is loud:
            return chunk
    raise AssertionError("nothing of the kind was heard")


def test_what_is_said_is_heard_and_stops_when_told(sound_server: SoundServer, note: Path) -> None:
    speaker, microphone = SoundSpeaker(), SoundDevice(SINK)
    microphone.open()
    try:
        assert speaker.say(note) == pytest.approx(20, abs=0.2)
        until_loud(microphone, loud=True)
        heard = [until_loud(microphone, loud=True) for _ in range(20)]
        assert loudest_hertz(heard) == pytest.approx(660, abs=8)
        speaker.stop()
        until_loud(microphone, loud=False)
    finally:
        microphone.close()
        speaker.close()


def test_without_a_sound_server_it_is_silent(monkeypatch: pytest.MonkeyPatch, note: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    speaker = SoundSpeaker()
    speaker.say(note)
    speaker.close()
    assert speaker.played == 0


def test_length_is_known_at_once(note: Path) -> None:
    assert seconds_of(note) == pytest.approx(20, abs=0.1)
    samples, rate = decoded(note)
    assert len(samples) / rate == pytest.approx(20, abs=0.1)
