"""The microphone against a real sound server: it hears, falls silent, goes away and comes back."""

from __future__ import annotations

import ctypes.util
import errno
import itertools
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sounddevice

from kiosk.capture import microphone as microphones
from kiosk.capture.base import Event
from kiosk.capture.live import DeviceSource
from kiosk.capture.microphone import (
    SoundDevice,
    explain,
    list_microphones,
    portaudio_problem,
)
from kiosk.capture.ring import Ring, SampleClock
from kiosk.capture.webcam import Webcam
from kiosk.core.errors import DeviceBusy, DeviceForbidden, DeviceMissing, DeviceSilent
from kiosk.core.media import AudioChunk, Modality, NoticeKind
from tests.support.recordings import frames, loudest_hertz, make_clip, notices, sounds, tone
from tests.support.servers import SINK, SoundServer, collect


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
    """A minute of 880 Hz."""
    path = tmp_path_factory.mktemp("sound") / "note.wav"
    return make_clip(path, seconds=60, player=tone(880))


def is_loud(event: Event) -> bool:
    return isinstance(event, AudioChunk) and float(np.abs(event.samples).max()) > 0.1


def listen(microphone: SoundDevice, seconds: float) -> list[Event]:
    """So many seconds of sound, from where it is loud."""
    found: list[Event] = []
    while sum(chunk.seconds for chunk in sounds(found)) < seconds:
        chunk = microphone.read()
        assert chunk is not None
        if found or is_loud(chunk):
            found.append(chunk)
    return found[1:]


def test_it_hears_what_is_played(sound_server: SoundServer, note: Path) -> None:
    microphone = SoundDevice(SINK)
    microphone.open()
    try:
        with sound_server.playing(note):
            heard = sounds(listen(microphone, 2))
    finally:
        microphone.close()
    assert loudest_hertz(heard) == pytest.approx(880, abs=3)
    assert {chunk.rate for chunk in heard} == {44_100}
    gaps = [b.time - a.time - a.seconds for a, b in itertools.pairwise(heard)]
    assert min(gaps) > -0.01
    assert sum(gap > 0.01 for gap in gaps) <= 1  # the server may skip as the playing begins
    assert heard[-1].time == pytest.approx(time.monotonic(), abs=1)
    assert microphone.overflows == 0


def test_microphones_are_listed_and_found_by_number(sound_server: SoundServer) -> None:
    found = {microphone.name: microphone for microphone in list_microphones()}
    assert SINK in found
    assert sum(microphone.default for microphone in found.values()) == 1
    assert portaudio_problem() is None
    for name in (str(found[SINK].number), SINK.upper(), "default"):
        microphone = SoundDevice(name)
        microphone.open()
        microphone.close()
        microphone.close()


def test_unknown_name_tells_the_known_ones(sound_server: SoundServer) -> None:
    with pytest.raises(DeviceMissing, match="There is no Microphone nobody") as caught:
        SoundDevice("nobody").open()
    assert SINK in caught.value.remedy


@pytest.mark.parametrize("kind", ["opposite", "left is dead", "an offset"])
def test_every_channel_is_heard_as_of_a_recording(
    sound_server: SoundServer, tmp_path: Path, kind: str
) -> None:
    """Once one channel was asked for, and the sound server mixed: nothing was left of these."""
    rate = 44_100
    tone = 0.3 * np.sin(2 * np.pi * 880 * np.arange(20 * rate) / rate)
    left, right = {
        "opposite": (tone, -tone),
        "left is dead": (0 * tone, tone),
        "an offset": (tone + 0.2, tone + 0.2),
    }[kind]
    played = tmp_path / "stereo.wav"
    with wave.open(str(played), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.stack([left, right], 1) * 32_767).astype("<i2").tobytes())
    microphone = SoundDevice(SINK)
    microphone.open()
    try:
        with sound_server.playing(played):
            heard = sounds(listen(microphone, 2.5))
    finally:
        microphone.close()
    samples = np.concatenate([chunk.samples for chunk in heard])[rate:]
    assert loudest_hertz(heard) == pytest.approx(880, abs=3)
    assert np.sqrt(2) * samples.std() == pytest.approx(0.3, rel=0.1)
    assert abs(float(samples.mean())) < 0.01


def test_a_microphone_missing_at_the_start_is_waited_for(
    sound_server: SoundServer, note: Path
) -> None:
    sound_server.unplug()
    plugged: list[bool] = []

    def heard(events: list[Event]) -> bool:
        if not plugged:
            plugged.append(True)
            sound_server.plug()
        return len(notices(events)) == 2

    source = DeviceSource(microphone=SoundDevice(SINK), awaited=True)
    lost, restored = notices(collect(source, heard, limit=60))
    assert (lost.kind, restored.kind) == (NoticeKind.LOST, NoticeKind.RESTORED)
    assert lost.modality is Modality.VOICE


