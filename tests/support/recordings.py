"""Small recordings made by the tests: test pictures and tones in any container."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from kiosk.capture.base import Event
from kiosk.core.media import AudioChunk, Frame, SourceNotice

Painter = Callable[[float], NDArray[np.uint8]]
Player = Callable[[NDArray[np.float64]], NDArray[np.float64]]

CODECS = {
    ".mp4": ("libx264", "aac"),
    ".mkv": ("mpeg4", "flac"),
    ".webm": ("libvpx", "libopus"),
    ".mpg": ("mpeg1video", "mp2"),
    ".avi": ("mpeg4", "libmp3lame"),
    ".wav": ("", "pcm_s16le"),
    ".flac": ("", "flac"),
    ".opus": ("", "libopus"),
    ".mp3": ("", "libmp3lame"),
}
FLASH = 0.08
"""Seconds of the flash and the beep at the beginning of each second."""


def gradient(size: tuple[int, int]) -> Painter:
    """A grey ramp that moves with time."""
    width, height = size
    ramp = np.linspace(0, 255, width).astype(np.uint8)[None, :, None]
    shape = (height, width, 3)
    return lambda time: np.ascontiguousarray(
        np.broadcast_to(ramp + np.uint8(100 * time % 256), shape)
    )


def tone(hertz: float = 440.0, level: float = 0.5) -> Player:
    """A sine."""
    return lambda times: level * np.sin(2 * np.pi * hertz * times)


def flash(size: tuple[int, int]) -> Painter:
    """White for FLASH seconds at the beginning of each second, else dark grey."""
    width, height = size
    return lambda time: np.full((height, width, 3), 235 if time % 1 < FLASH else 40, np.uint8)


def beep(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """A tone when `flash` is white."""
    return 0.5 * np.sin(2 * np.pi * 1000 * times) * (times % 1 < FLASH)


def frames(events: Iterable[Event]) -> list[Frame]:
    """The pictures among the events."""
    return [event for event in events if isinstance(event, Frame)]


def sounds(events: Iterable[Event]) -> list[AudioChunk]:
    """The sound among the events."""
    return [event for event in events if isinstance(event, AudioChunk)]


def notices(events: Iterable[Event]) -> list[SourceNotice]:
    """The notices among the events."""
    return [event for event in events if isinstance(event, SourceNotice)]


def loudest_hertz(events: Iterable[Event]) -> float:
    """The frequency with most energy."""
    chunks = sounds(events)
    heard = np.concatenate([chunk.samples for chunk in chunks])
    return float(np.argmax(np.abs(np.fft.rfft(heard))) * chunks[0].rate / len(heard))


def onsets(events: list[Event]) -> tuple[list[float], list[float]]:
    """When the picture turns white, and when the beep begins."""
    seen: list[float] = []
    white = False
    for frame in frames(events):
        was, white = white, float(frame.image.mean()) > 128
        if white and not was:
            seen.append(frame.time)
    heard: list[float] = []
    last = -1.0
    for chunk in sounds(events):
        for place in np.flatnonzero(np.abs(chunk.samples) > 0.1):
            time = chunk.time + float(place) / chunk.rate
            if time - last > 0.3:
                heard.append(time)
            last = time
    return seen, heard


def make_clip(
    path: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] | None = (64, 48),
    rate: int | None = 48_000,
    painter: Painter | None = None,
    player: Player | None = None,
    frame_times: Sequence[float] | None = None,
    layout: str = "mono",
) -> Path:
    """Write a recording; `size` None means no picture, `rate` None no sound."""
    video, audio = CODECS[path.suffix]
    with av.open(str(path), "w") as container:
        picture = _picture_stream(container, video, size) if size and video else None
        sound = _sound_stream(container, audio, rate, layout) if rate and audio else None
        if picture is not None and size is not None:
            times = np.arange(0, seconds, 0.04) if frame_times is None else frame_times
            _paint(container, picture, painter or gradient(size), times)
        if sound is not None:
            _play(container, sound, seconds, player or tone())
    return path


def _picture_stream(container: OutputContainer, codec: str, size: tuple[int, int]) -> VideoStream:
    stream = container.add_stream(codec, rate=25)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    if codec in ("libx264", "libvpx"):
        stream.codec_context.time_base = Fraction(1, 1000)
    if codec == "libx264":
        stream.options = {"preset": "ultrafast"}
    return stream


def _sound_stream(container: OutputContainer, codec: str, rate: int, layout: str) -> AudioStream:
    stream = container.add_stream(codec, rate=rate, layout=layout)
    assert isinstance(stream, AudioStream)
    stream.codec_context.open()
    return stream


def _paint(
    container: OutputContainer,
    stream: VideoStream,
    painter: Painter,
    times: Sequence[float] | NDArray[np.float64],
) -> None:
    base = stream.codec_context.time_base or Fraction(1, 25)
    for time in times:
        frame = av.VideoFrame.from_ndarray(painter(float(time)), "rgb24")
        frame.pts, frame.time_base = round(float(time) / base), base
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _play(container: OutputContainer, stream: AudioStream, seconds: float, player: Player) -> None:
    context = stream.codec_context
    rate = context.sample_rate
    samples = player(np.arange(round(rate * seconds)) / rate)
    data = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(data, "s16", "mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    resampler = av.AudioResampler(context.format, context.layout, rate, context.frame_size or 1024)
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


def beginning(clip: Path, target: Path, seconds: float) -> Path:
    """The first seconds of a recording as a recording of its own, not coded anew."""
    with av.open(str(clip)) as given, av.open(str(target), "w") as made:
        parts = {each.index: made.add_stream_from_template(each) for each in given.streams}
        for packet in given.demux():
            if packet.pts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = parts[packet.stream.index]
                made.mux(packet)
    return target
