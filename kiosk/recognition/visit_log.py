"""What is kept of visits: every final decision, and the visitor's own word that it was wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from kiosk.core import attendance, boot_clock
from kiosk.core.boot_clock import Moment
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.declared.events import chosen_channels, event_wanted
from kiosk.core.errors import StorageError
from kiosk.core.events import Fault
from kiosk.core.expiry import ExpiryRule
from kiosk.core.liveness import LivenessOutcome, liveness_required
from kiosk.core.ports.gallery import DecisionLog, DecisionStore
from kiosk.core.records import Circumstances, Corrector
from kiosk.core.redaction import log_failure
from kiosk.core.samples import Probe
from kiosk.core.settings import Settings

_log = logging.getLogger(__name__)
FORGET_EVERY = timedelta(hours=1)
"""How often a kiosk that runs for weeks forgets what is too old."""


class VisitLog:
    """Implements `ports.gallery.DecisionLog` on the record; lives on the engine's thread.

    With a decision goes an event for every channel that is switched on, where the settings want one
    of it; `recorded` wakes whoever sends them. `from_devices` says whether a camera or a
    microphone is looked at, and not a recording; of a stream that shows only later.
    """

    def __init__(
        self,
        store: DecisionStore,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        recorded: Callable[[], None] = lambda: None,
        moment: Callable[[], Moment] = boot_clock.now,
        from_devices: Callable[[], bool] = lambda: False,
    ) -> None:
        self._moment = moment
        self._settings, self._from_devices = settings, from_devices
        self._expiry = ExpiryRule.of(settings)
        self._withdrawn = timedelta(days=settings.withdrawn_days)
        self._store = store
        self._recorded = recorded
        self._channels = chosen_channels(settings)
        self._keep_probes = settings.keep_probes
        self._keep = timedelta(days=settings.keep_days)
        self._now = now
        self._named: int | None = None
        self._forget_old()

    def decided(
        self,
        decision: Decision,
        probes: Sequence[Probe],
        liveness: LivenessOutcome = LivenessOutcome.NOT_CHECKED,
        *,
        stand_in: bool = False,
    ) -> None:
        """Keep it; with its probes only where the operator chose so."""
        kept = probes if self._keep_probes else ()
        made = self._circumstances(decision, liveness, stand_in=stand_in)
        wanted = event_wanted(
            self._settings, decision, liveness, from_devices=made.from_devices, stand_in=stand_in
        )
        number = self._store.record(decision, kept, self._channels if wanted else (), made)
        self._recorded()
        self._named = number if decision.outcome is DecisionOutcome.IDENTIFIED else None
        if self._now() - self._forgot >= FORGET_EVERY:
            self._forget_old()

    def _circumstances(
        self, decision: Decision, liveness: LivenessOutcome, *, stand_in: bool
    ) -> Circumstances:
        """What others may act on; what counts for the attendance is known by the settings of the
        moment, so that nobody is counted for the time before it was switched on."""
        live = self._from_devices()
        attended = self._settings.attendance and attendance.counts(
            decision,
            liveness,
            required=liveness_required(self._settings.liveness, from_devices=live),
            from_devices=live,
            stand_in=stand_in,
        )
        return Circumstances(liveness, live, attended, attended and self._clock_moved())

    def _clock_moved(self) -> bool:
        """Whether the wall's clock says something else than the time that has passed since it was
        last looked at, or than it was trusted with before that."""
        trusted, moment = self._trusted
        now = self._moment()
        if now.boot != moment.boot:
            return False
        expected = trusted + timedelta(seconds=now.seconds - moment.seconds)
        return abs(self._now() - expected) > attendance.CLOCK_TOLERANCE

    def denied(self, probes: Sequence[Probe]) -> None:
        """Mark the newest decision wrong if it named somebody; once."""
        number, self._named = self._named, None
        if number is not None:
            self._store.mark_wrong(number, Corrector.VISITOR, probes=probes)

    def _forget_old(self) -> None:
        """What is older than the operator wants kept."""
        self._forgot = self._now()
        moment = self._moment()
        now = self._store.time_for_deletions(self._forgot, moment)
        self._trusted = now, moment
        self._store.purge_decisions(now - self._keep)
        self._store.purge_withdrawn(now - self._withdrawn)
        # After the decisions: the newest visit of each is known for as long as this may look back.
        if self._expiry.wanted and (gone := self._store.purge_expired(self._expiry, now)):
            _log.info("%d people expired and were deleted.", gone)


class LenientLog:
    """A `DecisionLog` that never stands in the way of an answer: while decisions cannot be kept,
    because the disk is full or may only be read, that is published once, and once when they can be
    again."""

    def __init__(self, make: Callable[[], DecisionLog], publish: Callable[[Fault], None]) -> None:
        self._make = make
        self._publish = publish
        self._log: DecisionLog | None = None
        self._failing, self._code = False, ""
        self._try(lambda log: None)

    def decided(
        self,
        decision: Decision,
        probes: Sequence[Probe],
        liveness: LivenessOutcome = LivenessOutcome.NOT_CHECKED,
        *,
        stand_in: bool = False,
    ) -> None:
        """Keep a final decision, if that can be."""
        self._try(lambda log: log.decided(decision, probes, liveness, stand_in=stand_in))

    def denied(self, probes: Sequence[Probe]) -> None:
        """Keep that the visitor called the newest one wrong, if that can be."""
        self._try(lambda log: log.denied(probes))

    def _try(self, act: Callable[[DecisionLog], None]) -> None:
        try:
            self._log = self._log or self._make()
            act(self._log)
        except StorageError as error:
            if not self._failing:
                log_failure(_log, "Decisions are not kept: %s.", error)
                text, code = f"Decisions are not kept: {error.text}", type(error).__name__
                self._publish(Fault(text, error.remedy, code=code))
                self._code = code
            self._failing = True
            return
        if self._failing:
            text = "Decisions are kept again."
            self._publish(Fault(text, "", restored=True, code=self._code))
        self._failing = False
