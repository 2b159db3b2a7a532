"""The line of greeting that goes with a result, for the identified person alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from kiosk.core.decisions import DecisionOutcome
from kiosk.core.declared.uses import common_greeting
from kiosk.core.errors import StorageError
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.greetings import Greeting
from kiosk.core.liveness import LivenessOutcome
from kiosk.core.ports.uses import GreetingStore
from kiosk.core.redaction import log_failure
from kiosk.core.settings import Settings

_log = logging.getLogger(__name__)


def today() -> date:
    """By the clock of the machine."""
    return datetime.now().astimezone().date()


class Greeter:
    """Gives the result of a visit its line and remembers who has seen one that is shown once.

    A person's own line stands before the one for everybody. What cannot be read or written is no
    reason to withhold an answer: then there is no line, or it is shown once more.
    """

    def __init__(
        self, store: GreetingStore, settings: Settings, now: Callable[[], date] = today
    ) -> None:
        self._store, self._now = store, now
        self._on = settings.greetings
        self._common = common_greeting(settings)

    def greeting(self, publish: Callable[[VisitEvent], None]) -> Callable[[VisitEvent], None]:
        """The same `publish`, by which results carry their line."""

        def told(event: VisitEvent) -> None:
            final = isinstance(event, VisitDecision) and event.final
            publish(self.greeted(event) if final and isinstance(event, VisitDecision) else event)

        return told if self._on else publish

    def greeted(self, event: VisitDecision) -> VisitDecision:
        """A final decision with its line, if there is one for the person named."""
        decision = event.decision
        named = decision.outcome is DecisionOutcome.IDENTIFIED and not decision.conflict
        lifeless = event.liveness.outcome is LivenessOutcome.NOT_LIVE
        if decision.top is None or not named or lifeless:
            return event
        try:
            line = self._line(decision.top.subject_id)
            if line is None:
                return event
            event = replace(event, greeting=line.text)
            self._store.greeted(decision.top.subject_id, line)
        except StorageError as error:
            log_failure(_log, "A greeting was not read or not kept as shown: %s.", error)
        return event

    def _line(self, subject_id: int) -> Greeting | None:
        own, day = self._store.greeting_of(subject_id), self._now()
        if own is not None and own.due(day):
            return own
        common = self._common
        if common is None or not common.due(day):
            return None
        seen = common.once and self._store.was_greeted(subject_id, common)
        return None if seen else common
