"""Sources that run by themselves: devices, and recordings played at their own speed."""

from __future__ import annotations

import logging
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol

from kiosk.capture.base import BaseSource, Event, Sample
from kiosk.capture.clock import StoppableClock, WallClock, delays
from kiosk.capture.exchange import Exchange
from kiosk.core.errors import CaptureError, DeviceSilent
from kiosk.core.media import AudioChunk, Modality, NoticeKind, SourceNotice
from kiosk.core.ports.capture import (
    Camera,
    Microphone,
    Source,
    begin_of,
    is_recorded,
    length_of,
)
from kiosk.core.redaction import log_failure

JOIN_LIMIT = 5.0
"""Seconds `close` waits for the capture threads."""
SILENT_READS = 5
"""Silent reads in a row after which a device is opened afresh."""

Worker = Callable[[], None]
_log = logging.getLogger(__name__)


class LiveSource(BaseSource):
    """Runs named workers on threads of their own and hands on what they deliver."""

    live = True
    patient = False
    """Whether a worker waits until what it delivered was taken, as what is recorded can."""

    def __init__(self, clock: StoppableClock | None = None, join_limit: float = JOIN_LIMIT) -> None:
        super().__init__()
        self.clock = clock or WallClock()
        self._join_limit = join_limit
        self._threads: list[threading.Thread] = []
        self._exchange: Exchange | None = None
        self._closed = False
        self._lock = threading.Lock()

    @abstractmethod
    def workers(self) -> dict[str, Worker]:
        """Thread name -> what runs on it until the source is closed."""

    def events(self) -> Iterator[Event]:
        """See `Source.events`; the threads run from here until the end or `close`."""
        exchange = self._start()
        try:
            while exchange is not None and (event := exchange.get()) is not None:
                yield event
        finally:
            self.close()

    def close(self) -> None:
        """Wake `events`, stop the threads, wait for them a limited time."""
        with self._lock:
            self._closed = True
        self.clock.stop()
        if self._exchange is not None:
            self._exchange.close()
        others = [thread for thread in self._threads if thread is not threading.current_thread()]
        until = time.monotonic() + self._join_limit
        while any(thread.is_alive() for thread in others) and time.monotonic() < until:
            self.wake()
            for thread in others:
                thread.join(0.2)

    def wake(self) -> None:
        """End a wait of a worker that the clock does not govern."""

    @property
    def closed(self) -> bool:
        """Whether workers should end."""
        return self._closed

    def deliver(self, event: Event) -> None:
        """From a worker: preview, then the exchange."""
        self.show(event)
        assert self._exchange is not None
        self.dropped += self._exchange.put(event, patient=self.patient)
        self.lost_sound = self._exchange.lost_sound

    def _start(self) -> Exchange | None:
        with self._lock:
            if self._closed:
                return None
            workers = self.workers()
            exchange = self._exchange = Exchange(len(workers))
            self._threads = [
                threading.Thread(target=_run, args=(work, exchange), name=name, daemon=True)
                for name, work in workers.items()
            ]
            for thread in self._threads:
                thread.start()
            return exchange


def _run(work: Worker, exchange: Exchange) -> None:
    try:
        work()
    except Exception as error:  # a worker's failure belongs to whoever reads events()
        log_failure(_log, "Capture ended by %s.", error)
        exchange.finish(error)
    else:
        exchange.finish()


class Device(Protocol):
    """What can be opened, read and closed, and opened again."""

    name: str

    def open(self) -> None:
        """Raises CaptureError."""

    def read(self) -> Sample | None:
        """The next sample, None at the end. Raises CaptureError."""

    def close(self) -> None:
        """Closing twice is allowed."""


