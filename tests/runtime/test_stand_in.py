"""Two demo people, one in the other's place: real pictures, real models, two visits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kiosk.core.decisions import Decision
from kiosk.core.events import VisitDecision, VisitEnd, VisitEnded, VisitEvent
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.media import Frame
from kiosk.core.samples import Probe
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.continuity import SAME_RATIO
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit
from kiosk.runtime import composition
from kiosk.storage import MemoryGallery
from tests.support.paths import ROOT

DEMO = ROOT / "assets" / "demo"
SECOND = 1.6
"""Seconds of the second person: enough for a change to be noticed and a final answer."""


class _Kept:
    """Keeps what every final answer was made from."""

    def __init__(self) -> None:
        self.probes: list[Probe] = []

    def decided(
        self,
        decision: Decision,
        probes: Sequence[Probe],
        liveness: LivenessOutcome = LivenessOutcome.NOT_CHECKED,
        *,
        stand_in: bool = False,
    ) -> None:
        self.probes += probes

    def denied(self, probes: Sequence[Probe]) -> None:
        raise AssertionError("nobody denies")


def _frames(clip: str, seconds: float, start: float) -> Iterator[Frame]:
    source = composition.open_source(Settings(), str(DEMO / clip), end=seconds)
    with source:
        for event in source.events():
            if isinstance(event, Frame):
                yield replace(event, time=event.time + start)


def test_who_takes_a_persons_place_is_a_visit_of_their_own_with_a_pure_probe() -> None:
    models = composition.build_models(Settings())
    identifier = Identifier(models, MemoryGallery(), Policy())
    failures = []
    for first, gap in ((1.2, 0.04), (1.2, 0.9)):  # without a gap, and behind a stall
        events, kept = list[VisitEvent](), _Kept()
        visit = Visit(models, identifier, Settings(), events.append, kept)
        for frame in _frames("bawi-2.mp4", first, 0.0):
            visit.feed(frame)
        for frame in _frames("ravi-2.mp4", SECOND, first + gap):
            visit.feed(frame)
        visit.finish()
        finals = [e.visit for e in events if isinstance(e, VisitDecision) and e.final]
        ends = [e.end for e in events if isinstance(e, VisitEnded)]
        if finals != [1, 2] or ends != [VisitEnd.SOMEBODY_ELSE]:
            failures.append(f"gap {gap}: finals of {finals}, ended {ends}")
            continue
        between = identifier.face_ratio(kept.probes[0].vector, kept.probes[1].vector)
        if between > SAME_RATIO / 2:
            failures.append(f"gap {gap}: the two probes are alike, {between:.1f}")
    assert not failures, "\n".join(failures)
