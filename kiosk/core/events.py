"""What the engine publishes of a visit: progress, decisions and faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from kiosk.core.decisions import Decision
from kiosk.core.estimates import AttributeEstimate
from kiosk.core.liveness import UNCHECKED, Liveness
from kiosk.core.media import Modality
from kiosk.core.samples import FaceOutcome, FaceReport, Hint, VoiceProgress


class Phase(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    LOOKING = "looking"
    LISTENING = "listening"
    DECIDED = "decided"


@dataclass(frozen=True, eq=False)
class VisitProgress:
    """Published for every frame the engine looked at and every step of listening.

    `hint` is what to tell the visitor now, held long enough to be read; `digits` are what they are
    asked to read aloud, mostly none; `attributes` as in `VisitDecision`.
    """

    phase: Phase
    visit: int
    time: float
    face: FaceReport | None = None
    voice: VoiceProgress | None = None
    good_frames: int = 0
    attributes: tuple[AttributeEstimate, ...] = ()
    hint: Hint | None = None
    digits: tuple[int, ...] = ()


class VisitEnd(StrEnum):
    """How a visit ended by itself."""

    GONE = "gone"
    SOMEBODY_ELSE = "somebody_else"


@dataclass(frozen=True)
class VisitEnded:
    """The person of the newest visit has gone, or somebody else has stepped in; `visit` is the
    number of the one that is over."""

    visit: int
    time: float
    end: VisitEnd


@dataclass(frozen=True, eq=False)
class VisitDecision:
    """A decision inside a visit. `final` is False for an early answer that may still change.

    `face_outcomes` counts the frames by outcome code; `latency` is the seconds from the moment the
    evidence was complete (stream clock) until the decision was made (wall clock cost);
    `attributes` are the estimates of each channel, averaged over the visit, and all of them fused;
    `liveness` is what presentation attack detection says, "not checked" for an early answer;
    `greeting` is a line for the person named, on the screens alone.
    """

    visit: int
    time: float
    decision: Decision
    final: bool
    face_quality: float | None = None
    voice_quality: float | None = None
    good_frames: int = 0
    speech_seconds: float = 0.0
    face_outcomes: dict[FaceOutcome, int] = field(default_factory=dict)
    hint: Hint | None = None
    latency: float = 0.0
    attributes: tuple[AttributeEstimate, ...] = ()
    liveness: Liveness = UNCHECKED
    greeting: str = ""


@dataclass(frozen=True)
class Fault:
    """Something outside is broken; the kiosk says so and goes on as well as it can.

    `code` is the name of the class of error, or empty: the screens explain it by that. `modality`
    is what is missing by it, None where that is everything or nothing; what is `tried` again by
    itself needs nobody who begins anew.
    """

    text: str
    remedy: str
    modality: Modality | None = None
    restored: bool = False
    code: str = ""
    tried: bool = False


VisitEvent: TypeAlias = VisitProgress | VisitDecision | VisitEnded | Fault
