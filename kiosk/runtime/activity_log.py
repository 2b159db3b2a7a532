"""What the kiosk does as the log tells it: versions, settings, models, and of visits when, how long
and with what outcome; never who."""

from __future__ import annotations

import logging
from numbers import Real

from kiosk.core.events import Fault, Phase, VisitDecision, VisitEvent, VisitProgress
from kiosk.core.redaction import Public
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Models
from kiosk.recognition.visit import Publish
from kiosk.runtime.diagnostics_bundle import harmless, versions

_log = logging.getLogger(__name__)


def logged(publish: Publish) -> Publish:
    """The same way to the screens; visits, decisions and faults are logged on it."""
    log = _VisitLogger()

    def both(event: VisitEvent) -> None:
        log.take(event)
        publish(event)

    return both


class _VisitLogger:
    """Remembers which visit there is; times are those of the source."""

    def __init__(self) -> None:
        self._visit: int | None = None
        self._began = 0.0

    def take(self, event: VisitEvent) -> None:
        """One event of the engine."""
        if isinstance(event, VisitProgress):
            self._progress(event)
        elif isinstance(event, VisitDecision):
            _decision(event)
        elif isinstance(event, Fault):
            _fault(event)

    def _progress(self, event: VisitProgress) -> None:
        now = None if event.phase is Phase.WAITING else event.visit
        if now == self._visit:
            return
        if self._visit is not None:
            _log.info("Visit %d ended after %.1f s.", self._visit, event.time - self._began)
        if now is not None:
            _log.info("Visit %d began.", now)
        self._visit, self._began = now, event.time


def _decision(event: VisitDecision) -> None:
    decision = event.decision
    _log.log(
        logging.INFO if event.final else logging.DEBUG,
        "Visit %d, %s answer: %s (%s) by %s; %d good frames, %.1f s of speech; decided in %.1f ms.",
        event.visit,
        Public("final" if event.final else "early"),
        decision.outcome,
        decision.reason,
        Public(" and ".join(decision.modalities) or "nothing"),
        event.good_frames,
        event.speech_seconds,
        event.latency * 1000,
    )


def _fault(fault: Fault) -> None:
    """By its code: the text may name a device or a file."""
    code = Public(fault.code or "SourceLost")
    if fault.restored:
        _log.info("%s is over.", code)
    else:
        _log.warning("Fault: %s.", code)


def log_setup(settings: Settings) -> None:
    """Versions of what matters, and what the operator has chosen: of free text, such as the name of
    a microphone, only that something was."""
    found = ", ".join(f"{name} {number}" for name, number in versions().items())
    _log.info("Versions: %s.", Public(found))
    usual = harmless(Settings())
    for key, value in harmless(settings).items():
        if value != usual[key]:
            shown = value if isinstance(value, Real) else Public(value)
            _log.info("Setting %s is %s.", Public(key), shown)


def log_models(models: Models) -> None:
    """The recognisers that were loaded."""
    loaded = Public(models.face.model_id), Public(models.voice.model_id)
    _log.info("Models are loaded: %s and %s.", *loaded)
