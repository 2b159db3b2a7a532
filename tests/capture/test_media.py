"""Recorded media: every kind is delivered in order, every bad one gives one clear line."""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.capture.base import Event
from kiosk.capture.media import MediaSource
from kiosk.core.errors import InputError
from kiosk.core.media import Frame, NoticeKind, SourceNotice
from tests.support.recordings import (
    CODECS,
    beep,
    flash,
    frames,
    loudest_hertz,
    make_clip,
    notices,
    onsets,
    sounds,
    tone,
)


def read(path: Path) -> list[Event]:
    with MediaSource(path) as source:
        return list(source.events())


@pytest.mark.parametrize("suffix", CODECS)
def test_every_container_is_delivered_whole(tmp_path: Path, suffix: str) -> None:
    events = read(make_clip(tmp_path / f"clip{suffix}"))
    assert len(frames(events)) == (25 if CODECS[suffix][0] else 0)
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(1.0, abs=0.06)
    assert loudest_hertz(events) == pytest.approx(440, abs=3)
    assert notices(events) == []


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".mpg"])
def test_picture_and_sound_come_in_the_order_of_their_times(tmp_path: Path, suffix: str) -> None:
    times = [
        event.time
        for event in read(make_clip(tmp_path / f"clip{suffix}"))
        if not isinstance(event, SourceNotice)
    ]
    assert times == sorted(times)
    assert times[0] == pytest.approx(0, abs=0.03)
    assert times[-1] == pytest.approx(1, abs=0.06)


def test_picture_and_sound_share_one_clock(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "flash.mp4", seconds=3, painter=flash((64, 48)), player=beep)
    seen, heard = onsets(read(path))
    assert seen == pytest.approx([0, 1, 2], abs=0.001)
    assert heard == pytest.approx([0, 1, 2], abs=0.03)


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[:, :, 0] = 255
    path = make_clip(tmp_path / "red.mp4", seconds=0.2, painter=lambda _: red, rate=None)
    middle = frames(read(path))[0].image[24, 32]
    assert middle[0] > 200
    assert max(middle[1:]) < 50


def test_picture_is_turned_upright(tmp_path: Path) -> None:
    """As telephones write it: stored lying, with a matrix that turns it clockwise."""
    corner = np.zeros((48, 64, 3), np.uint8)
    corner[:24, :32] = 255
    path = make_clip(tmp_path / "lying.mp4", seconds=0.2, painter=lambda _: corner, rate=None)
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    content[matrix : matrix + 36] = turned
    path.write_bytes(content)
    image = frames(read(path))[0].image
    assert image.shape == (64, 48, 3)
    assert image[:28, 28:].mean() > 200
    assert image[36:].mean() < 50
    assert image[:28, :20].mean() < 50


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    given = [0, 0.04, 0.5, 0.51, 0.9, 2.0]
    path = make_clip(tmp_path / "vfr.mp4", frame_times=given, rate=None)
    assert [frame.time for frame in frames(read(path))] == pytest.approx(given, abs=0.002)


def test_huge_picture_is_made_smaller(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "8k.mp4", size=(7680, 4320), frame_times=[0, 0.04], rate=None)
    assert [frame.image.shape for frame in frames(read(path))] == [(1080, 1920, 3)] * 2


def test_tiny_picture_is_delivered(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "tiny.mkv", size=(1, 1), seconds=0.2, rate=None)
    assert {frame.image.shape for frame in frames(read(path))} == {(1, 1, 3)}


@pytest.mark.parametrize("rate", [8_000, 192_000])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_sound_keeps_its_own_rate(tmp_path: Path, rate: int, suffix: str) -> None:
    events = read(make_clip(tmp_path / f"sound{suffix}", rate=rate))
    assert {chunk.rate for chunk in sounds(events)} == {rate}
    assert loudest_hertz(events) == pytest.approx(440, abs=2)
    assert max(np.abs(chunk.samples).max() for chunk in sounds(events)) == pytest.approx(
        0.5, abs=0.01
    )


@pytest.mark.parametrize("layout", ["stereo", "5.1", "7.1"])
@pytest.mark.parametrize("suffix", [".mp4", ".wav", ".mkv"])
def test_all_channels_become_one(tmp_path: Path, suffix: str, layout: str) -> None:
    """Eight channels in planes once made the decoder's binding read foreign memory."""
    events = read(make_clip(tmp_path / f"sound{suffix}", size=None, layout=layout))
    assert loudest_hertz(events) == pytest.approx(440, abs=2)
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(1, abs=0.06)


