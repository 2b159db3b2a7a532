"""Many visits one after the other, with faults drawn at random: does anything grow?

Networks, visit, engine, gallery and record are the real ones; camera and microphone are the demo
recordings, looked at as fast as the machine can. Time is made to go three minutes a visit, so that
what is kept for a day comes and goes. `python -m tools.benchmarks soak --visits N --seconds S`
ends after either; figures go to build/soak.json and a plot to build/soak.png.
"""

from __future__ import annotations

import contextlib
import json
import random
import resource
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import DecisionOutcome
from kiosk.core.errors import KioskError
from kiosk.core.events import Fault, VisitDecision, VisitEnded, VisitEvent
from kiosk.core.media import AudioChunk, Frame, NoticeKind, SourceNotice
from kiosk.core.ports.capture import FrameListener, Source
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Publish, Visit
from kiosk.recognition.visit_log import LenientLog, VisitLog
from kiosk.runtime import composition
from kiosk.runtime.engine import Engine, VisitSetup
from kiosk.runtime.policy import policy
from tools.benchmarks import Note, Result
from tools.demo import ROOT, load_people

VISITS = 10_000
FRAMES = 5
FRAME_EVERY = 0.13
SPEAKS_EVERY = 4
"""Of so many visitors one speaks as well."""
EMPTY = (1.0, 6)
"""Seconds between two pictures of an empty place, and how many, after each visit."""
A_VISIT = timedelta(minutes=3)
BURN_IN = 0.2
"""Share of a run in which everything finds its size."""
FAULT_SHARE = 0.1
RESTART_EVERY = 250
PATIENCE = 120.0


@dataclass(frozen=True)
class Sample:
    """What was in use after a visit. `answer` is the processor time of the visit in seconds."""

    visit: int
    memory_mb: float
    handles: int
    threads: int
    database_kb: float
    answer: float


class WorldClock:
    """The time of the visits, which goes on by itself and jumps when told to."""

    def __init__(self) -> None:
        self._begin = datetime(2027, 1, 1, tzinfo=UTC)
        self._gone = timedelta()
        self.jump = timedelta()

    def go_on(self) -> None:
        """A visit later."""
        self._gone += A_VISIT

    def now(self) -> datetime:
        """What the wall says."""
        return self._begin + self._gone + self.jump

    def moment(self) -> Moment:
        """What nobody can set."""
        return Moment("soak", self._gone.total_seconds())


@dataclass(frozen=True)
class Clip:
    """A recording, decoded once."""

    name: str
    stranger: bool
    frames: list[Frame]
    sound: list[AudioChunk]


class Place(Source):
    """A source: whoever is put before it is seen for a second or two."""

    live = False
    dropped = 0
    lost_sound = 0.0
    preview: FrameListener | None = None

    def __init__(self, begin: float, let_go: Callable[[], None]) -> None:
        self.time = begin
        self._let_go = let_go
        self._wanted: SimpleQueue[list[Frame | AudioChunk | SourceNotice] | None] = SimpleQueue()

    def show(self, clip: Clip, *, speaks: bool, lost: str | None) -> None:
        """One visit, and an empty place after it."""
        events: list[Frame | AudioChunk | SourceNotice] = []
        if lost is not None:
            events.append(SourceNotice(NoticeKind.LOST, f"The {lost} is gone.", "Plug it in."))
            events.append(SourceNotice(NoticeKind.RESTORED, f"The {lost} is back."))
        start = self.time
        pictures = [
            replace(frame, time=start + FRAME_EVERY * number)
            for number, frame in enumerate(clip.frames)
        ]
        words = clip.sound if speaks else []
        heard = [replace(chunk, time=start + chunk.time) for chunk in words]
        seen: list[Frame | AudioChunk] = [*pictures, *heard]
        seen.sort(key=lambda event: event.time)
        end = seen[-1].time
        events += seen
        black = np.zeros_like(clip.frames[0].image)
        gap, count = EMPTY
        events += [Frame(black, end + gap * (n + 1), 0) for n in range(count)]
        self.time = end + gap * (count + 1)
        self._wanted.put(events)

    def events(self) -> Iterator[Frame | AudioChunk | SourceNotice]:
        """Implements Source."""
        while (some := self._wanted.get()) is not None:
            yield from some

    def close(self) -> None:
        """Implements Source. The engine lets a source go at its end, and when it cannot go on."""
        self._wanted.put(None)
        self._let_go()

    def __exit__(self, *_: object) -> None:
        self.close()


