"""The screens with the engine at work: pauses of the GUI thread, preview, start, memory.

The people are those of assets/demo, who do not exist. Windows are drawn offscreen, which costs the
processor more than a graphics card's window does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from kiosk.capture.base import BaseSource, Event
from kiosk.capture.clock import WallClock
from kiosk.capture.live import Paced
from kiosk.core.media import Frame
from kiosk.core.ports.capture import Source
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from kiosk.runtime.composition import EngineListeners
from kiosk.runtime.host import kilobytes
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.ui.app import WalkUpApp
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.toolkit.qt_gc import GuiGarbage
from kiosk.ui.visitor.walkup import LIVE, RESULTS, Page
from tools.benchmarks import Result

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "assets" / "demo"
ENROLLED, CLIPS = "noeul-1.mp4", ("noeul-2.mp4", "gureum-2.mp4", "garam-1.mp4")
SIZE = QSize(1080, 1920)
BEAT_MS = 4
CAMERA_FPS = 30.0
VISITS, EVERY, WARM = 1000, 50, 200
LIMIT_SECONDS = 120.0


def run() -> Iterator[Result]:
    """All figures, one after the other."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    yield _start()
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication([])
    garbage = GuiGarbage()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database=Path(folder) / "g.db",
            key_file=Path(folder) / "keys" / "g.key",
            start="walk_up",
            prompts=False,
        )
        _enrol(settings)
        yield from _heartbeat(settings)
        yield from _preview(settings)
    yield from _memory(qt)
    garbage.close()


# --- with the real engine ------------------------------------------------------------------------


def _enrol(settings: Settings) -> None:
    with composition.open_workbench(settings) as bench:
        bench.collector.read(composition.open_source(settings, str(DEMO / ENROLLED)))
        bench.enroller.enrol("demo", bench.collector.collected, "file")


@dataclass
class Shown:
    """A running kiosk and what is counted of it."""

    app: WalkUpApp
    mailbox: Mailbox
    metrics: RuntimeMetrics

    def until(self, pages: set[Page]) -> None:
        """Turn the event loop until one of these pages is shown."""
        loop, ended = QEventLoop(), time.monotonic() + LIMIT_SECONDS
        while self.app.model.view.page not in pages and time.monotonic() < ended:
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if self.app.model.view.page not in pages:
            raise RuntimeError(f"no page of {pages} within {LIMIT_SECONDS} s")


@contextmanager
def _shown(settings: Settings, source: Source) -> Iterator[Shown]:
    mailbox, client, metrics = Mailbox(), GalleryClient(), RuntimeMetrics()

    def opened() -> Source:
        source.preview = metrics.shown(mailbox.put)
        return source

    factory = composition.engine_factory(
        settings, opened, EngineListeners(gallery=client.attach), metrics
    )
    app = WalkUpApp(factory, settings, mailbox, client, WallClock())
    app.show(SIZE)
    try:
        yield Shown(app, mailbox, metrics)
    finally:
        app.close()


class Heart(QObject):
    """Beats on the GUI thread; a beat that comes late was held up. What the thread waited for a
    processor that others had is known apart (Linux counts it)."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[tuple[float, float]] = []
        self._count = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._last: tuple[float, float] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beat)
        self._timer.start(BEAT_MS)

    @Slot()
    def beat(self) -> None:
        """Count from the beat before."""
        now = time.perf_counter(), self._waited()
        if self._last is not None:
            pause, waited = (1000 * (new - old) for new, old in zip(now, self._last, strict=True))
            self.pauses.append((pause, max(0.0, pause - waited)))
        self._last = now

    def _waited(self) -> float:
        """Seconds this thread was ready and had no processor, since it began."""
        return int(self._count.read_text().split()[1]) / 1e9

    def stop(self) -> list[tuple[float, float]]:
        """Milliseconds between beats, all and without the wait for a processor."""
        self._timer.stop()
        return self.pauses


def _heartbeat(settings: Settings) -> Iterator[Result]:
    """From the first face to the result, over three visits at their own speed."""
    pauses: list[tuple[float, float]] = []
    for clip in CLIPS:
        source = composition.open_source(settings, str(DEMO / clip), realtime=True)
        with _shown(settings, source) as kiosk:
            kiosk.until(LIVE | RESULTS)
            heart = Heart()
            kiosk.until(RESULTS)
            pauses += heart.stop()
    everything, own = np.array(pauses).T
    for name, found in (("", everything), (", processor waits left out", own)):
        yield Result(f"longest pause of the GUI thread{name}", float(found.max()), "ms")
        p999 = float(np.percentile(found, 99.9))
        yield Result(f"pause that 1 beat in 1000 exceeds{name}", p999, "ms")
        yield Result(f"beats later than 30 ms{name}", 100 * float((found > 30).mean()), "%")


class Camera(BaseSource):
    """The pictures of a recording over and over, at a camera's rate, without sound."""

    def __init__(self, clip: Path) -> None:
        super().__init__()
        events = composition.open_source(Settings(), str(clip)).events()
        self._frames = [event for event in events if isinstance(event, Frame)]
        self._closed = False

    def events(self) -> Iterator[Event]:
        """Forward and backward, so that nothing jumps."""
        number = 0
        around = [*self._frames, *self._frames[-2:0:-1]]
        while not self._closed:
            frame = around[number % len(around)]
            yield replace(frame, time=number / CAMERA_FPS, index=number)
            number += 1

    def close(self) -> None:
        """Stop."""
        self._closed = True