class Supervisor:
    """Reads one device for a source, and opens it again with back-off when it goes away.

    A device that fails before its first sample raises its error: a wrong name should be heard at
    once. Later failures give a LOST notice, the first sample after them a RESTORED one; without
    `reconnect` they are raised. With `awaited` the first failure is like a later one. Notices say
    of which `modality` the device is.
    """

    def __init__(
        self,
        device: Device,
        source: LiveSource,
        reconnect: bool = True,
        *,
        awaited: bool = False,
        modality: Modality | None = None,
    ) -> None:
        self._device = device
        self._modality = modality
        self._source = source
        self._reconnect = reconnect
        self._delivered = awaited
        self._lost = False
        self._waits = delays()

    def run(self) -> None:
        """Until the device ends or the source is closed."""
        try:
            self._begin()
            while not self._source.closed:
                try:
                    if not self._pump():
                        return
                except CaptureError as error:
                    self._report(error)
                    self._reopen()
        finally:
            self._device.close()

    def _begin(self) -> None:
        try:
            self._device.open()
        except CaptureError as error:
            self._report(error)
            self._reopen()
        else:
            _log.info("A device is open.")  # which one the name of the thread says

    def _pump(self) -> bool:
        """Deliver until closed (True) or the device's end (False)."""
        silent = 0
        while not self._source.closed:
            try:
                sample = self._device.read()
            except DeviceSilent as error:
                silent += 1
                if silent >= SILENT_READS:
                    raise
                self._report(error)
                continue
            if sample is None:
                return False
            silent = 0
            self._restored()
            self._source.deliver(sample)
        return True

    def _report(self, error: CaptureError) -> None:
        if not self._delivered or not self._reconnect:
            raise error
        if not self._lost and not self._source.closed:
            self._lost = True
            _log.warning("A device is lost: %s.", error)
            code = type(error).__name__
            told = SourceNotice(NoticeKind.LOST, error.text, error.remedy, self._modality, code)
            self._source.deliver(told)

    def _restored(self) -> None:
        self._delivered = True
        if self._lost:
            self._lost = False
            _log.info("A device is back.")
            self._waits = delays()
            text = f"{self._device.name} is back."
            told = SourceNotice(NoticeKind.RESTORED, text, modality=self._modality)
            self._source.deliver(told)

    def _reopen(self) -> None:
        while True:
            self._device.close()
            if self._source.clock.wait(next(self._waits)) or self._source.closed:
                return
            try:
                self._device.open()
            except CaptureError as error:
                self._report(error)
            else:
                return


class DeviceSource(LiveSource):
    """A camera, a microphone, or both, on the machine's monotonic clock.

    `awaited` ones need not be there at the start: what is missing is told as LOST and tried again,
    and the other works meanwhile.
    """

    def __init__(
        self,
        camera: Camera | None = None,
        microphone: Microphone | None = None,
        *,
        awaited: bool = False,
        clock: StoppableClock | None = None,
    ) -> None:
        super().__init__(clock)
        self._awaited = awaited
        self._camera = camera
        self._microphone = microphone

    def workers(self) -> dict[str, Worker]:
        """A thread for each device; the microphone's only empties the ring its callback fills."""
        devices: dict[str, tuple[Device | None, Modality]] = {
            "kiosk-camera": (self._camera, Modality.FACE),
            "kiosk-microphone": (self._microphone, Modality.VOICE),
        }
        return {
            name: Supervisor(device, self, awaited=self._awaited, modality=modality).run
            for name, (device, modality) in devices.items()
            if device is not None
        }


class Paced(LiveSource):
    """A recording played at its own speed as if it were live: frames nobody takes are dropped.

    Screens and tests use recordings through it exactly like a camera. Times stay the recording's.
    """

    def __init__(self, source: Source, *, clock: StoppableClock | None = None) -> None:
        super().__init__(clock)
        self._source = source

    @property
    def recorded(self) -> bool:  # type: ignore[override]
        """As what is played."""
        return is_recorded(self._source)

    @property
    def length(self) -> float | None:  # type: ignore[override]
        """As what is played."""
        return length_of(self._source)

    @property
    def begins(self) -> float:  # type: ignore[override]
        """As what is played."""
        return begin_of(self._source)

    def workers(self) -> dict[str, Worker]:
        """One thread that reads ahead by one sample."""
        return {"kiosk-player": self._play}

    def wake(self) -> None:
        """Stop reading the recording."""
        self._source.close()

    def _play(self) -> None:
        start = self.clock.monotonic()
        with self._source:
            for event in self._source.events():
                due = start + _due(event) - self.clock.monotonic()
                if due > 0 and self.clock.wait(due):
                    return
                if self.closed:
                    return
                self.deliver(event)


def _due(event: Event) -> float:
    """When a live device would deliver this: sound once its last sample was heard."""
    if isinstance(event, SourceNotice):
        return 0.0
    return event.time + (event.seconds if isinstance(event, AudioChunk) else 0.0)