class Soak:
    """One run: `counted` is what happened, `samples` what was in use."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - faults, not secrets
        self.settings = replace(
            Settings(),
            database=folder / "data" / "gallery.db",
            key_file=folder / "key" / "gallery.key",
            keep_days=1,
            keep_probes=True,
            liveness="off",
        )
        self.models = composition.build_models(self.settings)
        self.clips = [_decoded(person.name, person.stranger, person.probe) for person in PEOPLE]
        self.clock = WorldClock()
        self.counted: Counter[str] = Counter()
        self.samples: list[Sample] = []
        self.faults: Counter[str] = Counter()
        self._ended: SimpleQueue[str | None] = SimpleQueue()
        self._enrol()

    def _enrol(self) -> None:
        with composition.open_gallery(self.settings) as gallery:
            identifier = Identifier(self.models, gallery, policy(self.settings))
            for person in PEOPLE:
                if person.enrol is not None:
                    collector = Collector(self.models)
                    with composition.open_source(self.settings, str(person.enrol)) as source:
                        for event in source.events():
                            collector.feed(event)
                    collector.flush()
                    enroller = Enroller(self.models, identifier, gallery, self.settings)
                    enroller.enrol(person.name, collector.collected, "soak", allow_duplicate=True)

    @contextmanager
    def _prepare(self, publish: Publish) -> Iterator[Callable[[], VisitSetup]]:
        with composition.open_gallery(self.settings, actor="kiosk") as gallery:
            gallery._now = (
                self.clock.now
            )  # the world's time, which a gallery is given at its making

            def begin() -> VisitSetup:
                identifier = Identifier(
                    self.models, gallery, policy(self.settings), gallery.reported_mismatches
                )
                log = LenientLog(
                    lambda: VisitLog(
                        gallery, self.settings, self.clock.now, moment=self.clock.moment
                    ),
                    self._hear,
                )
                visit = Visit(self.models, identifier, self.settings, publish, log)
                return VisitSetup(self.place, visit)

            yield begin

    def _hear(self, event: VisitEvent) -> None:
        if isinstance(event, Fault):
            self.counted["faults told"] += not event.restored
        elif isinstance(event, VisitDecision) and event.final:
            decision = event.decision
            named = decision.outcome is DecisionOutcome.IDENTIFIED and decision.top is not None
            self._ended.put(decision.top.name if named and decision.top else "")
        elif isinstance(event, VisitEnded):
            self.counted["visits ended"] += 1

    def run(self, visits: int, seconds: float) -> None:
        """Until so many visits, or for so long. When the engine cannot go on, as when the disk does
        not even let a half-written change be taken back, another one begins, as the screens have it
        by themselves after a minute."""
        stop_at = time.monotonic() + seconds
        done = 0
        while done < visits and time.monotonic() < stop_at:
            ended = self._ended = SimpleQueue()
            self.place = Place(10.0, partial(ended.put, None))
            engine = Engine(self._prepare, self._hear)
            engine.start()
            for _ in range(min(RESTART_EVERY, visits - done)):
                goes_on = self._visit(engine, done)
                done += 1
                if not goes_on or time.monotonic() >= stop_at:
                    break
            engine.stop(PATIENCE)
            self.counted["restarts of the engine"] += 1

    def _visit(self, engine: Engine, number: int) -> bool:
        """One visitor; False when the engine could not go on."""
        clip = self.chance.choice(self.clips)
        fault = self.chance.choice(FAULTS) if self.chance.random() < FAULT_SHARE else None
        if fault is not None:
            self.faults[fault] += 1
        began = time.process_time()
        with self._faulty(fault, engine):
            lost = {"camera lost": "camera", "microphone lost": "microphone"}.get(fault or "")
            self.place.show(clip, speaks=number % SPEAKS_EVERY == 0, lost=lost)
            told = self._ended.get(timeout=PATIENCE)
            self._until_idle(engine)
        self.counted["visits"] += 1
        right = told == ("" if clip.stranger else clip.name)
        if told is None:
            self.counted[f"out of order: {fault}"] += 1
        else:
            self.counted["answered as expected" if right else "answered otherwise"] += 1
        self.clock.go_on()
        self.samples.append(_sample(number, self.settings.database, time.process_time() - began))
        return told is not None

    def _until_idle(self, engine: Engine) -> None:
        """Until the engine has done everything it was given for this visit."""
        done = threading.Event()
        engine.send(done.set)
        if not done.wait(PATIENCE):
            raise TimeoutError("the engine does not answer")

    @contextmanager
    def _faulty(self, fault: str | None, engine: Engine) -> Iterator[None]:
        if fault == "writes refused":
            size = self.settings.database.stat().st_size // 2
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
            return
        if fault == "worker error":
            engine.send(_break)
        elif fault == "clock jump":
            self.clock.jump = timedelta(days=self.chance.choice([-40, -2, 2, 400]))
        elif fault == "gallery changed":
            self._change()
        yield
        self.clock.jump = timedelta()

    def _change(self) -> None:
        """Somebody else does what staff do, beside the kiosk that runs."""
        with contextlib.suppress(KioskError), composition.open_gallery(self.settings) as other:
            what = self.chance.choice(["rename", "add and remove", "rekey"])
            if what == "rename":
                other.rename(other.subjects()[0].name, other.subjects()[0].name)
            elif what == "rekey":
                other.rekey()
            else:
                templates = [
                    replace(each, created=None)
                    for each in other.templates(other.subjects()[0].subject_id)[:1]
                ]
                other.enrol("Somebody else", templates, EnrolmentKind.NEW)
                other.remove("Somebody else")


FAULTS = (
    "camera lost",
    "microphone lost",
    "writes refused",
    "worker error",
    "clock jump",
    "gallery changed",
)
PEOPLE = load_people(ROOT / "assets" / "demo")


def _break() -> None:
    raise RuntimeError("a fault of the soak")


def _decoded(name: str, stranger: bool, file: Path) -> Clip:
    frames: list[Frame] = []
    sound: list[AudioChunk] = []
    with composition.open_source(Settings(), str(file)) as source:
        for event in source.events():
            if isinstance(event, Frame) and len(frames) < FRAMES:
                if event.time >= len(frames) * FRAME_EVERY:
                    frames.append(event)
            elif isinstance(event, AudioChunk):
                sound.append(event)
    return Clip(name, stranger, frames, sound)


def _sample(number: int, database: Path, answer: float) -> Sample:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return Sample(
        number,
        pages * resource.getpagesize() / 1e6,
        sum(1 for _ in Path("/proc/self/fd").iterdir()),
        sum(1 for _ in Path("/proc/self/task").iterdir()),
        database.stat().st_size / 1e3,
        answer,
    )


def slope(values: list[float], blocks: int = 20) -> tuple[float, float]:
    """Change for 1,000 visits after the burn-in, and half the width of its 95 % interval: a line
    through the means of blocks, which neighbouring visits do not make look surer than they are."""
    kept = np.array(values[int(len(values) * BURN_IN) :])
    parts = np.array_split(kept, min(blocks, len(kept)))
    means = np.array([part.mean() for part in parts])
    size = len(kept) / len(parts)
    at = np.arange(len(parts)) * size
    centred = at - at.mean()
    rise = float(centred @ means / (centred @ centred))
    left = means - means.mean() - rise * centred
    freedom = len(parts) - 2
    error = float(np.sqrt(left @ left / freedom / (centred @ centred)))
    from scipy import stats

    half = error * float(stats.t.ppf(0.975, freedom))
    return round(1000 * rise, 9), round(1000 * half, 9)


FIGURES = (
    ("memory_mb", "memory", "MB"),
    ("handles", "open handles", ""),
    ("threads", "threads", ""),
    ("database_kb", "database", "kB"),
    ("answer", "processor time of a visit", "s"),
)


def run(
    visits: int = VISITS, seconds: float = float("inf"), seed: int = 1
) -> Iterator[Result | Note]:
    """Means, and slopes with their intervals."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        soak = Soak(Path(folder), seed)
        soak.run(visits, seconds)
        with composition.open_gallery(soak.settings) as gallery:
            sound = gallery.problems() or gallery.trail_problems()
        spent = time.monotonic() - began
    yield from _told(soak, spent, sound)
    _write(soak, spent, sound)


