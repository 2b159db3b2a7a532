"""On a machine that is too slow, what was said long ago names nobody who stands there now.

A clock of its own goes on with what each step costs; the exchange between the capture threads and
the engine, and the visit, are the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.capture.base import Event
from kiosk.capture.exchange import SOUND_LIMIT, Exchange
from kiosk.core.events import VisitDecision
from kiosk.core.media import AudioChunk, Frame
from tests.support.scripted import FPS, NOBODY, picture, sound
from tests.support.visit_stage import Stage, made_stage, names

CHUNK = 0.1
A, C = 0, 2
Scene = list[tuple[float, float, int, int]]
"""From second, to second, who is seen, who speaks (0 nobody)."""


def _filmed(scene: Scene) -> Iterator[tuple[float, Event]]:
    """What devices deliver and when: sound once its last sample was heard."""
    made: list[tuple[float, Event]] = []
    for begin, end, who, says in scene:
        frames, chunks = round((end - begin) * FPS), round((end - begin) / CHUNK)
        made += [(begin + k / FPS, picture(who, begin + k / FPS, k)) for k in range(frames)]
        made += [
            (begin + (k + 1) * CHUNK, sound(says, begin + k * CHUNK, CHUNK)) for k in range(chunks)
        ]
    yield from sorted(made, key=lambda each: each[0])


class SlowMachine:
    """Feeds a visit; a picture and a second of sound cost so many seconds of its clock."""

    def __init__(self, picture_cost: float, sound_cost: float, limit: float = SOUND_LIMIT) -> None:
        self.stage: Stage = made_stage()
        self.told: list[tuple[float, VisitDecision]] = []
        """When on the clock, and what was decided."""
        self.oldest = 0.0
        """Seconds by which the oldest thing fed was older than the clock."""
        self.exchange = Exchange(1, limit)
        self._costs = picture_cost, sound_cost
        self._clock = 0.0
        self._frame, self._sound = False, 0.0

    def run(self, scene: Scene) -> None:
        coming = list(_filmed(scene))
        while coming:
            while coming and coming[0][0] <= self._clock:
                self._put(coming.pop(0)[1])
            if self._something_waits:
                event = self.exchange.get()
                assert isinstance(event, Frame | AudioChunk)
                self._take(event)
            elif coming:
                self._clock = coming[0][0]

    def _put(self, event: Event) -> None:
        self.exchange.put(event)
        if isinstance(event, AudioChunk):
            self._sound += event.seconds
        else:
            self._frame = True

    @property
    def _something_waits(self) -> bool:
        """Whether to take would not block."""
        return self._frame or self._sound - self.exchange.lost_sound > CHUNK / 2

    def _take(self, event: Frame | AudioChunk) -> None:
        by_picture, by_second = self._costs
        if isinstance(event, Frame):
            self._frame = False
        else:
            self._sound -= event.seconds
        self._clock += by_picture if isinstance(event, Frame) else by_second * event.seconds
        self.oldest = max(self.oldest, self._clock - event.time)
        before = len(self.stage.decisions)
        self.stage.visit.feed(event)
        self.told += [(self._clock, made) for made in self.stage.decisions[before:]]


SCENE: Scene = [
    (0, 30, NOBODY, 0),
    (30, 34, A, 1),
    (34, 60, NOBODY, 0),
    (60, 75, C, 0),
    (75, 160, NOBODY, 0),
]
"""Alice comes, speaks and goes; later a stranger looks into the mirror and says nothing."""


def test_yesterdays_voice_cannot_name_todays_face() -> None:
    failures = []
    for picture_cost, sound_cost in ((0.01, 0.1), (2.0, 0.1), (0.5, 1.5), (3.0, 2.5)):
        machine = SlowMachine(picture_cost, sound_cost)
        machine.run(SCENE)
        if machine.oldest > SOUND_LIMIT + 2 * picture_cost + 1.0:
            failures.append(f"{picture_cost}, {sound_cost}: {machine.oldest:.1f} s late")
        late = [made for at, made in machine.told if at >= 60]
        if any(name is not None for name in names(late)):
            failures.append(f"{picture_cost}, {sound_cost}: the stranger is named {names(late)}")
    assert not failures, "\n".join(failures)


def test_without_the_limit_what_is_judged_would_be_older_and_older() -> None:
    machine = SlowMachine(0.01, 1.5, limit=1e9)
    machine.run(SCENE)
    assert machine.oldest > 30


def test_what_was_left_out_is_counted_and_nothing_where_the_machine_is_fast() -> None:
    lost = {}
    for sound_cost in (0.1, 2.5):
        machine = SlowMachine(0.01, sound_cost)
        machine.run(SCENE)
        lost[sound_cost] = machine.exchange.lost_sound
    assert lost[0.1] == 0
    assert lost[2.5] > 30
