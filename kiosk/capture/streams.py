"""Live network streams through PyAV: rtsp, rtmp and http, called or listened for."""

from __future__ import annotations

import errno
import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, TypeAlias

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from kiosk.capture.address import Address, explain
from kiosk.capture.base import Sample
from kiosk.capture.clock import StoppableClock
from kiosk.capture.decode import (
    STREAM_OPTIONS,
    DecodingErrors,
    Track,
    choose_stream,
    demand_only,
    origin_of,
)
from kiosk.capture.interleaver import Interleaver
from kiosk.capture.live import LiveSource, Supervisor, Worker
from kiosk.capture.media import RECORDED_FORMATS
from kiosk.capture.spool import fetch
from kiosk.capture.stillness import Stillness
from kiosk.core.errors import StreamLost
from kiosk.core.media import Frame, NoticeKind, SourceNotice

STALL_LIMIT = 5.0
"""Seconds without a packet after which a stream counts as lost."""
OPEN_LIMIT = 10.0
"""Seconds to connect and to recognise what is sent."""
LISTEN_LIMIT = 60.0
"""Seconds after which a listener begins anew: a caller who says nothing must not block the port."""
SETTLE = 0.3
"""Seconds in which the burst at the beginning of a live stream is taken in."""
FROZEN_LIMIT = 10.0
"""Seconds by which repetitions outweigh what is new in a stream that counts as frozen."""
_LISTS = {"hls", "dash", "rtsp", "sdp", "concat"}
"""Formats that name what is to be called instead of holding it."""
PROOF = 4.0
"""Seconds a stream that was frozen has, once it was called again, to show that it moves."""
_CHECK = "Check the sender and the network; it is tried again."


Opened: TypeAlias = "tuple[InputContainer, dict[int, Track], Iterator[Packet[Stream]]]"


class StreamSource(LiveSource):
    """A network stream as a source.

    Times are on this machine's monotonic clock, picture and sound in step by the stream's
    timestamps. A stream that ends, breaks, gives nothing for `stall_limit` seconds or the same
    picture for `frozen_limit` is LOST and called again with back-off for ever; with `reconnect`
    False its end is the end, and breaking raises StreamLost. The first failure to connect raises
    StreamLost, unless the stream is `awaited`; a listener (`?listen=1`) always waits.

    What has a stated length, as a file or an ended play list behind http, is a recording and not
    `live`: nothing of it is dropped, and its end is the end. It plays at its own speed, or, unless
    `paced`, as fast as it is taken, at its own times.
    """

    def __init__(
        self,
        url: str,
        *,
        reconnect: bool = True,
        awaited: bool = False,
        paced: bool = True,
        stall_limit: float = STALL_LIMIT,
        open_limit: float = OPEN_LIMIT,
        frozen_limit: float = FROZEN_LIMIT,
        clock: StoppableClock | None = None,
    ) -> None:
        super().__init__(clock, join_limit=stall_limit + 1)
        self.address = Address.parse(url)
        self.paced = paced
        self._reconnect, self._awaited = reconnect, awaited
        self._connection = Connection(self, stall_limit, open_limit, frozen_limit, reconnect)

    def connect(self) -> bool:
        """See `BaseSource.connect`; only behind http a recording may come. Raises StreamLost,
        unless the stream is awaited."""
        if self.address.scheme.startswith("http") and not self.address.listen:
            try:
                self._connection.open()
            except StreamLost:
                if not self._awaited:
                    raise
        return self.live

    def close(self) -> None:
        """See `Source.close`."""
        super().close()
        if not self._threads:  # which else hang up themselves
            self._connection.close()

    def workers(self) -> dict[str, Worker]:
        """One thread reads, decodes and reconnects."""
        supervisor = Supervisor(self._connection, self, self._reconnect, awaited=self._awaited)
        return {"kiosk-stream": supervisor.run}

    def wake(self) -> None:
        """A listener is called by ourselves so that it stops waiting."""
        self._connection.wake()