def _told(soak: Soak, spent: float, problems: list[str]) -> Iterator[Result | Note]:
    yield Note(f"{len(soak.samples)} visits in {spent / 60:.1f} minutes; {dict(soak.counted)}")
    yield Note(f"faults: {dict(soak.faults)}; problems of gallery and record after it: {problems}")
    for name, title, unit in FIGURES:
        values = [float(getattr(each, name)) for each in soak.samples]
        yield Result(f"{title}, mean", float(np.mean(values)), unit)
        rise, half = slope(values)
        yield Note(f"{title}: {rise:+.4g} {unit} in 1,000 visits, 95 % +-{half:.4g}")


def _write(soak: Soak, spent: float, problems: list[str]) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    target = ROOT / "build"
    target.mkdir(exist_ok=True)
    found = {
        "seconds": spent,
        "counted": dict(soak.counted),
        "faults": dict(soak.faults),
        "problems": problems,
        "samples": [asdict(each) for each in soak.samples],
    }
    (target / "soak.json").write_text(json.dumps(found), encoding="utf-8")
    figure, axes = plt.subplots(len(FIGURES), 1, figsize=(7, 8), sharex=True)
    for axis, (name, title, unit) in zip(axes, FIGURES, strict=True):
        axis.plot([getattr(each, name) for each in soak.samples], linewidth=0.6, color="0.2")
        axis.set_ylabel(f"{title}\n{unit}".strip(), fontsize=7)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel("visits")
    figure.tight_layout()
    figure.savefig(target / "soak.png", dpi=90)
    plt.close(figure)
