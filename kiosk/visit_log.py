"""What is kept of visits: every final decision, and the visitor's own word that it was wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from kiosk.config import Settings
from kiosk.domain import Decision, DecisionOutcome, Probe
from kiosk.ports import Gallery
from kiosk.records import Corrector

FORGET_EVERY = timedelta(hours=1)
"""How often a kiosk that runs for weeks forgets what is too old."""


class VisitLog:
    """Implements `ports.DecisionLog` on the gallery; lives on the engine's thread."""

    def __init__(
        self,
        gallery: Gallery,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gallery = gallery
        self._keep_probes = settings.keep_probes == "yes"
        self._keep = timedelta(days=settings.keep_days)
        self._now = now
        self._named: int | None = None
        self._forget_old()

    def decided(self, decision: Decision, probes: Sequence[Probe]) -> None:
        """Keep it; with its probes only where the operator chose so."""
        number = self._gallery.record(decision, probes if self._keep_probes else ())
        self._named = number if decision.outcome is DecisionOutcome.IDENTIFIED else None
        if self._now() - self._forgot >= FORGET_EVERY:
            self._forget_old()

    def denied(self, probes: Sequence[Probe]) -> None:
        """Mark the newest decision wrong if it named somebody; once."""
        number, self._named = self._named, None
        if number is not None:
            self._gallery.mark_wrong(number, Corrector.VISITOR, probes=probes)

    def _forget_old(self) -> None:
        """What is older than the operator wants kept."""
        self._forgot = self._now()
        self._gallery.purge_decisions(self._forgot - self._keep)