class Connection:
    """One stream as a device: opened, read sample by sample, closed, opened again."""

    def __init__(
        self,
        source: StreamSource,
        stall_limit: float,
        open_limit: float,
        frozen_limit: float,
        reconnect: bool,
    ) -> None:
        self.name = f"The stream {source.address.shown}"
        self._address = source.address
        self._source = source
        self._reconnect = reconnect
        self._stall_limit = stall_limit
        self._open_limit = open_limit
        self._container: InputContainer | None = None
        self._spooled: IO[bytes] | None = None
        self._stillness = Stillness(frozen_limit)
        self._frozen = False
        self._called = 0.0
        self._samples: Iterator[Sample] = iter(())
        self._listening = False
        self._announced = False
        self._offset: float | None = None
        self._finite = False
        self._next_index = 0

    def open(self) -> None:
        """Connect, or wait for somebody who sends, unless that was done. Raises StreamLost."""
        if self._container is not None:
            return
        if self._address.listen:
            self._wait_for_sender()
        else:
            self._connect(self._open_limit)

    def read(self) -> Sample | None:
        """The next sample, None at the end of a recording. Raises StreamLost."""
        for sample in self._samples:
            if self._finite:
                return self._play(sample)
            if self._source.closed or self._moves(sample):
                return sample
        if self._finite or not self._reconnect:
            return None
        raise StreamLost(f"{self.name} has ended.", _CHECK)

    def _moves(self, sample: Sample) -> bool:
        """Whether the picture does; what is heard while it does not is passed over. Raises
        StreamLost where it has stood still for long."""
        if not isinstance(sample, Frame):
            return not self._frozen
        self._frozen = self._stillness.frozen(sample.image, sample.time)
        if self._frozen and self._source.clock.monotonic() - self._called >= PROOF:
            raise StreamLost(f"{self.name} shows the same picture again and again.", _CHECK)
        return not self._frozen

    def close(self) -> None:
        """Hang up."""
        self._samples = iter(())
        if self._container is not None:
            self._container.close()
            self._container = None
        if self._spooled is not None:
            self._spooled.close()
            self._spooled = None

    def wake(self) -> None:
        """Call our own listening port and hang up at once."""
        if self._listening:
            self._address.knock()

    def _connect(self, limit: float) -> None:
        begun = time.monotonic()
        limits = limit, self._stall_limit
        try:
            container, tracks, packets = self._opened(limits)
        except DecodingErrors as error:
            late = time.monotonic() - begun >= limit and not self._spooled
            raise explain(TimeoutError() if late else error, self._address, limit) from error
        self._container = container
        self._called = self._source.clock.monotonic()
        if not tracks:
            self.close()
            raise StreamLost(f"{self.name} has neither picture nor sound.", _CHECK)
        self._finite = self._source.patient = _is_finite(container)
        self._source.live = not self._finite
        self._source.recorded = self._finite
        self._source.length = (container.duration or 0) / av.time_base or None
        self._offset = None
        samples = self._decode(tracks, packets)
        self._samples = samples if self._finite else self._settle(samples)

    def _opened(self, limits: tuple[float, float]) -> Opened:
        """What comes. An mp4 with its index at the end is fetched whole where the server cannot
        give parts of it: that shows as it is opened or, if all of it was read for the index, with
        its first packet. Raises what PyAV raises."""
        try:
            container = _open(self._address, limits)
        except av.error.InvalidDataError as error:
            return self._parts(self._fetched(limits, error))
        container, tracks, packets = self._parts(container)
        if not self._is_called_http or "mov" not in container.format.name.split(","):
            return container, tracks, packets
        try:
            begun = list(itertools.islice(packets, 1))
        except DecodingErrors as error:
            container.close()
            return self._parts(self._fetched(limits, error))
        return container, tracks, itertools.chain(begun, packets)

    def _parts(self, container: InputContainer) -> Opened:
        tracks = _tracks(container, self._next_index)
        streams = [track.stream for track in tracks.values()]
        return container, tracks, container.demux(streams) if streams else iter(())

    @property
    def _is_called_http(self) -> bool:
        return self._address.scheme.startswith("http") and not self._address.listen

    def _fetched(self, limits: tuple[float, float], cause: Exception) -> InputContainer:
        """All of a file. Raises `cause` for anything else."""
        if self._is_called_http:
            self._spooled = fetch(self._address, limits, lambda: self._source.closed)
        if self._spooled is None:
            raise cause
        return av.open(
            self._spooled,
            "r",
            options=STREAM_OPTIONS,
            container_options={"format_whitelist": RECORDED_FORMATS},
            metadata_errors="replace",
        )

    def _wait_for_sender(self) -> None:
        self._address.check_free()
        self._announce(NoticeKind.LOST, "Nobody sends to it yet.")
        self._listening = True
        while not self._source.closed:
            try:
                self._connect(LISTEN_LIMIT)
            except StreamLost:
                self._source.clock.wait(0.1)
            else:
                break
        self._listening = False
        self._announce(NoticeKind.RESTORED, "Somebody sends.")
        self._announced = True

    def _announce(self, kind: NoticeKind, text: str) -> None:
        """The first wait is no loss that the supervisor would tell of."""
        if not self._announced and not self._source.closed:
            remedy = "Start sending to this address." if kind is NoticeKind.LOST else ""
            self._source.deliver(SourceNotice(kind, f"{self.name}: {text}", remedy))

    def _play(self, sample: Sample) -> Sample:
        """A recording comes faster than it plays: its first sample is now, the others wait."""
        if not self._source.paced:
            return sample
        now = self._source.clock.monotonic()
        if self._offset is None:
            self._offset = self._source.begins = now - sample.time
        self._source.clock.wait(sample.time + self._offset - now)
        return replace(sample, time=sample.time + self._offset)

    def _settle(self, samples: Iterator[Sample]) -> Iterator[Sample]:
        """Put a live stream's times on our clock.

        What gathered while connecting comes in a burst, so the newest sample of the first moments,
        not the very first, is now. Of the pictures in the burst the newest is kept.
        """
        held: list[Sample] = []
        start = self._source.clock.monotonic()
        offset = math.inf
        for sample in samples:
            now = self._source.clock.monotonic()
            offset = min(offset, now - sample.time)
            if isinstance(sample, Frame) and any(isinstance(old, Frame) for old in held):
                held = [old for old in held if not isinstance(old, Frame)]
                self._source.dropped += 1
            held.append(sample)
            if now - start >= SETTLE:
                break
        for sample in itertools.chain(held, samples):
            yield replace(sample, time=sample.time + offset)

    def _decode(
        self, tracks: dict[int, Track], packets: Iterator[Packet[Stream]]
    ) -> Iterator[Sample]:
        order = Interleaver(len(tracks))
        try:
            for packet in packets:
                for sample in tracks[packet.stream_index].take(packet):
                    if isinstance(sample, Frame):
                        self._next_index = sample.index + 1
                    yield from order.add(sample)
        except DecodingErrors as error:
            yield from order.rest()
            if not self._is_end(error):
                raise StreamLost(f"{self.name} {self._failure(error)}.", _CHECK) from error
        yield from order.rest()

    def _is_end(self, error: Exception) -> bool:
        """Whoever sends rtmp ends by hanging up, which is told as an input/output error."""
        hung_up = isinstance(error, OSError) and error.errno == errno.EIO
        return hung_up and self._address.scheme.startswith("rtmp")

    def _failure(self, error: Exception) -> str:
        stalled = isinstance(error, av.error.ExitError)
        return f"has sent nothing for {self._stall_limit:g} s" if stalled else "broke off"


