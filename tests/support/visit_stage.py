"""A visit of scripted people, with everything that was published."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.events import VisitDecision, VisitEnded, VisitEvent
from kiosk.core.ports.gallery import DecisionLog
from kiosk.core.scoring import Policy
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Visit
from tests.support.scripted import FPS, Script, picture, scripted_models, sound, two_enrolled


@dataclass
class Stage:
    """A visit with everything that was published."""

    visit: Visit
    script: Script
    events: list[VisitEvent]

    @property
    def decisions(self) -> list[VisitDecision]:
        return [event for event in self.events if isinstance(event, VisitDecision)]

    @property
    def finals(self) -> list[VisitDecision]:
        return [event for event in self.decisions if event.final]

    @property
    def ends(self) -> list[VisitEnded]:
        return [event for event in self.events if isinstance(event, VisitEnded)]

    def play(self, start: float, seconds: float, who: int, says: int | None = None) -> None:
        """Frames showing person `who` and, unless None, sound in which `says` speaks (0 nobody)."""
        for k in range(round(seconds * FPS)):
            time = start + k / FPS
            self.visit.feed(picture(who, time, k))
            if says is not None:
                self.visit.feed(sound(says, time))


def made_stage(log: DecisionLog | None = None, script: Script | None = None) -> Stage:
    """A visit before a gallery of Alice and Bob; Carl is a stranger."""
    script = script or Script()
    models = scripted_models(script)
    gallery = two_enrolled()
    identifier = Identifier(models, gallery, Policy())
    events: list[VisitEvent] = []
    settings = replace(Settings(), speech_limit=6.0)
    visit = Visit(models, identifier, settings, events.append, log)
    return Stage(visit, script, events)


def names(decisions: list[VisitDecision]) -> list[str | None]:
    """Whom each decision names, if anybody."""
    return [
        d.decision.top.name
        if d.decision.top and d.decision.outcome is DecisionOutcome.IDENTIFIED
        else None
        for d in decisions
    ]
