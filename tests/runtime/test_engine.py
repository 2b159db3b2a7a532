"""The engine's one inbox: commands are carried out whatever the devices and the models do."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from kiosk.capture.live import DeviceSource
from kiosk.core.errors import CaptureError, DeviceMissing, ModelError, StorageError
from kiosk.core.events import Fault, VisitEvent
from kiosk.core.media import AudioChunk, Frame, SourceNotice
from kiosk.core.ports.capture import Source
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Publish, Visit
from kiosk.runtime.engine import Engine, VisitSetup
from tests.support.scripted import Script, scripted_models, two_enrolled

PROMPT = 0.1
"""Seconds within which a command must be carried out."""
PATIENCE = 60.0
"""Seconds a test waits for what it expects to happen at all."""


class PulledOut:
    """A device that gives one sample, and is then away for good."""

    def __init__(self, name: str, sample: Frame | AudioChunk) -> None:
        self.name = name
        self._left = [sample]
        self.closed = threading.Event()

    def open(self) -> None:
        if not self._left:
            raise DeviceMissing(f"{self.name} is gone.", "Plug it in.")

    def _read(self) -> Frame | AudioChunk:
        if not self._left:
            raise DeviceMissing(f"{self.name} is gone.", "Plug it in.")
        return self._left.pop()

    def close(self) -> None:
        self.closed.set()


class PulledCamera(PulledOut):
    def read(self) -> Frame | None:
        sample = self._read()
        assert isinstance(sample, Frame)
        return sample


class PulledMicrophone(PulledOut):
    def read(self) -> AudioChunk | None:
        sample = self._read()
        assert isinstance(sample, AudioChunk)
        return sample


class Running:
    """An engine and everything it published; ended by `close`."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        *,
        opening: Exception | None = None,
        loading: Exception | None = None,
    ) -> None:
        self.events: queue.Queue[VisitEvent] = queue.Queue()
        self.opening, self.loading = opening, loading
        self.open_source = open_source
        self.fed: queue.Queue[Frame | AudioChunk | SourceNotice] = queue.Queue()
        self.engine = Engine(self._prepare, self.events.put)
        self.engine.start()

    @contextmanager
    def _prepare(self, publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
        if self.opening is not None:
            raise self.opening

        def begin() -> VisitSetup:
            if self.loading is not None:
                raise self.loading
            models = scripted_models(Script())
            identifier = Identifier(models, two_enrolled(), Policy())
            return VisitSetup(self.open_source(), Visit(models, identifier, Settings(), publish))

        yield begin

    def faults(self, count: int) -> list[Fault]:
        """The next so many faults."""
        found: list[Fault] = []
        while len(found) < count:
            event = self.events.get(timeout=PATIENCE)
            found += [event] if isinstance(event, Fault) else []
        return found

    def waited(self) -> float:
        """Seconds until a command sent now is carried out: by the engine's own clock, so that what
        the test itself waits for a processor does not count."""
        done: queue.Queue[float] = queue.Queue()
        sent = time.monotonic()
        self.engine.send(lambda: done.put(time.monotonic()))
        return done.get(timeout=PATIENCE) - sent

    def require_prompt(self) -> None:
        """Every one of twenty commands is carried out in time. (Beside fourteen busy processes on
        two processors the longest of 3,000 waited 13 ms.)"""
        waited = [self.waited() for _ in range(20)]
        assert max(waited) <= PROMPT, f"commands waited, in seconds: {waited}"


Run = Callable[..., Running]


@pytest.fixture
def run() -> Iterator[Run]:
    made: list[Running] = []

    def make(
        open_source: Callable[[], Source],
        *,
        opening: Exception | None = None,
        loading: Exception | None = None,
    ) -> Running:
        made.append(Running(open_source, opening=opening, loading=loading))
        return made[-1]

    yield make
    for each in made:
        each.engine.stop()


def pulled_out() -> tuple[DeviceSource, PulledCamera, PulledMicrophone]:
    """A camera and a microphone that are both lost after one sample each."""
    camera = PulledCamera("The camera", Frame(np.full((2, 2, 3), 255, np.uint8), 0.0))
    sound = AudioChunk(np.zeros(640, np.float32), 16_000, 0.0)
    microphone = PulledMicrophone("The microphone", sound)
    return DeviceSource(camera, microphone), camera, microphone


def test_with_every_device_lost_a_command_is_carried_out_at_once(run: Run) -> None:
    source, _, _ = pulled_out()
    running = run(lambda: source)
    assert {fault.text for fault in running.faults(2)} == {
        "The camera is gone.",
        "The microphone is gone.",
    }
    running.require_prompt()


def test_stopping_an_engine_whose_devices_are_lost_closes_them(run: Run) -> None:
    source, camera, microphone = pulled_out()
    running = run(lambda: source)
    running.faults(2)
    camera.closed.clear()
    microphone.closed.clear()
    running.engine.stop()
    assert source.closed
    assert camera.closed.is_set()
    assert microphone.closed.is_set()


class Endless:
    """A source that gives pictures of nobody as fast as they are asked for, and counts them."""

    live = False
    dropped = 0
    lost_sound = 0.0
    preview = None

    def __init__(self) -> None:
        self.given = 0
        self.ended = threading.Event()

    def events(self) -> Iterator[Frame | AudioChunk | SourceNotice]:
        while not self.ended.is_set():
            self.given += 1
            yield Frame(np.full((2, 2, 3), 255, np.uint8), self.given / 25)

    def close(self) -> None:
        self.ended.set()

    def __enter__(self) -> Endless:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_commands_overtake_what_the_source_has_to_give(run: Run) -> None:
    running = run(Endless)
    running.events.get(timeout=PATIENCE)
    running.require_prompt()


def test_a_recording_is_not_read_ahead_of_the_visit(run: Run) -> None:
    source = Endless()
    running = run(lambda: source)
    running.events.get(timeout=PATIENCE)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go_on.wait(PATIENCE)

    running.engine.send(hold)
    assert held.wait(PATIENCE)
    given = source.given
    taken = running.events.qsize() + 1
    go_on.set()
    assert given - taken <= 1


@pytest.mark.parametrize(
    ("where", "error", "code"),
    [
        ("opening", StorageError("The gallery is damaged.", "Restore it."), "StorageError"),
        ("opening", ZeroDivisionError("a bug"), "BugError"),
        ("loading", ModelError("The weights are missing.", "Fetch them."), "ModelError"),
        ("loading", ZeroDivisionError("a bug"), "BugError"),
    ],
)
def test_commands_are_carried_out_although_nothing_could_be_prepared(
    run: Run, where: str, error: Exception, code: str
) -> None:
    running = run(Endless, **{where: error})
    [fault] = running.faults(1)
    assert fault.code == code
    assert "a bug" not in fault.text
    running.require_prompt()


def test_a_source_that_cannot_begin_is_a_fault_and_commands_go_on(run: Run) -> None:
    class Broken(Endless):
        def events(self) -> Iterator[Frame | AudioChunk | SourceNotice]:
            raise CaptureError("No camera.", "Plug one in.")

    running = run(Broken)
    [fault] = running.faults(1)
    assert (fault.text, fault.code) == ("No camera.", "CaptureError")
    running.require_prompt()


def test_a_command_that_fails_is_a_fault_and_the_next_is_carried_out(run: Run) -> None:
    running = run(Endless)

    def fail() -> None:
        raise ZeroDivisionError

    running.engine.send(fail)
    [fault] = running.faults(1)
    assert fault.code == "BugError"
    running.require_prompt()
    assert running.events.get(timeout=PATIENCE) is not None  # and pictures are still looked at


def test_commands_sent_before_the_start_are_carried_out_in_their_order(run: Run) -> None:
    done: queue.Queue[int] = queue.Queue()
    running = run(Endless)
    for number in range(50):
        running.engine.send(lambda number=number: done.put(number))  # type: ignore[misc]
    assert [done.get(timeout=PATIENCE) for _ in range(50)] == list(range(50))


def test_no_thread_is_left_although_a_source_ended_by_itself(run: Run) -> None:
    source = Endless()
    running = run(lambda: source)
    running.events.get(timeout=PATIENCE)
    source.close()
    while running.faults(1)[0].code != "SourceEnded":
        pass
    running.require_prompt()
    running.engine.stop()
    assert not [each for each in threading.enumerate() if each.name.startswith("kiosk-engine")]


def test_refused_memory_is_named_and_commands_go_on(run: Run) -> None:
    running = run(Endless)
    running.engine.send(lambda: np.empty(1 << 60, np.uint8))  # type: ignore[arg-type]
    [fault] = running.faults(1)
    assert (fault.code, fault.text) == ("MemoryRefused", "There is not enough memory.")
    running.require_prompt()


def test_an_event_that_fails_ends_the_source_and_commands_go_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(visit: Visit, event: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Visit, "feed", fail)
    source = Endless()
    running = run(lambda: source)
    [fault] = running.faults(1)
    assert fault.code == "BugError"
    running.require_prompt()
    assert source.ended.is_set()