def _preview(settings: Settings) -> Iterator[Result]:
    """Pictures drawn a second while the engine looks, against those the camera gives."""
    waiting = replace(settings, good_frames=50, speech_limit=60.0)
    with _shown(waiting, Paced(Camera(DEMO / CLIPS[0]))) as kiosk:
        kiosk.until(LIVE)
        camera_preview = kiosk.app.window.camera_preview
        taken = [0]
        take = kiosk.mailbox.take

        def counted() -> Frame | None:
            frame = take()
            taken[0] += frame is not None
            return frame

        kiosk.mailbox.take = counted  # type: ignore[method-assign]
        began, loop = time.perf_counter(), QEventLoop()
        painted = camera_preview.painted
        while (seconds := time.perf_counter() - began) < 5.0:
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        rate = taken[0] / seconds
        pulse = kiosk.metrics.pulse()
        drawn = (camera_preview.painted - painted) / seconds
    source = pulse.source_rate or 0.0
    yield Result("different pictures previewed a second", rate, "/s", "source rate", rate / source)
    yield Result("pictures drawn a second, outline included", drawn, "/s")
    yield Result("pictures looked at a second by the engine", pulse.taken_rate or 0.0, "/s")


# --- start ---------------------------------------------------------------------------------------

_CHILD = """
import sys, time
began = float(sys.argv[1])
from PySide6.QtCore import QEvent, QObject
from kiosk.ui import app
class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint:
            print(time.time() - began, flush=True)
            watched.removeEventFilter(self)
        return False
show = app.WalkUpApp.show
def shown(self, size):
    self.eye = Eye()
    self.window.welcome.installEventFilter(self.eye)
    show(self, size)
app.WalkUpApp.show = shown
sys.argv = ["kiosk", "--windowed", "--source", sys.argv[2]]
from kiosk.cli.main import main
main()
"""


def _start() -> Result:
    """A new process from nothing to the first picture of the first screen, models behind it."""
    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {
                "KIOSK_DATABASE": f"{folder}/g.db",
                "KIOSK_KEY_FILE": f"{folder}/keys/g.key",
                "XDG_CONFIG_HOME": folder,
            }
            began = time.time()
            child = subprocess.Popen(
                [sys.executable, "-c", _CHILD, str(began), str(DEMO / CLIPS[0])],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=ROOT,
            )
            assert child.stdout is not None
            times.append(float(child.stdout.readline()))
            child.kill()
            child.wait()
            child.stdout.close()
    return Result("start to the first screen, models behind it, median of 3", _median(times), "s")


def _median(values: list[float]) -> float:
    return statistics.median(values)


# --- memory --------------------------------------------------------------------------------------


def _memory(qt: QApplication) -> Iterator[Result]:
    """Whole visits through engine, bridge and screen with scripted recognisers, one after the
    other; the slope is that of the visits after the first ones."""
    from kiosk.core.scoring import Policy
    from kiosk.recognition.identification import Identifier
    from kiosk.recognition.visit import Publish, Visit
    from kiosk.runtime.engine import Engine, VisitSetup
    from tests.support.played_source import PlayedSource
    from tests.support.scripted import (
        FPS,
        NOBODY,
        Script,
        picture,
        scripted_models,
        sound,
        two_enrolled,
    )

    script, source, mailbox = Script(), PlayedSource(), Mailbox()
    source.preview = mailbox.put
    settings = Settings(start="walk_up", motion="reduced", language="en")

    @contextmanager
    def prepare(publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
        models = scripted_models(script)
        identifier = Identifier(models, two_enrolled(), Policy())
        yield lambda: VisitSetup(source, Visit(models, identifier, settings, publish))

    app = WalkUpApp(
        lambda publish: Engine(prepare, publish), settings, mailbox, GalleryClient(), WallClock()
    )
    app.show(QSize(540, 960))
    loop, memory, clock = QEventLoop(), [], 0.0
    for number in range(VISITS):
        for who, says, seconds in ((number % 2, number % 2 + 1, 3.4), (NOBODY, 0, 2.2)):
            for _ in range(round(seconds * FPS)):
                source.put(picture(who, clock))
                source.put(sound(says, clock))
                clock += 1 / FPS
        heard = source.mark()
        ended = time.monotonic() + LIMIT_SECONDS
        while not heard.is_set() and time.monotonic() < ended:
            loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if number % EVERY == EVERY - 1:
            qt.processEvents()
            memory.append((number + 1, (kilobytes(Path("/proc/self/status"), "VmRSS") or 0) / 1e6))
    app.close()
    visits, megabytes = np.array([each for each in memory if each[0] > WARM]).T
    slope = float(np.polyfit(visits, megabytes, 1)[0])
    yield Result(f"memory gained a visit, visits {WARM} to {VISITS}", 1000 * slope, "kB")
    yield Result("memory after the last visit", float(megabytes[-1]), "MB")