def test_silence_is_delivered_as_zeros(tmp_path: Path) -> None:
    events = read(make_clip(tmp_path / "silent.wav", player=tone(level=0)))
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(1)
    assert not any(chunk.samples.any() for chunk in sounds(events))


@pytest.mark.parametrize(("size", "rate"), [(None, 48_000), ((64, 48), None)])
def test_one_half_is_enough(tmp_path: Path, size: tuple[int, int] | None, rate: int | None) -> None:
    events = read(make_clip(tmp_path / "half.mp4", size=size, rate=rate))
    assert bool(frames(events)) == (size is not None)
    assert bool(sounds(events)) == (rate is not None)


def test_content_decides_not_the_ending(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.webm").rename(tmp_path / "clip.wav")
    assert len(frames(read(path))) == 25


def test_preview_sees_every_frame(tmp_path: Path) -> None:
    seen: list[Frame] = []
    source = MediaSource(make_clip(tmp_path / "clip.mp4"))
    source.preview = seen.append
    assert frames(list(source.events())) == seen
    assert len(seen) == 25


def test_close_ends_the_events(tmp_path: Path) -> None:
    with MediaSource(make_clip(tmp_path / "clip.mp4")) as source:
        events = source.events()
        next(events)
        source.close()
        assert list(events) == []


def test_truncated_recording_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mkv", seconds=4, size=(320, 240))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    events = read(cut)
    assert 5 < len(frames(events)) < 90
    [notice] = notices(events)
    assert notice.kind is NoticeKind.DAMAGED
    assert "cut.mkv is damaged" in notice.text


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


def write_text(path: Path) -> None:
    path.write_text("This is not a film.\n" * 100)


def write_noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(50_000))


def write_half_header(path: Path) -> None:
    """An mp4 whose index, at the end, is missing."""
    whole = make_clip(path.with_name("whole.mp4"))
    path.write_bytes(whole.read_bytes()[:-1500])


def write_no_samples(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)


def write_play_list(path: Path) -> None:
    """It must not make the machine call anybody."""
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (write_nothing, "bad.mp4 is empty (0 bytes)."),
        (write_text, "bad.mp4 is not a readable recording."),
        (write_noise, "bad.mp4 is not a readable recording."),
        (write_half_header, "bad.mp4 is not a readable recording."),
        (write_no_samples, "bad.mp4 has no content (zero length)."),
        (write_play_list, "bad.mp4 is not a readable recording."),
        (lambda path: path.mkdir(), "bad.mp4 is a folder."),
        (lambda path: None, "There is no file bad.mp4."),
    ],
)
def test_bad_file_gives_one_line_and_a_remedy(
    tmp_path: Path, write: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "bad.mp4"
    write(path)
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.text == message
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("originals")
    return [make_clip(folder / f"c{suffix}", seconds=0.5).read_bytes() for suffix in CODECS]


@settings(
    max_examples=150, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_bytes_give_samples_or_an_input_error(
    tmp_path: Path, originals: list[bytes], data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from(originals)))
    changes = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for place, value in data.draw(st.lists(changes, max_size=40)):
        content[place] = value
    path = tmp_path / "fuzzed"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        events = read(path)
    except InputError:
        return
    for event in events:
        assert isinstance(event, SourceNotice) or np.isfinite(event.time)
    for chunk in sounds(events):
        assert np.isfinite(chunk.samples).all()
        assert chunk.rate > 0


@settings(
    max_examples=50, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(min_size=1, max_size=2000))
def test_any_bytes_give_samples_or_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fuzzed"
    path.write_bytes(content)
    with suppress(InputError):
        read(path)


@pytest.mark.shared
def test_talking_heads_are_read_whole(shared: Path) -> None:
    clips = sorted((shared / "data/clips/grid").glob("*.mpg"))
    assert len(clips) == 7
    for clip in clips:
        events = read(clip)
        assert [frame.image.shape for frame in frames(events)] == [(288, 360, 3)] * 75
        assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(3, abs=0.05)
        assert {chunk.rate for chunk in sounds(events)} == {44_100}
        assert notices(events) == []


@pytest.mark.shared
def test_crowd_is_read_whole(shared: Path) -> None:
    events = read(shared / "data/clips/crowd.mp4")
    assert [frame.image.shape for frame in frames(events)] == [(1080, 1920, 3)] * 105
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(4.2, abs=0.05)
