"""From packets of a container to frames and sound with times that only go forward."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from kiosk.capture.base import Sample
from kiosk.capture.channels import Mixer
from kiosk.capture.display import shown_size, upright
from kiosk.capture.picture import LONGEST_SIDE, MAX_PIXELS, shrunk_size
from kiosk.core.media import AudioChunk, Frame, Image

SAFE_PLANES = 7
"""PyAV 18.1 finds a plane too many in a planar frame of eight channels and more, and reads memory
that is not its own; FFmpeg mixes those."""
LONGEST_GAP = 60.0
"""Seconds between two pictures or sounds; a longer leap is a damaged timestamp."""
STREAM_OPTIONS = {"max_pixels": str(MAX_PIXELS)}

DecodingErrors = (av.error.FFmpegError, ValueError, OverflowError, MemoryError)
"""What PyAV raises for damaged content; none of it is a fault of ours."""

AnyStream = VideoStream | AudioStream


def picture(
    frame: VideoFrame, longest: int = LONGEST_SIDE, aspect: Fraction | None = None
) -> Image:
    """RGB as a player shows it, with pixels `aspect` times as wide as high, no side longer than
    `longest` pixels; larger ones are shrunk by area, as `capture.picture` does, while they are
    still in the decoder's format."""
    seen = shown_size(frame.width, frame.height, aspect)
    width, height = shrunk_size(*seen, longest)
    way = "AREA" if width < frame.width or height < frame.height else None
    rgb = frame.reformat(width, height, "rgb24", interpolation=way, threads=1).to_ndarray()
    return upright(np.asarray(rgb, dtype=np.uint8), frame)


def sound(frame: AudioFrame) -> NDArray[np.float32]:
    """(channels, samples); whole numbers are scaled to -1..1, floats are as they were written."""
    if frame.format.is_planar and frame.layout.nb_channels > SAFE_PLANES:
        frame = _mixed(frame)
    data = frame.to_ndarray()
    if not frame.format.is_planar:
        data = data.reshape(-1, max(1, frame.layout.nb_channels)).T
    if data.dtype == np.uint8:
        return (data.astype(np.float32) - np.float32(128)) / np.float32(128)
    if np.issubdtype(data.dtype, np.integer):
        return data.astype(np.float32) / np.float32(2 ** (8 * data.dtype.itemsize - 1))
    with np.errstate(over="ignore"):  # a double that no float holds is damage, which is passed over
        return data.astype(np.float32)


def _mixed(frame: AudioFrame) -> AudioFrame:
    """One channel, made by FFmpeg itself."""
    pieces = AudioResampler("flt", "mono", frame.sample_rate).resample(frame)
    if len(pieces) != 1:
        raise ValueError("the channels cannot be mixed")
    return pieces[0]


class Timeline:
    """Times of one stream: `place` never goes back and never leaps."""

    def __init__(self) -> None:
        self.end = 0.0
        self._last: float | None = None

    def place(self, time: float | None, length: float) -> float:
        """The time of something `length` seconds long whose timestamp says `time`."""
        if time is None or not self._plausible(time):
            time = self.end
        self._last = time
        self.end = time + max(length, 0.0)
        return time

    def _plausible(self, time: float) -> bool:
        if self._last is None:
            return abs(time) < LONGEST_GAP
        return self._last <= time < self._last + LONGEST_GAP


class Track:
    """Decodes the packets of one stream; times are seconds from `origin`, the container's start.

    Damaged packets are counted in `damaged` and passed over. Pictures are numbered from `first`.
    """

    def __init__(
        self, stream: AnyStream, origin: float, longest: int = LONGEST_SIDE, first: int = 0
    ) -> None:
        self.stream = stream
        self.damaged = 0
        self.count = 0
        self._first = first
        self._origin = origin
        self._longest = longest
        self._timeline = Timeline()
        self._interval = _interval(stream)
        self._mixer = Mixer()

    @property
    def end(self) -> float:
        """Where the last sample ended."""
        return self._timeline.end

    def take(self, packet: Packet[Stream]) -> list[Sample]:
        """What comes out of the decoder for one packet of this track's stream."""
        self.damaged += packet.is_corrupt
        try:
            decoded = packet.decode()
        except DecodingErrors:
            self.damaged += 1
            return []
        media = (item for item in decoded if isinstance(item, VideoFrame | AudioFrame))
        samples = [self._sample(frame) for frame in media]
        return [sample for sample in samples if sample is not None]

    def _sample(self, frame: VideoFrame | AudioFrame) -> Sample | None:
        try:
            made = self._frame(frame) if isinstance(frame, VideoFrame) else self._chunk(frame)
        except DecodingErrors:
            self.damaged += 1
            return None
        self.count += made is not None
        return made

    def _frame(self, frame: VideoFrame) -> Frame:
        # Asked anew for each picture: a stream may change it.
        aspect = self.stream.sample_aspect_ratio if isinstance(self.stream, VideoStream) else None
        image = picture(frame, self._longest, aspect)
        time = self._timeline.place(self._time(frame), self._interval)
        return Frame(image, time, self._first + self.count)

    def _chunk(self, frame: AudioFrame) -> AudioChunk | None:
        rate = frame.sample_rate
        samples = self._mixer.mix(sound(frame), rate)
        if rate <= 0 or not len(samples):
            return None
        time = self._timeline.place(self._time(frame), len(samples) / rate)
        return AudioChunk(samples, rate, time)

    def _time(self, frame: VideoFrame | AudioFrame) -> float | None:
        if frame.pts is None or frame.time_base is None:
            return None
        return float(frame.pts * frame.time_base) - self._origin


def _interval(stream: AnyStream) -> float:
    rate = stream.average_rate if isinstance(stream, VideoStream) else None
    return float(1 / rate) if rate else 0.04


def origin_of(container: InputContainer) -> float:
    """The container's first timestamp in seconds."""
    start: int | None = container.start_time
    return (start or 0) / av.time_base


def demand_only(container: InputContainer, wanted: Sequence[AnyStream]) -> None:
    """Let the demuxer throw away every other stream."""
    for stream in container.streams:
        if stream.index not in {stream.index for stream in wanted}:
            stream.discard = Discard.all


def choose_stream(container: InputContainer, kind: str) -> AnyStream | None:
    """The first decodable stream of a kind ("video" or "audio") that is not a cover picture."""
    for stream in container.streams:
        if not isinstance(stream, VideoStream | AudioStream) or stream.type != kind:
            continue
        if stream.codec_context is None or stream.disposition & Disposition.attached_pic:
            continue
        return stream
    return None