def test_only_zeros_are_silence_until_something_is_heard(
    sound_server: SoundServer, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphones, "ZERO_LIMIT", 2.0)
    microphone = SoundDevice(SINK)
    microphone.open()
    heard: list[AudioChunk | None] = []
    try:
        with pytest.raises(DeviceSilent, match="gives only silence"):
            heard.extend(iter(microphone.read, None))
        with pytest.raises(DeviceSilent):
            microphone.read()
        with sound_server.playing(note):
            assert listen(microphone, 0.5)
    finally:
        microphone.close()
    assert sum(chunk.seconds for chunk in heard if chunk) == pytest.approx(2, abs=0.5)


def test_source_tells_of_a_microphone_unplugged_and_plugged_in(
    sound_server: SoundServer, note: Path
) -> None:
    source = DeviceSource(microphone=SoundDevice(SINK))
    steps: list[str] = []

    def play(events: list[Event]) -> bool:
        if is_loud(events[-1]) and not steps:
            steps.append("unplugged")
            sound_server.unplug()
        if notices(events) and len(steps) == 1:
            steps.append("plugged")
            sound_server.plug()
        return len(notices(events)) == 2 and isinstance(events[-1], AudioChunk)

    with sound_server.playing(note):
        events = collect(source, play, limit=60)
    lost, restored = notices(events)
    assert (lost.kind, restored.kind) == (NoticeKind.LOST, NoticeKind.RESTORED)
    assert lost.text == f"Microphone {SINK} went away."
    assert lost.remedy
    times = [chunk.time for chunk in sounds(events)]
    assert times == sorted(times)


def test_camera_and_microphone_share_one_clock(
    sound_server: SoundServer, note: Path, tmp_path: Path
) -> None:
    film = make_clip(tmp_path / "film.mp4", seconds=2, rate=None)
    source = DeviceSource(Webcam(str(film)), SoundDevice(SINK))
    with sound_server.playing(note):
        events = collect(source, lambda found: bool(frames(found)) and is_loud(found[-1]))
    times = [frame.time for frame in frames(events)] + [chunk.time for chunk in sounds(events)]
    assert max(times) - min(times) < 15
    assert max(times) == pytest.approx(time.monotonic(), abs=2)


def test_without_a_sound_server(
    sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nothing")
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/usr/share/alsa/alsa.conf")
    if not list_microphones():
        with pytest.raises(DeviceMissing, match="There is no microphone"):
            SoundDevice().open()
    assert SINK not in [microphone.name for microphone in list_microphones()]


def test_without_the_portaudio_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    assert list_microphones() == []
    assert "PortAudio library is not installed" in str(portaudio_problem())
    with pytest.raises(DeviceMissing, match="apt install libportaudio2"):
        SoundDevice().open()


@pytest.mark.parametrize(
    ("code", "host", "kind"),
    [
        (-9985, None, DeviceBusy),
        (-9996, None, DeviceMissing),
        (-9999, (0, -errno.EBUSY, "busy"), DeviceBusy),
        (-9999, (0, -errno.EACCES, "forbidden"), DeviceForbidden),
        (-9999, (0, -errno.ENODEV, "gone"), DeviceMissing),
        (-9997, None, DeviceBusy),
    ],
)
def test_portaudio_errors_get_a_name_and_a_remedy(
    code: int, host: tuple[int, int, str] | None, kind: type[Exception]
) -> None:
    details = (code, host) if host else (code,)
    error = explain(sounddevice.PortAudioError("it failed", *details), "Microphone x")
    assert type(error) is kind
    assert error.remedy


def test_reading_a_closed_microphone_is_an_error() -> None:
    with pytest.raises(DeviceMissing, match="is not open"):
        SoundDevice().read()


def test_full_ring_gives_up_the_oldest() -> None:
    ring = Ring(capacity=5)
    blocks = [np.full(2, number, np.float32) for number in range(4)]
    assert [ring.put(float(end), block) for end, block in enumerate(blocks)] == [0, 0, 2, 2]
    taken = ring.take(0)
    assert taken is not None
    assert taken[0] == 3.0
    assert taken[1].tolist() == [2, 2, 3, 3]
    assert ring.take(0) is None


def test_sample_clock_smooths_jitter_and_notices_a_gap() -> None:
    clock = SampleClock()
    jitter = np.random.default_rng(1).uniform(0, 0.04, 100)
    starts = [clock.place(10 + 0.02 * (n + 1) + jitter[n], 0.02) for n in range(100)]
    assert np.diff(starts) == pytest.approx(np.full(99, 0.02), abs=0.001)
    assert clock.place(20.0, 0.02) == pytest.approx(19.98)