def _open(address: Address, limits: tuple[float, float]) -> InputContainer:
    options: dict[str, str] = {}
    if address.scheme.startswith("rtsp"):
        listen = {"rtsp_flags": "listen", "listen_timeout": f"{LISTEN_LIMIT:.0f}"}
        options = listen if address.listen else {"rtsp_transport": "tcp"}
    elif address.listen:
        options = {"listen": "1"}
    return av.open(
        address.url,
        "r",
        options=STREAM_OPTIONS,
        container_options={"fpsprobesize": "0", **options},
        metadata_errors="replace",
        timeout=limits,
    )


def _is_finite(container: InputContainer) -> bool:
    """Whether what comes has a stated length: of time, or of bytes, of which a play list's own are
    none."""
    listed = any(name in _LISTS for name in container.format.name.split(","))
    return bool(container.duration) or (not listed and container.size > 0)


def _tracks(container: InputContainer, first: int) -> dict[int, Track]:
    streams = [choose_stream(container, kind) for kind in ("video", "audio")]
    found = [stream for stream in streams if stream is not None]
    demand_only(container, found)
    for stream in found:
        stream.codec_context.thread_type = ThreadType.SLICE  # frame threads hold pictures back
    origin = origin_of(container)
    return {stream.index: Track(stream, origin, first=first) for stream in found}
