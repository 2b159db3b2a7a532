"""What live sources promise: newest frame, all sound, lost and back, an end when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from kiosk.capture.base import BaseSource, Event, Sample
from kiosk.capture.clock import WallClock, delays
from kiosk.capture.exchange import Exchange
from kiosk.capture.live import DeviceSource, LiveSource, Paced, Supervisor, Worker
from kiosk.capture.media import MediaSource
from kiosk.core.errors import (
    CaptureError,
    DeviceForbidden,
    DeviceMissing,
    DeviceSilent,
    InputError,
)
from kiosk.core.media import AudioChunk, Frame, Modality, NoticeKind, SourceNotice
from tests.support.recordings import frames, make_clip, notices, sounds
from tests.support.servers import TurnedClock, collect

NOTICE = SourceNotice(NoticeKind.LOST, "gone")
MISSING = DeviceMissing("It is gone.", "Plug it in.")
SILENT = DeviceSilent("It is silent.", "Switch it on.")


def picture(time: float) -> Frame:
    return Frame(np.zeros((1, 1, 3), np.uint8), time)


def sound(time: float) -> AudioChunk:
    return AudioChunk(np.zeros(100, np.float32), 1000, time)


def test_newest_frame_replaces_the_one_nobody_took() -> None:
    exchange = Exchange(producers=1)
    assert [exchange.put(picture(time)) for time in (0, 1, 2)] == [False, True, True]
    exchange.finish()
    taken = exchange.get()
    assert isinstance(taken, Frame)
    assert taken.time == 2
    assert exchange.get() is None


def test_sound_is_never_dropped_and_order_is_by_time() -> None:
    exchange = Exchange(producers=1)
    given: list[Event] = [sound(0), sound(1), NOTICE, sound(2), picture(0.5)]
    for event in given:
        exchange.put(event)
    exchange.finish()
    taken = [exchange.get() for _ in range(6)]
    assert taken == [given[0], given[4], given[1], NOTICE, given[3], None]


def test_sound_that_nobody_took_for_too_long_gives_way_to_newer() -> None:
    exchange = Exchange(producers=1, sound_limit=1.0)
    for tenth in range(25):  # chunks of a tenth of a second
        exchange.put(sound(tenth / 10))
    exchange.put(NOTICE)
    exchange.finish()
    kept = list(iter(exchange.get, None))
    assert kept[-1] is NOTICE
    times = [event.time for event in kept if isinstance(event, AudioChunk)]
    assert times == pytest.approx([tenth / 10 for tenth in range(15, 25)])
    assert exchange.lost_sound == pytest.approx(1.5)


def test_failure_of_a_producer_comes_after_what_it_delivered() -> None:
    exchange = Exchange(producers=2)
    exchange.put(sound(0))
    exchange.finish(MISSING)
    assert isinstance(exchange.get(), AudioChunk)
    with pytest.raises(DeviceMissing):
        exchange.get()


def test_all_producers_must_finish() -> None:
    exchange = Exchange(producers=2)
    exchange.finish()
    exchange.put(sound(0))
    assert isinstance(exchange.get(), AudioChunk)
    exchange.finish()
    assert exchange.get() is None


def test_delays_double_up_to_a_limit() -> None:
    assert list(islice(delays(), 6)) == [0.5, 1, 2, 4, 5, 5]


class ScriptedDevice:
    """Does what its script says, each time it is opened or read."""

    name = "The device"

    def __init__(self, *script: str | Sample | Exception | None) -> None:
        self.script = list(script)
        self.opened = False

    def open(self) -> None:
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        assert step == "open"
        self.opened = True

    def read(self) -> Sample | None:
        assert self.opened
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        assert not isinstance(step, str)
        return step

    def close(self) -> None:
        self.opened = False


class ForbiddenDevice(ScriptedDevice):
    """Can never be opened, however often that is tried."""

    def open(self) -> None:
        raise DeviceForbidden("It is forbidden.", "Allow it.")


class ScriptedSource(LiveSource):
    def __init__(self, device: ScriptedDevice, reconnect: bool = True) -> None:
        self.turned = TurnedClock()
        super().__init__(self.turned)
        self.device = device
        self.reconnect = reconnect

    def workers(self) -> dict[str, Worker]:
        return {"kiosk-test": Supervisor(self.device, self, self.reconnect).run}


def test_device_that_goes_away_is_lost_once_and_restored_with_its_first_sample() -> None:
    device = ScriptedDevice(
        *("open", sound(0), MISSING, MISSING, MISSING, "open", MISSING, "open", sound(1), None)
    )
    source = ScriptedSource(device)
    events = list(source.events())
    assert [type(event) for event in events] == [AudioChunk, SourceNotice, SourceNotice, AudioChunk]
    assert notices(events)[0] == SourceNotice(
        NoticeKind.LOST, "It is gone.", "Plug it in.", code="DeviceMissing"
    )
    assert notices(events)[1].kind is NoticeKind.RESTORED
    assert source.turned.waits == [0.5, 1, 2, 4]
    assert not device.opened


def test_devices_missing_at_the_start_are_told_and_tried_again_each_by_itself() -> None:
    """A walk-up kiosk that is switched on before its camera, and never gets its microphone."""
    camera = ScriptedDevice(MISSING, MISSING, MISSING, "open", picture(1), picture(2), None)
    microphone = ForbiddenDevice()
    clock = TurnedClock()
    source = DeviceSource(camera, microphone, awaited=True, clock=clock)  # type: ignore[arg-type]

    def both_told(events: list[Event]) -> bool:
        return len(notices(events)) == 3

    told = notices(collect(source, both_told))
    assert {(n.kind, n.modality, n.code) for n in told} == {
        (NoticeKind.LOST, Modality.FACE, "DeviceMissing"),
        (NoticeKind.LOST, Modality.VOICE, "DeviceForbidden"),
        (NoticeKind.RESTORED, Modality.FACE, ""),
    }
    assert sorted(clock.waits)[:2] == [0.5, 0.5]
    assert max(clock.waits) <= 5


def test_back_off_begins_anew_after_success() -> None:
    device = ScriptedDevice(
        *("open", sound(0), MISSING, "open", sound(1), MISSING, "open", sound(2), None)
    )
    source = ScriptedSource(device)
    assert len(notices(source.events())) == 4
    assert source.turned.waits == [0.5, 0.5]


def test_short_silence_does_not_open_the_device_again() -> None:
    device = ScriptedDevice("open", sound(0), SILENT, SILENT, sound(1), None)
    source = ScriptedSource(device)
    kinds = [notice.kind for notice in notices(source.events())]
    assert kinds == [NoticeKind.LOST, NoticeKind.RESTORED]
    assert source.turned.waits == []


def test_long_silence_opens_the_device_again() -> None:
    device = ScriptedDevice("open", sound(0), *[SILENT] * 5, "open", sound(1), None)
    source = ScriptedSource(device)
    assert len(notices(source.events())) == 2
    assert source.turned.waits == [0.5]


@pytest.mark.parametrize("script", [[MISSING], ["open", MISSING], ["open", SILENT]])
def test_failure_before_the_first_sample_is_raised(script: list[str | CaptureError]) -> None:
    with pytest.raises(CaptureError) as caught:
        list(ScriptedSource(ScriptedDevice(*script)).events())
    assert caught.value is script[-1]


def test_without_reconnecting_the_loss_is_raised() -> None:
    source = ScriptedSource(ScriptedDevice("open", sound(0), MISSING), reconnect=False)
    events = source.events()
    assert isinstance(next(events), AudioChunk)
    with pytest.raises(DeviceMissing):
        next(events)


def test_paced_recording_takes_its_own_time(tmp_path: Path) -> None:
    clock = TurnedClock()
    source = Paced(MediaSource(make_clip(tmp_path / "clip.mp4", seconds=2)), clock=clock)
    shown: list[Frame] = []
    source.preview = shown.append
    events = list(source.events())
    assert source.live
    assert clock.now - 100 == pytest.approx(2, abs=0.06)
    assert len(shown) == 50
    assert len(frames(events)) + source.dropped == 50
    assert sum(chunk.seconds for chunk in sounds(events)) == pytest.approx(2, abs=0.05)


def test_paced_recording_keeps_real_time(tmp_path: Path) -> None:
    clock = WallClock()
    source = Paced(MediaSource(make_clip(tmp_path / "clip.mp4", seconds=0.6)), clock=clock)
    begun = clock.monotonic()
    late = [
        clock.monotonic() - begun - event.time
        for event in source.events()
        if isinstance(event, Frame)
    ]
    assert len(late) + source.dropped == 15
    assert min(late) > -0.001
    assert np.median(late) < 0.3


def test_bad_recording_is_told_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"bad")
    with pytest.raises(InputError):
        list(Paced(MediaSource(tmp_path / "bad.mp4")).events())


def test_worker_that_breaks_is_told_to_the_reader() -> None:
    def break_down(frame: Frame) -> None:
        raise ZeroDivisionError

    source = ScriptedSource(ScriptedDevice("open", picture(0)))
    source.preview = break_down
    with pytest.raises(ZeroDivisionError):
        list(source.events())


class Endless(BaseSource):
    """A recording without end, the next sample an hour away."""

    def __init__(self) -> None:
        super().__init__()
        self.began = threading.Event()

    def events(self) -> Iterator[Event]:
        yield picture(0)
        self.began.set()
        yield picture(3600)

    def close(self) -> None:
        pass


def test_close_from_another_thread_wakes_the_reader() -> None:
    recording = Endless()
    source = Paced(recording)

    def close_once_begun() -> None:
        assert recording.began.wait(60)
        source.close()

    closer = threading.Thread(target=close_once_begun)
    closer.start()
    assert len(list(source.events())) == 1
    closer.join(5)
    assert not closer.is_alive()
    assert list(source.events()) == []


@pytest.mark.parametrize("make", [lambda: Paced(Endless()), lambda: DeviceSource()])
def test_close_before_anything_begins(make: Callable[[], BaseSource]) -> None:
    source = make()
    source.close()
    assert list(source.events()) == []


def test_stopped_clock_does_not_wait() -> None:
    clock = WallClock()
    assert not clock.wait(0)
    clock.stop()
    assert clock.wait(3600)
